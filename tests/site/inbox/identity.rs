//! Forms and links of one inquiry never reach another one that got the same ID.

use immigration_experts::staff::Role;

use super::{insert_inquiry, site_and_writer};
use crate::support::{Page, Site};

/// Gives the only inquiry the ID 1, as would happen if IDs were reused.
const NUMBER_ONE: &str =
    "PRAGMA defer_foreign_keys = ON; UPDATE inquiries SET id = 1; UPDATE inquiry_events SET inquiry_id = 1";

async fn erase_all(site: &Site) {
    site.execute("DELETE FROM outbox; DELETE FROM inquiry_events; DELETE FROM inquiries").await;
}

async fn send(site: &Site, name: &str) {
    let email = format!("{name}@example.com");
    let fields = [("name", name), ("email", email.as_str()), ("message", "Hello.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

/// Hidden fields of a form.
fn hidden(page: &Page, action: &str) -> Vec<(String, String)> {
    let selector = format!("form[action='{action}'] input[type=hidden]");
    page.attributes(&selector, "name").into_iter().zip(page.attributes(&selector, "value")).collect()
}

fn with<'a>(hidden: &'a [(String, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied()).collect()
}

#[actix_web::test]
async fn ids_of_erased_inquiries_and_emails_are_never_reused() {
    let site = Site::start().await;
    send(&site, "first").await;
    let last = (
        site.count("SELECT max(id) FROM inquiries").await,
        site.count("SELECT max(id) FROM outbox").await,
        site.count("SELECT max(id) FROM inquiry_events").await,
    );
    erase_all(&site).await;
    send(&site, "second").await;
    assert_eq!(site.count("SELECT min(id) FROM inquiries").await, last.0 + 1);
    assert!(site.count("SELECT min(id) FROM outbox").await > last.1);
    assert!(site.count("SELECT min(id) FROM inquiry_events").await > last.2);
}

#[actix_web::test]
async fn every_inquiry_form_carries_the_inquiry_id() {
    let (site, writer) = site_and_writer().await;
    for set in ["email = 'a@example.com', occupation = 'nurse', kind = 'apply'", "email = 'a@example.com'"] {
        insert_inquiry(&site, set).await;
    }
    insert_inquiry(&site, "email = 'a@example.com', merged_into = 1").await;
    insert_inquiry(&site, "state = 'quarantined'").await;
    insert_inquiry(&site, "trashed_at = '2026-11-22T08:00:00Z', trash_reason = 'staff'").await;
    let mut forms = 0;
    for path in [
        "/admin/inquiries/1",
        "/admin/inquiries/3",
        "/admin/inquiries/4",
        "/admin/inquiries/5",
        "/admin/inquiries/trash",
    ] {
        let page = writer.get(path).await;
        for action in page.attributes("form[method=post]", "action") {
            let Some(rest) = action.strip_prefix("/admin/inquiries/") else { continue };
            let id: i64 = rest.split('/').next().unwrap().parse().unwrap();
            let own = page.attributes(&format!("form[action='{action}'] input[name=inquiry]"), "value");
            assert!(
                own.iter().all(|value| value.starts_with(&format!("IE-2026-{id:06}-"))),
                "{path} {action}: {own:?}"
            );
            assert_eq!(own.len(), page.all(&format!("form[action='{action}']")).len(), "{path} {action}");
            forms += 1;
        }
    }
    assert!(forms > 20, "{forms}");
    let list = writer.get("/admin/inquiries?state=quarantined").await;
    assert!(list.attributes("button[formaction]", "value")[0].starts_with("IE-2026-000004-"));
    assert!(list.attributes("input[name=inquiry-4]", "value")[0].contains(" IE-2026-000004-"));
}

#[actix_web::test]
async fn form_for_an_erased_inquiry_is_rejected_and_keeps_input() {
    let (site, writer) = site_and_writer().await;
    send(&site, "first").await;
    let page = writer.get("/admin/inquiries/1").await;
    let forms = ["notes", "reply", "state", "owner", "trash", "hold"].map(|form| {
        let action = format!("/admin/inquiries/1/{form}");
        let fields = hidden(&page, &action);
        (action, fields)
    });
    erase_all(&site).await;
    send(&site, "second").await;
    let typed =
        [("note", "Typed words"), ("subject", "S"), ("text", "Typed words"), ("state", "closed"), ("owner", "me")];
    // First the ID is unused, then it belongs to another inquiry.
    for status in [404, 409] {
        for (action, fields) in &forms {
            let page = writer.post(action, &with(fields, &typed)).await;
            assert_eq!(page.status, status, "{action}: {}", page.text);
            assert_eq!(page.first("h1"), "Inquiry deleted", "{action}");
            let has_text = action.ends_with("notes") || action.ends_with("reply");
            assert_eq!(page.text.contains("Typed words"), has_text, "{action}");
            assert!(!page.text.contains("second"), "{action} shows another person");
        }
        site.execute(NUMBER_ONE).await;
    }
    assert_eq!(site.text("SELECT group_concat(kind) FROM inquiry_events").await, "received");
    assert_eq!(site.text("SELECT state || on_hold || (trashed_at IS NULL) FROM inquiries").await, "new01");
}

#[actix_web::test]
async fn batch_action_never_affects_another_inquiry_with_the_same_id() {
    let (site, writer) = site_and_writer().await;
    send(&site, "first").await;
    let list = writer.get("/admin/inquiries").await;
    let selected = list.attributes("input[name=inquiry-1]", "value")[0].clone();
    erase_all(&site).await;
    send(&site, "second").await;
    site.execute(NUMBER_ONE).await;
    let fields = [("inquiry-1", selected.as_str()), ("action", "close")];
    let page = writer.post_and_follow("/admin/inquiries/batch", &fields).await;
    assert_eq!(page.first(".flash"), "Nothing was changed. 1 inquiry no longer found.");
    assert_eq!(site.text("SELECT state FROM inquiries").await, "new");
}

#[actix_web::test]
async fn old_email_links_never_open_another_inquiry() {
    let (site, writer) = site_and_writer().await;
    send(&site, "first").await;
    let text = site.body("body_text", "inbox@example.com").await;
    let link = text.lines().find_map(|line| line.strip_prefix(&site.base)).unwrap().trim().to_owned();
    assert_eq!(writer.get(&link).await.first("h1"), "first");
    erase_all(&site).await;
    send(&site, "second").await;
    assert_eq!(writer.get(&link).await.status, 404);
    site.execute(NUMBER_ONE).await;
    let page = writer.get(&link).await;
    assert_eq!((page.status, page.first("h1").as_str()), (409, "Inquiry deleted"));
    assert!(!page.text.contains("second"));
}

#[actix_web::test]
async fn merge_applies_only_to_the_two_inquiries_shown() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for _ in 0..2 {
        insert_inquiry(&site, "email = 'a@example.com'").await;
    }
    let page = writer.get("/admin/inquiries/1").await;
    let fields = hidden(&page, "/admin/inquiries/1/merge");
    site.execute("UPDATE inquiries SET receipt_token = 'another' WHERE id = 2").await;
    assert_eq!(writer.post("/admin/inquiries/1/merge", &with(&fields, &[])).await.status, 400);
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE merged_into IS NOT NULL").await, 0);
}
