//! The checks of a post's prose: what contradicts the record, cannot be, or must not be said by a licensed firm
//! is found before readers find it.

mod blocks;
mod claims;
mod codes;
mod dates;
mod days;
mod figures;
mod forbidden;
mod hedges;
mod invitations;
mod labels;
mod naming;
mod prose;
mod rank;
mod scores;
mod sentence;
mod subject;
#[cfg(test)]
mod tests;
mod titles;
mod typed;
mod verdict;

use std::ops::Range;

use jiff::civil::Date;

use crate::draws::Draw;
use crate::occupations::Occupation;
use crate::posts::check::dates::Calendar;
use crate::posts::check::prose::Block;
use crate::posts::check::sentence::Sentence;
use crate::web::Digest;

/// What the prose is checked against.
#[derive(Clone, Copy)]
pub struct Record<'a> {
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
    pub mend: Option<Mend>,
}

/// A change of the source text that would settle a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// Bytes of the field's source text.
    pub range: Range<usize>,
    /// What to put there, such as `{{draw 252 tie-break}}`.
    pub replacement: String,
}

impl Finding {
    /// A name that stays the same as long as the sentence and the record do: 16 hexadecimal digits.
    pub fn key(&self) -> String {
        let Self { rule, field, sentence, reason, .. } = self;
        let mut key = Digest::of(&format!("{}\n{field}\n{sentence}\n{reason}", rule.key()));
        key.truncate(16);
        key
    }
}

/// Everything to be looked at in a post, in the order in which it is read.
///
/// `fields` are names with source texts: `title` and `summary` plain, all others Markdown. `reference_day` is
/// the day the post is of; dates without a year are taken to lie near it.
pub fn findings(fields: &[(&'static str, &str)], record: &Record, reference_day: Date) -> Vec<Finding> {
    let blocks: Vec<Block> = fields.iter().flat_map(|(field, source)| blocks::blocks(field, source)).collect();
    let sentences: Vec<Sentence> = blocks.iter().flat_map(Sentence::all_of).collect();
    let calendar = Calendar::of(&sentences, reference_day);
    let mut found = codes::findings(&sentences, record);
    found.extend(days::findings(&sentences, &calendar));
    found.extend(forbidden::findings(&sentences));
    found.extend(figures::findings(&blocks, &sentences, record, &calendar));
    let place = |name: &str| fields.iter().position(|(field, _)| *field == name);
    found.sort_by_key(|(start, finding)| (place(finding.field), *start));
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// A finding with the place in its field where it stands.
type Found = (usize, Finding);
