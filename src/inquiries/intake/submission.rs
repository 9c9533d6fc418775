//! What comes to the counter, and what becomes of it: decided here for all who come at the same time, in their order.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::inquiries::consent::Consent;
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::intake::store::DedupLookup;
use crate::inquiries::spam_score::{SpamScore, SpamSignals};
use crate::inquiries::{Details, Inquiry, InquiryState};

/// What came with a form, and what was made of it.
pub struct Submission {
    /// What the visitor sent.
    pub details: Details,
    /// A digest of all of it.
    pub content_hash: String,
    /// A digest of its message, where that says enough to be told from others by it; else empty.
    pub message_hash: String,
    /// The telephone number as it is dialled from anywhere; empty where it cannot be read.
    pub phone_e164: String,
    /// The same of the WhatsApp number.
    pub whatsapp_e164: String,
    /// What both numbers are found by, as a JSON list.
    pub numbers: String,
    /// The unit group it means, where that is known.
    pub noc: String,
    /// Which showing of the form it came from; empty where that is not known.
    pub form_token: String,
    /// What was agreed to, for an application.
    pub consent: Option<Consent>,
    /// The box that people never see was filled in.
    pub honeypot_filled: bool,
    /// From showing the form to sending it.
    pub fill_time: Option<SignedDuration>,
    /// A keyed digest of the network it came from; empty where that tells nothing.
    pub network_hash: String,
    /// How many are taken from one network in an hour.
    pub forms_per_hour: i64,
    /// What the receipt will be found by.
    pub receipt_token: String,
}

impl Submission {
    fn inquiry(&self, id: i64, reference: String, spam_score: &SpamScore, now: Timestamp) -> Inquiry {
        Inquiry {
            id,
            reference,
            state: if spam_score.is_quarantined() { InquiryState::Quarantined } else { InquiryState::New },
            state_changed_at: now,
            version: 1,
            phone_e164: self.phone_e164.clone(),
            whatsapp_e164: self.whatsapp_e164.clone(),
            noc: self.noc.clone(),
            owner_id: None,
            owner: None,
            merged_into: None,
            spam_score: spam_score.points,
            spam_reasons: spam_score.reasons.join("\n"),
            on_hold: false,
            trashed_at: None,
            consent_at: self.consent.is_some().then(|| now.to_sqlx()),
            consent_version: self.consent.as_ref().map(|consent| consent.version().to_owned()),
            received_at: now,
            receipt_token: self.receipt_token.clone(),
            details: self.details.clone(),
        }
    }

    fn is_from_same_network(&self, other: &Self) -> bool {
        !self.network_hash.is_empty() && self.network_hash == other.network_hash
    }

    fn is_same_text_from_other(&self, other: &Self) -> bool {
        let same_sender =
            self.details.email.eq_ignore_ascii_case(&other.details.email) && self.details.phone == other.details.phone;
        !self.message_hash.is_empty() && self.message_hash == other.message_hash && !same_sender
    }
}

/// What becomes of an arrival.
pub enum Decision {
    /// A new inquiry.
    New(Box<Inquiry>),
    /// A double submission of this inquiry.
    Duplicate(i64),
    /// This inquiry, sent again later.
    Resubmission(i64),
    /// The same form came at the same time, this place before it in the row.
    DuplicateInBatch(usize),
    /// Too many came from the same network.
    RateLimited,
}

/// What becomes of each of those that come at the same time, and the number in the last reference. The same content is a
/// double submission while the inquiry is still new, and a repetition of it later. References are numbered without gaps.
/// What looks like spam is kept too, quarantined.
pub fn decide(arrivals: &[&Submission], known: &[DedupLookup], now: Timestamp) -> (Vec<Decision>, i64) {
    let year = reference_year(now);
    let (mut id, mut number) = known.first().map_or((0, 0), |known| (known.last_id, known.last_number));
    let mut outcomes: Vec<Decision> = vec![];
    for (arrival, known) in arrivals.iter().zip(known) {
        let is_kept = |outcome: &Decision| matches!(outcome, Decision::New(_) | Decision::Resubmission(_));
        let kept = || arrivals.iter().zip(&outcomes).filter(|(_, outcome)| is_kept(outcome));
        let count = |is_like: &dyn Fn(&Submission) -> bool| {
            i64::try_from(kept().filter(|(other, _)| is_like(other)).count()).unwrap_or(i64::MAX)
        };
        let from_network = known.recent_from_network + count(&|other| arrival.is_from_same_network(other));
        let same_text = known.same_message_count + count(&|other| arrival.is_same_text_from_other(other));
        let is_twin = |(other, outcome): (&&Submission, &Decision)| {
            is_kept(outcome) && other.content_hash == arrival.content_hash
        };
        let twin = arrivals.iter().zip(&outcomes).position(is_twin);
        let outcome = match (twin, known.duplicate_of) {
            (Some(place), _) => Decision::DuplicateInBatch(place),
            (None, Some(before)) if known.is_double_submit => Decision::Duplicate(before),
            (None, _) if from_network >= arrival.forms_per_hour => Decision::RateLimited,
            (None, Some(before)) => Decision::Resubmission(before),
            (None, None) => {
                let signs = SpamSignals {
                    honeypot_filled: arrival.honeypot_filled,
                    fill_time: arrival.fill_time,
                    same_message_count: same_text,
                    recent_from_network: from_network,
                };
                (id, number) = (id + 1, number + 1);
                let spam_score = SpamScore::compute(&arrival.details, signs);
                Decision::New(Box::new(arrival.inquiry(id, reference(year, number), &spam_score, now)))
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

    fn submission(name: &str, message: &str, network: &str) -> Submission {
        Submission {
            details: Details { name: name.into(), phone: name.into(), message: message.into(), ..Details::default() },
            content_hash: format!("{name} {message}"),
            message_hash: message.into(),
            phone_e164: String::new(),
            whatsapp_e164: String::new(),
            numbers: "[]".into(),
            noc: String::new(),
            form_token: String::new(),
            consent: None,
            honeypot_filled: false,
            fill_time: Some(SignedDuration::from_secs(90)),
            network_hash: network.into(),
            forms_per_hour: 12,
            receipt_token: String::new(),
        }
    }

    /// What becomes of them after what is known, in a word each.
    fn decisions(arrivals: &[Submission], known: impl Fn() -> DedupLookup) -> (Vec<String>, i64) {
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let (arrivals, known): (Vec<_>, Vec<_>) = arrivals.iter().map(|arrival| (arrival, known())).unzip();
        let (outcomes, last_number) = decide(&arrivals, &known, now);
        let word = |outcome: &Decision| match outcome {
            Decision::New(it) => format!("{} {} {}", it.id, it.reference.trim_start_matches("IE-2026-"), it.spam_score),
            Decision::Duplicate(id) => format!("before {id}"),
            Decision::Resubmission(id) => format!("again {id}"),
            Decision::DuplicateInBatch(place) => format!("twin of {place}"),
            Decision::RateLimited => "too many".into(),
        };
        (outcomes.iter().map(word).collect(), last_number)
    }

    #[test]
    fn earlier_submissions_of_a_batch_count_for_later_ones() {
        let known = || DedupLookup {
            recent_from_network: 9,
            same_message_count: 8,
            last_id: 70,
            last_number: 7,
            ..DedupLookup::default()
        };
        let arrivals = [
            submission("a", LONG, "net"),
            submission("a", LONG, "net"),
            submission("b", LONG, "net"),
            submission("c", LONG, "net"),
            submission("d", LONG, "net"),
            submission("a", "", "other"),
        ];
        let (all, last_number) = decisions(&arrivals, known);
        assert_eq!(all, ["71 000008 20", "twin of 0", "72 000009 20", "73 000010 30", "too many", "74 000011 20"]);
        assert_eq!(last_number, 11);
    }

    #[test]
    fn duplicate_uses_no_reference_number() {
        let known = |is_double| {
            move || DedupLookup {
                duplicate_of: Some(3),
                is_double_submit: is_double,
                last_id: 70,
                last_number: 7,
                ..DedupLookup::default()
            }
        };
        let (all, last_number) = decisions(&[submission("a", LONG, ""), submission("b", LONG, "")], known(true));
        assert_eq!((all, last_number), (vec!["before 3".to_owned(), "before 3".to_owned()], 7));
        let (all, last_number) = decisions(&[submission("a", LONG, ""), submission("a", LONG, "")], known(false));
        assert_eq!((all, last_number), (vec!["again 3".to_owned(), "twin of 0".to_owned()], 7));
    }

    #[test]
    fn resubmission_counts_against_the_rate_limit_and_double_submit_does_not() {
        let known = |is_double| {
            move || DedupLookup {
                duplicate_of: Some(3),
                is_double_submit: is_double,
                recent_from_network: 11,
                last_id: 70,
                last_number: 7,
                ..DedupLookup::default()
            }
        };
        let arrivals = [submission("a", LONG, "net"), submission("b", LONG, "net")];
        assert_eq!(decisions(&arrivals, known(false)).0, ["again 3", "too many"]);
        assert_eq!(decisions(&arrivals, known(true)).0, ["before 3", "before 3"]);
    }
}
