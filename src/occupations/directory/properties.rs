//! Whatever is typed into the search box of the directory is looked for, and never breaks the index.

use proptest::prelude::*;

use crate::db::open;
use crate::occupations::directory::search::{search, suggestions};
use crate::occupations::directory::typed::Typed;
use crate::occupations::directory::words::{fold, forms, is_one_slip, name_of, singular};
use crate::occupations::load;
use crate::web::{always, of_pieces, text};

const PIECES: &[&str] = &[
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
fn whatever_is_typed_is_looked_for() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let db = runtime.block_on(async {
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        load(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        db
    });
    always(60, prop_oneof![3 => of_pieces(PIECES, 10), 1 => text(40)], |typed| {
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
fn words_are_read_alike_however_often() {
    always(400, prop_oneof![of_pieces(PIECES, 10), text(40)], |typed| {
        let read = Typed::read(&typed);
        assert!(read.codes.len() + read.words.len() <= 12);
        assert!(read.codes.iter().all(|code| code.len() <= 5 && code.bytes().all(|b| b.is_ascii_digit())));
        for word in &read.words {
            assert!(!word.is_empty() && !word.contains('"') && forms(word).contains(word));
            assert_eq!(&fold(word), word);
            let (one, _) = (singular(word), name_of(word));
            assert!(!is_one_slip(&one, &one));
        }
    });
}
