//! The checks of a post's prose: what contradicts the record, cannot be, or must not be said by a licensed firm
//! is found before readers find it.

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
use crate::http::Sha256Hex;
use crate::noc::Occupation;

/// What the prose is checked against.
#[derive(Clone, Copy)]
pub struct DrawRecord<'a> {
    /// Every round.
    pub draws: &'a [Draw],
    /// Every occupation of NOC 2021.
    pub occupations: &'a [Occupation],
}

/// What a finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A code that NOC 2021 does not have.
    NocUnknown,
    /// A code beside the title of another occupation.
    NocTitle,
    /// A figure that is not the one on record.
    Figure,
    /// A day of the week that its date was not.
    Weekday,
    /// A place in line taken for a score.
    RankAsScore,
    /// A promise that a licensed firm must not make.
    ForbiddenWord,
    /// A date that no calendar has.
    DateImpossible,
    /// A part of the text that is too much to be checked or shown.
    NotChecked,
}

impl Rule {
    /// Its name in the database and in forms.
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

    /// Its name for staff.
    pub fn label(self) -> &'static str {
        match self {
            Self::NocUnknown => "Unknown NOC code",
            Self::NocTitle => "Code and title differ",
            Self::Figure => "Differs from the record",
            Self::Weekday => "Wrong day of the week",
            Self::RankAsScore => "Rank taken for a score",
            Self::ForbiddenWord => "Promise that must not be made",
            Self::DateImpossible => "No such date",
            Self::NotChecked => "Not checked completely",
        }
    }
}

/// Something in a post that somebody must look at before readers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it rests on.
    pub rule: Rule,
    /// `title`, `summary`, `body` or `correction`.
    pub field: &'static str,
    /// The line in that field, from 1.
    pub line: usize,
    /// The sentence as the reader would see it, without markup.
    pub sentence: String,
    /// What is wrong, with the record's value.
    pub reason: String,
    /// What can be put in its place; `None` where only a person can say.
    pub suggested_fix: Option<SuggestedFix>,
}

/// A change of the source text that would settle a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedFix {
    /// Bytes of the field's source text.
    pub range: Range<usize>,
    /// What to put there, such as `{{draw 252 tie-break}}`.
    pub replacement: String,
}

impl Finding {
    /// A name that stays the same as long as the sentence and the record do: 16 hexadecimal digits.
    pub fn key(&self) -> String {
        let Self { rule, field, sentence, reason, .. } = self;
        let mut key = Sha256Hex::of(&format!("{}\n{field}\n{sentence}\n{reason}", rule.key()));
        key.truncate(16);
        key
    }
}

/// How many findings are shown. The checks stop soon after they have found so many.
const MAX_FINDINGS: usize = 100;

/// Everything to be looked at in a post, in the order in which it is read; where it is very much, the beginning of it.
///
/// Takes time in proportion to the length of the text.
///
/// `fields` are names with source texts: `title` and `summary` plain, all others Markdown. `reference_day` is
/// the day the post is of; dates without a year are taken to lie near it.
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
        next.reason =
            format!("Only the first {MAX_FINDINGS} findings are shown. Correct these, and check the rest then.");
        next.suggested_fix = None;
        found.truncate(MAX_FINDINGS + 1);
    }
    set_line_numbers(&mut found, fields);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// The finding that a table has more cells than are read.
fn table_too_large(field: &'static str, source: &str, at: usize) -> RawFinding {
    let end = source.floor_char_boundary((at + 80).min(source.len()));
    let sentence = source.get(at..end).unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let reason =
        "This table is too large: from here on it was not checked. Make several tables or a file of it.".into();
    (at, Finding { rule: Rule::NotChecked, field, line: 0, sentence, reason, suggested_fix: None })
}

/// Gives each finding the line on which it stands. They are in the order of the text.
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

/// A finding with the place in its field where it stands.
type RawFinding = (usize, Finding);
