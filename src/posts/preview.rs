//! `GET /previews/{token}`: an unpublished post, for people with a preview link.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use actix_web::web::{Data, Path};
use askama::Template;

use crate::http::{PageError, PageResult, html, see_other};
use crate::posts::preview_links;
use crate::posts::public::RenderedPost;
use crate::services::Services;
use crate::web::Layout;

#[derive(Template)]
#[template(path = "posts/shared_preview.html")]
struct PreviewPage {
    layout: Layout,
    rendered: RenderedPost,
}

/// Shows the saved text. Once the post is published, the link leads to it.
pub async fn show(token: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let id = preview_links::id_of(&token).ok_or(PageError::NotFound)?;
    let link = preview_links::find(services.db.read(), id, now).await?;
    if !link.is_some_and(|link| link.has_token(&services.secret, &token)) {
        return Err(PageError::NotFound);
    }
    let post = preview_links::find_post(services.db.read(), id, now).await?.ok_or(PageError::NotFound)?;
    if post.is_public() {
        return Ok(see_other(&format!("/news/{}", post.slug)));
    }
    let rendered = RenderedPost::of(services.db.read(), post).await?;
    let mut page = html(StatusCode::OK, &PreviewPage { layout, rendered })?;
    let headers = page.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(page)
}
