//! Latest cut-off of each draw type, and its distance from a visitor's score.

use jiff::ToSpan;

use crate::draws::{CategoryName, DrawSummary};
use crate::web::{DisplayDate, plural};

/// Latest draw of one type, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    pub name: String,
    pub round: String,
    pub day: DisplayDate,
    pub crs: i64,
    pub invitations: String,
    /// Such as `up 5 from 471`, compared with the previous draw of the type.
    pub change: String,
    /// `up`, `down` or empty.
    pub direction: &'static str,
    /// Set if the visitor entered a score.
    pub margin: Option<Margin>,
}

/// Distance of a score from a cut-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margin {
    pub is_above: bool,
    /// Such as `6 points above`.
    pub text: String,
}

impl Margin {
    fn of(score: i64, cut_off: i64) -> Self {
        let text = match score - cut_off {
            // People with the score of the cut-off are ranked by the time of their profile.
            0 => "equal: the tie-break decides".to_owned(),
            above @ 1.. => format!("{} above", plural(above, "point", "points")),
            below => format!("{} below", plural(-below, "point", "points")),
        };
        Self { is_above: score > cut_off, text }
    }
}

/// Cut-offs in the last year of the record, newest first, and those of types without a draw in that year.
#[derive(Debug, Default)]
pub struct CutOffs {
    pub current: Vec<CutOff>,
    pub earlier: Vec<CutOff>,
}

impl CutOffs {
    /// `summaries` are all draws, newest first.
    pub fn new(summaries: &[DrawSummary], names: &[CategoryName], score: Option<i64>) -> Self {
        let mut cut_offs = Self::default();
        let Some(latest) = summaries.first() else { return cut_offs };
        let year_ago = latest.date.saturating_sub(1.year());
        let mut seen: Vec<&str> = vec![];
        for (index, draw) in summaries.iter().enumerate() {
            let Some(category) = draw.category.as_deref().filter(|category| !seen.contains(category)) else { continue };
            seen.push(category);
            let before = summaries[index + 1..].iter().find(|other| other.category.as_deref() == Some(category));
            let (change, direction) = before.map_or(("first draw".into(), ""), |before| change(draw.crs, before.crs));
            let name = names.iter().find(|name| name.key == category).map_or(&draw.name, |name| &name.name);
            let cut_off = CutOff {
                name: name.clone(),
                round: draw.round.clone(),
                day: draw.day(),
                crs: draw.crs,
                invitations: draw.invitations_text(),
                change,
                direction,
                margin: score.map(|score| Margin::of(score, draw.crs)),
            };
            if draw.date > year_ago { &mut cut_offs.current } else { &mut cut_offs.earlier }.push(cut_off);
        }
        cut_offs
    }

    /// How many of the current cut-offs are below the score, such as `3 of 8`.
    pub fn count_below(&self) -> String {
        let is_above = |cut_off: &&CutOff| cut_off.margin.as_ref().is_some_and(|margin| margin.is_above);
        format!("{} of {}", self.current.iter().filter(is_above).count(), self.current.len())
    }
}

fn change(crs: i64, before: i64) -> (String, &'static str) {
    match crs - before {
        0 => ("unchanged".into(), ""),
        up @ 1.. => (format!("up {up} from {before}"), "up"),
        down => (format!("down {} from {before}", -down), "down"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn draw(round: &str, category: Option<&str>, days: i64, crs: i64) -> DrawSummary {
        DrawSummary {
            round: round.into(),
            date: date(2026, 10, 1).saturating_sub(days.days()),
            name: format!("Name of {round}"),
            category: category.map(str::to_owned),
            crs,
            invitations: 3500,
            has_wrong_invitations: false,
            has_wrong_date: false,
            checked_on: None,
        }
    }

    #[test]
    fn each_draw_type_has_one_row_with_its_latest_cut_off() {
        let names = [CategoryName { key: "trades".into(), name: "Trade occupations".into() }];
        let draws = [
            draw("9", Some("trades"), 0, 476),
            draw("8", None, 1, 300),
            draw("7", Some("cec"), 2, 518),
            draw("6", Some("trades"), 30, 477),
            draw("5", Some("cec"), 300, 510),
            draw("4", Some("general"), 400, 520),
            draw("3", Some("general"), 500, 520),
        ];
        let cut_offs = CutOffs::new(&draws, &names, Some(476));
        let rows = |rows: &[CutOff]| -> Vec<String> {
            let margin = |row: &CutOff| row.margin.as_ref().map(|margin| margin.text.clone()).unwrap_or_default();
            rows.iter().map(|row| format!("{} {} {}, {}", row.name, row.crs, row.change, margin(row))).collect()
        };
        let current = [
            "Trade occupations 476 down 1 from 477, equal: the tie-break decides",
            "Name of 7 518 up 8 from 510, 42 points below",
        ];
        assert_eq!(rows(&cut_offs.current), current);
        assert_eq!(rows(&cut_offs.earlier), ["Name of 4 520 unchanged, 44 points below"]);
        assert_eq!(cut_offs.count_below(), "0 of 2");
        assert_eq!(cut_offs.current.iter().map(|row| row.direction).collect::<Vec<_>>(), ["down", "up"]);
        let first = CutOffs::new(&draws[6..], &names, None);
        assert_eq!(rows(&first.current), ["Name of 3 520 first draw, "]);
        assert!(CutOffs::new(&[], &names, Some(476)).current.is_empty());
    }
}
