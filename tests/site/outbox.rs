//! Letters go out once, are tried again while that may help, and are shown when they fail: against a real SMTP server.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use immigration_experts::staff::Role;

use crate::support::Site;

/// How the server treats a letter.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Accepts,
    RefusesForGood,
    RefusesForNow,
    HangsUpInData,
    Hangs,
    WantsASignIn,
}

/// A mail server on loopback that keeps what it took.
struct MailServer {
    url: String,
    mood: Arc<Mutex<Mood>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            mood: Arc::new(Mutex::new(mood)),
            taken: Arc::default(),
        };
        let (mood, taken) = (server.mood.clone(), server.taken.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mood, taken) = (mood.clone(), taken.clone());
                // A connection that breaks off is what some of these tests are about.
                thread::spawn(move || talk(stream.unwrap(), &mood, &taken).ok());
            }
        });
        server
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn talk(stream: TcpStream, mood: &Mutex<Mood>, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut out = stream;
    out.write_all(b"220 mail.example ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let mood = *mood.lock().unwrap();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer: &[u8] = match (verb.as_str(), mood) {
            ("EHLO", _) => b"250 mail.example\r\n",
            ("MAIL", Mood::WantsASignIn) => b"530 5.7.0 Authentication required\r\n",
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
        site.clock.advance(jiff::SignedDuration::from_mins(step));
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
    assert!(site.text(STATE).await.starts_with("queued 1 "), "the operator will mend the settings");
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
    site.try_letters().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND attempts = 1").await, 2);
    server.becomes(Mood::Accepts);
    site.pass_hours(1);
    site.try_letters().await;
    assert_eq!(server.taken().len(), 2);
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
        while site.mailbag.letters().is_empty() {
            tokio::task::yield_now().await;
        }
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
