//! Posts as they are read: with the figures of the record in the places that refer to it.

mod store;

pub use store::{count_public, find_public, neighbours, newest_whole, public_before_corrections, redirect, slugs};

use askama::Template;
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{Change, Facts, changes_since, rounds_named};
use crate::posts::post::RevisionLine;
use crate::posts::{self, Headline, Post};
use crate::web::Day;

/// A part of what visitors may read, newest first; of one topic where `topic` is not empty.
pub async fn newest(db: &SqlitePool, topic: &str, limit: i64, offset: i64) -> sqlx::Result<Vec<Headline>> {
    filled(db, store::newest(db, topic, limit, offset).await?).await
}

/// Every draft, last changed first.
pub async fn drafts(db: &SqlitePool) -> sqlx::Result<Vec<Headline>> {
    filled(db, posts::store::drafts(db).await?).await
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

/// Earlier texts in a list, with the figures in their titles.
pub async fn filled_lines(db: &SqlitePool, mut lines: Vec<RevisionLine>) -> sqlx::Result<Vec<RevisionLine>> {
    let titles: Vec<&str> = lines.iter().map(|line| line.title.as_str()).collect();
    let facts = Facts::of(db, &titles).await?;
    for line in &mut lines {
        line.title = facts.line(&line.title);
    }
    Ok(lines)
}

#[derive(Template)]
#[template(path = "posts/corrections.html")]
struct Corrections<'a> {
    changes: &'a [Change],
}

/// A post ready to print.
pub struct Reading {
    /// The post, its title and summary with their figures.
    pub post: Post,
    /// Its text as HTML.
    pub body: String,
    /// Its correction note as HTML; empty where there is none.
    pub correction: String,
    /// What was corrected in the rounds it speaks of, after it was published.
    pub changes: Vec<Change>,
}

impl Reading {
    /// Fills in what the post refers to.
    pub async fn of(db: &SqlitePool, mut post: Post) -> sqlx::Result<Self> {
        let texts = [post.title.as_str(), &post.summary, &post.body, &post.correction];
        let facts = Facts::of(db, &texts).await?;
        let named = rounds_named(&texts.join("\n"));
        let rounds: Vec<String> = named.union(facts.rounds()).map(ToString::to_string).collect();
        let published = post.published_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(post.updated_at);
        let changes = changes_since(db, &rounds, published).await?;
        post.title = facts.line(&post.title);
        post.summary = facts.line(&post.summary);
        Ok(Self { body: facts.markdown(&post.body), correction: facts.note(&post.correction), changes, post })
    }

    /// What a subscriber is shown: the notes of correction, then the text.
    pub fn whole(&self) -> Result<String, askama::Error> {
        Ok(format!("{}{}{}", self.correction, Corrections { changes: &self.changes }.render()?, self.body))
    }

    /// When what readers see last changed: the text, or a figure in it.
    pub fn updated_at(&self) -> Timestamp {
        self.changes.iter().map(|change| change.at).fold(self.post.updated_at, Timestamp::max)
    }

    /// The day of that, where it is a later one than that of publication.
    pub fn updated_later(&self) -> Option<Day> {
        Some(Day::in_office(self.updated_at()))
            .filter(|updated| self.post.published().is_none_or(|published| published.iso < updated.iso))
    }
}
