//! The contact form.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::inquiries::receive::{Reception, private};
use crate::inquiries::{Details, Kind};
use crate::web::{
    EmailAddress, FieldErrors, Form, Layout, PageResult, filled, html, one_line, paragraphs, random_token,
};

#[derive(Template)]
#[template(path = "inquiries/contact.html")]
struct ContactPage {
    layout: Layout,
    form: ContactForm,
    errors: FieldErrors,
}

/// The form as typed.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Enter your name."),
        length(max = 200, message = "Keep your name under 200 letters.")
    )]
    name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "This e-mail address is too long.")
    )]
    email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the telephone number under 100 letters."))]
    phone: String,
    #[serde(deserialize_with = "paragraphs")]
    #[validate(
        custom(function = "filled", message = "Write your message."),
        length(
            max = 10_000,
            message = "Your message is longer than 10,000 letters. Please shorten it, or telephone us."
        )
    )]
    message: String,
    #[serde(deserialize_with = "one_line")]
    form_key: String,
}

impl ContactForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "message"]);
        if self.email.is_empty() && self.phone.is_empty() {
            errors.add("email", "Give us an e-mail address or a telephone number, so that we can answer.");
        }
        errors
    }
}

/// `GET /contact`
pub async fn show(layout: Layout) -> PageResult {
    let form = ContactForm { form_key: random_token::<16>(), ..ContactForm::default() };
    private(html(StatusCode::OK, &ContactPage { layout, form, errors: FieldErrors::default() }))
}

/// `POST /contact`
pub async fn submit(layout: Layout, form: Form<ContactForm>, reception: Reception) -> PageResult {
    let form = form.0;
    let errors = form.errors();
    if !errors.is_empty() {
        return private(html(StatusCode::UNPROCESSABLE_ENTITY, &ContactPage { layout, form, errors }));
    }
    let details = Details {
        kind: Kind::Contact,
        name: form.name,
        email: form.email,
        phone: form.phone,
        message: form.message,
        ..Details::default()
    };
    reception.receive(&details, &form.form_key, &layout.firm).await
}
