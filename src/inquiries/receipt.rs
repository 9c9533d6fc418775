//! The receipt: what the visitor sent, its reference, and how far we are with it.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use askama::Template;

use crate::db::Database;
use crate::inquiries::inquiry::Fact;
use crate::inquiries::receive::private;
use crate::inquiries::{Inquiry, store};
use crate::web::{Layout, PageError, PageResult, html};

#[derive(Template)]
#[template(path = "inquiries/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    inquiry: Inquiry,
    facts: Vec<Fact>,
}

/// `GET /receipts/{token}`
pub async fn show(token: Path<String>, layout: Layout, db: Data<Database>) -> PageResult {
    let inquiry = store::find_by_receipt(db.read(), &token).await?.ok_or(PageError::NotFound)?;
    let facts = inquiry.details.facts();
    let mut page = private(html(StatusCode::OK, &ReceiptPage { layout, inquiry, facts }))?;
    // Whoever has the address can read what was sent: it must not travel on, nor be found.
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    page.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(page)
}
