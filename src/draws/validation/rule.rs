//! Validation rules, and the warnings that they give.

use crate::draws::Draw;
use crate::http::sha256_hex;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A tie-break selects among profiles already in the pool, so it cannot be later than the draw.
    TieBreakAfterDraw,
    /// Profiles expire after a year.
    TieBreakOld,
    /// The date and the time of a draw are more than a day apart.
    DaysApart,
    WrongSum,
    /// Scores range from 1 to 1200.
    CrsOutOfRange,
    /// The pool is counted before the invitations are sent.
    PoolAfterDraw,
    /// A repeated number of invitations that is not round is usually a copied row.
    SameAsBefore,
    NobodyInvited,
    /// Draws have been held since January 2015.
    OutOfTime,
    /// The file contains two dates for one draw.
    DatesDiffer,
    /// Numbers follow the order of the draws.
    OutOfOrder,
    /// The longest pause between two draws was 49 days.
    FarAfter,
    /// Numbers have no gaps.
    Gap,
    /// Only number 91 was used twice, as 91a and 91b.
    SharedNumber,
    ManyInvited,
    /// The pool is counted in the weeks before the draw: at most 20 days so far.
    PoolLongBefore,
    /// A value that the record had before may come from an old copy of the file.
    StoodBefore,
    Unreadable,
}

impl Rule {
    /// Name in the database and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::TieBreakAfterDraw => "tie_break_after_draw",
            Self::TieBreakOld => "tie_break_old",
            Self::DaysApart => "days_apart",
            Self::WrongSum => "wrong_sum",
            Self::CrsOutOfRange => "crs_out_of_range",
            Self::PoolAfterDraw => "pool_after_draw",
            Self::SameAsBefore => "same_as_before",
            Self::NobodyInvited => "nobody_invited",
            Self::OutOfTime => "out_of_time",
            Self::DatesDiffer => "dates_differ",
            Self::OutOfOrder => "out_of_order",
            Self::FarAfter => "far_after",
            Self::Gap => "gap",
            Self::SharedNumber => "shared_number",
            Self::ManyInvited => "many_invited",
            Self::PoolLongBefore => "pool_long_before",
            Self::StoodBefore => "stood_before",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the value is impossible, so that no reason is accepted.
    pub fn is_error(self) -> bool {
        matches!(self, Self::CrsOutOfRange | Self::NobodyInvited | Self::OutOfTime)
    }
}

/// Implausible value in a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub rule: Rule,
    pub sentence: String,
}

impl Warning {
    /// Identifies the rule and the figures, so that other figures give a new warning.
    pub fn key(&self) -> String {
        format!("{}-{}", self.rule.key(), &sha256_hex(&self.sentence)[..8])
    }
}

/// Previous and next draw in the record, by number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neighbours<'a> {
    pub previous: Option<&'a Draw>,
    pub next: Option<&'a Draw>,
}
