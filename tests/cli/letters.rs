//! Letters of the real program: as files where there is no mail server, and each once whatever dies when.

use std::collections::BTreeSet;

use crate::program::{Home, Serving, until};
use crate::smtp::{Silent, Sink};

/// Sends the contact form.
pub async fn send_a_message(site: &Serving) {
    let fields = [("name", "Ayesha Khan"), ("email", "ayesha@example.org"), ("message", "Is my occupation listed?")];
    let page = site.visitor().post("/contact", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// The letters that were written as files, once there are so many.
pub async fn files(home: &Home, count: usize) -> Vec<String> {
    until("letters in files", async || {
        let mut letters = vec![];
        for entry in std::fs::read_dir(home.data().join("mail")).ok()? {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "eml") {
                letters.push(std::fs::read_to_string(path).unwrap());
            }
        }
        (letters.len() >= count).then_some(letters)
    })
    .await
}

#[actix_web::test]
async fn without_a_mail_server_letters_are_written_as_files() {
    let home = Home::new();
    let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com"), ("MAIL_FROM", "desk@example.com")]).await;
    send_a_message(&site).await;
    let letters = files(&home, 2).await;
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| header(letter, "From").contains("desk@example.com")), "{letters:?}");
    let recipients: BTreeSet<&str> = letters.iter().map(|letter| header(letter, "To")).collect();
    assert_eq!(recipients, ["ayesha@example.org", "inbox@example.com"].into());
    assert_eq!(message_ids(&letters), in_outbox(&home).await);
    assert!(site.stop().await.success());
    let states = home.texts("SELECT state FROM outbox").await;
    assert_eq!(states, ["sent", "sent"]);
}

#[actix_web::test]
async fn a_site_killed_between_commit_and_sending_sends_every_letter_once_when_it_is_back() {
    let home = Home::new();
    let inbox = ("STAFF_INBOX", "first@example.com, second@example.com");
    let silent = Silent::start();
    let mut site = home.serve(&[inbox, ("SMTP_URL", &silent.url)]).await;
    send_a_message(&site).await;
    until("the sender at the mail server's door", async || (silent.connections() > 0).then_some(())).await;
    site.kill();
    let waiting = "SELECT state || ' ' || attempts FROM outbox";
    assert_eq!(home.texts(waiting).await, ["queued 0", "queued 0", "queued 0"]);

    let sink = Sink::start();
    for _ in 0..2 {
        let mut site = home.serve(&[inbox, ("SMTP_URL", &sink.url)]).await;
        let sent = "SELECT group_concat(state) FROM outbox";
        until("the letters to go out", async || (home.texts(sent).await == ["sent,sent,sent"]).then_some(())).await;
        assert!(site.stop().await.success());
        let letters = sink.letters();
        assert_eq!(letters.len(), 3, "each once, and never again at a later start");
        assert_eq!(message_ids(&letters), in_outbox(&home).await);
        let recipients: BTreeSet<&str> = letters.iter().map(|letter| header(letter, "To")).collect();
        assert_eq!(recipients, ["ayesha@example.org", "first@example.com", "second@example.com"].into());
    }
    assert_eq!(home.texts("SELECT reference FROM inquiries").await.len(), 1);
}

fn header<'a>(letter: &'a str, name: &str) -> &'a str {
    let head = letter.split("\n\n").next().unwrap_or_default();
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {head}")).trim()
}

/// The letters' Message-IDs, none of them twice.
fn message_ids(letters: &[String]) -> BTreeSet<String> {
    let ids: BTreeSet<String> =
        letters.iter().map(|letter| header(letter, "Message-ID").trim_matches(['<', '>']).to_owned()).collect();
    assert_eq!(ids.len(), letters.len());
    ids
}

async fn in_outbox(home: &Home) -> BTreeSet<String> {
    home.texts("SELECT message_id FROM outbox").await.into_iter().collect()
}
