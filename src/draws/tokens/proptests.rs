//! Property tests of tokens: text between double braces is a valid token or gives a reason.

use proptest::prelude::*;
use proptest::sample::select;

use crate::db::open;
use crate::draws::tokens::token::{DrawField, Token, category_lists_mentioned, draws_mentioned};
use crate::draws::{TokenValues, load};
use crate::test_support::{any_text, check_property, text_from};
use crate::{categories, occupations};

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
    "year-draws",
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
fn token_is_parsed_or_gives_a_reason() {
    check_property(500, prop_oneof![text_from(PIECES, 10), any_text(30)], |typed| {
        match typed.parse::<Token>() {
            Ok(Token::Draw(round, part)) => {
                let written = format!("draw {round} {}", part.keyword());
                assert_eq!(written.parse::<Token>(), Ok(Token::Draw(round, part)));
            }
            Ok(Token::Occupations { category, day, count_only }) => {
                let written = format!("occupations {category} on {day}{}", if count_only { " count" } else { "" });
                assert_eq!(written.parse::<Token>(), Ok(Token::Occupations { category, day, count_only }));
            }
            Err(reason) => assert!(!reason.to_string().is_empty()),
        }
        let _ = (draws_mentioned(&typed), category_lists_mentioned(&typed));
    });
}

#[test]
fn every_draw_token_is_found() {
    let part = select(DrawField::ALL.to_vec());
    check_property(200, (1..999_999_u32, part, any_text(10), any_text(10)), |(number, (_, word, _), before, after)| {
        let named = draws_mentioned(&format!("{before} {{{{draw {number} {word}}}}} {after}"));
        assert!(named.contains(&number.to_string().parse().unwrap()));
    });
}

#[test]
fn texts_without_unresolved_tokens_render_completely() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(async {
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        occupations::seed(&mut tx).await.unwrap();
        categories::seed(&mut tx).await.unwrap();
        load(&mut tx, "2026-11-01T12:00:00Z".parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        db
    });
    check_property(30, text_from(PIECES, 16), |typed| {
        let values = runtime.block_on(TokenValues::for_texts(db.read(), &[&typed])).unwrap();
        let (line, html) = (values.expand_line(&typed), values.markdown_html(&typed));
        // Without unresolved tokens, readers see all values. Code is shown as typed.
        if values.unresolved_in_markdown(&typed, &|_| false).is_empty() {
            let is_left = html.contains("{{") && !html.contains("<code>");
            assert!(!html.contains("(not available)") && !is_left, "{typed:?} → {html}");
        }
        if values.unresolved_in_line(&typed, &|_| false).is_empty() {
            assert!(!line.contains("(not available)") && !line.contains("{{"), "{typed:?} → {line}");
        }
    });
}
