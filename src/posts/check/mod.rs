//! The checks of a post's prose.

use std::ops::Range;

use jiff::civil::Date;

use crate::draws::Draw;
use crate::occupations::Occupation;

/// What the prose is checked against.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Every round.
    pub draws: &'a [Draw],
    /// Every occupation of NOC 2021.
    pub occupations: &'a [Occupation],
}

/// Rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// x
    Figure,
}
impl Rule {
    /// x
    pub fn label(self) -> &'static str {
        "x"
    }
}
/// Finding
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: Rule,
    pub field: &'static str,
    pub line: usize,
    pub sentence: String,
    pub reason: String,
    pub mend: Option<Mend>,
}
/// Mend
#[derive(Clone, Debug)]
pub struct Mend {
    pub range: Range<usize>,
    pub replacement: String,
}
impl Finding {
    /// key
    pub fn key(&self) -> String {
        String::new()
    }
}
/// findings
pub fn findings(_: &[(&'static str, &str)], _: &Record, _: Date) -> Vec<Finding> {
    vec![]
}
