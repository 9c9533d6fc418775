//! How far the record goes, and whether its latest draw is so old that later ones may be missing.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqliteExecutor;

use crate::draws::store;
use crate::web::{DisplayDate, office_time_zone, plural};

/// Days after which a record without a newer draw is out of date: in 2026 draws are held several times a week.
const STALE_AFTER_DAYS: i32 = 10;

/// The day of the latest draw of the record, on a day in the firm's offices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordAge {
    /// The day of the latest draw.
    pub latest_draw: DisplayDate,
    /// Its year.
    pub year: i16,
    days_ago: i32,
}

impl RecordAge {
    /// For a record whose latest draw was held on `latest`, as seen on `today`.
    pub fn new(latest: Date, today: Date) -> Self {
        Self { latest_draw: latest.into(), year: latest.year(), days_ago: (today - latest).get_days() }
    }

    /// Whether the latest draw is older than ten days.
    pub fn is_stale(&self) -> bool {
        self.days_ago > STALE_AFTER_DAYS
    }

    /// How old the latest draw is: `52 days`.
    pub fn days_text(&self) -> String {
        plural(i64::from(self.days_ago), "day", "days")
    }
}

/// How far the record goes; `None` while it is empty.
pub async fn record_age(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<RecordAge>> {
    let today = now.to_zoned(office_time_zone()).date();
    Ok(store::latest_date(db).await?.map(|latest| RecordAge::new(latest, today)))
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
