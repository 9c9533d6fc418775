//! Fact check of posts: finds contradictions to the draw record, impossible dates and codes, and forbidden promises.

mod ambiguity;
mod asides;
mod bound;
mod calendar;
mod claim;
mod claims;
mod corrections;
mod date_parser;
mod dates;
mod draw_index;
mod draw_record;
mod eligibility;
mod figure_check;
mod finding;
mod groups;
mod markdown_reader;
mod no_figure;
mod noc_codes;
mod pairs;
mod personal;
mod phrases;
mod possible_draws;
mod promises;
mod rank;
mod references;
mod report;
mod sentence;
mod shapes;
#[cfg(test)]
mod tests;
mod text_block;
mod titles;
mod tokens;
mod topic;
mod totals;
mod unexplained;
mod units;
mod verdict;
mod weekday_check;
mod word_classes;
mod wrong_draw;

pub use draw_record::DrawRecord;
pub use finding::{Finding, Rule, Severity, SuggestedFix};

use std::collections::HashSet;

use jiff::civil::Date;

use crate::fact_check::calendar::Calendar;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::{Block, french_balance};

/// Checks the fields of a post and returns up to `MAX_FINDINGS` findings in reading order.
///
/// `fields` are names with source texts: `title` and `summary` are plain text, all others Markdown. Dates without a
/// year are resolved to the year closest to `reference_day`. Takes time proportional to the length of the text.
pub fn findings(fields: &[(&'static str, &str)], record: &DrawRecord, reference_day: Date) -> Vec<Finding> {
    let mut found = check(fields, record, reference_day);
    drop_uncertain_fixes(&mut found, fields, |corrected| check(corrected, record, reference_day));
    set_line_numbers(&mut found, fields);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Findings in reading order, still without line numbers.
fn check(fields: &[(&'static str, &str)], record: &DrawRecord, reference_day: Date) -> Vec<RawFinding> {
    let (mut blocks, mut found): (Vec<Block>, Vec<RawFinding>) = (vec![], vec![]);
    for (field, source) in fields {
        let contents = markdown_reader::read(field, source);
        blocks.extend(contents.blocks);
        found.extend(contents.truncated_at.map(|at| table_too_large(field, source, at)));
    }
    set_language(&mut blocks);
    let sentences: Vec<Sentence> = blocks.iter().flat_map(Sentence::all_of).collect();
    let calendar = Calendar::of(&sentences, reference_day);
    found.extend(noc_codes::findings(&sentences, record, reference_day));
    found.extend(weekday_check::findings(&sentences, &calendar, record.draws));
    found.extend(promises::findings(&sentences));
    let statements = figure_check::statements(&sentences);
    let (figures, draws_at_hand) = figure_check::findings(&statements, record, &calendar);
    found.extend(figures);
    found.extend(eligibility::findings(&statements, record, &draws_at_hand));
    drop_weekdays_of_wrong_dates(&mut found);
    let place = |name: &str| fields.iter().position(|(field, _)| *field == name);
    found.sort_by_key(|(start, finding)| (place(finding.field), *start));
    if let Some((_, next)) = found.get_mut(MAX_FINDINGS) {
        next.rule = Rule::NotChecked;
        next.reason = format!("Only the first {MAX_FINDINGS} findings are shown. Correct these, then check again.");
        next.suggested_fix = None;
        found.truncate(MAX_FINDINGS + 1);
    }
    found
}

/// Checks the text with all its fixes again, and drops the fixes of sentences that still have an error.
fn drop_uncertain_fixes(
    found: &mut [RawFinding],
    fields: &[(&'static str, &str)],
    check: impl Fn(&[(&'static str, &str)]) -> Vec<RawFinding>,
) {
    if found.iter().all(|(_, finding)| finding.suggested_fix.is_none()) {
        return;
    }
    let corrected: Vec<(&str, String)> =
        fields.iter().map(|(field, source)| (*field, with_fixes(source, fixes_of(field, found)))).collect();
    let corrected: Vec<(&str, &str)> = corrected.iter().map(|(field, source)| (*field, source.as_str())).collect();
    let errors: HashSet<(&str, String)> = check(&corrected)
        .into_iter()
        .filter(|(_, finding)| finding.severity == Severity::Error)
        .map(|(_, finding)| (finding.field, finding.sentence))
        .collect();
    for (_, finding) in found {
        let sentence = finding.suggested_fix.as_ref().and_then(|fix| fix.corrected_sentence.clone());
        if sentence.is_some_and(|sentence| errors.contains(&(finding.field, sentence))) {
            finding.suggested_fix = None;
        }
    }
}

fn fixes_of<'f>(field: &str, found: &'f [RawFinding]) -> impl Iterator<Item = &'f SuggestedFix> {
    let of_field = found.iter().filter(move |(_, finding)| finding.field == field);
    of_field.filter_map(|(_, finding)| finding.suggested_fix.as_ref())
}

/// Source of a field after its fixes.
fn with_fixes<'f>(source: &str, fixes: impl Iterator<Item = &'f SuggestedFix>) -> String {
    let mut fixes: Vec<&SuggestedFix> = fixes.collect();
    fixes.sort_by_key(|fix| fix.range.start);
    let (mut text, mut at) = (String::with_capacity(source.len()), 0);
    for fix in fixes {
        if fix.range.start >= at {
            text += &source[at..fix.range.start];
            text += &fix.replacement;
            at = fix.range.end;
        }
    }
    text + &source[at..]
}

/// Determines the language of each block. Short blocks take the language of the whole text.
fn set_language(blocks: &mut [Block]) {
    /// Words by which one language must lead in a block.
    const CLEAR_BALANCE: i64 = 3;
    let balances: Vec<i64> = blocks.iter().map(|block| french_balance(&block.text)).collect();
    let is_text_french = balances.iter().sum::<i64>() > 0;
    for (block, balance) in blocks.iter_mut().zip(balances) {
        block.is_french = if balance.abs() >= CLEAR_BALANCE { balance > 0 } else { is_text_french };
    }
}

/// Drops findings about the weekday of a date that is itself reported.
fn drop_weekdays_of_wrong_dates(found: &mut Vec<RawFinding>) {
    /// Bytes between a weekday and its date, with markup.
    const MAX_DISTANCE: usize = 40;
    let dates: Vec<(usize, &str)> = found
        .iter()
        .filter(|(_, finding)| matches!(finding.rule, Rule::Figure | Rule::NoSuchDraw))
        .map(|(start, finding)| (*start, finding.field))
        .collect();
    found.retain(|(start, finding)| {
        let is_beside = |(date, field): &(usize, &str)| *field == finding.field && start.abs_diff(*date) < MAX_DISTANCE;
        finding.rule != Rule::Weekday || !dates.iter().any(is_beside)
    });
}

/// Finding for a table with too many cells.
fn table_too_large(field: &'static str, source: &str, at: usize) -> RawFinding {
    let end = source.floor_char_boundary((at + 80).min(source.len()));
    let sentence = source.get(at..end).unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let reason =
        "This table is too large and was not checked from here on. Split it into smaller tables or attach a file."
            .into();
    let finding = Finding {
        rule: Rule::NotChecked,
        severity: Severity::Error,
        field,
        line: 0,
        words: 0..sentence.len(),
        sentence,
        reason,
        suggested_fix: None,
    };
    (at, finding)
}

/// Sets the line number of each finding. The findings must be in the order of the text.
fn set_line_numbers(found: &mut [RawFinding], fields: &[(&'static str, &str)]) {
    let (mut field, mut source, mut line, mut seen) = ("", "", 1, 0);
    for (start, finding) in found {
        if finding.field != field {
            source = fields.iter().find(|(name, _)| *name == finding.field).map_or("", |(_, source)| source);
            (field, line, seen) = (finding.field, 1, 0);
        }
        let start = (*start).clamp(seen, source.len());
        line += source.as_bytes()[seen..start].iter().filter(|byte| **byte == b'\n').count();
        seen = start;
        finding.line = line;
    }
}
