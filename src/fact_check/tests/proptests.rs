//! Whatever is written, the checks read it to its end, and what they would put in a place fits there.

use std::time::Duration;

use proptest::prelude::*;

use super::findings_in;
use crate::fact_check::Rule;
use crate::test_support::{any_text, check_property, cpu_time, text_from};

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

fn check_invariants(title: &str, body: &str) {
    let fields = [("title", title), ("summary", title), ("body", body), ("correction", title)];
    for finding in findings_in(&fields) {
        let (_, source) = fields.iter().find(|(field, _)| *field == finding.field).unwrap();
        assert!((1..=source.matches('\n').count() + 1).contains(&finding.line), "{finding:?}");
        assert!(!finding.reason.is_empty() && finding.key().len() == 16, "{finding:?}");
        if let Some(suggested_fix) = &finding.suggested_fix {
            assert!(source.get(suggested_fix.range.clone()).is_some(), "{finding:?} in {source:?}");
        }
    }
}

#[test]
fn any_text_can_be_checked() {
    check_property(150, (text_from(PIECES, 12), text_from(PIECES, 30)), |(title, body)| {
        check_invariants(&title, &body)
    });
    check_property(100, (any_text(30), any_text(80)), |(title, body)| check_invariants(&title, &body));
}

#[test]
fn check_time_is_linear_for_any_text() {
    let piece = proptest::collection::vec(proptest::sample::select(PIECES), 1..4).prop_map(|pieces| pieces.concat());
    check_property(3, piece, |piece| {
        assert_linear_time(&piece, "", &piece);
    });
}

/// Fails where a text takes more than in proportion to its length: with four times as many of these pieces, four times as
/// long, or sixteen times where every place is compared with every other.
fn assert_linear_time(name: &str, begin: &str, piece: &str) {
    const BYTES: usize = 20_000;
    let took = |bytes: usize| {
        let body = format!("{begin}{}", piece.repeat(bytes / piece.len()));
        // The quickest of three: what else the machine does may make one slower, and none quicker.
        (0..3).map(|_| cpu_time(|| drop(findings_in(&[("body", &body)])))).min().unwrap()
    };
    let (once, four_times) = (took(BYTES), took(4 * BYTES));
    assert!(
        four_times < 8 * once + Duration::from_millis(30),
        "{name:?}: {once:?} for {BYTES} bytes, {four_times:?} for four times as many"
    );
}

#[test]
fn check_time_is_linear_for_adversarial_text() {
    let table = "# Round 252\n\n| Round | Date | CRS | Invitations |\n|---|---|---|---|\n";
    let wide = format!("|{}\n|{}\n", " round 252 |".repeat(500), "---|".repeat(500));
    let texts = [
        ("rows", table, "| 252 | June 28, 2023 | 476 | 500 |\n"),
        ("rows of other rounds", table, "| 999 | July 1, 2023 | 1 | 2 |\n"),
        ("one row", "| a |\n|---|\n|", " 252 |"),
        ("short rows under a wide header", &wide, "|a|\n"),
        ("tables", "", "| Round | CRS |\n|---|---|\n| 252 | 476 |\n\n"),
        ("cells of one number", table, "| 1 "),
        ("figures in one paragraph", "", "round 252 invited 500 people with 476 points. "),
        ("figures in one sentence", "", "round 252 invited 500 people with 476 points, "),
        ("figures of an unknown round", "Round 999: ", "7 invitations, "),
        ("figures of another round", "Round 252, other than ", "7 invitations, "),
        ("dates", "", "draw of June 28, "),
        ("days", "", "Wednesday, June 28 was held, "),
        ("many rounds", "", "rounds 1, 2, 3, 4, 5, 6, 7, 8, 9, 10: 476 points; "),
        ("bold labels", "", "**CRS:** 476\n"),
        ("links", "", "[252](/draws/252) "),
        ("links to occupations", "", "[nurses](/occupations/31301) "),
        ("codes in a list", "", "- Dentists (31110)\n"),
        ("codes in a sentence", "NOC ", "31110, "),
        ("words beside codes", "", "supervisors supervisors supervisors supervisors supervisors supervisors 31110 "),
        ("one long word", "", "aaaaaaaaaa"),
        ("open tokens", "", "{{"),
        ("tokens", "", "{{draw 252 crs}} "),
        ("one phrase", "", "We guarantee a visa. "),
        ("denied", "", "nobody can guarantee "),
        ("emphasis", "", "*a **b** "),
        ("quotes", "", "> "),
        ("brackets", "", "["),
        ("dots", "", ". "),
        ("list in list", "", "- 1. "),
        ("line breaks", "", "a\n\n"),
    ];
    for (name, begin, piece) in texts {
        assert_linear_time(name, begin, piece);
    }
}

#[test]
fn findings_are_limited_in_number_and_length() {
    for piece in ["We guarantee a visa. ", "On June 31, 2023 we guarantee 100% success and no refusal, "] {
        let body = piece.repeat(900_000 / piece.len());
        let found = findings_in(&[("body", &body), ("correction", &body)]);
        assert_eq!(found.len(), 101, "{piece}");
        let letters: usize = found.iter().map(|finding| finding.sentence.len() + finding.reason.len()).sum();
        assert!(letters < 101 * 1_000, "{piece}: {letters}");
        assert!(found.iter().any(|finding| finding.rule == Rule::NotChecked), "{piece}");
    }
}

#[test]
fn findings_after_the_first_hundred_are_replaced_by_a_notice() {
    let found = findings_in(&[("body", &"We guarantee a visa.\n\n".repeat(100))]);
    assert!(found.len() == 100 && found.iter().all(|finding| finding.rule == Rule::ForbiddenWord));
    let found = findings_in(&[("body", &"We guarantee a visa.\n\n".repeat(5_000))]);
    assert_eq!((found.len(), found[99].rule, found[100].rule), (101, Rule::ForbiddenWord, Rule::NotChecked));
    assert_eq!((found[99].line, found[100].line), (199, 201));
    assert!(found[100].reason.starts_with("Only the first 100 findings are shown."), "{}", found[100].reason);
}

#[test]
fn oversized_table_is_checked_partly_and_reported() {
    let rows = |count: usize| format!("| Round | CRS |\n|---|---|\n{}", "| 252 | 476 |\n".repeat(count));
    assert_eq!(findings_in(&[("body", &rows(4_000))]), [], "longer than any of ours");
    let body = format!("{}| 252 | 477 |\n", rows(5_000));
    let found = findings_in(&[("body", &body)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].rule, found[0].line), (Rule::NotChecked, 5_002));
    let wide = format!("|{}\n|{}\n|{}\n", " a |".repeat(60), "---|".repeat(60), " 1 |".repeat(60));
    let found: Vec<Rule> = findings_in(&[("body", &wide)]).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(found, [Rule::NotChecked]);
}
