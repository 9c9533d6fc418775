//! The contact form.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::inquiries::consent::Purpose;
use crate::inquiries::hints::Hints;
use crate::inquiries::receive::{Mark, Reception, Trouble, private};
use crate::inquiries::{Details, Kind};
use crate::web::{
    EmailAddress, FieldErrors, Form, FromElsewhere, Layout, PageResult, address_line, filled, html, one_line,
    paragraphs,
};

#[derive(Template)]
#[template(path = "inquiries/contact.html")]
struct ContactPage {
    layout: Layout,
    form: ContactForm,
    errors: FieldErrors,
    hints: Hints,
    purpose: Purpose,
    trouble: Option<Trouble>,
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
    #[serde(deserialize_with = "address_line")]
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
    fn marked(mut self, reception: &Reception) -> Self {
        self.form_key = reception.mark_or(self.form_key);
        self
    }

    fn details(&self) -> Details {
        Details {
            kind: Kind::Contact,
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            message: self.message.clone(),
            ..Details::default()
        }
    }
}

/// `GET /contact`
pub async fn show(layout: Layout, reception: Reception) -> PageResult {
    let form = ContactForm { form_key: reception.mark(), ..ContactForm::default() };
    page(StatusCode::OK, layout, form, FieldErrors::default(), None)
}

/// `POST /contact`
pub async fn submit(
    layout: Layout,
    form: Form<ContactForm>,
    reception: Reception,
    elsewhere: FromElsewhere,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
        let (form, trouble) = (form.marked(&reception), Trouble::FromElsewhere);
        return trouble.answer(async |status| page(status, layout, form, FieldErrors::default(), Some(trouble))).await;
    }
    let mut errors = form.errors();
    reception.check_deliverable(&mut errors, &form.email);
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, layout, form.marked(&reception), errors, None);
    }
    let mark = Mark { form_key: form.form_key.clone(), trap: form.reply_code.clone(), ..Mark::default() };
    match reception.receive(form.details(), mark, &layout).await {
        Ok(receipt) => Ok(receipt),
        Err(trouble) => {
            let shown = async |status| page(status, layout, form.marked(&reception), errors, Some(trouble));
            trouble.answer(shown).await
        }
    }
}

fn page(
    status: StatusCode,
    layout: Layout,
    form: ContactForm,
    errors: FieldErrors,
    trouble: Option<Trouble>,
) -> PageResult {
    let purpose = Purpose::of(Kind::Contact, &layout.firm);
    let hints = Hints::of(&form.email, &form.phone, "", "");
    private(html(status, &ContactPage { layout, form, errors, hints, purpose, trouble }))
}
