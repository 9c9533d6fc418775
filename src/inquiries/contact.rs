//! The contact form.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::http::{IsCrossOrigin, PageResult, html};
use crate::inquiries::consent::PrivacyNotice;
use crate::inquiries::field_warnings::FieldWarnings;
use crate::inquiries::submit::{FormContext, FormMeta, SubmitError, no_store};
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

/// The form as typed.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter your name."),
        length(max = 200, message = "Keep your name under 200 letters.")
    )]
    name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "This e-mail address is too long.")
    )]
    email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the telephone number under 100 letters."))]
    phone: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(
        custom(function = "not_blank", message = "Write your message."),
        length(
            max = 10_000,
            message = "Your message is longer than 10,000 letters. Please shorten it, or telephone us."
        )
    )]
    message: String,
    #[serde(deserialize_with = "one_line")]
    form_token: String,
    /// People never see it; programs fill it in.
    #[serde(deserialize_with = "one_line")]
    reply_code: String,
}

impl ContactForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "message"]);
        if self.email.is_empty() && self.phone.is_empty() {
            errors.add("email", "Give us an e-mail address or a telephone number, so that we can answer.");
        }
        errors
    }

    /// The form to be shown again; one that came without a mark gets one.
    fn with_form_token(mut self, form_context: &FormContext) -> Self {
        self.form_token = form_context.form_token_or_new(self.form_token);
        self
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
    let form = ContactForm { form_token: form_context.issue_form_token(), ..ContactForm::default() };
    page(StatusCode::OK, layout, form, FieldErrors::default(), None)
}

/// `POST /contact`
pub async fn submit(
    layout: Layout,
    form: Form<ContactForm>,
    form_context: FormContext,
    elsewhere: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
        let (form, submit_error) = (form.with_form_token(&form_context), SubmitError::CrossOrigin);
        return submit_error
            .respond(async |status| page(status, layout, form, FieldErrors::default(), Some(submit_error)))
            .await;
    }
    let mut errors = form.errors();
    form_context.check_deliverable(&mut errors, &form.email);
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, layout, form.with_form_token(&form_context), errors, None);
    }
    let mark =
        FormMeta { form_token: form.form_token.clone(), honeypot: form.reply_code.clone(), ..FormMeta::default() };
    match form_context.submit(form.details(), mark, &layout).await {
        Ok(receipt) => Ok(receipt),
        Err(submit_error) => {
            let shown =
                async |status| page(status, layout, form.with_form_token(&form_context), errors, Some(submit_error));
            submit_error.respond(shown).await
        }
    }
}

fn page(
    status: StatusCode,
    layout: Layout,
    form: ContactForm,
    errors: FieldErrors,
    submit_error: Option<SubmitError>,
) -> PageResult {
    let privacy_notice = PrivacyNotice::of(InquiryKind::Contact, &layout.firm);
    let warnings = FieldWarnings::of(&form.email, &form.phone, "", "");
    no_store(html(status, &ContactPage { layout, form, errors, warnings, privacy_notice, submit_error }))
}
