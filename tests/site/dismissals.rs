//! Dismissed e-mails, and the same state label on every page.

use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

const ALERT: &str = "1 e-mail could not be sent.";

async fn fail_one(site: &Site) {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Please call me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.deliver_due().await;
}

#[actix_web::test]
async fn dismissed_failed_email_is_not_counted_until_undone() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    let site = Site::start_with_smtp(&server.url).await;
    fail_one(&site).await;
    let writer = site.staff(Role::Writer).await;
    let has_alert = async || writer.get("/admin").await.all(".alert").join(" ").contains(ALERT);
    assert!(has_alert().await);
    assert!(
        writer.get("/admin/mail").await.attributes("tbody form", "action").contains(&"/admin/mail/1/dismissal".into())
    );
    let page = writer.post_and_follow("/admin/mail/1/dismissal", &[]).await;
    assert!(page.first(".flash").starts_with("E-mail dismissed."));
    assert!(!has_alert().await);
    assert_eq!(writer.get("/admin/mail").await.first("tbody .state"), "dismissed");
    assert_eq!(writer.get("/admin/inquiries/1").await.all("a[href='/admin/mail/1'] ~ .state"), ["dismissed"]);
    assert!(!site.visitor().get("/health/ready").await.text.contains("failed"));
    // "Retry all" does not include it.
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mails are queued or have failed.");
    let page = writer.post_and_follow("/admin/mail/1/dismissal", &[]).await;
    assert_eq!(page.first(".flash"), "Only failed e-mails can be dismissed.");
    writer.post("/admin/mail/1/dismissal/removal", &[]).await;
    assert!(has_alert().await);
    writer.post("/admin/mail/1/dismissal", &[]).await;
    server.set_behaviour(SmtpBehaviour::Accepts);
    writer.post("/admin/mail/1/sending", &[]).await;
    site.deliver_due().await;
    assert_eq!(site.text("SELECT state || coalesce(dismissed_at, '') FROM outbox").await, "sent");
    let actions = "SELECT group_concat(action || ': ' || subject, '; ') FROM audit_log WHERE action LIKE '%dismiss%'";
    let dismissed = "dismissed a failed e-mail: e-mail 1";
    let undone = "undid the dismissal of an e-mail: e-mail 1";
    assert_eq!(site.text(actions).await, format!("{dismissed}; {undone}; {dismissed}"));
}

#[actix_web::test]
async fn failed_email_of_a_trashed_inquiry_is_not_counted() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    let site = Site::start_with_smtp(&server.url).await;
    fail_one(&site).await;
    let writer = site.staff(Role::Writer).await;
    let has_alert = async || writer.get("/admin").await.all(".alert").join(" ").contains(ALERT);
    assert!(has_alert().await);
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff'").await;
    assert!(!has_alert().await);
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mails are queued or have failed.");
    site.execute("UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL").await;
    assert!(has_alert().await, "it counts again once the inquiry is restored");
}

#[actix_web::test]
async fn email_written_to_a_file_is_marked_on_every_page() {
    let site = Site::start_with_file_drop().await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Please write to me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.deliver_due().await;
    let admin = site.staff(Role::Admin).await;
    let written = "saved to file";
    for path in ["/admin/mail", "/admin/mail/1", "/admin/inquiries/1", "/admin/inquiries/people?q=ali@example.com"] {
        let page = admin.get(path).await;
        let states: Vec<String> =
            page.all(".state").into_iter().filter(|state| state == "sent" || state == written).collect();
        assert!(!states.is_empty() && states.iter().all(|state| state == written), "{path}: {states:?}");
    }
    assert!(admin.get("/admin/mail").await.text.contains("2 e-mails were saved to files and not sent."));
    assert!(admin.get("/admin").await.text.contains("E-mails are saved as files"));
    site.advance_hours(24);
    site.running.jobs.run("inquiries").await.unwrap();
    let digest = site.body("body_text", "inbox@example.com").await;
    assert!(digest.contains("2 e-mails were saved to files and not sent."), "{digest}");
    let figures = site.visitor().get("/metrics").await.text;
    assert!(
        figures.contains("outbox_messages{state=\"sent\"} 0\n")
            && figures.contains("outbox_messages{state=\"written\"} 2\n")
    );
}
