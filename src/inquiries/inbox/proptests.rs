//! Property test: no search text causes an FTS5 syntax error.

use proptest::prelude::*;

use crate::db::open;
use crate::inquiries::inbox::results::{SearchText, search_ids_after};
use crate::test_support::{any_text, check_property, text_from};

const PIECES: &[&str] = &[
    "IE-2026-000123",
    "ie",
    "+92 300 1234567",
    "0300",
    "1234567",
    "12345678901234567890",
    "(",
    ")",
    "+",
    "-",
    "/",
    ".",
    "Ayesha",
    "a",
    "é",
    "e\u{301}",
    "\u{301}",
    "\"",
    "*",
    "^",
    ":",
    " AND ",
    " NEAR(",
    "phone :",
    " ",
    "\0",
    "İ",
    "ß",
    "²",
    "٣",
    "نرس",
    "中",
    "@",
    "example.com",
    "{",
    "}",
    "'",
    ";",
    "\\",
    "\u{a0}",
];

#[test]
fn no_search_text_causes_an_fts5_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(open(&format!("sqlite://{}/site.db", dir.path().display()))).unwrap();
    check_property(200, prop_oneof![3 => text_from(PIECES, 12), 1 => any_text(40)], |typed| {
        let Some(search) = SearchText::parse(&typed) else { return };
        let found = runtime.block_on(search_ids_after(db.read(), &search, 0, 10));
        assert!(found.is_ok(), "{typed:?} → {search:?}: {found:?}");
    });
}
