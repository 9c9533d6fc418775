//! Figures that stand beside a day: "the 518 of May 27", "463 (July 6)", "on May 27 it was 518".

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::{Statement, union};
use crate::fact_check::draw_index::sort_unique;
use crate::fact_check::shapes::{Unit, UnitKind};
use crate::fact_check::verdict::{Comparison, MAX_DAYS_OFF, Verdict, is_close};
use crate::fact_check::word_classes::class;

/// Words between a figure and a day that speak of a difference, of a person or of another time.
const OTHER: [&str; 12] = [
    "compare",
    "change",
    "gap",
    "more",
    "extra",
    "personal",
    "pool",
    "base",
    "nomination",
    "published",
    "difference",
    "future",
];

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Verdicts of the figures of a sentence that stand beside a day and are not that day's, if a draw near it has the
    /// figure, or the draw of the day almost.
    pub fn pairs(&self, statement: usize) -> Vec<Verdict<'r>> {
        let here = &self.statements[statement];
        if here.is_row() || here.is_provincial || ["future", "mistake", "personal"].iter().any(|name| here.has(name)) {
            return vec![];
        }
        let pairs: Vec<(&Claim, &Claim)> = here.figures_with_days();
        let mut found: Vec<Verdict> = vec![];
        for date in here.claims.iter().filter(|claim| matches!(claim.value, Value::Date(_))) {
            let figures: Vec<&Claim> =
                pairs.iter().filter(|(_, day)| std::ptr::eq(*day, date)).map(|(figure, _)| *figure).collect();
            found.extend(self.pair(date, &figures));
        }
        found
    }

    fn pair(&self, date: &Claim, figures: &[&Claim]) -> Option<Verdict<'r>> {
        if figures.is_empty() || !self.is_in_record(date) || self.is_known_tie_break(date) {
            return None;
        }
        let days = self.days(date);
        let mut on_day = self.on_days(&days);
        on_day.extend(self.draws_of_list(date));
        let has = |draw: &Draw, figure: &Claim| is_figure_of(figure, draw);
        let wrong: Vec<&Claim> = figures
            .iter()
            .copied()
            .filter(|figure| !on_day.iter().any(|draw| has(draw, figure)))
            .filter(|figure| !self.is_personal(figure) && !self.is_of_pool(figure))
            .collect();
        // "From February it was 3,000, from April 11 3,500": the figure after the day is that of the day.
        let is_told = |right: &&Claim| {
            !wrong.iter().any(|wrong| std::ptr::eq(*wrong, *right))
                && wrong.iter().all(|wrong| wrong.quantity == right.quantity)
        };
        if wrong.is_empty() || figures.iter().any(is_told) {
            return None;
        }
        // The day is wrong if a draw near it has all figures.
        let near = days.iter().flat_map(|day| self.index.around(*day, MAX_DAYS_OFF)).copied();
        let mut right: Vec<&Draw> = near
            .filter(|draw| draw.date <= self.around.last_known && figures.iter().all(|figure| has(draw, figure)))
            .collect();
        sort_unique(&mut right);
        let only = if let [only] = right.as_slice() { Some(*only) } else { None };
        match (only, on_day.first()) {
            (Some(right), None) => {
                let figures = figures.iter().map(|figure| with_quantity(figure, right)).collect();
                Some(Verdict::WrongDate { claim: date.clone(), figures, named: None, right })
            }
            (None, None) => (!right.is_empty()).then(|| Verdict::NoDraw { claim: date.clone() }),
            // Whether the figure or the day is wrong is open.
            (Some(right), Some(draw)) => {
                let claim = with_quantity(wrong[0], right);
                Some(Verdict::Differs { claim, draw, other: Some(right), is_certain: false })
            }
            (None, Some(_)) => {
                let [figure] = wrong.as_slice() else { return None };
                let draw = on_day.iter().copied().find(|draw| is_close(figure, draw)).filter(|_| right.is_empty())?;
                Some(Verdict::Differs { claim: (*figure).clone(), draw, other: None, is_certain: false })
            }
        }
    }
}

/// Whether a number is a figure of a draw; one without clear words may be either.
fn is_figure_of(figure: &Claim, draw: &Draw) -> bool {
    let Value::Number(number) = figure.value else { return false };
    match figure.quantity {
        Quantity::CutOff if !figure.is_weak => number == draw.crs,
        Quantity::Invitations if !figure.is_weak => number == draw.invitations(),
        _ => number == draw.crs || number == draw.invitations(),
    }
}

fn with_quantity(figure: &Claim, draw: &Draw) -> Claim {
    let is_score = figure.value == Value::Number(draw.crs);
    Claim { quantity: if is_score { Quantity::CutOff } else { Quantity::Invitations }, ..figure.clone() }
}

impl Statement<'_, '_> {
    /// Figures with the day beside them.
    fn figures_with_days(&self) -> Vec<(&Claim, &Claim)> {
        let mut found: Vec<(&Claim, &Claim)> = vec![];
        let is_figure = |claim: &&Claim| matches!(claim.quantity, Quantity::Invitations | Quantity::CutOff);
        let is_date = |claim: &&Claim| matches!(claim.quantity, Quantity::Date | Quantity::Aside);
        for (at, figure) in self.claims.iter().enumerate().filter(|(_, claim)| is_figure(claim)) {
            let after = self.claims.get(at + 1).filter(is_date).filter(|date| self.is_before_day(figure, date));
            let last = at.checked_sub(1).and_then(|at| self.claims.get(at)).filter(is_date);
            let before = || last.filter(|date| self.is_after_day(figure, date));
            // "5,000 at 399": the day of the number before.
            let of_last = || {
                let (last, date) = found.last()?;
                let between = self.between(last, figure)?;
                let is_same = last.clause_tokens == figure.clause_tokens || self.are_in_brackets(last, figure);
                (between.len() <= 4 && is_same && is_plain(between)).then_some(*date)
            };
            let before = || before().filter(|date| !self.has_mark(date, figure, ';'));
            if let Some(date) = after.or_else(before).or_else(of_last) {
                found.push((figure, date));
            }
        }
        found
    }

    fn has_mark(&self, first: &Claim, second: &Claim, mark: char) -> bool {
        (first.tokens.end..second.tokens.start).any(|at| self.sentence.is_punctuation(at, mark))
    }

    /// Units between two claims, if no number and no day stands there.
    fn between(&self, first: &Claim, second: &Claim) -> Option<&[Unit]> {
        let from = self.units.partition_point(|unit| unit.tokens.start < first.tokens.end);
        let to = self.units.partition_point(|unit| unit.tokens.start < second.tokens.start);
        let units = self.units.get(from..to)?;
        let is_word = |unit: &Unit| unit.is_transparent || !matches!(unit.kind, UnitKind::Number | UnitKind::Date(_));
        units.iter().all(is_word).then_some(units)
    }

    fn is_before_day(&self, figure: &Claim, date: &Claim) -> bool {
        const MAX_UNITS: usize = 4;
        let Some(between) = self.between(figure, date) else { return false };
        let is_link = |unit: &Unit| unit.classes.has(class("ofon")) || unit.kind == UnitKind::Mark('(');
        let is_comma = between.len() == 1 && between[0].kind == UnitKind::Mark(',');
        // "(1,800; CRS 436), healthcare on July 5": the brackets belong to the day before them.
        let is_closed = between.iter().any(|unit| unit.kind == UnitKind::Mark(')'));
        // "855, PNP, September 29"
        let is_list = between.len() > 1
            && [between.first(), between.last()]
                .iter()
                .all(|unit| unit.is_some_and(|unit| unit.kind == UnitKind::Mark(',')))
            && !union(between).has(class("verb"));
        let is_linked = is_comma
            || is_list && !self.has_joint(between)
            || between.last().is_some_and(is_link) && !is_closed && !self.has_joint(between);
        between.len() <= MAX_UNITS && is_linked && is_plain(between) && !self.has_mark(figure, date, ';')
    }

    fn is_after_day(&self, figure: &Claim, date: &Claim) -> bool {
        const MAX_UNITS: usize = 6;
        self.between(date, figure).is_some_and(|between| {
            let is_relative = between.iter().any(|unit| unit.classes.has(class("relative")));
            between.len() <= MAX_UNITS
                && is_plain(between)
                && !self.has_joint(between)
                && (date.quantity == Quantity::Date || is_relative)
        })
    }

    /// Whether two figures stand in the same brackets: "(1,800; CRS 436)".
    fn are_in_brackets(&self, first: &Claim, second: &Claim) -> bool {
        let is_in = |claim: &Claim| self.sentence.is_in_brackets(claim.tokens.start);
        is_in(first) && is_in(second) && !self.has_mark(first, second, ')')
    }

    /// Whether another statement begins: "484, and on March 15".
    fn has_joint(&self, between: &[Unit]) -> bool {
        between.iter().any(|unit| matches!(self.sentence.word(unit.tokens.start), "and" | "but" | "et" | "mais"))
    }
}

/// Whether nothing between a figure and a day ends the statement or speaks of something else.
fn is_plain(between: &[Unit]) -> bool {
    let classes = union(between);
    !between.iter().any(|unit| matches!(unit.kind, UnitKind::Mark('|' | '.' | '%' | '$')))
        && !OTHER.iter().any(|name| classes.has(class(name)))
}
