//! Days that mark a time between draws: "the first draw since June 28", "the draws between May 1 and May 31".

use jiff::ToSpan;

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::verdict::{Comparison, Verdict};
use crate::fact_check::word_classes::class;

/// Words that say that the day is that of a draw: "no draw since", "the lowest since".
const SINCE_A_DRAW: [&str; 12] =
    ["no", "none", "not", "first", "last", "hadn't", "hasn't", "wasn't", "aucun", "aucune", "première", "dernière"];

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Days of a statement on which a draw must have been held, but was not, or was one of another category.
    pub fn wrong_asides(&self, statement: usize) -> Vec<Verdict<'r>> {
        let here = &self.statements[statement];
        if here.is_provincial
            || here.is_row()
            || here.sentence.block.kind == BlockKind::Heading
            || ["future", "introduced", "published", "pool", "personal"].iter().any(|name| here.has_apart(name))
        {
            return vec![];
        }
        let wrong =
            here.claims.iter().filter(|claim| here.marks_draw(claim)).filter_map(|claim| self.wrong_aside(claim));
        wrong.chain(here.claims.iter().filter_map(|claim| self.wrong_yesterday(claim))).collect()
    }

    /// "Yesterday, June 27" in a text of June 29, if a draw was held on June 28.
    fn wrong_yesterday(&self, claim: &Claim) -> Option<Verdict<'r>> {
        /// A text may be published some days late.
        const MAX_DAYS_LATE: i64 = 2;
        const MAX_DAYS: i32 = 14;
        let here = &self.statements[claim.statement];
        let is_skipped =
            |at: &usize| here.sentence.word(*at).is_empty() || matches!(here.sentence.word(*at), "le" | "the" | "on");
        let before = (0..claim.tokens.start).rev().find(|at| !is_skipped(at) && !here.has_at(*at, "weekday"))?;
        if !matches!(here.sentence.word(before), "yesterday" | "hier") || claim.quantity != Quantity::Date {
            return None;
        }
        let yesterday = self.calendar.reference_day.saturating_sub(1.days());
        let draw = *self.on_days(&[yesterday]).first()?;
        let day = *self.days(claim).first()?;
        let days_off = day.since(yesterday).map_or(i32::MAX, |span| span.get_days());
        let is_late = days_off < 0 && days_off >= -MAX_DAYS_LATE as i32 && !self.on_days(&[day]).is_empty();
        let is_wrong = days_off != 0 && days_off.abs() <= MAX_DAYS && !is_late;
        is_wrong.then(|| Verdict::Differs {
            claim: Claim { is_weak: true, ..claim.clone() },
            draw,
            other: None,
            is_certain: false,
        })
    }

    /// Times to the second in a statement that are neither the time nor the tie-break of any draw.
    pub fn wrong_times(&self, statement: usize) -> Option<Verdict<'r>> {
        let here = &self.statements[statement];
        let has_seconds = |claim: &&Claim| {
            let date = claim.date(here.sentence);
            date.is_some_and(|date| date.time.is_some_and(|time| time.is_utc && time.second.is_some()))
        };
        let claim = here.claims.iter().find(has_seconds).filter(|_| !here.is_provincial)?;
        let is_of = |draw: &Draw| {
            let instants = draw.tie_break.into_iter().chain(draw.held_at);
            claim.date(here.sentence).is_some_and(|date| instants.into_iter().any(|at| date.matches(at)))
        };
        let around = self.around;
        let draw = around.current.first().or(around.topic.first()).filter(|_| !around.is_topic_assumed)?;
        let is_known = self.index.all.iter().any(|draw| is_of(draw)) || draw.tie_break.is_none();
        let claim = Claim { quantity: Quantity::TieBreak, ..claim.clone() };
        (!is_known).then_some(Verdict::Differs { claim, draw, other: None, is_certain: false })
    }

    fn wrong_aside(&self, claim: &Claim) -> Option<Verdict<'r>> {
        let days = self.days(claim);
        let is_first_of_year = days.iter().any(|day| day.day_of_year() == 1);
        if is_first_of_year || !self.is_in_record(claim) || self.is_known_tie_break(claim) {
            return None;
        }
        self.on_days(&days).is_empty().then(|| Verdict::NoDraw { claim: Claim { is_weak: true, ..claim.clone() } })
    }
}

impl Statement<'_, '_> {
    /// Whether it has a word of a class besides "since".
    fn has_apart(&self, name: &str) -> bool {
        self.units.iter().any(|unit| {
            unit.classes.has(class(name)) && !matches!(self.sentence.word(unit.tokens.start), "since" | "depuis")
        })
    }

    /// Whether a day that marks a time must be that of a draw.
    fn marks_draw(&self, claim: &Claim) -> bool {
        if claim.quantity != Quantity::Aside || !matches!(claim.value, Value::Date(_)) {
            return false;
        }
        let word = |at: Option<usize>| at.map_or("", |at| self.sentence.word(at));
        let start = claim.tokens.start;
        let before = match word(start.checked_sub(1)) {
            "the" | "le" | "on" => word(start.checked_sub(2)),
            other => other,
        };
        let is_followed_by_when = (claim.tokens.end..claim.tokens.end + 3).any(|at| self.has_at(at, "relative"));
        let is_about_draws = ["draw", "invite", "invitation", "cutoff"].iter().any(|name| self.has(name));
        match before {
            "since" | "depuis" => {
                let is_since_draw = self.has_apart("record") || self.sentence.has(&SINCE_A_DRAW);
                is_about_draws && is_since_draw && !is_followed_by_when
            }
            "between" | "entre" => self.has("draws"),
            // "After the January 31 draw"
            _ => self.has_at(claim.tokens.end, "onedraw"),
        }
    }
}
