//! Feed files for tests, and their import in the admin area.

use serde_json::{Value, json};

use crate::support::{Page, Visitor};

/// About fifty rounds with every format that the feed ever had: a part of the file as saved on August 20, 2026, with
/// draw 438 added and the former date of draw 246.
pub const FEED: &str = include_str!("../data/feed.json");

/// Five rounds of the French feed in Windows-1252. The name of draw 434 is invented: the record has none.
pub const FEED_FR: &[u8] = include_bytes!("../data/feed-fr.json");

/// Number of corrections apart from the seed data.
pub const CORRECTED: &str = "SELECT count(*) FROM draw_corrections WHERE corrected_by <> 'reference data'";

/// Round of [`FEED`].
pub fn published(number: &str) -> Value {
    let feed: Value = serde_json::from_str(FEED).unwrap();
    let found = feed["rounds"].as_array().unwrap().iter().find(|round| round["drawNumber"] == number).cloned();
    found.unwrap_or_else(|| panic!("no round {number} in the feed"))
}

/// Round of [`FEED`] with other values. The full date follows the short one unless it is given.
pub fn altered_round(number: &str, others: &[(&str, &str)]) -> Value {
    let mut round = published(number);
    for (key, value) in others {
        assert!(round.get(key).is_some(), "the feed has no {key}");
        round[*key] = json!(value);
        if let ("drawDate", Ok(day)) = (*key, value.parse::<jiff::civil::Date>()) {
            round["drawDateFull"] = json!(day.strftime("%B %-d, %Y").to_string());
        }
    }
    round
}

/// Canadian Experience Class round that is later than the seed data, with other values.
pub fn new_round(number: &str, others: &[(&str, &str)]) -> Value {
    let usual = [
        ("drawNumber", number),
        ("drawDate", "2026-10-15"),
        ("drawDateFull", "October 15, 2026"),
        ("drawName", "Canadian Experience Class"),
        ("drawText2", "Canadian Experience Class"),
        ("drawSize", "1,500"),
        ("drawCRS", "515"),
        ("drawDateTime", "October 15, 2026 at 10:08:20 UTC"),
        ("drawCutOff", "October 11, 2026 at 14:55:49 UTC"),
        ("drawDistributionAsOn", "October 12, 2026"),
    ];
    altered_round("437", &[&usual, others].concat())
}

pub fn file(rounds: &[Value]) -> String {
    json!({ "classes": "wb-tables", "rounds": rounds }).to_string()
}

/// Uploads pasted text.
pub async fn paste(member: &Visitor, text: &str) -> Page {
    member.post("/admin/draws/import", &[("text", text)]).await
}

/// Uploads a file as a browser submits it, with an empty text area.
pub async fn upload(member: &Visitor, name: &str, content: &[u8]) -> Page {
    let mut body = b"--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"".to_vec();
    body.extend(name.as_bytes());
    body.extend(b"\"\r\nContent-Type: application/json\r\n\r\n");
    body.extend(content);
    body.extend(b"\r\n--frontier\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n--frontier--\r\n");
    member.post_body("/admin/draws/import", "multipart/form-data; boundary=frontier", body).await
}

/// Uploads text and opens its preview.
pub async fn preview(member: &Visitor, text: &str) -> Page {
    let page = paste(member, text).await;
    assert_eq!(page.status, 303, "{}", page.text);
    preview_page(member, &page).await
}

/// Opens the preview to which an upload redirects.
pub async fn preview_page(member: &Visitor, uploaded: &Page) -> Page {
    let page = member.get(uploaded.location()).await;
    assert_eq!((page.status, page.first("h1")), (200, "Import preview".into()));
    page
}

/// Submits a preview with the same reason for each warning.
pub async fn apply(member: &Visitor, preview: &Page, reason: &str) -> Page {
    let asked = preview.attributes(".findings input[form=application]", "name");
    let reasons = asked.iter().map(|name| (name.as_str(), reason));
    let fingerprint = preview.field_value("fingerprint");
    let fields: Vec<(&str, &str)> = std::iter::once(("fingerprint", fingerprint.as_str())).chain(reasons).collect();
    member.post(&preview.path, &fields).await
}

/// Warnings in a preview.
pub fn shown_warnings(preview: &Page) -> Vec<String> {
    let lines = preview.all(".findings li");
    lines.iter().map(|line| line.split(" Reason for keeping it").next().unwrap().to_owned()).collect()
}

/// Imports rounds without warnings.
pub async fn import_rounds(member: &Visitor, rounds: &[Value]) {
    let page = apply(member, &preview(member, &file(rounds)).await, "").await;
    assert_eq!((page.status, page.location()), (303, "/admin/draws"), "{}", page.text);
}

/// Rows of changes in a preview: draw, field, before, after, result.
pub fn changes(preview: &Page) -> Vec<String> {
    preview.all("section[aria-labelledby=changed] tbody tr")
}
