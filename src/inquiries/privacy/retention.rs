//! Retention periods, by kind of inquiry, counted from the last activity.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::inquiries::privacy::store::RetentionStatus;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::web::{RetentionPeriods, office_date, office_time_zone};

/// Time in the trash before permanent deletion.
pub const TRASH_PERIOD: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// Calendar months: a period that starts on the 31st ends on the last day of a shorter month.
    Months(i32),
    Days(i32),
}

impl RetentionPeriod {
    /// Period from the site settings; quarantined inquiries have their own.
    pub fn for_kind(kind: InquiryKind, is_quarantined: bool, periods: &RetentionPeriods) -> Self {
        match kind {
            _ if is_quarantined => Self::Days(periods.quarantined_days),
            InquiryKind::Contact => Self::Months(periods.contact_months),
            InquiryKind::Apply => Self::Months(periods.apply_months),
        }
    }

    /// Last day of the period, in the office time zone, for an inquiry last active at `since`.
    pub fn expires_on(self, since: Timestamp) -> Date {
        office_date(since).saturating_add(self.span())
    }

    pub fn is_expired(self, since: Timestamp, now: Timestamp) -> bool {
        office_date(now) > self.expires_on(since)
    }

    /// Time after which no activity has expired at `now`. Off by a few days, since months differ in length: use this as a
    /// first filter only.
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
    pub fn period(&self, periods: &RetentionPeriods) -> RetentionPeriod {
        RetentionPeriod::for_kind(self.kind, self.state == InquiryState::Quarantined, periods)
    }

    /// Whether the period has ended. Ignores a legal hold.
    pub fn is_expired(&self, periods: &RetentionPeriods, now: Timestamp) -> bool {
        self.period(periods).is_expired(self.since, now)
    }
}

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
        let periods = RetentionPeriods { contact_months: 6, apply_months: 24, quarantined_days: 30 };
        assert_eq!(RetentionPeriod::for_kind(InquiryKind::Contact, false, &periods), RetentionPeriod::Months(6));
        assert_eq!(RetentionPeriod::for_kind(InquiryKind::Apply, false, &periods), RetentionPeriod::Months(24));
        for kind in [InquiryKind::Contact, InquiryKind::Apply] {
            assert_eq!(RetentionPeriod::for_kind(kind, true, &periods), RetentionPeriod::Days(30));
        }
    }

    #[test]
    fn months_are_calendar_months_in_the_office_time_zone() {
        for (since, period, last) in [
            ("2026-11-22T09:00:00Z", RetentionPeriod::Months(24), "2028-11-22"),
            // Already the next day in Lahore.
            ("2026-11-22T19:00:00Z", RetentionPeriod::Months(24), "2028-11-23"),
            ("2027-01-31T09:00:00Z", RetentionPeriod::Months(1), "2027-02-28"),
            ("2028-02-29T09:00:00Z", RetentionPeriod::Months(12), "2029-02-28"),
            ("2026-11-22T09:00:00Z", RetentionPeriod::Days(30), "2026-12-22"),
        ] {
            assert_eq!(period.expires_on(at(since)).to_string(), last, "{since} {period:?}");
        }
    }

    #[test]
    fn inquiry_expires_at_the_end_of_its_last_day() {
        let (since, period) = (at("2026-11-22T09:00:00Z"), RetentionPeriod::Months(1));
        assert!(!period.is_expired(since, at("2026-12-22T18:59:59Z")));
        assert!(period.is_expired(since, at("2026-12-22T19:00:00Z")));
    }

    #[test]
    fn coarse_cutoff_includes_every_expired_inquiry() {
        for period in [
            RetentionPeriod::Months(1),
            RetentionPeriod::Months(3),
            RetentionPeriod::Months(24),
            RetentionPeriod::Days(7),
        ] {
            let mut now = at("2027-01-01T00:30:00Z");
            while now < at("2029-03-02T00:00:00Z") {
                let cutoff = period.coarse_cutoff(now);
                assert!(!period.is_expired(cutoff, now), "{period:?} {now}: the first filter must be the wider one");
                now += SignedDuration::from_hours(23);
            }
        }
    }

    #[test]
    fn trash_is_deleted_after_seven_days() {
        assert_eq!(trash_expires_at(at("2026-11-22T09:00:00Z")), at("2026-11-29T09:00:00Z"));
    }
}
