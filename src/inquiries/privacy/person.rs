//! All that is known of one e-mail address or telephone number: on a page, and to take away.

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
use crate::inquiries::privacy::store::{self, Found, FoundLetter};
use crate::inquiries::privacy::subject::Subject;
use crate::staff::{self, Desk};
use crate::web::{Firm, Instant, PageError, PageResult, Query, html, one_line, plural};

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

impl Known {
    /// Looks everything up.
    pub async fn of(subject: &Subject, firm: &Firm, db: &Database) -> sqlx::Result<Self> {
        let email = subject.email();
        let is_ours = !email.is_empty()
            && (firm.staff_inbox.iter().chain(&firm.email).any(|own| own.eq_ignore_ascii_case(email))
                || staff::find_by_email(db.read(), email).await?.is_some());
        let inquiries = store::inquiries_of(db.read(), subject).await?;
        let ids: Vec<i64> = inquiries.iter().map(|found| found.id).collect();
        let letters = store::letters_of(db.read(), if is_ours { "" } else { email }, &ids).await?;
        let refusal = store::refusal(db.read(), email).await?;
        Ok(Self { inquiries, letters, refusal, is_ours })
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.inquiries.is_empty() && self.letters.is_empty() && self.refusal.is_none()
    }

    /// `3 inquiries and 7 letters`
    pub fn counts(&self) -> String {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let inquiries = plural(count(self.inquiries.len()), "inquiry", "inquiries");
        format!("{inquiries} and {}", plural(count(self.letters.len()), "letter", "letters"))
    }
}

impl Found {
    /// What connects it with the address or the number.
    pub fn matches(&self) -> String {
        let matches: Vec<&str> = [
            (self.by_email, "e-mail address"),
            (self.by_phone, "telephone"),
            (self.by_whatsapp, "WhatsApp"),
            (self.by_correction, "corrected since"),
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
    let encoded = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    html(StatusCode::OK, &PersonPage { desk, q, encoded, problem, known })
}

/// `GET /admin/inquiries/people.json?q=`: everything, with every column, note and letter.
pub async fn take_away(
    desk: Desk,
    query: Query<PersonQuery>,
    db: Data<Database>,
    clock: Data<Clock>,
    shredder: Data<Shredder>,
) -> PageResult {
    let subject = Subject::person(&query.0.q).ok_or(PageError::NotFound)?;
    let now = clock.now();
    let known = Known::of(&subject, &desk.layout.firm, &db).await?;
    let mut inquiries = vec![];
    for found in &known.inquiries {
        inquiries.push(value(&store::inquiry_as_json(db.read(), found.id).await?)?);
    }
    let mut letters = vec![];
    for found in &known.letters {
        letters.push(value(&store::letter_as_json(db.read(), found.id).await?)?);
    }
    let everything = json!({
        "about": query.0.q,
        "made_at": now,
        "inquiries": inquiries,
        "letters": letters,
        "refused_address": known.refusal.map(|(since, reason)| json!({ "since": since, "reason": reason })),
    });
    let text = serde_json::to_string_pretty(&everything).context("what is known cannot be written as JSON")?;
    let mut tx = db.begin_write().await?;
    let hash = shredder.hash(&subject);
    staff::audit(&mut tx, now, &desk.member.name, "took away all that is known of a person", &hash).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"person.json\""))
        .content_type("application/json")
        .body(text))
}

fn value(text: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).context("the database made something that is not JSON")
}
