//! Whatever stands between double braces is a token that means what it says, or is told why it is none.

use proptest::prelude::*;
use proptest::sample::select;

use crate::db::open;
use crate::draws::tokens::token::{Part, Token, lists_named, rounds_named};
use crate::draws::{Facts, load};
use crate::occupations;
use crate::web::{always, of_pieces, text};

const PIECES: &[&str] = &[
    "{{",
    "}}",
    "draw",
    "DRAW",
    " ",
    "  ",
    "\n",
    "\u{a0}",
    "252",
    "91a",
    "91A",
    "0",
    "0252",
    "٢٥٢",
    "999999",
    "9999999",
    "crs",
    "figures",
    "tie-break",
    "time",
    "date",
    "comparison",
    "year-rounds",
    "year-invitations",
    "name",
    "invitations",
    "score",
    "occupations",
    "healthcare",
    "stem",
    "on",
    "2023-06-28",
    "2023-02-30",
    "9999-12-31",
    "0000-01-01",
    "count",
    "and",
    "rounds ",
    "round ",
    "{{draw 252 crs}}",
    "{{occupations healthcare on 2023-06-28}}",
    "{{occupations stem on 2023-07-05 count}}",
    "{{draw 1 comparison}}",
    "{{draw 76 tie-break}}",
    "{{draw 448 figures}}",
    "\n\n",
    "**",
    "[",
    "](/draws/255)",
    "<b>",
    "`",
];

#[test]
fn a_token_is_read_or_told_why_it_is_none() {
    always(500, prop_oneof![of_pieces(PIECES, 10), text(30)], |typed| {
        match typed.parse::<Token>() {
            Ok(Token::Draw(round, part)) => {
                let written = format!("draw {round} {}", part.word());
                assert_eq!(written.parse::<Token>(), Ok(Token::Draw(round, part)));
            }
            Ok(Token::Occupations { category, day, counted }) => {
                let written = format!("occupations {category} on {day}{}", if counted { " count" } else { "" });
                assert_eq!(written.parse::<Token>(), Ok(Token::Occupations { category, day, counted }));
            }
            Err(reason) => assert!(!reason.to_string().is_empty()),
        }
        let _ = (rounds_named(&typed), lists_named(&typed));
    });
}

#[test]
fn every_round_that_is_written_is_named() {
    let part = select(Part::ALL.to_vec());
    always(200, (1..999_999_u32, part, text(10), text(10)), |(number, (_, word, _), before, after)| {
        let named = rounds_named(&format!("{before} {{{{draw {number} {word}}}}} {after}"));
        assert!(named.contains(&number.to_string().parse().unwrap()));
    });
}

#[test]
fn every_text_is_shown_with_what_the_record_knows() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(async {
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        occupations::load(&mut tx).await.unwrap();
        load(&mut tx, "2026-11-01T12:00:00Z".parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        db
    });
    always(30, of_pieces(PIECES, 16), |typed| {
        let facts = runtime.block_on(Facts::of(db.read(), &[&typed])).unwrap();
        let (line, html) = (facts.line(&typed), facts.markdown(&typed));
        // Where nothing is said to be unknown, nothing is missing for readers. Code is shown as it was typed.
        if facts.unknown_in_markdown(&typed, &|_| false).is_empty() {
            let is_left = html.contains("{{") && !html.contains("<code>");
            assert!(!html.contains("(not in our record)") && !is_left, "{typed:?} → {html}");
        }
        if facts.unknown_in_line(&typed, &|_| false).is_empty() {
            assert!(!line.contains("(not in our record)") && !line.contains("{{"), "{typed:?} → {line}");
        }
    });
}
