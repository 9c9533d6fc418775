//! Two processes with one data directory: both show all changes, and acknowledged inquiries exist once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;

use crate::program::{Home, SiteProcess, address_in, until};
use crate::support::coherence::assert_no_stale_pages;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};
use crate::support::{PASSWORD, Visitor};

/// Sends a number of forms until the site stops responding. Returns the acknowledged ones.
async fn send_to(visitor: Visitor, who: String, count: u32, acknowledged: Rc<RefCell<BTreeSet<String>>>) {
    for number in 0..count {
        let text = format!("{who}, message {number}.");
        let fields = [("name", "Ayesha"), ("phone", "0300 1234567"), ("message", text.as_str())];
        let sent = visitor.client.post(format!("{}/contact", visitor.base)).form(&fields).send().await;
        let Ok(answer) = sent else { return };
        let status = answer.status().as_u16();
        assert_eq!(status, 303, "{text}: {}", answer.text().await.unwrap_or_default());
        acknowledged.borrow_mut().insert(text);
    }
}

/// Admin with an account created in one process, signed in at the other.
async fn admin_of(home: &Home, one: &SiteProcess, other: &SiteProcess) -> Visitor {
    let ended = home.run(&["staff", "add", "ayesha@example.com", "--name", "Ayesha", "--role", "admin"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let path = address_in(&ended.out).split_once("/admin/").unwrap().1.trim().to_owned();
    let set = one.visitor().post(&format!("/admin/{path}"), &[("password", PASSWORD)]).await;
    assert_eq!(set.status, 303, "{}", set.text);
    let admin = other.visitor();
    let signed_in = admin.post("/admin/sign-in", &[("email", "ayesha@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    admin
}

#[actix_web::test]
async fn two_processes_lose_no_data_even_if_one_is_killed() {
    let (home, sink) = (Home::new(), FakeSmtpServer::start(SmtpBehaviour::Accepts));
    let settings = [("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", sink.url.as_str()), ("MAIL_RATE", "60000")];
    let (mut one, mut two) = (home.serve(&settings).await, home.serve(&settings).await);
    let acknowledged = Rc::new(RefCell::new(BTreeSet::new()));
    let senders: Vec<_> = (0..3)
        .flat_map(|who| [(&one, format!("Person {who} at one")), (&two, format!("Person {who} at two"))])
        .map(|(site, who)| actix_web::rt::spawn(send_to(site.visitor(), who, 12, acknowledged.clone())))
        .collect();
    // A change is visible in its own process with the next request, and in the other a moment later.
    let admin = admin_of(&home, &one, &two).await;
    for number in 1..=5 {
        let form = admin.get("/admin/pages/1").await;
        let title = format!("About us, {number}");
        let (summary, body, version) =
            (form.field_value("summary"), form.field_value("body"), form.field_value("version"));
        let fields =
            [("title", title.as_str()), ("summary", &*summary), ("body", &*body), ("version", version.as_str())];
        let saved = admin.post("/admin/pages/1", &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        assert_eq!(two.visitor().get("/about").await.first("h1"), title);
        let shown = async || (one.visitor().get("/about").await.first("h1") == title).then_some(());
        until("the change at the other process", shown).await;
    }
    until("half of the receipts", async || (acknowledged.borrow().len() >= 30).then_some(())).await;
    one.kill();
    for sender in join_all(senders).await {
        sender.unwrap();
    }
    one = home.serve(&settings).await;
    let waiting = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE state <> 'sent'";
    until("the e-mails to be sent", async || (home.texts(waiting).await == ["0"]).then_some(())).await;
    assert!(one.stop().await.success());
    assert!(two.stop().await.success());

    let kept = home.texts("SELECT message FROM inquiries").await;
    let once: BTreeSet<String> = kept.iter().cloned().collect();
    assert_eq!(kept.len(), once.len(), "no inquiry is stored twice");
    let acknowledged = acknowledged.take();
    assert!(acknowledged.len() >= 36, "visitors of the second process were not interrupted: {}", acknowledged.len());
    assert!(acknowledged.is_subset(&once), "missing: {:?}", acknowledged.difference(&once));
    let references = home.texts("SELECT reference FROM inquiries ORDER BY reference").await;
    let year = references[0][..8].to_owned();
    let expected: Vec<String> = (1..=references.len()).map(|number| format!("{year}{number:06}")).collect();
    assert_eq!(references, expected, "references have no gaps or duplicates");
    let queued: BTreeSet<String> = home.texts("SELECT message_id FROM outbox").await.into_iter().collect();
    assert_eq!(queued.len(), references.len(), "an e-mail to staff for each");
    let arrived = sink.received();
    let ids: BTreeSet<String> = arrived.iter().map(|email| message_id(email)).collect();
    assert_eq!(ids, queued, "every e-mail arrived");
    // The e-mail in progress at the kill may have been sent before that could be recorded.
    assert!(arrived.len() <= queued.len() + 1, "{} e-mails for {}", arrived.len(), queued.len());
    assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
}

fn message_id(email: &str) -> String {
    let line = email.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    line.trim().trim_matches(['<', '>']).to_owned()
}

/// Maximum delay of changes by another process on a busy machine.
const MAX_STALENESS: Duration = Duration::from_millis(1500);

#[actix_web::test]
async fn changes_by_another_process_never_leave_stale_pages() {
    let home = Home::new();
    let settings = [("STAFF_INBOX", "inbox@example.com")];
    let (one, two) = (home.serve(&settings).await, home.serve(&settings).await);
    let admin = admin_of(&home, &one, &two).await;
    assert_no_stale_pages(&admin, (0..3).map(|_| two.visitor()), 20, Duration::ZERO, 7).await;
    assert_no_stale_pages(&admin, (0..3).map(|_| one.visitor()), 40, MAX_STALENESS, 8).await;
}
