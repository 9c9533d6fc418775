//! A clock that jumps: nothing is lost or deleted for it, nothing goes out twice, and nobody is locked out for ever.

use immigration_experts::app;
use immigration_experts::clock::Clock;
use immigration_experts::mail::{Mailbag, Transport};
use immigration_experts::staff::Role;
use jiff::{SignedDuration, Timestamp};

use crate::outbox::{MailServer, Mood};
use crate::support::{PASSWORD, Page, Site, config};

const NOW: &str = "2026-11-22T09:00:00Z";
const FAR: &str = "2050-01-01T09:00:00Z";

fn set(site: &Site, instant: &str) {
    site.clock.set(instant.parse::<Timestamp>().unwrap());
}

async fn keep_house(site: &Site) {
    site.running.housekeeping.do_what_is_due().await.unwrap();
}

async fn send(site: &Site, message: &str) -> Page {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", message)];
    site.visitor().post("/contact", &fields).await
}

async fn kept(site: &Site) -> (i64, i64) {
    (
        site.count("SELECT count(*) FROM inquiries").await,
        site.count("SELECT count(*) FROM inquiries WHERE binned_at IS NOT NULL").await,
    )
}

#[actix_web::test]
async fn a_clock_that_suddenly_says_2050_deletes_nothing_before_somebody_can_notice() {
    let site = Site::start().await;
    for message in ["One", "Two", "Three"] {
        assert_eq!(send(&site, message).await.status, 303);
    }
    site.run("UPDATE inquiries SET binned_at = '2026-11-22T08:00:00Z', binned_for = 'staff' WHERE id = 3").await;
    let letters = site.letters().await.len();
    keep_house(&site).await;
    set(&site, FAR);
    for hours in [0, 1, 22] {
        site.pass_hours(hours);
        keep_house(&site).await;
        assert_eq!(kept(&site).await, (3, 1), "after {hours} more hours");
    }
    // A second process that starts now finds the same clock.
    let transport = Transport::Memory(Mailbag::default());
    let wrong = Clock::standing_at(FAR.parse().unwrap());
    let other = app::start(config(&site.dir, &[]), wrong, transport).await.unwrap();
    other.housekeeping.do_what_is_due().await.unwrap();
    other.stop().await.unwrap();
    assert_eq!(kept(&site).await, (3, 1));
    set(&site, "2026-11-23T09:00:00Z");
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (3, 1), "set right, it is believed, and nothing was due");
    assert_eq!(site.count("SELECT count(*) FROM erasures").await, 0);
    let digests = site.count("SELECT count(*) FROM outbox WHERE subject LIKE 'Digest of %'").await;
    assert_eq!(site.letters().await.len(), letters + usize::try_from(digests).unwrap());
    site.pass_hours(6 * 24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (2, 0), "what was due by then is deleted in its time");
}

#[actix_web::test]
async fn a_clock_that_goes_on_for_a_day_from_where_it_jumped_to_is_believed() {
    let site = Site::start().await;
    assert_eq!(send(&site, "One").await.status, 303);
    keep_house(&site).await;
    set(&site, FAR);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 0));
    site.pass_hours(24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 1), "in the bin, from where it can be taken out");
    set(&site, "2026-11-23T09:00:00Z");
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 1), "now this is the jump");
    site.pass_hours(24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 0), "given back, since its time was not over");
}

#[actix_web::test]
async fn what_came_while_the_clock_was_years_behind_is_kept_and_its_receipt_opens() {
    let site = Site::start().await;
    assert_eq!(send(&site, "One").await.status, 303);
    keep_house(&site).await;
    // The battery is empty: the machine wakes up in 2001, and somebody sends a form.
    set(&site, "2001-01-01T00:00:00Z");
    let spam = [("name", "Ali"), ("phone", "1"), ("message", "Three"), ("reply_code", "x")];
    let receipt = send(&site, "Two").await.location().to_owned();
    assert_eq!(site.visitor().post("/contact", &spam).await.status, 303);
    keep_house(&site).await;
    set(&site, NOW);
    for hours in [0, 1, 24] {
        site.pass_hours(hours);
        keep_house(&site).await;
        assert_eq!(kept(&site).await, (3, 0), "after {hours} more hours");
        assert_eq!(site.visitor().get(&receipt).await.status, 200);
    }
    site.pass_hours(30 * 24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (3, 1), "spam has its thirty days from then");
    site.pass_hours(700 * 24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await.0, 2, "and the rest its two years");
    site.pass_hours(2 * 24);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (2, 2));
}

#[actix_web::test]
async fn what_came_to_a_site_that_started_in_a_wrong_year_is_kept_once_the_clock_is_right() {
    let site = Site::start().await;
    assert_eq!(send(&site, "One").await.status, 303);
    let dir = site.stop().await;
    let clock = Clock::standing_at("2001-01-01T00:00:00Z".parse().unwrap());
    let other = app::start(config(&dir, &[]), clock.clone(), Transport::Memory(Mailbag::default())).await.unwrap();
    other.housekeeping.do_what_is_due().await.unwrap();
    let client = reqwest::Client::new();
    let form = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Two")];
    client.post(format!("http://{}/contact", other.address)).form(&form).send().await.unwrap();
    clock.set("2026-11-22T10:00:00Z".parse().unwrap());
    other.housekeeping.do_what_is_due().await.unwrap();
    let left = "SELECT count(*) FROM inquiries WHERE binned_at IS NULL";
    let left: i64 = sqlx::query_scalar(left).fetch_one(other.db.read()).await.unwrap();
    assert_eq!(left, 2);
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn what_was_put_in_the_bin_in_a_wrong_year_does_not_lie_there_until_then() {
    let site = Site::start().await;
    assert_eq!(send(&site, "One").await.status, 303);
    site.run("UPDATE inquiries SET binned_at = '2050-01-01T00:00:00Z', binned_for = 'withdrawn'").await;
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 1));
    site.pass_hours(7 * 24 - 1);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (1, 1), "its seven days began anew");
    site.pass_hours(1);
    keep_house(&site).await;
    assert_eq!(kept(&site).await, (0, 0));
}

#[actix_web::test]
async fn references_are_numbered_by_the_year_that_the_clock_shows_and_go_on_where_they_were() {
    let site = Site::start().await;
    for (instant, message) in
        [(NOW, "One"), (FAR, "Two"), (NOW, "Three"), ("1999-12-31T23:59:59Z", "Four"), (NOW, "Five")]
    {
        set(&site, instant);
        assert_eq!(send(&site, message).await.status, 303, "{instant}");
    }
    let references =
        site.text("SELECT group_concat(reference, ' ') FROM (SELECT reference FROM inquiries ORDER BY id)").await;
    // In Lahore the year 2000 has begun.
    assert_eq!(references, "IE-2026-000001 IE-2050-000001 IE-2026-000002 IE-2000-000001 IE-2026-000003");
    let letters = site.letters().await;
    assert_eq!(letters.len(), 5, "one to staff for each, whenever it was queued");
}

#[actix_web::test]
async fn a_letter_put_off_in_a_wrong_year_goes_out_once_the_clock_is_right_and_is_not_given_up() {
    let server = MailServer::start(Mood::RefusesForNow);
    let site = Site::start_by_smtp(&server.url).await;
    let state = "SELECT state || ' ' || attempts FROM outbox";
    assert_eq!(send(&site, "One").await.status, 303);
    site.try_letters().await;
    assert_eq!(site.text(state).await, "queued 1");
    set(&site, FAR);
    site.try_letters().await;
    assert_eq!(site.text(state).await, "queued 2", "its five days are over by the clock, and it is not given up");
    set(&site, NOW);
    site.try_letters().await;
    assert_eq!(site.text(state).await, "queued 3", "it does not wait for 2050");
    let waits = site.count("SELECT next_attempt_at < '2026-11-22T10:00:00Z' FROM outbox").await;
    assert_eq!(waits, 1);
}

#[actix_web::test]
async fn a_sender_at_work_is_not_taken_for_dead_when_the_clock_is_set() {
    let site = Site::start().await;
    site.run(
        "INSERT INTO mail_sender (id, holder, renewed_at) VALUES (1, 'boot pid:[1] 7 99 t', '2026-11-22T09:00:00Z')",
    )
    .await;
    assert_eq!(send(&site, "One").await.status, 303);
    assert_eq!(site.letters().await.len(), 0);
    for instant in ["2026-11-22T10:00:00Z", FAR, "1970-01-01T00:00:00Z"] {
        set(&site, instant);
        assert_eq!(site.letters().await.len(), 0, "{instant}");
    }
    // It speaks again, by the clock that both of them have.
    site.run("UPDATE mail_sender SET renewed_at = '1970-01-01T00:00:05Z'").await;
    site.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(site.letters().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(19));
    assert_eq!(site.letters().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(site.letters().await.len(), 1, "silent for twenty seconds");
}

#[actix_web::test]
async fn sessions_of_a_wrong_year_end_and_everybody_can_sign_in_again() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin").await.status, 200);
    set(&site, FAR);
    assert_eq!(writer.get("/admin").await.status, 303, "hours have passed, as far as the site knows");
    let ahead = site.sign_in("writer@example.com").await;
    assert_eq!(ahead.get("/admin").await.status, 200);
    set(&site, NOW);
    assert_eq!(ahead.get("/admin").await.status, 303, "else it would last for 24 years");
    assert_eq!(site.sign_in("writer@example.com").await.get("/admin").await.status, 200);
    // A few minutes back or forth disturb nobody.
    let writer = site.sign_in("writer@example.com").await;
    for instant in ["2026-11-22T08:50:00Z", "2026-11-22T09:10:00Z", NOW] {
        set(&site, instant);
        assert_eq!(writer.get("/admin").await.status, 200, "{instant}");
    }
}

#[actix_web::test]
async fn wrong_passwords_of_a_wrong_year_cost_no_more_than_others() {
    let site = Site::start().await;
    site.account("writer@example.com", Role::Writer).await;
    set(&site, FAR);
    let wrong = [("email", "writer@example.com"), ("password", "a wrong sentence")];
    for _ in 0..4 {
        assert_eq!(site.visitor().post("/admin/sign-in", &wrong).await.status, 422);
    }
    set(&site, NOW);
    let right = [("email", "writer@example.com"), ("password", PASSWORD)];
    let page = site.visitor().post("/admin/sign-in", &right).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "1"));
    site.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(site.visitor().post("/admin/sign-in", &right).await.status, 303);
}

#[actix_web::test]
async fn forms_sent_in_a_wrong_year_are_not_held_against_a_network_for_ever() {
    let site = Site::start_with(&["--form-limit", "2"]).await;
    set(&site, FAR);
    for (message, status) in [("One", 303), ("Two", 303), ("Three", 429)] {
        assert_eq!(send(&site, message).await.status, status, "{message}");
    }
    set(&site, NOW);
    for (message, status) in [("Three", 303), ("Four", 303), ("Five", 429)] {
        assert_eq!(send(&site, message).await.status, status, "{message}");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE network <> ''").await, 4);
    keep_house(&site).await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE network <> ''").await, 2, "and forgotten");
}

#[actix_web::test]
async fn a_form_that_was_open_while_the_clock_was_set_back_is_no_hasty_one() {
    let site = Site::start().await;
    let mark = site.visitor().get("/contact").await.typed("form_key");
    set(&site, "2026-11-22T08:00:00Z");
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Hello"), ("form_key", mark.as_str())];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    assert_eq!(site.text("SELECT score || ' ' || doubts FROM inquiries").await, "0 ");
}

#[actix_web::test]
async fn the_digest_after_a_wrong_year_tells_of_what_came_since_the_last_true_one() {
    let site = Site::start().await;
    site.run(
        "INSERT INTO digests (day, queued_at) VALUES ('2026-11-22', '2026-11-22T03:00:00Z'), ('2050-01-01', '2050-01-01T03:00:00Z')",
    )
    .await;
    assert_eq!(send(&site, "One").await.status, 303);
    site.pass_hours(20);
    keep_house(&site).await;
    let subject = "SELECT subject FROM outbox WHERE subject LIKE 'Digest of %'";
    assert_eq!(site.text(subject).await, "Digest of November 23, 2026: 1 inquiry, 0 unanswered over a day");
}
