//! `GET /follow`: how to get the news by e-mail, feed and WhatsApp.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::draws::{self, CategoryName};
use crate::http::{PageResult, html};
use crate::posts;
use crate::services::Services;
use crate::web::Layout;

#[derive(Template)]
#[template(path = "seo/follow.html")]
struct FollowPage {
    layout: Layout,
    /// Topics of the news, each with its feed.
    topics: Vec<(String, String)>,
    draw_types: Vec<CategoryName>,
}

pub async fn show(layout: Layout, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let feed = |topic: &String| {
        let query: String = form_urlencoded::byte_serialize(topic.as_bytes()).collect();
        format!("/news/feed.atom?topic={query}")
    };
    let topics = posts::topics(db).await?.into_iter().map(|topic| (feed(&topic), topic)).collect();
    let with_draws = draws::categories_with_draws(db).await?;
    let mut draw_types = draws::category_names(db).await?;
    draw_types.retain(|kind| with_draws.contains(&kind.key));
    html(StatusCode::OK, &FollowPage { layout, topics, draw_types })
}
