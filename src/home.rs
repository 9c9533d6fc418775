//! Front page: latest draw, occupation search, newest posts and contact details.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::draws::{self, Draw, RecordAge};
use crate::http::{CacheRule, PageResult, html};
use crate::occupations;
use crate::posts::{self, PostSummary};
use crate::services::Services;
use crate::web::{Layout, with_thousands};

#[derive(Template)]
#[template(path = "home/show.html")]
struct HomePage {
    layout: Layout,
    draw: Option<Draw>,
    record_age: Option<RecordAge>,
    posts: Vec<PostSummary>,
    occupations: String,
}

/// The parameters are those of posts and pages on a WordPress site, whose addresses redirect.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable(
    "/",
    &[
        "p",
        "page_id",
        "attachment_id",
        "cat",
        "category_name",
        "tag",
        "author",
        "author_name",
        "m",
        "paged",
        "feed",
        "s",
    ],
)];

/// `GET /`
pub async fn show(layout: Layout, services: Data<Services>) -> PageResult {
    let draw = draws::latest(services.db.read()).await?;
    let record_age = draws::record_age(services.db.read(), services.clock.now()).await?;
    let posts = posts::newest(services.db.read(), "", 3, 0).await?;
    let occupations = with_thousands(occupations::count(services.db.read()).await?);
    html(StatusCode::OK, &HomePage { layout, draw, record_age, posts, occupations })
}
