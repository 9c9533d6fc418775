//! All that is known of one e-mail address or telephone number: on a page, and to take away.

mod store;

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use anyhow::Context;
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::forms::choices::{EDUCATION, PROGRAMS};
use crate::inquiries::privacy::subject::Subject;
use crate::mail;
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayTime, FieldErrors, Firm, Form, Query, one_line, plural, single_line};

use store::{PersonEmail, PersonInquiry};

/// All that is known of an address or a number, as far as a page shows it.
pub struct PersonRecords {
    /// Inquiries that give it, or are answered together with one that does.
    pub inquiries: Vec<PersonInquiry>,
    /// Letters to it, and letters about these inquiries.
    pub emails: Vec<PersonEmail>,
    /// Since when its mail server refuses letters, and the server's words.
    pub bounce: Option<(String, String)>,
    /// Whether it is the firm's own, or of one of its staff: then letters to it are about other people.
    pub is_own_address: bool,
}

/// Which of the inquiries that were found are the person's: several people may share a telephone.
pub struct Selection {
    /// `None` where the page is shown for the first time: then all are ticked that are certain.
    ids: Option<BTreeSet<i64>>,
}

impl Selection {
    /// As the page is shown first.
    pub fn initial() -> Self {
        Self { ids: None }
    }

    /// As the form came back. Its boxes are named after the inquiries.
    pub fn parse(fields: &HashMap<String, String>) -> Self {
        let ticked = fields.keys().filter_map(|name| name.strip_prefix("inquiry-")?.parse().ok()).collect();
        Self { ids: Some(ticked) }
    }

    /// Whether this inquiry is ticked.
    pub fn contains(&self, found: &PersonInquiry) -> bool {
        self.ids.as_ref().map_or(!found.is_uncertain_match(), |ticked| ticked.contains(&found.id))
    }
}

impl PersonRecords {
    /// Looks everything up.
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

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.inquiries.is_empty() && self.emails.is_empty() && self.bounce.is_none()
    }

    /// The inquiries that are ticked, and those that are not.
    pub fn partition(&self, selection: &Selection) -> (Vec<i64>, Vec<i64>) {
        let (ticked, excluded): (Vec<&PersonInquiry>, Vec<&PersonInquiry>) =
            self.inquiries.iter().partition(|found| selection.contains(found));
        let ids = |some: Vec<&PersonInquiry>| some.into_iter().map(|found| found.id).collect();
        (ids(ticked), ids(excluded))
    }

    /// The letters to the person, and about what is ticked: all but those about what is not.
    fn emails_excluding<'a>(&'a self, excluded: &'a [i64]) -> impl Iterator<Item = &'a PersonEmail> {
        self.emails.iter().filter(|email| email.inquiry_id.is_none_or(|id| !excluded.contains(&id)))
    }

    /// Whether there are inquiries, and the selection leave none of them and no letter.
    pub fn selects_nothing(&self, selection: &Selection) -> bool {
        let (ticked, excluded) = self.partition(selection);
        ticked.is_empty() && !excluded.is_empty() && self.emails_excluding(&excluded).next().is_none()
    }

    /// `3 inquiries and 7 letters`
    pub fn summary(&self) -> String {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let inquiries = plural(count(self.inquiries.len()), "inquiry", "inquiries");
        format!("{inquiries} and {}", plural(count(self.emails.len()), "letter", "letters"))
    }
}

/// The same digits typed without a country code can be the numbers of several people in several countries. Then only
/// those count as this number that are read as it is.
fn resolve_ambiguous_numbers(inquiries: &mut [PersonInquiry], subject: &Subject) {
    for found in inquiries.iter_mut() {
        found.by_phone |= found.by_reading && subject.has_digits_of(&found.phone_e164);
        found.by_whatsapp |= found.by_reading && subject.has_digits_of(&found.whatsapp_e164);
    }
    let read: BTreeSet<&str> =
        inquiries.iter().filter(|found| found.by_phone).map(|found| found.phone_e164.as_str()).collect();
    if read.len() > 1 {
        for found in inquiries {
            found.by_phone &= found.phone_e164 == subject.e164();
        }
    }
}

impl PersonInquiry {
    /// Whether it is found only if a number without a country code is read for another country than it was: it may be
    /// another person's.
    pub fn is_uncertain_match(&self) -> bool {
        self.by_reading && !(self.by_email || self.by_phone || self.by_whatsapp || self.by_correction)
    }

    /// What connects it with the address or the number.
    pub fn match_reason(&self) -> String {
        let matches: Vec<&str> = [
            (self.by_email, "e-mail address"),
            (self.by_phone, "telephone"),
            (self.by_whatsapp, "WhatsApp"),
            (self.by_correction, "corrected since"),
            (self.is_uncertain_match(), "possibly: one of its numbers can be read so, or is a second number"),
        ]
        .into_iter()
        .filter_map(|(is_so, words)| is_so.then_some(words))
        .collect();
        if matches.is_empty() { "answered together with one of these".into() } else { matches.join(", ") }
    }

    /// Its state, and what else staff must know of it.
    pub fn status_label(&self) -> String {
        let more =
            [(self.is_merged, "answered in another"), (self.is_trashed, "in the bin"), (self.on_hold, "on hold")];
        let more: String = more.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| format!(", {words}")).collect();
        format!("{}{more}", self.state.as_str())
    }

    /// When it was kept, in the office's time.
    pub fn received(&self) -> DisplayTime {
        DisplayTime::in_office(self.received_at)
    }
}

impl PersonEmail {
    /// When it was queued, in the office's time.
    pub fn queued(&self) -> DisplayTime {
        DisplayTime::in_office(self.queued_at)
    }

    /// Its state in a word, as on every other page.
    pub fn state_label(&self) -> &'static str {
        mail::state_label(self.state, self.attempts, self.transport, self.is_dismissed)
    }
}

#[derive(Template)]
#[template(path = "inquiries/admin_subject_access.html")]
struct PersonPage {
    ctx: StaffContext,
    q: String,
    /// The same as a part of an address.
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
    /// An e-mail address or a telephone number.
    #[serde(deserialize_with = "one_line")]
    pub q: String,
}

/// `GET /admin/inquiries/people?q=`
pub async fn show(ctx: StaffContext, query: Query<PersonQuery>, services: Data<Services>) -> PageResult {
    let q = query.0.q;
    let (records, problem) = match Subject::parse_person(&q) {
        Some(subject) => (Some(PersonRecords::load(&subject, &ctx.layout.firm, &services.db).await?), ""),
        None if q.is_empty() => (None, ""),
        None => (None, "This is a reference. Enter the e-mail address or the telephone number that the inquiry gives."),
    };
    html(StatusCode::OK, &PersonPage { problem, records, ..PersonPage::new(ctx, q) })
}

/// `POST /admin/inquiries/people/export`: a file with everything, with every column, note and letter, of what is ticked.
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
        errors.add("inquiries", "Tick what belongs to this person.");
        let page = PersonPage { records: Some(records), selection, errors, ..PersonPage::new(ctx, q) };
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (ticked, excluded) = records.partition(&selection);
    // What was erased since it was found is not there any more.
    let mut inquiries = vec![];
    for id in ticked {
        inquiries
            .extend(store::inquiry_as_json(services.db.read(), id).await?.as_deref().map(with_labels).transpose()?);
    }
    let mut emails = vec![];
    for found in records.emails_excluding(&excluded) {
        emails
            .extend(store::email_as_json(services.db.read(), found.id).await?.as_deref().map(parse_json).transpose()?);
    }
    let everything = json!({
        "about": q,
        "made_at": now,
        "inquiries": inquiries,
        "emails": emails,
        "refused_address": records.bounce.map(|(since, reason)| json!({ "since": since, "reason": reason })),
    });
    let text = serde_json::to_string_pretty(&everything).context("what is known cannot be written as JSON")?;
    ctx.audit_if_possible(&services.db, now, "exported all data of a person", &services.eraser.hash(&subject)).await;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"person.json\""))
        .content_type("application/json")
        .body(text))
}

/// An inquiry with the labels of its options in place of their values.
fn with_labels(text: &str) -> anyhow::Result<Value> {
    let mut inquiry = parse_json(text)?;
    for (field, choices) in [("program", PROGRAMS), ("education", EDUCATION)] {
        let shown = inquiry[field].as_str().map(|answer| choices.label(answer).to_owned());
        inquiry[field] = json!(shown);
    }
    Ok(inquiry)
}

fn parse_json(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).context("the database made something that is not JSON")
}
