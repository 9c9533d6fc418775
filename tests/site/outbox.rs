//! E-mails are sent once, retried after errors, and shown to staff when they fail: against a fake SMTP server.

use std::sync::Arc;
use std::time::Duration;

use immigration_experts::app::Application;
use immigration_experts::clock::Clock;
use immigration_experts::mail::{FromAddress, MemoryMailbox, Notifier, Sender, Transport};
use immigration_experts::staff::Role;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::slow_clients::wait_until;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};
use crate::support::{STAFF_PAGES, Site, config};

/// Sends the contact form without an e-mail address, so that there is one e-mail: to the staff inbox.
async fn send_inquiry(site: &Site) {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Please call me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

fn message_id(email: &str) -> String {
    email.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
}

const OUTBOX_STATE: &str = "SELECT state || ' ' || attempts || ' ' || coalesce(last_error, '-') FROM outbox";

#[actix_web::test]
async fn accepting_server_gets_each_email_once() {
    let server = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    let site = Site::start_with_smtp(&server.url).await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    site.deliver_due().await;
    site.advance_hours(200);
    site.deliver_due().await;
    let taken = server.received();
    assert_eq!(taken.len(), 2, "{taken:#?}");
    assert_ne!(message_id(&taken[0]), message_id(&taken[1]));
    assert!(taken.iter().all(|email| email.contains("multipart/alternative") && email.contains("From: ")));
    assert_eq!(
        site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1 AND transport = 'smtp'").await,
        2
    );
}

#[actix_web::test]
async fn permanent_failure_stops_retries_and_is_shown_to_staff() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    let state = site.text(OUTBOX_STATE).await;
    assert!(state.starts_with("failed 1 ") && state.contains("No such user here"), "{state}");
    let staff = site.staff(Role::Writer).await;
    assert!(staff.get("/admin").await.first(".alert").contains("1 e-mail could not be sent"));
    let mail = staff.get("/admin/mail").await;
    assert!(mail.first("tbody tr").contains("failed") && mail.first("tbody tr").contains("No such user here"));
    server.set_behaviour(SmtpBehaviour::Accepts);
    let again = mail.attributes("tbody form", "action");
    let page = staff.post_and_follow(&again[0], &[]).await;
    assert!(page.first(".flash").contains("queued to be sent again"));
    site.deliver_due().await;
    assert_eq!(server.received().len(), 1);
    assert_eq!(site.text(OUTBOX_STATE).await, "sent 1 -");
}

#[actix_web::test]
async fn temporary_failure_is_retried_with_backoff_for_five_days() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    let mut attempts_at = vec![];
    let (mut minutes, mut seen) = (0, 0);
    while site.text("SELECT state FROM outbox").await == "queued" {
        site.deliver_due().await;
        // The site's own sender may have been faster.
        let attempts = site.count("SELECT attempts FROM outbox").await;
        if attempts > seen {
            attempts_at.push(minutes);
        }
        seen = attempts;
        let step = if minutes < 600 { 1 } else { 60 };
        minutes += step;
        site.clock.advance(SignedDuration::from_mins(step));
        assert!(minutes < 6 * 24 * 60, "the e-mail never fails");
    }
    assert_eq!(attempts_at[..9], [0, 1, 3, 7, 15, 31, 63, 127, 255], "{attempts_at:?}");
    let last = attempts_at[attempts_at.len() - 1];
    assert!((114 * 60..=120 * 60).contains(&last), "failed after {last} minutes");
    assert!(site.text(OUTBOX_STATE).await.contains("Mailbox busy"));
}

#[actix_web::test]
async fn message_id_is_the_same_on_every_attempt() {
    let server = FakeSmtpServer::start(SmtpBehaviour::ClosesInData);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    let state = site.text(OUTBOX_STATE).await;
    assert!(state.starts_with("queued 1 ") && !state.ends_with('-'), "{state}");
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(1);
    site.deliver_due().await;
    assert_eq!(server.received().len(), 1);
    let kept = site.text("SELECT message_id FROM outbox").await;
    assert_eq!(message_id(&server.received()[0]), format!("Message-ID: <{kept}>"));
}

#[actix_web::test]
async fn smtp_authentication_failure_loses_no_email() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RequiresAuth);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    assert_eq!(site.text(OUTBOX_STATE).await, "queued 0 -", "the operator will correct the settings");
}

#[actix_web::test]
async fn errors_before_rcpt_do_not_count_as_attempts() {
    for behaviour in [SmtpBehaviour::OutOfService, SmtpBehaviour::RejectsSender] {
        let server = FakeSmtpServer::start(behaviour);
        let site = Site::start_with_smtp(&server.url).await;
        send_inquiry(&site).await;
        site.deliver_due().await;
        assert_eq!(site.text(OUTBOX_STATE).await, "queued 0 -", "it is not an attempt of the e-mail");
        server.set_behaviour(SmtpBehaviour::Accepts);
        site.advance_hours(1);
        site.deliver_due().await;
        assert_eq!(server.received().len(), 1);
        assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0, "the address is not at fault");
    }
}

#[actix_web::test]
async fn queued_emails_share_one_connection() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    for name in ["Ali", "Sana", "Omar", "Hina", "Bilal"] {
        let fields = [("name", name), ("phone", "0300 1234567"), ("message", "Please call me.")];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    }
    site.deliver_due().await;
    let before = server.used_connections();
    site.advance_hours(1);
    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'failed'").await, 5);
    assert_eq!(server.used_connections() - before, 1, "a rejection does not close the connection");
    server.set_behaviour(SmtpBehaviour::Accepts);
    let writer = site.staff(Role::Writer).await;
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "5 e-mails are queued to be sent again.");
    site.deliver_due().await;
    assert_eq!((server.received().len(), site.count("SELECT count(*) FROM outbox WHERE state = 'sent'").await), (5, 5));
    assert_eq!(server.used_connections() - before, 2);
    let ids: std::collections::BTreeSet<String> = server.received().iter().map(|email| message_id(email)).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(
        writer.post_and_follow("/admin/mail/retry", &[]).await.first(".flash"),
        "No e-mails are queued or have failed."
    );
    let actions = "SELECT group_concat(actor || ': ' || action || ': ' || subject) FROM audit_log WHERE action LIKE 'retried all%'";
    assert_eq!(site.text(actions).await, "Test writer: retried all e-mails: 5 e-mails");
}

#[actix_web::test]
async fn bounced_address_is_flagged_until_delivery_or_staff_clear_it() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    let bounced = "SELECT coalesce(group_concat(address || ' ' || since || ' ' || reason), '-') FROM bounced_addresses";
    let bounce = "inbox@example.com 2026-11-22T09:00:00Z 550 5.1.1 No such user here";
    assert_eq!(site.text(bounced).await, bounce);
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/mail", "/admin/mail/1"] {
        let page = writer.get(path).await;
        assert!(page.text.contains("No such user here") && page.text.contains("Mark as working"), "{path}");
    }
    // E-mails to it are still attempted, and an accepted one clears the flag.
    server.set_behaviour(SmtpBehaviour::Accepts);
    writer.post("/admin/mail/retry", &[]).await;
    site.deliver_due().await;
    assert_eq!((server.received().len(), site.text(bounced).await), (1, "-".into()));
    assert!(!writer.get("/admin/mail/1").await.text.contains("Mark as working"));

    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.deliver_due().await;
    assert_ne!(site.text(bounced).await, "-");
    let address = [("address", "INBOX@example.com")];
    let page = writer.post_and_follow("/admin/mail/bounced-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "INBOX@example.com is marked as working.");
    assert_eq!(site.text(bounced).await, "-");
    let page = writer.post_and_follow("/admin/mail/bounced-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "This address is not marked as bounced.");
    let action = "SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(action).await, "Test writer: marked an address as working: I***@example.com");
}

#[actix_web::test]
async fn mailbox_full_and_policy_errors_retry_without_a_bounce_flag() {
    for behaviour in [SmtpBehaviour::MailboxFull, SmtpBehaviour::RejectsByPolicy, SmtpBehaviour::OverQuota] {
        let server = FakeSmtpServer::start(behaviour);
        let site = Site::start_with_smtp(&server.url).await;
        send_inquiry(&site).await;
        site.deliver_due().await;
        assert!(site.text(OUTBOX_STATE).await.starts_with("queued 1 5"), "{}", site.text(OUTBOX_STATE).await);
        assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
        server.set_behaviour(SmtpBehaviour::Accepts);
        site.clock.advance(SignedDuration::from_mins(1));
        site.deliver_due().await;
        assert_eq!(server.received().len(), 1);
    }
}

#[actix_web::test]
async fn hanging_server_blocks_no_forms_and_loses_no_email() {
    let server = FakeSmtpServer::start(SmtpBehaviour::Hangs);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    // The sender waits for the server without an open transaction, so that the form can be saved.
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 2);
    let before = std::time::Instant::now();
    site.deliver_due().await;
    site.deliver_due().await;
    assert!(before.elapsed() < Duration::from_millis(3500), "the site waits once, not for each e-mail");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 0").await, 2);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.clock.advance(SignedDuration::from_secs(15));
    site.deliver_due().await;
    assert_eq!(server.received().len(), 2);
}

#[actix_web::test]
async fn late_reply_is_not_taken_for_the_next_email() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RepliesTooLate);
    let site = Site::start_with_smtp(&server.url).await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    site.deliver_due().await;
    site.clock.advance(SignedDuration::from_secs(15));
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 1").await, 2);
    assert_eq!(server.used_connections(), 2, "the second uses another connection");
}

#[actix_web::test]
async fn email_requeued_during_an_attempt_is_retried_at_once() {
    let server = FakeSmtpServer::start(SmtpBehaviour::Hangs);
    let site = Site::start_with_smtp(&server.url).await;
    let writer = site.staff(Role::Writer).await;
    send_inquiry(&site).await;
    let fix = async {
        wait_until("a connection", async || server.used_connections() > 0).await;
        site.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(writer.post("/admin/mail/retry", &[]).await.status, 303);
        server.set_behaviour(SmtpBehaviour::Accepts);
    };
    tokio::join!(site.deliver_due(), fix);
    site.deliver_due().await;
    assert_eq!((server.received().len(), site.text(OUTBOX_STATE).await), (1, "sent 1 -".into()));
}

#[actix_web::test]
async fn sender_address_is_read_from_settings_when_sending() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    let admin = site.staff(Role::Admin).await;
    let page = admin.get("/admin/site").await;
    let version = page.attributes("input[name=version]", "value").remove(0);
    let fields = [
        ("name", "Immigration Experts"),
        ("expert_phones", "042 35911332"),
        ("business_phone", "042 35911332"),
        ("contact_time", "Mon–Sat"),
        ("mail_from", "office@firm.example.com"),
        ("version", &version),
    ];
    assert_eq!(admin.post("/admin/site", &fields).await.status, 303);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(1);
    site.deliver_due().await;
    assert!(server.received()[0].contains("office@firm.example.com"), "{:#?}", server.received());
}

#[actix_web::test]
async fn sent_email_is_not_resent_when_recording_fails() {
    let site = Site::start().await;
    site.execute("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(FAIL, 'the disk is full'); END").await;
    send_inquiry(&site).await;
    let fix = async {
        wait_until("the e-mail", async || !site.mailbox.emails().is_empty()).await;
        for _ in 0..50 {
            assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 1);
        }
        site.execute("DROP TRIGGER full").await;
    };
    tokio::join!(site.deliver_due(), fix);
    site.deliver_due().await;
    assert_eq!(site.mailbox.emails().len(), 1);
    assert_eq!(site.text(OUTBOX_STATE).await, "sent 1 -");
}

/// Alerts about e-mails on the pages of the admin area.
async fn alerts(staff: &crate::support::Visitor) -> Vec<String> {
    let mut found = vec![];
    // The style page shows alerts as examples.
    for path in STAFF_PAGES.into_iter().filter(|path| !["/admin/mail/1", "/admin/style"].contains(path)) {
        let page = staff.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.attributes("main > .alert a", "href").len(), page.all("main > .alert").len(), "{path}");
        found.push(page.all("main > .alert").join(" | "));
    }
    found.dedup();
    found
}

#[actix_web::test]
async fn late_or_failed_mail_shows_on_admin_pages_and_health_check() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    let admin = site.staff(Role::Admin).await;
    let ready = async || {
        let page = site.visitor().get("/health/ready").await;
        assert_eq!(page.status, 200, "late mail does not make the site unready");
        page.text.split_inclusive('\n').filter(|line| !line.starts_with("backup")).collect::<String>()
    };
    assert_eq!((alerts_on_admin_pages(&admin).await, ready().await), (vec![], "ready\noutbox: empty\n".to_owned()));
    send_inquiry(&site).await;
    site.deliver_due().await;
    site.clock.advance(SignedDuration::from_mins(15));
    site.deliver_due().await;
    assert_eq!(alerts(&admin).await, [""]);
    assert_eq!(ready().await, "ready\noutbox: 1 queued, oldest 15 minutes\n");
    assert_eq!(admin.get("/admin/mail").await.first(".summary"), "1 e-mail has been queued for 15 minutes.");
    site.clock.advance(SignedDuration::from_mins(1));
    let late = "1 e-mail has been queued for 16 minutes. View e-mails";
    assert_eq!(alerts(&admin).await, [late]);
    assert_eq!(admin.get("/admin").await.all("[role=alert]"), [late]);
    assert_eq!(admin.get("/admin/posts").await.all("[role=alert]"), Vec::<String>::new());
    assert_eq!(ready().await, "ready\noutbox: 1 queued, oldest 16 minutes\nmail is late\n");
    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    site.advance_hours(1);
    site.deliver_due().await;
    assert_eq!(alerts(&admin).await, ["1 e-mail could not be sent. View e-mails"]);
    assert_eq!(ready().await, "ready\noutbox: empty\n1 e-mail failed\n");
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first(".summary"), "1 e-mail could not be sent.");
    assert_eq!(page.all("form[action='/admin/mail/retry'] button"), ["Retry all"]);
    assert!(!site.visitor().get("/admin/sign-in").await.text.contains("could not be sent"), "visitors do not see it");
    server.set_behaviour(SmtpBehaviour::Accepts);
    admin.post("/admin/mail/retry", &[]).await;
    site.deliver_due().await;
    admin.get("/admin").await;
    assert_eq!(alerts(&admin).await, [""]);
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first("#all-sent"), "No e-mails are queued or have failed.");
    assert_eq!(page.all("form[action='/admin/mail/retry']").len(), 0);
}

/// Alerts on the dashboard.
async fn alerts_on_admin_pages(staff: &crate::support::Visitor) -> Vec<String> {
    staff.get("/admin").await.all(".alert")
}

#[actix_web::test]
async fn emails_written_to_files_raise_no_alert_and_are_not_requeued() {
    let site = Site::start_with_file_drop().await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    site.advance_hours(2);
    let writer = site.staff(Role::Writer).await;
    assert_eq!(alerts_on_admin_pages(&writer).await, Vec::<String>::new());
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mails are queued or have failed.");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND transport = 'file'").await, 1);
}

/// Another site on the database of the first, with a mailbox of its own.
async fn start_second_site(site: &Site, mailbox: &MemoryMailbox) -> Application {
    let transport = Transport::Memory(mailbox.clone());
    Application::build(config(&site.dir, &["--staff-inbox", "inbox@example.com"]), site.clock.clone(), transport)
        .await
        .unwrap()
}

async fn deliver_due_of(running: &Application) {
    let stop = CancellationToken::new();
    running.sender.deliver_due(&stop).await.unwrap();
}

#[actix_web::test]
async fn only_one_sender_works_on_the_outbox_at_a_time() {
    let server = FakeSmtpServer::start(SmtpBehaviour::Hangs);
    let site = Site::start_with_smtp(&server.url).await;
    let mailbox = MemoryMailbox::default();
    let other = start_second_site(&site, &mailbox).await;
    send_inquiry(&site).await;
    let observe = async {
        wait_until("an e-mail in progress", async || server.used_connections() > 0).await;
        deliver_due_of(&other).await;
        assert_eq!(mailbox.emails().len(), 0, "the other sender is working");
        assert!(site.text(OUTBOX_STATE).await.starts_with("queued 0 "));
    };
    tokio::join!(site.deliver_due(), observe);
    assert!(site.lock_sender().is_some(), "the lock is released when the work is done");
    site.advance_hours(1);
    deliver_due_of(&other).await;
    // The first site may send as well, and its server still hangs.
    for _ in 0..24 {
        if site.text("SELECT state FROM outbox").await != "queued" {
            break;
        }
        site.advance_hours(1);
        deliver_due_of(&other).await;
    }
    assert_eq!(mailbox.emails().len(), 1);
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn emails_wait_while_another_process_sends_and_go_out_when_it_ends() {
    let site = Site::start().await;
    // The kernel releases the lock of a process that dies as it does here, where the file is closed.
    let lock = site.lock_sender().unwrap();
    send_inquiry(&site).await;
    assert_eq!(site.emails().await.len(), 0);
    site.advance_hours(24);
    assert_eq!(site.emails().await.len(), 0, "shutdown waits for the e-mail in progress");
    drop(lock);
    assert_eq!(site.emails().await.len(), 1);
}

#[actix_web::test]
async fn two_sites_on_one_database_send_each_email_once() {
    let site = Site::start().await;
    let mailbox = MemoryMailbox::default();
    let other = start_second_site(&site, &mailbox).await;
    let second = crate::support::Visitor { client: site.visitor().client, base: format!("http://{}", other.address) };
    let first = site.visitor();
    for n in 0..10 {
        let (one, two) = (format!("Question {n}"), format!("Another question {n}"));
        let fields = |message| [("name", "Ali"), ("phone", "0300 1234567"), ("message", message)];
        let (one, two) = (fields(&*one), fields(&*two));
        let (a, b) = tokio::join!(first.post("/contact", &one), second.post("/contact", &two));
        assert_eq!((a.status, b.status), (303, 303));
        tokio::join!(site.deliver_due(), deliver_due_of(&other));
    }
    while site.count("SELECT count(*) FROM outbox WHERE state <> 'sent'").await > 0 {
        tokio::join!(site.deliver_due(), deliver_due_of(&other));
    }
    let emails: Vec<String> =
        site.mailbox.emails().into_iter().chain(mailbox.emails()).map(|email| email.source).collect();
    let ids: std::collections::BTreeSet<String> = emails.iter().map(|email| message_id(email)).collect();
    assert_eq!((emails.len(), ids.len()), (20, 20), "no e-mail twice, none missing");
    assert_eq!(site.count("SELECT max(attempts) FROM outbox").await, 1);
    other.stop().await.unwrap();
}

/// Sends an e-mail that is erased after it was read and before it is sent.
async fn erase_while_sending(site: &Site, transport: Transport) {
    site.emails().await;
    // Due only for this sender, whose clock is a day ahead.
    site.execute("UPDATE outbox SET state = 'queued', sent_at = NULL, next_attempt_at = '2026-11-23T08:00:00Z'").await;
    let db = site.running.services.db.clone();
    let from: FromAddress = Arc::new(move || {
        let db = db.clone();
        Box::pin(async move {
            let mut tx = db.begin_write().await?;
            sqlx::query("DELETE FROM outbox").execute(&mut *tx).await?;
            tx.commit().await?;
            Ok("office@example.com".parse()?)
        })
    });
    let clock = Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap());
    let sender = Sender::new(site.running.services.db.clone(), clock, transport, from, Notifier::default(), 600);
    let stop = CancellationToken::new();
    sender.deliver_due(&stop).await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn email_erased_during_sending_leaves_no_file() {
    let site = Site::start().await;
    send_inquiry(&site).await;
    let emails = tempfile::tempdir().unwrap();
    erase_while_sending(&site, Transport::Files(emails.path().to_owned())).await;
    assert_eq!(std::fs::read_dir(emails.path()).unwrap().count(), 0);
}

#[actix_web::test]
async fn email_erased_during_sending_flags_no_address() {
    let site = Site::start().await;
    send_inquiry(&site).await;
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    erase_while_sending(&site, Transport::smtp(&server.url).unwrap()).await;
    assert!(server.used_connections() > 0, "the e-mail was attempted");
    assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
}

#[actix_web::test]
async fn unreadable_settings_are_not_an_outage_of_the_mail_server() {
    let site = Site::start().await;
    send_inquiry(&site).await;
    site.emails().await;
    // Due only for this sender, whose clock is a day ahead.
    site.execute("UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = '2026-11-23T08:00:00Z'").await;
    let from: FromAddress = Arc::new(|| Box::pin(async { anyhow::bail!("disk I/O error") }));
    let (clock, mailbox) = (Clock::fixed("2026-11-23T09:00:00Z".parse().unwrap()), MemoryMailbox::default());
    let transport = Transport::Memory(mailbox.clone());
    let sender = Sender::new(site.running.services.db.clone(), clock, transport, from, Notifier::default(), 600);
    let error = format!("{:#}", sender.deliver_due(&CancellationToken::new()).await.unwrap_err());
    assert_eq!(error, "cannot read the sender's address from the settings: disk I/O error");
    assert_eq!(site.count("SELECT count(*) FROM mail_outage").await, 0);
    assert_eq!((site.text(OUTBOX_STATE).await, mailbox.emails().len()), ("queued 0 -".into(), 0));
}
