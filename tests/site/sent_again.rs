//! A message that is sent again: a double submission is one inquiry, and a later repetition is never ignored.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::{Page, Site, Visitor};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PROXY: [&str; 4] = ["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"];

fn fields<'a>(key: &'a str, message: &'a str) -> [(&'a str, &'a str); 4] {
    [("name", "Bilal"), ("phone", "0300 1234567"), ("message", message), ("form_key", key)]
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

/// Someone who is signed in now: sessions end within hours.
async fn writer(site: &Site) -> Visitor {
    match site.count("SELECT count(*) FROM staff").await {
        0 => site.staff(Role::Writer).await,
        _ => site.sign_in("writer@example.com").await,
    }
}

const AGAIN: &str = "SELECT count(*) FROM inquiry_events WHERE kind = 'sent_again'";
const STATES: &str = "SELECT group_concat(state) FROM (SELECT state FROM inquiries ORDER BY id)";

#[actix_web::test]
async fn what_nobody_answered_and_is_sent_again_in_the_evening_is_recorded_and_staff_are_told() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, KEY).await;
    assert_eq!(site.letters().await.len(), 1);
    site.pass_hours(9);
    assert_eq!(send(&visitor, "").await, first, "they get the receipt");
    assert_eq!((site.count(AGAIN).await, site.text(STATES).await), (1, "new".into()));
    let letters = site.letters().await;
    assert_eq!(letters.len(), 2);
    let notice = &letters[1];
    assert_eq!(notice.recipients, ["inbox@example.com"]);
    assert!(notice.source.contains("IE-2026-000001: The visitor sent this inquiry again."), "{}", notice.source);
    let page = writer(&site).await.get("/admin/inquiries/1").await;
    assert!(page.all("ol.rows li")[1].contains("visitor sent again"), "{:?}", page.all("ol.rows li"));
    assert!(visitor.get(&first).await.first("dl.sent").contains("Sent again"));
}

#[actix_web::test]
async fn what_staff_were_done_with_is_open_again_when_it_is_sent_again() {
    for (state, key) in [("closed", KEY), ("closed", ""), ("answered", KEY)] {
        let site = Site::start().await;
        let visitor = site.visitor();
        let first = send(&visitor, KEY).await;
        set_state(&writer(&site).await, 1, state).await;
        site.letters().await;
        site.clock.advance(SignedDuration::from_mins(2));
        assert_eq!(send(&visitor, key).await, first);
        assert_eq!((site.text(STATES).await, site.count(AGAIN).await), ("new".into(), 1), "{state} {key}");
        let notice = site.letters().await.pop().unwrap();
        assert!(notice.source.contains("The visitor sent this inquiry again. It is open again."), "{}", notice.source);
        assert_eq!(send(&visitor, key).await, first, "a double click");
        assert_eq!(site.count(AGAIN).await, 1);
    }
}

#[actix_web::test]
async fn what_a_member_of_staff_works_on_stays_theirs_and_they_see_that_it_was_sent_again() {
    let site = Site::start().await;
    let visitor = site.visitor();
    send(&visitor, KEY).await;
    set_state(&writer(&site).await, 1, "reading").await;
    site.clock.advance(SignedDuration::from_mins(2));
    send(&visitor, KEY).await;
    assert_eq!((site.text(STATES).await, site.count(AGAIN).await), ("reading".into(), 1));
    assert_eq!(site.letters().await.len(), 2);
}

#[actix_web::test]
async fn a_page_left_open_for_weeks_still_reaches_staff() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, KEY).await;
    for days in 1..=3 {
        site.pass_hours(25);
        assert_eq!(send(&visitor, KEY).await, first);
        assert_eq!(site.count(AGAIN).await, days);
    }
    site.pass_hours(24 * 30);
    assert_eq!(send(&visitor, "another opening").await, first);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 1);
    assert_eq!(site.letters().await.len(), 1 + 4);
}

#[actix_web::test]
async fn other_words_from_the_same_page_are_a_new_inquiry() {
    let site = Site::start().await;
    let visitor = site.visitor();
    send(&visitor, KEY).await;
    let page = visitor.post("/contact", &fields(KEY, "Please call me after six.")).await;
    assert_eq!(page.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 2);
    assert_eq!(site.letters().await.len(), 2);
}

#[actix_web::test]
async fn an_inquiry_that_is_answered_in_another_opens_that_one() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, KEY).await;
    visitor.post("/contact", &fields("", "My other question.")).await;
    let member = writer(&site).await;
    assert_eq!(member.post("/admin/inquiries/1/merge", &[("into", "2")]).await.status, 303);
    set_state(&member, 2, "closed").await;
    assert_eq!(site.text(STATES).await, "closed,closed");
    site.letters().await;
    site.pass_hours(1);
    assert_eq!(send(&visitor, KEY).await, first);
    assert_eq!(site.text(STATES).await, "new,new");
    let notice = site.letters().await.pop().unwrap();
    let about = "IE-2026-000002: The visitor sent IE-2026-000001 again. It is open again.";
    assert!(notice.source.replace("\r\n ", " ").contains(about), "{}", notice.source);
    let page = member.get("/admin/inquiries/2").await;
    let history = page.all("ol.rows li").join("\n");
    assert!(history.contains("sent again: IE-2026-000001, which is answered here"), "{history}");
    // Once the other one is out of sight, this is a new inquiry.
    site.run("UPDATE inquiries SET binned_at = '2026-11-22T09:00:00Z', binned_for = 'staff' WHERE id = 2").await;
    site.pass_hours(1);
    assert_ne!(send(&visitor, KEY).await, first);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 3);
}

#[actix_web::test]
async fn what_is_quarantined_stays_so_when_it_is_sent_again() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, KEY).await;
    site.letters().await;
    site.run("UPDATE inquiries SET state = 'quarantined'").await;
    site.pass_hours(25);
    assert_eq!(send(&visitor, KEY).await, first);
    assert_eq!((site.text(STATES).await, site.count(AGAIN).await), ("quarantined".into(), 1));
    assert_eq!(site.letters().await.len(), 1, "nobody is written to");
    // It is kept as long as one that came now.
    site.pass_hours(29 * 24);
    site.running.housekeeping.do_what_is_due().await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE binned_at IS NULL").await, 1);
}

#[actix_web::test]
async fn many_repetitions_write_few_e_mails_and_count_against_the_limit() {
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
    assert_eq!(site.count(AGAIN).await, 4);
    assert_eq!(site.letters().await.len(), 2, "one for the inquiry, one for the repetitions of an hour");
    let page = visitor.post_with("/contact", &fields("", "New."), &[("x-forwarded-for", "203.0.113.77")]).await;
    assert_eq!((page.status, page.typed("message").as_str()), (429, "New."), "the same network, and nothing is lost");
    assert_eq!(from("198.51.100.1").await.status, 303, "another network");
    site.pass_hours(25);
    site.running.housekeeping.do_what_is_due().await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events WHERE network <> ''").await, 0, "forgotten in a day");
}

#[actix_web::test]
async fn two_at_the_same_moment_are_one_repetition() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = send(&visitor, KEY).await;
    site.pass_hours(25);
    let all = futures_util::future::join_all((0..8).map(|_| send(&visitor, KEY))).await;
    assert!(all.iter().all(|receipt| *receipt == first));
    assert_eq!((site.count(AGAIN).await, site.letters().await.len()), (1, 2));
}

#[actix_web::test]
async fn what_came_while_the_clock_was_ahead_is_not_ignored_when_it_is_sent_again() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.clock.set("2050-01-01T09:00:00Z".parse().unwrap());
    send(&visitor, KEY).await;
    site.clock.set("2026-11-22T09:00:00Z".parse().unwrap());
    send(&visitor, KEY).await;
    assert_eq!(site.count(AGAIN).await, 1);
}
