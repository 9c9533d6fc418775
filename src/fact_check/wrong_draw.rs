//! Numbers, dates and categories that belong to another draw.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::Draw;
use crate::fact_check::claim::Claim;
use crate::fact_check::draw_index::sort_unique;
use crate::fact_check::groups::Group;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::verdict::{Comparison, MAX_DAYS_OFF, Verdict, is_near};
use crate::fact_check::word_classes::class;

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// A number whose draw has none of the claims, where one other draw has all of them.
    pub fn wrong_number(&self, group: &Group<'r>, claims: &[&Claim]) -> Option<Verdict<'r>> {
        let ((statement, token), [named]) = (group.number_at?, group.named.as_slice()) else { return None };
        let has_time = |claim: &&Claim| {
            let date = claim.date(self.statements[claim.statement].sentence);
            date.is_some_and(|date| date.time.is_some_and(|time| time.second.is_some()))
        };
        let has_any = claims.iter().any(|claim| self.fits(claim, named));
        let misnamed = self.around.misnamed.filter(|(wrong, _)| std::ptr::eq(*wrong, *named));
        if let Some((named, right)) = misnamed.filter(|(_, right)| {
            let is_latest = ["latest", "yesterday"].iter().any(|name| self.statements[statement].has(name));
            claims.iter().any(|claim| self.fits(claim, right)) || claims.is_empty() && is_latest
        }) {
            return Some(Verdict::WrongNumber { statement, token, named, right });
        }
        let days: Vec<Date> = group.dates.iter().flat_map(|date| self.days(date)).collect();
        let near = days.iter().flat_map(|day| self.index.around(*day, 1)).chain(&self.around.nearby);
        let mut right: Vec<&Draw> = near.copied().filter(|draw| self.fits_all(group, draw)).collect();
        sort_unique(&mut right);
        match right.as_slice() {
            [right] if (claims.len() > 1 || claims.iter().any(has_time)) && !has_any => {
                Some(Verdict::WrongNumber { statement, token, named, right })
            }
            _ => None,
        }
    }

    /// Whether a date lies after the publication of the text.
    pub fn is_ahead(&self, date: &Claim) -> bool {
        /// A post may be dated before its last change.
        const MAX_DAYS: i64 = 3;
        let last = self.calendar.reference_day.saturating_add(MAX_DAYS.days());
        self.days(date).first().is_some_and(|day| *day > last)
    }

    /// Whether the words beside a date without figures say that it is the day of a draw: "the draw of June 28".
    pub fn is_day_of_draw(&self, date: &Claim) -> bool {
        /// Sums of weights of a date in the neighbourhood of a draw, and directly beside its noun or verb.
        const NEAR: i64 = 5;
        const BESIDE: i64 = 100;
        let sentence = self.statements[date.statement].sentence;
        let is_open = date.score >= NEAR || date.tokens.start <= 4 || sentence.block.kind == BlockKind::Heading;
        let names_draw = ["draw", "invite"].iter().any(|name| date.clause.has(class(name)));
        let is_beside = date.score >= BESIDE || is_open && names_draw || date.is_labelled || date.column.is_some();
        is_beside && !self.is_ahead(date)
    }

    /// A day without figures whose draws are all of other categories than the sentence says, if the text speaks of a
    /// draw of that category in those weeks.
    pub fn wrong_category(&self, group: &Group<'r>, date: &Claim, on_day: &[&'r Draw]) -> Option<Verdict<'r>> {
        let is_of_category = |draw: &Draw| self.is_of_category(group, draw);
        let is_open = !group.figures.is_empty()
            || !group.weak.is_empty()
            || date.is_soft
            || !["draw", "invite", "invitation"].iter().any(|name| date.clause.has(class(name)))
            || on_day.iter().any(|draw| is_of_category(draw));
        // A draw of the category in the same days, or one that the text speaks of in the same weeks.
        let statement = &self.statements[group.first];
        let is_clear = statement.categories.len() == 1 && statement.has("onedraw");
        let near = self.index.around(on_day.first()?.date, if is_clear { 7 } else { 0 });
        let subjects = self.around.topic.iter().chain(&self.around.named).copied();
        let subjects = subjects.filter(|draw| is_near(draw, on_day[0], MAX_DAYS_OFF));
        let right = near.iter().copied().chain(subjects).filter(|_| !is_open).find(|draw| is_of_category(draw))?;
        Some(Verdict::WrongCategory { claim: date.clone(), draw: on_day[0], right })
    }

    /// The one draw near the claimed days that has all the figures.
    pub fn other_draw(&self, group: &Group<'r>, date: &Claim) -> Option<&'r Draw> {
        let subjects = || self.around.current.iter().chain(&self.around.topic);
        let is_it = |draw: &&'r Draw| {
            !group.figures.is_empty() && self.fits_all_figures(group, draw) || self.rights(group, draw) > 1
        };
        let is_sure = |draw: &&'r Draw| {
            group.figures.len() > 1
                || self.is_of_category(group, draw)
                || self.around.topic.iter().any(|topic| topic.category == draw.category)
                || subjects().any(|subject| std::ptr::eq(*subject, *draw))
        };
        let near = self.days(date).into_iter().flat_map(|day| self.index.around(day, MAX_DAYS_OFF));
        let near = near.filter(|draw| draw.date <= self.around.last_known);
        let mut found: Vec<&Draw> =
            subjects().chain(near).copied().filter(|draw| is_it(draw) && is_sure(draw)).collect();
        sort_unique(&mut found);
        let subject = found.iter().find(|draw| subjects().any(|subject| std::ptr::eq(*subject, **draw)));
        match found.as_slice() {
            [only] => Some(only),
            _ => subject.copied(),
        }
    }
}
