//! Page for a form or link whose inquiry no longer exists, with the entered texts.

use actix_web::http::StatusCode;
use askama::Template;

use crate::http::{PageResult, html};
use crate::inquiries::Inquiry;
use crate::staff::StaffContext;

#[derive(Template)]
#[template(path = "inquiries/admin_gone.html")]
struct GonePage {
    ctx: StaffContext,
    typed: Vec<String>,
}

/// Builds the page. `other` is the inquiry that has the same ID now, if any.
pub fn page(ctx: StaffContext, other: Option<&Inquiry>, typed: Vec<String>) -> PageResult {
    let status = if other.is_some() { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
    let typed = typed.into_iter().filter(|text| !text.trim().is_empty()).collect();
    html(status, &GonePage { ctx, typed })
}
