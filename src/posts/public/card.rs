//! Share cards of published posts: the title, and the figures of the draw that it names.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{self, Draw, DrawNumber, TokenValues, draws_mentioned};
use crate::posts::post::Post;
use crate::posts::public::store::{self, CardPost};
use crate::web::{DisplayDate, ShareCard};

/// Cards of all published posts, newest first.
pub async fn share_cards(db: &SqlitePool) -> sqlx::Result<Vec<ShareCard>> {
    cards(db, store::card_posts(db).await?).await
}

/// Card of a post. Its title may contain tokens.
pub async fn share_card(db: &SqlitePool, post: &Post) -> sqlx::Result<Option<ShareCard>> {
    let post = CardPost { id: post.id, title: post.title.clone(), published_at: post.published_at.clone() };
    Ok(cards(db, vec![post]).await?.pop())
}

async fn cards(db: &SqlitePool, posts: Vec<CardPost>) -> sqlx::Result<Vec<ShareCard>> {
    let titles: Vec<&str> = posts.iter().map(|post| post.title.as_str()).collect();
    let token_values = TokenValues::for_texts(db, &titles).await?;
    let named: BTreeSet<String> = titles.iter().filter_map(|title| named_draw(title)).map(|n| n.to_string()).collect();
    let draws: HashMap<String, Draw> =
        draws::find_many(db, &named).await?.into_iter().map(|draw| (draw.round.to_string(), draw)).collect();
    let card = |post: &CardPost| {
        let published = post.published_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
        let day = published.map(|at| format!(" · {}", DisplayDate::in_office(at).text)).unwrap_or_default();
        let draw = named_draw(&post.title).and_then(|number| draws.get(&number.to_string()));
        ShareCard {
            key: format!("post-{}", post.id),
            label: format!("News{day}"),
            title: token_values.expand_line(&post.title),
            figures: draw.map(Draw::card_figures).unwrap_or_default(),
        }
    };
    Ok(posts.iter().map(card).collect())
}

/// The newest draw that a title names.
fn named_draw(title: &str) -> Option<DrawNumber> {
    draws_mentioned(title).pop_last()
}
