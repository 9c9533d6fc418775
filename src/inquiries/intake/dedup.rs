//! Deduplication: decides for each submission of a batch whether it becomes a new inquiry.

use jiff::Timestamp;

use crate::inquiries::Inquiry;
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::intake::spam_score::{SpamScore, SpamSignals};
use crate::inquiries::intake::submission::Submission;

/// What the database knows about a submission before it is stored.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct DedupLookup {
    /// The inquiry with the same content. Inquiries that are withdrawn, in the trash or merged into such an inquiry do not
    /// count, because staff would not see the submission.
    pub duplicate_of: Option<i64>,
    /// Whether that inquiry is still new and was sent so recently that this is a double submission.
    pub is_double_submit: bool,
    /// Submissions from this network within an hour, including resubmissions. Counted up to the limit.
    pub recent_from_network: i64,
    /// Other senders of the same message within a day, at most 10.
    pub same_message_count: i64,
    /// The highest row ID ever used.
    pub last_id: i64,
    /// The number of this year's latest reference.
    pub last_number: i64,
}

pub enum Decision {
    New(Box<Inquiry>),
    /// A double submission of the inquiry with this ID.
    Duplicate(i64),
    /// The inquiry with this ID was sent again later.
    Resubmission(i64),
    /// The same content as an earlier submission of the batch, at this index.
    DuplicateInBatch(usize),
    /// Too many submissions came from the same network.
    RateLimited,
}

/// Decides on each submission, in order. Also returns the number of the last reference.
///
/// References have no gaps. Suspected spam is stored in quarantine.
pub fn decide(submissions: &[&Submission], lookups: &[DedupLookup], now: Timestamp) -> (Vec<Decision>, i64) {
    let year = reference_year(now);
    let (mut id, mut number) = lookups.first().map_or((0, 0), |lookup| (lookup.last_id, lookup.last_number));
    let mut decisions: Vec<Decision> = vec![];
    for (submission, lookup) in submissions.iter().zip(lookups) {
        let is_stored = |decision: &Decision| matches!(decision, Decision::New(_) | Decision::Resubmission(_));
        let stored = || submissions.iter().zip(&decisions).filter(|(_, decision)| is_stored(decision));
        let count = |is_similar: &dyn Fn(&Submission) -> bool| {
            i64::try_from(stored().filter(|(other, _)| is_similar(other)).count()).unwrap_or(i64::MAX)
        };
        let recent_from_network = lookup.recent_from_network + count(&|other| submission.is_from_same_network(other));
        let same_message_count = lookup.same_message_count + count(&|other| submission.is_same_text_from_other(other));
        let is_duplicate = |(other, decision): (&&Submission, &Decision)| {
            is_stored(decision) && other.content_hash == submission.content_hash
        };
        let duplicate_in_batch = submissions.iter().zip(&decisions).position(is_duplicate);
        let decision = match (duplicate_in_batch, lookup.duplicate_of) {
            (Some(index), _) => Decision::DuplicateInBatch(index),
            (None, Some(existing)) if lookup.is_double_submit => Decision::Duplicate(existing),
            (None, _) if recent_from_network >= submission.forms_per_hour => Decision::RateLimited,
            (None, Some(existing)) => Decision::Resubmission(existing),
            (None, None) => {
                let signals = SpamSignals {
                    honeypot_filled: submission.honeypot_filled,
                    fill_time: submission.fill_time,
                    same_message_count,
                    recent_from_network,
                };
                (id, number) = (id + 1, number + 1);
                let spam_score = SpamScore::compute(&submission.details, signals);
                Decision::New(Box::new(submission.inquiry(id, reference(year, number), &spam_score, now)))
            }
        };
        decisions.push(decision);
    }
    (decisions, number)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::inquiries::Details;

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
            noc_matched: false,
            form_token: String::new(),
            consent: None,
            honeypot_filled: false,
            fill_time: Some(SignedDuration::from_secs(90)),
            network_hash: network.into(),
            forms_per_hour: 12,
            receipt_token: String::new(),
        }
    }

    fn describe(submissions: &[Submission], lookup: impl Fn() -> DedupLookup) -> (Vec<String>, i64) {
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        let (submissions, lookups): (Vec<_>, Vec<_>) =
            submissions.iter().map(|submission| (submission, lookup())).unzip();
        let (decisions, last_number) = decide(&submissions, &lookups, now);
        let word = |decision: &Decision| match decision {
            Decision::New(it) => format!("{} {} {}", it.id, it.reference.trim_start_matches("IE-2026-"), it.spam_score),
            Decision::Duplicate(id) => format!("duplicate of {id}"),
            Decision::Resubmission(id) => format!("resubmission of {id}"),
            Decision::DuplicateInBatch(place) => format!("duplicate in batch: {place}"),
            Decision::RateLimited => "rate limited".into(),
        };
        (decisions.iter().map(word).collect(), last_number)
    }

    #[test]
    fn earlier_submissions_of_a_batch_count_for_later_ones() {
        let lookup = || DedupLookup {
            recent_from_network: 9,
            same_message_count: 8,
            last_id: 70,
            last_number: 7,
            ..DedupLookup::default()
        };
        let submissions = [
            submission("a", LONG, "net"),
            submission("a", LONG, "net"),
            submission("b", LONG, "net"),
            submission("c", LONG, "net"),
            submission("d", LONG, "net"),
            submission("a", "", "other"),
        ];
        let (all, last_number) = describe(&submissions, lookup);
        assert_eq!(
            all,
            ["71 000008 20", "duplicate in batch: 0", "72 000009 20", "73 000010 30", "rate limited", "74 000011 20"]
        );
        assert_eq!(last_number, 11);
    }

    #[test]
    fn duplicate_uses_no_reference_number() {
        let lookup = |is_double| {
            move || DedupLookup {
                duplicate_of: Some(3),
                is_double_submit: is_double,
                last_id: 70,
                last_number: 7,
                ..DedupLookup::default()
            }
        };
        let (all, last_number) = describe(&[submission("a", LONG, ""), submission("b", LONG, "")], lookup(true));
        assert_eq!((all, last_number), (vec!["duplicate of 3".to_owned(), "duplicate of 3".to_owned()], 7));
        let (all, last_number) = describe(&[submission("a", LONG, ""), submission("a", LONG, "")], lookup(false));
        assert_eq!((all, last_number), (vec!["resubmission of 3".to_owned(), "duplicate in batch: 0".to_owned()], 7));
    }

    #[test]
    fn resubmission_counts_against_the_rate_limit_and_double_submit_does_not() {
        let lookup = |is_double| {
            move || DedupLookup {
                duplicate_of: Some(3),
                is_double_submit: is_double,
                recent_from_network: 11,
                last_id: 70,
                last_number: 7,
                ..DedupLookup::default()
            }
        };
        let submissions = [submission("a", LONG, "net"), submission("b", LONG, "net")];
        assert_eq!(describe(&submissions, lookup(false)).0, ["resubmission of 3", "rate limited"]);
        assert_eq!(describe(&submissions, lookup(true)).0, ["duplicate of 3", "duplicate of 3"]);
    }
}
