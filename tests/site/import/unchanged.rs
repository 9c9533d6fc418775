use immigration_experts::staff::Role;
use serde_json::{Value, json};

use crate::support::feeds::{
    CORRECTED, FEED, FEED_FR, apply, changes, paste, preview, preview_page, published, upload,
};
use crate::support::{Page, Site};

/// The government's file as published, if it is available on this machine.
const FULL_FEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/facts/ee_rounds_raw.json");

const NO_CHANGES: &str = "No changes to import. The record already has all of this.";

#[track_caller]
fn assert_same(page: &Page, rounds: usize) {
    let lead = page.first(".lead");
    assert_eq!(lead, format!("0 new draws, 0 changed draws, {rounds} unchanged."), "{:?}", changes(page));
    assert_eq!(page.first(".notice"), NO_CHANGES);
    assert_eq!(page.all("main form, .findings, #new, #changed, #unmapped"), Vec::<String>::new());
}

async fn record(site: &Site) -> String {
    site.text(
        "SELECT group_concat(concat_ws('|', round, date, held_at, held_at_published, name, name_fr, category_key, programs,
                invitations, invitations_corrected, crs, tie_break, tie_break_published, pool_as_of, pool, source, notes))
         FROM draws",
    )
    .await
}

#[actix_web::test]
async fn every_past_feed_format_matches_the_record() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let before = record(&site).await;
    let feed: Value = serde_json::from_str(FEED).unwrap();
    let rounds = feed["rounds"].as_array().unwrap();
    let is_text = |round: &Value| round.as_object().unwrap().values().all(Value::is_string);
    assert!(rounds.iter().all(|round| round.as_object().unwrap().len() == 31 && is_text(round)));
    let page = preview(&publisher, FEED).await;
    assert_same(&page, rounds.len());
    assert_eq!(page.first(".lead + p"), "Pasted text. Nothing has been changed yet.");
    let done = apply(&publisher, &page, "").await;
    assert_eq!(done.status, 409, "there is no import button");
    assert_eq!(record(&site).await, before);
    assert_eq!(site.count(CORRECTED).await, 0);
}

#[actix_web::test]
async fn feed_is_accepted_in_every_encoding_and_partially() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let rounds = FEED.matches("\"drawNumber\"").count();
    let with_bom = [b"\xEF\xBB\xBF".as_slice(), FEED.as_bytes()].concat();
    let with_returns = FEED.replace('\n', "\r\n").into_bytes();
    let feed: Value = serde_json::from_str(FEED).unwrap();
    let one_line = feed.to_string().into_bytes();
    let list = feed["rounds"].to_string().into_bytes();
    // A character with one byte in Windows-1252 and two in UTF-8, in an unused key.
    let in_windows: Vec<u8> = FEED.replace("wb-tables", "é").chars().map(|c| u8::try_from(c).unwrap()).collect();
    let in_utf_16: Vec<u8> = format!("\u{feff}{FEED}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, rounds) in [
        ("utf-16.json", in_utf_16, rounds),
        ("mark.json", with_bom, rounds),
        ("returns.json", with_returns, rounds),
        ("line.json", one_line, rounds),
        ("list.json", list, rounds),
        ("windows.json", in_windows, rounds),
        ("one.json", published("252").to_string().into_bytes(), 1),
        ("91a.json", json!([published("91a"), published("91b")]).to_string().into_bytes(), 2),
        ("twice.json", json!([published("252"), published("252")]).to_string().into_bytes(), 1),
    ] {
        let page = upload(&publisher, name, &content).await;
        assert_eq!(page.status, 303, "{name}: {}", page.text);
        let page = preview_page(&publisher, &page).await;
        assert_same(&page, rounds);
        assert!(page.first(".lead + p").starts_with(&format!("File: {name}. Nothing")));
    }
}

#[actix_web::test]
async fn figures_given_as_json_numbers_are_accepted() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let mut round = published("252");
    for (key, value) in [("drawNumber", 252), ("drawSize", 500), ("drawCRS", 476), ("dd18", 220_003)] {
        round[key] = json!(value);
    }
    assert_same(&preview(&publisher, &round.to_string()).await, 1);
}

#[actix_web::test]
async fn french_feed_in_windows_1252_adds_missing_names() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let uploaded = upload(&publisher, "ee_rounds_123_fr.json", FEED_FR).await;
    let page = preview_page(&publisher, &uploaded).await;
    let name = "Professions dans le secteur des transports, 2026-Version 2";
    assert_eq!(changes(&page), [format!("434French namenone{name}changes")]);
    assert_eq!(page.first(".lead"), "0 new draws, 1 changed draw (434), 4 unchanged.");
    assert_eq!(apply(&publisher, &page, "").await.status, 303);
    assert_eq!(site.text("SELECT name_fr FROM draws WHERE round = '434'").await, name);
    assert_eq!(
        site.text("SELECT name || category_key FROM draws WHERE round = '434'").await,
        "Transport Occupations, 2026-Version 2transport",
        "the English name is unchanged"
    );
    let shown = site.visitor().get("/draws/434").await;
    assert_eq!(shown.all("aside.correction"), Vec::<String>::new(), "adding a name is no correction");
    let again = upload(&publisher, "ee_rounds_123_fr.json", FEED_FR).await;
    assert_same(&preview_page(&publisher, &again).await, 5);
}

#[actix_web::test]
async fn full_feed_of_438_draws_matches_the_record() {
    let Ok(whole) = std::fs::read(FULL_FEED) else {
        // The file is not part of the repository, so the test cannot require it.
        crate::support::skip::report(&format!("the government’s file is not at {FULL_FEED}"));
        return;
    };
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = upload(&publisher, "ee_rounds_123_en.json", &whole).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_same(&preview_page(&publisher, &page).await, 438);
    let page = paste(&publisher, std::str::from_utf8(&whole).unwrap()).await;
    assert_same(&preview_page(&publisher, &page).await, 438);
    // Older, shorter versions of the file.
    let feed: Value = serde_json::from_slice(&whole).unwrap();
    let rounds = feed["rounds"].as_array().unwrap();
    for newer in (1..rounds.len()).step_by(40) {
        let older = json!({ "rounds": rounds[newer..] }).to_string();
        let page = preview(&publisher, &older).await;
        assert_same(&page, rounds.len() - newer);
        assert!(page.first("h1 + p").starts_with("This file ends with draw "), "{newer}");
    }
}
