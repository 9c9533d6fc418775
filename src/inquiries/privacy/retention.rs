//! How long an inquiry is kept: by its kind, from the last day on which anybody dealt with it.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::inquiries::privacy::store::RetentionStatus;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::web::{RetentionPeriods, office_time_zone};

/// How long something lies in the bin before it is deleted.
pub const TRASH_PERIOD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long an inquiry is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// By the calendar: what came on the 31st ends with a shorter month.
    Months(i32),
    /// For what looks like spam.
    Days(i32),
}

impl RetentionPeriod {
    /// What the firm's record says of this kind; what was set aside as spam has a time of its own.
    pub fn for_kind(kind: InquiryKind, is_quarantined: bool, periods: &RetentionPeriods) -> Self {
        match kind {
            _ if is_quarantined => Self::Days(periods.quarantined_days),
            InquiryKind::Contact => Self::Months(periods.contact_months),
            InquiryKind::Apply => Self::Months(periods.apply_months),
        }
    }

    /// The last day, in the firm's offices, on which something is kept that was last dealt with at `since`.
    pub fn expires_on(self, since: Timestamp) -> Date {
        office_date(since).saturating_add(self.span())
    }

    /// Whether that day has passed.
    pub fn is_expired(self, since: Timestamp, now: Timestamp) -> bool {
        office_date(now) > self.expires_on(since)
    }

    /// What was last dealt with after this instant is not over at `now`: a first sieve, a few days too wide since
    /// months differ in length.
    pub fn coarse_cutoff(self, now: Timestamp) -> Timestamp {
        let day = office_date(now).saturating_sub(self.span()).saturating_add(4.days());
        day.to_zoned(office_time_zone()).map_or(now, |start| start.timestamp())
    }

    fn span(self) -> Span {
        match self {
            Self::Months(months) => months.months(),
            Self::Days(days) => days.days(),
        }
    }
}

impl RetentionStatus {
    /// How long it is kept.
    pub fn period(&self, periods: &RetentionPeriods) -> RetentionPeriod {
        RetentionPeriod::for_kind(self.kind, self.state == InquiryState::Quarantined, periods)
    }

    /// Whether its time is over, whatever else keeps it.
    pub fn is_expired(&self, periods: &RetentionPeriods, now: Timestamp) -> bool {
        self.period(periods).is_expired(self.since, now)
    }
}

fn office_date(at: Timestamp) -> Date {
    at.to_zoned(office_time_zone()).date()
}

/// When something in the bin is deleted.
pub fn trash_expires_at(trashed_at: Timestamp) -> Timestamp {
    trashed_at + TRASH_PERIOD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn retention_period_depends_on_kind_and_quarantine() {
        let keeps = RetentionPeriods { contact_months: 6, apply_months: 24, quarantined_days: 30 };
        assert_eq!(RetentionPeriod::for_kind(InquiryKind::Contact, false, &keeps), RetentionPeriod::Months(6));
        assert_eq!(RetentionPeriod::for_kind(InquiryKind::Apply, false, &keeps), RetentionPeriod::Months(24));
        for kind in [InquiryKind::Contact, InquiryKind::Apply] {
            assert_eq!(RetentionPeriod::for_kind(kind, true, &keeps), RetentionPeriod::Days(30));
        }
    }

    #[test]
    fn months_are_calendar_months_in_the_office_time_zone() {
        for (since, term, last) in [
            ("2026-11-22T09:00:00Z", RetentionPeriod::Months(24), "2028-11-22"),
            // In Lahore it is the next day already.
            ("2026-11-22T19:00:00Z", RetentionPeriod::Months(24), "2028-11-23"),
            ("2027-01-31T09:00:00Z", RetentionPeriod::Months(1), "2027-02-28"),
            ("2028-02-29T09:00:00Z", RetentionPeriod::Months(12), "2029-02-28"),
            ("2026-11-22T09:00:00Z", RetentionPeriod::Days(30), "2026-12-22"),
        ] {
            assert_eq!(term.expires_on(at(since)).to_string(), last, "{since} {term:?}");
        }
    }

    #[test]
    fn inquiry_expires_at_the_end_of_its_last_day() {
        let (since, term) = (at("2026-11-22T09:00:00Z"), RetentionPeriod::Months(1));
        assert!(!term.is_expired(since, at("2026-12-22T18:59:59Z")));
        assert!(term.is_expired(since, at("2026-12-22T19:00:00Z")));
    }

    #[test]
    fn coarse_cutoff_includes_every_expired_inquiry() {
        for term in [
            RetentionPeriod::Months(1),
            RetentionPeriod::Months(3),
            RetentionPeriod::Months(24),
            RetentionPeriod::Days(7),
        ] {
            let mut now = at("2027-01-01T00:30:00Z");
            while now < at("2029-03-02T00:00:00Z") {
                let cutoff = term.coarse_cutoff(now);
                assert!(!term.is_expired(cutoff, now), "{term:?} {now}: the sieve must be the wider one");
                now += SignedDuration::from_hours(23);
            }
        }
    }

    #[test]
    fn trash_is_deleted_after_seven_days() {
        assert_eq!(trash_expires_at(at("2026-11-22T09:00:00Z")), at("2026-11-29T09:00:00Z"));
    }
}
