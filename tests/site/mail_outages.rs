//! Outages of the mail server: staff are alerted, and every e-mail is sent afterwards.

use std::io::Read;
use std::net::TcpListener;

use immigration_experts::mail::Transport;
use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::Site;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

/// Sends the contact form with an address: an e-mail to staff and an acknowledgement.
async fn send_inquiry(site: &Site, number: usize) {
    let email = format!("visitor{number}@example.com");
    let fields = [("name", "Ali"), ("email", &*email), ("message", "Please write to me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

fn header<'a>(email: &'a str, name: &str) -> &'a str {
    let head = email.split("\n\n").next().unwrap_or_default();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

const ATTEMPTED_COUNT: &str = "SELECT count(*) FROM outbox WHERE attempts > 0 OR state <> 'queued'";

#[actix_web::test]
async fn mail_outage_costs_no_attempts_and_emails_are_sent_once_after() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    for minute in 0..300 {
        if minute % 60 == 0 {
            send_inquiry(&site, minute).await;
        }
        site.deliver_due().await;
        site.clock.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(site.count(ATTEMPTED_COUNT).await, 0);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.clock.advance(SignedDuration::from_mins(5));
    site.deliver_due().await;
    assert_eq!(server.received().len(), 10, "all e-mails, within five minutes");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1").await, 10);
}

#[actix_web::test]
async fn outage_banner_clears_even_with_an_empty_outbox() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site, 0).await;
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 1);
    site.execute("DELETE FROM outbox").await;
    site.clock.advance(SignedDuration::from_mins(5));
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 1, "it is still unavailable");
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.clock.advance(SignedDuration::from_mins(5));
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 0);
}

#[actix_web::test]
async fn after_an_outage_staff_emails_go_first_with_original_dates() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    for number in 0..3 {
        send_inquiry(&site, number).await;
        site.deliver_due().await;
    }
    site.advance_hours(5);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.deliver_due().await;
    let taken = server.received();
    let to: Vec<&str> = taken.iter().map(|email| header(email, "To")).collect();
    assert_eq!(to[..3], ["inbox@example.com"; 3]);
    assert_eq!(to[3..], ["visitor0@example.com", "visitor1@example.com", "visitor2@example.com"]);
    let dates: Vec<&str> = taken.iter().map(|email| header(email, "Date")).collect();
    assert!(dates.iter().all(|date| date.starts_with("Sun, 22 Nov 2026 14:00:")), "{dates:?}");
}

#[actix_web::test]
async fn retries_keep_the_message_and_its_first_date() {
    let server = FakeSmtpServer::start(SmtpBehaviour::ClosesInData);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site, 0).await;
    site.deliver_due().await;
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(3);
    site.deliver_due().await;
    let dates: Vec<String> = server.received().iter().map(|email| header(email, "Date")[17..22].to_owned()).collect();
    assert_eq!(dates, ["12:00", "09:00"], "only the e-mail to staff was attempted before");
}

#[actix_web::test]
async fn outage_banner_shows_the_reason_until_an_email_is_sent() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    let staff = site.staff(Role::Writer).await;
    send_inquiry(&site, 0).await;
    site.deliver_due().await;
    site.clock.advance(SignedDuration::from_mins(12));
    let alert = "The mail server has been unavailable for 12 minutes: no greeting: 554 5.3.2 No service.";
    assert!(staff.get("/admin").await.first(".alert").contains(alert));
    assert!(staff.get("/admin/mail").await.first(".summary").starts_with(alert));
    assert!(site.visitor().get("/health/ready").await.text.contains("mail server unavailable for 12 minutes\n"));
    server.set_behaviour(SmtpBehaviour::Accepts);
    // Staff can retry at once.
    assert_eq!(staff.post("/admin/mail/retry", &[]).await.status, 303);
    site.deliver_due().await;
    assert_eq!(server.received().len(), 2);
    assert_eq!(staff.get("/admin").await.all(".alert"), Vec::<String>::new());
    assert!(!site.visitor().get("/health/ready").await.text.contains("unavailable"));
}

#[actix_web::test]
async fn server_hanging_up_on_one_recipient_does_not_block_others() {
    let server = FakeSmtpServer::start(SmtpBehaviour::ClosesAtRcpt);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site, 0).await;
    send_inquiry(&site, 1).await;
    site.deliver_due().await;
    assert_eq!(site.count(ATTEMPTED_COUNT).await, 0);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.clock.advance(SignedDuration::from_secs(15));
    site.deliver_due().await;
    assert_eq!(server.received().len(), 4);
    assert!(header(&server.received()[0], "Subject").contains("000002"), "another e-mail than in the last attempt");
}

#[actix_web::test]
async fn week_long_outage_expires_no_email() {
    let server = FakeSmtpServer::start(SmtpBehaviour::OutOfService);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site, 0).await;
    site.deliver_due().await;
    site.advance_hours(7 * 24);
    server.set_behaviour(SmtpBehaviour::RejectsTemporarily);
    site.deliver_due().await;
    for _ in 0..20 {
        site.advance_hours(5);
        site.deliver_due().await;
    }
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts > 12").await, 2);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(6);
    site.deliver_due().await;
    assert_eq!(server.received().len(), 2);
}

#[actix_web::test]
async fn mail_check_names_the_failing_step_without_sending_an_email() {
    let probe = async |url: &str| {
        let probed = Transport::smtp(url).unwrap().probe().await;
        probed.err().map(|error| error.reason)
    };
    let server = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    assert_eq!(probe(&server.url).await, None);
    server.set_behaviour(SmtpBehaviour::OffersSmtputf8);
    let transport = Transport::smtp(&server.url).unwrap();
    assert!(!transport.smtp_utf8().is_offered(), "not known yet");
    assert!(transport.probe().await.is_ok() && transport.smtp_utf8().is_offered());
    server.set_behaviour(SmtpBehaviour::Accepts);
    assert_eq!(server.received().len(), 0);
    let sign_in = server.url.replace("smtp://", "smtp://user:secret-word@");
    let reason = probe(&sign_in).await.unwrap();
    assert!(reason.starts_with("sign-in failed: ") && !reason.contains("secret-word"), "{reason}");
    let reason = probe(&format!("{}?tls=required", server.url)).await.unwrap();
    assert!(reason.starts_with("no encrypted connection: "), "{reason}");
    server.set_behaviour(SmtpBehaviour::OutOfService);
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
