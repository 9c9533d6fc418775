//! The standing pages as visitors read them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::db::Database;
use crate::site::store;
use crate::web::{Day, Layout, PageError, PageResult, html, no_fill, render_markdown};

#[derive(Template)]
#[template(path = "site/standing_page.html")]
struct StandingPage {
    layout: Layout,
    title: String,
    summary: String,
    body: String,
    updated: Day,
}

/// `GET /{page}`
pub async fn standing_page(slug: Path<String>, layout: Layout, db: Data<Database>) -> PageResult {
    let page = store::find_page(db.read(), &slug).await?.ok_or(PageError::NotFound)?;
    html(
        StatusCode::OK,
        &StandingPage {
            layout,
            title: page.title,
            summary: page.summary,
            body: render_markdown(&page.body, &no_fill),
            updated: Day::in_office(page.updated_at),
        },
    )
}
