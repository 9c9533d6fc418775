//! Fact check of posts: finds contradictions to the draw record, impossible dates and codes, and forbidden promises.

mod claims;
mod compare;
mod context;
mod context_words;
mod date_parser;
mod dates;
mod draw_mentions;
mod figure_check;
mod forbidden_claims;
mod invitations;
mod labels;
mod markdown_reader;
mod noc_codes;
mod rank;
mod scores;
mod table;
#[cfg(test)]
mod tests;
mod text_block;
mod titles;
mod tokens;
mod weekday_check;

use std::ops::Range;

use jiff::civil::Date;

use crate::draws::Draw;
use crate::fact_check::dates::Calendar;
use crate::fact_check::text_block::Block;
use crate::fact_check::tokens::Sentence;
use crate::http::sha256_hex;
use crate::noc::Occupation;

/// Reference data for the fact check.
#[derive(Clone, Copy)]
pub struct DrawRecord<'a> {
    pub draws: &'a [Draw],
    pub occupations: &'a [Occupation],
}

/// Type of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Code that does not exist in NOC 2021.
    NocUnknown,
    /// Code next to the title of a different occupation.
    NocTitle,
    /// Figure that differs from the draw record.
    Figure,
    /// Day of the week that does not match the date.
    Weekday,
    /// Rank given as a score.
    RankAsScore,
    /// Promise that a licensed consultant must not make.
    ForbiddenWord,
    /// Date that does not exist.
    DateImpossible,
    /// Part of the text that exceeds a limit of the check.
    NotChecked,
}

impl Rule {
    /// Name in the database and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::NocUnknown => "noc_unknown",
            Self::NocTitle => "noc_title",
            Self::Figure => "figure",
            Self::Weekday => "weekday",
            Self::RankAsScore => "rank_as_score",
            Self::ForbiddenWord => "forbidden_word",
            Self::DateImpossible => "date_impossible",
            Self::NotChecked => "not_checked",
        }
    }

    /// Name in the admin area.
    pub fn label(self) -> &'static str {
        match self {
            Self::NocUnknown => "Unknown NOC code",
            Self::NocTitle => "Code and title differ",
            Self::Figure => "Differs from the record",
            Self::Weekday => "Wrong day of the week",
            Self::RankAsScore => "Rank given as a score",
            Self::ForbiddenWord => "Prohibited promise",
            Self::DateImpossible => "Impossible date",
            Self::NotChecked => "Not fully checked",
        }
    }
}

/// A possible error in a post, for staff to review before publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    /// `title`, `summary`, `body` or `correction`.
    pub field: &'static str,
    /// Line in the field, starting at 1.
    pub line: usize,
    /// Sentence without markup.
    pub sentence: String,
    /// Explanation with the value in the record.
    pub reason: String,
    /// Automatic correction, if there is one.
    pub suggested_fix: Option<SuggestedFix>,
}

/// A replacement in the source text that resolves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedFix {
    /// Byte range in the source text of the field.
    pub range: Range<usize>,
    /// New text, such as `{{draw 252 tie-break}}`.
    pub replacement: String,
}

impl Finding {
    /// Identifier of 16 hexadecimal digits that changes with the sentence and with the value in the record.
    pub fn key(&self) -> String {
        let Self { rule, field, sentence, reason, .. } = self;
        let mut key = sha256_hex(format!("{}\n{field}\n{sentence}\n{reason}", rule.key()));
        key.truncate(16);
        key
    }
}

/// Maximum number of findings shown. The checks stop soon after reaching it.
const MAX_FINDINGS: usize = 100;

/// Checks the fields of a post and returns up to [`MAX_FINDINGS`] findings in reading order.
///
/// `fields` are names with source texts: `title` and `summary` are plain text, all others Markdown. Dates without a
/// year are resolved to the year closest to `reference_day`. Takes time proportional to the length of the text.
pub fn findings(fields: &[(&'static str, &str)], record: &DrawRecord, reference_day: Date) -> Vec<Finding> {
    let (mut blocks, mut found): (Vec<Block>, Vec<RawFinding>) = (vec![], vec![]);
    for (field, source) in fields {
        let contents = markdown_reader::read(field, source);
        blocks.extend(contents.blocks);
        found.extend(contents.truncated_at.map(|at| table_too_large(field, source, at)));
    }
    let sentences: Vec<Sentence> = blocks.iter().flat_map(Sentence::all_of).collect();
    let calendar = Calendar::of(&sentences, reference_day);
    found.extend(noc_codes::findings(&sentences, record));
    found.extend(weekday_check::findings(&sentences, &calendar));
    found.extend(forbidden_claims::findings(&sentences));
    found.extend(figure_check::findings(&blocks, &sentences, record, &calendar));
    let place = |name: &str| fields.iter().position(|(field, _)| *field == name);
    found.sort_by_key(|(start, finding)| (place(finding.field), *start));
    if let Some((_, next)) = found.get_mut(MAX_FINDINGS) {
        next.rule = Rule::NotChecked;
        next.reason = format!("Only the first {MAX_FINDINGS} findings are shown. Correct these, then check again.");
        next.suggested_fix = None;
        found.truncate(MAX_FINDINGS + 1);
    }
    set_line_numbers(&mut found, fields);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Finding for a table with too many cells.
fn table_too_large(field: &'static str, source: &str, at: usize) -> RawFinding {
    let end = source.floor_char_boundary((at + 80).min(source.len()));
    let sentence = source.get(at..end).unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let reason =
        "This table is too large and was not checked from here on. Split it into smaller tables or attach a file."
            .into();
    (at, Finding { rule: Rule::NotChecked, field, line: 0, sentence, reason, suggested_fix: None })
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

/// Byte offset in the field, and the finding.
type RawFinding = (usize, Finding);
