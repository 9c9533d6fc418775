//! Finding of the fact check.

use std::ops::Range;

use crate::http::sha256_hex;

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
    /// Date or number for which the record has no draw.
    NoSuchDraw,
    /// Number or order of the draws of a period, or the sum of their invitations.
    Total,
    /// Code that was not eligible on the day of the draw, or a wrong number of eligible occupations.
    Eligibility,
    /// Part of the text that exceeds a limit of the check.
    NotChecked,
}

impl Rule {
    /// Name in the database and in forms.
    pub fn key(self) -> &'static str {
        self.names().0
    }

    /// Name in the admin area.
    pub fn label(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::NocUnknown => ("noc_unknown", "Unknown NOC code"),
            Self::NocTitle => ("noc_title", "Code and title differ"),
            Self::Figure => ("figure", "Differs from the record"),
            Self::Weekday => ("weekday", "Wrong day of the week"),
            Self::RankAsScore => ("rank_as_score", "Rank given as a score"),
            Self::ForbiddenWord => ("forbidden_word", "Prohibited promise"),
            Self::DateImpossible => ("date_impossible", "Impossible date"),
            Self::NoSuchDraw => ("no_such_draw", "No such draw"),
            Self::Total => ("total", "Wrong count or total"),
            Self::Eligibility => ("eligibility", "Wrong eligible occupations"),
            Self::NotChecked => ("not_checked", "Not fully checked"),
        }
    }
}

/// Confidence of a finding. Only errors need a reason before publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    /// Something to look at. It blocks nothing.
    Hint,
}

/// A possible error in a post, for staff to review before publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    /// `title`, `summary`, `body` or `correction`.
    pub field: &'static str,
    /// Line in the field, starting at 1.
    pub line: usize,
    /// Sentence without markup.
    pub sentence: String,
    /// Byte range of the words in question within `sentence`.
    pub words: Range<usize>,
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
    /// Sentence after the replacement, without markup and with tokens. `None` if only a link address changes.
    pub corrected_sentence: Option<String>,
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
pub const MAX_FINDINGS: usize = 100;

/// Byte offset in the field, and the finding.
pub type RawFinding = (usize, Finding);
