//! Display values of an inquiry: form input, timeline entries, phone links, default subject.

use jiff::Timestamp;

use crate::inquiries::inbox::staff_action::ExpectedVersion;
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::inquiries::replies::Reply;
use crate::inquiries::store::Event;
use crate::inquiries::{Inquiry, InquiryState};
use crate::web::{DisplayTime, FieldErrors, Phone};

/// Values entered into the forms of the inquiry page, shown again after an error.
#[derive(Default)]
pub struct FormInput {
    pub note: String,
    /// Subject of the reply; `None` shows the default subject.
    pub subject: Option<String>,
    /// Text of the reply.
    pub text: String,
    pub errors: FieldErrors,
    /// Message about the whole inquiry, such as why it cannot be edited.
    pub problem: String,
    /// ID of the last event that the form had seen, set after an edit conflict.
    pub changed_since: Option<i64>,
    /// NOC code of the occupation.
    pub noc: String,
    /// Query string of the list that the inquiry was opened from.
    pub list: String,
}

impl FormInput {
    /// Nothing entered, in a form of an inquiry that was opened from a list.
    pub fn of_list(expected: &ExpectedVersion) -> Self {
        Self { list: expected.list.clone(), ..Self::default() }
    }
}

/// Subject of a reply. `last` is that of the visitor's last reply by e-mail: mail programs show a thread under one subject.
pub fn default_subject(inquiry: &Inquiry, last: Option<&str>) -> String {
    let last = last.map(|subject| {
        let prefix = subject.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("re:"));
        prefix.map_or(subject, |_| &subject[3..]).trim()
    });
    match last.filter(|subject| !subject.is_empty()) {
        Some(subject) => format!("Re: {subject}").chars().take(200).collect(),
        None => format!("Your inquiry {}", inquiry.reference),
    }
}

/// Time since which the visitor has waited for an answer.
pub fn waiting_since(inquiry: &Inquiry) -> Timestamp {
    inquiry.visitor_replied_at.map_or(inquiry.received_at, jiff_sqlx::Timestamp::to_jiff)
}

/// Whether the inquiry has waited for a reply for longer than [`REPLY_SLA`].
pub fn is_overdue(inquiry: &Inquiry, now: Timestamp) -> bool {
    let is_open = matches!(inquiry.state, InquiryState::New | InquiryState::Reading) && inquiry.merged_into.is_none();
    is_open && now.duration_since(waiting_since(inquiry)) >= REPLY_SLA
}

/// Phone numbers of an inquiry that have only one possible reading.
pub fn unambiguous_numbers(inquiry: &Inquiry) -> impl Iterator<Item = &str> {
    let details = &inquiry.details;
    [(&details.phone, &inquiry.phone_e164), (&details.whatsapp, &inquiry.whatsapp_e164)]
        .into_iter()
        .filter(|(typed, e164)| {
            !e164.is_empty()
                && !ParsedPhoneNumber::parse(typed, &details.residence).is_some_and(|number| number.is_ambiguous())
        })
        .map(|(_, e164)| e164.as_str())
}

/// Phone number with links to call it and to open WhatsApp.
pub struct PhoneLink {
    pub label: &'static str,
    pub call: Phone,
    pub whatsapp: Option<String>,
    pub is_implausible: bool,
    /// Why the digits may mean another number; empty if they cannot.
    pub ambiguity: String,
    /// Other readings of the digits, and further numbers in the same field.
    pub others: Vec<AlternativeNumber>,
}

pub struct AlternativeNumber {
    pub call: Phone,
    pub whatsapp: String,
}

fn e164_link(e164: &str) -> Phone {
    Phone { text: e164.to_owned(), href: format!("tel:{e164}") }
}

impl PhoneLink {
    /// Links of the phone and the WhatsApp number.
    pub fn all(inquiry: &Inquiry) -> Vec<Self> {
        let details = &inquiry.details;
        [("Phone", &details.phone, &inquiry.phone_e164), ("WhatsApp", &details.whatsapp, &inquiry.whatsapp_e164)]
            .into_iter()
            .filter_map(|(label, typed, e164)| Self::parse(label, typed, e164, &details.residence))
            .collect()
    }

    fn parse(label: &'static str, typed: &str, e164: &str, residence: &str) -> Option<Self> {
        let numbers = ParsedPhoneNumber::parse_all(typed, residence);
        let first = numbers.first();
        let is_plausible = first.is_some_and(|number| number.is_plausible);
        let is_dialable = is_plausible && !e164.is_empty();
        let others = first
            .iter()
            .flat_map(|number| &number.alternatives)
            .chain(numbers.iter().skip(1).map(|number| &number.e164))
            .map(|e164| AlternativeNumber { call: e164_link(e164), whatsapp: ParsedPhoneNumber::whatsapp_url(e164) })
            .collect();
        Some(Self {
            label,
            call: if is_dialable { e164_link(e164) } else { Phone::from_input(typed)? },
            whatsapp: is_dialable.then(|| ParsedPhoneNumber::whatsapp_url(e164)),
            is_implausible: !is_plausible,
            ambiguity: first.map_or_else(String::new, ParsedPhoneNumber::ambiguity),
            others,
        })
    }
}

/// Event in the history of an inquiry, ready to print.
#[derive(Clone)]
pub struct TimelineEntry {
    pub id: i64,
    pub when: DisplayTime,
    pub actor: String,
    /// Continues a sentence that starts with the actor.
    pub description: String,
    /// Text of a note, reply or correction.
    pub text: String,
    /// Details of a reply by e-mail.
    pub reply: Option<Reply>,
}

impl From<Event> for TimelineEntry {
    fn from(event: Event) -> Self {
        let note = event.note.as_str();
        let (description, text) = match event.kind.as_str() {
            "received" => ("submitted the inquiry".to_owned(), ""),
            "state" if note == "quarantined" => ("marked the inquiry as spam".to_owned(), ""),
            "state" => {
                let state = InquiryState::parse(note).map_or(note, |state| state.label());
                (format!("changed the status to {}", state.to_lowercase()), "")
            }
            "note" => ("added a note".into(), note),
            "owner" if note.is_empty() => ("unassigned the inquiry".into(), ""),
            "owner" if note == event.actor => ("claimed the inquiry".into(), ""),
            "owner" => (format!("assigned the inquiry to {note}"), ""),
            "answer" => ("replied by e-mail".into(), note),
            "released" => ("marked the inquiry as not spam and queued its e-mails".into(), ""),
            "merged" => (format!("merged {note}"), ""),
            "unmerged" => (format!("split {note}"), ""),
            "sent_again" if note.is_empty() => ("submitted the inquiry again".into(), ""),
            "sent_again" => (format!("submitted {note} again, which is merged into this inquiry"), ""),
            "corrected" => ("corrected the inquiry".into(), note),
            "withdrawn" => ("withdrew the inquiry".into(), note),
            "hold" if note == "on" => ("placed the inquiry on hold (client record)".into(), ""),
            "hold" => ("removed the hold".into(), ""),
            "trashed" if note == "retention" => ("moved the inquiry to the trash: retention period ended".into(), ""),
            "trashed" => ("moved the inquiry to the trash".into(), ""),
            "restored" => ("restored the inquiry from the trash".into(), ""),
            other => (other.to_owned(), note),
        };
        let (when, text) = (DisplayTime::in_office(event.at), text.to_owned());
        Self { id: event.id, when, actor: event.actor, description, text, reply: None }
    }
}
