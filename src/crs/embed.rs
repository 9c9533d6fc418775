//! Description of the forms that partner sites can copy.

use actix_web::http::StatusCode;
use askama::Template;

use crate::http::{HttpContext, PageResult, html};
use crate::web::Layout;

#[derive(Template)]
#[template(path = "crs/embed.html")]
struct EmbedPage {
    layout: Layout,
    /// Address of the site, without a slash at the end.
    site: String,
}

/// `GET /tools/embed`
pub async fn show(layout: Layout, context: actix_web::web::Data<HttpContext>) -> PageResult {
    let site = context.base_url.absolute_url("/").trim_end_matches('/').to_owned();
    html(StatusCode::OK, &EmbedPage { layout, site })
}
