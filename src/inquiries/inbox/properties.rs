//! Whatever staff type into the search of the inbox is looked for, and never breaks the index.

use proptest::prelude::*;

use crate::db::open;
use crate::inquiries::inbox::filter::{Asked, Filter};
use crate::inquiries::inbox::store;
use crate::web::{always, of_pieces, text};

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
fn no_search_is_an_error_of_the_index() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(open(&format!("sqlite://{}/site.db", dir.path().display()))).unwrap();
    always(200, prop_oneof![3 => of_pieces(PIECES, 12), 1 => text(40)], |typed| {
        let fields = serde_json::json!({ "q": typed });
        let asked: Asked = serde_json::from_value(fields).unwrap();
        let Some(words) = Filter::read(&asked, 7).words() else { return };
        let found = runtime.block_on(store::hits_after(db.read(), &words, 0, 10));
        assert!(found.is_ok(), "{typed:?} → {words}: {found:?}");
    });
}
