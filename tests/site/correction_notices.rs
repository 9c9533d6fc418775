//! Notices to staff about corrected contact details: what changed, and one notice for several corrections.

use jiff::SignedDuration;

use crate::support::{Site, Visitor};

const NOTICES: &str = "SELECT count(*) FROM outbox WHERE subject LIKE '%updated their contact details%'";

/// Sends an inquiry and confirms that it is the visitor's. Returns the path of the contact form and its access token.
async fn receipt(site: &Site) -> (Visitor, String, String) {
    let visitor = site.visitor();
    let fields =
        [("name", "Ayesha Khan"), ("email", "old@example.com"), ("phone", "0300 1234567"), ("message", "Hello")];
    let receipt = visitor.post("/contact", &fields).await.location().to_owned();
    let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", "old@example.com")]).await;
    let access_token = visitor.get(page.location()).await.field_value("access_token");
    (visitor, format!("{receipt}/contact"), access_token)
}

async fn correct(visitor: &Visitor, form: &(String, String), name: &str, email: &str, phone: &str) {
    let fields = [("name", name), ("email", email), ("phone", phone), ("access_token", &*form.1)];
    assert_eq!(visitor.post(&form.0, &fields).await.status, 303);
}

async fn run_jobs_after(site: &Site, seconds: i64) {
    site.clock.advance(SignedDuration::from_secs(seconds));
    site.running.jobs.run("inquiries").await.unwrap();
}

#[actix_web::test]
async fn corrections_within_ten_minutes_share_one_notice_that_says_what_changed() {
    let site = Site::start().await;
    let (visitor, path, access_token) = receipt(&site).await;
    let form = (path, access_token);
    correct(&visitor, &form, "Ayesha Khan", "first@example.com", "0300 1234567").await;
    run_jobs_after(&site, 300).await;
    correct(&visitor, &form, "Ayesha Bibi", "new@example.com", "0300 1234567").await;
    run_jobs_after(&site, 299).await;
    assert_eq!(site.count(NOTICES).await, 0, "more corrections may follow");
    run_jobs_after(&site, 1).await;
    assert_eq!(site.count(NOTICES).await, 1);
    let text = site.body("body_text", "inbox@example.com").await;
    for line in [
        "The visitor updated their contact details.",
        "Name: A••• → Ayesha Bibi",
        "E-mail: o•••@example.com → new@example.com",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("old@") && !text.contains("first@") && !text.contains("Phone:"), "{text}");
    let html = site.body("body_html", "inbox@example.com").await;
    assert!(html.contains("E-mail: o•••@example.com → new@example.com</li>"), "{html}");
    assert_eq!(site.count("SELECT count(*) FROM correction_notices").await, 0, "no old value is kept");
    // A later correction has its own notice.
    correct(&visitor, &form, "Ayesha Bibi", "new@example.com", "0300 7654321").await;
    run_jobs_after(&site, 600).await;
    assert_eq!(site.count(NOTICES).await, 2);
    let text = site.body("body_text", "inbox@example.com").await;
    assert!(text.contains("Phone: ••••••••4567 → 0300 7654321") && !text.contains("Name:"), "{text}");
}

#[actix_web::test]
async fn correction_that_is_reversed_sends_no_notice() {
    let site = Site::start().await;
    let (visitor, path, access_token) = receipt(&site).await;
    let form = (path, access_token);
    correct(&visitor, &form, "Ayesha", "old@example.com", "0300 1234567").await;
    correct(&visitor, &form, "Ayesha Khan", "old@example.com", "0300 1234567").await;
    run_jobs_after(&site, 600).await;
    assert_eq!((site.count(NOTICES).await, site.count("SELECT count(*) FROM correction_notices").await), (0, 0));
}

#[actix_web::test]
async fn erasure_deletes_a_pending_notice() {
    let site = Site::start().await;
    let (visitor, path, access_token) = receipt(&site).await;
    correct(&visitor, &(path, access_token), "Ayesha", "old@example.com", "0300 1234567").await;
    assert_eq!(site.count("SELECT count(*) FROM correction_notices").await, 1);
    site.execute(
        "DELETE FROM inquiry_events; DELETE FROM previous_contacts; DELETE FROM outbox; DELETE FROM inquiries",
    )
    .await;
    assert_eq!(site.count("SELECT count(*) FROM correction_notices").await, 0);
    run_jobs_after(&site, 600).await;
    assert_eq!(site.count(NOTICES).await, 0);
}
