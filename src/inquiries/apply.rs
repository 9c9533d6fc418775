//! The application: what an adviser needs to know for a first answer.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::{Validate, ValidationError};

use crate::db::Database;
use crate::inquiries::consent::{Consent, Purpose};
use crate::inquiries::hints::Hints;
use crate::inquiries::inquiry::whole_number;
use crate::inquiries::receive::{Mark, Reception, Trouble, private};
use crate::inquiries::{Details, Kind, store};
use crate::occupations::{self, NocCode, Occupation};
use crate::web::{
    EmailAddress, FieldErrors, Form, FromElsewhere, Layout, PageResult, Query, address_line, filled, html, one_line,
    paragraphs, plain_digits,
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
    hints: Hints,
    purpose: Purpose,
    trouble: Option<Trouble>,
    occupation: Found,
    programs: [&'static str; 8],
    education: [&'static str; 7],
}

/// What the directory says about the occupation that was typed.
#[derive(Default)]
struct Found {
    /// The one whose code it is.
    meant: Option<Occupation>,
    /// Those that the words may mean.
    suggested: Vec<Occupation>,
    /// The visitor asked, and nothing was found.
    nothing: bool,
}

/// How many occupations are suggested.
const SUGGESTED: usize = 6;

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
    #[serde(deserialize_with = "address_line")]
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
    /// Which text stood beside the box.
    #[serde(deserialize_with = "one_line")]
    consent_version: String,
    /// The suggestion that was chosen: a NOC code.
    #[serde(deserialize_with = "one_line")]
    occupation_choice: String,
    /// What the button asks for: `occupation` looks it up in the directory, anything else sends the form.
    #[serde(deserialize_with = "one_line")]
    step: String,
    #[serde(deserialize_with = "one_line")]
    form_key: String,
    /// People never see it; programs fill it in.
    #[serde(deserialize_with = "one_line")]
    reply_code: String,
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
    check_number(typed, 14, 110, "Enter your age in whole years from 14 to 110, for example 29, or leave it empty.")
}

fn check_years(typed: &str) -> Result<(), ValidationError> {
    check_number(typed, 0, 70, "Enter whole years from 0 to 70, for example 3, or leave it empty.")
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
    /// The form to be shown again; one that came without a mark gets one.
    fn marked(mut self, reception: &Reception) -> Self {
        self.form_key = reception.mark_or(self.form_key);
        self
    }

    fn details(&self) -> Details {
        Details {
            kind: Kind::Apply,
            age: whole_number(&self.age),
            experience_years: whole_number(&self.experience_years),
            crs: whole_number(&self.crs),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            whatsapp: self.whatsapp.clone(),
            residence: self.residence.clone(),
            citizenship: self.citizenship.clone(),
            program: self.program.clone(),
            occupation: self.occupation.clone(),
            education: self.education.clone(),
            english_test: self.english_test.clone(),
            message: self.message.clone(),
        }
    }

    /// What the directory says about the occupation: at once where a code was typed, in suggestions where they were
    /// asked for or one of them was chosen before.
    async fn occupation(&self, db: &Database) -> sqlx::Result<Found> {
        let asked = self.step == "occupation";
        let typed = plain_digits(&self.occupation);
        let code = typed.trim_start_matches(|c: char| !c.is_ascii_digit());
        let meant = match code.parse::<NocCode>() {
            Ok(noc) => occupations::find(db.read(), noc.as_str()).await?,
            Err(_) => None,
        };
        let has_chosen = !self.occupation_choice.is_empty();
        if meant.is_some() || (!asked && !has_chosen) {
            return Ok(Found { meant, ..Found::default() });
        }
        let suggested = occupations::suggestions(db.read(), &self.occupation, SUGGESTED).await?;
        Ok(Found { meant, nothing: asked && suggested.is_empty(), suggested })
    }
}

impl Found {
    /// The unit group that the applicant means, where that is sure.
    fn noc(&self, chosen: &str) -> String {
        let chosen = || self.suggested.iter().find(|occupation| occupation.noc == chosen);
        self.meant.as_ref().or_else(chosen).map_or_else(String::new, |occupation| occupation.noc.clone())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyQuery {
    #[serde(deserialize_with = "one_line")]
    occupation: String,
}

/// `GET /apply?occupation=`
pub async fn show(layout: Layout, query: Query<ApplyQuery>, reception: Reception) -> PageResult {
    let form = ApplyForm { form_key: reception.mark(), occupation: query.0.occupation, ..ApplyForm::default() };
    let found = form.occupation(&reception.db).await?;
    reception.note_consent_text(&Purpose::of(Kind::Apply, &layout.firm)).await;
    page(StatusCode::OK, layout, form, FieldErrors::default(), found, None)
}

/// `POST /apply`
pub async fn submit(
    layout: Layout,
    form: Form<ApplyForm>,
    reception: Reception,
    elsewhere: FromElsewhere,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
        let (form, trouble) = (form.marked(&reception), Trouble::FromElsewhere);
        let shown = async |status| page(status, layout, form, FieldErrors::default(), Found::default(), Some(trouble));
        return trouble.answer(shown).await;
    }
    // Suggestions are a help: where they cannot be had, the form is taken without.
    let found = form.occupation(&reception.db).await.unwrap_or_default();
    if form.step == "occupation" {
        return page(StatusCode::OK, layout, form.marked(&reception), FieldErrors::default(), found, None);
    }
    let purpose = Purpose::of(Kind::Apply, &layout.firm);
    let mut errors = FieldErrors::of(&form, &FIELDS);
    reception.check_deliverable(&mut errors, &form.email);
    let consent = consent_to(&form, &purpose, &reception.db).await;
    if consent.is_none() || (!errors.is_empty() && matches!(consent, Some(Consent::Earlier(_)))) {
        errors.add("consent", "The sentence has changed since you opened the form. Please read it, and tick the box.");
    }
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, layout, form.marked(&reception), errors, found, None);
    }
    let noc = found.noc(&form.occupation_choice);
    let mark = Mark { form_key: form.form_key.clone(), trap: form.reply_code.clone(), noc, consent };
    match reception.receive(form.details(), mark, &layout).await {
        Ok(receipt) => Ok(receipt),
        Err(trouble) => {
            let shown = async |status| page(status, layout, form.marked(&reception), errors, found, Some(trouble));
            trouble.answer(shown).await
        }
    }
}

/// What the applicant agreed to: the text that stood there when the form was opened, be that days ago. A form that does
/// not say which means the present one. `None` where the text is none of ours.
async fn consent_to(form: &ApplyForm, purpose: &Purpose, db: &Database) -> Option<Consent> {
    let shown = form.consent_version.as_str();
    if shown.is_empty() || shown == purpose.version {
        return Some(Consent::Present(purpose.clone()));
    }
    match store::consent_text(db.read(), shown).await {
        Ok(Some(_)) => Some(Consent::Earlier(shown.to_owned())),
        _ => None,
    }
}

fn page(
    status: StatusCode,
    layout: Layout,
    form: ApplyForm,
    errors: FieldErrors,
    occupation: Found,
    trouble: Option<Trouble>,
) -> PageResult {
    let purpose = Purpose::of(Kind::Apply, &layout.firm);
    let mut form = form;
    // Whoever agreed to another sentence has not agreed to the one that stands there now.
    if !form.consent_version.is_empty() && form.consent_version != purpose.version {
        form.consent.clear();
    }
    let hints = Hints::of(&form.email, &form.phone, &form.whatsapp, &form.residence);
    let page = ApplyPage {
        layout,
        form,
        errors,
        hints,
        purpose,
        trouble,
        occupation,
        programs: PROGRAMS,
        education: EDUCATION,
    };
    private(html(status, &page))
}
