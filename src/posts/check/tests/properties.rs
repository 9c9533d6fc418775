//! Whatever is written, the checks read it to its end, and what they would put in a place fits there.

use std::time::Duration;

use proptest::prelude::*;

use super::findings_in;
use crate::web::{always, of_pieces, text, work};

/// What the checks look for, and what stands around it.
const PIECES: &[&str] = &[
    "round 252",
    "Round #255",
    "the draw of July 6",
    "{{draw 252 crs}}",
    "{{",
    "}}",
    "June 28, 2023",
    "28 June",
    "2023-06-28",
    "July 5 (Tuesday)",
    "Wednesday, June 28",
    "on June 31, 2023",
    "14:04:34 UTC",
    "2:04 p.m.",
    "12:47:27",
    "tie-break",
    "Tie-breaking rule: ",
    "CRS score of ",
    "CRS",
    "476",
    "500",
    "1,500",
    "1,",
    "rank of ",
    "rank required",
    "lowest-ranked",
    " points",
    "invitations",
    "invited ",
    "people",
    "NOC 31301",
    "31301",
    "(31302)",
    "NOC 99999",
    "NOC 2171",
    "Registered nurses",
    "Dentists – NOC 31110",
    "Physician",
    "guaranteed",
    "100% success",
    "we guarantee",
    " and ",
    ", ",
    ". ",
    ".",
    "; ",
    ": ",
    " – ",
    "- ",
    "1. ",
    "> ",
    "# ",
    "\n",
    "\n\n",
    "  \n",
    "**",
    "*",
    "~~",
    "`",
    "[",
    "](/draws/252)",
    "](/occupations/31301)",
    "| a | b |\n|---|---|\n",
    "| 1 | 2 |\n",
    "|",
    "<br>",
    "<b>",
    "</b>",
    "<p>",
    "&amp;",
    "&nbsp;",
    "**Date:** ",
    "**CRS**: ",
    "not ",
    "above",
    "or above",
    "at least ",
    "than ",
    "healthcare",
    "STEM",
    "French",
    "\u{a0}",
    "\u{202f}",
    "\u{200f}",
    "é",
    "İ",
    "ﬁ",
    "٣",
    "²",
    "’",
    "“",
    "”",
    "(",
    ")",
    "th",
    "st",
    " of ",
    " to ",
    "99999999999999999999",
    "0",
    "-5",
    "5.5",
    "$",
    "%",
];

fn goes_well(title: &str, body: &str) {
    let fields = [("title", title), ("summary", title), ("body", body), ("correction", title)];
    for finding in findings_in(&fields) {
        let (_, source) = fields.iter().find(|(field, _)| *field == finding.field).unwrap();
        assert!((1..=source.matches('\n').count() + 1).contains(&finding.line), "{finding:?}");
        assert!(!finding.reason.is_empty() && finding.key().len() == 16, "{finding:?}");
        if let Some(mend) = &finding.mend {
            assert!(source.get(mend.range.clone()).is_some(), "{finding:?} in {source:?}");
        }
    }
}

#[test]
fn the_checks_read_whatever_is_written() {
    always(150, (of_pieces(PIECES, 12), of_pieces(PIECES, 30)), |(title, body)| goes_well(&title, &body));
    always(100, (text(30), text(80)), |(title, body)| goes_well(&title, &body));
}

#[test]
fn the_checks_take_time_by_the_length_of_a_text() {
    let piece = proptest::collection::vec(proptest::sample::select(PIECES), 1..4).prop_map(|pieces| pieces.concat());
    always(3, piece, |piece| {
        let body = piece.repeat(10_000 / piece.len());
        let took = work(|| drop(findings_in(&[("body", &body)])));
        assert!(took < PATIENCE, "{piece:?} takes {took:?}");
    });
}

/// For a fifteenth of the longest post, unoptimised.
const PATIENCE: Duration = Duration::from_secs(15);
