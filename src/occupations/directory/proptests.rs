//! Property tests: any search text gives valid results.

use proptest::prelude::*;

use crate::db::open;
use crate::occupations::directory::query::SearchQuery;
use crate::occupations::directory::search::{search, suggestions};
use crate::occupations::seed::seed;
use crate::test_support::{any_text, check_property, text_from};
use crate::web::{fold_accents, normalized_name, singular, within_one_edit, word_forms};

const FRAGMENTS: &[&str] = &[
    "nurse",
    "nusre",
    "nurses",
    "infirmière",
    "é",
    "e\u{301}",
    "Œ",
    "İ",
    "31301",
    "313",
    "NOC ",
    "cnp31301",
    "3131",
    "٣١٣٠١",
    "²",
    "et",
    "of",
    "\"",
    "*",
    "(",
    ")",
    " NEAR ",
    " AND ",
    "-",
    ":",
    "'",
    "\0",
    " ",
    ",",
    "\u{a0}",
    "soft",
    "ware",
    "engineer",
    "class 1",
    "wives",
    "ies",
    "ch",
    "s",
    "men",
    "نرس",
    "中",
    "ß",
    "\u{307}",
    "%",
    "\\",
];

#[test]
fn any_search_text_gives_valid_results() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(async {
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        seed(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        db
    });
    check_property(60, prop_oneof![3 => text_from(FRAGMENTS, 10), 1 => any_text(40)], |typed| {
        let found = runtime.block_on(search(db.read(), &typed)).unwrap_or_else(|error| panic!("{typed:?}: {error}"));
        let mut once = found.codes.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), found.codes.len(), "{typed:?} finds something twice");
        assert!(found.codes.iter().all(|code| code.len() == 5));
        let suggested = runtime.block_on(suggestions(db.read(), &typed, 6)).unwrap();
        assert!(suggested.len() <= 6);
    });
}

#[test]
fn parsing_and_folding_are_idempotent() {
    check_property(400, prop_oneof![text_from(FRAGMENTS, 10), any_text(40)], |typed| {
        let read = SearchQuery::parse(&typed);
        assert!(read.codes.len() + read.words.len() <= 12);
        assert!(read.codes.iter().all(|code| code.len() <= 5 && code.bytes().all(|b| b.is_ascii_digit())));
        for word in &read.words {
            assert!(!word.is_empty() && !word.contains('"') && word_forms(word).contains(word));
            assert_eq!(&fold_accents(word), word);
            let (one, _) = (singular(word), normalized_name(word));
            assert!(!within_one_edit(&one, &one));
        }
    });
}
