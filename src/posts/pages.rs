//! Public news pages: list of posts, post, Atom feed.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::http::{PageError, PageResult, html, moved_permanently, xml};
use crate::posts::post::{Post, PostSummary};
use crate::posts::public::{self, RenderedPost};
use crate::services::Services;
use crate::web::{Layout, Pagination, Query};

#[derive(Template)]
#[template(path = "posts/list.html")]
struct ListPage {
    layout: Layout,
    topic: String,
    posts: Vec<PostSummary>,
    paging: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    topic: String,
    page: String,
}

/// `GET /news?topic=&page=`
pub async fn list(layout: Layout, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    let ListQuery { topic, page } = query.0;
    let total = public::count_public(services.db.read(), &topic).await?;
    if total == 0 && !topic.is_empty() {
        return Err(PageError::NotFound);
    }
    let base = if topic.is_empty() { "/news".into() } else { format!("/news?topic={}", encoded(&topic)) };
    let paging = Pagination::new(&page, total, 10, base)?;
    let posts = public::newest(services.db.read(), &topic, paging.per_page, paging.offset()).await?;
    html(StatusCode::OK, &ListPage { layout, topic, posts, paging })
}

#[derive(Template)]
#[template(path = "posts/show.html")]
struct PostPage {
    layout: Layout,
    rendered: RenderedPost,
    /// Absolute URL of the cover picture.
    cover_url: Option<String>,
    topics: Vec<Topic>,
    older: Option<PostSummary>,
    newer: Option<PostSummary>,
}

struct Topic {
    name: String,
    href: String,
}

/// `GET /news/{slug}`
pub async fn show(slug: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let Some(post) = public::find_public(services.db.read(), &slug).await? else {
        let moved =
            public::find_redirect(services.db.read(), &format!("/news/{slug}")).await?.ok_or(PageError::NotFound)?;
        return Ok(moved_permanently(&moved));
    };
    let (older, newer) = public::adjacent_posts(services.db.read(), &post).await?;
    let topics = post
        .topic_list()
        .into_iter()
        .map(|name| Topic { name: name.to_owned(), href: format!("/news?topic={}", encoded(name)) })
        .collect();
    let older = public::with_token_values(services.db.read(), older.into_iter().collect()).await?.pop();
    let newer = public::with_token_values(services.db.read(), newer.into_iter().collect()).await?.pop();
    let rendered = RenderedPost::of(services.db.read(), post).await?;
    let cover_url = cover_url(&rendered, &services);
    html(StatusCode::OK, &PostPage { layout, rendered, cover_url, topics, older, newer })
}

fn cover_url(rendered: &RenderedPost, services: &Services) -> Option<String> {
    let picture = rendered.post.cover.picture.as_ref()?;
    Some(services.http.base_url.absolute_url(&picture.address()))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[derive(Template)]
#[template(path = "posts/feed.xml")]
struct Feed {
    layout: Layout,
    home: String,
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

/// `GET /news/feed.atom`
pub async fn feed(layout: Layout, services: Data<Services>) -> PageResult {
    let posts = public::newest_full(services.db.read(), 20).await?;
    let mut entries = vec![];
    for post in posts {
        let rendered = RenderedPost::of(services.db.read(), post).await?;
        entries.push(FeedEntry {
            id: layout.firm.permanent_id("post", &rendered.post.id.to_string()),
            address: services.http.base_url.absolute_url(&format!("/news/{}", rendered.post.slug)),
            published: rendered.post.published_at.clone().unwrap_or_default(),
            updated: rendered.updated_at().to_string(),
            body: rendered.feed_content()?,
            cover_url: cover_url(&rendered, &services),
            post: rendered.post,
        });
    }
    let updated = entries.iter().map(|entry| entry.updated.clone()).max();
    let updated = updated.unwrap_or_else(|| "1970-01-01T00:00:00Z".into());
    xml(
        "application/atom+xml; charset=utf-8",
        &Feed { layout, home: services.http.base_url.absolute_url("/"), updated, entries },
    )
}
