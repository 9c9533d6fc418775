//! Public page, such as About.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::draws::TokenValues;
use crate::http::{PageError, PageResult, html, moved_permanently};
use crate::pages::store;
use crate::services::Services;
use crate::web::{DisplayDate, Layout};

#[derive(Template)]
#[template(path = "pages/show.html")]
struct ShowPage {
    layout: Layout,
    title: String,
    summary: String,
    body: String,
    updated: DisplayDate,
}

/// `GET /{page}`
pub async fn show(slug: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let db = services.db.read();
    let Some(page) = store::find_public(db, &slug).await? else {
        let moved = store::find_redirect(db, &slug).await?.ok_or(PageError::NotFound)?;
        return Ok(moved_permanently(&moved));
    };
    let token_values = TokenValues::for_texts(db, &[&page.summary, &page.body]).await?;
    html(
        StatusCode::OK,
        &ShowPage {
            layout,
            title: page.title,
            summary: token_values.expand_line(&page.summary),
            body: token_values.markdown_html(&page.body),
            updated: DisplayDate::in_office(page.updated_at),
        },
    )
}
