//! How long an inquiry is kept: by its kind, from the last day on which anybody dealt with it.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::inquiries::privacy::store::Standing;
use crate::inquiries::{Kind, State};
use crate::web::{Keeping, firm_zone};

/// How long something lies in the bin before it is deleted.
pub const IN_BIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long an inquiry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// By the calendar: what came on the 31st ends with a shorter month.
    Months(i32),
    /// For what looks like spam.
    Days(i32),
}

impl Term {
    /// What the firm's record says of this kind; what was set aside as spam has a time of its own.
    pub fn of(kind: Kind, is_quarantined: bool, keeps: &Keeping) -> Self {
        match kind {
            _ if is_quarantined => Self::Days(keeps.quarantined_days),
            Kind::Contact => Self::Months(keeps.contact_months),
            Kind::Apply => Self::Months(keeps.apply_months),
        }
    }

    /// The last day, in the firm's offices, on which something is kept that was last dealt with at `since`.
    pub fn last_day(self, since: Timestamp) -> Date {
        today(since).saturating_add(self.span())
    }

    /// Whether that day has passed.
    pub fn is_over(self, since: Timestamp, now: Timestamp) -> bool {
        today(now) > self.last_day(since)
    }

    /// What was last dealt with after this instant is not over at `now`: a first sieve, a few days too wide since
    /// months differ in length.
    pub fn sieve(self, now: Timestamp) -> Timestamp {
        let day = today(now).saturating_sub(self.span()).saturating_add(4.days());
        day.to_zoned(firm_zone()).map_or(now, |start| start.timestamp())
    }

    fn span(self) -> Span {
        match self {
            Self::Months(months) => months.months(),
            Self::Days(days) => days.days(),
        }
    }
}

impl Standing {
    /// How long it is kept.
    pub fn term(&self, keeps: &Keeping) -> Term {
        Term::of(self.kind, self.state == State::Quarantined, keeps)
    }

    /// Whether its time is over, whatever else keeps it.
    pub fn is_over(&self, keeps: &Keeping, now: Timestamp) -> bool {
        self.term(keeps).is_over(self.since, now)
    }
}

fn today(at: Timestamp) -> Date {
    at.to_zoned(firm_zone()).date()
}

/// When something in the bin is deleted.
pub fn deleted_at(binned_at: Timestamp) -> Timestamp {
    binned_at + IN_BIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_kind_has_its_time_and_spam_another() {
        let keeps = Keeping { contact_months: 6, apply_months: 24, quarantined_days: 30 };
        assert_eq!(Term::of(Kind::Contact, false, &keeps), Term::Months(6));
        assert_eq!(Term::of(Kind::Apply, false, &keeps), Term::Months(24));
        for kind in [Kind::Contact, Kind::Apply] {
            assert_eq!(Term::of(kind, true, &keeps), Term::Days(30));
        }
    }

    #[test]
    fn months_are_counted_by_the_calendar_of_the_office() {
        for (since, term, last) in [
            ("2026-11-22T09:00:00Z", Term::Months(24), "2028-11-22"),
            // In Lahore it is the next day already.
            ("2026-11-22T19:00:00Z", Term::Months(24), "2028-11-23"),
            ("2027-01-31T09:00:00Z", Term::Months(1), "2027-02-28"),
            ("2028-02-29T09:00:00Z", Term::Months(12), "2029-02-28"),
            ("2026-11-22T09:00:00Z", Term::Days(30), "2026-12-22"),
        ] {
            assert_eq!(term.last_day(at(since)).to_string(), last, "{since} {term:?}");
        }
    }

    #[test]
    fn the_last_day_is_kept_to_its_end() {
        let (since, term) = (at("2026-11-22T09:00:00Z"), Term::Months(1));
        assert!(!term.is_over(since, at("2026-12-22T18:59:59Z")));
        assert!(term.is_over(since, at("2026-12-22T19:00:00Z")));
    }

    #[test]
    fn nothing_that_is_over_falls_through_the_sieve() {
        for term in [Term::Months(1), Term::Months(3), Term::Months(24), Term::Days(7)] {
            let mut now = at("2027-01-01T00:30:00Z");
            while now < at("2029-03-02T00:00:00Z") {
                let sieve = term.sieve(now);
                assert!(!term.is_over(sieve, now), "{term:?} {now}: the sieve must be the wider one");
                now += SignedDuration::from_hours(23);
            }
        }
    }

    #[test]
    fn the_bin_is_emptied_after_seven_days() {
        assert_eq!(deleted_at(at("2026-11-22T09:00:00Z")), at("2026-11-29T09:00:00Z"));
    }
}
