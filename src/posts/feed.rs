//! Atom feed of the newest posts with their full text, of all topics or of one.

use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageError, PageResult, xml};
use crate::posts::post::Post;
use crate::posts::public::{self, RenderedPost};
use crate::services::Services;
use crate::web::{Layout, Query};

#[derive(Template)]
#[template(path = "posts/feed.xml")]
struct Feed {
    layout: Layout,
    id: String,
    topic: String,
    /// URL of the list of the posts.
    list: String,
    updated: String,
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    id: String,
    post: Post,
    address: String,
    published: String,
    updated: String,
    body: String,
    /// Absolute URL of the cover picture.
    cover_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FeedQuery {
    topic: String,
}

/// Number of posts in a feed.
const FEED_LEN: i64 = 20;

/// `GET /news/feed.atom?topic=`
pub async fn show(mut layout: Layout, query: Query<FeedQuery>, services: Data<Services>) -> PageResult {
    let topic = query.0.topic;
    let posts = public::newest_full(services.db.read(), &topic, FEED_LEN).await?;
    let mut list = layout.absolute_url("/");
    let mut id = layout.firm.permanent_id("feed", "news");
    if !topic.is_empty() {
        if posts.is_empty() {
            return Err(PageError::NotFound);
        }
        let query: String = form_urlencoded::byte_serialize(topic.as_bytes()).collect();
        list = layout.absolute_url(&format!("/news?topic={query}"));
        layout.canonical = format!("{}?topic={query}", layout.canonical);
        id = layout.firm.permanent_id("feed", &format!("news/{topic}"));
    }
    let mut entries = vec![];
    for post in posts {
        let rendered = RenderedPost::of(services.db.read(), post).await?;
        let cover = rendered.post.cover.picture.as_ref();
        entries.push(FeedEntry {
            id: layout.firm.permanent_id("post", &rendered.post.id.to_string()),
            address: layout.absolute_url(&format!("/news/{}", rendered.post.slug)),
            published: rendered.post.published_at.clone().unwrap_or_default(),
            updated: rendered.updated_at().to_string(),
            body: rendered.feed_content()?,
            cover_url: cover.map(|picture| layout.absolute_url(&picture.address())),
            post: rendered.post,
        });
    }
    let updated = entries.iter().map(|entry| entry.updated.clone()).max();
    let updated = updated.unwrap_or_else(|| "1970-01-01T00:00:00Z".into());
    xml("application/atom+xml; charset=utf-8", &Feed { layout, id, topic, list, updated, entries })
}
