//! E-mails that staff have seen to in another way, and one state of an e-mail wherever it is shown.

use immigration_experts::staff::Role;

use crate::outbox::{MailServer, Mood};
use crate::support::Site;

const ALARM: &str = "1 letter could not be sent.";

async fn fail_one(site: &Site) {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Please call me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.try_letters().await;
}

#[actix_web::test]
async fn a_failed_e_mail_that_staff_dismiss_is_not_counted_any_more_until_they_undo_it() {
    let server = MailServer::start(Mood::RefusesForGood);
    let site = Site::start_by_smtp(&server.url).await;
    fail_one(&site).await;
    let writer = site.staff(Role::Writer).await;
    let alarm = async || writer.get("/admin").await.all(".alarm").join(" ").contains(ALARM);
    assert!(alarm().await);
    assert!(
        writer.get("/admin/mail").await.attributes("tbody form", "action").contains(&"/admin/mail/1/dismissal".into())
    );
    let page = writer.post_and_follow("/admin/mail/1/dismissal", &[]).await;
    assert!(page.first(".flash").starts_with("The e-mail is dismissed."));
    assert!(!alarm().await);
    assert_eq!(writer.get("/admin/mail").await.first("tbody .state"), "dismissed");
    assert_eq!(writer.get("/admin/inquiries/1").await.all("a[href='/admin/mail/1'] ~ .state"), ["dismissed"]);
    assert!(!site.visitor().get("/health/ready").await.text.contains("failed"));
    // "Send all again" leaves it alone.
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mail is waiting, and none needs attention.");
    let page = writer.post_and_follow("/admin/mail/1/dismissal", &[]).await;
    assert_eq!(page.first(".flash"), "Only an e-mail that failed can be dismissed.");
    writer.post("/admin/mail/1/dismissal/removal", &[]).await;
    assert!(alarm().await);
    writer.post("/admin/mail/1/dismissal", &[]).await;
    server.becomes(Mood::Accepts);
    writer.post("/admin/mail/1/sending", &[]).await;
    site.try_letters().await;
    assert_eq!(site.text("SELECT state || coalesce(dismissed_at, '') FROM outbox").await, "sent");
    let deeds = "SELECT group_concat(action || ': ' || subject, '; ') FROM audit_log WHERE action LIKE '%dismiss%'";
    let dismissed = "dismissed a failed e-mail: e-mail 1";
    let undone = "undid the dismissal of an e-mail: e-mail 1";
    assert_eq!(site.text(deeds).await, format!("{dismissed}; {undone}; {dismissed}"));
}

#[actix_web::test]
async fn a_failed_e_mail_is_not_counted_while_its_inquiry_is_in_the_trash() {
    let server = MailServer::start(Mood::RefusesForGood);
    let site = Site::start_by_smtp(&server.url).await;
    fail_one(&site).await;
    let writer = site.staff(Role::Writer).await;
    let alarms = async || writer.get("/admin").await.all(".alarm").join(" ").contains(ALARM);
    assert!(alarms().await);
    site.run("UPDATE inquiries SET binned_at = '2026-11-22T09:00:00Z', binned_for = 'staff'").await;
    assert!(!alarms().await);
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mail is waiting, and none needs attention.");
    site.run("UPDATE inquiries SET binned_at = NULL, binned_for = NULL").await;
    assert!(alarms().await, "it counts again once the inquiry is restored");
}

#[actix_web::test]
async fn an_e_mail_that_was_written_to_a_file_says_so_on_every_page() {
    let site = Site::start_writing_files().await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Please write to me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.try_letters().await;
    let admin = site.staff(Role::Admin).await;
    let written = "written to a file";
    for path in ["/admin/mail", "/admin/mail/1", "/admin/inquiries/1", "/admin/inquiries/people?q=ali@example.com"] {
        let page = admin.get(path).await;
        let states: Vec<String> =
            page.all(".state").into_iter().filter(|state| state == "sent" || state == written).collect();
        assert!(!states.is_empty() && states.iter().all(|state| state == written), "{path}: {states:?}");
    }
    assert!(admin.get("/admin/mail").await.text.contains("2 e-mails were written to files: nobody received them."));
    assert!(admin.get("/admin").await.text.contains("letters are written as files"));
    site.pass_hours(24);
    site.running.housekeeping.look_around().await;
    let digest = site.body("body_text", "inbox@example.com").await;
    assert!(digest.contains("2 e-mails were written to files: nobody received them."), "{digest}");
    let figures = site.visitor().get("/metrics").await.text;
    assert!(
        figures.contains("site_letters{state=\"sent\"} 0\n") && figures.contains("site_letters{state=\"written\"} 2\n")
    );
}
