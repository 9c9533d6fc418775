//! Receipt lookup by reference and e-mail address.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::http::{IsCrossOrigin, PageError, PageResult, client_ip, html, see_other};
use crate::inquiries::forms::submit::{FormContext, SubmitError};
use crate::inquiries::inquiry::reference;
use crate::inquiries::receipts::access::{matches_contact, open_path};
use crate::inquiries::receipts::show::no_referrer_no_store;
use crate::inquiries::{Inquiry, InquiryState, store};
use crate::web::{FieldErrors, Form, Layout, Query, ascii_digits, email_line, one_line};

#[derive(Template)]
#[template(path = "inquiries/receipt_lookup.html")]
struct LookupPage {
    layout: Layout,
    form: LookupForm,
    errors: FieldErrors,
    submit_error: Option<SubmitError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LookupForm {
    #[serde(deserialize_with = "one_line")]
    reference: String,
    #[serde(deserialize_with = "email_line")]
    address: String,
}

impl LookupForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["reference", "address"]);
        if parse_reference(&self.reference).is_none() {
            errors.add("reference", "Enter your reference, such as IE-2026-000123.");
        }
        if self.address.is_empty() {
            errors.add("address", "Enter the e-mail address that you gave in the form.");
        }
        errors
    }
}

/// The reference in any spelling with its year and number, such as `ie 2026 123`.
fn parse_reference(typed: &str) -> Option<String> {
    let typed = ascii_digits(typed);
    let mut numbers = typed.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let (year, number) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then(|| reference(year, number))
}

/// `GET /receipts?reference=`
pub async fn show(layout: Layout, query: Query<LookupForm>) -> PageResult {
    let form = LookupForm { reference: query.0.reference, address: String::new() };
    page(StatusCode::OK, layout, form, FieldErrors::default(), None)
}

/// `POST /receipts`: opens the receipt if reference and address belong together.
pub async fn find(
    layout: Layout,
    form: Form<LookupForm>,
    form_context: FormContext,
    cross_origin: IsCrossOrigin,
    request: HttpRequest,
) -> PageResult {
    let form = form.0;
    if cross_origin.0 {
        let submit_error = SubmitError::CrossOrigin;
        return page(StatusCode::FORBIDDEN, layout, form, FieldErrors::default(), Some(submit_error));
    }
    let mut errors = form.errors();
    if let Some(reference) = parse_reference(&form.reference).filter(|_| errors.is_empty()) {
        let services = &form_context.services;
        let (ip, now) = (client_ip(&request), services.clock.now());
        // References are consecutive, so that the attempts with one address are counted as well.
        let attempts = [format!("receipt {reference}"), format!("receipts of {}", form.address.to_lowercase())];
        for attempt in &attempts {
            services.attempt_limiter.check_and_count(attempt, ip, now).map_err(PageError::TooManyRequests)?;
        }
        let found = store::find_by_reference(services.db.read(), &reference).await?;
        if let Some(inquiry) = found.filter(|inquiry| is_visible(inquiry) && matches_contact(inquiry, &form.address)) {
            attempts.iter().for_each(|attempt| services.attempt_limiter.reset(attempt, ip));
            return Ok(see_other(&open_path(&services.secret, &inquiry, now)));
        }
        // The same message for both, so that nobody learns which references exist.
        errors.add("reference", "No inquiry has this reference and this e-mail address. Check both.");
    }
    page(StatusCode::UNPROCESSABLE_ENTITY, layout, form, errors, None)
}

/// Whether the visitor can see the receipt: not if staff or the retention period moved the inquiry to the trash.
fn is_visible(inquiry: &Inquiry) -> bool {
    inquiry.trashed_at.is_none() || inquiry.state == InquiryState::Withdrawn
}

fn page(
    status: StatusCode,
    layout: Layout,
    form: LookupForm,
    errors: FieldErrors,
    submit_error: Option<SubmitError>,
) -> PageResult {
    no_referrer_no_store(html(status, &LookupPage { layout, form, errors, submit_error }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_is_read_in_any_spelling() {
        for typed in ["IE-2026-000123", "ie 2026 123", " IE–2026–000123 ", "2026/123", "IE-۲۰۲۶-۱۲۳"] {
            assert_eq!(parse_reference(typed).as_deref(), Some("IE-2026-000123"), "{typed}");
        }
        for typed in ["", "IE", "2026", "IE-2026-1-2", "IE-99999999-1"] {
            assert_eq!(parse_reference(typed), None, "{typed}");
        }
    }
}
