//! An inquiry: what somebody told us, its reference, and how far we are with it.

use jiff::{SignedDuration, Timestamp};

use crate::http::Sha256Hex;
use crate::inquiries::choices::{EDUCATION, PROGRAMS};
use crate::inquiries::numeric_answer::NumericAnswer;
use crate::web::{DisplayTime, office_time_zone, relative_age};

/// Which form it came by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum InquiryKind {
    /// The contact form.
    #[default]
    Contact,
    /// The application.
    Apply,
}

impl InquiryKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Apply => "apply",
        }
    }

    /// For the admin area and for letters.
    pub fn label(self) -> &'static str {
        match self {
            Self::Contact => "Message",
            Self::Apply => "Application",
        }
    }
}

/// How far staff are with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum InquiryState {
    /// Nobody has looked at it yet.
    New,
    /// A member of staff has taken it.
    Reading,
    /// Staff have answered.
    Answered,
    /// Nothing more is to be done.
    Closed,
    /// The visitor took it back.
    Withdrawn,
    /// Set aside, since it looks like spam; staff see it and can release it.
    Quarantined,
}

impl InquiryState {
    /// Every state, in the order an inquiry goes through them.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Reading, Self::Answered, Self::Closed, Self::Withdrawn, Self::Quarantined];

    /// Those that staff may move an inquiry to.
    pub const SETTABLE_BY_STAFF: [Self; 4] = [Self::New, Self::Reading, Self::Answered, Self::Closed];

    /// As stored, and as it stands in addresses.
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

    /// The state that `text` names.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// What the visitor reads on the receipt.
    pub fn for_visitor(self) -> &'static str {
        match self {
            // Whoever sends spam is not told that it was recognised; whoever does not has nothing to worry about.
            Self::New | Self::Quarantined => "Received: a member of staff will read it",
            Self::Reading => "Being read: a member of staff has taken it up",
            Self::Withdrawn => "Withdrawn: you took it back",
            Self::Answered => "Answered: please look at your e-mail and your telephone",
            Self::Closed => "Closed: nothing more is to be done",
        }
    }
}

/// What the visitor sent, cleaned but not altered.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct Details {
    /// Which form it came by.
    pub kind: InquiryKind,
    /// Any script, one box.
    pub name: String,
    /// Empty where only a phone was given.
    pub email: String,
    /// As typed; empty where only an address was given.
    pub phone: String,
    /// As typed.
    pub whatsapp: String,
    /// Country of residence.
    pub residence: String,
    /// Citizenship.
    pub citizenship: String,
    /// In whole years.
    pub age: Option<i64>,
    /// The age as typed, where the number does not say all of it.
    pub age_typed: String,
    /// What they want to apply for: the value of an option, or the answer as it came.
    pub program: String,
    /// NOC code or words.
    pub occupation: String,
    /// Highest education: the value of an option, or the answer as it came.
    pub education: String,
    /// Completed years of skilled work.
    pub experience_years: Option<i64>,
    /// The years as typed, where the number does not say all of it.
    pub experience_typed: String,
    /// Test and result, as typed.
    pub english_test: String,
    /// Test and result, as typed.
    pub french_test: String,
    /// Claimed Comprehensive Ranking System score, 1–1200.
    pub crs: Option<i64>,
    /// The score as typed, where the number does not say all of it.
    pub crs_typed: String,
    /// Their own words.
    pub message: String,
}

/// One thing a visitor told us.
pub struct LabelledField {
    /// What it is about.
    pub label: &'static str,
    /// What they said.
    pub value: String,
}

impl Details {
    /// Everything that was filled in, in the order of the form.
    pub fn labelled_fields(&self) -> Vec<LabelledField> {
        [
            ("Name", self.name.clone()),
            ("E-mail", self.email.clone()),
            ("Telephone", self.phone.clone()),
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

    /// The age, for people.
    pub fn age_shown(&self) -> String {
        NumericAnswer::display(self.age, &self.age_typed)
    }

    /// The years of experience, for people.
    pub fn experience_shown(&self) -> String {
        NumericAnswer::display(self.experience_years, &self.experience_typed)
    }

    /// The CRS score, for people.
    pub fn crs_shown(&self) -> String {
        NumericAnswer::display(self.crs, &self.crs_typed)
    }

    /// The program, for people.
    pub fn program_shown(&self) -> &str {
        PROGRAMS.label(&self.program)
    }

    /// The education, for people.
    pub fn education_shown(&self) -> &str {
        EDUCATION.label(&self.education)
    }

    /// The addresses and numbers alone, each shown in part: enough for their owner to know them.
    pub fn masked(&self) -> Self {
        let email = match self.email.rsplit_once('@') {
            Some((local, domain)) => format!("{}•••@{domain}", local.chars().next().unwrap_or('•')),
            None => String::new(),
        };
        let (phone, whatsapp) = (masked_number(&self.phone), masked_number(&self.whatsapp));
        Self { kind: self.kind, email, phone, whatsapp, ..Self::default() }
    }

    /// A digest of all of it, by which the same form sent again is known.
    pub fn content_hash(&self) -> String {
        let mut all = format!("{}\n", self.kind.label());
        for fact in self.labelled_fields() {
            // Lengths keep one field from running into the next.
            all.push_str(&format!("{}:{}:{}\n", fact.label, fact.value.len(), fact.value));
        }
        Sha256Hex::of(&all)
    }
}

/// All but the last four signs of a number.
fn masked_number(typed: &str) -> String {
    let length = typed.chars().count();
    let seen = length.saturating_sub(4).max(length / 2);
    typed.chars().enumerate().map(|(place, c)| if place < seen { '•' } else { c }).collect()
}

/// For so long after sending, the receipt shows all that was sent, so that mistakes are seen. Later it shows that only to a
/// visitor who has proven that the inquiry is theirs, since others may have the link by then.
const UNMASKED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// An inquiry as kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Inquiry {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// How far staff are with it.
    pub state: InquiryState,
    /// When it came into that state.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub state_changed_at: Timestamp,
    /// Rises with every change.
    pub version: i64,
    /// The telephone number as it is dialled from anywhere, `+923001234567`; empty where it cannot be read.
    pub phone_e164: String,
    /// The same of the WhatsApp number.
    pub whatsapp_e164: String,
    /// The unit group that the occupation means, once that is known.
    pub noc: String,
    /// The member of staff who looks after it.
    pub owner_id: Option<i64>,
    /// Their name.
    pub owner: Option<String>,
    /// The inquiry of the same person in which this one is answered.
    pub merged_into: Option<i64>,
    /// How much it looked like spam when it came.
    pub spam_score: i64,
    /// Why, one a line.
    pub spam_reasons: String,
    /// Whether it is a client's, which the clock never deletes.
    pub on_hold: bool,
    /// In the bin since.
    pub trashed_at: Option<jiff_sqlx::Timestamp>,
    /// When they agreed that it is kept and used.
    pub consent_at: Option<jiff_sqlx::Timestamp>,
    /// Which text they agreed to.
    pub consent_version: Option<String>,
    /// When it was kept.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// What the visitor's receipt is found by.
    pub receipt_token: String,
    /// What was sent.
    #[sqlx(flatten)]
    pub details: Details,
}

impl Inquiry {
    /// Whether it was sent just now.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        // One that came while the clock was ahead is not new for years.
        now.duration_since(self.received_at).abs() < UNMASKED_FOR
    }

    /// What names this inquiry and no other. Forms and links carry it.
    pub fn identity(&self) -> String {
        identity(&self.reference, &self.receipt_token)
    }

    /// Whether a form or link that carries `identity` means this inquiry. One that carries none is taken at its word.
    pub fn matches_identity(&self, identity: &str) -> bool {
        identity.is_empty() || identity == self.identity()
    }

    /// The staff page of this inquiry, for links that are kept elsewhere.
    pub fn admin_path(&self) -> String {
        admin_path(self.id, &self.reference, &self.receipt_token)
    }

    /// How long ago it was kept, in the largest unit that fits.
    pub fn age(&self, now: Timestamp) -> String {
        relative_age(self.received_at, now)
    }

    /// Opens a letter to the visitor; nothing they typed can add to its head.
    pub fn mailto(&self) -> Option<String> {
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (local, domain) = self.details.email.rsplit_once('@')?;
        Some(format!("mailto:{}@{}?subject={}", encoded(local), encoded(domain), self.reference))
    }

    /// When it went to the bin, in the office's time.
    pub fn trashed(&self) -> Option<DisplayTime> {
        self.trashed_at.map(|at| DisplayTime::in_office(at.to_jiff()))
    }

    /// When they agreed, in the office's time.
    pub fn consented(&self) -> Option<DisplayTime> {
        self.consent_at.map(|at| DisplayTime::in_office(at.to_jiff()))
    }

    /// When it was kept, in the office's time.
    pub fn received(&self) -> DisplayTime {
        DisplayTime::in_office(self.received_at)
    }
}

/// The year that a reference carries: the firm's, not that of Greenwich.
pub fn reference_year(now: Timestamp) -> i16 {
    now.to_zoned(office_time_zone()).year()
}

/// What names one inquiry and no other, also where a restored backup gives numbers out once more: the receipt token is
/// random. The digest does not open the receipt.
pub fn identity(reference: &str, receipt_token: &str) -> String {
    format!("{reference}-{}", &Sha256Hex::of(receipt_token)[..8])
}

/// The staff page of an inquiry, with what names it and no other.
pub fn admin_path(id: i64, reference: &str, receipt_token: &str) -> String {
    format!("/admin/inquiries/{id}?inquiry={}", identity(reference, receipt_token))
}

/// `IE-2026-000123`
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
