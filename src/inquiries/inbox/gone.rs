//! The page for a form or link whose inquiry is no longer there, with what was typed into the form.

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

/// The page. `other` is the inquiry that stands at the same address, where there is one.
pub fn page(ctx: StaffContext, other: Option<&Inquiry>, typed: Vec<String>) -> PageResult {
    let status = if other.is_some() { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
    let typed = typed.into_iter().filter(|text| !text.trim().is_empty()).collect();
    html(status, &GonePage { ctx, typed })
}
