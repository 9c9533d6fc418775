//! E-mails of the real program: written to files without a mail server, and sent once despite crashes.

use std::collections::BTreeSet;

use crate::program::{Home, SiteProcess, until};
use crate::support::lock_sender;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

pub async fn send_inquiry(site: &SiteProcess) {
    let fields = [("name", "Ayesha Khan"), ("email", "ayesha@example.org"), ("message", "Is my occupation listed?")];
    let page = site.visitor().post("/contact", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// E-mail files, once there are `count`.
pub async fn email_files(home: &Home, count: usize) -> Vec<String> {
    until("e-mail files", async || {
        let mut emails = vec![];
        for entry in std::fs::read_dir(home.data().join("mail")).ok()? {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "eml") {
                emails.push(std::fs::read_to_string(path).unwrap());
            }
        }
        (emails.len() >= count).then_some(emails)
    })
    .await
}

#[actix_web::test]
async fn emails_are_written_to_files_without_a_mail_server() {
    let home = Home::new();
    let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com"), ("MAIL_FROM", "office@example.com")]).await;
    send_inquiry(&site).await;
    let emails = email_files(&home, 2).await;
    assert_eq!(emails.len(), 2);
    assert!(emails.iter().all(|email| header(email, "From").contains("office@example.com")), "{emails:?}");
    let recipients: BTreeSet<&str> = emails.iter().map(|email| header(email, "To")).collect();
    assert_eq!(recipients, ["ayesha@example.org", "inbox@example.com"].into());
    assert_eq!(message_ids(&emails), outbox_message_ids(&home).await);
    assert!(site.stop().await.success());
    let states = home.texts("SELECT state FROM outbox").await;
    assert_eq!(states, ["sent", "sent"]);
}

#[actix_web::test]
async fn killed_site_sends_each_committed_email_once_after_restart() {
    let home = Home::new();
    let inbox = ("STAFF_INBOX", "first@example.com, second@example.com");
    let silent = FakeSmtpServer::start(SmtpBehaviour::Silent);
    let mut site = home.serve(&[inbox, ("SMTP_URL", &silent.url)]).await;
    send_inquiry(&site).await;
    until("a connection to the mail server", async || (silent.accepted_connections() > 0).then_some(())).await;
    site.kill();
    let waiting = "SELECT state || ' ' || attempts FROM outbox";
    assert_eq!(home.texts(waiting).await, ["queued 0", "queued 0", "queued 0"]);

    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    for _ in 0..2 {
        let mut site = home.serve(&[inbox, ("SMTP_URL", &sink.url)]).await;
        let sent = "SELECT group_concat(state) FROM outbox";
        until("the e-mails to be sent", async || (home.texts(sent).await == ["sent,sent,sent"]).then_some(())).await;
        assert!(site.stop().await.success());
        let emails = sink.received();
        assert_eq!(emails.len(), 3, "each e-mail is sent once, also after a restart");
        assert_eq!(message_ids(&emails), outbox_message_ids(&home).await);
        let recipients: BTreeSet<&str> = emails.iter().map(|email| header(email, "To")).collect();
        assert_eq!(recipients, ["ayesha@example.org", "first@example.com", "second@example.com"].into());
    }
    assert_eq!(home.texts("SELECT reference FROM inquiries").await.len(), 1);
}

#[actix_web::test]
async fn two_processes_send_each_email_once_even_if_one_is_killed() {
    let home = Home::new();
    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    let inbox = ("STAFF_INBOX", "first@example.com, second@example.com");
    let settings = [inbox, ("SMTP_URL", &*sink.url), ("MAIL_RATE", "60000")];
    let (mut one, mut two) = (home.serve(&settings).await, home.serve(&settings).await);
    let mut kept = 0;
    for number in 0..30 {
        for site in [&one, &two] {
            let message = format!("Question {number} at {}", site.address);
            // Different addresses: one address gets three acknowledgements a day.
            let email = format!("ayesha{kept}@example.org");
            let fields = [("name", "Ayesha"), ("email", email.as_str()), ("message", message.as_str())];
            assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
            kept += 3;
        }
        if number == 20 {
            one.kill();
            one = home.serve(&settings).await;
        }
    }
    let waiting = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE state <> 'sent'";
    until("the e-mails to be sent", async || (home.texts(waiting).await == ["0"]).then_some(())).await;
    assert!(one.stop().await.success());
    assert!(two.stop().await.success());
    let emails = sink.received();
    let ids: BTreeSet<&str> = emails.iter().map(|sent| header(sent, "Message-ID")).collect();
    assert_eq!(ids.len(), kept, "no e-mail is missing");
    // The e-mail in progress at the kill may have been sent before that could be recorded.
    assert!(emails.len() <= kept + 1, "{} e-mails", emails.len());
    assert!(lock_sender(&home.data()).is_some(), "the lock is released at shutdown");
}

#[actix_web::test]
async fn mail_retry_requeues_failed_emails_for_the_running_site() {
    let home = Home::with_stopped_site();
    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    let ended = home.run(&["mail", "retry"], &[]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "no e-mails are queued or have failed\n"), "{}", ended.err);
    // No server listens on this port.
    let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", "smtp://127.0.0.1:1")]).await;
    send_inquiry(&site).await;
    let tried = "SELECT state || ' ' || attempts FROM outbox";
    let outage = "SELECT reason FROM mail_outage";
    until("the outage to be recorded", async || (!home.texts(outage).await.is_empty()).then_some(())).await;
    assert_eq!(home.texts(tried).await, ["queued 0", "queued 0"], "an outage is not an attempt of an e-mail");
    assert!(site.stop().await.success());
    let ended = home.run(&["mail", "retry"], &[]);
    let expected = "2 e-mails queued: the running site sends them within seconds\n";
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), expected, ""));
    let mut site = home.serve(&[("SMTP_URL", &sink.url)]).await;
    until("the e-mails to be sent", async || (home.texts(tried).await == ["sent 1", "sent 1"]).then_some(())).await;
    assert!(site.stop().await.success());
    assert_eq!(message_ids(&sink.received()), outbox_message_ids(&home).await);
    let actions = home.texts("SELECT actor || ': ' || action || ': ' || subject FROM audit_log").await;
    assert_eq!(actions, ["command line: retried all e-mails: 2 e-mails"]);
    let lines = site.lines().join("\n");
    assert!(!lines.contains("ayesha") && !lines.contains("inbox@"), "the log contains no address: {lines}");
}

#[actix_web::test]
async fn mail_rate_limits_emails_per_minute() {
    let home = Home::new();
    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    // Two at once, then one every 20 seconds.
    let settings = [("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", &*sink.url), ("MAIL_RATE", "4")];
    let mut site = home.serve(&settings).await;
    send_inquiry(&site).await;
    let emails = "SELECT group_concat(state ORDER BY id) FROM outbox";
    until("the first two", async || (home.texts(emails).await == ["sent,sent"]).then_some(())).await;
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Please call me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    until("the sender to wait for the rate limit", async || lock_sender(&home.data()).is_none().then_some(())).await;
    assert_eq!(home.texts(emails).await, ["sent,sent,queued"]);
    assert!(site.stop().await.success(), "an e-mail that waits for the rate limit does not delay the stop");
    assert_eq!((home.texts(emails).await, sink.received().len()), (vec!["sent,sent,queued".to_owned()], 2));
}

pub fn header<'a>(email: &'a str, name: &str) -> &'a str {
    let head = email.split("\n\n").next().unwrap_or_default();
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {head}")).trim()
}

/// Message-IDs of all e-mails. Fails on a duplicate.
fn message_ids(emails: &[String]) -> BTreeSet<String> {
    let ids: BTreeSet<String> =
        emails.iter().map(|email| header(email, "Message-ID").trim_matches(['<', '>']).to_owned()).collect();
    assert_eq!(ids.len(), emails.len());
    ids
}

async fn outbox_message_ids(home: &Home) -> BTreeSet<String> {
    home.texts("SELECT message_id FROM outbox").await.into_iter().collect()
}

#[actix_web::test]
async fn mail_outage_and_recovery_are_logged_without_addresses() {
    let home = Home::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("smtp://127.0.0.1:{port}");
    let mut site =
        home.serve(&[("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", &url), ("MAIL_RATE", "60000")]).await;
    send_inquiry(&site).await;
    let outage = "SELECT reason FROM mail_outage";
    until("the outage to be recorded", async || (!home.texts(outage).await.is_empty()).then_some(())).await;
    let sink = FakeSmtpServer::start_on(port);
    let sent = "SELECT group_concat(state) FROM outbox";
    until("the e-mails to be sent", async || (home.texts(sent).await == ["sent,sent"]).then_some(())).await;
    assert_eq!(sink.received().len(), 2);
    assert!(site.stop().await.success());
    let lines = site.lines().join("\n");
    assert!(lines.contains("mail server unavailable: cannot connect: Connection refused"), "{lines}");
    assert!(lines.contains("mail server available again"), "{lines}");
    assert!(!lines.contains("ayesha") && !lines.contains("inbox@"), "{lines}");
}

#[actix_web::test]
async fn unusable_ca_file_stops_the_start() {
    let home = Home::new();
    for (name, content, expected) in [
        ("missing.pem", None, "which cannot be read"),
        ("empty.pem", Some(""), "which contains no certificate"),
        (
            "key.pem",
            Some("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "which contains no certificate",
        ),
        ("bad.pem", Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "an unusable certificate"),
    ] {
        let path = home.dir.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let ended = home.run(&["staff", "list"], &[("SMTP_CA", path.to_str().unwrap())]);
        assert_eq!(ended.code, Some(1), "{name}");
        assert!(ended.err.contains("SMTP_CA is ") && ended.err.contains(expected), "{name}: {}", ended.err);
    }
}
