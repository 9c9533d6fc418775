//! Draw types held within a year: latest cut-off, change, and a small chart of each.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::DrawSummary;
use crate::draws::category::{CategoryName, category_name};
use crate::draws::pages::chart::path::{DotPath, LinePath};
use crate::draws::pages::chart::scale::{Scale, days, to_f64};
use crate::draws::pages::filter::category_key;
use crate::web::{DisplayDate, plural_len};

/// Draw types of the year that ends with the latest draw of the record, latest draw first.
#[derive(Clone, Debug)]
pub struct RecentTypes {
    /// First day of the year.
    pub first_day: Date,
    pub last_day: Date,
    pub rows: Vec<RecentType>,
}

#[derive(Clone, Debug)]
pub struct RecentType {
    pub key: String,
    pub name: String,
    pub round: String,
    pub day: DisplayDate,
    pub crs: i64,
    /// `up 5`, `down 1`, `unchanged` or `first draw`, compared with the previous draw of this type.
    pub change: String,
    /// Number of draws in the year.
    pub draws: usize,
    pub lowest: i64,
    pub highest: i64,
    pub sparkline: Sparkline,
}

/// Line through all draws of the year, scaled to the cut-offs of one draw type.
#[derive(Clone, Debug)]
pub struct Sparkline {
    pub line: String,
    /// The latest draw.
    pub dot: String,
}

/// Size of a sparkline in SVG units. Its width is stretched to the space.
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 28.0;
const MARGIN: f64 = 4.0;

impl RecentTypes {
    /// `all` are the draws of the record, newest first.
    pub fn of(all: &[DrawSummary], names: &[CategoryName]) -> Option<Self> {
        let last_day = all.first()?.date;
        let first_day = last_day.saturating_sub(1.year()).saturating_add(1.day());
        let mut keys: Vec<&str> = vec![];
        for draw in all.iter().filter(|draw| draw.date >= first_day) {
            if !keys.contains(&category_key(draw)) {
                keys.push(category_key(draw));
            }
        }
        let row = |key: &str| {
            let of_type: Vec<&DrawSummary> = all.iter().filter(|draw| category_key(draw) == key).collect();
            let held = of_type.iter().take_while(|draw| draw.date >= first_day).count();
            let (latest, before) = (*of_type.first()?, of_type.get(1).copied());
            let held = &of_type[..held];
            Some(RecentType {
                key: key.to_owned(),
                name: category_name(names, Some(key)).to_owned(),
                round: latest.round.clone(),
                day: latest.day(),
                crs: latest.crs,
                change: change(latest.crs, before.map(|before| before.crs)),
                draws: held.len(),
                lowest: held.iter().map(|draw| draw.crs).min()?,
                highest: held.iter().map(|draw| draw.crs).max()?,
                sparkline: Sparkline::of(held, first_day, last_day),
            })
        };
        let rows = keys.into_iter().filter_map(row).collect();
        Some(Self { first_day, last_day, rows })
    }

    pub fn from(&self) -> DisplayDate {
        self.first_day.into()
    }

    pub fn to(&self) -> DisplayDate {
        self.last_day.into()
    }
}

impl RecentType {
    /// Name without the word “occupations”.
    pub fn topic(&self) -> &str {
        self.name.strip_suffix(" occupations").unwrap_or(&self.name)
    }

    /// `6 draws, 462 to 476`
    pub fn summary(&self) -> String {
        let draws = plural_len(self.draws, "draw", "draws");
        match self.lowest == self.highest {
            true => draws,
            false => format!("{draws}, {} to {}", self.lowest, self.highest),
        }
    }
}

fn change(crs: i64, before: Option<i64>) -> String {
    match before.map(|before| crs - before) {
        None => "first draw".into(),
        Some(0) => "unchanged".into(),
        Some(up @ 1..) => format!("up {up}"),
        Some(down) => format!("down {}", -down),
    }
}

impl Sparkline {
    /// `draws` are newest first.
    fn of(draws: &[&DrawSummary], first_day: Date, last_day: Date) -> Self {
        let crs = || draws.iter().map(|draw| to_f64(draw.crs));
        let (lowest, highest) = (crs().fold(f64::MAX, f64::min), crs().fold(0.0, f64::max));
        let along = Scale::new(0.0, days(first_day, last_day), MARGIN, WIDTH - MARGIN);
        let up = Scale::new(lowest, highest, HEIGHT - MARGIN, MARGIN);
        let position = |draw: &DrawSummary| (along.at(days(first_day, draw.date)), up.at(to_f64(draw.crs)));
        let mut line = LinePath::default();
        draws.iter().rev().for_each(|draw| line.draw_to(position(draw)));
        let mut dot = DotPath::default();
        draws.first().iter().for_each(|draw| dot.add(position(draw)));
        Self { line: line.into_path(), dot: dot.into_path() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_compared_with_the_previous_draw_of_the_type() {
        for (crs, before, text) in [
            (476, None, "first draw"),
            (476, Some(476), "unchanged"),
            (476, Some(470), "up 6"),
            (463, Some(476), "down 13"),
        ] {
            assert_eq!(change(crs, before), text);
        }
    }
}
