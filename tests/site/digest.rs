//! Daily digest and inactivity warning.

use immigration_experts::app::Application;
use immigration_experts::mail::{MemoryMailbox, Transport};
use immigration_experts::staff::Role;
use jiff::Timestamp;

use crate::support::{Page, Site, config};

const DIGESTS: &str = "SELECT count(*) FROM outbox WHERE subject LIKE 'Digest for %'";

async fn site_after_todays_digest() -> Site {
    let site = Site::start().await;
    site.execute("INSERT INTO digest_runs (day, queued_at) VALUES ('2026-11-22', '2026-11-22T03:00:00Z')").await;
    site
}

/// Sets the clock and runs the due jobs.
async fn run_jobs_at(site: &Site, instant: &str) {
    site.clock.advance(instant.parse::<Timestamp>().unwrap().duration_since(site.clock.now()));
    site.running.jobs.run("inquiries").await.unwrap();
}

async fn insert_inquiry(site: &Site, number: i64, instant: &str, state: &str) {
    let sql = format!(
        "INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_token,
                                content_hash, name, email, phone, message)
         VALUES ('IE-2026-{number:06}', 'contact', '{state}', '{instant}', '{instant}', 'token {number}', '', 'h', 'Zaynab',
                 'zaynab@example.com', '0300 1234567', 'Hello')"
    );
    site.execute(&sql).await;
}

#[actix_web::test]
async fn staff_get_exactly_one_digest_each_morning() {
    let site = Site::start_with(&["--staff-inbox", "lahore@example.com, islamabad@example.com"]).await;
    run_jobs_at(&site, "2026-11-22T18:00:00Z").await;
    assert_eq!(site.count(DIGESTS).await, 0, "no digest on the first day");
    run_jobs_at(&site, "2026-11-23T02:59:59Z").await;
    assert_eq!(site.count(DIGESTS).await, 0, "not before 8 a.m. in Lahore");
    run_jobs_at(&site, "2026-11-23T03:00:00Z").await;
    assert_eq!(site.count(DIGESTS).await, 2, "one per address");
    for later in ["2026-11-23T03:00:00Z", "2026-11-23T03:01:00Z", "2026-11-23T18:59:59Z", "2026-11-23T19:00:00Z"] {
        run_jobs_at(&site, later).await;
        assert_eq!(site.count(DIGESTS).await, 2, "{later}");
    }
    run_jobs_at(&site, "2026-11-24T03:00:30Z").await;
    assert_eq!(site.count(DIGESTS).await, 4);
    let emails = site.emails().await;
    assert_eq!(emails.len(), 4);
    assert_eq!(emails[0].recipients, ["lahore@example.com"]);
    assert!(emails[0].source.contains("Subject: Digest for November 23, 2026: 0 inquiries, 0 unanswered over 24 h"));
}

#[actix_web::test]
async fn digest_is_sent_once_despite_restarts_and_late_starts() {
    let site = Site::start().await;
    run_jobs_at(&site, "2026-11-23T06:30:00Z").await;
    assert_eq!(site.count(DIGESTS).await, 1, "the site was down at 8 a.m.");
    let site = Site::start_in(site.stop().await, &["--staff-inbox", "inbox@example.com"]).await;
    run_jobs_at(&site, "2026-11-23T07:00:00Z").await;
    assert_eq!(site.count(DIGESTS).await, 1, "after a restart");
    let transport = Transport::Memory(MemoryMailbox::default());
    let flags = ["--staff-inbox", "inbox@example.com"];
    let other = Application::build(config(&site.dir, &flags), site.clock.clone(), transport).await.unwrap();
    for (morning, digests) in [("2026-11-24T03:00:00Z", 2), ("2026-11-25T03:00:00Z", 3), ("2026-11-26T03:00:00Z", 4)] {
        site.clock.advance(morning.parse::<Timestamp>().unwrap().duration_since(site.clock.now()));
        let (one, two) = tokio::join!(site.running.jobs.run("inquiries"), other.jobs.run("inquiries"));
        one.unwrap();
        two.unwrap();
        assert_eq!(site.count(DIGESTS).await, digests, "{morning}");
    }
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn digest_waits_until_there_is_a_recipient() {
    let site = Site::start_with(&[]).await;
    run_jobs_at(&site, "2026-11-23T03:00:00Z").await;
    assert_eq!(site.count("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM digest_runs)").await, 0);
    site.account("a@example.com", Role::Admin).await;
    run_jobs_at(&site, "2026-11-23T05:00:00Z").await;
    assert_eq!(site.text("SELECT group_concat(recipient) FROM outbox").await, "a@example.com");
}

#[actix_web::test]
async fn digest_counts_new_waiting_and_failed_without_names() {
    let site = site_after_todays_digest().await;
    insert_inquiry(&site, 1, "2026-11-20T01:00:00Z", "new").await;
    insert_inquiry(&site, 2, "2026-11-21T09:00:00Z", "reading").await;
    insert_inquiry(&site, 3, "2026-11-21T09:30:00Z", "answered").await;
    insert_inquiry(&site, 4, "2026-11-21T10:00:00Z", "quarantined").await;
    for (number, state) in [(5, "new"), (6, "new"), (7, "quarantined"), (8, "closed")] {
        insert_inquiry(&site, number, "2026-11-22T12:00:00Z", state).await;
    }
    for number in 9..14 {
        insert_inquiry(&site, number, "2026-11-21T11:00:00Z", "new").await;
    }
    site.execute("UPDATE inquiries SET merged_into = 1 WHERE id = 13").await;
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T00:00:00Z', trash_reason = 'staff' WHERE id = 12")
        .await;
    site.execute(
        "INSERT INTO outbox (message_id, recipient, subject, state, queued_at, next_attempt_at, expires_at, body_text, body_html)
         VALUES ('a@x', 'zaynab@example.com', 'S', 'failed', '2026-11-22T09:00:00Z', '2026-11-22T09:00:00Z', '2026-11-27T09:00:00Z', '', ''),
                ('b@x', 'zaynab@example.com', 'S', 'queued', '2026-11-23T01:00:00Z', '2026-11-27T00:00:00Z', '2026-11-28T01:00:00Z', '', '')",
    )
    .await;
    run_jobs_at(&site, "2026-11-23T03:00:00Z").await;
    let text = site.body("body_text", "inbox@example.com").await;
    let html = Page::from_text("an e-mail", site.body("body_html", "inbox@example.com").await);
    let subject = site.body("subject", "inbox@example.com").await;
    assert_eq!(subject, "Digest for November 23, 2026: 3 inquiries, 5 unanswered over 24 h");
    for line in [
        "Immigration Experts, since November 22, 2026, 8:00 a.m. (Pakistan time)",
        "Inquiries received: 3",
        "Quarantined as spam: 1 (2 in total)",
        &format!("{}/admin/inquiries?state=quarantined", site.base),
        "Unanswered for over a day: 5",
        "E-mails that could not be sent: 1",
        "Oldest unsent e-mail: 2 hours",
        &format!("{}/admin/mail", site.base),
        "The latest draw in the record was held on October 1, 2026, 53 days ago. Later draws may be missing. Import the government’s file.",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    // Each link contains the identity of its inquiry.
    for (id, waiting) in [(1, "3 days"), (2, "42 hours"), (11, "40 hours")] {
        let reference = format!("IE-2026-{id:06}");
        let begin = format!("{reference}, waiting {waiting}: {}/admin/inquiries/{id}?inquiry={reference}-", site.base);
        assert!(text.lines().any(|found| found.starts_with(&begin)), "{begin} is not in {text}");
    }
    assert!(
        !text.contains("IE-2026-000012") && !text.contains("more\n") && !text.contains("No inquiries for"),
        "{text}"
    );
    assert_eq!(html.all("li").len(), 5);
    for part in [
        "IE-2026-000001",
        "Inquiries received: 3",
        "1 (2 in total)",
        "E-mails that could not be sent: 1",
        "53 days ago",
    ] {
        assert!(html.first("body").contains(part), "{part}: {}", html.text);
    }
    for word in ["Zaynab", "zaynab@", "0300", "Hello"] {
        assert!(!text.contains(word) && !html.text.contains(word) && !subject.contains(word), "{word}");
    }
    // The next digest counts from this one.
    insert_inquiry(&site, 20, "2026-11-23T03:00:00Z", "new").await;
    insert_inquiry(&site, 21, "2026-11-21T12:00:00Z", "new").await;
    run_jobs_at(&site, "2026-11-24T03:00:00Z").await;
    let text = site.body("body_text", "inbox@example.com").await;
    assert!(text.contains("since November 23, 2026, 8:00 a.m.") && text.contains("Inquiries received: 1\n"), "{text}");
    assert!(text.contains("Unanswered for over a day: 8\n") && text.contains("\nand 3 more\n"), "{text}");
}

#[actix_web::test]
async fn unusual_inactivity_is_reported_in_digest_and_dashboard() {
    let site = site_after_todays_digest().await;
    for number in 0..30 {
        let (day, hour) = (1 + number / 2, 8 + number % 2);
        insert_inquiry(&site, 1 + number, &format!("2026-11-{day:02}T{hour:02}:00:00Z"), "answered").await;
    }
    for (number, day) in ["09-23", "09-30", "10-07", "10-14", "10-21", "10-28"].iter().enumerate() {
        insert_inquiry(&site, 40 + number as i64, &format!("2026-{day}T08:00:00Z"), "answered").await;
    }
    // Quarantined inquiries do not count as activity.
    insert_inquiry(&site, 99, "2026-11-22T08:00:00Z", "quarantined").await;
    let warning = "No inquiry for 7 days, although there was at least one in each of the 8 weeks before. Test the forms and check that e-mails are sent.";
    let writer = site.staff(Role::Writer).await;
    let alert = writer.get("/admin").await.first(".alert");
    assert!(alert.starts_with(warning), "{alert}");
    run_jobs_at(&site, "2026-11-23T03:00:00Z").await;
    for column in ["body_text", "body_html"] {
        assert!(site.body(column, "inbox@example.com").await.contains(warning), "{column}");
    }
    site.deliver_due().await;
    insert_inquiry(&site, 100, "2026-11-23T02:00:00Z", "new").await;
    assert_eq!(site.sign_in("writer@example.com").await.get("/admin").await.all(".alert"), Vec::<String>::new());
}

#[actix_web::test]
async fn low_traffic_site_gets_no_inactivity_warning() {
    let site = site_after_todays_digest().await;
    for number in 1..=9 {
        insert_inquiry(&site, number, &format!("2026-10-0{number}T08:00:00Z"), "answered").await;
    }
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin").await.all(".alert"), Vec::<String>::new());
}

#[actix_web::test]
async fn dashboard_shows_the_number_of_quarantined_inquiries() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let link = "section[aria-labelledby=inquiries] a[href='/admin/inquiries?state=quarantined']";
    assert_eq!(writer.get("/admin").await.all(link).len(), 0);
    insert_inquiry(&site, 1, "2026-11-22T08:00:00Z", "quarantined").await;
    let page = writer.get("/admin").await;
    assert_eq!(page.all(link), ["Review"]);
    assert!(page.first("section[aria-labelledby=inquiries]").contains("Quarantined as possible spam: 1 inquiry."));
}
