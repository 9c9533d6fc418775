//! Kills the site at random moments while forms are sent. Acknowledged inquiries survive, their e-mails are sent, and
//! references have neither gaps nor duplicates.
//!
//! `KILL_ROUNDS=100 cargo test --test cli crash` runs it longer. A failure prints its seed, and `KILL_SEED=…` repeats the
//! random choices, though not the timing.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::program::{Home, SiteProcess, until};
use crate::support::Visitor;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

/// Number of concurrent senders.
const SENDERS: usize = 8;

fn env_number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// Acknowledged inquiries: receipt address and expected text.
type Acknowledged = Rc<RefCell<BTreeMap<String, String>>>;

/// Sends one form after another until the site stops responding.
async fn keep_sending(visitor: Visitor, who: String, count: Rc<Cell<u64>>, acknowledged: Acknowledged) {
    for number in 0.. {
        let text = format!("{who}, message {number}.");
        // Different addresses: one address gets three acknowledgements a day.
        let email = format!("{}-{number}@example.org", who.replace(' ', "-"));
        let fields = [("name", who.as_str()), ("email", email.as_str()), ("message", text.as_str())];
        let sent = visitor.client.post(format!("{}/contact", visitor.base)).form(&fields).send().await;
        let Ok(answer) = sent else { return };
        assert_eq!(answer.status().as_u16(), 303, "{who}");
        let receipt = answer.headers()["location"].to_str().unwrap().to_owned();
        acknowledged.borrow_mut().insert(receipt, text);
        count.set(count.get() + 1);
    }
}

/// Sends concurrently and kills the site after a number of acknowledgements.
async fn kill_while_sending(site: &mut SiteProcess, round: u64, after: u64, acknowledged: &Acknowledged) {
    let count = Rc::new(Cell::new(0));
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let who = format!("Person {round} {sender}");
            let sending = keep_sending(site.visitor(), who, count.clone(), acknowledged.clone());
            actix_web::rt::spawn(sending)
        })
        .collect();
    until("enough receipts", async || (count.get() >= after).then_some(())).await;
    site.kill();
    for sender in join_all(senders).await {
        sender.unwrap();
    }
}

#[actix_web::test]
async fn acknowledged_inquiries_and_emails_survive_a_kill() {
    let seed = env_number("KILL_SEED", u64::from(std::process::id()));
    println!("KILL_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (home, sink, acknowledged) =
        (Home::new(), FakeSmtpServer::start(SmtpBehaviour::Accepts), Acknowledged::default());
    let settings = [("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", sink.url.as_str()), ("MAIL_RATE", "60000")];
    for round in 0..env_number("KILL_ROUNDS", 4) {
        let mut site = home.serve(&settings).await;
        kill_while_sending(&mut site, round, random.random_range(1..40), &acknowledged).await;
    }
    let mut site = home.serve(&settings).await;
    let (visitor, acknowledged) = (site.visitor(), acknowledged.take());
    for (receipt, text) in &acknowledged {
        let page = visitor.get(receipt).await;
        assert_eq!(page.status, 200, "{receipt}: {text}");
        assert!(page.first("article").contains(text), "{text}");
    }
    let unsent = "SELECT message_id FROM outbox WHERE state <> 'sent'";
    let mut waiting = home.texts(unsent).await.len();
    while waiting > 0 {
        // After a hundred rounds there are thousands. It is enough that the number falls.
        waiting = until("e-mails to be sent", async || {
            let left = home.texts(unsent).await.len();
            (left < waiting).then_some(left)
        })
        .await;
    }
    assert!(site.stop().await.success());

    let references = home.texts("SELECT reference FROM inquiries ORDER BY reference").await;
    let year = references[0][..8].to_owned();
    let expected: Vec<String> = (1..=references.len()).map(|number| format!("{year}{number:06}")).collect();
    assert_eq!(references, expected, "references have no gaps or duplicates");
    assert!(references.len() >= acknowledged.len());
    let queued: BTreeSet<String> = home.texts("SELECT message_id FROM outbox").await.into_iter().collect();
    assert_eq!(queued.len(), references.len() * 2, "two e-mails each, none lost and none duplicated");
    let arrived = sink.received();
    let ids: BTreeSet<String> = arrived.iter().map(|email| message_id(email)).collect();
    assert_eq!(ids, queued, "every e-mail arrived");
    println!(
        "{} acknowledged, {} kept, {} e-mails, {} of them sent again with the same Message-ID after a kill",
        acknowledged.len(),
        references.len(),
        queued.len(),
        arrived.len() - ids.len()
    );
}

fn message_id(email: &str) -> String {
    let line = email.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    line.trim().trim_matches(['<', '>']).to_owned()
}
