//! Style page: every component of the public pages in every state, for designers and visual tests.

use actix_web::http::StatusCode;
use askama::Template;

use crate::http::{PageResult, html};
use crate::staff::StaffContext;
use crate::web::{FieldErrors, Layout, OfficeStatus, Pagination};

#[derive(Template)]
#[template(path = "site/admin_style.html")]
struct StylePage {
    layout: Layout,
    /// No messages.
    valid: FieldErrors,
    /// A message for each sample field with an error.
    errors: FieldErrors,
    /// The offices open and closed.
    statuses: [OfficeStatus; 2],
    paging: Pagination,
}

/// `GET /admin/style`
pub async fn show(_: StaffContext, layout: Layout) -> PageResult {
    let mut errors = FieldErrors::in_order(&["wrong", "wrong_text", "wrong_choice"]);
    errors.add("wrong", "Enter an e-mail address in the form name@example.com.");
    errors.add("wrong_text", "Enter your message.");
    errors.add("wrong_choice", "Choose what you would like to apply for.");
    let status = |is_open, text: &str| OfficeStatus { is_open, text: text.into() };
    let page = StylePage {
        layout,
        valid: FieldErrors::default(),
        errors,
        statuses: [status(true, "Open now, until 18.00"), status(false, "Closed now, opens Monday at 10.00")],
        paging: Pagination::new("2", 45, 10, "/admin/style".into())?,
    };
    html(StatusCode::OK, &page)
}
