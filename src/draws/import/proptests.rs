//! Randomly damaged feed files are either rejected or read exactly.

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::db::{Database, open};
use crate::draws::import::feed_parser::{FeedRound, parse};
use crate::draws::import::fields::parse_count;
use crate::draws::import::plan::{CurrentRecord, Plan};
use crate::draws::import::{WarningReasons, apply, plan, rejection_reason, summary};
use crate::draws::pool::BANDS;
use crate::draws::{bundled, load, store};
use crate::test_support::{any_bytes, any_text, check_property, text_from};
use crate::web::{single_line, with_thousands};
use crate::{categories, occupations};

const FEED: &str = include_str!("../../../tests/data/feed.json");
const FEED_FR: &[u8] = include_bytes!("../../../tests/data/feed-fr.json");
static RECORD: LazyLock<CurrentRecord> =
    LazyLock::new(|| CurrentRecord { draws: bundled().unwrap(), corrections: vec![] });
const TODAY: Date = date(2026, 11, 1);
const NOW: &str = "2026-11-01T12:00:00Z";

/// Random damage to a file.
#[derive(Clone, Debug)]
enum Mutation {
    Byte(Index, u8),
    Out(Index, usize),
    In(Index, Vec<u8>),
    Twice(Index, usize),
    End(Index),
}

impl Mutation {
    fn apply_to(&self, file: &mut Vec<u8>) {
        if file.is_empty() {
            return;
        }
        match self {
            Self::Byte(at, byte) => {
                let at = at.index(file.len());
                file[at] = *byte;
            }
            Self::Out(at, many) => {
                let at = at.index(file.len());
                let end = (at + many).min(file.len());
                file.drain(at..end);
            }
            Self::In(at, new) => {
                let at = at.index(file.len());
                file.splice(at..at, new.iter().copied());
            }
            Self::Twice(at, many) => {
                let at = at.index(file.len());
                let again = file[at..(at + many).min(file.len())].to_vec();
                file.splice(at..at, again);
            }
            Self::End(at) => file.truncate(at.index(file.len())),
        }
    }
}

/// Bytes that occur in feed files, so that a damaged file is often still valid.
const COMMON_BYTES: &[u8] = b"0123456789,,,   .-:\"\"{}[]abdrswCDN\\u/\xa0\xe9\xc3\x00";

fn mutation() -> impl Strategy<Value = Mutation> {
    let byte = || prop_oneof![5 => select(COMMON_BYTES), 1 => any::<u8>()];
    prop_oneof![
        8 => (any::<Index>(), byte()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        3 => (any::<Index>(), 1..4_usize).prop_map(|(at, many)| Mutation::Out(at, many)),
        3 => (any::<Index>(), proptest::collection::vec(byte(), 1..4)).prop_map(|(at, new)| Mutation::In(at, new)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, many)| Mutation::Twice(at, many)),
        1 => any::<Index>().prop_map(Mutation::End),
    ]
}

/// Arbitrary value of a figure or date field.
fn value() -> impl Strategy<Value = Value> {
    const FIGURES: &[&str] = &[
        "",
        "0",
        "1",
        "5",
        "47",
        "500",
        "1,500",
        "20 784",
        "20\u{a0}784",
        "20\u{202f}784",
        "1,50",
        "47,6",
        "1,,500",
        ",5",
        "5,",
        "-5",
        "+5",
        "4.5",
        "5e2",
        "0500",
        "0,500",
        "٥٠٠",
        "500\u{200f}",
        "5\u{0}00",
        "999999999",
        "9999999999",
        "99999999999999999999",
        "1200",
        "1201",
        "NaN",
        "null",
        "five",
        "0x10",
        "252",
        "91a",
        "91c",
        "448",
        "449",
        "999999",
    ];
    const DATES: &[&str] = &[
        "2026-10-15",
        "15-10-2026",
        "October 15, 2026",
        "15 octobre 2026",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "0001-01-01",
        "2014-12-31",
        "2026-10-15T10:08:20Z",
        "October 15, 2026 at 10:08:20 UTC",
        "October 15 at 10:08:20",
        "October 15, 2026 at 24:00:00 UTC",
        "February 29, 2023",
        "9999-12-31 23:59:59",
        "October 15, 2026 at 10:08:60",
        "1/2/3",
        "12 12 2012 2012",
        "31-12-9999 at 23:59:59 PM",
    ];
    prop_oneof![
        6 => select(FIGURES).prop_map(|typed| json!(typed)),
        4 => select(DATES).prop_map(|typed| json!(typed)),
        2 => any_text(12).prop_map(|typed| json!(typed)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => (0..2000_i64).prop_map(|number| json!(number)),
        1 => select(vec![json!(null), json!(true), json!([]), json!({}), json!(["500"])]),
    ]
}

/// Draws of the real feed with some altered fields.
fn altered() -> impl Strategy<Value = Value> {
    let feed: Value = serde_json::from_str(FEED).unwrap();
    let rounds = feed["rounds"].as_array().unwrap().clone();
    let keys: Vec<String> = rounds[0].as_object().unwrap().keys().cloned().collect();
    let change = (select(keys), prop_oneof![9 => value().prop_map(Some), 1 => Just(None)]);
    let round = (select(rounds), proptest::collection::vec(change, 0..4)).prop_map(|(mut round, changes)| {
        let fields = round.as_object_mut().unwrap();
        for (key, value) in changes {
            match value {
                Some(value) => fields.insert(key, value),
                None => fields.remove(&key),
            };
        }
        round
    });
    proptest::collection::vec(round, 1..4).prop_map(|rounds| json!({ "rounds": rounds }))
}

/// Whether a parsed count matches its text, ignoring thousands separators and invisible characters.
fn count_matches(typed: &Value, read: i64) -> bool {
    let typed = match typed {
        Value::String(typed) => typed.clone(),
        other => other.to_string(),
    };
    let seen: String = typed
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !('\u{200e}'..='\u{202e}').contains(c) || *c == '\u{202f}')
        .collect();
    let alike = |separator: &str| with_thousands(read).replace(',', separator);
    [",", " ", "\u{a0}", "\u{202f}", ""].iter().any(|separator| seen.trim() == alike(separator))
}

/// Asserts that every parsed figure occurs in the file.
fn assert_figures_match(file: &Value, read: &[FeedRound]) {
    let rounds = match file {
        Value::Object(whole) if whole.contains_key("rounds") => whole["rounds"].as_array().unwrap().clone(),
        Value::Array(rounds) => rounds.clone(),
        alone => vec![alone.clone()],
    };
    for FeedRound { draw, warnings, .. } in read {
        let number = draw.round.to_string();
        let is_this = |round: &&Value| match &round["drawNumber"] {
            Value::String(typed) => single_line(typed) == number,
            Value::Number(typed) => typed.to_string() == number,
            _ => false,
        };
        let round = rounds.iter().find(is_this).unwrap_or_else(|| panic!("no {} in {file}", draw.round));
        assert!(
            count_matches(&round["drawSize"], draw.invitations_published),
            "{} of {}",
            draw.invitations_published,
            round["drawSize"]
        );
        assert!(count_matches(&round["drawCRS"], draw.crs), "{} of {}", draw.crs, round["drawCRS"]);
        for (index, band) in BANDS.iter().enumerate() {
            let Some(pool) = &draw.pool else { continue };
            let typed = &round[format!("dd{}", index + 1)];
            let is_empty = single_line(typed.as_str().unwrap_or_default()).is_empty() && !typed.is_number();
            let has_warning = warnings.iter().any(|warning| warning.sentence.contains(band.label));
            let count = pool.counts[index];
            assert!(count_matches(typed, count) || (count == 0 && (is_empty || has_warning)), "{count} of {typed}");
        }
    }
}

/// Parses the file and makes a plan, which must not panic.
fn parse_and_plan(file: &[u8]) -> Option<Vec<FeedRound>> {
    let read = parse(file).map_err(|refused| assert!(refused.to_string().contains("“rounds”"))).ok()?;
    let plan = Plan::new(read.clone(), &RECORD, "a file", TODAY);
    let _ =
        (summary(&plan), rejection_reason(&plan, &WarningReasons::default()), plan.fingerprint(), plan.draw_numbers());
    assert_eq!(plan.new.len() + plan.changed.len() + plan.unchanged, read.len());
    Some(read)
}

#[test]
fn any_bytes_are_parsed_or_rejected() {
    const JSON: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "\"rounds\":",
        ":",
        ",",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "1e999",
        "-",
        "0",
        "\"drawNumber\":",
        "\"drawNumber\":\"448\",",
        "\"drawDate\":\"2026-10-15\",",
        "\"drawName\":\"General\",",
        "\"drawSize\":\"500\",",
        "\"drawCRS\":\"500\"",
        "{\"drawNumber\":\"449\",\"drawDate\":\"2026-10-15\",\"drawName\":\"A\",\"drawSize\":\"5\",\"drawCRS\":\"5\"}",
    ];
    check_property(200, any_bytes(300), |file| drop(parse_and_plan(&file)));
    check_property(200, text_from(JSON, 24), |file| drop(parse_and_plan(file.as_bytes())));
    for deep in ["[", "{\"rounds\":", "{\"a\":["] {
        assert!(parse(deep.repeat(100_000).as_bytes()).is_err());
    }
}

#[test]
fn mutated_file_is_rejected_or_read_exactly() {
    let slips = proptest::collection::vec(mutation(), 1..4);
    check_property(12, (any::<bool>(), slips), |(is_french, slips)| {
        let mut file = if is_french { FEED_FR.to_vec() } else { FEED.as_bytes().to_vec() };
        slips.iter().for_each(|slip| slip.apply_to(&mut file));
        let Some(read) = parse_and_plan(&file) else { return };
        let text = match std::str::from_utf8(&file) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(&file).0.into_owned(),
        };
        assert_figures_match(&serde_json::from_str(&text).unwrap(), &read);
    });
}

#[test]
fn altered_field_is_rejected_or_read_exactly() {
    check_property(60, altered(), |file| {
        if let Some(read) = parse_and_plan(file.to_string().as_bytes()) {
            assert_figures_match(&file, &read);
        }
    });
}

async fn record() -> (tempfile::TempDir, Database) {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
    let mut tx = db.begin_write().await.unwrap();
    occupations::seed(&mut tx).await.unwrap();
    categories::seed(&mut tx).await.unwrap();
    load(&mut tx, NOW.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    (dir, db)
}

#[test]
fn accepted_plan_is_applied_completely() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_dir, db) = runtime.block_on(record());
    check_property(12, altered(), |file| {
        let Ok(published) = parse(file.to_string().as_bytes()) else { return };
        runtime.block_on(async {
            let mut tx = db.begin_write().await.unwrap();
            let made = plan(&mut tx, published.clone(), "a file", TODAY).await.unwrap();
            let reasons = WarningReasons::same_for_all("The publisher says so.");
            if rejection_reason(&made, &reasons).is_some() {
                return tx.rollback().await.unwrap();
            }
            apply(&mut tx, &made, "Sheraz", "a file", &reasons, NOW.parse().unwrap()).await.unwrap();
            for draw in made.new.iter().map(|round| &round.draw).chain(made.changed.iter().map(|round| &round.draw)) {
                let kept = store::find(&mut *tx, &draw.round).await.unwrap();
                assert_eq!(kept.as_ref(), Some(draw));
            }
            let again = plan(&mut tx, published, "a file", TODAY).await.unwrap();
            assert!(again.is_empty(), "{again:#?}");
            tx.rollback().await.unwrap();
        });
    });
}

#[test]
fn parsed_count_prints_back_unchanged() {
    let typed = prop_oneof![
        text_from(&["0", "1", "5", "12", "500", ",", " ", "\u{a0}", "\u{202f}", "-", ".", "000", "٥"], 6),
        (0..2_000_000_i64).prop_map(with_thousands),
        any::<i64>().prop_map(|number| number.to_string()),
    ];
    check_property(500, typed, |typed| {
        if let Some(read) = parse_count(&typed) {
            assert!(count_matches(&json!(typed), read), "{read} of {typed:?}");
        }
    });
    for number in [0, 7, 999, 1000, 27_332, 999_999_999] {
        assert_eq!(parse_count(&with_thousands(number)), Some(number));
        assert_eq!(parse_count(&with_thousands(number).replace(',', " ")), Some(number));
    }
}
