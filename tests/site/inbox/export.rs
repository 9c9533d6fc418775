//! Export of inquiries.

use std::time::Duration;

use immigration_experts::staff::Role;

use super::{insert_inquiry, site_and_writer};
use crate::support::{Page, Site, Visitor};

async fn site_and_publisher() -> (Site, Visitor) {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    (site, publisher)
}

/// Rows of a CSV file, without the header.
fn csv_rows(page: &Page) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(page.text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn csv_column(page: &Page, name: &str) -> Vec<String> {
    let head = page.text.trim_start_matches('\u{feff}').lines().next().unwrap().to_owned();
    let place = head.split(',').position(|column| column == name).unwrap_or_else(|| panic!("no {name} in {head}"));
    csv_rows(page).into_iter().map(|row| row[place].clone()).collect()
}

async fn insert_inquiries(site: &Site, count: usize, message: &str) {
    site.execute(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, message)
         SELECT printf('IE-2026-%06d', i), iif(i % 2, 'contact', 'apply'), '2026-11-22T08:00:00Z', '2026-11-22T08:00:00Z',
                hex(randomblob(16)), '', hex(randomblob(16)), iif(i % 10, 'Visitor', 'Zaynab'), '', '', {message} FROM n"
    ))
    .await;
}

#[actix_web::test]
async fn csv_export_contains_every_column_as_entered() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiry(
        &site,
        "kind = 'apply', name = '=1+1', email = 'a@example.com', phone = '+92 300 1234567', phone_e164 = '+923001234567',
         crs = 480, message = '-Hello, \"you\"' || char(10) || 'there', spam_reasons = '@x'",
    )
    .await;
    let page = publisher.get("/admin/inquiries.csv").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(page.header("content-disposition"), "attachment; filename=\"inquiries-2026-11-22.csv\"");
    assert_eq!(page.header("cache-control"), "no-store");
    for (name, value) in [
        ("id", "1"),
        ("reference", "IE-2026-000001"),
        ("kind", "apply"),
        ("state", "new"),
        ("received_at", "2026-11-22T08:00:00Z"),
        ("name", "=1+1"),
        ("phone", "+92 300 1234567"),
        ("phone_e164", "+923001234567"),
        ("crs", "480"),
        ("age", ""),
        ("message", "-Hello, \"you\"\nthere"),
        ("spam_reasons", "@x"),
        ("owner", ""),
    ] {
        assert_eq!(csv_column(&page, name), [value], "{name}");
    }
    let head = page.text.lines().next().unwrap();
    for secret in ["receipt_token", "form_token", "content_hash", "network_hash", "message_hash"] {
        assert!(!head.contains(secret), "{secret}");
    }
    let log = "SELECT actor || ' ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(log).await, "Test publisher exported inquiries as CSV: /admin/inquiries");
    assert_eq!(site.visitor().get("/admin/inquiries.csv").await.status, 303, "redirected to sign-in");
    // The log is kept longer than personal data in a search text may be.
    assert_eq!(publisher.get("/admin/inquiries.csv?q=zarqa+unmistakable&kind=contact").await.status, 200);
    let entry = "Test publisher exported search results as CSV: /admin/inquiries?kind=contact";
    assert_eq!(site.text(log).await, entry);
}

#[actix_web::test]
async fn spreadsheet_export_escapes_formulas_and_keeps_phone_numbers() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiry(
        &site,
        "name = '=cmd|x', email = '+a@example.com', phone = '+92-300-1234567', phone_e164 = '+923001234567',
         whatsapp = '03001234567', message = '@SUM(A1)', occupation = '-nurse', residence = '+1+1'",
    )
    .await;
    let page = publisher.get("/admin/inquiries.csv?for=spreadsheet").await;
    assert!(page.text.starts_with('\u{feff}'), "byte order mark for UTF-8");
    for (name, value) in [
        ("name", "'=cmd|x"),
        ("email", "'+a@example.com"),
        ("phone", "+92 300 1234567"),
        ("phone_e164", "+92 300 1234567"),
        ("whatsapp", "0300 1234567"),
        ("message", "'@SUM(A1)"),
        ("occupation", "'-nurse"),
        ("residence", "'+1+1"),
    ] {
        assert_eq!(csv_column(&page, name), [value], "{name}");
    }
}

#[actix_web::test]
async fn csv_export_uses_the_list_filters() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiry(&site, "kind = 'apply', noc = '31301', name = 'Amina'").await;
    insert_inquiry(&site, "state = 'closed', name = 'Bilal'").await;
    insert_inquiry(&site, "state = 'quarantined', name = 'Spam'").await;
    insert_inquiry(&site, "name = 'Gone', trashed_at = '2026-11-22T08:00:00Z', trash_reason = 'staff'").await;
    insert_inquiry(&site, "name = 'Merged', merged_into = 1").await;
    for (query, expected) in [
        ("", &["Amina", "Bilal"][..]),
        ("?state=quarantined", &["Spam"]),
        ("?kind=apply", &["Amina"]),
        ("?category=healthcare", &["Amina"]),
        ("?state=closed&for=spreadsheet", &["Bilal"]),
        ("?q=bilal", &["Bilal"]),
        ("?q=merged", &["Merged"]),
        ("?q=gone", &[]),
        ("?owner=me", &[]),
    ] {
        assert_eq!(
            csv_column(&publisher.get(&format!("/admin/inquiries.csv{query}")).await, "name"),
            expected,
            "{query}"
        );
    }
    let links = publisher.get("/admin/inquiries?kind=apply").await.attributes("main a[href*='.csv']", "href");
    assert_eq!(links, ["/admin/inquiries.csv?kind=apply", "/admin/inquiries.csv?kind=apply&for=spreadsheet"]);
}

#[actix_web::test]
async fn large_csv_export_contains_each_inquiry_once_in_order() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiries(&site, 1_203, "'Hello.'").await;
    let ids: Vec<String> = (1..=1_203).map(|id| id.to_string()).collect();
    assert_eq!(csv_column(&publisher.get("/admin/inquiries.csv").await, "id"), ids);
    let even: Vec<String> = (1..=1_203).filter(|id| id % 2 == 0).map(|id| id.to_string()).collect();
    assert_eq!(csv_column(&publisher.get("/admin/inquiries.csv?kind=apply").await, "id"), even);
    let tenth: Vec<String> = (1..=1_203).filter(|id| id % 10 == 0).map(|id| id.to_string()).collect();
    assert_eq!(csv_column(&publisher.get("/admin/inquiries.csv?q=zaynab").await, "id"), tenth);
    let one = publisher.get("/admin/inquiries.csv?q=hello&kind=contact&state=closed").await;
    assert_eq!(one.text.lines().count(), 1, "only the header");
}

#[actix_web::test]
async fn stalled_downloads_do_not_block_others() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiries(&site, 2_500, "replace(hex(zeroblob(1600)), '00', 'waiting ')").await;
    let mut stalled = vec![];
    for _ in 0..8 {
        let response = publisher.client.get(format!("{}/admin/inquiries.csv", site.base)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        stalled.push(response);
    }
    let page = tokio::time::timeout(Duration::from_secs(20), publisher.get("/admin/inquiries")).await.unwrap();
    assert_eq!(page.status, 200);
    let note = [("note", "Still saved.")];
    assert_eq!(publisher.post("/admin/inquiries/1/notes", &note).await.status, 303);
    drop(stalled);
}

#[actix_web::test]
async fn csv_export_is_streamed() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiries(&site, 16_000, "replace(hex(zeroblob(250)), '00', 'waiting ')").await;
    for (query, name) in [("", "Changed once"), ("?for=spreadsheet", "Changed twice")] {
        let address = format!("{}/admin/inquiries.csv{query}", site.base);
        let mut table = publisher.client.get(address).send().await.unwrap();
        let mut text = table.chunk().await.unwrap().unwrap().to_vec();
        // The rest exceeds the network buffers, so most of it has not been read yet.
        site.execute(&format!("UPDATE inquiries SET name = '{name}' WHERE id = 16000")).await;
        while let Some(part) = table.chunk().await.unwrap() {
            text.extend_from_slice(&part);
        }
        let page = Page::from_text(query, String::from_utf8(text).unwrap());
        let names = csv_column(&page, "name");
        assert_eq!((names.len(), names.last().unwrap().as_str()), (16_000, name), "{query}");
    }
}

#[actix_web::test]
async fn inquiry_json_export_includes_history_and_emails() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "kind = 'apply', name = 'Zaynab', email = 'a@example.com', crs = 480, noc = '31301'").await;
    writer.post("/admin/inquiries/1/reply", &[("subject", "S"), ("text", "T")]).await;
    site.emails().await;
    let page = writer.get("/admin/inquiries/1.json").await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"));
    let json: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(json["reference"], "IE-2026-000001");
    assert_eq!((&json["crs"], &json["age"], &json["on_hold"]), (&480.into(), &serde_json::Value::Null, &false.into()));
    assert_eq!(
        (&json["state"], &json["owner"], &json["noc"]),
        (&"answered".into(), &"Test writer".into(), &"31301".into())
    );
    let kinds: Vec<&str> = json["events"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["received", "answer", "owner", "state"]);
    assert_eq!(json["emails"][0]["state"], "sent");
    assert_eq!(json["emails"][0]["recipient"], "a@example.com");
    for path in ["99.json", "x.json"] {
        assert_eq!(writer.get(&format!("/admin/inquiries/{path}")).await.status, 404, "{path}");
    }
    assert_eq!(site.visitor().get("/admin/inquiries/1.json").await.status, 303);
}

#[actix_web::test]
async fn spreadsheet_export_keeps_codes_as_text_and_shows_local_time() {
    let (site, publisher) = site_and_publisher().await;
    insert_inquiry(
        &site,
        "kind = 'apply', noc = '00012', occupation = '1-2', message = '2026-05', education = '2 degrees',
         received_at = '2026-11-22T20:30:00Z', consent_at = '2026-11-22T20:30:00Z', crs = 470",
    )
    .await;
    let page = publisher.get("/admin/inquiries.csv?for=spreadsheet").await;
    for (name, value) in [
        ("noc", "\t00012"),
        ("occupation", "\t1-2"),
        ("message", "\t2026-05"),
        ("education", "2 degrees"),
        ("crs", "470"),
        ("reference", "IE-2026-000001"),
        ("received_at (Pakistan time)", "2026-11-23 01:30:00"),
        ("consent_at (Pakistan time)", "2026-11-23 01:30:00"),
    ] {
        assert_eq!(csv_column(&page, name), [value], "{name}");
    }
    let raw = publisher.get("/admin/inquiries.csv").await;
    for (name, value) in [("noc", "00012"), ("occupation", "1-2"), ("received_at", "2026-11-22T20:30:00Z")] {
        assert_eq!(csv_column(&raw, name), [value], "programs read {name} unchanged");
    }
    // 21:00 in UTC is the next day in Pakistan.
    site.advance_hours(12);
    let late = site.sign_in("publisher@example.com").await.get("/admin/inquiries.csv").await;
    assert_eq!(late.header("content-disposition"), "attachment; filename=\"inquiries-2026-11-23.csv\"");
}
