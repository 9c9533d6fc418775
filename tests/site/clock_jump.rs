//! Clock jumps: no data is deleted, no e-mail is sent twice, and nobody is locked out.

use immigration_experts::app::Application;
use immigration_experts::clock::Clock;
use immigration_experts::mail::{MemoryMailbox, Transport};
use immigration_experts::staff::Role;
use jiff::{SignedDuration, Timestamp};

use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};
use crate::support::{PASSWORD, Page, Site, config};

const NOW: &str = "2026-11-22T09:00:00Z";
const YEAR_2050: &str = "2050-01-01T09:00:00Z";

fn set_clock(site: &Site, instant: &str) {
    site.clock.set(instant.parse::<Timestamp>().unwrap());
}

async fn run_jobs(site: &Site) {
    site.running.jobs.run("inquiries").await.unwrap();
}

async fn send_inquiry(site: &Site, message: &str) -> Page {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", message)];
    site.visitor().post("/contact", &fields).await
}

async fn inquiry_counts(site: &Site) -> (i64, i64) {
    (
        site.count("SELECT count(*) FROM inquiries").await,
        site.count("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").await,
    )
}

#[actix_web::test]
async fn clock_jump_does_not_delete_data_within_24h() {
    let site = Site::start().await;
    for message in ["One", "Two", "Three"] {
        assert_eq!(send_inquiry(&site, message).await.status, 303);
    }
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T08:00:00Z', trash_reason = 'staff' WHERE id = 3").await;
    let emails = site.emails().await.len();
    run_jobs(&site).await;
    set_clock(&site, YEAR_2050);
    for hours in [0, 1, 22] {
        site.advance_hours(hours);
        run_jobs(&site).await;
        assert_eq!(inquiry_counts(&site).await, (3, 1), "after {hours} more hours");
    }
    // A second process starts with the wrong clock.
    let transport = Transport::Memory(MemoryMailbox::default());
    let wrong = Clock::fixed(YEAR_2050.parse().unwrap());
    let other = Application::build(config(&site.dir, &[]), wrong, transport).await.unwrap();
    other.jobs.run("inquiries").await.unwrap();
    other.stop().await.unwrap();
    assert_eq!(inquiry_counts(&site).await, (3, 1));
    set_clock(&site, "2026-11-23T09:00:00Z");
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (3, 1), "the corrected clock is trusted, and nothing is due");
    assert_eq!(site.count("SELECT count(*) FROM erasure_log").await, 0);
    let digests = site.count("SELECT count(*) FROM outbox WHERE subject LIKE 'Digest for %'").await;
    assert_eq!(site.emails().await.len(), emails + usize::try_from(digests).unwrap());
    site.advance_hours(6 * 24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (2, 0), "trashed inquiries are deleted when due");
}

#[actix_web::test]
async fn jumped_clock_is_trusted_after_a_day() {
    let site = Site::start().await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    run_jobs(&site).await;
    set_clock(&site, YEAR_2050);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 0));
    site.advance_hours(24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 1), "in the trash, from which it can be restored");
    set_clock(&site, "2026-11-23T09:00:00Z");
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 1), "the correction counts as a jump");
    site.advance_hours(24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 0), "restored, because its retention period has not ended");
}

#[actix_web::test]
async fn inquiries_from_a_slow_clock_are_kept_and_receipts_open() {
    let site = Site::start().await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    run_jobs(&site).await;
    // After a battery failure, the clock shows 2001 when a form is sent.
    set_clock(&site, "2001-01-01T00:00:00Z");
    let spam = [("name", "Ali"), ("phone", "1"), ("message", "Three"), ("reply_code", "x")];
    let receipt = send_inquiry(&site, "Two").await.location().to_owned();
    assert_eq!(site.visitor().post("/contact", &spam).await.status, 303);
    run_jobs(&site).await;
    set_clock(&site, NOW);
    for hours in [0, 1, 24] {
        site.advance_hours(hours);
        run_jobs(&site).await;
        assert_eq!(inquiry_counts(&site).await, (3, 0), "after {hours} more hours");
        assert_eq!(site.visitor().get(&receipt).await.status, 200);
    }
    site.advance_hours(30 * 24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (3, 1), "spam is kept for 30 days");
    site.advance_hours(700 * 24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await.0, 2, "other inquiries are kept for two years");
    site.advance_hours(2 * 24);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (2, 2));
}

#[actix_web::test]
async fn inquiries_of_a_start_in_a_wrong_year_are_kept() {
    let site = Site::start().await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    let dir = site.stop().await;
    let clock = Clock::fixed("2001-01-01T00:00:00Z".parse().unwrap());
    let other = Application::build(config(&dir, &[]), clock.clone(), Transport::Memory(MemoryMailbox::default()))
        .await
        .unwrap();
    other.jobs.run("inquiries").await.unwrap();
    let client = reqwest::Client::new();
    let form = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Two")];
    client.post(format!("http://{}/contact", other.address)).form(&form).send().await.unwrap();
    clock.set("2026-11-22T10:00:00Z".parse().unwrap());
    other.jobs.run("inquiries").await.unwrap();
    let left = "SELECT count(*) FROM inquiries WHERE trashed_at IS NULL";
    let left: i64 = sqlx::query_scalar(left).fetch_one(other.services.db.read()).await.unwrap();
    assert_eq!(left, 2);
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn start_in_a_wrong_year_deletes_nothing_and_queues_no_digest_despite_new_inquiries() {
    let site = Site::start().await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    let dir = site.stop().await;
    let clock = Clock::fixed(YEAR_2050.parse().unwrap());
    let config = config(&dir, &["--staff-inbox", "inbox@example.com"]);
    let other = Application::build(config, clock.clone(), Transport::Memory(MemoryMailbox::default())).await.unwrap();
    let count =
        async |sql: &'static str| -> i64 { sqlx::query_scalar(sql).fetch_one(other.services.db.read()).await.unwrap() };
    for message in ["Two", "Three"] {
        let form = [("name", "Ali"), ("phone", "0300 1234567"), ("message", message)];
        reqwest::Client::new().post(format!("http://{}/contact", other.address)).form(&form).send().await.unwrap();
        other.jobs.run("inquiries").await.unwrap();
        clock.advance(SignedDuration::from_hours(1));
    }
    assert_eq!(count("SELECT count(*) FROM inquiries WHERE trashed_at IS NULL").await, 3);
    assert_eq!(count("SELECT count(*) FROM digest_runs").await, 0);
    clock.advance(SignedDuration::from_hours(22));
    other.jobs.run("inquiries").await.unwrap();
    assert_eq!(count("SELECT count(*) FROM inquiries WHERE trashed_at IS NULL").await, 2, "trusted after a day");
    assert_eq!(count("SELECT count(*) FROM digest_runs").await, 1);
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn future_trash_dates_are_reset_to_seven_days() {
    let site = Site::start().await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    site.execute("UPDATE inquiries SET trashed_at = '2050-01-01T00:00:00Z', trash_reason = 'withdrawn'").await;
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 1));
    site.advance_hours(7 * 24 - 1);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (1, 1), "the seven days start again");
    site.advance_hours(1);
    run_jobs(&site).await;
    assert_eq!(inquiry_counts(&site).await, (0, 0));
}

#[actix_web::test]
async fn references_follow_the_clock_year_and_continue_afterwards() {
    let site = Site::start().await;
    for (instant, message) in
        [(NOW, "One"), (YEAR_2050, "Two"), (NOW, "Three"), ("1999-12-31T23:59:59Z", "Four"), (NOW, "Five")]
    {
        set_clock(&site, instant);
        assert_eq!(send_inquiry(&site, message).await.status, 303, "{instant}");
    }
    let references =
        site.text("SELECT group_concat(reference, ' ') FROM (SELECT reference FROM inquiries ORDER BY id)").await;
    // In Lahore, it is already the year 2000.
    assert_eq!(references, "IE-2026-000001 IE-2050-000001 IE-2026-000002 IE-2000-000001 IE-2026-000003");
    let emails = site.emails().await;
    assert_eq!(emails.len(), 5, "each inquiry has an e-mail to staff");
}

#[actix_web::test]
async fn email_delayed_in_a_wrong_year_is_sent_after_correction() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    let state = "SELECT state || ' ' || attempts FROM outbox";
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    site.deliver_due().await;
    assert_eq!(site.text(state).await, "queued 1");
    set_clock(&site, YEAR_2050);
    site.deliver_due().await;
    assert_eq!(site.text(state).await, "queued 2", "the e-mail is kept although five days have passed by the clock");
    set_clock(&site, NOW);
    site.deliver_due().await;
    assert_eq!(site.text(state).await, "queued 3", "the next attempt is not delayed until 2050");
    let waits = site.count("SELECT next_attempt_at < '2026-11-22T10:00:00Z' FROM outbox").await;
    assert_eq!(waits, 1);
}

#[actix_web::test]
async fn active_sender_keeps_its_lock_after_a_clock_change() {
    let site = Site::start().await;
    let lock = site.lock_sender().unwrap();
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    assert_eq!(site.emails().await.len(), 0);
    for instant in ["2026-11-22T10:00:00Z", YEAR_2050, "1970-01-01T00:00:00Z", NOW] {
        set_clock(&site, instant);
        assert_eq!(site.emails().await.len(), 0, "{instant}");
    }
    drop(lock);
    assert_eq!(site.emails().await.len(), 1);
}

#[actix_web::test]
async fn sessions_of_a_wrong_year_end_and_sign_in_works() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin").await.status, 200);
    set_clock(&site, YEAR_2050);
    assert_eq!(writer.get("/admin").await.status, 303, "the session has expired by the clock");
    let ahead = site.sign_in("writer@example.com").await;
    assert_eq!(ahead.get("/admin").await.status, 200);
    set_clock(&site, NOW);
    assert_eq!(ahead.get("/admin").await.status, 303, "a session from the future is not valid");
    assert_eq!(site.sign_in("writer@example.com").await.get("/admin").await.status, 200);
    // Clock changes of a few minutes do not end sessions.
    let writer = site.sign_in("writer@example.com").await;
    for instant in ["2026-11-22T08:50:00Z", "2026-11-22T09:10:00Z", NOW] {
        set_clock(&site, instant);
        assert_eq!(writer.get("/admin").await.status, 200, "{instant}");
    }
}

#[actix_web::test]
async fn failed_sign_ins_of_a_wrong_year_do_not_extend_the_delay() {
    let site = Site::start().await;
    site.account("writer@example.com", Role::Writer).await;
    set_clock(&site, YEAR_2050);
    let wrong = [("email", "writer@example.com"), ("password", "a wrong sentence")];
    for _ in 0..4 {
        assert_eq!(site.visitor().post("/admin/sign-in", &wrong).await.status, 422);
    }
    set_clock(&site, NOW);
    let right = [("email", "writer@example.com"), ("password", PASSWORD)];
    let page = site.visitor().post("/admin/sign-in", &right).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "1"));
    site.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(site.visitor().post("/admin/sign-in", &right).await.status, 303);
}

#[actix_web::test]
async fn forms_of_a_wrong_year_do_not_block_a_network_forever() {
    let site = Site::start_with(&["--form-limit", "2"]).await;
    set_clock(&site, YEAR_2050);
    for (message, status) in [("One", 303), ("Two", 303), ("Three", 429)] {
        assert_eq!(send_inquiry(&site, message).await.status, status, "{message}");
    }
    set_clock(&site, NOW);
    for (message, status) in [("Three", 303), ("Four", 303), ("Five", 429)] {
        assert_eq!(send_inquiry(&site, message).await.status, status, "{message}");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE network_hash <> ''").await, 4);
    run_jobs(&site).await;
    assert_eq!(
        site.count("SELECT count(*) FROM inquiries WHERE network_hash <> ''").await,
        2,
        "hashes with a wrong date are deleted"
    );
}

#[actix_web::test]
async fn setting_the_clock_back_does_not_make_a_form_too_fast() {
    let site = Site::start().await;
    let token = site.visitor().get("/contact").await.field_value("form_token");
    set_clock(&site, "2026-11-22T08:00:00Z");
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Hello"), ("form_token", token.as_str())];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    assert_eq!(site.text("SELECT spam_score || ' ' || spam_reasons FROM inquiries").await, "0 ");
}

#[actix_web::test]
async fn digest_after_a_wrong_year_covers_the_time_since_the_last() {
    let site = Site::start().await;
    site.execute(
        "INSERT INTO digest_runs (day, queued_at) VALUES ('2026-11-22', '2026-11-22T03:00:00Z'), ('2050-01-01', '2050-01-01T03:00:00Z')",
    )
    .await;
    assert_eq!(send_inquiry(&site, "One").await.status, 303);
    site.advance_hours(20);
    run_jobs(&site).await;
    let subject = "SELECT subject FROM outbox WHERE subject LIKE 'Digest for %'";
    assert_eq!(site.text(subject).await, "Digest for November 23, 2026: 1 inquiry, 0 unanswered over 24 h");
}
