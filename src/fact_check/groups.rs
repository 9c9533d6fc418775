//! Groups of claims about one draw, and the draws that a text speaks of.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::{Draw, DrawNumber};
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::draw_index::{DrawIndex, sort_unique};
use crate::fact_check::references::{Reference, ReferenceKind};
use crate::fact_check::shapes::{Unit, UnitKind};
use crate::fact_check::tokens::TokenKind;
use crate::fact_check::word_classes::class;

/// Claims of a sentence, of a table row or of labelled lines about one draw.
#[derive(Clone, Default)]
pub(super) struct Group<'r> {
    /// Invitations, cut-offs and tie-breaks.
    pub figures: Vec<Claim>,
    /// Figures that only their size can confirm.
    pub weak: Vec<Claim>,
    /// Dates of the draw.
    pub dates: Vec<Claim>,
    /// Draws that are named by number, link or token.
    pub named: Vec<&'r Draw>,
    /// Statement and token of the number, if one draw is named.
    pub number_at: Option<(usize, usize)>,
    /// Number that the record does not have, with its statement and token.
    pub unknown: Option<(usize, usize, DrawNumber)>,
    /// Whether the named draw only marks a time: "after draw 252".
    pub is_aside: bool,
    /// Whether another draw is named for comparison: "down from 504 on June 4".
    pub is_comparison: bool,
    pub is_labelled: bool,
    /// Whether a date alone opens an entry, as in "**June 24.** 271 nominees".
    pub is_opening: bool,
    /// First statement.
    pub first: usize,
}

/// Draws that a text speaks of.
#[derive(Default)]
pub(super) struct Surroundings<'r> {
    /// Named last in the section.
    pub current: Vec<&'r Draw>,
    /// Whether it was named by number, link or token.
    pub is_current_named: bool,
    /// Subject of the text.
    pub topic: Vec<&'r Draw>,
    /// Whether the text names its subject by number, link or token.
    pub is_topic_named: bool,
    /// Whether the text does not name its subject, so that a draw of the days before its publication is taken.
    pub is_topic_inferred: bool,
    /// Whether not even a figure or the category of the text is that draw's.
    pub is_topic_assumed: bool,
    /// Whether the title names a year and no draw: a list of figures may be that of the year.
    pub is_of_year: bool,
    /// Numbers of invitations and cut-offs that the text gives.
    pub figures: HashSet<i64>,
    /// Days that the text gives.
    pub days: HashSet<Date>,
    /// Draw whose number the text gives, and the draw whose figures it gives.
    pub misnamed: Option<(&'r Draw, &'r Draw)>,
    /// Years that the title names.
    pub title_years: Vec<i16>,
    /// Day of the last draw that the text can speak of.
    pub last_known: Date,
    /// Named anywhere in the text.
    pub named: Vec<&'r Draw>,
    /// Held on a day that only marks a time: "since June 28".
    pub mentioned: Vec<&'r Draw>,
    /// Held in the months around any draw that the text names, or around its publication.
    pub months_around: Vec<&'r Draw>,
    /// Invitations of the largest of these, at least 5,000.
    pub most_invitations: i64,
    /// Held within some days of the subject or of the publication.
    pub nearby: Vec<&'r Draw>,
}

impl Group<'_> {
    /// Statement that names the draw.
    pub fn statement_of_reference(&self) -> usize {
        self.dates.first().map_or(self.first, |date| date.statement)
    }
}

impl<'r> Surroundings<'r> {
    /// Adds the draws held within two weeks of these days, up to a last day.
    pub fn add_nearby(&mut self, index: &DrawIndex<'r>, days: impl Iterator<Item = Date>, last: Date) {
        const NEARBY: i64 = 14;
        for day in days {
            self.nearby
                .extend(index.between(day.saturating_sub(NEARBY.days()), day.saturating_add(NEARBY.days()).min(last)));
        }
        sort_unique(&mut self.nearby);
    }
}

/// Groups the claims of each statement by the draw that they are about. Labelled lines in a row form one group.
pub(super) fn groups<'r>(statements: &[Statement], index: &DrawIndex<'r>) -> Vec<Group<'r>> {
    let mut groups: Vec<Group> = vec![];
    for (at, statement) in statements.iter().enumerate() {
        let is_number = is_number_line(statement);
        let is_labelled = is_number
            || !statement.claims.is_empty()
                && statement.references.is_empty()
                && statement.claims.iter().all(|claim| claim.is_labelled || claim.quantity == Quantity::Aside);
        let mut open = match groups.pop() {
            Some(last)
                if (is_labelled && last.is_labelled && !(is_number && last.number_at.is_some())
                    || last.is_opening && statement.references.is_empty())
                    && continues(statements, &last, at) =>
            {
                Group { is_opening: false, ..last }
            }
            last => {
                groups.extend(last);
                Group { first: at, is_labelled, is_opening: is_opening(statement), ..Group::default() }
            }
        };
        enum Item<'i> {
            Claim(&'i Claim),
            Reference(&'i Reference),
        }
        let claims = statement.claims.iter().map(|claim| (claim.tokens.start, Item::Claim(claim)));
        let references = statement.references.iter().map(|named| (named.tokens.start, Item::Reference(named)));
        let mut items: Vec<(usize, Item)> = references.chain(claims).collect();
        items.sort_by_key(|(start, _)| *start);
        let has_columns = statement.references.iter().any(|reference| reference.column.is_some());
        let mut column = None;
        let mut open_clause = Some(0);
        for (_, item) in items {
            let next = |open: &mut Group<'r>, groups: &mut Vec<Group<'r>>| {
                groups.push(std::mem::replace(open, Group { first: at, is_labelled, ..Group::default() }));
            };
            match item {
                Item::Reference(reference) => {
                    let (numbers, known) = match &reference.kind {
                        ReferenceKind::Numbers(numbers) => (numbers.clone(), numbered(statement, numbers, index)),
                        ReferenceKind::Day(day) => (vec![], index.between(*day, *day).to_vec()),
                        ReferenceKind::Previous => continue,
                    };
                    let is_other_column = reference.column.is_some() && reference.column != column;
                    let is_repeated = !open.named.is_empty() || open.unknown.is_some();
                    let is_same = !is_other_column
                        && is_repeated
                        && known.iter().all(|draw| open.named.iter().any(|other| std::ptr::eq(*other, *draw)));
                    if is_same {
                        continue;
                    }
                    if is_repeated || is_other_column || reference.is_aside {
                        next(&mut open, &mut groups);
                    }
                    column = reference.column;
                    let is_bound = is_bound(statement, reference.tokens.end);
                    open.is_comparison |= reference.is_aside && is_bound;
                    // A column of a day without a draw has no figures of one.
                    let is_other_day = matches!(reference.kind, ReferenceKind::Day(_)) && known.is_empty();
                    open.is_aside = reference.is_aside && !is_bound || is_other_day;
                    if known.is_empty() {
                        open.unknown = numbers.last().map(|number| (at, reference.tokens.end - 1, number.clone()));
                    }
                    if let ([_], [_], Some(token)) =
                        (numbers.as_slice(), known.as_slice(), reference.tokens.clone().last())
                    {
                        open.number_at = Some((at, token));
                    }
                    open.named.extend(known);
                }
                Item::Claim(claim) => {
                    let start = claim.clause_tokens.start;
                    let is_new = open_clause.replace(start).is_some_and(|before| before != start);
                    if is_new && !statement.is_row() && starts_comparison(statement, start) {
                        next(&mut open, &mut groups);
                        open.is_comparison = true;
                    }
                    let is_other_day = !open.figures.is_empty() || !open.dates.is_empty() || !open.named.is_empty();
                    if is_other_day && is_beside_date(statement, claim) {
                        next(&mut open, &mut groups);
                        open.is_comparison = claim.clause.has(class("compare"));
                    }
                    if has_columns && claim.column != column {
                        next(&mut open, &mut groups);
                        column = claim.column;
                    }
                    match claim.quantity {
                        Quantity::Date => {
                            if !open.dates.is_empty() {
                                next(&mut open, &mut groups);
                            }
                            // "518, four above the April 28 round"
                            if let Some(figure) = open.figures.last().filter(|figure| figure.statement == at)
                                && is_set_against(statement, figure.tokens.end..claim.tokens.start)
                            {
                                next(&mut open, &mut groups);
                                open.is_comparison = true;
                            }
                            // "475, or 22 points below the 497 of December 16": the day of the last number.
                            let last = open.figures.last().filter(|figure| figure.statement == at);
                            let last = last.map_or(usize::MAX, |figure| figure.tokens.end);
                            let weak = open.weak.pop_if(|weak| weak.statement == at && weak.tokens.start > last);
                            if let Some(weak) = weak {
                                next(&mut open, &mut groups);
                                (open.is_comparison, open.weak) = (true, vec![weak]);
                            }
                            open.dates.push(claim.clone());
                        }
                        Quantity::Aside => {
                            if open.is_aside {
                                continue;
                            }
                            next(&mut open, &mut groups);
                            if is_bound(statement, claim.tokens.end) {
                                (open.is_comparison, open.dates) = (true, vec![claim.clone()]);
                            } else {
                                open.is_aside = true;
                            }
                        }
                        _ if claim.is_weak => open.weak.push(claim.clone()),
                        _ => {
                            if open.figures.iter().any(|other| other.quantity == claim.quantity)
                                || is_new_clause(statement, &open, claim)
                            {
                                next(&mut open, &mut groups);
                            }
                            open.figures.push(claim.clone());
                        }
                    }
                }
            }
        }
        groups.push(open);
    }
    groups.retain(|group| {
        !group.weak.is_empty()
            || !group.figures.is_empty()
            || !group.dates.is_empty()
            || !group.named.is_empty()
            || group.unknown.is_some()
    });
    groups
}

/// Whether a clause sets its figures against those of another draw: "down from 504 on June 4".
fn starts_comparison(statement: &Statement, token: usize) -> bool {
    statement.units.iter().any(|unit| unit.tokens.start == token && unit.classes.has(class("compare")))
}

/// Whether words between a figure and a day name a difference: "four above", "three points fewer than on".
fn is_set_against(statement: &Statement, between: std::ops::Range<usize>) -> bool {
    let has = |name: &str| between.clone().any(|at| statement.has_at(at, name));
    (has("beyond") || has("difference")) && between.clone().any(|at| statement.spelled_numbers[at].is_some())
}

/// Whether a number stands directly before its day: "the 518 of May 27", "743 (October 7)".
fn is_beside_date(statement: &Statement, claim: &Claim) -> bool {
    let end = claim.tokens.end;
    let sentence = statement.sentence;
    let is_token =
        |at: usize| sentence.tokens.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Placeholder(_)));
    let has_date = |at: usize| is_token(at) || sentence.dates.iter().any(|date| date.tokens.start == at);
    let is_link = matches!(statement.sentence.word(end), "of" | "on" | "from" | "in" | "du" | "le")
        || ['(', ','].iter().any(|mark| statement.sentence.is_punctuation(end, *mark));
    matches!(claim.value, Value::Number(_)) && !statement.is_row() && is_link && has_date(end + 1)
}

/// Whether the words after an aside say something about it: "since March 23, when it was 467".
fn is_bound(statement: &Statement, end: usize) -> bool {
    let next = statement.units.iter().filter(|unit| unit.tokens.start >= end);
    let mut before_figure = next.clone().take_while(|unit| unit.kind != UnitKind::Number || unit.is_transparent);
    let is_open = |unit: &&Unit| unit.kind != UnitKind::Mark(',');
    let is_beside = |unit: &Unit| unit.classes.has(class("with")) || unit.kind == UnitKind::Mark('(');
    before_figure.any(|unit| unit.classes.has(class("relative"))) || next.filter(is_open).take(1).any(is_beside)
}

/// Whether an aside ends before a claim, since another clause has begun.
fn is_new_clause(statement: &Statement, open: &Group, claim: &Claim) -> bool {
    open.is_aside
        && open.named.is_empty()
        && statement.sentence.tokens[..claim.tokens.start].iter().rev().take(12).any(|token| token.is_punctuation(','))
}

/// Whether a sentence is only the date of an entry and perhaps its category.
fn is_opening(statement: &Statement) -> bool {
    const MAX_TOKENS: usize = 14;
    let sentence = statement.sentence;
    let is_date = |claim: &Claim| claim.quantity == Quantity::Date;
    let is_first = statement.claims.first().is_some_and(|claim| claim.tokens.start <= 2);
    let is_emphasised =
        sentence.block.spans_in(&sentence.range).iter().any(|span| span.text.len() + 6 > sentence.text().len());
    !statement.claims.is_empty()
        && statement.claims.iter().all(is_date)
        && sentence.tokens.len() <= MAX_TOKENS
        && !statement.is_row()
        && (is_first || is_emphasised)
}

/// Whether a line is only the number of a draw: "Draw number: 252".
fn is_number_line(statement: &Statement) -> bool {
    const MAX_TOKENS: usize = 6;
    let [reference] = statement.references.as_slice() else { return false };
    statement.claims.is_empty()
        && !reference.is_aside
        && !statement.is_row()
        && statement.sentence.tokens.len() <= MAX_TOKENS
}

/// Whether a statement goes on with the labelled lines before it.
fn continues(statements: &[Statement], group: &Group, at: usize) -> bool {
    let statement = &statements[at];
    let number = group.number_at.map(|(statement, _)| statement);
    let claims = group.figures.iter().chain(&group.dates).map(|claim| claim.statement);
    let last = claims.chain(number).max().unwrap_or(group.first);
    let (block, before) = (statement.sentence.block, statements[last].sentence.block);
    let is_repeated = statement.claims.iter().any(|claim| {
        let own = if claim.quantity == Quantity::Date { &group.dates } else { &group.figures };
        own.iter().any(|other| other.quantity == claim.quantity)
    });
    let is_near = at - last <= if group.is_opening { 1 } else { 3 }
        && block.field == before.field
        && block.section == before.section
        && !statement.is_row();
    is_near && !is_repeated
}

/// Draws with these numbers. In "2016 draw #27" the number may count the draws of the year.
pub(super) fn numbered<'r>(statement: &Statement, numbers: &[DrawNumber], index: &DrawIndex<'r>) -> Vec<&'r Draw> {
    let years: Vec<i16> = statement.years().filter(|_| !statement.is_row()).collect();
    let known = |number: &DrawNumber| {
        let place = usize::try_from(number.number()).unwrap_or(usize::MAX).saturating_sub(1);
        let of_year = years.iter().filter_map(move |year| index.of_year(*year, Date::MAX).get(place).copied());
        index.with_number(number).into_iter().chain(of_year)
    };
    numbers.iter().flat_map(known).collect()
}
