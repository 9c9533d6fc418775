//! What comes to the counter, and what becomes of it: decided here for all who come at the same time, in their order.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::inquiries::consent::Consent;
use crate::inquiries::counter::store::Known;
use crate::inquiries::doubt::{Doubt, Signs};
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::{Details, Inquiry, State};

/// What came with a form, and what was made of it.
pub struct Arrival {
    /// What the visitor sent.
    pub details: Details,
    /// A digest of all of it.
    pub digest: String,
    /// A digest of its message, where that says enough to be told from others by it; else empty.
    pub text_hash: String,
    /// The telephone number as it is dialled from anywhere; empty where it cannot be read.
    pub phone_e164: String,
    /// The same of the WhatsApp number.
    pub whatsapp_e164: String,
    /// What both numbers are found by, as a JSON list.
    pub numbers: String,
    /// The unit group it means, where that is known.
    pub noc: String,
    /// Which showing of the form it came from; empty where that is not known.
    pub form_key: String,
    /// What was agreed to, for an application.
    pub consent: Option<Consent>,
    /// The box that people never see was filled in.
    pub trap_is_filled: bool,
    /// From showing the form to sending it.
    pub took: Option<SignedDuration>,
    /// A keyed digest of the network it came from; empty where that tells nothing.
    pub network: String,
    /// How many are taken from one network in an hour.
    pub limit: i64,
    /// What the receipt will be found by.
    pub receipt_token: String,
}

impl Arrival {
    fn inquiry(&self, id: i64, reference: String, doubt: &Doubt, now: Timestamp) -> Inquiry {
        Inquiry {
            id,
            reference,
            state: if doubt.is_set_aside() { State::Quarantined } else { State::New },
            state_changed_at: now,
            version: 1,
            phone_e164: self.phone_e164.clone(),
            whatsapp_e164: self.whatsapp_e164.clone(),
            noc: self.noc.clone(),
            owner_id: None,
            owner: None,
            merged_into: None,
            score: doubt.score,
            doubts: doubt.reasons.join("\n"),
            held: false,
            binned_at: None,
            consent_at: self.consent.is_some().then(|| now.to_sqlx()),
            consent_version: self.consent.as_ref().map(|consent| consent.version().to_owned()),
            received_at: now,
            receipt_token: self.receipt_token.clone(),
            details: self.details.clone(),
        }
    }

    fn is_from(&self, other: &Self) -> bool {
        !self.network.is_empty() && self.network == other.network
    }

    fn is_anothers_with_same_text(&self, other: &Self) -> bool {
        let same_sender =
            self.details.email.eq_ignore_ascii_case(&other.details.email) && self.details.phone == other.details.phone;
        !self.text_hash.is_empty() && self.text_hash == other.text_hash && !same_sender
    }
}

/// What becomes of an arrival.
pub enum Outcome {
    /// A new inquiry.
    New(Box<Inquiry>),
    /// A double submission of this inquiry.
    Before(i64),
    /// This inquiry, sent again later.
    Again(i64),
    /// The same form came at the same time, this place before it in the row.
    Twin(usize),
    /// Too many came from the same network.
    TooMany,
}

/// What becomes of each of those that come at the same time, and the number in the last reference. The same content is a
/// double submission while the inquiry is still new, and a repetition of it later. References are numbered without gaps.
/// What looks like spam is kept too, quarantined.
pub fn outcomes(arrivals: &[&Arrival], known: &[Known], now: Timestamp) -> (Vec<Outcome>, i64) {
    let year = reference_year(now);
    let (mut id, mut number) = known.first().map_or((0, 0), |known| (known.last_id, known.last_number));
    let mut outcomes: Vec<Outcome> = vec![];
    for (arrival, known) in arrivals.iter().zip(known) {
        let is_kept = |outcome: &Outcome| matches!(outcome, Outcome::New(_) | Outcome::Again(_));
        let kept = || arrivals.iter().zip(&outcomes).filter(|(_, outcome)| is_kept(outcome));
        let count = |is_like: &dyn Fn(&Arrival) -> bool| {
            i64::try_from(kept().filter(|(other, _)| is_like(other)).count()).unwrap_or(i64::MAX)
        };
        let from_network = known.from_network + count(&|other| arrival.is_from(other));
        let same_text = known.same_text + count(&|other| arrival.is_anothers_with_same_text(other));
        let is_twin = |(other, outcome): (&&Arrival, &Outcome)| is_kept(outcome) && other.digest == arrival.digest;
        let twin = arrivals.iter().zip(&outcomes).position(is_twin);
        let outcome = match (twin, known.before) {
            (Some(place), _) => Outcome::Twin(place),
            (None, Some(before)) if known.is_double => Outcome::Before(before),
            (None, _) if from_network >= arrival.limit => Outcome::TooMany,
            (None, Some(before)) => Outcome::Again(before),
            (None, None) => {
                let signs =
                    Signs { trap_is_filled: arrival.trap_is_filled, took: arrival.took, same_text, from_network };
                (id, number) = (id + 1, number + 1);
                let doubt = Doubt::of(&arrival.details, signs);
                Outcome::New(Box::new(arrival.inquiry(id, reference(year, number), &doubt, now)))
            }
        };
        outcomes.push(outcome);
    }
    (outcomes, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "I would like to know whether my diploma of nursing is enough to apply.";

    fn arrival(name: &str, message: &str, network: &str) -> Arrival {
        Arrival {
            details: Details { name: name.into(), phone: name.into(), message: message.into(), ..Details::default() },
            digest: format!("{name} {message}"),
            text_hash: message.into(),
            phone_e164: String::new(),
            whatsapp_e164: String::new(),
            numbers: "[]".into(),
            noc: String::new(),
            form_key: String::new(),
            consent: None,
            trap_is_filled: false,
            took: Some(SignedDuration::from_secs(90)),
            network: network.into(),
            limit: 12,
            receipt_token: String::new(),
        }
    }

    /// What becomes of them after what is known, in a word each.
    fn words(arrivals: &[Arrival], known: impl Fn() -> Known) -> (Vec<String>, i64) {
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let (arrivals, known): (Vec<_>, Vec<_>) = arrivals.iter().map(|arrival| (arrival, known())).unzip();
        let (outcomes, last_number) = outcomes(&arrivals, &known, now);
        let word = |outcome: &Outcome| match outcome {
            Outcome::New(it) => format!("{} {} {}", it.id, it.reference.trim_start_matches("IE-2026-"), it.score),
            Outcome::Before(id) => format!("before {id}"),
            Outcome::Again(id) => format!("again {id}"),
            Outcome::Twin(place) => format!("twin of {place}"),
            Outcome::TooMany => "too many".into(),
        };
        (outcomes.iter().map(word).collect(), last_number)
    }

    #[test]
    fn each_is_weighed_as_if_those_before_it_were_kept_already() {
        let known = || Known { from_network: 9, same_text: 8, last_id: 70, last_number: 7, ..Known::default() };
        let arrivals = [
            arrival("a", LONG, "net"),
            arrival("a", LONG, "net"),
            arrival("b", LONG, "net"),
            arrival("c", LONG, "net"),
            arrival("d", LONG, "net"),
            arrival("a", "", "other"),
        ];
        let (all, last_number) = words(&arrivals, known);
        assert_eq!(all, ["71 000008 20", "twin of 0", "72 000009 20", "73 000010 30", "too many", "74 000011 20"]);
        assert_eq!(last_number, 11);
    }

    #[test]
    fn what_was_sent_before_takes_no_number() {
        let known =
            |is_double| move || Known { before: Some(3), is_double, last_id: 70, last_number: 7, ..Known::default() };
        let (all, last_number) = words(&[arrival("a", LONG, ""), arrival("b", LONG, "")], known(true));
        assert_eq!((all, last_number), (vec!["before 3".to_owned(), "before 3".to_owned()], 7));
        let (all, last_number) = words(&[arrival("a", LONG, ""), arrival("a", LONG, "")], known(false));
        assert_eq!((all, last_number), (vec!["again 3".to_owned(), "twin of 0".to_owned()], 7));
    }

    #[test]
    fn what_is_sent_again_counts_against_the_limit_and_a_double_submission_does_not() {
        let known = |is_double| {
            move || Known {
                before: Some(3),
                is_double,
                from_network: 11,
                last_id: 70,
                last_number: 7,
                ..Known::default()
            }
        };
        let arrivals = [arrival("a", LONG, "net"), arrival("b", LONG, "net")];
        assert_eq!(words(&arrivals, known(false)).0, ["again 3", "too many"]);
        assert_eq!(words(&arrivals, known(true)).0, ["before 3", "before 3"]);
    }
}
