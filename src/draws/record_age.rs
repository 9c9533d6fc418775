//! Age of the draw record. If it is old, pages say that later draws may be missing.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqliteExecutor;

use crate::draws::store;
use crate::web::{DisplayDate, office_date, plural};

/// Days without a new draw after which the record counts as stale. In 2026, draws are held several times a week.
const STALE_AFTER_DAYS: i32 = 10;

/// Date of the latest draw and its age today, in the office time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAge {
    pub latest_draw: DisplayDate,
    pub year: i16,
    days_ago: i32,
}

impl RecordAge {
    pub fn new(latest: Date, today: Date) -> Self {
        Self { latest_draw: latest.into(), year: latest.year(), days_ago: (today - latest).get_days() }
    }

    pub fn is_stale(&self) -> bool {
        self.days_ago > STALE_AFTER_DAYS
    }

    /// Age of the latest draw, such as `52 days`.
    pub fn days_text(&self) -> String {
        plural(i64::from(self.days_ago), "day", "days")
    }
}

/// Age of the record; `None` if it is empty.
pub async fn record_age(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<RecordAge>> {
    let today = office_date(now);
    Ok(store::latest(db).await?.map(|latest| RecordAge::new(latest.date, today)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn record_is_stale_more_than_ten_days_after_its_latest_draw() {
        let latest = date(2026, 10, 1);
        for (today, is_old, age) in [
            (date(2026, 9, 30), false, "-1 days"),
            (date(2026, 10, 1), false, "0 days"),
            (date(2026, 10, 11), false, "10 days"),
            (date(2026, 10, 12), true, "11 days"),
            (date(2027, 10, 1), true, "365 days"),
        ] {
            let record_age = RecordAge::new(latest, today);
            assert_eq!((record_age.is_stale(), record_age.days_text().as_str()), (is_old, age), "{today}");
        }
        assert_eq!(RecordAge::new(latest, latest).latest_draw.text, "October 1, 2026");
    }
}
