//! Whatever is asked is a question that the index understands, and an extract is a part of its text.

use proptest::prelude::*;

use crate::db::open;
use crate::search::extract::{around, marked};
use crate::search::query::Asked;
use crate::search::store;
use crate::web::{always, of_pieces, text};

const QUESTIONS: &[&str] = &[
    "nurse", "nurses", "Draw 252", "#91a", "31301", "1,500", "NEAR(", "AND", "OR", "NOT", "*", "\"", "'", "(", ")",
    "^", "-", "+", ":", "{", "}", "title:", " ", "\u{a0}", "\u{3000}", "\u{301}", "e\u{301}", "é", "İ", "ß", "ﬁ", "²",
    "½", "٣", "نرس", "中", "s", "ss", "the", "of", "\0", "\\", "%", "_", ";--", "👩",
];

const TEXTS: &[&str] = &[
    "nurse ",
    "nurses",
    "\u{a0}",
    "\u{3000}",
    "\u{2003}nurse",
    " ",
    "before the round ",
    "{{draw 252 crs}}",
    "{{",
    "}}",
    "é",
    "😀",
    "x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "نرس ",
    "\n",
    "İ",
    ".",
    "-",
    "252",
    "the first of them was held in Ottawa and it was ",
    "\u{301}",
];

#[test]
fn no_question_is_an_error_of_the_index() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(open(&format!("sqlite://{}/site.db", dir.path().display()))).unwrap();
    always(200, prop_oneof![of_pieces(QUESTIONS, 14), text(40)], |typed| {
        let asked = Asked::read(&typed);
        if asked.words.is_empty() {
            return;
        }
        for query in [asked.all_words(), asked.any_word()] {
            let counted = runtime.block_on(store::count(db.read(), &query, 10));
            assert!(counted.is_ok(), "{typed:?} → {query}: {counted:?}");
            let found = runtime.block_on(store::entries(db.read(), &query, -1, 10, 0));
            assert!(found.is_ok(), "{typed:?} → {query}: {found:?}");
        }
    });
}

#[test]
fn an_extract_is_short_and_whole_and_marking_loses_nothing() {
    let text = || prop_oneof![4 => of_pieces(TEXTS, 60), 1 => text(300)];
    always(400, (of_pieces(QUESTIONS, 4), text()), |(typed, text)| {
        let asked = Asked::read(&format!("nurse {typed}"));
        let pieces = marked(&text, &asked);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        let Some(extract) = around(&text, &asked) else { return };
        let inside = extract.trim_start_matches("… ").trim_end_matches(" …");
        assert!(text.contains(inside), "{extract:?} of {text:?}");
    });
}
