//! Property tests: any input gives a valid FTS5 query, and snippets are parts of their text.

use proptest::prelude::*;

use crate::db::open;
use crate::search::query::SearchQuery;
use crate::search::snippet::{highlight, snippet};
use crate::search::store;
use crate::test_support::{any_text, check_property, text_from};

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
fn no_search_text_causes_an_fts_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(open(&format!("sqlite://{}/site.db", dir.path().display()))).unwrap();
    check_property(200, prop_oneof![text_from(QUESTIONS, 14), any_text(40)], |typed| {
        let query = SearchQuery::parse(&typed);
        if query.words.is_empty() {
            return;
        }
        for fts_query in [query.match_all(), query.match_any()] {
            let counted = runtime.block_on(store::count(db.read(), &fts_query, 10));
            assert!(counted.is_ok(), "{typed:?} → {fts_query}: {counted:?}");
            let found = runtime.block_on(store::entries(db.read(), &fts_query, -1, 10, 0));
            assert!(found.is_ok(), "{typed:?} → {fts_query}: {found:?}");
        }
    });
}

#[test]
fn snippet_is_part_of_the_text_and_highlighting_keeps_the_text() {
    let any_snippet = || prop_oneof![4 => text_from(TEXTS, 60), 1 => any_text(300)];
    check_property(400, (text_from(QUESTIONS, 4), any_snippet()), |(typed, text)| {
        let query = SearchQuery::parse(&format!("nurse {typed}"));
        let fragments = highlight(&text, &query);
        assert_eq!(fragments.iter().map(|fragment| fragment.text.as_str()).collect::<String>(), text);
        let Some(found) = snippet(&text, &query) else { return };
        let inside = found.trim_start_matches("… ").trim_end_matches(" …");
        assert!(text.contains(inside), "{found:?} of {text:?}");
    });
}
