//! An inquiry: the details a visitor sent, its reference and its state.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::sha256_hex;
use crate::inquiries::choices::{EDUCATION, PROGRAMS};
use crate::inquiries::numeric_answer::NumericAnswer;
use crate::web::{DisplayTime, office_time_zone, relative_age};

/// An inquiry should be answered within this time.
pub const REPLY_SLA: SignedDuration = SignedDuration::from_hours(24);

/// The form that an inquiry came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum InquiryKind {
    #[default]
    Contact,
    Apply,
}

impl InquiryKind {
    /// The value stored in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Apply => "apply",
        }
    }

    /// Label in the admin area and in e-mails.
    pub fn label(self) -> &'static str {
        match self {
            Self::Contact => "Message",
            Self::Apply => "Application",
        }
    }

    /// Noun within a sentence on the receipt.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Contact => "message",
            Self::Apply => "application",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum InquiryState {
    New,
    /// Claimed by a member of staff; shown as "In progress".
    Reading,
    Answered,
    Closed,
    /// By the visitor.
    Withdrawn,
    /// Suspected spam. Staff can see and release it.
    Quarantined,
}

impl InquiryState {
    /// Every state, in the usual order.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Reading, Self::Answered, Self::Closed, Self::Withdrawn, Self::Quarantined];

    pub const SETTABLE_BY_STAFF: [Self; 4] = [Self::New, Self::Reading, Self::Answered, Self::Closed];

    /// The value in the database and in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reading => "reading",
            Self::Answered => "answered",
            Self::Closed => "closed",
            Self::Withdrawn => "withdrawn",
            Self::Quarantined => "quarantined",
        }
    }

    /// Name shown to staff.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Reading => "In progress",
            Self::Answered => "Answered",
            Self::Closed => "Closed",
            Self::Withdrawn => "Withdrawn",
            Self::Quarantined => "Quarantined",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Status on the receipt.
    pub fn for_visitor(self) -> &'static str {
        match self {
            // Do not tell spammers that they were recognised.
            Self::New | Self::Quarantined => "Received. A member of staff will read it.",
            Self::Reading => "In progress. A member of staff is working on it.",
            Self::Withdrawn => "Withdrawn. We have stopped working on it.",
            Self::Answered => "Answered. Please check your e-mail and your phone.",
            Self::Closed => "Closed. No action is needed.",
        }
    }
}

/// What the visitor sent. Invisible characters and excess whitespace are removed.
#[derive(Clone, Debug, Default, Serialize, sqlx::FromRow)]
pub struct Details {
    pub kind: InquiryKind,
    pub name: String,
    /// Empty if only a phone number was given.
    pub email: String,
    /// As entered. Empty if only an e-mail address was given.
    pub phone: String,
    /// As entered.
    pub whatsapp: String,
    /// Country of residence, as entered.
    pub residence: String,
    pub citizenship: String,
    /// Whole years.
    pub age: Option<i64>,
    /// The answer as entered, if the number does not say all of it.
    pub age_typed: String,
    /// Value of an option of `PROGRAMS`, or another answer as entered.
    pub program: String,
    /// NOC code or job title, as entered.
    pub occupation: String,
    /// Value of an option of `EDUCATION`, or another answer as entered.
    pub education: String,
    /// Completed years of skilled work.
    pub experience_years: Option<i64>,
    /// The answer as entered, if the number does not say all of it.
    pub experience_typed: String,
    /// Test and result, as entered.
    pub english_test: String,
    /// Test and result, as entered.
    pub french_test: String,
    /// Comprehensive Ranking System score that the visitor gave, 1–1200.
    pub crs: Option<i64>,
    /// The answer as entered, if the number does not say all of it.
    pub crs_typed: String,
    pub message: String,
}

pub struct LabelledField {
    pub label: &'static str,
    pub value: String,
}

impl Details {
    /// All fields that are not empty, in the order of the form.
    pub fn labelled_fields(&self) -> Vec<LabelledField> {
        [
            ("Name", self.name.clone()),
            ("E-mail", self.email.clone()),
            ("Phone", self.phone.clone()),
            ("WhatsApp", self.whatsapp.clone()),
            ("Country of residence", self.residence.clone()),
            ("Citizenship", self.citizenship.clone()),
            ("Age", self.age_shown()),
            ("Program", self.program_shown().to_owned()),
            ("Occupation", self.occupation.clone()),
            ("Education", self.education_shown().to_owned()),
            ("Years of experience", self.experience_shown()),
            ("English test", self.english_test.clone()),
            ("French test", self.french_test.clone()),
            ("CRS score", self.crs_shown()),
            ("Message", self.message.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| LabelledField { label, value })
        .collect()
    }

    pub fn age_shown(&self) -> String {
        NumericAnswer::display(self.age, &self.age_typed)
    }

    pub fn experience_shown(&self) -> String {
        NumericAnswer::display(self.experience_years, &self.experience_typed)
    }

    pub fn crs_shown(&self) -> String {
        NumericAnswer::display(self.crs, &self.crs_typed)
    }

    pub fn program_shown(&self) -> &str {
        PROGRAMS.label(&self.program)
    }

    pub fn education_shown(&self) -> &str {
        EDUCATION.label(&self.education)
    }

    /// Only the e-mail address and phone numbers, masked so that their owner still recognises them.
    pub fn masked(&self) -> Self {
        let email = match self.email.rsplit_once('@') {
            Some((local, domain)) => format!("{}•••@{domain}", local.chars().next().unwrap_or('•')),
            None => String::new(),
        };
        let (phone, whatsapp) = (masked_number(&self.phone), masked_number(&self.whatsapp));
        Self { kind: self.kind, email, phone, whatsapp, ..Self::default() }
    }

    /// JSON object of all fields, with the fields of the object `more` added or replaced.
    pub fn to_json(&self, more: Value) -> Value {
        let mut all = json!(self);
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        all
    }

    /// SHA-256 of all fields, for deduplication.
    pub fn content_hash(&self) -> String {
        let mut all = format!("{}\n", self.kind.label());
        for field in self.labelled_fields() {
            // Lengths make the encoding unambiguous.
            all.push_str(&format!("{}:{}:{}\n", field.label, field.value.len(), field.value));
        }
        sha256_hex(&all)
    }
}

/// Masks all but the last four characters, and at least half of the number.
fn masked_number(number: &str) -> String {
    let length = number.chars().count();
    let masked = length.saturating_sub(4).max(length / 2);
    number.chars().enumerate().map(|(index, c)| if index < masked { '•' } else { c }).collect()
}

/// Time for which the receipt shows everything that was sent.
///
/// After that, others may have the link, so the visitor must confirm their contact details first.
const UNMASKED_FOR: SignedDuration = SignedDuration::from_hours(1);

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Inquiry {
    pub id: i64,
    /// Such as `IE-2026-000123`.
    pub reference: String,
    pub state: InquiryState,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub state_changed_at: Timestamp,
    /// Incremented by every change, for optimistic locking.
    pub version: i64,
    /// Phone number in E.164, such as `+923001234567`. Empty if it cannot be parsed.
    pub phone_e164: String,
    /// WhatsApp number in E.164. Empty if it cannot be parsed.
    pub whatsapp_e164: String,
    /// NOC code of the occupation. Empty if unknown.
    pub noc: String,
    /// Whether the code was matched from the words of the visitor.
    pub noc_matched: bool,
    /// State in which staff marked it as spam. `None` if it is not quarantined, or if the form quarantined it.
    pub state_before_spam: Option<InquiryState>,
    /// ID of the member of staff it is assigned to.
    pub owner_id: Option<i64>,
    /// Name of that member of staff.
    pub owner: Option<String>,
    /// ID of the inquiry that this one was merged into.
    pub merged_into: Option<i64>,
    /// Spam score at submission.
    pub spam_score: i64,
    /// Reasons for the spam score, one per line.
    pub spam_reasons: String,
    /// Client record: never deleted by the retention job.
    pub on_hold: bool,
    pub trashed_at: Option<jiff_sqlx::Timestamp>,
    pub consent_at: Option<jiff_sqlx::Timestamp>,
    /// Version of the consent text that the visitor agreed to.
    pub consent_version: Option<String>,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// Time of the visitor's first reply by e-mail since the last answer of staff. `None` if no reply waits for an answer.
    pub visitor_replied_at: Option<jiff_sqlx::Timestamp>,
    /// Random part of the receipt's URL.
    pub receipt_token: String,
    #[sqlx(flatten)]
    pub details: Details,
}

impl Inquiry {
    /// Whether it was sent within the last hour.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        // `abs`, because `received_at` is in the future if the clock was ahead.
        now.duration_since(self.received_at).abs() < UNMASKED_FOR
    }

    /// Identifies this inquiry in forms and links. See `identity`.
    pub fn identity(&self) -> String {
        identity(&self.reference, &self.receipt_token)
    }

    /// Whether a form or link with this `identity` refers to this inquiry. An empty identity matches.
    pub fn matches_identity(&self, identity: &str) -> bool {
        identity.is_empty() || identity == self.identity()
    }

    /// Path of its staff page, for links in e-mails.
    pub fn admin_path(&self) -> String {
        admin_path(self.id, &self.reference, &self.receipt_token)
    }

    /// Time since it was received, in the largest unit that fits.
    pub fn age(&self, now: Timestamp) -> String {
        relative_age(self.received_at, now)
    }

    /// `mailto:` link to the visitor. Encoded, so that their input cannot add headers.
    pub fn mailto(&self) -> Option<String> {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (local, domain) = self.details.email.rsplit_once('@')?;
        Some(format!("mailto:{}@{}?subject={}", encoded(local), encoded(domain), self.reference))
    }

    pub fn trashed(&self) -> Option<DisplayTime> {
        self.trashed_at.map(|at| DisplayTime::in_office(at.to_jiff()))
    }

    pub fn consented(&self) -> Option<DisplayTime> {
        self.consent_at.map(|at| DisplayTime::in_office(at.to_jiff()))
    }

    pub fn received(&self) -> DisplayTime {
        DisplayTime::in_office(self.received_at)
    }
}

/// Year of a reference, in the office's time zone.
pub fn reference_year(now: Timestamp) -> i16 {
    now.to_zoned(office_time_zone()).year()
}

/// Hash that identifies one inquiry. It does not open the receipt.
///
/// After a restore, the same row ID and reference may be issued again, but the receipt token is random.
pub fn identity(reference: &str, receipt_token: &str) -> String {
    format!("{reference}-{}", &sha256_hex(receipt_token)[..8])
}

/// Path of an inquiry's staff page, with its identity.
pub fn admin_path(id: i64, reference: &str, receipt_token: &str) -> String {
    format!("/admin/inquiries/{id}?inquiry={}", identity(reference, receipt_token))
}

/// Path of the staff page of an inquiry. `list` is the query string of the list that it is opened from; empty for the whole inbox.
pub fn page_path(id: i64, list: &str) -> String {
    match list {
        "" => format!("/admin/inquiries/{id}"),
        list => {
            let list: String = form_urlencoded::byte_serialize(list.as_bytes()).collect();
            format!("/admin/inquiries/{id}?list={list}")
        }
    }
}

/// A reference such as `IE-2026-000123`.
pub fn reference(year: i16, number: i64) -> String {
    format!("IE-{year}-{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_year_changes_at_midnight_in_the_office_time_zone() {
        assert_eq!(reference_year("2026-12-31T18:59:59Z".parse().unwrap()), 2026);
        assert_eq!(reference_year("2026-12-31T19:00:00Z".parse().unwrap()), 2027);
        assert_eq!(reference(2026, 123), "IE-2026-000123");
    }

    #[test]
    fn content_hash_differs_when_text_moves_between_fields() {
        let base = Details { name: "A".into(), email: "b@example.com".into(), ..Details::default() };
        assert_eq!(base.content_hash(), base.clone().content_hash());
        let apply = Details { kind: InquiryKind::Apply, ..base.clone() };
        let moved = Details { name: "A\nE-mail:13:b@example.com".into(), ..Details::default() };
        assert_ne!(base.content_hash(), apply.content_hash());
        assert_ne!(base.content_hash(), moved.content_hash());
    }
}
