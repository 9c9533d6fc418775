//! Confirming that a receipt is one's own: by the e-mail address that was given, or the number where none was.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::inquiries::phone::{Number, digits};
use crate::inquiries::receipt::show::{self, Opened};
use crate::inquiries::receive::{Reception, Trouble};
use crate::inquiries::{Inquiry, store};
use crate::staff::SignInThrottle;
use crate::web::{
    FieldErrors, Form, FromElsewhere, Key, Layout, PageError, PageResult, SENT_FROM_ELSEWHERE, address_line,
    client_address, see_other,
};

/// How long a confirmation holds.
const HOLDS: SignedDuration = SignedDuration::from_hours(1);

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    #[serde(deserialize_with = "address_line")]
    address: String,
}

/// `POST /receipts/{token}/confirmation`
pub async fn confirm(
    layout: Layout,
    token: Path<String>,
    form: Form<ConfirmForm>,
    reception: Reception,
    throttle: Data<SignInThrottle>,
    elsewhere: FromElsewhere,
    request: HttpRequest,
) -> PageResult {
    let found = store::find_by_receipt(reception.db.read(), &token).await?;
    if elsewhere.0 {
        let inquiry = found.ok_or(PageError::Forbidden(SENT_FROM_ELSEWHERE))?;
        let opened = Opened { address: form.0.address, trouble: Some(Trouble::FromElsewhere), ..Opened::default() };
        return show::page(StatusCode::FORBIDDEN, layout, inquiry, opened, &reception).await;
    }
    let inquiry = found.ok_or(PageError::NotFound)?;
    let (receipt, address) = (format!("receipt {}", inquiry.id), client_address(&request));
    throttle.begin(&receipt, address, reception.clock.now()).map_err(PageError::TooMany)?;
    if is_theirs(&inquiry, &form.0.address) {
        throttle.succeeded(&receipt, address);
        let until = reception.clock.now() + HOLDS;
        let proof = proofs(&reception.key, &inquiry, until).next().unwrap_or_default();
        return Ok(see_other(&format!("/receipts/{}?proof={proof}#yours", inquiry.receipt_token)));
    }
    let mut errors = FieldErrors::in_order(&["address"]);
    errors.add(
        "address",
        match inquiry.details.email.is_empty() {
            true => "This is not the number that was given. Type it as you did in the form.",
            false => "This is not the e-mail address that was given. Type it as you did in the form.",
        },
    );
    let opened = Opened { address: form.0.address, errors, ..Opened::default() };
    show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, opened, &reception).await
}

fn is_theirs(inquiry: &Inquiry, typed: &str) -> bool {
    let details = &inquiry.details;
    if !details.email.is_empty() {
        return typed.trim().eq_ignore_ascii_case(&details.email);
    }
    let given = Number::all(&details.phone, &details.residence);
    let is_given = |typed: &Number| typed.e164 == inquiry.phone_e164 || given.iter().any(|given| given.can_be(typed));
    Number::read(typed, &details.residence).is_some_and(|number| is_given(&number))
        || (!digits(typed).is_empty() && digits(typed) == digits(&details.phone))
        // A text without a digit was given for a number, and taken.
        || (!typed.is_empty() && typed == details.phone)
}

/// What shows until `until` that somebody has confirmed a receipt, by the present secret, then by those before it. It
/// travels in the address, so that no cookie is needed.
fn proofs(key: &Key, inquiry: &Inquiry, until: Timestamp) -> impl Iterator<Item = String> {
    let until = format!("{:08x}", u32::try_from(until.as_second()).unwrap_or(0));
    let tokens = key.tokens_for(format!("receipt {} is theirs until {until}", inquiry.receipt_token));
    tokens.map(move |token| format!("{until}{token}"))
}

/// Whether `proof` still holds for this receipt.
pub fn is_proven(key: &Key, inquiry: &Inquiry, proof_given: &str, now: Timestamp) -> bool {
    let Some(seconds) = proof_given.get(..8).and_then(|until| u32::from_str_radix(until, 16).ok()) else {
        return false;
    };
    let Ok(until) = Timestamp::from_second(i64::from(seconds)) else { return false };
    until > now && proofs(key, inquiry, until).any(|proof| proof == proof_given)
}
