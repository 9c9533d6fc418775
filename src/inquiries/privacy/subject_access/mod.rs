//! Personal data requests: search by e-mail address or phone number, and export as JSON.

mod store;

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use anyhow::Context;
use askama::Template;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::choices::{EDUCATION, PROGRAMS};
use crate::inquiries::privacy::subject::Subject;
use crate::mail;
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayTime, FieldErrors, Firm, Form, Query, one_line, plural, single_line};

use store::{PersonEmail, PersonInquiry};

/// Data found for an address or number.
pub struct PersonRecords {
    /// Matching inquiries, and those merged with them.
    pub inquiries: Vec<PersonInquiry>,
    /// E-mails to the address, and e-mails about these inquiries.
    pub emails: Vec<PersonEmail>,
    /// Time and reason of the permanent bounce, if any.
    pub bounce: Option<(String, String)>,
    /// Whether the address belongs to the company or its staff. Such e-mails are about other people.
    pub is_own_address: bool,
}

/// Inquiries selected as belonging to the person. Several people may share a phone.
pub struct Selection {
    /// `None` when the page is first shown: all certain matches are selected.
    ids: Option<BTreeSet<i64>>,
}

impl Selection {
    pub fn initial() -> Self {
        Self { ids: None }
    }

    /// Parses checkboxes named `inquiry-{id}`.
    pub fn parse(fields: &HashMap<String, String>) -> Self {
        let selected = fields.keys().filter_map(|name| name.strip_prefix("inquiry-")?.parse().ok()).collect();
        Self { ids: Some(selected) }
    }

    pub fn contains(&self, found: &PersonInquiry) -> bool {
        self.ids.as_ref().map_or(!found.is_uncertain_match(), |selected| selected.contains(&found.id))
    }
}

impl PersonRecords {
    pub async fn load(subject: &Subject, firm: &Firm, db: &Database) -> sqlx::Result<Self> {
        let email = subject.email();
        let is_own_address = !email.is_empty()
            && (firm.staff_inbox.iter().chain(&firm.email).any(|own| own.eq_ignore_ascii_case(email))
                || staff::find_by_email(db.read(), email).await?.is_some());
        let mut inquiries = store::find_inquiries(db.read(), subject).await?;
        resolve_ambiguous_numbers(&mut inquiries, subject);
        let ids: Vec<i64> = inquiries.iter().map(|found| found.id).collect();
        let emails = store::emails_of(db.read(), if is_own_address { "" } else { email }, &ids).await?;
        let bounce = store::find_bounce(db.read(), email).await?;
        Ok(Self { inquiries, emails, bounce, is_own_address })
    }

    pub fn is_empty(&self) -> bool {
        self.inquiries.is_empty() && self.emails.is_empty() && self.bounce.is_none()
    }

    /// IDs of the selected inquiries, and of the others.
    pub fn partition(&self, selection: &Selection) -> (Vec<i64>, Vec<i64>) {
        let (selected, excluded): (Vec<&PersonInquiry>, Vec<&PersonInquiry>) =
            self.inquiries.iter().partition(|found| selection.contains(found));
        let ids = |some: Vec<&PersonInquiry>| some.into_iter().map(|found| found.id).collect();
        (ids(selected), ids(excluded))
    }

    /// E-mails that are not about `excluded` inquiries.
    fn emails_excluding<'a>(&'a self, excluded: &'a [i64]) -> impl Iterator<Item = &'a PersonEmail> {
        self.emails.iter().filter(|email| email.inquiry_id.is_none_or(|id| !excluded.contains(&id)))
    }

    /// Whether inquiries were found, but neither an inquiry nor an e-mail is selected.
    pub fn selects_nothing(&self, selection: &Selection) -> bool {
        let (selected, excluded) = self.partition(selection);
        selected.is_empty() && !excluded.is_empty() && self.emails_excluding(&excluded).next().is_none()
    }

    /// `3 inquiries and 7 e-mails`
    pub fn summary(&self) -> String {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let inquiries = plural(count(self.inquiries.len()), "inquiry", "inquiries");
        format!("{inquiries} and {}", plural(count(self.emails.len()), "e-mail", "e-mails"))
    }
}

/// Narrows matches of a number without a country code. If it matches numbers in several countries, only those with the
/// same reading as the search count as certain.
fn resolve_ambiguous_numbers(inquiries: &mut [PersonInquiry], subject: &Subject) {
    for found in inquiries.iter_mut() {
        found.by_phone |= found.by_reading && subject.has_digits_of(&found.phone_e164);
        found.by_whatsapp |= found.by_reading && subject.has_digits_of(&found.whatsapp_e164);
    }
    let readings: BTreeSet<&str> =
        inquiries.iter().filter(|found| found.by_phone).map(|found| found.phone_e164.as_str()).collect();
    if readings.len() > 1 {
        for found in inquiries {
            found.by_phone &= found.phone_e164 == subject.e164();
        }
    }
}

impl PersonInquiry {
    /// Whether it matches only under another reading of a number without a country code.
    pub fn is_uncertain_match(&self) -> bool {
        self.by_reading && !(self.by_email || self.by_phone || self.by_whatsapp || self.by_correction)
    }

    pub fn match_reason(&self) -> String {
        let matches: Vec<&str> = [
            (self.by_email, "e-mail address"),
            (self.by_phone, "phone"),
            (self.by_whatsapp, "WhatsApp"),
            (self.by_correction, "previous contact details, or a reply"),
            (self.is_uncertain_match(), "possible match: second number, or number without a country code"),
        ]
        .into_iter()
        .filter_map(|(matches, label)| matches.then_some(label))
        .collect();
        if matches.is_empty() { "merged with one of these".into() } else { matches.join(", ") }
    }

    pub fn status_label(&self) -> String {
        let more = [(self.is_merged, "merged"), (self.is_trashed, "in trash"), (self.on_hold, "on hold")];
        let more: String = more.iter().filter(|(applies, _)| *applies).map(|(_, label)| format!(", {label}")).collect();
        format!("{}{more}", self.state.label())
    }

    pub fn received(&self) -> DisplayTime {
        DisplayTime::in_office(self.received_at)
    }
}

impl PersonEmail {
    pub fn queued(&self) -> DisplayTime {
        DisplayTime::in_office(self.queued_at)
    }

    pub fn state_label(&self) -> &'static str {
        mail::state_label(self.state, self.attempts, self.transport, self.is_dismissed)
    }
}

#[derive(Template)]
#[template(path = "inquiries/admin_subject_access.html")]
struct PersonPage {
    ctx: StaffContext,
    q: String,
    /// `q`, percent-encoded.
    encoded: String,
    problem: &'static str,
    records: Option<PersonRecords>,
    selection: Selection,
    errors: FieldErrors,
}

impl PersonPage {
    fn new(ctx: StaffContext, q: String) -> Self {
        let encoded = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let (selection, errors) = (Selection::initial(), FieldErrors::default());
        Self { ctx, q, encoded, problem: "", records: None, selection, errors }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PersonQuery {
    /// E-mail address or phone number.
    #[serde(deserialize_with = "one_line")]
    pub q: String,
}

/// `GET /admin/inquiries/people?q=`
pub async fn show(ctx: StaffContext, query: Query<PersonQuery>, services: Data<Services>) -> PageResult {
    let q = query.0.q;
    let (records, problem) = match Subject::parse_person(&q) {
        Some(subject) => (Some(PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?), ""),
        None if q.is_empty() => (None, ""),
        None => (None, "This is a reference number. Enter the e-mail address or phone number of the person."),
    };
    html(StatusCode::OK, &PersonPage { problem, records, ..PersonPage::new(ctx, q) })
}

/// `POST /admin/inquiries/people/export`: JSON with every column, note and e-mail of the selected inquiries.
pub async fn download(ctx: StaffContext, form: Form<HashMap<String, String>>, services: Data<Services>) -> PageResult {
    let fields = form.0;
    let q = fields.get("q").map_or_else(String::new, |typed| single_line(typed));
    let subject = Subject::parse_person(&q).ok_or(PageError::NotFound)?;
    let now = services.clock.now();
    let records = PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?;
    if records.is_empty() {
        return Err(PageError::NotFound);
    }
    let selection = Selection::parse(&fields);
    if records.selects_nothing(&selection) {
        let mut errors = FieldErrors::in_order(&["inquiries"]);
        errors.add("inquiries", "Select the inquiries that belong to this person.");
        let page = PersonPage { records: Some(records), selection, errors, ..PersonPage::new(ctx, q) };
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (selected, excluded) = records.partition(&selection);
    // Inquiries erased in the meantime are left out.
    let mut inquiries = vec![];
    for id in selected {
        inquiries.extend(store::inquiry_as_json(services.db.read(), id).await?.map(with_labels));
    }
    let mut emails = vec![];
    for found in records.emails_excluding(&excluded) {
        emails.extend(store::email_as_json(services.db.read(), found.id).await?);
    }
    let document = json!({
        "about": q,
        "made_at": now,
        "inquiries": inquiries,
        "emails": emails,
        "refused_address": records.bounce.map(|(since, reason)| json!({ "since": since, "reason": reason })),
    });
    let text = serde_json::to_string_pretty(&document).context("cannot serialize personal data as JSON")?;
    ctx.audit_if_possible(&services.db, now, "exported all data of a person", &services.eraser.hash(&subject)).await;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"person.json\""))
        .content_type("application/json")
        .body(text))
}

/// Replaces the values of options by their labels.
fn with_labels(mut inquiry: Map<String, Value>) -> Map<String, Value> {
    for (field, choices) in [("program", PROGRAMS), ("education", EDUCATION)] {
        if let Some(Value::String(answer)) = inquiry.get_mut(field) {
            *answer = choices.label(answer).to_owned();
        }
    }
    inquiry
}
