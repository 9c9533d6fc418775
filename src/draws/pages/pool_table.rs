//! Pool table with a bar per band and the position of the cut-off.

use crate::draws::pool::{Band, BandKind, Pool};
use crate::web::{DisplayDate, with_thousands};

#[derive(Clone, Debug)]
pub struct PoolTable {
    pub as_of: DisplayDate,
    pub rows: Vec<PoolRow>,
    pub wrong_sums: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct PoolRow {
    pub label: &'static str,
    pub is_sum: bool,
    pub is_part: bool,
    pub profiles: String,
    pub bar: Option<f64>,
    pub has_cut_off: bool,
}

impl PoolTable {
    pub fn of(pool: &Pool, crs: i64) -> Self {
        let is_total = |band: Band| band.kind == BandKind::Total;
        let longest = pool.bands().filter(|(band, _)| !is_total(*band)).map(|(_, count)| count).max().unwrap_or(0);
        let row = |(band, count): (Band, i64)| PoolRow {
            label: band.label,
            is_sum: band.kind == BandKind::SubTotal,
            is_part: band.kind == BandKind::Part,
            profiles: with_thousands(count),
            bar: (!is_total(band)).then(|| share(count, longest)),
            has_cut_off: matches!(band.kind, BandKind::Whole | BandKind::Part) && band_contains(band, crs),
        };
        let wrong = |sum: crate::draws::pool::WrongSum| {
            format!(
                "{} was published as {}, but its bands add up to {}.",
                sum.band.label,
                with_thousands(sum.published),
                with_thousands(sum.computed)
            )
        };
        Self {
            as_of: pool.as_of.into(),
            rows: pool.bands().map(row).collect(),
            wrong_sums: pool.wrong_sums().into_iter().map(wrong).collect(),
        }
    }
}

fn band_contains(band: Band, crs: i64) -> bool {
    let edges = band.key.split_once('_').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    edges.is_some_and(|(from, to): (i64, i64)| (from..=to).contains(&crs))
}

/// Percentage of the longest bar, with one decimal.
fn share(count: i64, longest: i64) -> f64 {
    let thousandths = if longest > 0 { count * 1000 / longest } else { 0 };
    f64::from(i32::try_from(thousandths).unwrap_or(0)) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(crs: i64) -> PoolTable {
        let counts = [
            604, 884, 55867, 680, 3001, 21544, 17111, 13351, 61108, 12691, 13187, 10674, 11846, 12710, 69709, 36432,
            5585, 230189,
        ];
        PoolTable::of(&Pool { as_of: "2023-04-26".parse().unwrap(), counts }, crs)
    }

    #[test]
    fn the_cut_off_lies_in_exactly_one_band() {
        for (crs, label) in
            [(1200, "601–1200"), (601, "601–1200"), (600, "501–600"), (476, "471–480"), (451, "451–460"), (75, "0–300")]
        {
            let with: Vec<&str> =
                table(crs).rows.iter().filter(|line| line.has_cut_off).map(|line| line.label).collect();
            assert_eq!(with, [label], "{crs}");
        }
    }

    #[test]
    fn the_longest_bar_is_the_largest_band_and_the_total_has_none() {
        let table = table(476);
        assert_eq!(table.rows[14].bar, Some(100.0));
        assert_eq!(table.rows[0].bar, Some(0.8));
        assert_eq!(table.rows[17].bar, None);
        assert_eq!(table.wrong_sums, ["451–500 was published as 55,867, but its bands add up to 55,687."]);
    }
}
