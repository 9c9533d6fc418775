//! Deletion of personal data: retention, trash, legal hold, erasure and access requests.

use std::collections::BTreeSet;

use immigration_experts::staff::Role;
use jiff::Timestamp;
use serde_json::Value;

use crate::support::{Page, Site, Visitor};

const EMAIL: &str = "zarqa.confidential@example.org";
const NAME: &str = "Zarqa Unmistakable";
const EXPORT: &str = "/admin/inquiries/people/export";
const ERASURE: &str = "/admin/inquiries/people/erasure";
const PHONE: &str = "0300 7654321";
const E164: &str = "+923007654321";
const MESSAGE: &str = "My brother’s refusal notice says perplexingly little.";

/// Sends the contact form. Returns the path of the receipt.
async fn send(site: &Site, name: &str, email: &str, phone: &str, message: &str) -> String {
    let fields = [("name", name), ("email", email), ("phone", phone), ("message", message)];
    let page = site.visitor().post("/contact", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

async fn send_zarqa(site: &Site) {
    send(site, NAME, EMAIL, PHONE, MESSAGE).await;
}

async fn apply(site: &Site, name: &str, email: &str) {
    apply_with(site, name, email, "").await;
}

async fn apply_with(site: &Site, name: &str, email: &str, whatsapp: &str) {
    let fields = [
        ("whatsapp", whatsapp),
        ("name", name),
        ("email", email),
        ("phone", "0301 1111111"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("consent", "yes"),
    ];
    let page = site.visitor().post("/apply", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// Sets the clock and runs the due jobs.
async fn run_jobs_at(site: &Site, instant: &str) {
    let instant: Timestamp = instant.parse().unwrap();
    site.clock.advance(instant.duration_since(site.clock.now()));
    site.running.jobs.run("inquiries").await.unwrap();
}

/// Newly signed-in member; sessions expire long before inquiries do.
async fn member(site: &Site, role: Role) -> Visitor {
    let email = format!("{role}@example.com");
    if site.text("SELECT coalesce(group_concat(email), '') FROM staff").await.contains(&email) {
        site.sign_in(&email).await
    } else {
        site.staff(role).await
    }
}

const TRASHED: &str = "SELECT coalesce(group_concat(reference || ' ' || trash_reason, ', '), '')
    FROM (SELECT reference, trash_reason FROM inquiries WHERE trashed_at IS NOT NULL ORDER BY id)";
const ERASURE_LOG: &str =
    "SELECT coalesce(group_concat(actor || ': ' || reason || ' ' || inquiries || ' ' || emails, ', '), '')
    FROM (SELECT actor, reason, inquiries, emails FROM erasure_log ORDER BY id)";
const INQUIRY_COUNT: &str = "SELECT count(*) FROM inquiries";

/// Saves the site settings with other retention periods.
async fn set_retention_periods(admin: &Visitor, contact: &str, apply: &str, quarantined: &str) -> Page {
    let page = admin.get("/admin/site").await;
    let names = ["name", "tagline", "business_phone", "contact_time", "staff_inbox", "version"];
    let kept: Vec<(&str, String)> = names.iter().map(|name| (*name, page.field_value(name))).collect();
    let mut fields: Vec<(&str, &str)> = kept.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend([
        ("expert_phones", "042 35911332\n051 8439995"),
        ("keep_contact_months", contact),
        ("keep_apply_months", apply),
        ("keep_quarantined_days", quarantined),
    ]);
    admin.post("/admin/site", &fields).await
}

fn retention_periods(page: &Page) -> [String; 3] {
    ["keep_contact_months", "keep_apply_months", "keep_quarantined_days"].map(|name| page.field_value(name))
}

/// Whether any file of the site contains `words`, ignoring case.
fn is_readable(site: &std::path::Path, words: &str) -> bool {
    let words = words.to_lowercase();
    let mut folders = vec![site.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).to_lowercase().contains(&words) {
                return true;
            }
        }
    }
    false
}

#[actix_web::test]
async fn default_retention_is_24_months_and_30_days_for_spam() {
    let site = Site::start().await;
    let admin = member(&site, Role::Admin).await;
    assert_eq!(retention_periods(&admin.get("/admin/site").await), ["24", "24", "30"]);
    let saved = set_retention_periods(&admin, "۱۲", " 36 ", "٧").await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(retention_periods(&admin.get("/admin/site").await), ["12", "36", "7"], "in ASCII digits");
    assert_eq!(
        site.text("SELECT keep_contact_months || ' ' || keep_apply_months || ' ' || keep_quarantined_days FROM site")
            .await,
        "12 36 7"
    );
}

#[actix_web::test]
async fn retention_period_out_of_range_shows_an_error_and_keeps_input() {
    let site = Site::start().await;
    let admin = member(&site, Role::Admin).await;
    for bad in ["0", "121", "-3", "1.5", "", "two years", "99999999999"] {
        let page = set_retention_periods(&admin, bad, "24", "30").await;
        assert_eq!(page.status, 422, "{bad}");
        assert_eq!(page.first("#keep_contact_months-error"), "Error: Enter a number of months from 1 to 120.");
        assert_eq!(page.field_value("keep_contact_months"), bad);
        assert_eq!(set_retention_periods(&admin, "24", bad, "30").await.status, 422, "{bad}");
    }
    for bad in ["6", "367", "a week", ""] {
        let page = set_retention_periods(&admin, "24", "24", bad).await;
        assert_eq!(page.status, 422, "{bad}");
        assert_eq!(page.first("#keep_quarantined_days-error"), "Error: Enter a number of days from 7 to 366.");
        assert_eq!(page.field_value("keep_quarantined_days"), bad);
    }
    assert_eq!(retention_periods(&admin.get("/admin/site").await), ["24", "24", "30"]);
    for (most, days) in [("1", "7"), ("120", "366")] {
        assert_eq!(set_retention_periods(&admin, most, most, days).await.status, 303);
    }
}

#[actix_web::test]
async fn expired_inquiry_is_trashed_and_deleted_after_seven_days() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    site.emails().await;
    run_jobs_at(&site, "2028-11-22T18:59:59Z").await;
    assert_eq!(site.text(TRASHED).await, "", "kept until the end of the last day in Lahore");
    run_jobs_at(&site, "2028-11-22T19:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 retention");
    let event = "SELECT kind || ' ' || actor || ' ' || note FROM inquiry_events ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(event).await, "trashed system retention");
    run_jobs_at(&site, "2028-11-29T18:59:59Z").await;
    assert_eq!(
        (site.count(INQUIRY_COUNT).await, site.count("SELECT count(*) FROM outbox WHERE inquiry_id IS NOT NULL").await),
        (1, 2)
    );
    run_jobs_at(&site, "2028-11-29T19:00:00Z").await;
    for left in [
        INQUIRY_COUNT,
        "SELECT count(*) FROM outbox WHERE inquiry_id IS NOT NULL",
        "SELECT count(*) FROM inquiry_events",
    ] {
        assert_eq!(site.count(left).await, 0, "{left}");
    }
    assert_eq!(site.text(ERASURE_LOG).await, "system: retention 1 2");
}

#[actix_web::test]
async fn each_inquiry_type_has_its_own_retention_period() {
    let site = Site::start().await;
    let admin = member(&site, Role::Admin).await;
    assert_eq!(set_retention_periods(&admin, "2", "3", "10").await.status, 303);
    send(&site, "A", "a@example.com", "", "Message").await;
    apply(&site, "B", "b@example.com").await;
    send(&site, "C", "c@example.com", "", "Spam").await;
    apply(&site, "D", "d@example.com").await;
    site.execute("UPDATE inquiries SET state = 'quarantined' WHERE id IN (3, 4)").await;
    run_jobs_at(&site, "2026-12-02T12:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "");
    run_jobs_at(&site, "2026-12-03T12:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000003 retention, IE-2026-000004 retention");
    run_jobs_at(&site, "2027-01-23T12:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 retention", "spam is deleted");
    run_jobs_at(&site, "2027-02-23T12:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000002 retention");
}

#[actix_web::test]
async fn retention_counts_from_the_last_activity_and_ignores_notes() {
    let site = Site::start().await;
    for name in ["A", "B", "C", "D"] {
        send(&site, name, "a@example.com", "", name).await;
    }
    run_jobs_at(&site, "2027-06-01T09:00:00Z").await;
    let writer = member(&site, Role::Writer).await;
    assert_eq!(writer.post("/admin/inquiries/1/state", &[("state", "reading")]).await.status, 303);
    assert_eq!(writer.post("/admin/inquiries/2/notes", &[("note", "Rang twice.")]).await.status, 303);
    site.execute(
        "INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES
             (3, '2027-06-01T09:00:00Z', 'W', 'answer', ''), (4, '2027-06-01T09:00:00Z', 'visitor', 'corrected', '')",
    )
    .await;
    run_jobs_at(&site, "2028-11-23T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000002 retention");
    let writer = member(&site, Role::Writer).await;
    assert!(writer.get("/admin/inquiries/1").await.text.contains(">June 1, 2029</time>, or longer if"));
    run_jobs_at(&site, "2029-06-01T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "");
    run_jobs_at(&site, "2029-06-02T09:00:00Z").await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").await, 3);
}

#[actix_web::test]
async fn legal_hold_prevents_automatic_trash_and_deletion() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    let writer = member(&site, Role::Writer).await;
    let page = writer.post_and_follow("/admin/inquiries/1/hold", &[("hold", "on")]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 is on hold. It is kept until the hold is removed.");
    assert_eq!(page.all("form[action$='/trash']"), Vec::<String>::new());
    let refused = writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    assert_eq!(refused.first(".flash"), "IE-2026-000001 is on hold (client record). Remove the hold first.");
    run_jobs_at(&site, "2035-01-01T09:00:00Z").await;
    assert_eq!((site.text(TRASHED).await, site.count(INQUIRY_COUNT).await), (String::new(), 1));
    // The hold also applies in the trash.
    site.execute("UPDATE inquiries SET trashed_at = '2034-01-01T00:00:00Z', trash_reason = 'withdrawn'").await;
    run_jobs_at(&site, "2035-01-02T09:00:00Z").await;
    assert_eq!(site.count(INQUIRY_COUNT).await, 1);
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/restoration", &[]).await;
    let page = writer.post_and_follow("/admin/inquiries/1/hold", &[("hold", "off")]).await;
    assert_eq!(page.first(".flash"), "Hold on IE-2026-000001 removed. Its retention period starts again today.");
    assert!(page.text.contains(">January 2, 2037</time>"), "{}", page.text);
    assert_eq!(writer.post("/admin/inquiries/1/hold", &[("hold", "perhaps")]).await.status, 400);
    assert_eq!(writer.post("/admin/inquiries/99/hold", &[("hold", "on")]).await.status, 404);
}

#[actix_web::test]
async fn withdrawn_inquiry_is_trashed_when_its_hold_is_removed() {
    let site = Site::start().await;
    for (id, message) in [(1, "Withdrawn before"), (2, "Withdrawn meanwhile")] {
        let receipt = send(&site, NAME, EMAIL, "", message).await;
        let writer = member(&site, Role::Writer).await;
        if id == 1 {
            withdraw(&site, &receipt).await;
        }
        writer.post_and_follow(&format!("/admin/inquiries/{id}/hold"), &[("hold", "on")]).await;
        if id == 2 {
            withdraw(&site, &receipt).await;
        }
    }
    assert_eq!(site.text("SELECT group_concat(state) FROM inquiries").await, "withdrawn,withdrawn");
    run_jobs_at(&site, "2026-12-22T09:00:00Z").await;
    assert_eq!((site.text(TRASHED).await, site.count(INQUIRY_COUNT).await), (String::new(), 2));
    let writer = member(&site, Role::Writer).await;
    for id in [1, 2] {
        let page = writer.post_and_follow(&format!("/admin/inquiries/{id}/hold"), &[("hold", "off")]).await;
        assert!(page.first(".flash").contains("The visitor withdrew it"), "{}", page.first(".flash"));
        let again = writer.post_and_follow(&format!("/admin/inquiries/{id}/hold"), &[("hold", "off")]).await;
        assert_eq!(again.first(".flash"), format!("IE-2026-00000{id} is not on hold."));
    }
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 withdrawn, IE-2026-000002 withdrawn");
    run_jobs_at(&site, "2026-12-29T09:00:00Z").await;
    assert_eq!(site.count(INQUIRY_COUNT).await, 0);
    assert!(site.text(ERASURE_LOG).await.starts_with("system: withdrawn 1 "));
}

/// Withdraws an inquiry through its receipt.
async fn withdraw(site: &Site, receipt: &str) {
    let visitor = site.visitor();
    let confirmed = visitor.post(&format!("{receipt}/confirmation"), &[("address", EMAIL)]).await;
    let access_token = visitor.get(confirmed.location()).await.field_value("access_token");
    let taken = visitor
        .post(&format!("{receipt}/withdrawal"), &[("access_token", access_token.as_str()), ("sure", "yes")])
        .await;
    assert_eq!(taken.status, 303, "{}", taken.text);
}

#[actix_web::test]
async fn legal_hold_restores_an_inquiry_from_the_trash() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    let page = writer.post_and_follow("/admin/inquiries/1/hold", &[("hold", "on")]).await;
    assert!(page.first(".flash").contains("restored and placed on hold"), "{}", page.first(".flash"));
    assert_eq!((site.text(TRASHED).await, site.count("SELECT on_hold FROM inquiries").await), (String::new(), 1));
}

#[actix_web::test]
async fn staff_can_trash_and_restore_an_inquiry() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    let writer = member(&site, Role::Writer).await;
    let empty = writer.get("/admin/inquiries/trash").await;
    assert_eq!((empty.status, empty.all("main > p")[1].as_str()), (200, "The trash is empty."));
    let version = site.count("SELECT version FROM inquiries").await;
    let page = writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    assert!(page.first(".flash").starts_with("IE-2026-000001 moved to the trash."));
    let notice = page.first("section[aria-labelledby=retention] .notice");
    assert!(
        notice.contains("moved to the trash by staff") && notice.contains("November 29, 2026, 2:00 p.m."),
        "{notice}"
    );
    assert!(site.count("SELECT version FROM inquiries").await > version, "the version increases");
    let again = writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    assert_eq!(again.first(".flash"), "IE-2026-000001 is already in the trash.");
    let trash = writer.get("/admin/inquiries/trash").await;
    assert_eq!(
        trash.all("tbody td")[..4],
        [NAME, "moved to the trash by staff", "November 22, 2026, 2:00 p.m.", "November 29, 2026, 2:00 p.m."]
    );
    let page = writer.post_and_follow("/admin/inquiries/1/restoration", &[]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 restored. Its retention period starts again today.");
    let again = writer.post_and_follow("/admin/inquiries/1/restoration", &[]).await;
    assert_eq!(again.first(".flash"), "IE-2026-000001 is not in the trash.");
    assert_eq!(
        site.text("SELECT group_concat(kind || ':' || note) FROM inquiry_events").await,
        "received:,trashed:staff,restored:"
    );
    for path in ["trash", "restoration"] {
        assert_eq!(writer.post(&format!("/admin/inquiries/99/{path}"), &[]).await.status, 404);
    }
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    assert_eq!(site.text(ERASURE_LOG).await, "system: staff 1 2");
}

#[actix_web::test]
async fn restored_inquiry_gets_its_full_retention_period() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    run_jobs_at(&site, "2028-11-25T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 retention");
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/restoration", &[]).await;
    run_jobs_at(&site, "2028-12-25T09:00:00Z").await;
    assert_eq!((site.text(TRASHED).await, site.count(INQUIRY_COUNT).await), (String::new(), 1));
    run_jobs_at(&site, "2030-11-26T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 retention");
}

#[actix_web::test]
async fn inquiries_trashed_by_a_mistyped_period_are_restored() {
    let site = Site::start().await;
    for message in ["One", "Two", "Three"] {
        send(&site, "A", "a@example.com", "", message).await;
    }
    run_jobs_at(&site, "2027-03-01T09:00:00Z").await;
    let admin = member(&site, Role::Admin).await;
    admin.post("/admin/inquiries/3/trash", &[]).await;
    assert_eq!(set_retention_periods(&admin, "2", "24", "30").await.status, 303);
    run_jobs_at(&site, "2027-03-01T09:01:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000001 retention, IE-2026-000002 retention, IE-2026-000003 staff");
    run_jobs_at(&site, "2027-03-07T09:00:00Z").await;
    let admin = member(&site, Role::Admin).await;
    assert_eq!(set_retention_periods(&admin, "24", "24", "30").await.status, 303);
    // Even if no job ran between the correction and the end of the 7 days.
    run_jobs_at(&site, "2027-03-09T09:00:00Z").await;
    assert_eq!((site.text(TRASHED).await, site.count(INQUIRY_COUNT).await), (String::new(), 2));
    let event = "SELECT kind || ' ' || actor FROM inquiry_events ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(event).await, "restored system");
    run_jobs_at(&site, "2028-11-22T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "");
    run_jobs_at(&site, "2028-11-23T09:00:00Z").await;
    assert_eq!(
        site.text(TRASHED).await,
        "IE-2026-000001 retention, IE-2026-000002 retention",
        "counted from the time received"
    );
}

#[actix_web::test]
async fn withdrawn_inquiry_is_deleted_after_seven_days() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    send(&site, "B", "b@example.com", "", "Other").await;
    site.execute(
        "UPDATE inquiries SET state = 'withdrawn', trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'withdrawn'",
    )
    .await;
    let writer = member(&site, Role::Writer).await;
    let page = writer.get("/admin/inquiries/2").await;
    assert!(page.first(".notice").contains("Restore it only if the visitor asks for it."));
    writer.post_and_follow("/admin/inquiries/2/restoration", &[]).await;
    assert_eq!(site.text("SELECT state FROM inquiries WHERE id = 2").await, "new", "it is unanswered again");
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    assert_eq!(site.text(ERASURE_LOG).await, "system: withdrawn 1 2");
    assert_eq!(site.text("SELECT group_concat(reference) FROM inquiries").await, "IE-2026-000002");
}

#[actix_web::test]
async fn many_inquiries_are_trashed_and_deleted_once_by_two_jobs() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    let columns = "kind, state, received_at, state_changed_at, form_token, content_hash, name, email, phone, message";
    site.execute(&format!(
        "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
         INSERT INTO inquiries (reference, receipt_token, {columns})
         SELECT printf('IE-2026-%06d', i), 'token-' || i, {columns} FROM n, inquiries"
    ))
    .await;
    site.execute("UPDATE inquiries SET on_hold = 1 WHERE id = 17").await;
    let both = async || {
        let (one, other) = tokio::join!(site.running.jobs.run("inquiries"), site.running.jobs.run("inquiries"));
        one.unwrap();
        other.unwrap();
    };
    run_jobs_at(&site, "2028-11-24T09:00:00Z").await;
    both().await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").await, 449);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events WHERE kind = 'trashed'").await, 449);
    site.advance_hours(7 * 24);
    both().await;
    assert_eq!(site.count(INQUIRY_COUNT).await, 1);
    assert_eq!(site.count("SELECT count(*) FROM erasure_log").await, 449);
    assert_eq!(site.count("SELECT count(DISTINCT subject_hash) FROM erasure_log").await, 449);
}

#[actix_web::test]
async fn deleting_an_inquiry_deletes_emails_that_mention_it() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    send(&site, "B", "b@example.com", "", "Other").await;
    site.emails().await;
    let columns = "message_id, recipient, subject, inquiry_id, state, queued_at, next_attempt_at, expires_at, body_text, body_html";
    let rest = "'sent', '2026-11-22T09:00:00Z', '2026-11-22T09:00:00Z', '2026-11-22T09:00:00Z'";
    site.execute(&format!(
        "INSERT INTO outbox ({columns}) VALUES
             ('d1', 'inbox@example.com', 'Digest', NULL, {rest}, 'Waiting: IE-2026-000001', ''),
             ('m1', 'b@example.com', 'Together with IE-2026-000001', 2, {rest}, '', '')"
    ))
    .await;
    site.execute("UPDATE inquiries SET merged_into = 1 WHERE id = 2").await;
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    assert_eq!(site.text(ERASURE_LOG).await, "system: staff 1 3");
    assert_eq!(site.text("SELECT group_concat(inquiry_id || '') FROM outbox").await, "2,2");
    assert_eq!(
        site.count("SELECT count(*) FROM outbox WHERE message_id = 'd1'").await,
        1,
        "a digest contains only references"
    );
}

#[actix_web::test]
async fn digests_are_deleted_after_90_days() {
    let site = Site::start_with_file_drop().await;
    send_zarqa(&site).await;
    run_jobs_at(&site, "2026-11-23T04:00:00Z").await;
    site.deliver_due().await;
    let digests = "SELECT count(*) FROM outbox WHERE inquiry_id IS NULL AND queued_at < '2026-11-24T00:00:00Z'";
    let mail = site.dir.path().join("data/mail");
    let file = site.text("SELECT message_id || '.eml' FROM outbox WHERE inquiry_id IS NULL").await;
    assert_eq!((site.count(digests).await, mail.join(&file).exists()), (1, true));
    run_jobs_at(&site, "2027-02-21T04:00:00Z").await;
    assert_eq!(site.count(digests).await, 1, "day 90 has not ended");
    run_jobs_at(&site, "2027-02-21T04:00:01Z").await;
    assert_eq!((site.count(digests).await, mail.join(&file).exists()), (0, false));
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE inquiry_id = 1").await, 2);
}

#[actix_web::test]
async fn inquiry_merged_into_a_deleted_one_keeps_its_own_retention() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    site.advance_hours(24 * 30);
    send(&site, "B", "b@example.com", "", "Other").await;
    site.execute("UPDATE inquiries SET merged_into = 1 WHERE id = 2").await;
    run_jobs_at(&site, "2028-11-23T09:00:00Z").await;
    run_jobs_at(&site, "2028-11-30T09:00:00Z").await;
    let rest = "SELECT group_concat(reference || ' ' || coalesce(merged_into, 'alone')) FROM inquiries";
    assert_eq!(site.text(rest).await, "IE-2026-000002 alone");
    assert_eq!(site.text(TRASHED).await, "");
    run_jobs_at(&site, "2028-12-23T09:00:00Z").await;
    assert_eq!(site.text(TRASHED).await, "IE-2026-000002 retention");
}

#[actix_web::test]
async fn bounce_flag_is_deleted_with_the_last_inquiry_of_the_address() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    send(&site, NAME, &EMAIL.to_uppercase(), "", "Again").await;
    site.deliver_due().await;
    site.execute(&format!(
        "INSERT INTO bounced_addresses VALUES ('{EMAIL}', '2026-11-22T09:00:00Z', '550 no such user')"
    ))
    .await;
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    assert_eq!((site.count(INQUIRY_COUNT).await, site.count("SELECT count(*) FROM bounced_addresses").await), (1, 1));
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/2/trash", &[]).await;
    run_jobs_at(&site, "2026-12-06T09:00:00Z").await;
    assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
}

#[actix_web::test]
async fn deleted_data_is_unreadable_in_every_file() {
    let site = Site::start_with_file_drop().await;
    send_zarqa(&site).await;
    send(&site, "Bystander", "b@example.com", "", "I stay.").await;
    site.deliver_due().await;
    let data = site.dir.path().join("data");
    // Also parts of words: the search index stores words separately and shares common prefixes.
    let traces = [EMAIL, NAME, "mistakable", PHONE, E164, "plexingly"];
    let before: Vec<bool> = traces.iter().map(|trace| is_readable(&data, trace)).collect();
    assert_eq!(before, [true; 6], "the test needs the data to be readable before");
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/notes", &[("note", "Zarqa Unmistakable rang.")]).await;
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    writer.get("/admin/inquiries/1").await;
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    assert_eq!(site.text(ERASURE_LOG).await, "system: staff 1 2");
    for trace in traces {
        assert!(!is_readable(&data, trace), "{trace} while running");
    }
    assert_eq!(std::fs::read_dir(data.join("mail")).unwrap().count(), 2, "other e-mails are kept");
    let dir = site.stop().await;
    for trace in traces {
        assert!(!is_readable(&dir.path().join("data"), trace), "{trace} after shutdown");
    }
    assert!(is_readable(&dir.path().join("data"), "b@example.com"));
}

#[actix_web::test]
async fn failed_erasure_changes_nothing_and_is_retried() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff'").await;
    site.execute("CREATE TRIGGER broken BEFORE INSERT ON erasure_log BEGIN SELECT RAISE(ABORT, 'full disk'); END")
        .await;
    site.advance_hours(7 * 24);
    assert!(site.running.jobs.run("inquiries").await.is_err());
    assert_eq!(
        (site.count(INQUIRY_COUNT).await, site.count("SELECT count(*) FROM outbox WHERE inquiry_id IS NOT NULL").await),
        (1, 2)
    );
    site.execute("DROP TRIGGER broken").await;
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(site.count(INQUIRY_COUNT).await, 0);
}

#[actix_web::test]
async fn staff_see_when_an_applicant_consented_and_to_which_text() {
    let site = Site::start().await;
    apply(&site, "A", "a@example.com").await;
    site.execute(
        "INSERT INTO consent_texts VALUES ('v1', 'I agree to be advised.', '2026-11-22T08:00:00Z');
         UPDATE inquiries SET consent_version = 'v1'",
    )
    .await;
    let page = member(&site, Role::Writer).await.get("/admin/inquiries/1").await;
    let words = page.first("section[aria-labelledby=retention] > .small");
    assert_eq!(words, "Consent given November 22, 2026, 2:00 p.m.: “I agree to be advised.”");
}

/// Four inquiries related to one person, and one unrelated.
async fn send_family_inquiries(site: &Site) {
    send_zarqa(site).await;
    send(site, "Zarqa U.", &EMAIL.to_uppercase(), "", "In capitals").await;
    send(site, "Her brother", "brother@example.org", PHONE, "On the same phone").await;
    apply_with(site, "Zarqa", "another@example.org", "0300-7654321").await;
    send(site, "Stranger", "stranger@example.org", "0345 9999999", "Nothing to do with it").await;
    site.execute(
        "UPDATE inquiries SET state = 'quarantined' WHERE id = 4;
         UPDATE inquiries SET merged_into = 1, trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff' WHERE id = 2",
    )
    .await;
}

fn references(page: &Page) -> Vec<String> {
    page.all("tbody th a").into_iter().map(|reference| reference[reference.len() - 1..].to_owned()).collect()
}

async fn search_person(member: &Visitor, q: &str) -> Page {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let page = member.get(&format!("/admin/inquiries/people?q={q}")).await;
    assert_eq!(page.status, 200);
    page
}

#[actix_web::test]
async fn person_search_matches_email_and_phone_in_any_form_and_state() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    let writer = member(&site, Role::Writer).await;
    for email in [EMAIL.to_owned(), format!("  {}", EMAIL.to_uppercase())] {
        let page = search_person(&writer, &email).await;
        assert_eq!(references(&page), ["2", "1"], "{email}");
        assert!(page.first("tbody tr").contains("merged, in trash"), "{}", page.first("tbody tr"));
        let emails = page.all("ul.rows li");
        assert_eq!(emails.len(), 4, "{emails:?}");
    }
    for number in [PHONE, E164, "0092 300 765 43 21", "۰۳۰۰ ۷۶۵۴۳۲۱"] {
        let page = search_person(&writer, number).await;
        assert_eq!(references(&page), ["4", "3", "2", "1"], "{number}");
        let matches: Vec<String> = page.all("tbody td:nth-child(4)");
        assert_eq!(matches, ["WhatsApp", "phone", "merged with one of these", "phone"]);
        assert!(page.first("tbody tr").contains("Quarantined"));
    }
    for nobody in ["nobody@example.org", "0300 0000001", "%", "_"] {
        let page = search_person(&writer, nobody).await;
        assert!(page.first("main [role=status]").starts_with("No data found for"), "{nobody}");
        assert_eq!(page.all("form[action$='/export']"), Vec::<String>::new());
    }
    let page = search_person(&writer, "IE-2026-000001").await;
    assert!(page.first("#q-error").starts_with("Error: This is a reference number."));
}

#[actix_web::test]
async fn undialable_phone_number_is_found_as_entered() {
    let site = Site::start().await;
    send(&site, "A", "", "call my uncle", "Please").await;
    let writer = member(&site, Role::Writer).await;
    assert_eq!(references(&search_person(&writer, "call my uncle").await), ["1"]);
}

/// Corrects the contact details of an inquiry through its receipt.
async fn correct(site: &Site, receipt: &str, email: &str, [new_email, phone, whatsapp]: [&str; 3]) {
    let visitor = site.visitor();
    let confirmed = visitor.post(&format!("{receipt}/confirmation"), &[("address", email)]).await;
    let access_token = visitor.get(confirmed.location()).await.field_value("access_token");
    let fields = [
        ("name", "A"),
        ("email", new_email),
        ("phone", phone),
        ("whatsapp", whatsapp),
        ("access_token", access_token.as_str()),
    ];
    let page = visitor.post_and_follow(&format!("{receipt}/contact"), &fields).await;
    assert_eq!(page.first("[role=status]"), "Your contact details have been updated.");
}

#[actix_web::test]
async fn person_search_matches_previous_contacts_exactly() {
    let site = Site::start().await;
    let receipt = send(&site, "A", "Bali@gmial.com", "0300 1234567", "Please").await;
    send(&site, "Another", "ali@gmial.com", "", "Please").await;
    correct(&site, &receipt, "bali@gmial.com", ["bali@gmail.com", "0300 7654321", "call my uncle"]).await;
    correct(&site, &receipt, "bali@gmail.com", ["bali@example.com", "0300 7654321", ""]).await;
    let admin = member(&site, Role::Admin).await;
    for earlier in ["bali@GMIAL.com", "bali@gmail.com", "0300 1234567", "+92 300-1234567", "call my uncle"] {
        let page = search_person(&admin, earlier).await;
        assert_eq!(page.all("tbody td:nth-child(4)"), ["previous contact details, or a reply"], "{earlier}");
    }
    assert_eq!(
        references(&search_person(&admin, "ali@gmial.com").await),
        ["2"],
        "part of another address does not match"
    );
    assert_eq!(search_person(&admin, "bali@example.com").await.all("tbody td:nth-child(4)"), ["e-mail address"]);
    let columns = "INSERT INTO bounced_addresses VALUES";
    site.execute(&format!(
        "{columns} ('bali@gmial.com', '2026-11-22T09:00:00Z', '550'), ('ali@gmial.com', '2026-11-22T09:00:00Z', '550')"
    ))
    .await;
    let fields = [("q", "0300 1234567"), ("again", "0300 1234567"), ("inquiry-1", "yes")];
    assert_eq!(admin.post(ERASURE, &fields).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM previous_contacts").await, 0);
    assert_eq!(site.text("SELECT group_concat(address) FROM bounced_addresses").await, "ali@gmial.com");
}

#[actix_web::test]
async fn emails_to_the_firm_belong_to_no_person() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    let admin = member(&site, Role::Admin).await;
    for own in ["inbox@example.com", "ADMIN@example.com"] {
        assert!(search_person(&admin, own).await.first("main [role=status]").starts_with("No data found for"), "{own}");
    }
    send(&site, "Admin", "admin@example.com", "", "A trial").await;
    let page = search_person(&admin, "admin@example.com").await;
    assert!(page.first("main [role=status]").contains("This address belongs to the company"));
    let fields = [("q", "inbox@example.com"), ("again", "inbox@example.com")];
    let page = admin.post("/admin/inquiries/people/erasure", &fields).await;
    assert!(page.status == 422 && page.text.contains("there is nothing to erase"), "{}", page.text);
    assert_eq!(site.count("SELECT count(*) FROM erasure_log").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE recipient = 'inbox@example.com'").await, 6);
}

#[actix_web::test]
async fn personal_data_export_is_complete() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    apply(&site, NAME, EMAIL).await;
    // A delivered e-mail would clear the bounce flag.
    site.deliver_due().await;
    site.execute(&format!(
        "INSERT INTO consent_texts VALUES ('v1', 'I agree to be advised.', '2026-11-22T08:00:00Z');
         UPDATE inquiries SET consent_version = 'v1' WHERE kind = 'apply';
         INSERT INTO bounced_addresses VALUES ('{EMAIL}', '2026-11-22T09:00:00Z', '550 no such user')"
    ))
    .await;
    let writer = member(&site, Role::Writer).await;
    writer.post_and_follow("/admin/inquiries/1/notes", &[("note", "She rang.\nTwice.")]).await;
    let selected = [("q", EMAIL), ("inquiry-1", "yes"), ("inquiry-2", "yes"), ("inquiry-6", "yes")];
    let page = writer.post(EXPORT, &selected).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"));
    assert_eq!(page.header("content-disposition"), "attachment; filename=\"person.json\"");
    assert_eq!(page.header("cache-control"), "no-store");
    let all: Value = serde_json::from_str(&page.text).unwrap();
    let inquiries = all["inquiries"].as_array().unwrap();
    assert_eq!(inquiries.len(), 3);
    let first = inquiries.iter().find(|one| one["reference"] == "IE-2026-000001").unwrap();
    assert_eq!((first["message"].as_str(), first["phone_e164"].as_str()), (Some(MESSAGE), Some(E164)));
    assert_eq!(first["events"][1]["note"], "She rang.\nTwice.");
    let application = inquiries.iter().find(|one| one["kind"] == "apply").unwrap();
    assert_eq!(application["consent_text"], "I agree to be advised.");
    assert_eq!(all["refused_address"]["reason"], "550 no such user");
    let emails = all["emails"].as_array().unwrap();
    assert_eq!(emails.len(), 6);
    assert!(emails.iter().any(|email| email["body_text"].as_str().unwrap().contains(MESSAGE)));

    // Every column must be exported, including columns added later.
    let renamed_or_excluded: BTreeSet<&str> = ["id", "owner_id", "merged_into", "inquiry_id", "receipt_token"].into();
    for (columns, found) in [
        ("SELECT group_concat(name) FROM pragma_table_info('inquiries')", first),
        ("SELECT group_concat(name) FROM pragma_table_info('outbox')", &emails[0]),
    ] {
        for column in site.text(columns).await.split(',').filter(|column| !renamed_or_excluded.contains(column)) {
            assert!(found.get(column).is_some(), "{column} is missing");
        }
    }
    assert!(first.get("owner").is_some() && first.get("answered_in").is_some());
    assert!(emails.iter().all(|email| email["about"].is_string()));
    assert!(first.get("receipt_token").is_none(), "it would give access to the receipt");
    for nobody in ["", "nobody@example.org", "IE-2026-000001"] {
        assert_eq!(writer.post(EXPORT, &[("q", nobody)]).await.status, 404, "{nobody}");
    }
}

#[actix_web::test]
async fn personal_data_export_excludes_others_with_the_same_phone() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    let writer = member(&site, Role::Writer).await;
    let page = search_person(&writer, PHONE).await;
    assert_eq!(page.all("form[action$='/export'] input[name^=inquiry-][checked]").len(), 4);
    let page = writer.post(EXPORT, &[("q", PHONE), ("inquiry-1", "yes"), ("inquiry-5", "yes")]).await;
    let all: Value = serde_json::from_str(&page.text).unwrap();
    let abouts: Vec<&str> =
        all["emails"].as_array().unwrap().iter().map(|email| email["about"].as_str().unwrap()).collect();
    assert_eq!(abouts, ["IE-2026-000001"; 2]);
    assert_eq!(all["inquiries"].as_array().unwrap().len(), 1, "only inquiries that were found");
    assert!(!page.text.contains("brother@example.org") && !page.text.contains("stranger@example.org"));
    let page = writer.post(EXPORT, &[("q", PHONE)]).await;
    assert_eq!(
        (page.status, page.first("#inquiries-error").as_str()),
        (422, "Error: Select the inquiries that belong to this person.")
    );
    assert_eq!(page.all("input[name^=inquiry-][checked]"), Vec::<String>::new(), "the selection is kept");
}

#[actix_web::test]
async fn personal_data_export_is_audited_without_the_persons_name() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    let admin = member(&site, Role::Admin).await;
    member(&site, Role::Writer).await.post(EXPORT, &[("q", EMAIL), ("inquiry-1", "yes")]).await;
    let log = admin.get("/admin/audit").await;
    assert!(log.first("tbody tr").contains("exported all data of a person"), "{}", log.first("tbody tr"));
    assert!(!log.text.contains(EMAIL));
}

#[actix_web::test]
async fn erasure_needs_confirmation_and_leaves_only_a_hash() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    site.execute(&format!("INSERT INTO bounced_addresses VALUES ('{EMAIL}', '2026-11-22T09:00:00Z', '550')")).await;
    site.emails().await;
    let admin = member(&site, Role::Admin).await;
    let page = admin.get(&format!("{ERASURE}?q={EMAIL}")).await;
    assert!(page.text.contains("Found: 2 inquiries and 4 e-mails."), "{}", page.text);
    assert_eq!(page.all("input[name^=inquiry-][checked]").len(), 2);
    let selected = [("q", EMAIL), ("inquiry-1", "yes"), ("inquiry-2", "yes")];
    for again in ["", "zarqa@example.org", PHONE] {
        let refused = admin.post(ERASURE, &[&selected[..], &[("again", again)]].concat()).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.first("#again-error"), "Error: Enter the same e-mail address or phone number as above.");
        assert_eq!((refused.field_value("again").as_str(), refused.field_value("q").as_str()), (again, EMAIL));
    }
    assert_eq!(site.count(INQUIRY_COUNT).await, 5);
    let done = admin.post_and_follow(ERASURE, &[&selected[..], &[("again", EMAIL)]].concat()).await;
    assert!(done.first(".flash").starts_with("Data erased."));
    assert_eq!(done.all("tbody td")[1..4], ["Test admin", "requested by the person", "2 inquiries, 4 e-mails"]);
    assert_eq!(done.all("tbody code")[0].len(), 12);
    assert_eq!(site.count(INQUIRY_COUNT).await, 3);
    assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
    assert_eq!(site.text(ERASURE_LOG).await, "Test admin: request 2 4");
    assert!(search_person(&admin, EMAIL).await.first("main [role=status]").starts_with("No data found for"));
    let data = site.dir.path().join("data");
    for trace in [EMAIL, "mistakable", "plexingly"] {
        assert!(!is_readable(&data, trace), "{trace}");
    }
    let log = admin.get(&format!("/admin/inquiries/erasures?q={}", EMAIL.to_uppercase())).await;
    let result = log.first("main [role=status]");
    assert!(
        result.starts_with("Erased November 22, 2026, 2:00 p.m. by Test admin: 2 inquiries, 4 e-mails"),
        "{result}"
    );
    let log = admin.get("/admin/inquiries/erasures?q=nobody@example.org").await;
    assert_eq!(log.first("main [role=status]"), "No erasure found.");
}

#[actix_web::test]
async fn automatic_deletions_are_found_in_the_log_by_reference() {
    let site = Site::start().await;
    send_zarqa(&site).await;
    let writer = member(&site, Role::Writer).await;
    let log = writer.get("/admin/inquiries/erasures").await;
    assert!(log.text.contains("Nothing has been deleted yet."));
    writer.post_and_follow("/admin/inquiries/1/trash", &[]).await;
    run_jobs_at(&site, "2026-11-29T09:00:00Z").await;
    let writer = member(&site, Role::Writer).await;
    let log = writer.get("/admin/inquiries/erasures?q=ie-2026-000001").await;
    assert!(log.first("main [role=status]").contains("by system: 1 inquiry, 2 e-mails (moved to the trash by staff)"));
    assert!(!log.text.contains("IE-2026-000001"), "the log does not show the reference");
}

#[actix_web::test]
async fn erasure_keeps_unselected_inquiries_and_their_emails() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    let admin = member(&site, Role::Admin).await;
    let fields = [("q", PHONE), ("again", "+92 300 7654321"), ("inquiry-1", "yes"), ("inquiry-2", "yes")];
    assert_eq!(admin.post(ERASURE, &fields).await.status, 303);
    assert_eq!(
        site.text("SELECT group_concat(substr(reference, -1)) FROM inquiries ORDER BY id").await,
        "3,4,5",
        "the brother’s inquiry is kept"
    );
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE inquiry_id = 3").await, 2);
    // Only inquiries that were found can be selected.
    let fields = [("q", PHONE), ("again", PHONE), ("inquiry-5", "yes")];
    let refused = admin.post(ERASURE, &fields).await;
    assert_eq!((refused.status, refused.first("#inquiries-error").as_str()), (422, "Error: Select what to erase."));
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE id = 5").await, 1);
    assert_eq!(site.count("SELECT count(*) FROM erasure_log").await, 1, "only the first erasure is logged");
    // E-mails without an inquiry can be erased too.
    site.execute(
        "UPDATE outbox SET inquiry_id = NULL WHERE id = (SELECT max(id) FROM outbox WHERE recipient = 'brother@example.org')",
    )
    .await;
    let fields = [("q", "brother@example.org"), ("again", "brother@example.org")];
    assert_eq!(admin.post(ERASURE, &fields).await.status, 303);
    assert_eq!(site.text(ERASURE_LOG).await, "Test admin: request 2 4, Test admin: request 0 1");
}

#[actix_web::test]
async fn erasing_a_held_inquiry_needs_explicit_confirmation() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    site.execute("UPDATE inquiries SET on_hold = 1 WHERE id = 1").await;
    let admin = member(&site, Role::Admin).await;
    let fields = [("q", EMAIL), ("again", EMAIL), ("inquiry-1", "yes")];
    let refused = admin.post(ERASURE, &fields).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.first("#on_hold-error"),
        "Error: A selected inquiry is on hold. Remove the hold, or select this box."
    );
    assert_eq!(refused.attributes("input[name^=inquiry-][checked]", "name"), ["inquiry-1"], "the selection is kept");
    assert_eq!(site.count(INQUIRY_COUNT).await, 5);
    let fields = [&fields[..], &[("on_hold", "yes")]].concat();
    assert_eq!(admin.post(ERASURE, &fields).await.status, 303);
    assert_eq!(site.count(INQUIRY_COUNT).await, 4);
}

#[actix_web::test]
async fn only_admins_can_erase() {
    let site = Site::start().await;
    send_family_inquiries(&site).await;
    for role in [Role::Writer, Role::Publisher] {
        let member = member(&site, role).await;
        assert_eq!(member.get(&format!("{ERASURE}?q={EMAIL}")).await.status, 403);
        assert_eq!(member.post(ERASURE, &[("q", EMAIL), ("again", EMAIL), ("inquiry-1", "yes")]).await.status, 403);
        assert_eq!(search_person(&member, EMAIL).await.all("a[href*=erasure]").len(), 1, "only the erasure log");
    }
    assert_eq!(site.count(INQUIRY_COUNT).await, 5);
    let admin = member(&site, Role::Admin).await;
    assert_eq!(admin.get(&format!("{ERASURE}?q=")).await.status, 404);
    assert_eq!(admin.post(ERASURE, &[]).await.status, 404);
}

#[actix_web::test]
async fn privacy_page_states_retention_periods_and_what_remains() {
    let site = Site::start().await;
    let page = site.visitor().get("/privacy").await;
    for words in [
        "24 for a message and 24 for an application",
        "usually 30 days and always between a week and a year",
        "a fingerprint of the network",
        "deleted 7 days later",
        "sets no cookie",
        "only a fingerprint",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert_eq!(page.header("set-cookie"), "");
}

#[actix_web::test]
async fn forms_state_the_seven_days_in_the_trash() {
    let site = Site::start().await;
    let admin = member(&site, Role::Admin).await;
    assert_eq!(set_retention_periods(&admin, "1", "36", "30").await.status, 303);
    let visitor = site.visitor();
    let trash = "then it moves to the trash and is deleted 7 days later";
    for (path, words) in [
        ("/contact", format!("We keep it for 1 month after the last activity on it; {trash}.")),
        ("/apply", format!("We keep it for 36 months after the last activity on it; {trash}.")),
        (
            "/apply",
            "for 36 months after the last activity on it, then 7 days in the trash before deletion, and uses it".into(),
        ),
    ] {
        assert!(visitor.get(path).await.text.contains(&words), "{path}: {words}");
    }
}
