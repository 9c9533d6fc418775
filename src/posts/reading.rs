//! Posts as they are read: with the figures of the record in the places that refer to it.

use sqlx::SqlitePool;

use crate::draws::Facts;
use crate::posts::{Headline, Post, store};

/// A part of what visitors may read, newest first; of one topic where `topic` is not empty.
pub async fn newest(db: &SqlitePool, topic: &str, limit: i64, offset: i64) -> sqlx::Result<Vec<Headline>> {
    filled(db, store::newest(db, topic, limit, offset).await?).await
}

/// Every draft, last changed first.
pub async fn drafts(db: &SqlitePool) -> sqlx::Result<Vec<Headline>> {
    filled(db, store::drafts(db).await?).await
}

/// Headlines with their figures in them.
pub async fn filled(db: &SqlitePool, mut headlines: Vec<Headline>) -> sqlx::Result<Vec<Headline>> {
    let texts: Vec<&str> = headlines.iter().flat_map(|line| [line.title.as_str(), line.summary.as_str()]).collect();
    let facts = Facts::of(db, &texts).await?;
    for line in &mut headlines {
        line.title = facts.line(&line.title);
        line.summary = facts.line(&line.summary);
    }
    Ok(headlines)
}

/// A post ready to print.
pub struct Reading {
    /// The post, its title and summary with their figures.
    pub post: Post,
    /// Its text as HTML.
    pub body: String,
    /// Its correction note as HTML; empty where there is none.
    pub correction: String,
}

impl Reading {
    /// Fills in what the post refers to.
    pub async fn of(db: &SqlitePool, mut post: Post) -> sqlx::Result<Self> {
        let facts = Facts::of(db, &[&post.title, &post.summary, &post.body, &post.correction]).await?;
        post.title = facts.line(&post.title);
        post.summary = facts.line(&post.summary);
        Ok(Self { body: facts.markdown(&post.body), correction: facts.note(&post.correction), post })
    }
}
