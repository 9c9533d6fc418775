//! Claims: which quantity each number and date of a sentence states.

use std::ops::Range;
use std::sync::LazyLock;

use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::references::{Reference, ReferenceKind, is_number_label, references};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::shapes::{Context, Shapes, Unit, UnitKind};
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::units::{clauses, units};
use crate::fact_check::word_classes::{Classes, class, meanings};

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| Shapes::parse(include_str!("../../data/fact_check/shapes.txt")));

/// Sum of weights that a quantity needs.
const MIN_SCORE: i64 = 4;
/// Distance to the quantity with the next sum.
const MIN_LEAD: i64 = 1;

/// Smallest number without words that is compared with a draw.
const MIN_BARE: i64 = 70;

/// Tokens of a line that names a draw by its category and its day.
const MAX_ENTRY_TOKENS: usize = 12;

/// A sentence with its units, clauses, references and claims.
pub(super) struct Statement<'s, 'a> {
    pub sentence: &'s Sentence<'a>,
    pub units: Vec<Unit>,
    pub clauses: Vec<Range<usize>>,
    /// Categories of draws that are named.
    pub categories: Vec<&'static str>,
    /// For each token, the number that it spells.
    pub spelled_numbers: Vec<Option<i64>>,
    pub references: Vec<Reference>,
    pub claims: Vec<Claim>,
    /// Classes of all words.
    pub classes: Classes,
    /// Months that it names, except in dates.
    pub months: Vec<i8>,
    /// Whether it, a sentence before it in the paragraph or its heading is about a province's own draws.
    pub is_provincial: bool,
}

/// What the header of a table says of a column.
pub(super) struct Column {
    label: Classes,
    is_of_numbers: bool,
    /// Whether the header names a day, so that the column has the figures of its draw.
    is_of_day: bool,
    references: Vec<Reference>,
}

impl<'s, 'a> Statement<'s, 'a> {
    pub fn of(index: usize, sentence: &'s Sentence<'a>, header: Option<&[Column]>) -> Self {
        let meanings = meanings(&sentence.tokens);
        let cells = cells(sentence);
        let columns = || cells.iter().cloned().zip(header.unwrap_or_default());
        let number_columns: Vec<_> =
            columns().filter(|(_, column)| column.is_of_numbers).map(|(cell, _)| cell).collect();
        let mut references = references(sentence, &meanings, &number_columns);
        for (place, (cell, column)) in columns().enumerate() {
            let named = column.references.iter();
            references.extend(named.map(|named| Reference {
                tokens: cell.start..cell.start,
                column: Some(place),
                ..named.clone()
            }));
        }
        let units = units(sentence, &meanings.classes, &references);
        let clauses = clauses(&units);
        let classes = union(&units);
        let mut categories: Vec<&str> = meanings.categories.iter().map(|(_, key)| *key).collect();
        categories.dedup();
        let mut found = Self {
            sentence,
            units,
            clauses,
            categories,
            spelled_numbers: meanings.numbers,
            references,
            claims: vec![],
            classes,
            months: sentence.months(),
            is_provincial: false,
        };
        found.find_claims(index, &cells, header);
        found
    }

    /// What this header row says of its columns.
    pub fn columns(&self) -> Vec<Column> {
        let of_cell = |cell: Range<usize>| {
            let units = &self.units[self.unit_at(cell.start)..self.unit_at(cell.end)];
            let mut classes = vec![Classes::default(); self.sentence.tokens.len()];
            units.iter().for_each(|unit| classes[unit.tokens.clone()].fill(unit.classes));
            let is_here = |tokens: &Range<usize>| cell.contains(&tokens.start);
            let named = self.references.iter().filter(|named| is_here(&named.tokens)).cloned();
            let days = self.sentence.dates.iter().filter(|date| is_here(&date.tokens));
            let days = days.filter_map(|date| Some(Reference::of_day(date.tokens.clone(), date.date()?)));
            Column {
                label: union(units),
                is_of_numbers: is_number_label(self.sentence, &classes, cell.clone()),
                is_of_day: cell.clone().any(|at| self.sentence.is_in_date(at)),
                references: named.chain(days).collect(),
            }
        };
        cells(self.sentence).into_iter().map(of_cell).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.classes.has(class(name))
    }

    /// Whether a token is of a class.
    pub fn has_at(&self, token: usize, name: &str) -> bool {
        let unit = self.units.get(self.units.partition_point(|unit| unit.tokens.end <= token));
        unit.is_some_and(|unit| unit.classes.has(class(name)))
    }

    /// Whether it has a word of a class that no day beside it explains: in "a day earlier, on June 27," the day does.
    pub fn has_apart_from_days(&self, name: &str) -> bool {
        const MAX_UNITS: usize = 7;
        let is_day = |unit: &Unit| matches!(unit.kind, UnitKind::Date(_));
        let is_explained = |at: usize| {
            let beside = self.units[at..].iter().take(MAX_UNITS);
            beside.take_while(|unit| unit.kind != UnitKind::Number || unit.is_transparent).any(is_day)
        };
        self.has(name) && (0..self.units.len()).any(|at| self.units[at].classes.has(class(name)) && !is_explained(at))
    }

    /// Years that it names, except in dates.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years_at().map(|(_, year)| year)
    }

    pub fn years_outside_brackets(&self) -> impl Iterator<Item = i16> {
        self.years_at().filter(|(at, _)| !self.sentence.is_in_brackets(*at)).map(|(_, year)| year)
    }

    /// Years with their tokens.
    fn years_at(&self) -> impl Iterator<Item = (usize, i16)> {
        let tokens = self.sentence.tokens.iter().enumerate().filter(|(at, _)| !self.sentence.is_in_date(*at));
        tokens.filter_map(|(at, token)| Some((at, token.number()?.year()?)))
    }

    /// Whether it names a year as a period: "in 2025".
    pub fn names_year(&self) -> bool {
        let is_year = |unit: &Unit| {
            let number = self.sentence.tokens[unit.tokens.start].number();
            let is_of_code = matches!(self.sentence.word(unit.tokens.start.saturating_sub(1)), "noc" | "cnp");
            unit.is_transparent && !is_of_code && number.is_some_and(|number| number.year().is_some())
        };
        self.units.iter().any(is_year)
    }

    pub fn is_row(&self) -> bool {
        matches!(self.sentence.block.kind, BlockKind::Row { .. })
    }

    fn unit_at(&self, token: usize) -> usize {
        self.units.partition_point(|unit| unit.tokens.start < token)
    }

    fn find_claims(&mut self, statement: usize, cells: &[Range<usize>], header: Option<&[Column]>) {
        let row_label = cells.first().map(|cell| union(&self.units[..self.unit_at(cell.end)]));
        let is_weak_kind = |quantity: Quantity| matches!(quantity, Quantity::Invitations | Quantity::CutOff);
        for at in 0..self.units.len() {
            let unit = &self.units[at];
            let tokens = unit.tokens.clone();
            let value = match unit.kind {
                UnitKind::Number if !unit.is_transparent && !self.is_no_figure(tokens.start) => {
                    let number = self.sentence.tokens[tokens.start].number().and_then(|number| number.plain());
                    let Some(number) = number else { continue };
                    Value::Number(number)
                }
                UnitKind::Date(index) => Value::Date(index),
                _ => continue,
            };
            let column = cells.iter().position(|cell| cell.contains(&tokens.start));
            let head = column.and_then(|column| header?.get(column));
            if head.is_some_and(|head| head.is_of_day && head.references.is_empty()) {
                continue;
            }
            let labels = match column {
                Some(column) => {
                    vec![head.map(|head| head.label), row_label.filter(|_| column > 0)]
                }
                None => vec![self.label(at)],
            };
            let clause_range = match column {
                Some(column) => self.unit_at(cells[column].start)..self.unit_at(cells[column].end),
                None => self.clauses.iter().find(|clause| clause.contains(&at)).cloned().unwrap_or(at..at + 1),
            };
            let number = if let Value::Number(number) = value { Some(number) } else { None };
            let mut near = union(&self.units[clause_range.start..at]);
            near.add(union(&self.units[at..clause_range.end.min(at + 6)]));
            let clause_classes = union(&self.units[clause_range.clone()]);
            let mut is_from_header = false;
            let name = labels.into_iter().enumerate().find_map(|(place, label)| {
                is_from_header = column.is_some() && place == 0;
                let clause = (clause_range.clone(), clause_classes);
                let context = Context::of(&self.units, at, clause, label, number);
                let scores = SHAPES.scores(&context);
                let is_claim = |(name, score): &&(&'static str, i64)| {
                    Quantity::named(name).is_none_or(|quantity| self.is_possible(quantity, value, at, *score))
                };
                let scores: Vec<_> = scores.iter().filter(is_claim).copied().collect();
                best(&scores, MIN_SCORE).map(|best| (best, false)).or(best(&scores, 0).map(|best| (best, true)))
            });
            let named = name
                .and_then(|((name, score), is_weak)| Some((Quantity::named(name)?, score, is_weak)))
                .filter(|(quantity, _, is_weak)| !is_weak || is_weak_kind(*quantity));
            // A bare number may be a figure of the draw beside it.
            let is_bare = |number: i64| {
                let typed = self.sentence.tokens[tokens.start].number();
                let is_points = self.units.get(at + 1).is_some_and(|next| next.classes.has(class("points")));
                number >= MIN_BARE
                    && typed.is_some_and(|typed| typed.year().is_none())
                    && column.is_none()
                    && (!is_points || self.is_possible(Quantity::CutOff, value, at, 0))
            };
            let is_open = name.is_none_or(|((name, _), _)| Quantity::named(name).is_some());
            let named = match value {
                Value::Number(number) if is_open && named.is_none() && is_bare(number) => {
                    let is_score = self.is_possible(Quantity::CutOff, value, at, 0);
                    Some((if is_score { Quantity::CutOff } else { Quantity::Invitations }, 0, true))
                }
                _ => named,
            };
            // A time to the second that is not said to be the draw's is a tie-break.
            let is_tie_break = |index: usize| {
                let has_seconds = self.sentence.dates[index].time.is_some_and(|time| time.second.is_some());
                has_seconds && named.is_none_or(|(quantity, ..)| quantity == Quantity::Aside)
            };
            let named = match value {
                Value::Date(index) if is_tie_break(index) => Some((Quantity::TieBreak, MIN_SCORE, false)),
                _ => named,
            };
            let is_soft = named.is_none() && name.is_none_or(|((name, _), _)| name == "date");
            let (quantity, score, is_weak) = match (named, value) {
                (Some(named), _) => named,
                (None, Value::Date(_)) if is_soft => (Quantity::Date, 0, false),
                _ => continue,
            };
            self.claims.push(Claim {
                quantity,
                value,
                statement,
                tokens,
                column,
                is_labelled: !is_soft && column.is_none() && self.label(at).is_some(),
                clause: clause_classes,
                is_soft,
                is_weak,
                score,
                clause_tokens: self.units[clause_range.start].tokens.start..self.units[clause_range.end - 1].tokens.end,
                near,
                is_from_header,
            });
        }
        self.mark_second_asides();
        let has_figures = self.claims.iter().any(|claim| is_weak_kind(claim.quantity));
        let is_heading = self.sentence.block.kind == BlockKind::Heading;
        // "**Smallest:** agriculture on February 16."
        let is_entry = !self.categories.is_empty() && self.sentence.tokens.len() <= MAX_ENTRY_TOKENS;
        let is_kept = has_figures || is_heading || is_entry;
        self.claims.retain(|claim| !claim.is_soft || is_kept || claim.tokens.start <= 3);
    }

    /// "Between June 2 and June 28" names two days.
    fn mark_second_asides(&mut self) {
        // In "the tie-break of August 19 was April 12 at 16:32:26" the first is the day of the draw.
        let has_time = |claim: &Claim| claim.date(self.sentence).is_some_and(|date| date.time.is_some());
        let is_tie_break = |claim: &&Claim| claim.quantity == Quantity::TieBreak;
        if let [first, second] = self.claims.iter().filter(is_tie_break).collect::<Vec<_>>().as_slice()
            && !has_time(first)
            && has_time(second)
            && let Some(at) = self.claims.iter().position(|claim| claim.tokens == first.tokens)
        {
            self.claims[at].quantity = Quantity::Date;
        }
        for claim in &mut self.claims {
            // "From December 18 to 21" is a period.
            let end = claim.tokens.end;
            let is_joint =
                matches!(self.sentence.word(end), "to" | "au" | "à") || self.sentence.is_punctuation(end, '–');
            let day = self.sentence.tokens.get(end + 1).and_then(|token| token.number()?.value);
            if claim.quantity == Quantity::Date && is_joint && day.is_some_and(|day| day <= 31) {
                claim.quantity = Quantity::Aside;
            }
        }
        for at in 1..self.claims.len() {
            let [first, second] = [&self.claims[at - 1], &self.claims[at]];
            let between = first.tokens.end..second.tokens.start;
            let is_joined = (1..=2).contains(&between.len())
                && matches!(self.sentence.word(between.start), "and" | "to" | "et" | "au" | "à");
            if first.quantity == Quantity::Aside && second.quantity == Quantity::Date && is_joined {
                self.claims[at].quantity = Quantity::Aside;
            }
        }
    }

    /// Classes of the label before a value: `**CRS score of the lowest-ranked candidate:** 476`.
    fn label(&self, at: usize) -> Option<Classes> {
        const MAX_LABEL_UNITS: usize = 16;
        const MIN_PART_UNITS: usize = 4;
        let is_skipped = |unit: &Unit| unit.is_transparent || matches!(unit.kind, UnitKind::Mark('*' | '~'));
        let before = (0..at).rev().find(|before| !is_skipped(&self.units[*before]))?;
        let is_separator = matches!(self.units[before].kind, UnitKind::Mark(':' | '–' | '—' | '=' | '-' | '→' | '?'));
        let is_end = |unit: &Unit| {
            unit.kind == UnitKind::Number && !unit.is_transparent
                || matches!(unit.kind, UnitKind::Mark(';' | '|' | ':'))
        };
        let earliest = before.saturating_sub(MAX_LABEL_UNITS);
        // In "since August, and the score had hardly moved: 533" the label begins after the comma.
        let is_comma = |at: usize| self.units[at].kind == UnitKind::Mark(',') && before - at > MIN_PART_UNITS;
        let is_start = |at: &usize| is_end(&self.units[*at]) || is_comma(*at);
        let start = (earliest..before).rev().find(is_start).map_or(earliest, |at| at + 1);
        let is_label = is_separator && before > start;
        is_label.then(|| union(&self.units[start..before]))
    }

    /// Whether a number can be this quantity, by its size and format and the words beside it.
    fn is_possible(&self, quantity: Quantity, value: Value, at: usize, score: i64) -> bool {
        /// Sum of weights from which a number that looks like a year counts people.
        const CLEAR_SCORE: i64 = 6;
        /// No cut-off has been lower. Smaller numbers are parts of a score.
        const MIN_CUT_OFF: i64 = 70;
        const MAX_SCORE: i64 = 1200;
        let Value::Number(number) = value else { return true };
        let typed = self.sentence.tokens[self.units[at].tokens.start].number();
        let is_year = typed.is_some_and(|typed| typed.year().is_some());
        let has = |unit: Option<&Unit>, name: &str| unit.is_some_and(|unit| unit.classes.has(class(name)));
        let before = at.checked_sub(1).map(|at| &self.units[at]);
        let is_points = has(self.units.get(at + 1), "points");
        let is_minimum_of = has(before, "of") && at > 1 && has(self.units.get(at - 2), "minimum");
        // "511 ITAs – 744": the second number counts nothing.
        let is_after_count = at > 2
            && matches!(self.units[at - 1].kind, UnitKind::Mark('–' | '-' | ',' | '—' | '('))
            && has(self.units.get(at - 2), "invitation")
            && self.units[at - 3].kind == UnitKind::Number;
        match quantity {
            Quantity::CutOff => {
                (MIN_CUT_OFF..MAX_SCORE).contains(&number)
                    && typed.is_some_and(|typed| !typed.is_grouped)
                    && !has(self.units.get(at + 1), "person")
                    && !has(self.units.get(at + 1), "invitation")
            }
            Quantity::Invitations => {
                number > 0
                    && (!is_year || score >= CLEAR_SCORE)
                    && !is_points
                    && !has(before, "at")
                    && !["minimum", "chosen", "score"].iter().any(|name| has(before, name))
                    && !is_minimum_of
                    && !is_after_count
            }
            _ => true,
        }
    }

    /// Whether these tokens name "the previous draw".
    pub fn names_previous(&self, tokens: &Range<usize>) -> bool {
        let is_previous = |reference: &Reference| matches!(reference.kind, ReferenceKind::Previous);
        self.references.iter().any(|reference| is_previous(reference) && tokens.contains(&reference.tokens.start))
    }
}

/// Classes of all words in these units.
pub(super) fn union(units: &[Unit]) -> Classes {
    let mut all = Classes::default();
    units.iter().for_each(|unit| all.add(unit.classes));
    all
}

/// Tokens of each cell, if the sentence is a table row.
fn cells(sentence: &Sentence) -> Vec<Range<usize>> {
    let BlockKind::Row { cells, .. } = &sentence.block.kind else { return vec![] };
    cells.iter().map(|cell| sentence.tokens_in(cell)).collect()
}

/// The quantity with the largest sum, if it is large enough and well ahead.
fn best(sums: &[(&'static str, i64)], min_score: i64) -> Option<(&'static str, i64)> {
    let (name, score) = sums.iter().max_by_key(|(_, score)| *score).copied()?;
    // Quantities that are not compared need no lead over each other.
    let is_rival = |other: &str| other != name && (Quantity::named(name).is_some() || Quantity::named(other).is_some());
    let next = sums.iter().filter(|(other, _)| is_rival(other)).map(|(_, score)| *score).max().unwrap_or(0);
    (score >= min_score && score - next >= MIN_LEAD).then_some((name, score))
}
