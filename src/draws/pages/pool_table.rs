//! Pool of a draw: profiles per score band, and where the cut-off falls.
//!
//! Only bands that do not overlap are listed together. Subtotals contain other bands, so they are separate. Bars compare
//! bands of the same width: those of ten points.

use jiff::civil::Date;

use crate::draws::pool::{Band, BandKind, Pool, WrongSum};
use crate::web::{DisplayDate, plural, with_thousands};

#[derive(Clone, Debug)]
pub struct PoolTable {
    pub as_of: DisplayDate,
    /// `4 days before the draw`
    pub counted: String,
    /// Bands that do not overlap, highest scores first.
    pub rows: Vec<PoolRow>,
    /// Subtotals and the total, each with its number of profiles.
    pub sums: Vec<(&'static str, String)>,
    /// Position of the cut-off, as a sentence.
    pub position: String,
    pub wrong_sums: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct PoolRow {
    pub label: &'static str,
    pub profiles: String,
    /// Length in percent of the longest bar; `None` for a band that is wider than ten points.
    pub bar: Option<f64>,
    pub has_cut_off: bool,
}

impl PoolTable {
    /// `drawn_on` is the date of the draw.
    pub fn of(pool: &Pool, crs: i64, drawn_on: Date) -> Self {
        let (bands, sums): (Vec<_>, Vec<_>) =
            pool.bands().partition(|(band, _)| matches!(band.kind, BandKind::Whole | BandKind::Part));
        let has_bar = |band: Band| band.kind == BandKind::Part;
        let longest = bands.iter().filter(|(band, _)| has_bar(*band)).map(|(_, count)| *count).max().unwrap_or(0);
        let row = |(band, count): &(Band, i64)| PoolRow {
            label: band.label,
            profiles: with_thousands(*count),
            bar: has_bar(*band).then(|| share(*count, longest)),
            has_cut_off: band_contains(*band, crs),
        };
        Self {
            as_of: pool.as_of.into(),
            counted: counted((drawn_on - pool.as_of).get_days()),
            rows: bands.iter().map(row).collect(),
            sums: sums.iter().map(|(band, count)| (band.label, with_thousands(*count))).collect(),
            position: position(&bands, crs),
            wrong_sums: pool.wrong_sums().iter().map(wrong_sum).collect(),
        }
    }
}

/// Time between the count and the draw.
fn counted(days: i32) -> String {
    match days {
        0 => "on the day of the draw".into(),
        1.. => format!("{} before the draw", plural(days.into(), "day", "days")),
        _ => format!("{} after the draw", plural((-days).into(), "day", "days")),
    }
}

/// `The cut-off of 476 falls in the band 471–480, which had 17,111 profiles. Higher bands had 25,909 profiles.`
fn position(bands: &[(Band, i64)], crs: i64) -> String {
    let Some(index) = bands.iter().position(|(band, _)| band_contains(*band, crs)) else { return String::new() };
    let (band, count) = &bands[index];
    let had = format!("which had {}", plural(*count, "profile", "profiles"));
    let higher: i64 = bands[..index].iter().map(|(_, count)| count).sum();
    let higher = if index == 0 {
        "This is the highest band.".to_owned()
    } else {
        format!("Higher bands had {}.", plural(higher, "profile", "profiles"))
    };
    format!("The cut-off of {crs} falls in the band {}, {had}. {higher}", band.label)
}

fn wrong_sum(sum: &WrongSum) -> String {
    format!(
        "{} was published as {}, but its bands add up to {}.",
        sum.band.label,
        with_thousands(sum.published),
        with_thousands(sum.computed)
    )
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
        let as_of = "2023-04-26".parse().unwrap();
        PoolTable::of(&Pool { as_of, counts }, crs, "2023-04-28".parse().unwrap())
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
    fn only_bands_of_ten_points_have_bars_and_sums_are_separate() {
        let table = table(476);
        let labels: Vec<&str> = table.rows.iter().map(|row| row.label).collect();
        assert_eq!(labels.len(), 15);
        assert_eq!((labels[1], labels[2], labels[6], labels[7]), ("501–600", "491–500", "451–460", "441–450"));
        assert_eq!(table.rows.iter().filter(|row| row.bar.is_some()).count(), 10);
        assert_eq!((table.rows[4].bar, table.rows[2].bar, table.rows[12].bar), (Some(100.0), Some(3.1), None));
        let sums: Vec<(&str, &str)> = table.sums.iter().map(|(label, count)| (*label, count.as_str())).collect();
        assert_eq!(sums, [("451–500", "55,867"), ("401–450", "61,108"), ("Total", "230,189")]);
        assert_eq!(table.wrong_sums, ["451–500 was published as 55,867, but its bands add up to 55,687."]);
        assert_eq!(table.counted, "2 days before the draw");
    }

    #[test]
    fn position_of_the_cut_off_counts_higher_bands_once() {
        assert_eq!(
            table(476).position,
            "The cut-off of 476 falls in the band 471–480, which had 21,544 profiles. Higher bands had 5,169 profiles."
        );
        assert_eq!(
            table(725).position,
            "The cut-off of 725 falls in the band 601–1200, which had 604 profiles. This is the highest band."
        );
    }
}
