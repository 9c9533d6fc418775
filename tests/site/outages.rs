//! While the mail server is away no e-mail suffers for it, staff are told, and everything is sent when it is back.

use std::io::Read;
use std::net::TcpListener;

use immigration_experts::mail::Transport;
use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::outbox::{MailServer, Mood};
use crate::support::Site;

/// Sends the contact form as somebody who can be written to: an e-mail to staff, and an acknowledgement.
async fn write(site: &Site, number: usize) {
    let email = format!("visitor{number}@example.com");
    let fields = [("name", "Ali"), ("email", &*email), ("message", "Please write to me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

fn header<'a>(email: &'a str, name: &str) -> &'a str {
    let head = email.split("\n\n").next().unwrap_or_default();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

const TRIED: &str = "SELECT count(*) FROM outbox WHERE attempts > 0 OR state <> 'queued'";

#[actix_web::test]
async fn five_hours_without_a_mail_server_cost_no_e_mail_an_attempt_and_all_are_sent_once_it_is_back() {
    let server = MailServer::start(Mood::IsOutOfService);
    let site = Site::start_by_smtp(&server.url).await;
    for minute in 0..300 {
        if minute % 60 == 0 {
            write(&site, minute).await;
        }
        site.try_letters().await;
        site.clock.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(site.count(TRIED).await, 0);
    server.becomes(Mood::Accepts);
    site.clock.advance(SignedDuration::from_mins(5));
    site.try_letters().await;
    assert_eq!(server.taken().len(), 10, "all of them, five minutes later at most");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1").await, 10);
}

#[actix_web::test]
async fn an_outage_ends_for_staff_as_well_when_no_e_mail_is_left_that_would_find_the_server_back() {
    let server = MailServer::start(Mood::IsOutOfService);
    let site = Site::start_by_smtp(&server.url).await;
    write(&site, 0).await;
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 1);
    site.run("DELETE FROM outbox").await;
    site.clock.advance(SignedDuration::from_mins(5));
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 1, "it is still away");
    server.becomes(Mood::Accepts);
    site.clock.advance(SignedDuration::from_mins(5));
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 0);
}

#[actix_web::test]
async fn after_an_outage_staff_are_written_to_first_then_visitors_and_each_e_mail_carries_the_time_it_was_sent() {
    let server = MailServer::start(Mood::IsOutOfService);
    let site = Site::start_by_smtp(&server.url).await;
    for number in 0..3 {
        write(&site, number).await;
        site.try_letters().await;
    }
    site.pass_hours(5);
    server.becomes(Mood::Accepts);
    site.try_letters().await;
    let taken = server.taken();
    let to: Vec<&str> = taken.iter().map(|email| header(email, "To")).collect();
    assert_eq!(to[..3], ["inbox@example.com"; 3]);
    assert_eq!(to[3..], ["visitor0@example.com", "visitor1@example.com", "visitor2@example.com"]);
    let dates: Vec<&str> = taken.iter().map(|email| header(email, "Date")).collect();
    assert!(dates.iter().all(|date| date.starts_with("Sun, 22 Nov 2026 14:00:")), "{dates:?}");
}

#[actix_web::test]
async fn a_later_attempt_is_the_same_e_mail_with_the_date_of_the_first() {
    let server = MailServer::start(Mood::HangsUpInData);
    let site = Site::start_by_smtp(&server.url).await;
    write(&site, 0).await;
    site.try_letters().await;
    server.becomes(Mood::Accepts);
    site.pass_hours(3);
    site.try_letters().await;
    let dates: Vec<String> = server.taken().iter().map(|email| header(email, "Date")[17..22].to_owned()).collect();
    assert_eq!(dates, ["12:00", "09:00"], "the acknowledgement was not begun before; the e-mail to staff was");
}

#[actix_web::test]
async fn an_outage_is_a_banner_for_staff_with_its_reason_and_ends_with_the_first_e_mail_that_goes_out() {
    let server = MailServer::start(Mood::IsOutOfService);
    let site = Site::start_by_smtp(&server.url).await;
    let staff = site.staff(Role::Writer).await;
    write(&site, 0).await;
    site.try_letters().await;
    site.clock.advance(SignedDuration::from_mins(12));
    let said = "The mail server has been unavailable for 12 minutes: no greeting: 554 5.3.2 No service.";
    assert!(staff.get("/admin").await.first(".alarm").contains(said));
    assert!(staff.get("/admin/mail").await.first(".standing").starts_with(said));
    assert!(site.visitor().get("/health/ready").await.text.contains("mail server unavailable for 12 minutes\n"));
    server.becomes(Mood::Accepts);
    // Staff need not wait for the next attempt.
    assert_eq!(staff.post("/admin/mail/retry", &[]).await.status, 303);
    site.try_letters().await;
    assert_eq!(server.taken().len(), 2);
    assert_eq!(staff.get("/admin").await.all(".alarm"), Vec::<String>::new());
    assert!(!site.visitor().get("/health/ready").await.text.contains("unavailable"));
}

#[actix_web::test]
async fn a_server_that_hangs_up_at_one_recipient_does_not_hold_up_the_others() {
    let server = MailServer::start(Mood::SaysGoodbyeAtRcpt);
    let site = Site::start_by_smtp(&server.url).await;
    write(&site, 0).await;
    write(&site, 1).await;
    site.try_letters().await;
    assert_eq!(site.count(TRIED).await, 0);
    server.becomes(Mood::Accepts);
    site.clock.advance(SignedDuration::from_secs(15));
    site.try_letters().await;
    assert_eq!(server.taken().len(), 4);
    assert!(header(&server.taken()[0], "Subject").contains("000002"), "another than the one that was tried last");
}

#[actix_web::test]
async fn an_outage_of_a_week_makes_no_e_mail_be_given_up() {
    let server = MailServer::start(Mood::IsOutOfService);
    let site = Site::start_by_smtp(&server.url).await;
    write(&site, 0).await;
    site.try_letters().await;
    site.pass_hours(7 * 24);
    server.becomes(Mood::RefusesForNow);
    site.try_letters().await;
    for _ in 0..20 {
        site.pass_hours(5);
        site.try_letters().await;
    }
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts > 12").await, 2);
    server.becomes(Mood::Accepts);
    site.pass_hours(6);
    site.try_letters().await;
    assert_eq!(server.taken().len(), 2);
}

#[actix_web::test]
async fn a_mail_server_is_checked_without_an_e_mail_and_the_step_that_fails_is_named() {
    let probe = async |url: &str| {
        let probed = Transport::smtp(url).unwrap().probe().await;
        probed.err().map(|refusal| refusal.reason)
    };
    let server = MailServer::start(Mood::Accepts);
    assert_eq!(probe(&server.url).await, None);
    server.becomes(Mood::OffersSmtputf8);
    let transport = Transport::smtp(&server.url).unwrap();
    assert!(!transport.smtp_utf8().is_offered(), "not known yet");
    assert!(transport.probe().await.is_ok() && transport.smtp_utf8().is_offered());
    server.becomes(Mood::Accepts);
    assert_eq!(server.taken().len(), 0);
    let sign_in = server.url.replace("smtp://", "smtp://user:secret-word@");
    let reason = probe(&sign_in).await.unwrap();
    assert!(reason.starts_with("sign-in failed: ") && !reason.contains("secret-word"), "{reason}");
    let reason = probe(&format!("{}?tls=required", server.url)).await.unwrap();
    assert!(reason.starts_with("no encrypted connection: "), "{reason}");
    server.becomes(Mood::IsOutOfService);
    assert_eq!(probe(&server.url).await.as_deref(), Some("no greeting: 554 5.3.2 No service"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let reason = probe(&format!("smtp://{closed}")).await.unwrap();
    assert!(reason.starts_with("cannot connect: "), "{reason}");
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    std::thread::spawn(move || plain.accept().map(|(mut client, _)| client.read(&mut [0; 8])));
    let reason = probe(&format!("smtps://{address}")).await.unwrap();
    assert!(reason.starts_with("no encrypted connection: "), "{reason}");
}
