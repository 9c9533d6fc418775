//! Days on which published figures and lists were last compared with their source.

use jiff::civil::Date;

use crate::web::DisplayDate;

/// First and last of the days on which several records were last checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckDates {
    /// `None` if all were last checked on the same day.
    pub from: Option<DisplayDate>,
    pub to: DisplayDate,
}

impl CheckDates {
    /// Returns `None` if there are no records, or the day of one of them is unknown.
    pub fn of(days: impl IntoIterator<Item = Option<Date>>) -> Option<Self> {
        let days: Vec<Date> = days.into_iter().collect::<Option<_>>()?;
        let (first, last) = (*days.iter().min()?, *days.iter().max()?);
        Some(Self { from: (first < last).then(|| first.into()), to: last.into() })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn checks_are_shown_as_one_day_or_from_the_first_to_the_last() {
        let (early, late) = (date(2026, 8, 20), date(2026, 10, 1));
        assert_eq!(CheckDates::of([Some(late), Some(late)]), Some(CheckDates { from: None, to: late.into() }));
        let both = CheckDates { from: Some(early.into()), to: late.into() };
        assert_eq!(CheckDates::of([Some(late), Some(early), Some(late)]), Some(both));
        assert_eq!(CheckDates::of([Some(late), None]), None);
        assert_eq!(CheckDates::of([]), None);
    }
}
