//! Confirming that a receipt is one's own: by the e-mail address that was given, or the number where none was.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::http::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, PageError, PageResult, SiteSecret, client_ip, see_other};
use crate::inquiries::phone::{ParsedPhoneNumber, digits};
use crate::inquiries::receipts::show::{self, ReceiptForm};
use crate::inquiries::submit::{FormContext, SubmitError};
use crate::inquiries::{Inquiry, store};
use crate::services::Services;
use crate::web::{FieldErrors, Form, Layout, email_line};

/// How long a confirmation holds.
const ACCESS_TTL: SignedDuration = SignedDuration::from_hours(1);

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    #[serde(deserialize_with = "email_line")]
    address: String,
}

/// `POST /receipts/{token}/confirmation`
pub async fn confirm(
    layout: Layout,
    token: Path<String>,
    form: Form<ConfirmForm>,
    form_context: FormContext,
    services: Data<Services>,
    elsewhere: IsCrossOrigin,
    request: HttpRequest,
) -> PageResult {
    let found = store::find_by_receipt(form_context.services.db.read(), &token).await?;
    if elsewhere.0 {
        let inquiry = found.ok_or(PageError::Forbidden(CROSS_ORIGIN_MESSAGE))?;
        let receipt_form = ReceiptForm {
            address: form.0.address,
            submit_error: Some(SubmitError::CrossOrigin),
            ..ReceiptForm::default()
        };
        return show::page(StatusCode::FORBIDDEN, layout, inquiry, receipt_form, &form_context).await;
    }
    let inquiry = found.ok_or(PageError::NotFound)?;
    let (receipt, address) = (format!("receipt {}", inquiry.id), client_ip(&request));
    services
        .attempt_limiter
        .check_and_count(&receipt, address, form_context.services.clock.now())
        .map_err(PageError::TooManyRequests)?;
    if matches_contact(&inquiry, &form.0.address) {
        services.attempt_limiter.reset(&receipt, address);
        let until = form_context.services.clock.now() + ACCESS_TTL;
        let access_token = access_tokens(&form_context.services.secret, &inquiry, until).next().unwrap_or_default();
        return Ok(see_other(&format!("/receipts/{}?access_token={access_token}#yours", inquiry.receipt_token)));
    }
    let mut errors = FieldErrors::in_order(&["address"]);
    errors.add(
        "address",
        match inquiry.details.email.is_empty() {
            true => "This is not the number that was given. Type it as you did in the form.",
            false => "This is not the e-mail address that was given. Type it as you did in the form.",
        },
    );
    let receipt_form = ReceiptForm { address: form.0.address, errors, ..ReceiptForm::default() };
    show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await
}

fn matches_contact(inquiry: &Inquiry, typed: &str) -> bool {
    let details = &inquiry.details;
    if !details.email.is_empty() {
        return typed.trim().eq_ignore_ascii_case(&details.email);
    }
    let given = ParsedPhoneNumber::parse_all(&details.phone, &details.residence);
    let is_given = |typed: &ParsedPhoneNumber| {
        typed.e164 == inquiry.phone_e164 || given.iter().any(|given| given.may_equal(typed))
    };
    ParsedPhoneNumber::parse(typed, &details.residence).is_some_and(|number| is_given(&number))
        || (!digits(typed).is_empty() && digits(typed) == digits(&details.phone))
        // A text without a digit was given for a number, and taken.
        || (!typed.is_empty() && typed == details.phone)
}

/// What shows until `until` that somebody has confirmed a receipt, by the present secret, then by those before it. It
/// travels in the address, so that no cookie is needed.
fn access_tokens(key: &SiteSecret, inquiry: &Inquiry, until: Timestamp) -> impl Iterator<Item = String> {
    let until = format!("{:08x}", u32::try_from(until.as_second()).unwrap_or(0));
    let tokens = key.macs_for_all_keys(format!("receipt {} is theirs until {until}", inquiry.receipt_token));
    tokens.map(move |token| format!("{until}{token}"))
}

/// Whether `given_token` still holds for this receipt.
pub fn has_access(key: &SiteSecret, inquiry: &Inquiry, given_token: &str, now: Timestamp) -> bool {
    let Some(seconds) = given_token.get(..8).and_then(|until| u32::from_str_radix(until, 16).ok()) else {
        return false;
    };
    let Ok(until) = Timestamp::from_second(i64::from(seconds)) else { return false };
    until > now && access_tokens(key, inquiry, until).any(|access_token| access_token == given_token)
}
