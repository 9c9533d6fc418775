//! Letters go out once, are tried again while that may help, and are shown when they fail: against a real SMTP server.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::mail::{FromAddress, Mailbag, Sender, Transport, Wake};
use immigration_experts::staff::Role;
use jiff::SignedDuration;
use tokio::sync::watch;

use crate::slow::until;
use crate::support::{STAFF_PAGES, Site, config};

/// How the server treats a letter.
#[derive(Clone, Copy, PartialEq)]
pub enum Mood {
    Accepts,
    RefusesForGood,
    RefusesForNow,
    HangsUpInData,
    Hangs,
    AnswersTooLate,
    WantsASignIn,
    IsOutOfService,
    RefusesTheSender,
    IsFull,
    BlocksByPolicy,
    IsOverItsQuota,
    SaysGoodbyeAtRcpt,
    OffersSmtputf8,
}

/// A mail server on loopback that keeps what it took.
pub struct MailServer {
    pub url: String,
    mood: Arc<Mutex<Mood>>,
    taken: Arc<Mutex<Vec<String>>>,
    /// On which an e-mail was begun: the site also greets the server once when it starts.
    connections: Arc<AtomicUsize>,
}

impl MailServer {
    pub fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            mood: Arc::new(Mutex::new(mood)),
            taken: Arc::default(),
            connections: Arc::default(),
        };
        let (mood, taken, connections) = (server.mood.clone(), server.taken.clone(), server.connections.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mood, taken, connections) = (mood.clone(), taken.clone(), connections.clone());
                // A connection that breaks off is what some of these tests are about.
                thread::spawn(move || talk(stream.unwrap(), &mood, &taken, &connections).ok());
            }
        });
        server
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn talk(
    stream: TcpStream,
    mood: &Mutex<Mood>,
    taken: &Mutex<Vec<String>>,
    connections: &AtomicUsize,
) -> std::io::Result<()> {
    let mut is_counted = false;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut out = stream;
    if *mood.lock().unwrap() == Mood::IsOutOfService {
        return out.write_all(b"554 5.3.2 No service\r\n");
    }
    out.write_all(b"220 mail.example ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let mood = *mood.lock().unwrap();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        if verb == "MAIL" && !std::mem::replace(&mut is_counted, true) {
            connections.fetch_add(1, Ordering::SeqCst);
        }
        let answer: &[u8] = match (verb.as_str(), mood) {
            ("EHLO", Mood::OffersSmtputf8) => b"250-mail.example\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n",
            ("EHLO", _) => b"250 mail.example\r\n",
            ("RCPT", Mood::IsOverItsQuota) => b"550 5.4.5 Daily user sending limit exceeded\r\n",
            ("RCPT", Mood::SaysGoodbyeAtRcpt) => {
                out.write_all(format!("421 4.3.2 closing for {line}\r\n").as_bytes())?;
                return Ok(());
            }
            ("MAIL", Mood::WantsASignIn) => b"530 5.7.0 Authentication required\r\n",
            ("MAIL", Mood::RefusesTheSender) => b"550 5.1.1 Who is that?\r\n",
            ("RCPT", Mood::IsFull) => b"552 5.2.2 Mailbox full\r\n",
            ("RCPT", Mood::BlocksByPolicy) => b"550 5.7.1 Blocked by policy\r\n",
            ("RCPT", Mood::RefusesForGood) => b"550 5.1.1 No such user here\r\n",
            ("RCPT", Mood::RefusesForNow) => b"451 4.2.0 Mailbox busy, try later\r\n",
            ("RCPT", Mood::Hangs) => {
                // Nothing more is said; the other side gives up or goes away.
                for _ in lines.by_ref() {}
                return Ok(());
            }
            ("DATA", _) => {
                out.write_all(b"354 Go on\r\n")?;
                let mut letter = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    letter.push_str(&line);
                    letter.push('\n');
                    if mood == Mood::HangsUpInData {
                        return Ok(());
                    }
                }
                if mood == Mood::AnswersTooLate {
                    // Until the other side has given up, or says something else meanwhile.
                    lines.next();
                }
                taken.lock().unwrap().push(letter);
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
async fn send_one(site: &Site) {
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Please call me.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

fn message_id(letter: &str) -> String {
    letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
}

const STATE: &str = "SELECT state || ' ' || attempts || ' ' || coalesce(last_error, '-') FROM outbox";

#[actix_web::test]
async fn a_server_that_accepts_gets_every_letter_once() {
    let server = MailServer::start(Mood::Accepts);
    let site = Site::start_by_smtp(&server.url).await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    site.try_letters().await;
    site.pass_hours(200);
    site.try_letters().await;
    let taken = server.taken();
    assert_eq!(taken.len(), 2, "{taken:#?}");
    assert_ne!(message_id(&taken[0]), message_id(&taken[1]));
    assert!(taken.iter().all(|letter| letter.contains("multipart/alternative") && letter.contains("From: ")));
    assert_eq!(
        site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND attempts = 1 AND sent_by = 'smtp'").await,
        2
    );
}

#[actix_web::test]
async fn a_letter_refused_for_good_is_given_up_at_once_and_shown() {
    let server = MailServer::start(Mood::RefusesForGood);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    site.try_letters().await;
    let state = site.text(STATE).await;
    assert!(state.starts_with("failed 1 ") && state.contains("No such user here"), "{state}");
    let staff = site.staff(Role::Writer).await;
    assert!(staff.get("/admin").await.first(".alarm").contains("1 letter could not be sent"));
    let mail = staff.get("/admin/mail").await;
    assert!(mail.first("tbody tr").contains("failed") && mail.first("tbody tr").contains("No such user here"));
    server.becomes(Mood::Accepts);
    let again = mail.attributes("tbody form", "action");
    let page = staff.post_and_follow(&again[0], &[]).await;
    assert!(page.first(".flash").contains("being sent again"));
    site.try_letters().await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(site.text(STATE).await, "sent 1 -");
}

#[actix_web::test]
async fn a_letter_refused_for_now_is_tried_with_growing_pauses_for_five_days() {
    let server = MailServer::start(Mood::RefusesForNow);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    let mut attempts_at = vec![];
    let (mut minutes, mut seen) = (0, 0);
    while site.text("SELECT state FROM outbox").await == "queued" {
        site.try_letters().await;
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
    assert!(site.text(STATE).await.contains("Mailbox busy"));
}

#[actix_web::test]
async fn a_letter_keeps_its_message_id_through_every_attempt() {
    let server = MailServer::start(Mood::HangsUpInData);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    site.try_letters().await;
    let state = site.text(STATE).await;
    assert!(state.starts_with("queued 1 ") && !state.ends_with('-'), "{state}");
    server.becomes(Mood::Accepts);
    site.pass_hours(1);
    site.try_letters().await;
    assert_eq!(server.taken().len(), 1);
    let kept = site.text("SELECT message_id FROM outbox").await;
    assert_eq!(message_id(&server.taken()[0]), format!("Message-ID: <{kept}>"));
}

#[actix_web::test]
async fn a_server_that_wants_a_sign_in_costs_no_letter() {
    let server = MailServer::start(Mood::WantsASignIn);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    site.try_letters().await;
    assert_eq!(site.text(STATE).await, "queued 0 -", "the operator will correct the settings");
}

#[actix_web::test]
async fn what_a_server_says_before_the_recipient_is_named_costs_no_letter() {
    for mood in [Mood::IsOutOfService, Mood::RefusesTheSender] {
        let server = MailServer::start(mood);
        let site = Site::start_by_smtp(&server.url).await;
        send_one(&site).await;
        site.try_letters().await;
        assert_eq!(site.text(STATE).await, "queued 0 -", "it is no attempt of the e-mail");
        server.becomes(Mood::Accepts);
        site.pass_hours(1);
        site.try_letters().await;
        assert_eq!(server.taken().len(), 1);
        assert_eq!(site.count("SELECT count(*) FROM refused_addresses").await, 0, "it was not the address");
    }
}

#[actix_web::test]
async fn letters_that_wait_together_go_out_over_one_connection() {
    let server = MailServer::start(Mood::RefusesForNow);
    let site = Site::start_by_smtp(&server.url).await;
    for name in ["Ali", "Sana", "Omar", "Hina", "Bilal"] {
        let fields = [("name", name), ("phone", "0300 1234567"), ("message", "Please call me.")];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    }
    site.try_letters().await;
    let before = server.connections.load(Ordering::SeqCst);
    site.pass_hours(1);
    server.becomes(Mood::RefusesForGood);
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'failed'").await, 5);
    assert_eq!(server.connections.load(Ordering::SeqCst) - before, 1, "a refusal is no reason to ring again");
    server.becomes(Mood::Accepts);
    let writer = site.staff(Role::Writer).await;
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "5 letters are being sent again.");
    site.try_letters().await;
    assert_eq!((server.taken().len(), site.count("SELECT count(*) FROM outbox WHERE state = 'sent'").await), (5, 5));
    assert_eq!(server.connections.load(Ordering::SeqCst) - before, 2);
    let ids: std::collections::BTreeSet<String> = server.taken().iter().map(|letter| message_id(letter)).collect();
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
async fn an_address_that_is_refused_for_good_is_marked_until_it_takes_a_letter_or_staff_say_so() {
    let server = MailServer::start(Mood::RefusesForGood);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    site.try_letters().await;
    let marked = "SELECT coalesce(group_concat(address || ' ' || since || ' ' || reason), '-') FROM refused_addresses";
    let mark = "inbox@example.com 2026-11-22T09:00:00Z 550 5.1.1 No such user here";
    assert_eq!(site.text(marked).await, mark);
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/mail", "/admin/mail/1"] {
        let page = writer.get(path).await;
        assert!(page.text.contains("No such user here") && page.text.contains("The address works again"), "{path}");
    }
    // It is still written to, and a letter that it takes clears it.
    server.becomes(Mood::Accepts);
    writer.post("/admin/mail/retry", &[]).await;
    site.try_letters().await;
    assert_eq!((server.taken().len(), site.text(marked).await), (1, "-".into()));
    assert!(!writer.get("/admin/mail/1").await.text.contains("The address works again"));

    server.becomes(Mood::RefusesForGood);
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.try_letters().await;
    assert_ne!(site.text(marked).await, "-");
    let address = [("address", "INBOX@example.com")];
    let page = writer.post_and_follow("/admin/mail/refused-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "INBOX@example.com counts as working again.");
    assert_eq!(site.text(marked).await, "-");
    let page = writer.post_and_follow("/admin/mail/refused-addresses/removal", &address).await;
    assert_eq!(page.first(".flash"), "This address is not marked.");
    let deed = "SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(deed).await, "Test writer: marked an address as working again: I***@example.com");
}

#[actix_web::test]
async fn a_full_mailbox_a_policy_or_a_quota_is_tried_again_later_and_marks_nobody() {
    for mood in [Mood::IsFull, Mood::BlocksByPolicy, Mood::IsOverItsQuota] {
        let server = MailServer::start(mood);
        let site = Site::start_by_smtp(&server.url).await;
        send_one(&site).await;
        site.try_letters().await;
        assert!(site.text(STATE).await.starts_with("queued 1 5"), "{}", site.text(STATE).await);
        assert_eq!(site.count("SELECT count(*) FROM refused_addresses").await, 0);
        server.becomes(Mood::Accepts);
        site.clock.advance(SignedDuration::from_mins(1));
        site.try_letters().await;
        assert_eq!(server.taken().len(), 1);
    }
}

#[actix_web::test]
async fn a_server_that_hangs_stops_neither_forms_nor_the_letter_for_good() {
    let server = MailServer::start(Mood::Hangs);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    // The sender is in the middle of it now, or soon: writing goes on, since no transaction is open meanwhile.
    let fields = [("name", "Sana"), ("phone", "0300 7654321"), ("message", "Me too.")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 2);
    let before = std::time::Instant::now();
    site.try_letters().await;
    site.try_letters().await;
    assert!(before.elapsed() < Duration::from_millis(3500), "it is waited for once, and not for each e-mail");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 0").await, 2);
    server.becomes(Mood::Accepts);
    site.clock.advance(SignedDuration::from_secs(15));
    site.try_letters().await;
    assert_eq!(server.taken().len(), 2);
}

#[actix_web::test]
async fn a_letter_given_up_in_the_middle_leaves_no_answer_for_the_next_to_take_for_its_own() {
    let server = MailServer::start(Mood::AnswersTooLate);
    let site = Site::start_by_smtp(&server.url).await;
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Hello")];
    site.visitor().post("/contact", &fields).await;
    site.try_letters().await;
    site.clock.advance(SignedDuration::from_secs(15));
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 1").await, 2);
    assert_eq!(server.connections.load(Ordering::SeqCst), 2, "the second has another connection");
}

#[actix_web::test]
async fn a_letter_put_back_while_an_attempt_is_under_way_is_tried_again_at_once() {
    let server = MailServer::start(Mood::Hangs);
    let site = Site::start_by_smtp(&server.url).await;
    let writer = site.staff(Role::Writer).await;
    send_one(&site).await;
    let mend = async {
        until("a connection", async || server.connections.load(Ordering::SeqCst) > 0).await;
        site.clock.advance(SignedDuration::from_secs(5));
        assert_eq!(writer.post("/admin/mail/retry", &[]).await.status, 303);
        server.becomes(Mood::Accepts);
    };
    tokio::join!(site.try_letters(), mend);
    site.try_letters().await;
    assert_eq!((server.taken().len(), site.text(STATE).await), (1, "sent 1 -".into()));
}

#[actix_web::test]
async fn letters_come_from_the_sender_that_the_record_names_when_they_are_sent() {
    let server = MailServer::start(Mood::RefusesForNow);
    let site = Site::start_by_smtp(&server.url).await;
    send_one(&site).await;
    site.try_letters().await;
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
    server.becomes(Mood::Accepts);
    site.pass_hours(1);
    site.try_letters().await;
    assert!(server.taken()[0].contains("desk@firm.example.com"), "{:#?}", server.taken());
}

#[actix_web::test]
async fn a_letter_that_went_out_is_not_sent_again_because_it_could_not_be_noted() {
    let site = Site::start().await;
    site.run("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(FAIL, 'the disk is full'); END").await;
    send_one(&site).await;
    let mend = async {
        until("the letter", async || !site.mailbag.letters().is_empty()).await;
        for _ in 0..50 {
            assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued'").await, 1);
        }
        site.run("DROP TRIGGER full").await;
    };
    tokio::join!(site.try_letters(), mend);
    site.try_letters().await;
    assert_eq!(site.mailbag.letters().len(), 1);
    assert_eq!(site.text(STATE).await, "sent 1 -");
}

/// What every page of the desk says of the mail, if anything.
async fn alarms(staff: &crate::support::Visitor) -> Vec<String> {
    let mut said = vec![];
    for path in STAFF_PAGES.into_iter().filter(|path| *path != "/admin/mail/1") {
        let page = staff.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.attributes("main > .alarm a", "href").len(), page.all("main > .alarm").len(), "{path}");
        said.push(page.all("main > .alarm").join(" | "));
    }
    said.dedup();
    said
}

#[actix_web::test]
async fn late_or_failed_mail_is_a_banner_on_every_staff_page_and_a_line_for_machines() {
    let server = MailServer::start(Mood::RefusesForNow);
    let site = Site::start_by_smtp(&server.url).await;
    let admin = site.staff(Role::Admin).await;
    let ready = async || {
        let page = site.visitor().get("/health/ready").await;
        assert_eq!(page.status, 200, "late mail is no reason to turn visitors away");
        page.text.split_inclusive('\n').filter(|line| !line.starts_with("backup")).collect::<String>()
    };
    assert_eq!((alarms_on(&admin).await, ready().await), (vec![], "ready\noutbox: empty\n".to_owned()));
    send_one(&site).await;
    site.try_letters().await;
    site.clock.advance(SignedDuration::from_mins(15));
    site.try_letters().await;
    assert_eq!(alarms(&admin).await, [""]);
    assert_eq!(ready().await, "ready\noutbox: 1 waiting, oldest 15 minutes\n");
    assert_eq!(admin.get("/admin/mail").await.first(".standing"), "1 letter waits to be sent, for 15 minutes.");
    site.clock.advance(SignedDuration::from_mins(1));
    let late = "1 letter waits to be sent, for 16 minutes. Look at the mail";
    assert_eq!(alarms(&admin).await, [late]);
    assert_eq!(admin.get("/admin").await.all("[role=alert]"), [late]);
    assert_eq!(admin.get("/admin/posts").await.all("[role=alert]"), Vec::<String>::new());
    assert_eq!(ready().await, "ready\noutbox: 1 waiting, oldest 16 minutes\nmail is late\n");
    server.becomes(Mood::RefusesForGood);
    site.pass_hours(1);
    site.try_letters().await;
    assert_eq!(alarms(&admin).await, ["1 letter could not be sent. Look at the mail"]);
    assert_eq!(ready().await, "ready\noutbox: empty\n1 letter failed\n");
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first(".standing"), "1 letter could not be sent.");
    assert_eq!(page.all("form[action='/admin/mail/retry'] button"), ["Send all again"]);
    assert!(!site.visitor().get("/admin/sign-in").await.text.contains("could not be sent"), "nobody outside learns it");
    server.becomes(Mood::Accepts);
    admin.post("/admin/mail/retry", &[]).await;
    site.try_letters().await;
    admin.get("/admin").await;
    assert_eq!(alarms(&admin).await, [""]);
    let page = admin.get("/admin/mail").await;
    assert_eq!(page.first(".standing"), "No e-mail is waiting, and none needs attention.");
    assert_eq!(page.all("form[action='/admin/mail/retry']").len(), 0);
}

/// The banners of the front page alone.
async fn alarms_on(staff: &crate::support::Visitor) -> Vec<String> {
    staff.get("/admin").await.all(".alarm")
}

#[actix_web::test]
async fn letters_written_as_files_raise_no_alarm_and_are_not_sent_again_with_the_others() {
    let site = Site::start_writing_files().await;
    send_one(&site).await;
    site.try_letters().await;
    site.pass_hours(2);
    let writer = site.staff(Role::Writer).await;
    assert_eq!(alarms_on(&writer).await, Vec::<String>::new());
    let page = writer.post_and_follow("/admin/mail/retry", &[]).await;
    assert_eq!(page.first(".flash"), "No e-mail is waiting, and none needs attention.");
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND sent_by = 'file'").await, 1);
}

/// Another site on the database of the first, with a mailbag of its own.
async fn neighbour(site: &Site, mailbag: &Mailbag) -> Running {
    let transport = Transport::Memory(mailbag.clone());
    app::start(config(&site.dir, &["--staff-inbox", "inbox@example.com"]), site.clock.clone(), transport).await.unwrap()
}

async fn try_letters_of(running: &Running) {
    let (_keep, stop) = watch::channel(false);
    running.sender.deliver_due(&stop).await.unwrap();
}

#[actix_web::test]
async fn while_one_sender_has_a_letter_under_way_no_other_touches_the_outbox() {
    let server = MailServer::start(Mood::Hangs);
    let site = Site::start_by_smtp(&server.url).await;
    let mailbag = Mailbag::default();
    let other = neighbour(&site, &mailbag).await;
    send_one(&site).await;
    let look = async {
        until("a letter under way", async || {
            site.count("SELECT count(*) FROM mail_sender").await > 0 && server.connections.load(Ordering::SeqCst) > 0
        })
        .await;
        try_letters_of(&other).await;
        assert_eq!(mailbag.letters().len(), 0, "it is the other's turn");
        assert!(site.text(STATE).await.starts_with("queued 0 "));
    };
    tokio::join!(site.try_letters(), look);
    assert_eq!(site.count("SELECT count(*) FROM mail_sender").await, 0, "given back when the work is done");
    site.pass_hours(1);
    try_letters_of(&other).await;
    // The first has its turn as well as the second, and the server still hangs.
    for _ in 0..24 {
        if site.text("SELECT state FROM outbox").await != "queued" {
            break;
        }
        site.pass_hours(1);
        try_letters_of(&other).await;
    }
    assert_eq!(mailbag.letters().len(), 1);
    other.stop().await.unwrap();
}

#[actix_web::test]
async fn the_lease_of_a_sender_that_fell_silent_is_taken_over_after_twenty_seconds() {
    let site = Site::start().await;
    // A process in another container, of which nothing can be known but what it says.
    site.run(
        "INSERT INTO mail_sender (id, holder, renewed_at) VALUES (1, 'boot pid:[1] 7 99 t', '2026-11-22T09:00:00Z')",
    )
    .await;
    send_one(&site).await;
    assert_eq!(site.letters().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(19));
    assert_eq!(site.letters().await.len(), 0);
    site.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(site.letters().await.len(), 1);
}

#[actix_web::test]
async fn two_sites_on_one_database_send_every_letter_once() {
    let site = Site::start().await;
    let mailbag = Mailbag::default();
    let other = neighbour(&site, &mailbag).await;
    let second = crate::support::Visitor { client: site.visitor().client, base: format!("http://{}", other.address) };
    let first = site.visitor();
    for n in 0..10 {
        let (one, two) = (format!("Question {n}"), format!("Another question {n}"));
        let fields = |message| [("name", "Ali"), ("phone", "0300 1234567"), ("message", message)];
        let (one, two) = (fields(&*one), fields(&*two));
        let (a, b) = tokio::join!(first.post("/contact", &one), second.post("/contact", &two));
        assert_eq!((a.status, b.status), (303, 303));
        tokio::join!(site.try_letters(), try_letters_of(&other));
    }
    while site.count("SELECT count(*) FROM outbox WHERE state <> 'sent'").await > 0 {
        tokio::join!(site.try_letters(), try_letters_of(&other));
    }
    let letters: Vec<String> =
        site.mailbag.letters().into_iter().chain(mailbag.letters()).map(|letter| letter.source).collect();
    let ids: std::collections::BTreeSet<String> = letters.iter().map(|letter| message_id(letter)).collect();
    assert_eq!((letters.len(), ids.len()), (20, 20), "no letter twice, none missing");
    assert_eq!(site.count("SELECT max(attempts) FROM outbox").await, 1);
    other.stop().await.unwrap();
}

/// Tries a letter that somebody erases after it was read and before it is handed over.
async fn send_while_it_is_erased(site: &Site, transport: Transport) {
    site.letters().await;
    // Due for this sender alone, whose clock is a day ahead.
    site.run("UPDATE outbox SET state = 'queued', sent_at = NULL, next_attempt_at = '2026-11-23T08:00:00Z'").await;
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
    let clock = Clock::standing_at("2026-11-23T09:00:00Z".parse().unwrap());
    let sender = Sender::new(site.running.db.clone(), clock, transport, from, Wake::default(), 600);
    let (_keep, stop) = watch::channel(false);
    sender.deliver_due(&stop).await.unwrap();
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn a_letter_that_is_erased_under_way_leaves_no_file() {
    let site = Site::start().await;
    send_one(&site).await;
    let letters = tempfile::tempdir().unwrap();
    send_while_it_is_erased(&site, Transport::Files(letters.path().to_owned())).await;
    assert_eq!(std::fs::read_dir(letters.path()).unwrap().count(), 0);
}

#[actix_web::test]
async fn a_letter_that_is_erased_under_way_marks_no_address() {
    let site = Site::start().await;
    send_one(&site).await;
    let server = MailServer::start(Mood::RefusesForGood);
    send_while_it_is_erased(&site, Transport::smtp(&server.url).unwrap()).await;
    assert!(server.connections.load(Ordering::SeqCst) > 0, "it was tried");
    assert_eq!(site.count("SELECT count(*) FROM refused_addresses").await, 0);
}
