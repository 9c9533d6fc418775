//! Litestream: replicated data can be restored elsewhere, and erased data disappear.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::external_process::{ExternalProcess, find_program};
use crate::program::{Home, SiteProcess, address_in, until};
use crate::support::{PASSWORD, Visitor};

/// Number of concurrent senders.
const SENDERS: usize = 4;
/// Interval at which the site truncates its write-ahead log.
const WAL_TRUNCATE_TIMEOUT: Duration = Duration::from_secs(80);

/// Litestream with the example settings.
struct Litestream {
    program: PathBuf,
    /// Directory of the replica.
    replica: TempDir,
}

impl Litestream {
    /// `None` if it is not installed. `.ci/run` installs it under `target`.
    fn find() -> Option<Self> {
        let own = ["x64", "arm64"].iter().find_map(|machine| {
            let package = format!("target/litestream/node_modules/@flydotio/litestream-linux-{machine}/litestream");
            Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(package)).filter(|file| file.is_file())
        });
        let program = own.or_else(|| find_program("litestream", "npm: @flydotio/litestream; .ci/run says how"))?;
        Some(Self { program, replica: tempfile::tempdir().unwrap() })
    }

    fn command(&self, name: &str, home: &Home) -> Command {
        let mut command = Command::new(&self.program);
        let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/litestream/litestream.yml");
        command.env("DATA_DIR", home.data()).env("REPLICA", self.replica.path());
        command.arg(name).arg("-config").arg(settings);
        command
    }

    fn start(&self, home: &Home) -> ExternalProcess {
        ExternalProcess::start(&mut self.command("replicate", home), home.dir.path().join("litestream.log"))
    }

    /// Restores the database of `home` as `file`. Returns false if there is no replica yet.
    fn restore(&self, home: &Home, file: &Path) -> bool {
        let done = self.command("restore", home).arg("-o").arg(file).arg(home.data().join("site.db")).output().unwrap();
        done.status.success() && file.is_file()
    }

    /// Texts of all inquiries in the replica.
    async fn replicated_messages(&self, home: &Home) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("site.db");
        if self.restore(home, &file) { texts(&file, "SELECT message FROM inquiries").await } else { vec![] }
    }
}

/// First column of a query on a closed database.
async fn texts(file: &Path, sql: &'static str) -> Vec<String> {
    let mut db = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let texts = sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    texts
}

/// Acknowledged inquiries: text and receipt address.
type Acknowledged = Rc<RefCell<BTreeMap<String, String>>>;

/// Sends one form after another until the site stops responding.
async fn keep_sending(visitor: Visitor, sender: usize, acknowledged: Acknowledged) {
    for number in 0.. {
        let (text, email) = (format!("Question {number} of sender {sender}."), format!("sender-{sender}@example.org"));
        let fields = [("name", "A sender"), ("email", email.as_str()), ("message", text.as_str())];
        let sent = visitor.client.post(format!("{}/contact", visitor.base)).form(&fields).send().await;
        let Ok(answer) = sent else { return };
        assert_eq!(answer.status().as_u16(), 303);
        acknowledged.borrow_mut().insert(text, answer.headers()["location"].to_str().unwrap().to_owned());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Prepares `DATA_DIR` on another machine as described in `deploy/README.md`.
fn restore_on_another_machine(litestream: &Litestream, lost: &Home, secret: &[u8]) -> Home {
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    assert!(litestream.restore(lost, &home.data().join("site.db")));
    std::fs::write(home.data().join("secret"), secret).unwrap();
    home
}

#[actix_web::test]
async fn replicated_data_can_be_restored_on_another_machine() {
    let Some(litestream) = Litestream::find() else { return };
    let (home, acknowledged) = (Home::new(), Acknowledged::default());
    let settings = [("STAFF_INBOX", "inbox@example.com")];
    let mut site = home.serve(&settings).await;
    let secret = std::fs::read(home.data().join("secret")).unwrap();
    let mut copying = litestream.start(&home);
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| actix_web::rt::spawn(keep_sending(site.visitor(), sender, acknowledged.clone())))
        .collect();

    // Three times, so that incremental replication is used.
    let mut copied = vec![];
    for round in 1..=3 {
        until("inquiries", async || (acknowledged.borrow().len() >= round * 20).then_some(())).await;
        copied = acknowledged.borrow().keys().cloned().collect();
        until("a replica with the inquiries", async || {
            let held = litestream.replicated_messages(&home).await;
            copied.iter().all(|text| held.contains(text)).then_some(())
        })
        .await;
    }
    let more = acknowledged.borrow().len() + 5;
    until("more acknowledged inquiries", async || (acknowledged.borrow().len() >= more).then_some(())).await;
    site.kill();
    copying.kill();
    for sender in senders {
        sender.await.unwrap();
    }

    let given = home.texts("SELECT reference FROM inquiries").await;
    let there = restore_on_another_machine(&litestream, &home, &secret);
    let file = there.data().join("site.db");
    assert_eq!(texts(&file, "PRAGMA integrity_check").await, ["ok"]);
    let held = texts(&file, "SELECT message FROM inquiries").await;
    let acknowledged = acknowledged.take();
    let lost = acknowledged.keys().filter(|text| !held.contains(text)).count();
    println!("{} acknowledged, {} of them surely copied, {lost} lost", acknowledged.len(), copied.len());

    let mut site = there.serve(&settings).await;
    let visitor = site.visitor();
    for text in &copied {
        let page = visitor.get(&acknowledged[text]).await;
        assert!(page.status == 200 && page.first("article").contains(text.as_str()), "{text}: {}", page.status);
    }
    let fields = [("name", "The next"), ("email", "next@example.org"), ("message", "Are you back?")];
    assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    assert!(site.stop().await.success());
    let references = there.texts("SELECT reference FROM inquiries ORDER BY reference").await;
    assert_eq!(references.len(), held.len() + 1);
    // References that were lost with the machine are not reused.
    let next = references.last().unwrap();
    assert!(!given.contains(next) && given.iter().all(|before| before < next), "{next} after {given:?}");
}

#[actix_web::test]
async fn erased_data_leaves_the_replica_and_then_the_wal() {
    let Some(litestream) = Litestream::find() else { return };
    let home = Home::new();
    let site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
    let admin = admin(&site).await;
    let mut copying = litestream.start(&home);
    for (name, text) in [("Zarqa", "Zarqa-Unmistakable asks."), ("Bilal", "Bilal-Unmistakable asks.")] {
        let email = format!("{name}@example.org");
        let fields = [("name", name), ("email", email.as_str()), ("message", text)];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    }
    until("a replica with both inquiries", async || {
        (litestream.replicated_messages(&home).await.len() == 2).then_some(())
    })
    .await;

    let person = [("q", "Zarqa@example.org"), ("again", "Zarqa@example.org"), ("inquiry-1", "yes")];
    assert_eq!(admin.post("/admin/inquiries/people/erasure", &person).await.status, 303);
    assert_eq!(home.texts("SELECT message FROM inquiries").await, ["Bilal-Unmistakable asks."]);
    until("a replica without the erased person", async || {
        (litestream.replicated_messages(&home).await == ["Bilal-Unmistakable asks."]).then_some(())
    })
    .await;

    copying.stop();
    let stopped = Instant::now();
    while is_readable(&home, "Zarqa-Unmistakable") {
        assert!(stopped.elapsed() < WAL_TRUNCATE_TIMEOUT, "the database or its log still contains it");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let again = litestream.start(&home);
    let fields = [("name", "Later"), ("email", "later@example.org"), ("message", "And later?")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    until("a replica with the later inquiry", async || {
        (litestream.replicated_messages(&home).await == ["Bilal-Unmistakable asks.", "And later?"]).then_some(())
    })
    .await;
    drop(again);
}

/// Whether the database or its log contains this text.
fn is_readable(home: &Home, words: &str) -> bool {
    ["site.db", "site.db-wal"].iter().any(|name| {
        let bytes = std::fs::read(home.data().join(name)).unwrap_or_default();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

async fn admin(site: &SiteProcess) -> Visitor {
    let line = site.log_line("/admin/set-up/").unwrap();
    let path = address_in(&line).strip_prefix(&site.address).unwrap().to_owned();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    let visitor = site.visitor();
    assert_eq!(visitor.post(&path, &fields).await.status, 303);
    assert_eq!(visitor.post("/admin/sign-in", &fields[1..]).await.status, 303);
    visitor
}
