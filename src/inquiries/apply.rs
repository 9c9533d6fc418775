//! The application: what an adviser needs to know for a first answer.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::db::Database;
use crate::http::{IsCrossOrigin, PageResult, SearchClient, html};
use crate::inquiries::choices::{Choices, EDUCATION, PROGRAMS};
use crate::inquiries::consent::{Consent, PrivacyNotice};
use crate::inquiries::field_warnings::FieldWarnings;
use crate::inquiries::numeric_answer::NumericAnswer;
use crate::inquiries::submit::{FormContext, FormMeta, SubmitError, no_store};
use crate::inquiries::{Details, InquiryKind, store};
use crate::noc::{NocCode, Occupation};
use crate::occupations;
use crate::web::{
    EmailAddress, FieldErrors, Form, Layout, Query, ascii_digits, email_line, multi_line, not_blank, one_line, plural,
};

#[derive(Template)]
#[template(path = "inquiries/apply.html")]
struct ApplyPage {
    layout: Layout,
    form: ApplyForm,
    errors: FieldErrors,
    warnings: FieldWarnings,
    privacy_notice: PrivacyNotice,
    submit_error: Option<SubmitError>,
    occupation: OccupationMatch,
    programs: Choices,
    education: Choices,
}

/// What the directory says about the occupation that was typed.
#[derive(Default)]
struct OccupationMatch {
    /// The one whose code it is.
    exact: Option<Occupation>,
    /// Those that the words may mean.
    suggestions: Vec<Occupation>,
    /// The visitor asked, and nothing was found.
    nothing_found: bool,
    /// Too many searches came from the visitor's network: how many seconds to wait.
    retry_after_seconds: Option<i64>,
}

/// How many occupations are suggested.
const MAX_SUGGESTIONS: usize = 6;

/// The form as typed.
#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ApplyForm {
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
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the WhatsApp number under 100 letters."))]
    whatsapp: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter the country you live in."),
        length(max = 100, message = "Keep the country under 100 letters.")
    )]
    residence: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the citizenship under 100 letters."))]
    citizenship: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The age must be 200 characters or fewer."))]
    age: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Choose what you would like to apply for."),
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
    #[validate(length(max = 200, message = "The years of experience must be 200 characters or fewer."))]
    experience_years: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Keep the test and its results under 200 letters."))]
    english_test: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The test and its results must be 200 characters or fewer."))]
    french_test: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The CRS score must be 200 characters or fewer."))]
    crs: String,
    #[serde(deserialize_with = "multi_line")]
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
    form_token: String,
    /// People never see it; programs fill it in.
    #[serde(deserialize_with = "one_line")]
    reply_code: String,
}

const FIELDS: [&str; 16] = [
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
    "french_test",
    "crs",
    "message",
    "consent",
];

impl ApplyForm {
    /// The form to be shown again; one that came without a mark gets one.
    fn with_form_token(mut self, form_context: &FormContext) -> Self {
        self.form_token = form_context.form_token_or_new(self.form_token);
        self
    }

    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &FIELDS);
        if self.email.is_empty() && self.phone.is_empty() {
            errors.add("email", "Give us an e-mail address or a telephone number, so that we can answer.");
        }
        errors
    }

    fn details(&self) -> Details {
        let age = NumericAnswer::parse(&self.age, 14..=110);
        let experience = NumericAnswer::parse(&self.experience_years, 0..=70);
        let crs = NumericAnswer::parse(&self.crs, 1..=1200);
        Details {
            kind: InquiryKind::Apply,
            age: age.number,
            age_typed: age.typed,
            experience_years: experience.number,
            experience_typed: experience.typed,
            crs: crs.number,
            crs_typed: crs.typed,
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
            french_test: self.french_test.clone(),
            message: self.message.clone(),
        }
    }

    /// What the directory says about the occupation: at once where a code was typed, in suggestions where they were
    /// asked for or one of them was chosen before.
    async fn match_occupation(&self, db: &Database, searcher: &SearchClient) -> sqlx::Result<OccupationMatch> {
        let asked = self.step == "occupation";
        let typed = ascii_digits(&self.occupation);
        let code = typed.trim_start_matches(|c: char| !c.is_ascii_digit());
        let meant = match code.parse::<NocCode>() {
            Ok(noc) => occupations::find(db.read(), noc.as_str()).await?,
            Err(_) => None,
        };
        let has_chosen = !self.occupation_choice.is_empty();
        if meant.is_some() || (!asked && !has_chosen) {
            return Ok(OccupationMatch { exact: meant, ..OccupationMatch::default() });
        }
        if self.occupation.is_empty() {
            return Ok(OccupationMatch { nothing_found: asked, ..OccupationMatch::default() });
        }
        if let Err(seconds) = searcher.check_rate() {
            return Ok(OccupationMatch { retry_after_seconds: Some(seconds), ..OccupationMatch::default() });
        }
        let suggested = occupations::suggestions(db.read(), &self.occupation, MAX_SUGGESTIONS).await?;
        Ok(OccupationMatch {
            nothing_found: asked && suggested.is_empty(),
            suggestions: suggested,
            ..OccupationMatch::default()
        })
    }
}

impl OccupationMatch {
    /// The unit group that the applicant means, where that is sure.
    fn noc(&self, chosen: &str) -> String {
        let chosen = || self.suggestions.iter().find(|occupation| occupation.noc == chosen);
        self.exact.as_ref().or_else(chosen).map_or_else(String::new, |occupation| occupation.noc.clone())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyQuery {
    #[serde(deserialize_with = "one_line")]
    occupation: String,
}

/// `GET /apply?occupation=`
pub async fn show(layout: Layout, query: Query<ApplyQuery>, form_context: FormContext) -> PageResult {
    let form = ApplyForm {
        form_token: form_context.issue_form_token(),
        occupation: query.0.occupation,
        ..ApplyForm::default()
    };
    let found = form.match_occupation(&form_context.services.db, &form_context.searcher).await?;
    form_context.record_consent_text(&PrivacyNotice::of(InquiryKind::Apply, &layout.firm)).await;
    page(StatusCode::OK, layout, form, FieldErrors::default(), found, None)
}

/// `POST /apply`
pub async fn submit(
    layout: Layout,
    form: Form<ApplyForm>,
    form_context: FormContext,
    elsewhere: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
        let (form, submit_error) = (form.with_form_token(&form_context), SubmitError::CrossOrigin);
        let shown = async |status| {
            page(status, layout, form, FieldErrors::default(), OccupationMatch::default(), Some(submit_error))
        };
        return submit_error.respond(shown).await;
    }
    // Suggestions are a help: where they cannot be had, the form is taken without.
    let found = form.match_occupation(&form_context.services.db, &form_context.searcher).await.unwrap_or_default();
    if form.step == "occupation" {
        let Some(seconds) = found.retry_after_seconds else {
            return page(
                StatusCode::OK,
                layout,
                form.with_form_token(&form_context),
                FieldErrors::default(),
                found,
                None,
            );
        };
        let mut errors = FieldErrors::in_order(&FIELDS);
        let wait = plural(seconds, "second", "seconds");
        errors.add("occupation", format!("Too many searches came from your network. Wait {wait}, or leave it in your own words: a person reads it."));
        let form = form.with_form_token(&form_context);
        let mut answer = page(StatusCode::TOO_MANY_REQUESTS, layout, form, errors, found, None)?;
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(answer);
    }
    let privacy_notice = PrivacyNotice::of(InquiryKind::Apply, &layout.firm);
    let mut errors = form.errors();
    form_context.check_deliverable(&mut errors, &form.email);
    let consent = consent_to(&form, &privacy_notice, &form_context.services.db).await;
    if consent.is_none() || (!errors.is_empty() && matches!(consent, Some(Consent::Earlier(_)))) {
        errors.add("consent", "The sentence has changed since you opened the form. Please read it, and tick the box.");
    }
    if !errors.is_empty() {
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            layout,
            form.with_form_token(&form_context),
            errors,
            found,
            None,
        );
    }
    let noc = found.noc(&form.occupation_choice);
    let mark = FormMeta { form_token: form.form_token.clone(), honeypot: form.reply_code.clone(), noc, consent };
    match form_context.submit(form.details(), mark, &layout).await {
        Ok(receipt) => Ok(receipt),
        Err(submit_error) => {
            let shown = async |status| {
                page(status, layout, form.with_form_token(&form_context), errors, found, Some(submit_error))
            };
            submit_error.respond(shown).await
        }
    }
}

/// What the applicant agreed to: the text that stood there when the form was opened, be that days ago. A form that does
/// not say which means the present one. `None` where the text is none of ours.
async fn consent_to(form: &ApplyForm, privacy_notice: &PrivacyNotice, db: &Database) -> Option<Consent> {
    let shown = form.consent_version.as_str();
    if shown.is_empty() || shown == privacy_notice.version {
        return Some(Consent::Current(privacy_notice.clone()));
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
    occupation: OccupationMatch,
    submit_error: Option<SubmitError>,
) -> PageResult {
    let privacy_notice = PrivacyNotice::of(InquiryKind::Apply, &layout.firm);
    let mut form = form;
    // Whoever agreed to another sentence has not agreed to the one that stands there now.
    if !form.consent_version.is_empty() && form.consent_version != privacy_notice.version {
        form.consent.clear();
    }
    let warnings = FieldWarnings::of(&form.email, &form.phone, &form.whatsapp, &form.residence);
    let page = ApplyPage {
        layout,
        form,
        errors,
        warnings,
        privacy_notice,
        submit_error,
        occupation,
        programs: PROGRAMS,
        education: EDUCATION,
    };
    no_store(html(status, &page))
}
