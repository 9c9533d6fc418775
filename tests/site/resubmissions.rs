//! Resubmissions: a double submission is ignored, a later one is recorded and notified.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::{Page, Site, Visitor};

const FORM_KEY: &str = "0123456789abcdef0123456789abcdef";
const PROXY: [&str; 4] = ["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"];

fn fields<'a>(key: &'a str, message: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", "Bilal"), ("phone", "0300 1234567"), ("message", message), ("form_token", key)]
}

async fn send(visitor: &Visitor, key: &str) -> String {
    let page = visitor.post("/contact", &fields(key, "Please call me.")).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

async fn set_state(writer: &Visitor, id: i64, state: &str) {
    let page = writer.post(&format!("/admin/inquiries/{id}/state"), &[("state", state)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// A writer with a new session, because sessions end within hours.
async fn writer(site: &Site) -> Visitor {
    match site.count("SELECT count(*) FROM staff").await {
        0 => site.staff(Role::Writer).await,
        _ => site.sign_in("writer@example.com").await,
    }
}

const RESENT_COUNT: &str = "SELECT count(*) FROM inquiry_events WHERE kind = 'sent_again'";
const STATES: &str = "SELECT group_concat(state) FROM (SELECT state FROM inquiries ORDER BY id)";

#[actix_web::test]
async fn resent_unanswered_inquiry_is_recorded_and_staff_are_notified() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, FORM_KEY).await;
    assert_eq!(site.emails().await.len(), 1);
    site.advance_hours(9);
    assert_eq!(send(&visitor, "").await, first, "same receipt");
    assert_eq!((site.count(RESENT_COUNT).await, site.text(STATES).await), (1, "new".into()));
    let emails = site.emails().await;
    assert_eq!(emails.len(), 2);
    let notice = &emails[1];
    assert_eq!(notice.recipients, ["inbox@example.com"]);
    assert!(notice.source.contains("IE-2026-000001: The visitor sent this inquiry again."), "{}", notice.source);
    let page = writer(&site).await.get("/admin/inquiries/1").await;
    assert!(page.all("ol.rows li")[1].contains("visitor submitted the inquiry again"), "{:?}", page.all("ol.rows li"));
    assert!(visitor.get(&first).await.first("dl.submitted").contains("Sent again"));
}

#[actix_web::test]
async fn resending_a_closed_inquiry_reopens_it() {
    for (state, key) in [("closed", FORM_KEY), ("closed", ""), ("answered", FORM_KEY)] {
        let site = Site::start().await;
        let visitor = site.visitor();
        let first = send(&visitor, FORM_KEY).await;
        set_state(&writer(&site).await, 1, state).await;
        site.emails().await;
        site.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(send(&visitor, key).await, first);
        assert_eq!((site.text(STATES).await, site.count(RESENT_COUNT).await), ("new".into(), 1), "{state} {key}");
        let notice = site.emails().await.pop().unwrap();
        assert!(notice.source.contains("The visitor sent this inquiry again. It was reopened."), "{}", notice.source);
        assert_eq!(send(&visitor, key).await, first, "a double click");
        assert_eq!(site.count(RESENT_COUNT).await, 1);
    }
}

#[actix_web::test]
async fn resent_inquiry_keeps_its_owner_and_shows_the_repeat() {
    let site = Site::start().await;
    let visitor = site.visitor();
    send(&visitor, FORM_KEY).await;
    set_state(&writer(&site).await, 1, "reading").await;
    site.clock.advance(SignedDuration::from_mins(2));
    send(&visitor, FORM_KEY).await;
    assert_eq!((site.text(STATES).await, site.count(RESENT_COUNT).await), ("reading".into(), 1));
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn repeated_submissions_over_weeks_still_reach_staff() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, FORM_KEY).await;
    for days in 1..=3 {
        site.advance_hours(25);
        assert_eq!(send(&visitor, FORM_KEY).await, first);
        assert_eq!(site.count(RESENT_COUNT).await, days);
    }
    site.advance_hours(24 * 30);
    assert_eq!(send(&visitor, "another form token").await, first);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 1);
    assert_eq!(site.emails().await.len(), 1 + 4);
}

#[actix_web::test]
async fn different_message_from_the_same_form_is_a_new_inquiry() {
    let site = Site::start().await;
    let visitor = site.visitor();
    send(&visitor, FORM_KEY).await;
    let page = visitor.post("/contact", &fields(FORM_KEY, "Please call me after six.")).await;
    assert_eq!(page.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 2);
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn resending_a_merged_inquiry_reopens_the_merge_target() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, FORM_KEY).await;
    visitor.post("/contact", &fields("", "My other question.")).await;
    let member = writer(&site).await;
    assert_eq!(member.post("/admin/inquiries/1/merge", &[("into", "2")]).await.status, 303);
    set_state(&member, 2, "closed").await;
    assert_eq!(site.text(STATES).await, "closed,closed");
    site.emails().await;
    site.advance_hours(1);
    assert_eq!(send(&visitor, FORM_KEY).await, first);
    assert_eq!(site.text(STATES).await, "new,new");
    let notice = site.emails().await.pop().unwrap();
    let about = "IE-2026-000002: The visitor sent IE-2026-000001 again. It was reopened.";
    assert!(notice.source.replace("\r\n ", " ").contains(about), "{}", notice.source);
    let page = member.get("/admin/inquiries/2").await;
    let history = page.all("ol.rows li").join("\n");
    assert!(history.contains("visitor submitted IE-2026-000001 again, which is merged into this inquiry"), "{history}");
    // Once the merge target is in the trash, this is a new inquiry.
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff' WHERE id = 2").await;
    site.advance_hours(1);
    assert_ne!(send(&visitor, FORM_KEY).await, first);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 3);
}

#[actix_web::test]
async fn resent_quarantined_inquiry_stays_quarantined() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, FORM_KEY).await;
    site.emails().await;
    site.execute("UPDATE inquiries SET state = 'quarantined'").await;
    site.advance_hours(25);
    assert_eq!(send(&visitor, FORM_KEY).await, first);
    assert_eq!((site.text(STATES).await, site.count(RESENT_COUNT).await), ("quarantined".into(), 1));
    assert_eq!(site.emails().await.len(), 1, "no e-mail");
    // Its retention period starts again.
    site.advance_hours(29 * 24);
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE trashed_at IS NULL").await, 1);
}

#[actix_web::test]
async fn repeats_send_few_emails_and_count_against_the_limit() {
    let site = Site::start_with(&[&PROXY[..], &["--form-limit", "5"]].concat()).await;
    let visitor = site.visitor();
    let from = async |address: &str| -> Page {
        visitor.post_with("/contact", &fields("", "Please call me."), &[("x-forwarded-for", address)]).await
    };
    assert_eq!(from("203.0.113.9").await.status, 303);
    let mut statuses = vec![];
    for _ in 0..5 {
        site.clock.advance(SignedDuration::from_mins(11));
        statuses.push(from("203.0.113.9").await.status);
    }
    assert_eq!(statuses, [303, 303, 303, 303, 429]);
    assert_eq!(site.count(RESENT_COUNT).await, 4);
    assert_eq!(site.emails().await.len(), 2, "one for the inquiry, one for an hour of resubmissions");
    let page = visitor.post_with("/contact", &fields("", "New."), &[("x-forwarded-for", "203.0.113.77")]).await;
    assert_eq!((page.status, page.field_value("message").as_str()), (429, "New."), "same network, limit reached");
    assert_eq!(from("198.51.100.1").await.status, 303, "another network");
    site.advance_hours(25);
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(
        site.count("SELECT count(*) FROM inquiry_events WHERE network_hash <> ''").await,
        0,
        "deleted after a day"
    );
}

#[actix_web::test]
async fn simultaneous_resends_count_once() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, FORM_KEY).await;
    site.advance_hours(25);
    let all = futures_util::future::join_all((0..8).map(|_| send(&visitor, FORM_KEY))).await;
    assert!(all.iter().all(|receipt| *receipt == first));
    assert_eq!((site.count(RESENT_COUNT).await, site.emails().await.len()), (1, 2));
}

#[actix_web::test]
async fn resend_is_recorded_after_the_clock_was_ahead() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.clock.set("2050-01-01T09:00:00Z".parse().unwrap());
    send(&visitor, FORM_KEY).await;
    site.clock.set("2026-11-22T09:00:00Z".parse().unwrap());
    send(&visitor, FORM_KEY).await;
    assert_eq!(site.count(RESENT_COUNT).await, 1);
}
