//! Audit log of sign-ins and exports, and its limits for anonymous visitors.

use immigration_experts::staff::Role;

use crate::support::{PASSWORD, Site};

const LAST_ENTRY: &str = "SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
const FAILED_SIGN_INS: &str = "SELECT count(*) FROM audit_log WHERE action = 'failed to sign in'";

async fn fail(site: &Site, email: &str, address: &str) {
    let fields = [("email", email), ("password", "not the password")];
    let page = site.visitor().post_with("/admin/sign-in", &fields, &[("x-forwarded-for", address)]).await;
    assert_eq!(page.status, 422, "{email}");
}

#[actix_web::test]
async fn sign_ins_and_sign_outs_are_audited() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert_eq!(site.text(LAST_ENTRY).await, "Test admin: signed in: Test admin");
    assert_eq!(admin.post("/admin/sign-out", &[]).await.status, 303);
    assert_eq!(site.text(LAST_ENTRY).await, "Test admin: signed out: Test admin");
}

#[actix_web::test]
async fn failed_sign_in_is_audited_with_a_masked_email() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let admin = site.staff(Role::Admin).await;
    fail(&site, "admin@example.com", "203.0.113.1").await;
    assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: a***@example.com");
    fail(&site, "nobody@example.org", "203.0.113.1").await;
    assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: n***@example.org");
    for typed in ["my secret sentence", "", "a\r\nb", &format!("a@{}.example", "x".repeat(200))] {
        fail(&site, typed, "203.0.113.2").await;
        assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: no e-mail address", "{typed}");
    }
    let log = admin.get("/admin/audit").await;
    assert!(log.text.contains("failed to sign in: no e-mail address (4 times within an hour)"), "{}", log.text);
    assert!(!log.text.contains("nobody@") && !log.text.contains("secret"));
}

#[actix_web::test]
async fn anonymous_visitors_cannot_fill_the_audit_log() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    for n in 0..60 {
        fail(&site, &format!("a@domain{n}.example"), &format!("203.0.{n}.1")).await;
    }
    assert_eq!(site.count(FAILED_SIGN_INS).await, 21);
    let others = "SELECT times FROM audit_log WHERE subject = 'other addresses'";
    assert_eq!(site.count(others).await, 40);
    site.advance_hours(2);
    fail(&site, "a@domain1.example", "203.0.1.1").await;
    assert_eq!(site.count(FAILED_SIGN_INS).await, 22, "each hour has its own entries");
    site.advance_hours(91 * 24);
    site.staff(Role::Admin).await;
    assert_eq!(site.count(FAILED_SIGN_INS).await, 0, "after 90 days they are deleted");
    assert!(site.count("SELECT count(*) FROM audit_log").await > 0);
}

#[actix_web::test]
async fn every_export_is_audited() {
    let site = Site::start().await;
    let fields = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(publisher.get("/admin/inquiries.csv").await.status, 200);
    assert_eq!(site.text(LAST_ENTRY).await, "Test publisher: exported inquiries as CSV: /admin/inquiries");
    assert_eq!(publisher.get("/admin/inquiries/1.json").await.status, 200);
    assert_eq!(site.text(LAST_ENTRY).await, "Test publisher: exported an inquiry as JSON: IE-2026-000001");
    let person = [("q", "visitor@example.com"), ("inquiry-1", "yes")];
    let page = publisher.post("/admin/inquiries/people/export", &person).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"), "{}", page.text);
    let last = site.text(LAST_ENTRY).await;
    assert!(last.starts_with("Test publisher: exported all data of a person: "), "{last}");
    assert!(!last.contains("visitor@"));
}

#[actix_web::test]
async fn audit_log_never_contains_the_password() {
    let site = Site::start().await;
    site.staff(Role::Admin).await;
    fail(&site, PASSWORD, "127.0.0.1").await;
    let all = site.text("SELECT group_concat(actor || action || subject) FROM audit_log").await;
    assert!(!all.contains(PASSWORD), "{all}");
}
