//! Years for dates that are written without one.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::fact_check::dates::ParsedDate;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::BlockKind;
use crate::web::month_number;

/// Years that a text names, to resolve its dates without a year.
pub(super) struct Calendar {
    /// The years that the text names with a month or a day.
    pub years: BTreeSet<i16>,
    pub reference_day: Date,
}

impl Calendar {
    pub fn of(sentences: &[Sentence], reference_day: Date) -> Self {
        let mut years = BTreeSet::new();
        for sentence in sentences {
            years.extend(sentence.dates.iter().filter_map(|date| date.year));
            let is_title = sentence.block.field == "title" || sentence.block.kind == BlockKind::Heading;
            for (at, token) in sentence.tokens.iter().enumerate() {
                let before = at.checked_sub(1).map_or("", |at| sentence.word(at));
                let is_dated =
                    is_title || matches!(before, "in" | "of" | "en" | "de") || month_number(before).is_some();
                years.extend(token.number().and_then(|number| number.year()).filter(|_| is_dated));
            }
        }
        Self { years, reference_day }
    }

    /// The day that a date without a year means: the nearest to the publication.
    fn nearest_day(&self, date: &ParsedDate) -> Option<Date> {
        let near = self.reference_day;
        let days_away = |day: &Date| near.until(*day).map_or(i32::MAX, |span| span.get_days().abs());
        (near.year() - 1..=near.year() + 1).filter_map(|year| date.in_year(year)).min_by_key(days_away)
    }

    /// The years a date without one may be of.
    pub fn years_for(&self, date: &ParsedDate) -> BTreeSet<i16> {
        if let Some(year) = date.year {
            return BTreeSet::from([year]);
        }
        let mut years = self.years.clone();
        years.extend(self.nearest_day(date).map(|day| day.year()));
        if self.years.is_empty() {
            years.insert(self.reference_day.year());
        }
        years
    }
}
