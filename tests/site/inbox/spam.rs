//! "This is spam" and "Not spam": quarantine, reasons, digest.

use super::{insert_inquiry, listed_references, site_and_writer, version_fields, with};

#[actix_web::test]
async fn inquiry_marked_as_spam_is_quarantined_with_the_reason() {
    let (site, writer) = site_and_writer().await;
    let fields = [("name", "Amina"), ("email", "a@example.com"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    assert_eq!(site.emails().await.len(), 2);
    writer.post("/admin/inquiries/1/owner", &[("owner", "me")]).await;
    let page = writer.get("/admin/inquiries/1").await;
    let page = writer.post_and_follow("/admin/inquiries/1/spam", &with(&version_fields(&page), &[])).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 marked as spam. It is in quarantine.");
    let reason = "Marked as spam by Test writer on November 22, 2026, 2:00 p.m.";
    assert!(page.first(".notice").starts_with(reason), "{}", page.first(".notice"));
    assert!(page.all("ol.rows li").last().unwrap().ends_with("Test writer marked the inquiry as spam"));
    let page = writer.get("/admin/inquiries?state=quarantined").await;
    assert!(page.first(".why").starts_with("Marked as spam by Test writer"), "{}", page.first(".why"));
    assert_eq!(listed_references(&writer, "").await, Vec::<String>::new());
    assert_eq!(writer.post("/admin/inquiries/1/spam", &[]).await.status, 422, "it is quarantined already");
    // Its e-mails were sent when it was received, and are not sent again.
    let page = writer.post_and_follow("/admin/inquiries/1/release", &[]).await;
    assert_eq!(page.first(".flash"), "IE-2026-000001 is not spam. Its status is in progress again.");
    assert_eq!(site.emails().await.len(), 2);
    assert_eq!(
        site.text("SELECT group_concat(verdict || ' ' || actor, ', ') FROM spam_verdicts").await,
        "spam Test writer, not_spam Test writer"
    );
    assert_eq!(
        site.text("SELECT group_concat(action, ', ') FROM audit_log WHERE action LIKE '%spam%'").await,
        "marked an inquiry as spam, marked an inquiry as not spam"
    );
}

#[actix_web::test]
async fn spam_verdicts_are_listed_in_the_digest_and_train_nothing() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "spam_score = 20, spam_reasons = 'Contains two links.'").await;
    insert_inquiry(&site, "state = 'quarantined', spam_score = 100, spam_reasons = 'A hidden field was filled in.'")
        .await;
    writer.post("/admin/inquiries/1/spam", &[]).await;
    writer.post("/admin/inquiries/2/release", &[]).await;
    assert_eq!(site.text("SELECT group_concat(spam_score) FROM inquiries").await, "20,100", "scores stay");
    site.advance_hours(20);
    site.running.jobs.run("inquiries").await.unwrap();
    let digest = site.body("body_text", "inbox@example.com").await;
    for line in [
        "Marked as spam by staff: 1\nIE-2026-000001, score 20: Contains two links.",
        "Marked as not spam by staff: 1\nIE-2026-000002, score 100: A hidden field was filled in.",
    ] {
        assert!(digest.contains(line), "{digest}");
    }
    let html = site.body("body_html", "inbox@example.com").await;
    assert!(html.contains("Marked as spam by staff: <strong>1</strong>"), "{html}");
    // The next digest lists only new decisions.
    site.advance_hours(24);
    site.running.jobs.run("inquiries").await.unwrap();
    assert!(!site.body("body_text", "inbox@example.com").await.contains("Marked as spam"));
}

#[actix_web::test]
async fn erased_inquiry_leaves_no_verdict() {
    let (site, writer) = site_and_writer().await;
    insert_inquiry(&site, "id = id").await;
    writer.post("/admin/inquiries/1/spam", &[]).await;
    site.execute("DELETE FROM inquiry_events; DELETE FROM inquiries").await;
    assert_eq!(site.count("SELECT count(*) FROM spam_verdicts").await, 0);
}
