//! Claim: a number or a date and the quantity that it states.

use std::ops::Range;

use crate::fact_check::dates::ParsedDate;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::word_classes::Classes;

/// Quantity that a claim states about a draw or a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Invitations,
    CutOff,
    TieBreak,
    Date,
    /// Date that marks a time: "since June 28".
    Aside,
}

impl Quantity {
    /// Quantity of a phrase shape. `None` for those that are not compared with a draw.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "invitations" => Self::Invitations,
            "crs" => Self::CutOff,
            "tie-break" => Self::TieBreak,
            "date" => Self::Date,
            "aside" => Self::Aside,
            _ => return None,
        })
    }
}

/// Value of a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Number(i64),
    /// Index of the date in the sentence.
    Date(usize),
}

/// A number or a date and the quantity that it states.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub quantity: Quantity,
    pub value: Value,
    /// Statement that makes the claim.
    pub statement: usize,
    pub tokens: Range<usize>,
    /// Column of the table.
    pub column: Option<usize>,
    pub is_labelled: bool,
    /// Classes of all words in its clause.
    pub clause: Classes,
    /// Whether only the figures beside a date suggest that it is the day of a draw.
    pub is_soft: bool,
    /// Whether the words alone do not decide, so that the size of the number must agree as well.
    pub is_weak: bool,
    /// Sum of the weights of the phrase shapes that fit.
    pub score: i64,
    pub clause_tokens: Range<usize>,
    /// Classes of the words of its clause before it, and of a few words after it.
    pub near: Classes,
    /// Whether the header of the table says what it is.
    pub is_from_header: bool,
}

impl Claim {
    /// The date that it states, in its sentence.
    pub fn date<'s>(&self, sentence: &'s Sentence) -> Option<&'s ParsedDate> {
        let Value::Date(index) = self.value else { return None };
        sentence.dates.get(index)
    }
}
