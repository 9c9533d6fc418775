//! Phrase shapes: which quantity a number or a date states, judged by the words around it.
//!
//! The shapes are in `data/fact_check/shapes.txt`. Each shape that fits adds its weight to a quantity; the quantity with
//! the largest sum wins, if it is large enough and well ahead of the next.

use std::ops::Range;

use crate::fact_check::word_classes::{Classes, class};

/// Part of a sentence as the shapes see it.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub kind: UnitKind,
    /// Tokens of the sentence.
    pub tokens: Range<usize>,
    pub classes: Classes,
    /// Whether shapes skip it at no cost: `(CRS)` after the words, quotation marks, the number of a named draw.
    pub is_transparent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    Word,
    Number,
    /// Index of the date in the sentence.
    Date(usize),
    Placeholder,
    Mark(char),
}

#[derive(Debug)]
enum Element {
    /// One or more units of a class.
    Class(Classes),
    /// Next unit is not of a class.
    Not(Classes),
    /// Up to so many words.
    Gap(usize),
    /// `:`, `–`, `=`, `|` or `(`.
    Separator,
    /// Start or end of the clause.
    Edge,
    Date,
}

/// Where a shape applies.
#[derive(Debug)]
enum Pattern {
    /// Words before the target, nearest first, and after it.
    Near { before: Vec<Element>, after: Vec<Element> },
    /// Classes that the label of the target has or has not.
    Label { has: Vec<Classes>, lacks: Vec<Classes> },
    /// Classes that the clause of the target has or has not.
    Clause { has: Vec<Classes>, lacks: Vec<Classes> },
}

#[derive(Debug)]
pub(super) struct Shape {
    pub quantity: &'static str,
    pub weight: i64,
    /// Whether the target is a date, not a number.
    is_of_date: bool,
    /// The only number that it fits.
    value: Option<i64>,
    pattern: Pattern,
}

impl Shape {
    /// Parses `crs 4: cutoff ..4 N`, `label crs 5: score !ranklabel` or `clause crs 2: tiebreak`.
    /// `D` in place of `N` makes it a shape of dates, as do the scopes `label-date` and `clause-date`.
    fn parse(text: &'static str) -> Option<Self> {
        let (head, pattern) = text.split_once(": ")?;
        let words: Vec<&'static str> = head.split(' ').collect();
        let (scope, quantity, weight) = match words.as_slice() {
            [quantity, weight] => ("near", *quantity, *weight),
            [scope, quantity, weight] => (*scope, *quantity, *weight),
            _ => return None,
        };
        let parts: Vec<&str> = pattern.split_whitespace().collect();
        let set = |prefix: bool| {
            let of = parts.iter().filter(move |part| part.starts_with('!') == prefix);
            of.map(|part| classes(part.trim_start_matches('!'))).collect::<Vec<_>>()
        };
        let is_of_date = parts.contains(&"D") || scope.ends_with("-date");
        let pattern = match scope {
            "near" => {
                let target = parts.iter().position(|part| matches!(*part, "N" | "D") || part.starts_with("N="))?;
                let before = parts[..target].iter().rev().filter_map(|part| element(part)).collect();
                Pattern::Near { before, after: parts[target + 1..].iter().filter_map(|part| element(part)).collect() }
            }
            "label" | "label-date" => Pattern::Label { has: set(false), lacks: set(true) },
            _ => Pattern::Clause { has: set(false), lacks: set(true) },
        };
        let value = parts.iter().find_map(|part| part.strip_prefix("N=")?.parse().ok());
        Some(Self { quantity, weight: weight.parse().ok()?, is_of_date, value, pattern })
    }

    fn fits(&self, context: &Context) -> bool {
        let all = |classes: Classes, has: &[Classes], lacks: &[Classes]| {
            has.iter().all(|wanted| classes.has(*wanted)) && !lacks.iter().any(|other| classes.has(*other))
        };
        match &self.pattern {
            Pattern::Near { before, after } => {
                let is_date = self.is_of_date;
                // "500, and the nurses" does not count nurses.
                let is_closed = !is_date && matches!(after.first(), Some(Element::Gap(_))) && context.is_closed;
                !is_closed
                    && matches_side(context.ahead.iter().rev().copied(), before, is_date, true)
                    && matches_side(context.behind.iter().copied(), after, is_date, is_date)
            }
            Pattern::Label { has, lacks } => context.label.is_some_and(|label| all(label, has, lacks)),
            Pattern::Clause { has, lacks } => all(context.clause_classes, has, lacks),
        }
    }
}

fn classes(names: &str) -> Classes {
    let mut set = Classes::default();
    names.split('|').for_each(|name| set.add(class(name)));
    set
}

fn element(part: &str) -> Option<Element> {
    Some(match part {
        ":" => Element::Separator,
        "^" | "$" => Element::Edge,
        "DATE" => Element::Date,
        _ => match (part.strip_prefix(".."), part.strip_prefix('!')) {
            (Some(count), _) => Element::Gap(count.parse().ok()?),
            (_, Some(names)) => Element::Not(classes(names)),
            _ => Element::Class(classes(part)),
        },
    })
}

/// Target with the words around it.
pub(super) struct Context<'c> {
    /// Units of its clause before and after it, and the word that begins the next clause. Remarks in brackets with a
    /// number are left out: "the score needed (500 invitations) was 476".
    ahead: Vec<&'c Unit>,
    behind: Vec<&'c Unit>,
    /// Whether a mark follows it.
    is_closed: bool,
    clause_classes: Classes,
    /// Classes of the label, if the target is labelled.
    label: Option<Classes>,
    is_date: bool,
    /// The number.
    value: Option<i64>,
}

impl<'c> Context<'c> {
    pub fn of(
        units: &'c [Unit],
        at: usize,
        (clause, clause_classes): (Range<usize>, Classes),
        label: Option<Classes>,
        value: Option<i64>,
    ) -> Self {
        // The word that begins the next clause may decide: "300 more than".
        let end = (clause.end + 1).min(units.len());
        let next = units.get(at + 1).filter(|_| at + 1 < clause.end);
        let is_closed = next.is_some_and(|unit| matches!(unit.kind, UnitKind::Mark(',' | ')' | ':' | '.')));
        Self {
            ahead: without_remarks(&units[clause.start..at]),
            behind: without_remarks(&units[at + 1..end]),
            is_closed,
            clause_classes,
            label,
            is_date: value.is_none(),
            value,
        }
    }
}

/// Units without remarks in brackets that have a number.
fn without_remarks(units: &[Unit]) -> Vec<&Unit> {
    let mut found: Vec<&Unit> = vec![];
    for unit in units {
        if unit.kind == UnitKind::Mark(')')
            && let Some(open) = found.iter().rposition(|unit| unit.kind == UnitKind::Mark('('))
            && found[open..].iter().any(|unit| unit.kind == UnitKind::Number && !unit.is_transparent)
        {
            found.truncate(open);
        } else {
            found.push(unit);
        }
    }
    found
}

/// Whether the units fit the elements, both read away from the target. Dates belong to words beyond other
/// numbers. What a number counts stands before the next comma.
fn matches_side<'u>(
    units: impl Iterator<Item = &'u Unit> + Clone,
    elements: &[Element],
    is_date: bool,
    has_commas: bool,
) -> bool {
    let Some((first, rest)) = elements.split_first() else { return true };
    let mut units = units;
    match first {
        Element::Date => {
            let next = units.find(|unit| !unit.is_transparent);
            next.is_some_and(|unit| matches!(unit.kind, UnitKind::Date(_)))
                && matches_side(units, rest, is_date, has_commas)
        }
        Element::Edge => units.all(|unit| unit.is_transparent),
        Element::Not(set) => {
            let mut peek = units.clone();
            peek.find(|unit| !unit.is_transparent).is_none_or(|unit| !unit.classes.has(*set))
                && matches_side(units, rest, is_date, has_commas)
        }
        Element::Separator => {
            let separator = units.find(|unit| !unit.is_transparent);
            let is_separator =
                |unit: &Unit| matches!(unit.kind, UnitKind::Mark(':' | '–' | '—' | '-' | '=' | '|' | '('));
            separator.is_some_and(is_separator) && matches_side(units, rest, is_date, has_commas)
        }
        Element::Class(set) => {
            // A transparent unit may itself be of the class: "(CRS)".
            while let Some(unit) = units.next() {
                if unit.classes.has(*set) {
                    let mut more = units.clone();
                    // A phrase of several words.
                    while more.next().is_some_and(|unit| unit.classes.has(*set)) {
                        units.next();
                    }
                    return matches_side(units, rest, is_date, true);
                }
                if !unit.is_transparent {
                    return false;
                }
            }
            false
        }
        Element::Gap(count) => {
            let mut left = *count;
            loop {
                if matches_side(units.clone(), rest, is_date, has_commas) {
                    return true;
                }
                let Some(unit) = units.next() else { return false };
                let can_skip = match unit.kind {
                    UnitKind::Word | UnitKind::Placeholder | UnitKind::Date(_) => true,
                    UnitKind::Mark(',') => has_commas,
                    UnitKind::Mark(mark) => matches!(mark, '"' | '“' | '”' | '’' | '-' | '(' | ')' | '/'),
                    UnitKind::Number => is_date,
                };
                if unit.is_transparent {
                    continue;
                }
                if !can_skip || left == 0 {
                    return false;
                }
                left -= 1;
            }
        }
    }
}

/// The shapes of the data file.
pub(super) struct Shapes(Vec<Shape>);

impl Shapes {
    pub fn parse(file: &'static str) -> Self {
        let lines = file.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        Self(lines.map(|line| Shape::parse(line).unwrap_or_else(|| panic!("shapes.txt: {line}"))).collect())
    }

    /// Sum of the weights for each quantity.
    pub fn scores(&self, context: &Context) -> Vec<(&'static str, i64)> {
        let mut sums: Vec<(&str, i64)> = vec![];
        let is_kind = |shape: &&Shape| {
            shape.is_of_date == context.is_date && shape.value.is_none_or(|value| Some(value) == context.value)
        };
        for shape in self.0.iter().filter(is_kind).filter(|shape| shape.fits(context)) {
            match sums.iter_mut().find(|(quantity, _)| *quantity == shape.quantity) {
                Some((_, sum)) => *sum += shape.weight,
                None => sums.push((shape.quantity, shape.weight)),
            }
        }
        sums
    }
}
