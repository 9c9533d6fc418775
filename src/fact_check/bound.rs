//! Figures of one sentence that belong together: where one of them is that of a single draw, the others are compared
//! with this draw, even if the sentence does not name it.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::draw_index::sort_unique;
use crate::fact_check::groups::Group;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::verdict::{Comparison, Verdict};

/// Words that say that the figures may belong to different draws, or to none.
const OPEN: [&str; 9] = ["compare", "previous", "later", "gap", "draws", "personal", "pool", "future", "hedge"];

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Figures that differ from those of the draw that another figure of the sentence identifies.
    pub fn bound(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let statement = &self.statements[group.first];
        let is_figure = |claim: &&Claim| matches!(claim.quantity, Quantity::Invitations | Quantity::CutOff);
        let figures: Vec<&Claim> = group.figures.iter().filter(is_figure).collect();
        let is_named = !group.named.is_empty() || !group.dates.is_empty() || group.unknown.is_some();
        if figures.len() < 2
            || is_named
            || group.is_comparison
            || group.is_aside
            || statement.is_provincial
            || statement.is_row()
            || figures.iter().any(|claim| claim.statement != group.first || !self.is_about_draw(claim))
            || OPEN.iter().any(|name| statement.has(name))
        {
            return vec![];
        }
        let known = self.known_draws(group);
        if known.iter().any(|draw| self.fits_all_figures(group, draw)) {
            return vec![];
        }
        let identified = self.identified(&figures, &known);
        // In "3,782 invited, score falls to 464" each figure is that of another draw: one of them is wrong.
        let is_split = identified.len() > 1;
        let is_open = statement.has("othertime") || statement.categories.len() > 1 || figures.len() != 2;
        let Some(draw) = identified.last().copied().filter(|_| !is_split || !is_open) else { return vec![] };
        let wrong = figures.into_iter().filter(|claim| !self.fits(claim, draw));
        let differs = |claim: &Claim| {
            let claim = Claim { is_weak: is_split, ..claim.clone() };
            Verdict::Differs { claim, draw, other: None, is_certain: false }
        };
        wrong.map(differs).collect()
    }

    /// Whether another draw of the weeks around this one has a figure, and the text may be about that draw: it gives
    /// about as much of it as of this one, and none of `claims` is right for this draw only.
    pub fn may_describe_another_draw(&self, claim: &Claim, claims: &[&Claim], draw: &Draw) -> bool {
        const MAX_DAYS: i64 = 20;
        const LEAD: usize = 2;
        let around = self.around;
        let own = self.days(claim);
        let figures = |draw: &Draw| [draw.invitations(), draw.crs];
        let days = |draw: &Draw| {
            let tie_break = draw.tie_break.map(|at| at.to_zoned(TimeZone::UTC).date());
            [Some(draw.date), tie_break].into_iter().flatten().collect::<Vec<_>>()
        };
        // What the text gives of one draw and the other does not have.
        let given = |draw: &Draw, other: &Draw| {
            let is_given = |figure: &i64| around.figures.contains(figure) && claim.value != Value::Number(*figure);
            let of_figures =
                figures(draw).into_iter().filter(is_given).filter(|figure| !figures(other).contains(figure));
            let is_given = |day: &Date| around.days.contains(day) && !own.contains(day) && !days(other).contains(day);
            of_figures.count() + days(draw).into_iter().filter(is_given).count()
        };
        let is_other = |other: &&Draw| {
            let of_other = given(other, draw);
            self.fits(claim, other)
                && of_other > 0
                && given(draw, other) < of_other + LEAD
                && !claims.iter().any(|claim| self.fits(claim, draw) && !self.fits(claim, other))
        };
        self.index.around(draw.date, MAX_DAYS).iter().any(is_other)
    }

    /// Recent draws and subjects that are the only ones with one of the figures.
    fn identified(&self, figures: &[&Claim], known: &[&'r Draw]) -> Vec<&'r Draw> {
        const MAX_DAYS: i64 = 10;
        let day = self.calendar.reference_day;
        let recent = self.index.between(day.saturating_sub(MAX_DAYS.days()), day.saturating_add(1.days()));
        let around = self.around;
        let at_hand: Vec<&Draw> = around.current.iter().chain(&around.topic).chain(recent).copied().collect();
        let mut found: Vec<&Draw> = vec![];
        for figure in figures {
            let mut fitting: Vec<&Draw> = known
                .iter()
                .chain(&at_hand)
                .chain(&around.months_around)
                .copied()
                .filter(|draw| self.fits(figure, draw))
                .collect();
            sort_unique(&mut fitting);
            match fitting[..] {
                [only] if at_hand.iter().any(|draw| std::ptr::eq(*draw, only)) => found.push(only),
                [] => {}
                // A figure of another draw.
                [_] => return vec![],
                _ => {}
            }
        }
        sort_unique(&mut found);
        found
    }
}

impl Statement<'_, '_> {
    /// Whether it is an entry of a list about one day: "May 2 – 500 – CRS 510".
    pub fn is_entry_of_day(&self) -> bool {
        const MAX_TOKENS: usize = 24;
        let dates = self.claims.iter().filter(|claim| claim.quantity == Quantity::Date).count();
        let is_first =
            self.claims.first().is_some_and(|claim| claim.quantity == Quantity::Date && claim.tokens.start <= 3);
        let is_line = matches!(self.sentence.block.kind, BlockKind::Item(_))
            || self.sentence.text().starts_with(['•', '–', '-', '✔', '👉', '▪']);
        is_line
            && is_first
            && dates == 1
            && self.sentence.tokens.len() <= MAX_TOKENS
            && !OPEN.iter().any(|name| self.has(name))
    }
}
