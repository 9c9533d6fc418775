//! Letters go out once, are tried again while that may help, and are shown when they fail: against a real SMTP server.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use immigration_experts::app::Application;
use immigration_experts::clock::Clock;
use immigration_experts::mail::{FromAddress, MemoryMailbox, Notifier, Sender, Transport};
use immigration_experts::staff::Role;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::slow_clients::wait_until;
use crate::support::{STAFF_PAGES, Site, config};

/// How the server treats a letter.
#[derive(Clone, Copy, PartialEq)]
pub enum SmtpBehaviour {
    Accepts,
    RejectsPermanently,
    RejectsTemporarily,
    ClosesInData,
    Hangs,
    RepliesTooLate,
    RequiresAuth,
    OutOfService,
    RejectsSender,
    MailboxFull,
    RejectsByPolicy,
    OverQuota,
    ClosesAtRcpt,
    OffersSmtputf8,
}

/// A mail server on loopback that keeps what it took.
pub struct FakeSmtpServer {
    pub url: String,
    behaviour: Arc<Mutex<SmtpBehaviour>>,
    taken: Arc<Mutex<Vec<String>>>,
    /// On which an e-mail was begun: the site also greets the server once when it starts.
    connections: Arc<AtomicUsize>,
}

impl FakeSmtpServer {
    pub fn start(behaviour: SmtpBehaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            behaviour: Arc::new(Mutex::new(behaviour)),
            taken: Arc::default(),
            connections: Arc::default(),
        };
        let (behaviour, taken, connections) =
            (server.behaviour.clone(), server.taken.clone(), server.connections.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (behaviour, taken, connections) = (behaviour.clone(), taken.clone(), connections.clone());
                // A connection that breaks off is what some of these tests are about.
                thread::spawn(move || handle_connection(stream.unwrap(), &behaviour, &taken, &connections).ok());
            }
        });
        server
    }

    pub fn set_behaviour(&self, behaviour: SmtpBehaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    pub fn received(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn handle_connection(
    stream: TcpStream,
    behaviour: &Mutex<SmtpBehaviour>,
    taken: &Mutex<Vec<String>>,
    connections: &AtomicUsize,
) -> std::io::Result<()> {
    let mut is_counted = false;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut out = stream;
    if *behaviour.lock().unwrap() == SmtpBehaviour::OutOfService {
        return out.write_all(b"554 5.3.2 No service\r\n");
    }
    out.write_all(b"220 mail.example ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let behaviour = *behaviour.lock().unwrap();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        if verb == "MAIL" && !std::mem::replace(&mut is_counted, true) {
            connections.fetch_add(1, Ordering::SeqCst);
        }
        let answer: &[u8] = match (verb.as_str(), behaviour) {
            ("EHLO", SmtpBehaviour::OffersSmtputf8) => b"250-mail.example\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n",
            ("EHLO", _) => b"250 mail.example\r\n",
            ("RCPT", SmtpBehaviour::OverQuota) => b"550 5.4.5 Daily user sending limit exceeded\r\n",
            ("RCPT", SmtpBehaviour::ClosesAtRcpt) => {
                out.write_all(format!("421 4.3.2 closing for {line}\r\n").as_bytes())?;
                return Ok(());
            }
            ("MAIL", SmtpBehaviour::RequiresAuth) => b"530 5.7.0 Authentication required\r\n",
            ("MAIL", SmtpBehaviour::RejectsSender) => b"550 5.1.1 Who is that?\r\n",
            ("RCPT", SmtpBehaviour::MailboxFull) => b"552 5.2.2 Mailbox full\r\n",
            ("RCPT", SmtpBehaviour::RejectsByPolicy) => b"550 5.7.1 Blocked by policy\r\n",
            ("RCPT", SmtpBehaviour::RejectsPermanently) => b"550 5.1.1 No such user here\r\n",
            ("RCPT", SmtpBehaviour::RejectsTemporarily) => b"451 4.2.0 Mailbox busy, try later\r\n",
            ("RCPT", SmtpBehaviour::Hangs) => {
                // Nothing more is said; the other side gives up or goes away.
                for _ in lines.by_ref() {}
                return Ok(());
            }
            ("DATA", _) => {
                out.write_all(b"354 Go on\r\n")?;
                let mut email = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    email.push_str(&line);
                    email.push('\n');
                    if behaviour == SmtpBehaviour::ClosesInData {
                        return Ok(());
                    }
                }
                if behaviour == SmtpBehaviour::RepliesTooLate {
                    // Until the other side has given up, or says something else meanwhile.
                    lines.next();
                }
                taken.lock().unwrap().push(email);
                b"250 Taken\r\n"
            }
            ("QUIT", _) => {
                out.write_all(b"221 Bye\r\n")?;
                return Ok(());
            }
            _ => b"250 Fine\r\n",
        };
        out.write_all(answer)?;
    }
    Ok(())
}

/// Sends the contact form with a telephone number only, so that there is one letter: to the staff inbox.
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
    assert!(staff.get("/admin").await.first(".alert").contains("1 letter could not be sent"));
    let mail = staff.get("/admin/mail").await;
    assert!(mail.first("tbody tr").contains("failed") && mail.first("tbody tr").contains("No such user here"));
    server.set_behaviour(SmtpBehaviour::Accepts);
    let again = mail.attributes("tbody form", "action");
    let page = staff.post_and_follow(&again[0], &[]).await;
    assert!(page.first(".flash").contains("being sent again"));
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
        // The site's own sender may have been first.
        let attempts = site.count("SELECT attempts FROM outbox").await;
        if attempts > seen {
            attempts_at.push(minutes);
        }
        seen = attempts;
        let step = if minutes < 600 { 1 } else { 60 };
        minutes += step;
        site.clock.advance(SignedDuration::from_mins(step));
        assert!(minutes < 6 * 24 * 60, "it is never given up");
    }
    assert_eq!(attempts_at[..9], [0, 1, 3, 7, 15, 31, 63, 127, 255], "{attempts_at:?}");
    let last = attempts_at[attempts_at.len() - 1];
    assert!((114 * 60..=120 * 60).contains(&last), "given up after {last} minutes");
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
        assert_eq!(site.text(OUTBOX_STATE).await, "queued 0 -", "it is no attempt of the e-mail");
        server.set_behaviour(SmtpBehaviour::Accepts);
        site.advance_hours(1);
        site.deliver_due().await;
        assert_eq!(server.received().len(), 1);
        assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0, "it was not the address");
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
    let before = server.connections.load(Ordering::SeqCst);
    site.advance_hours(1);
    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'failed'").await, 5);
    assert_eq!(server.connections.load(Ordering::SeqCst) - before, 1, "a refusal is no reason to ring again");
    server.set_behaviour(SmtpBehaviour::Accepts);
    let writer = site.staff(Role::Writer).await;
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "5 letters are being sent again.");
    site.deliver_due().await;
    assert_eq!((server.received().len(), site.count("SELECT count(*) FROM outbox WHERE state = 'sent'").await), (5, 5));
    assert_eq!(server.connections.load(Ordering::SeqCst) - before, 2);
    let ids: std::collections::BTreeSet<String> = server.received().iter().map(|email| message_id(email)).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(
        writer.post_and_follow("/admin/mail/retry", &[]).await.first(".flash"),
        "No e-mail is waiting, and none needs attention."
    );
    let deeds =
        "SELECT group_concat(actor || ': ' || action || ': ' || subject) FROM audit_log WHERE action LIKE 'sent all%'";
    assert_eq!(site.text(deeds).await, "Test writer: sent all letters again: 5 letters");
}

#[actix_web::test]
async fn bounced_address_is_flagged_until_delivery_or_staff_clear_it() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsPermanently);
    let site = Site::start_with_smtp(&server.url).await;
    send_inquiry(&site).await;
    site.deliver_due().await;
    let marked = "SELECT coalesce(group_concat(address || ' ' || since || ' ' || reason), '-') FROM bounced_addresses";
    let mark = "inbox@example.com 2026-11-22T09:00:00Z 550 5.1.1 No such user here";
    assert_eq!(site.text(marked).await, mark);
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/mail", "/admin/mail/1"] {
        let page = writer.get(path).await;
        assert!(page.text.contains("No such user here") && page.text.contains("The address works again"), "{path}");
    }
    // It is still written to, and a letter that it takes clears it.
    server.set_behaviour(SmtpBehaviour::Accepts);
    writer.post("/admin/mail/retry", &[]).await;
    site.deliver_due().await;
    assert_eq!((server.received().len(), site.text(marked).await), (1, "-".into()));
    assert!(!writer.get("/admin/mail/1").await.text.contains("The address works again"));

    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.deliver_due().await;
    assert_ne!(site.text(marked).await, "-");
    let address = [("address", "INBOX@example.com")];
    let page = writer.post_and_follow("/admin/mail/bounced-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "INBOX@example.com counts as working again.");
    assert_eq!(site.text(marked).await, "-");
    let page = writer.post_and_follow("/admin/mail/bounced-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "This address is not marked.");
    let deed = "SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(deed).await, "Test writer: marked an address as working again: I***@example.com");
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
    // The sender is in the middle of it now, or soon: writing goes on, since no transaction is open meanwhile.
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 2);
    let before = std::time::Instant::now();
    site.deliver_due().await;
    site.deliver_due().await;
    assert!(before.elapsed() < Duration::from_millis(3500), "it is waited for once, and not for each e-mail");
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
    assert_eq!(server.connections.load(Ordering::SeqCst), 2, "the second has another connection");
}

#[actix_web::test]
async fn email_requeued_during_an_attempt_is_retried_at_once() {
    let server = FakeSmtpServer::start(SmtpBehaviour::Hangs);
    let site = Site::start_with_smtp(&server.url).await;
    let writer = site.staff(Role::Writer).await;
    send_inquiry(&site).await;
    let mend = async {
        wait_until("a connection", async || server.connections.load(Ordering::SeqCst) > 0).await;
        site.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(writer.post("/admin/mail/retry", &[]).await.status, 303);
        server.set_behaviour(SmtpBehaviour::Accepts);
    };
    tokio::join!(site.deliver_due(), mend);
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
        ("mail_from", "desk@firm.example.com"),
        ("version", &version),
    ];
    assert_eq!(admin.post("/admin/site", &fields).await.status, 303);
    server.set_behaviour(SmtpBehaviour::Accepts);
    site.advance_hours(1);
    site.deliver_due().await;
    assert!(server.received()[0].contains("desk@firm.example.com"), "{:#?}", server.received());
}

#[actix_web::test]
async fn sent_email_is_not_resent_when_recording_fails() {
    let site = Site::start().await;
    site.execute("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(FAIL, 'the disk is full'); END").await;
    send_inquiry(&site).await;
    let mend = async {
        wait_until("the letter", async || !site.mailbox.emails().is_empty()).await;
        for _ in 0..50 {
            assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 1);
        }
        site.execute("DROP TRIGGER full").await;
    };
    tokio::join!(site.deliver_due(), mend);
    site.deliver_due().await;
    assert_eq!(site.mailbox.emails().len(), 1);
    assert_eq!(site.text(OUTBOX_STATE).await, "sent 1 -");
}

/// What every page of the admin area says of the mail, if anything.
async fn alerts(staff: &crate::support::Visitor) -> Vec<String> {
    let mut said = vec![];
    for path in STAFF_PAGES.into_iter().filter(|path| *path != "/admin/mail/1") {
        let page = staff.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.attributes("main > .alert a", "href").len(), page.all("main > .alert").len(), "{path}");
        said.push(page.all("main > .alert").join(" | "));
    }
    said.dedup();
    said
}

#[actix_web::test]
async fn late_or_failed_mail_shows_on_admin_pages_and_health_check() {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsTemporarily);
    let site = Site::start_with_smtp(&server.url).await;
    let admin = site.staff(Role::Admin).await;
    let ready = async || {
        let page = site.visitor().get("/health/ready").await;
        assert_eq!(page.status, 200, "late mail is no reason to turn visitors away");
        page.text.split_inclusive('\n').filter(|line| !line.starts_with("backup")).collect::<String>()
    };
    assert_eq!((alerts_on_admin_pages(&admin).await, ready().await), (vec![], "ready\noutbox: empty\n".to_owned()));
    send_inquiry(&site).await;
    site.deliver_due().await;
    site.clock.advance(SignedDuration::from_mins(15));
    site.deliver_due().await;
    assert_eq!(alerts(&admin).await, [""]);
    assert_eq!(ready().await, "ready\noutbox: 1 waiting, oldest 15 minutes\n");
    assert_eq!(admin.get("/admin/mail").await.first(".standing"), "1 letter waits to be sent, for 15 minutes.");
    site.clock.advance(SignedDuration::from_mins(1));
    let late = "1 letter waits to be sent, for 16 minutes. Go to Mail";
    assert_eq!(alerts(&admin).await, [late]);
    assert_eq!(admin.get("/admin").await.all("[role=alert]"), [late]);
    assert_eq!(admin.get("/admin/posts").await.all("[role=alert]"), Vec::<String>::new());
    assert_eq!(ready().await, "ready\noutbox: 1 waiting, oldest 16 minutes\nmail is late\n");
    server.set_behaviour(SmtpBehaviour::RejectsPermanently);
    site.advance_hours(1);
    site.deliver_due().await;
    assert_eq!(alerts(&admin).await, ["1 letter could not be sent. Go to Mail"]);
    assert_eq!(ready().await, "ready\noutbox: empty\n1 letter failed\n");
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first(".standing"), "1 letter could not be sent.");
    assert_eq!(page.all("form[action='/admin/mail/retry'] button"), ["Send all again"]);
    assert!(!site.visitor().get("/admin/sign-in").await.text.contains("could not be sent"), "nobody outside learns it");
    server.set_behaviour(SmtpBehaviour::Accepts);
    admin.post("/admin/mail/retry", &[]).await;
    site.deliver_due().await;
    admin.get("/admin").await;
    assert_eq!(alerts(&admin).await, [""]);
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first(".standing"), "No e-mail is waiting, and none needs attention.");
    assert_eq!(page.all("form[action='/admin/mail/retry']").len(), 0);
}

/// The banners of the front page alone.
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
    assert_eq!(page.first(".flash"), "No e-mail is waiting, and none needs attention.");
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
    let look = async {
        wait_until("a letter under way", async || {
            site.count("SELECT count(*) FROM outbox_lease").await > 0 && server.connections.load(Ordering::SeqCst) > 0
        })
        .await;
        deliver_due_of(&other).await;
        assert_eq!(mailbox.emails().len(), 0, "it is the other's turn");
        assert!(site.text(OUTBOX_STATE).await.starts_with("queued 0 "));
    };
    tokio::join!(site.deliver_due(), look);
    assert_eq!(site.count("SELECT count(*) FROM outbox_lease").await, 0, "given back when the work is done");
    site.advance_hours(1);
    deliver_due_of(&other).await;
    // The first has its turn as well as the second, and the server still hangs.
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
async fn expired_sender_lease_is_taken_over_after_20_seconds() {
    let site = Site::start().await;
    // A process in another container, of which nothing can be known but what it says.
    site.execute(
        "INSERT INTO outbox_lease (id, holder, renewed_at) VALUES (1, 'boot pid:[1] 7 99 t', '2026-11-22T09:00:00Z')",
    )
    .await;
    send_inquiry(&site).await;
    assert_eq!(site.emails().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(19));
    assert_eq!(site.emails().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(1));
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
    assert_eq!((emails.len(), ids.len()), (20, 20), "no letter twice, none missing");
    assert_eq!(site.count("SELECT max(attempts) FROM outbox").await, 1);
    other.stop().await.unwrap();
}

/// Tries a letter that somebody erases after it was read and before it is handed over.
async fn erase_while_sending(site: &Site, transport: Transport) {
    site.emails().await;
    // Due for this sender alone, whose clock is a day ahead.
    site.execute("UPDATE outbox SET state = 'queued', sent_at = NULL, next_attempt_at = '2026-11-23T08:00:00Z'").await;
    let db = site.running.db.clone();
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
    let sender = Sender::new(site.running.db.clone(), clock, transport, from, Notifier::default(), 600);
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
    assert!(server.connections.load(Ordering::SeqCst) > 0, "it was tried");
    assert_eq!(site.count("SELECT count(*) FROM bounced_addresses").await, 0);
}
