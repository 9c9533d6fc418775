//! Handler that confirms a visitor's contact details and opens their receipt.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::http::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, PageError, PageResult, client_ip, see_other};
use crate::inquiries::forms::submit::{FormContext, SubmitError};
use crate::inquiries::receipts::access::{matches_contact, open_path};
use crate::inquiries::receipts::show::{self, ReceiptForm};
use crate::inquiries::store;
use crate::services::Services;
use crate::web::{FieldErrors, Form, Layout, email_line};

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
    cross_origin: IsCrossOrigin,
    request: HttpRequest,
) -> PageResult {
    let found = store::find_by_receipt(form_context.services.db.read(), &token).await?;
    if cross_origin.0 {
        let inquiry = found.ok_or(PageError::Forbidden(CROSS_ORIGIN_MESSAGE))?;
        let receipt_form = ReceiptForm {
            address: form.0.address,
            submit_error: Some(SubmitError::CrossOrigin),
            ..ReceiptForm::default()
        };
        return show::page(StatusCode::FORBIDDEN, layout, inquiry, receipt_form, &form_context).await;
    }
    let inquiry = found.ok_or(PageError::NotFound)?;
    let (receipt, address) = (format!("receipt {}", inquiry.reference), client_ip(&request));
    services
        .attempt_limiter
        .check_and_count(&receipt, address, form_context.services.clock.now())
        .map_err(PageError::TooManyRequests)?;
    if matches_contact(&inquiry, &form.0.address) {
        services.attempt_limiter.reset(&receipt, address);
        let path = open_path(&form_context.services.secret, &inquiry, form_context.services.clock.now());
        return Ok(see_other(&format!("{path}#yours")));
    }
    let mut errors = FieldErrors::in_order(&["address"]);
    errors.add(
        "address",
        match inquiry.details.email.is_empty() {
            true => "This phone number does not match. Enter the number that you gave in the form, with or without the country code.",
            false => "This e-mail address does not match. Enter it as you did in the form.",
        },
    );
    let receipt_form = ReceiptForm { address: form.0.address, errors, ..ReceiptForm::default() };
    show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await
}
