//! Check of the figures of draws: claims in groups, each against the draws that it may refer to.

use std::collections::HashSet;

use crate::draws::Draw;
use crate::fact_check::DrawRecord;
use crate::fact_check::calendar::Calendar;
use crate::fact_check::claims::{Column, Statement};
use crate::fact_check::draw_index::DrawIndex;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding};
use crate::fact_check::groups::{Group, groups};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::{Block, BlockKind};
use crate::fact_check::topic::surroundings;
use crate::fact_check::verdict::{Comparison, Verdict};
use crate::fact_check::{rank, report, totals};

/// Statements of a text, with the headers of their tables applied.
pub(super) fn statements<'s, 'a>(sentences: &'s [Sentence<'a>]) -> Vec<Statement<'s, 'a>> {
    let mut columns: Vec<Column> = vec![];
    let mut found = Vec::with_capacity(sentences.len());
    for (at, sentence) in sentences.iter().enumerate() {
        let is_header = matches!(sentence.block.kind, BlockKind::Row { header: 0, .. });
        let is_row = matches!(sentence.block.kind, BlockKind::Row { .. });
        let statement = Statement::of(at, sentence, Some(columns.as_slice()).filter(|_| is_row && !is_header));
        if is_header {
            columns = statement.columns();
        }
        found.push(statement);
    }
    mark_provincial(&mut found);
    found
}

/// Marks what is about a province's own draws: by its own words, else by those before it in the paragraph, else by
/// its heading.
fn mark_provincial(statements: &mut [Statement]) {
    let (mut heading, mut paragraph) = (false, None);
    let mut last: Option<&Block> = None;
    for statement in statements {
        let block = statement.sentence.block;
        let is_new = last.is_none_or(|last| !std::ptr::eq(last, block));
        if is_new {
            paragraph = None;
        }
        if last.is_none_or(|last| (last.field, last.section) != (block.field, block.section)) {
            heading = false;
        }
        last = Some(block);
        let own = (statement.has("province") || statement.has("federal")).then(|| !statement.has("federal"));
        paragraph = own.or(paragraph);
        statement.is_provincial = paragraph.unwrap_or(heading);
        if block.kind == BlockKind::Heading {
            heading = statement.is_provincial;
        }
    }
}

/// Figures, dates, totals and ranks that the record contradicts, and the draws that each statement may be about.
pub(super) fn findings<'r>(
    statements: &[Statement],
    record: &DrawRecord<'r>,
    calendar: &Calendar,
) -> (Vec<RawFinding>, Vec<Vec<&'r Draw>>) {
    let index = DrawIndex::of(record.draws);
    let mut around = surroundings(statements, &index, calendar);
    let groups = groups(statements, &index);
    let (mut found, mut at_hand) = (vec![], vec![]);
    let mut reported = HashSet::new();
    let mut section = None;
    let mut next = groups.iter().peekable();
    for (at, statement) in statements.iter().enumerate() {
        let block = statement.sentence.block;
        if section.replace((block.field, block.section)) != Some((block.field, block.section)) {
            around.current.clear();
            around.is_current_named = false;
        }
        while let Some(group) = next.next_if(|group| group.first <= at) {
            let comparison = Comparison { statements, index: &index, calendar, around: &around };
            let verdicts = comparison.verdicts(group);
            let draws = comparison.draws_of(group, &verdicts);
            if found.len() <= MAX_FINDINGS {
                found.extend(verdicts.iter().map(|verdict| report::finding(verdict, statements, index.newest())));
            }
            reported.extend(verdicts.iter().map(Verdict::statement));
            if !draws.is_empty() {
                (around.current, around.is_current_named) = (draws, !group.named.is_empty());
            }
        }
        if !reported.contains(&at) && found.len() <= MAX_FINDINGS {
            let comparison = Comparison { statements, index: &index, calendar, around: &around };
            let mut pairs = comparison.pairs(at);
            pairs.extend(comparison.wrong_asides(at));
            pairs.extend(comparison.wrong_times(at));
            found.extend(pairs.iter().map(|verdict| report::finding(verdict, statements, index.newest())));
        }
        let is_assumed = around.is_topic_assumed;
        let topic = if is_assumed { vec![] } else { around.topic.clone() };
        let draws = if around.current.is_empty() { topic } else { around.current.clone() };
        found.extend(rank::finding(statement.sentence, draws.first().copied()));
        at_hand.push(draws);
    }
    around.current.clear();
    let comparison = Comparison { statements, index: &index, calendar, around: &around };
    found.extend(totals::findings(&comparison));
    (found, at_hand)
}

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Draws that a group is about, for the sentences after it.
    fn draws_of(&self, group: &Group<'r>, verdicts: &[Verdict<'r>]) -> Vec<&'r Draw> {
        if group.is_aside || group.is_comparison {
            return vec![];
        }
        if let Some((_, right)) =
            self.around.misnamed.filter(|(wrong, _)| group.named.iter().any(|draw| std::ptr::eq(*draw, *wrong)))
        {
            return vec![right];
        }
        if !group.named.is_empty() {
            return group.named.clone();
        }
        let right = verdicts
            .iter()
            .find_map(|verdict| if let Verdict::WrongDate { right, .. } = verdict { Some(*right) } else { None });
        if let Some(right) = right {
            return vec![right];
        }
        let on_day = self.draws_on(group);
        let best: Vec<&Draw> = on_day.iter().copied().filter(|draw| self.fits_all(group, draw)).collect();
        if best.is_empty() { on_day } else { best }
    }
}
