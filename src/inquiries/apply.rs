//! The application: what an adviser needs to know for a first answer.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::{Validate, ValidationError};

use crate::inquiries::inquiry::whole_number;
use crate::inquiries::receive::{Reception, private};
use crate::inquiries::{Details, Kind};
use crate::web::{
    EmailAddress, FieldErrors, Form, Layout, PageResult, Query, filled, html, one_line, paragraphs, random_token,
};

/// What the firm can be asked for. Another answer is kept too: a form in somebody's bookmarks may be older.
pub const PROGRAMS: [&str; 8] = [
    "Express Entry",
    "Provincial Nominee Program",
    "Work permit",
    "Study permit",
    "Family sponsorship",
    "Visitor visa",
    "Citizenship",
    "Not sure yet",
];

const EDUCATION: [&str; 7] = [
    "Secondary school",
    "One-year diploma",
    "Two-year diploma",
    "Bachelor’s degree",
    "Two or more degrees or diplomas",
    "Master’s or professional degree",
    "Doctorate",
];

#[derive(Template)]
#[template(path = "inquiries/apply.html")]
struct ApplyPage {
    layout: Layout,
    form: ApplyForm,
    errors: FieldErrors,
    programs: [&'static str; 8],
    education: [&'static str; 7],
}

/// The form as typed.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ApplyForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Enter your name."),
        length(max = 200, message = "Keep your name under 200 letters.")
    )]
    name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "EmailAddress::check"),
        length(max = 254, message = "This e-mail address is too long.")
    )]
    email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Enter a telephone number."),
        length(max = 100, message = "Keep the telephone number under 100 letters.")
    )]
    phone: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the WhatsApp number under 100 letters."))]
    whatsapp: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Enter the country you live in."),
        length(max = 100, message = "Keep the country under 100 letters.")
    )]
    residence: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the citizenship under 100 letters."))]
    citizenship: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_age"))]
    age: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "filled", message = "Choose what you would like to apply for."),
        length(max = 100, message = "Keep the program under 100 letters.")
    )]
    program: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Keep the occupation under 200 letters."))]
    occupation: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the education under 100 letters."))]
    education: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_years"))]
    experience_years: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Keep the test and its results under 200 letters."))]
    english_test: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "check_crs"))]
    crs: String,
    #[serde(deserialize_with = "paragraphs")]
    #[validate(length(
        max = 10_000,
        message = "Your message is longer than 10,000 letters. Please shorten it, or telephone us."
    ))]
    message: String,
    #[validate(length(min = 1, message = "Tick the box, so that we may keep and use what you send."))]
    consent: String,
    #[serde(deserialize_with = "one_line")]
    form_key: String,
}

const FIELDS: [&str; 15] = [
    "name",
    "email",
    "phone",
    "whatsapp",
    "residence",
    "citizenship",
    "age",
    "program",
    "occupation",
    "education",
    "experience_years",
    "english_test",
    "crs",
    "message",
    "consent",
];

fn check_number(typed: &str, from: i64, to: i64, sentence: &'static str) -> Result<(), ValidationError> {
    let is_fine = typed.is_empty() || whole_number(typed).is_some_and(|number| (from..=to).contains(&number));
    if is_fine { Ok(()) } else { Err(ValidationError::new("range").with_message(sentence.into())) }
}

fn check_age(typed: &str) -> Result<(), ValidationError> {
    check_number(typed, 14, 110, "Enter your age in years, for example 29, or leave it empty.")
}

fn check_years(typed: &str) -> Result<(), ValidationError> {
    check_number(typed, 0, 70, "Enter whole years, for example 3, or leave it empty.")
}

fn check_crs(typed: &str) -> Result<(), ValidationError> {
    check_number(
        typed,
        1,
        1200,
        "A CRS score is a whole number from 1 to 1200. Leave it empty if you do not know yours.",
    )
}

impl ApplyForm {
    fn details(self) -> Details {
        Details {
            kind: Kind::Apply,
            age: whole_number(&self.age),
            experience_years: whole_number(&self.experience_years),
            crs: whole_number(&self.crs),
            name: self.name,
            email: self.email,
            phone: self.phone,
            whatsapp: self.whatsapp,
            residence: self.residence,
            citizenship: self.citizenship,
            program: self.program,
            occupation: self.occupation,
            education: self.education,
            english_test: self.english_test,
            message: self.message,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyQuery {
    #[serde(deserialize_with = "one_line")]
    occupation: String,
}

/// `GET /apply?occupation=`
pub async fn show(layout: Layout, query: Query<ApplyQuery>) -> PageResult {
    let form = ApplyForm { form_key: random_token::<16>(), occupation: query.0.occupation, ..ApplyForm::default() };
    page(StatusCode::OK, layout, form, FieldErrors::default())
}

/// `POST /apply`
pub async fn submit(layout: Layout, form: Form<ApplyForm>, reception: Reception) -> PageResult {
    let form = form.0;
    let errors = FieldErrors::of(&form, &FIELDS);
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, layout, form, errors);
    }
    let form_key = form.form_key.clone();
    reception.receive(&form.details(), &form_key, &layout.firm).await
}

fn page(status: StatusCode, layout: Layout, form: ApplyForm, errors: FieldErrors) -> PageResult {
    private(html(status, &ApplyPage { layout, form, errors, programs: PROGRAMS, education: EDUCATION }))
}
