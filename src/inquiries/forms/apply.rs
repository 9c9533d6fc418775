//! Application form, with occupation suggestions.

use std::ops::RangeInclusive;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::db::Database;
use crate::http::{IsCrossOrigin, PageResult, SearchClient, html};
use crate::inquiries::choices::{Choices, EDUCATION, PROGRAMS};
use crate::inquiries::consent::{Consent, PrivacyNotice};
use crate::inquiries::forms::field_warnings::{FieldWarnings, require_email_or_phone};
use crate::inquiries::forms::submit::{FormContext, FormMeta, SubmitError, no_store};
use crate::inquiries::numeric_answer::NumericAnswer;
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

/// Result of looking up the entered occupation.
#[derive(Default)]
struct OccupationMatch {
    /// The occupation whose code was entered.
    exact: Option<Occupation>,
    suggestions: Vec<Occupation>,
    /// The visitor asked for suggestions, but there are none.
    nothing_found: bool,
    /// Set if the search limit is exceeded.
    retry_after_seconds: Option<i64>,
}

const MAX_SUGGESTIONS: usize = 6;

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct ApplyForm {
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
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The WhatsApp number must be 100 characters or fewer."))]
    whatsapp: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter the country you live in."),
        length(max = 100, message = "The country must be 100 characters or fewer.")
    )]
    residence: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The citizenship must be 100 characters or fewer."))]
    citizenship: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The age must be 200 characters or fewer."))]
    age: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Choose what you would like to apply for."),
        length(max = 100, message = "The program must be 100 characters or fewer.")
    )]
    program: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The occupation must be 200 characters or fewer."))]
    occupation: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "The education must be 100 characters or fewer."))]
    education: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The years of experience must be 200 characters or fewer."))]
    experience_years: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "The test and its results must be 200 characters or fewer."))]
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
        message = "Your message must be 10,000 characters or fewer. Shorten it, or call us."
    ))]
    message: String,
    #[validate(length(min = 1, message = "Tick the box to agree that we may store and use your details."))]
    consent: String,
    /// Version of the consent text that was shown.
    #[serde(deserialize_with = "one_line")]
    consent_version: String,
    /// NOC code of the selected suggestion.
    #[serde(deserialize_with = "one_line")]
    occupation_choice: String,
    /// `occupation` asks for suggestions, `begin` comes from the front page, whose form is the beginning of this one.
    /// Anything else submits the form.
    #[serde(deserialize_with = "one_line")]
    step: String,
    #[serde(deserialize_with = "one_line")]
    form_token: String,
    /// Honeypot: hidden from people, filled in by programs.
    #[serde(deserialize_with = "one_line")]
    reply_code: String,
}

/// Plausible ages of applicants, in years.
const AGES: RangeInclusive<i64> = 14..=110;
const EXPERIENCE_YEARS: RangeInclusive<i64> = 0..=70;
/// Highest score of the Comprehensive Ranking System.
const MAX_CRS: i64 = 1200;

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
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &FIELDS);
        require_email_or_phone(&mut errors, &self.email, &self.phone);
        for (field, typed, range, message) in [
            ("age", &self.age, AGES, "Enter your age in years as a number, such as 34, or leave it empty."),
            (
                "experience_years",
                &self.experience_years,
                EXPERIENCE_YEARS,
                "Enter your years of work experience as a number from 0 to 70, such as 3.5, or leave it empty.",
            ),
            ("crs", &self.crs, 0..=MAX_CRS, "Enter your CRS score as a number from 0 to 1200, or leave it empty."),
        ] {
            if errors.for_field(field).is_empty() && NumericAnswer::is_mistake(typed, range) {
                errors.add(field, message);
            }
        }
        errors
    }

    fn details(&self) -> Details {
        let age = NumericAnswer::parse(&self.age, AGES);
        let experience = NumericAnswer::parse(&self.experience_years, EXPERIENCE_YEARS);
        let crs = NumericAnswer::parse(&self.crs, 1..=MAX_CRS);
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

    /// Looks up the occupation. A NOC code is always looked up; other words only if the visitor asked for suggestions or
    /// chose one before.
    async fn match_occupation(&self, db: &Database, searcher: &SearchClient) -> sqlx::Result<OccupationMatch> {
        let asked = self.step == "occupation";
        let typed = ascii_digits(&self.occupation);
        let code = typed.trim_start_matches(|c: char| !c.is_ascii_digit());
        let exact = match code.parse::<NocCode>() {
            Ok(noc) => occupations::find(db.read(), noc.as_str()).await?,
            Err(_) => None,
        };
        if exact.is_some() || (!asked && self.occupation_choice.is_empty()) {
            return Ok(OccupationMatch { exact, ..OccupationMatch::default() });
        }
        if self.occupation.is_empty() {
            return Ok(OccupationMatch { nothing_found: asked, ..OccupationMatch::default() });
        }
        if let Err(seconds) = searcher.check_rate() {
            return Ok(OccupationMatch { retry_after_seconds: Some(seconds), ..OccupationMatch::default() });
        }
        let suggestions = occupations::suggestions(db.read(), &self.occupation, MAX_SUGGESTIONS).await?;
        let nothing_found = asked && suggestions.is_empty();
        Ok(OccupationMatch { nothing_found, suggestions, ..OccupationMatch::default() })
    }
}

impl OccupationMatch {
    /// NOC code of the occupation. Empty if it is not certain.
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
    #[serde(deserialize_with = "one_line")]
    program: String,
    #[serde(deserialize_with = "one_line")]
    age: String,
    #[serde(deserialize_with = "one_line")]
    education: String,
    #[serde(deserialize_with = "one_line")]
    experience_years: String,
    #[serde(deserialize_with = "one_line")]
    english_test: String,
    #[serde(deserialize_with = "one_line")]
    french_test: String,
    #[serde(deserialize_with = "one_line")]
    crs: String,
    #[serde(deserialize_with = "multi_line")]
    message: String,
}

/// `GET /apply?occupation=&crs=&message=…`: links of other pages fill in what the visitor entered there.
pub async fn show(layout: Layout, query: Query<ApplyQuery>, form_context: FormContext) -> PageResult {
    let ApplyQuery { occupation, program, age, education, experience_years, english_test, french_test, crs, message } =
        query.0;
    let form = ApplyForm {
        occupation,
        program,
        age,
        education,
        experience_years,
        english_test,
        french_test,
        crs,
        message,
        ..ApplyForm::default()
    };
    let occupation = form.match_occupation(&form_context.services.db, &form_context.searcher).await?;
    form_context.record_consent_text(&PrivacyNotice::of(InquiryKind::Apply, &layout.firm)).await;
    let has_answers = !form.crs.is_empty() || !form.age.is_empty() || !form.message.is_empty();
    let mut response = page(StatusCode::OK, layout, &form_context, form, FieldErrors::default(), occupation, None)?;
    if has_answers {
        // The address contains what the visitor entered.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// `POST /apply`
pub async fn submit(
    layout: Layout,
    form: Form<ApplyForm>,
    form_context: FormContext,
    cross_origin: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if cross_origin.0 {
        let (submit_error, occupation) = (SubmitError::CrossOrigin, OccupationMatch::default());
        let page = async |status| {
            page(status, layout, &form_context, form, FieldErrors::default(), occupation, Some(submit_error))
        };
        return submit_error.respond(page).await;
    }
    // Suggestions are optional: without them, the form is accepted anyway.
    let occupation = form.match_occupation(&form_context.services.db, &form_context.searcher).await.unwrap_or_default();
    if form.step == "begin" {
        form_context.record_consent_text(&PrivacyNotice::of(InquiryKind::Apply, &layout.firm)).await;
        return page(StatusCode::OK, layout, &form_context, form, FieldErrors::default(), occupation, None);
    }
    if form.step == "occupation" {
        return lookup_page(layout, &form_context, form, occupation);
    }
    let mut errors = form.errors();
    form_context.check_deliverable(&mut errors, &form.email);
    let consent =
        consent_to(&form, PrivacyNotice::of(InquiryKind::Apply, &layout.firm), &form_context.services.db).await;
    if consent.is_none() || (!errors.is_empty() && matches!(consent, Some(Consent::Earlier(_)))) {
        errors.add("consent", "The consent text has changed since you opened the form. Read it and tick the box.");
    }
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, layout, &form_context, form, errors, occupation, None);
    }
    let (mut noc, mut noc_matched) = (occupation.noc(&form.occupation_choice), false);
    // The match is optional: without it, the visitor or staff choose the occupation.
    if noc.is_empty()
        && !form.occupation.is_empty()
        && form_context.searcher.check_rate().is_ok()
        && let Ok(Some(certain)) = occupations::certain_match(form_context.services.db.read(), &form.occupation).await
    {
        (noc, noc_matched) = (certain, true);
    }
    let (form_token, honeypot) = (form.form_token.clone(), form.reply_code.clone());
    let meta = FormMeta { form_token, honeypot, noc, noc_matched, consent };
    match form_context.submit(form.details(), meta, &layout).await {
        Ok(receipt) => Ok(receipt),
        Err(submit_error) => {
            let page = async |status| page(status, layout, &form_context, form, errors, occupation, Some(submit_error));
            submit_error.respond(page).await
        }
    }
}

/// The form with suggestions for the occupation.
fn lookup_page(layout: Layout, form_context: &FormContext, form: ApplyForm, occupation: OccupationMatch) -> PageResult {
    let Some(seconds) = occupation.retry_after_seconds else {
        return page(StatusCode::OK, layout, form_context, form, FieldErrors::default(), occupation, None);
    };
    let mut errors = FieldErrors::in_order(&FIELDS);
    let wait = plural(seconds, "second", "seconds");
    errors.add(
        "occupation",
        format!(
            "Too many searches came from your network. Wait {wait}, or leave your own words: a person will read them."
        ),
    );
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, layout, form_context, form, errors, occupation, None)?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// The consent text that the applicant agreed to, or `None` if its version is unknown.
///
/// It is the text shown when they opened the form, even days ago. Without a version, it is the current text.
async fn consent_to(form: &ApplyForm, current: PrivacyNotice, db: &Database) -> Option<Consent> {
    let shown = form.consent_version.as_str();
    if shown.is_empty() || shown == current.version {
        return Some(Consent::Current(current));
    }
    match store::consent_text(db.read(), shown).await {
        Ok(Some(_)) => Some(Consent::Earlier(shown.to_owned())),
        _ => None,
    }
}

fn page(
    status: StatusCode,
    layout: Layout,
    form_context: &FormContext,
    mut form: ApplyForm,
    errors: FieldErrors,
    occupation: OccupationMatch,
    submit_error: Option<SubmitError>,
) -> PageResult {
    form.form_token = form_context.form_token_or_new(form.form_token);
    let privacy_notice = PrivacyNotice::of(InquiryKind::Apply, &layout.firm);
    // Consent to an earlier text is not consent to the current one.
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
