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

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::Shredder;
use crate::inquiries::choices::{EDUCATION, PROGRAMS};
use crate::inquiries::privacy::subject::Subject;
use crate::mail;
use crate::staff::{self, Desk};
use crate::web::{FieldErrors, Firm, Form, Instant, PageError, PageResult, Query, html, one_line, plural, single_line};

use store::{Found, FoundLetter};

/// All that is known of an address or a number, as far as a page shows it.
pub struct Known {
    /// Inquiries that give it, or are answered together with one that does.
    pub inquiries: Vec<Found>,
    /// Letters to it, and letters about these inquiries.
    pub letters: Vec<FoundLetter>,
    /// Since when its mail server refuses letters, and the server's words.
    pub refusal: Option<(String, String)>,
    /// Whether it is the firm's own, or of one of its staff: then letters to it are about other people.
    pub is_ours: bool,
}

/// Which of the inquiries that were found are the person's: several people may share a telephone.
pub struct Ticks {
    /// `None` where the page is shown for the first time: then all are ticked that are certain.
    ticked: Option<BTreeSet<i64>>,
}

impl Ticks {
    /// As the page is shown first.
    pub fn all() -> Self {
        Self { ticked: None }
    }

    /// As the form came back. Its boxes are named after the inquiries.
    pub fn read(fields: &HashMap<String, String>) -> Self {
        let ticked = fields.keys().filter_map(|name| name.strip_prefix("inquiry-")?.parse().ok()).collect();
        Self { ticked: Some(ticked) }
    }

    /// Whether this inquiry is ticked.
    pub fn has(&self, found: &Found) -> bool {
        self.ticked.as_ref().map_or(!found.is_possible(), |ticked| ticked.contains(&found.id))
    }
}

impl Known {
    /// Looks everything up.
    pub async fn of(subject: &Subject, firm: &Firm, db: &Database) -> sqlx::Result<Self> {
        let email = subject.email();
        let is_ours = !email.is_empty()
            && (firm.staff_inbox.iter().chain(&firm.email).any(|own| own.eq_ignore_ascii_case(email))
                || staff::find_by_email(db.read(), email).await?.is_some());
        let mut inquiries = store::inquiries_of(db.read(), subject).await?;
        tell_apart(&mut inquiries, subject);
        let ids: Vec<i64> = inquiries.iter().map(|found| found.id).collect();
        let letters = store::letters_of(db.read(), if is_ours { "" } else { email }, &ids).await?;
        let refusal = store::refusal(db.read(), email).await?;
        Ok(Self { inquiries, letters, refusal, is_ours })
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.inquiries.is_empty() && self.letters.is_empty() && self.refusal.is_none()
    }

    /// The inquiries that are ticked, and those that are not.
    pub fn parted(&self, ticks: &Ticks) -> (Vec<i64>, Vec<i64>) {
        let (ticked, spared): (Vec<&Found>, Vec<&Found>) = self.inquiries.iter().partition(|found| ticks.has(found));
        let ids = |some: Vec<&Found>| some.into_iter().map(|found| found.id).collect();
        (ids(ticked), ids(spared))
    }

    /// The letters to the person, and about what is ticked: all but those about what is not.
    fn letters_beside<'a>(&'a self, spared: &'a [i64]) -> impl Iterator<Item = &'a FoundLetter> {
        self.letters.iter().filter(|letter| letter.inquiry_id.is_none_or(|id| !spared.contains(&id)))
    }

    /// Whether there are inquiries, and the ticks leave none of them and no letter.
    pub fn leaves_nothing(&self, ticks: &Ticks) -> bool {
        let (ticked, spared) = self.parted(ticks);
        ticked.is_empty() && !spared.is_empty() && self.letters_beside(&spared).next().is_none()
    }

    /// `3 inquiries and 7 letters`
    pub fn counts(&self) -> String {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let inquiries = plural(count(self.inquiries.len()), "inquiry", "inquiries");
        format!("{inquiries} and {}", plural(count(self.letters.len()), "letter", "letters"))
    }
}

/// The same digits typed without a country code can be the numbers of several people in several countries. Then only
/// those count as this number that are read as it is.
fn tell_apart(inquiries: &mut [Found], subject: &Subject) {
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

impl Found {
    /// Whether it is found only if a number without a country code is read for another country than it was: it may be
    /// another person's.
    pub fn is_possible(&self) -> bool {
        self.by_reading && !(self.by_email || self.by_phone || self.by_whatsapp || self.by_correction)
    }

    /// What connects it with the address or the number.
    pub fn matches(&self) -> String {
        let matches: Vec<&str> = [
            (self.by_email, "e-mail address"),
            (self.by_phone, "telephone"),
            (self.by_whatsapp, "WhatsApp"),
            (self.by_correction, "corrected since"),
            (self.is_possible(), "possibly: one of its numbers can be read so, or is a second number"),
        ]
        .into_iter()
        .filter_map(|(is_so, words)| is_so.then_some(words))
        .collect();
        if matches.is_empty() { "answered together with one of these".into() } else { matches.join(", ") }
    }

    /// Its state, and what else staff must know of it.
    pub fn standing(&self) -> String {
        let more = [(self.is_merged, "answered in another"), (self.is_binned, "in the bin"), (self.held, "on hold")];
        let more: String = more.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| format!(", {words}")).collect();
        format!("{}{more}", self.state.as_str())
    }

    /// When it was kept, in the office's time.
    pub fn received(&self) -> Instant {
        Instant::in_office(self.received_at)
    }
}

impl FoundLetter {
    /// When it was queued, in the office's time.
    pub fn queued(&self) -> Instant {
        Instant::in_office(self.queued_at)
    }

    /// Its state in a word, as on every other page.
    pub fn state_word(&self) -> &'static str {
        mail::state_word(self.state, self.attempts, self.sent_by, self.is_dismissed)
    }
}

#[derive(Template)]
#[template(path = "inquiries/admin_person.html")]
struct PersonPage {
    desk: Desk,
    q: String,
    /// The same as a part of an address.
    encoded: String,
    problem: &'static str,
    known: Option<Known>,
    ticks: Ticks,
    errors: FieldErrors,
}

impl PersonPage {
    fn new(desk: Desk, q: String) -> Self {
        let encoded = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let (ticks, errors) = (Ticks::all(), FieldErrors::default());
        Self { desk, q, encoded, problem: "", known: None, ticks, errors }
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
pub async fn show(desk: Desk, query: Query<PersonQuery>, db: Data<Database>) -> PageResult {
    let q = query.0.q;
    let (known, problem) = match Subject::person(&q) {
        Some(subject) => (Some(Known::of(&subject, &desk.layout.firm, &db).await?), ""),
        None if q.is_empty() => (None, ""),
        None => (None, "This is a reference. Enter the e-mail address or the telephone number that the inquiry gives."),
    };
    html(StatusCode::OK, &PersonPage { problem, known, ..PersonPage::new(desk, q) })
}

/// `POST /admin/inquiries/people/copy`: a file with everything, with every column, note and letter, of what is ticked.
pub async fn take_away(
    desk: Desk,
    form: Form<HashMap<String, String>>,
    db: Data<Database>,
    clock: Data<Clock>,
    shredder: Data<Shredder>,
) -> PageResult {
    let fields = form.0;
    let q = fields.get("q").map_or_else(String::new, |typed| single_line(typed));
    let subject = Subject::person(&q).ok_or(PageError::NotFound)?;
    let now = clock.now();
    let known = Known::of(&subject, &desk.layout.firm, &db).await?;
    if known.is_empty() {
        return Err(PageError::NotFound);
    }
    let ticks = Ticks::read(&fields);
    if known.leaves_nothing(&ticks) {
        let mut errors = FieldErrors::in_order(&["inquiries"]);
        errors.add("inquiries", "Tick what belongs to this person.");
        let page = PersonPage { known: Some(known), ticks, errors, ..PersonPage::new(desk, q) };
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (ticked, spared) = known.parted(&ticks);
    // What was erased since it was found is not there any more.
    let mut inquiries = vec![];
    for id in ticked {
        inquiries.extend(store::inquiry_as_json(db.read(), id).await?.as_deref().map(inquiry).transpose()?);
    }
    let mut letters = vec![];
    for found in known.letters_beside(&spared) {
        letters.extend(store::letter_as_json(db.read(), found.id).await?.as_deref().map(value).transpose()?);
    }
    let everything = json!({
        "about": q,
        "made_at": now,
        "inquiries": inquiries,
        "letters": letters,
        "refused_address": known.refusal.map(|(since, reason)| json!({ "since": since, "reason": reason })),
    });
    let text = serde_json::to_string_pretty(&everything).context("what is known cannot be written as JSON")?;
    desk.note_if_possible(&db, now, "exported all data of a person", &shredder.hash(&subject)).await;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"person.json\""))
        .content_type("application/json")
        .body(text))
}

/// An inquiry with the labels of its options in place of their values.
fn inquiry(text: &str) -> anyhow::Result<Value> {
    let mut inquiry = value(text)?;
    for (field, choices) in [("program", PROGRAMS), ("education", EDUCATION)] {
        let shown = inquiry[field].as_str().map(|answer| choices.label(answer).to_owned());
        inquiry[field] = json!(shown);
    }
    Ok(inquiry)
}

fn value(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).context("the database made something that is not JSON")
}
