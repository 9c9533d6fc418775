//! Public pages that staff edit, such as About.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::http::{PageError, PageResult, html};
use crate::media;
use crate::services::Services;
use crate::site::store;
use crate::web::{DisplayDate, Layout, Replacement, render_markdown};

#[derive(Template)]
#[template(path = "site/page.html")]
struct ShowPage {
    layout: Layout,
    title: String,
    summary: String,
    body: String,
    updated: DisplayDate,
}

/// `GET /{page}`
pub async fn show(slug: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let page = store::find_page(services.db.read(), &slug).await?.ok_or(PageError::NotFound)?;
    let pictures = media::pictures_in(services.db.read(), &[&page.body]).await?;
    html(
        StatusCode::OK,
        &ShowPage {
            layout,
            title: page.title,
            summary: page.summary,
            body: render_markdown(&page.body, &|key| Replacement::picture(&pictures, key)),
            updated: DisplayDate::in_office(page.updated_at),
        },
    )
}
