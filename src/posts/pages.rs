//! Public news pages: list of posts and post.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use sqlx::SqlitePool;

use crate::draws::{self, Draw, draws_mentioned};
use crate::http::{PageError, PageResult, html, moved_permanently};
use crate::posts::post::{Post, PostSummary};
use crate::posts::public::{self, RenderedPost};
use crate::posts::reading_time;
use crate::services::Services;
use crate::web::{
    Agent, Article, CardImage, CorrectionComment, JsonLd, Layout, Pagination, Query, Section, Term, Thing, sections,
    with_terms_explained,
};

#[derive(Template)]
#[template(path = "posts/list.html")]
struct ListPage {
    layout: Layout,
    topic: String,
    /// Feed of these posts.
    feed: String,
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
    let base = if topic.is_empty() { "/news".into() } else { Topic::new(&topic).href };
    let feed = if topic.is_empty() { "/news/feed.atom".into() } else { Topic::new(&topic).feed };
    let paging = Pagination::new(&page, total, 10, base)?;
    let posts = public::newest(services.db.read(), &topic, paging.per_page, paging.offset()).await?;
    html(StatusCode::OK, &ListPage { layout, topic, feed, posts, paging })
}

#[derive(Template)]
#[template(path = "posts/show.html")]
struct PostPage {
    layout: Layout,
    rendered: RenderedPost,
    /// HTML with the first use of each term explained.
    body: String,
    terms: Vec<Term>,
    /// Sections for the table of contents of a long post.
    sections: Vec<Section>,
    minutes: usize,
    card: CardImage,
    topics: Vec<Topic>,
    figures: Vec<Draw>,
    related: Vec<PostSummary>,
    share: ShareLinks,
    structured_data: JsonLd,
    older: Option<PostSummary>,
    newer: Option<PostSummary>,
}

struct Topic {
    name: String,
    href: String,
    feed: String,
}

impl Topic {
    fn new(name: &str) -> Self {
        let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let [href, feed] = ["/news", "/news/feed.atom"].map(|path| format!("{path}?topic={encoded}"));
        Self { name: name.to_owned(), href, feed }
    }
}

/// Links that open WhatsApp or the mail program with the title and the URL.
struct ShareLinks {
    whatsapp: String,
    email: String,
}

impl ShareLinks {
    fn new(title: &str, url: &str) -> Self {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        Self {
            whatsapp: format!("https://wa.me/?text={}", encode(&format!("{title} {url}"))),
            email: format!("mailto:?subject={}&body={}", encode(title), encode(&format!("{title}\r\n{url}"))),
        }
    }
}

/// A table of contents is shown from this many sections, if reading takes more than a minute.
const MIN_SECTIONS: usize = 3;
/// Draws and related posts beside the text.
const MAX_FIGURES: usize = 3;
const MAX_RELATED: i64 = 4;

/// `GET /news/{slug}`
pub async fn show(slug: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let Some(post) = public::find_public(db, &slug).await? else {
        let moved = public::find_redirect(db, &format!("/news/{slug}")).await?.ok_or(PageError::NotFound)?;
        return Ok(moved_permanently(&moved));
    };
    let (older, newer) = public::adjacent_posts(db, &post).await?;
    let related = public::related(db, post.id, MAX_RELATED).await?;
    let topics = post.topic_list().into_iter().map(Topic::new).collect();
    let figures = main_draws(db, &post).await?;
    let minutes = reading_time::minutes(&post.body);
    let share_card = public::share_card(db, &post).await?;
    let rendered = RenderedPost::of(db, post).await?;
    let (body, terms) = with_terms_explained(&rendered.body);
    let card = match (rendered.post.cover.picture.as_ref(), share_card) {
        (Some(picture), _) => CardImage {
            url: layout.absolute_url(&picture.address()),
            width: picture.width,
            height: picture.height,
            alt: rendered.post.cover.alt.clone(),
        },
        (None, Some(card)) => layout.card_of(&card),
        (None, None) => layout.card(),
    };
    let page = PostPage {
        sections: Some(sections(&body)).filter(|all| all.len() >= MIN_SECTIONS && minutes > 1).unwrap_or_default(),
        share: ShareLinks::new(&rendered.post.title, &layout.canonical),
        structured_data: structured_data(&layout, &rendered, card.url.clone())?,
        older: public::with_token_values(db, older.into_iter().collect()).await?.pop(),
        newer: public::with_token_values(db, newer.into_iter().collect()).await?.pop(),
        related: public::with_token_values(db, related).await?,
        body,
        terms,
        minutes,
        card,
        topics,
        figures,
        rendered,
        layout,
    };
    html(StatusCode::OK, &page)
}

/// The draws that a post is about: those named in its title, or else in its summary, or else in its text.
async fn main_draws(db: &SqlitePool, post: &Post) -> sqlx::Result<Vec<Draw>> {
    let named = [&post.title, &post.summary, &post.body].into_iter().map(|text| draws_mentioned(text));
    let numbers: BTreeSet<String> = named
        .into_iter()
        .find(|numbers| !numbers.is_empty())
        .into_iter()
        .flatten()
        .rev()
        .take(MAX_FIGURES)
        .map(|number| number.to_string())
        .collect();
    if numbers.is_empty() {
        return Ok(vec![]);
    }
    let mut draws = draws::find_many(db, &numbers).await?;
    draws.sort_by_key(|draw| std::cmp::Reverse(draw.round.sort_key()));
    Ok(draws)
}

fn structured_data(layout: &Layout, rendered: &RenderedPost, image: String) -> Result<JsonLd, PageError> {
    let post = &rendered.post;
    let correction = |text: String, at: Option<String>| CorrectionComment { text, date_published: at };
    let lines = rendered.lines.iter().map(|line| correction(line.line.clone(), Some(line.day().iso)));
    let note = Some(&rendered.correction_text).filter(|text| !text.is_empty());
    let note = note.map(|text| correction(text.clone(), rendered.corrected_day().map(|day| day.iso)));
    let changes = rendered.changes.iter().map(|change| {
        let (round, text) = (&change.round, &change.text);
        let text = format!("Draw {round}: {} changed from {} to {}.", text.field, text.before, text.after);
        correction(text, Some(change.day.iso.clone()))
    });
    let article = Article {
        headline: post.title.clone(),
        description: post.summary.clone(),
        url: layout.canonical.clone(),
        main_entity_of_page: layout.canonical.clone(),
        in_language: "en",
        image: vec![image],
        date_published: post.published_at.clone(),
        date_modified: rendered.updated_at().to_string(),
        author: Agent::Person { name: post.author.clone() },
        publisher: Agent::Organization { name: layout.firm.name.clone(), url: Some(layout.absolute_url("/")) },
        keywords: post.topic_list().into_iter().map(str::to_owned).collect(),
        correction: lines.chain(note).chain(changes).collect(),
    };
    JsonLd::of(&Thing::NewsArticle(Box::new(article))).map_err(|error| PageError::Internal(error.into()))
}
