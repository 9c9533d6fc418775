//! The contact form.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::http::{IsCrossOrigin, PageResult, html};
use crate::inquiries::consent::PrivacyNotice;
use crate::inquiries::forms::field_warnings::{FieldWarnings, require_email_or_phone};
use crate::inquiries::forms::submit::{FormContext, FormMeta, SubmitError, no_store};
use crate::inquiries::{Details, InquiryKind};
use crate::web::{EmailAddress, FieldErrors, Form, Layout, email_line, multi_line, not_blank, one_line};

#[derive(Template)]
#[template(path = "inquiries/contact.html")]
struct ContactPage {
    layout: Layout,
    form: ContactForm,
    errors: FieldErrors,
    warnings: FieldWarnings,
    privacy_notice: PrivacyNotice,
    submit_error: Option<SubmitError>,
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter your name."),
        length(max = 200, message = "Your name must be 200 characters or fewer.")
    )]
    name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "The e-mail address must be 254 characters or fewer.")
    )]
    email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The phone number must be 100 characters or fewer."))]
    phone: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter your message."),
        length(max = 10_000, message = "Your message must be 10,000 characters or fewer. Shorten it, or call us.")
    )]
    message: String,
    /// `begin` on the front page, whose form is the beginning of this one.
    #[serde(deserialize_with = "one_line")]
    step: String,
    #[serde(deserialize_with = "one_line")]
    form_token: String,
    /// Honeypot: hidden from people, filled in by programs.
    #[serde(deserialize_with = "one_line")]
    reply_code: String,
}

impl ContactForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "message"]);
        require_email_or_phone(&mut errors, &self.email, &self.phone);
        errors
    }

    fn details(&self) -> Details {
        Details {
            kind: InquiryKind::Contact,
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            message: self.message.clone(),
            ..Details::default()
        }
    }
}

/// `GET /contact`
pub async fn show(layout: Layout, form_context: FormContext) -> PageResult {
    page(StatusCode::OK, layout, &form_context, ContactForm::default(), FieldErrors::default(), None)
}

/// `POST /contact`
pub async fn submit(
    layout: Layout,
    form: Form<ContactForm>,
    form_context: FormContext,
    cross_origin: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if form.step == "begin" {
        return page(StatusCode::OK, layout, &form_context, form, FieldErrors::default(), None);
    }
    let (submit_error, errors) = if cross_origin.0 {
        (SubmitError::CrossOrigin, FieldErrors::default())
    } else {
        let mut errors = form.errors();
        form_context.check_deliverable(&mut errors, &form.email);
        if !errors.is_empty() {
            return page(StatusCode::UNPROCESSABLE_ENTITY, layout, &form_context, form, errors, None);
        }
        let meta =
            FormMeta { form_token: form.form_token.clone(), honeypot: form.reply_code.clone(), ..FormMeta::default() };
        match form_context.submit(form.details(), meta, &layout).await {
            Ok(receipt) => return Ok(receipt),
            Err(submit_error) => (submit_error, errors),
        }
    };
    submit_error.respond(async |status| page(status, layout, &form_context, form, errors, Some(submit_error))).await
}

fn page(
    status: StatusCode,
    layout: Layout,
    form_context: &FormContext,
    mut form: ContactForm,
    errors: FieldErrors,
    submit_error: Option<SubmitError>,
) -> PageResult {
    form.form_token = form_context.form_token_or_new(form.form_token);
    let privacy_notice = PrivacyNotice::of(InquiryKind::Contact, &layout.firm);
    let warnings = FieldWarnings::of(&form.email, &form.phone, "", "");
    no_store(html(status, &ContactPage { layout, form, errors, warnings, privacy_notice, submit_error }))
}
