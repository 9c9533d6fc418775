//! Backups of a running site, and restores on another machine.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::full_disk::can_limit_file_size;
use crate::program::{Home, SiteProcess, until};
use crate::support::{PASSWORD, Visitor};
use crate::usage_errors::assert_one_line_error;

/// Files below a directory with their contents, without the temporary files of SQLite.
pub fn all_files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_files(&path));
        } else if !["-shm", "-wal", "-in-use", "-sender"].iter().any(|end| path.to_str().unwrap().ends_with(end)) {
            let content = std::fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// Sends the contact form and returns the receipt address.
pub async fn send_inquiry(visitor: &Visitor, name: &str, email: &str, text: &str) -> String {
    let page = visitor.post("/contact", &[("name", name), ("email", email), ("message", text)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

async fn first_account(site: &SiteProcess) {
    let line = site.log_line("/admin/set-up/").unwrap();
    let path = crate::program::address_in(&line).strip_prefix(&site.address).unwrap().to_owned();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(site.visitor().post(&path, &fields).await.status, 303);
}

async fn sign_in(site: &SiteProcess) -> Visitor {
    let visitor = site.visitor();
    let fields = [("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post_and_follow("/admin/sign-in", &fields).await.first("h1"), "Dashboard");
    visitor
}

/// Output of a successful command.
#[track_caller]
pub fn stdout_of(ended: &crate::program::CommandOutput) -> &str {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{}", ended.out);
    &ended.out
}

#[actix_web::test]
async fn backup_during_traffic_is_complete_and_restores_elsewhere() {
    let home = Arc::new(Home::new());
    let inbox = [("STAFF_INBOX", "inbox@example.com")];
    let mut site = home.serve(&inbox).await;
    first_account(&site).await;
    let staff = sign_in(&site).await;
    let acknowledged = Rc::new(RefCell::new(vec![]));
    let (is_sending, sent) = (Rc::new(Cell::new(true)), Rc::new(Cell::new(0)));
    let mut senders = vec![];
    for sender in 0..4 {
        let (visitor, acknowledged) = (site.visitor(), acknowledged.clone());
        let (is_sending, sent) = (is_sending.clone(), sent.clone());
        senders.push(actix_web::rt::spawn(async move {
            while is_sending.get() {
                let text = format!("Question {} of {sender}", sent.get());
                let receipt =
                    send_inquiry(&visitor, "Ali", &format!("ali{sender}-{}@example.org", sent.get()), &text).await;
                sent.set(sent.get() + 1);
                acknowledged.borrow_mut().push((receipt, text));
            }
        }));
    }
    until("some receipts", async || (sent.get() > 20).then_some(())).await;
    let before = acknowledged.borrow().clone();
    let made = tokio::task::spawn_blocking({
        let home = home.clone();
        move || home.run(&["backup", "site.tar.gz"], &[])
    });
    let made = made.await.unwrap();
    assert!(stdout_of(&made).starts_with("created and verified site.tar.gz: "), "{}", made.out);
    let during = sent.get() - before.len();
    is_sending.set(false);
    for sender in senders {
        sender.await.unwrap();
    }
    assert!(during > 0, "forms were accepted during the backup");
    site.kill();

    let other = Home::new();
    let file = home.dir.path().join("site.tar.gz");
    let restored = other.run(&["restore", file.to_str().unwrap()], &[]);
    assert_eq!(stdout_of(&restored).lines().count(), 1, "{}", restored.out);
    let mut site = other.serve(&inbox).await;
    let visitor = site.visitor();
    for (receipt, text) in &before {
        let page = visitor.get(receipt).await;
        assert!(page.status == 200 && page.first("article").contains(text), "{text}: {}", page.status);
    }
    for path in crate::support::PUBLIC_PAGES {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    assert_eq!(site.log_line("/admin/set-up/"), None, "the backup contains the accounts");
    let old_session = Visitor { client: staff.client, base: site.address.clone() };
    assert_eq!(old_session.get("/admin").await.status, 303, "sessions end with a restore");
    let staff = sign_in(&site).await;
    assert!(staff.get("/admin/audit").await.text.contains("restored a backup: made at"));
    let unsent = "SELECT message_id FROM outbox WHERE state <> 'sent'";
    until("the e-mails to be sent", async || other.texts(unsent).await.is_empty().then_some(())).await;
    let emails = other.texts("SELECT message_id FROM outbox").await;
    for id in &emails {
        assert!(other.data().join("mail").join(format!("{id}.eml")).exists(), "{id} was written to a file");
    }
    assert!(emails.len() >= before.len() * 2);
    assert!(site.stop().await.success());
    assert_eq!(other.texts("PRAGMA integrity_check").await, ["ok"]);
}

#[actix_web::test]
async fn restore_needs_a_stopped_site_and_force_and_keeps_old_data() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let first = send_inquiry(&site.visitor(), "Ali", "ali@example.org", "Before the backup").await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    assert_one_line_error(&home.run(&["backup", "site.tar.gz"], &[]), "--force");
    stdout_of(&home.run(&["backup", "site.tar.gz", "--force"], &[]));
    assert_one_line_error(&home.run(&["backup", "nowhere/site.tar.gz"], &[]), "there is no directory nowhere");
    assert_one_line_error(&home.run(&["backup", "-"], &[]), "name a file");
    let later = send_inquiry(&site.visitor(), "Zainab", "zainab@example.org", "After the backup").await;
    assert_one_line_error(&home.run(&["restore", "site.tar.gz", "--force"], &[]), "stop it first");
    assert_eq!(site.visitor().get(&later).await.status, 200);
    assert!(site.stop().await.success());

    let before = all_files(&home.data());
    assert_one_line_error(&home.run(&["restore", "site.tar.gz"], &[]), "--force");
    assert_one_line_error(&home.run(&["restore", "missing.tar.gz", "--force"], &[]), "cannot open missing.tar.gz");
    assert_eq!(all_files(&home.data()), before, "nothing was changed");
    let restored = home.run(&["restore", "site.tar.gz", "--force"], &[]);
    assert!(
        stdout_of(&restored).contains("not in the backup, only in the previous data: 1 inquiry"),
        "{}",
        restored.out
    );
    let kept = restored.out.split("the previous data are in ").nth(1).unwrap().split(';').next().unwrap();
    let kept = all_files(&home.dir.path().join(kept));
    // The record of issued references is kept.
    let before: Vec<_> = before.into_iter().filter(|(path, _)| !path.ends_with("references")).collect();
    assert_eq!(kept.len(), before.len(), "{kept:?}");
    for (file, (old, content)) in kept.iter().zip(&before) {
        assert_eq!((file.0.file_name(), &file.1), (old.file_name(), content), "all files are unchanged");
    }
    let mut site = home.serve(&[]).await;
    assert_eq!(site.visitor().get(&first).await.status, 200);
    assert_eq!(site.visitor().get(&later).await.status, 404);
    send_inquiry(&site.visitor(), "Omar", "omar@example.org", "After the restore").await;
    assert!(site.stop().await.success());
    let references = home.texts("SELECT substr(reference, -6) FROM inquiries ORDER BY id").await;
    assert_eq!(references, ["000001", "000003"], "a reference of a lost inquiry is not reused");
}

#[actix_web::test]
async fn backup_is_refused_during_a_restore() {
    let home = Home::new();
    home.serve(&[]).await.stop().await;
    let restoring = std::fs::File::open(home.data().join("site.db-in-use")).unwrap();
    restoring.lock().unwrap();
    assert_one_line_error(&home.run(&["backup", "site.tar.gz"], &[]), "a backup is being restored");
    drop(restoring);
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
}

#[actix_web::test]
async fn restore_reapplies_erasures_or_lists_them() {
    let home = Home::new();
    let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
    first_account(&site).await;
    for (name, email) in [("Ali", "ali@example.org"), ("Zainab", "zainab@example.org"), ("Omar", "omar@example.org")] {
        send_inquiry(&site.visitor(), name, email, "Please keep this to yourself").await;
    }
    crate::outbox::email_files(&home, 6).await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    let staff = sign_in(&site).await;
    let fields = [("q", "zainab@example.org"), ("again", "zainab@example.org"), ("inquiry-2", "yes")];
    assert_eq!(staff.post("/admin/inquiries/people/erasure", &fields).await.status, 303);
    assert!(site.stop().await.success());
    // Withdrawn long before the time at the next start.
    home.execute(
        "UPDATE inquiries SET state = 'withdrawn', trashed_at = '2026-01-01T00:00:00Z', trash_reason = 'withdrawn' WHERE id = 1",
    )
    .await;
    let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
    assert!(site.stop().await.success());
    assert_eq!(home.texts("SELECT name FROM inquiries").await, ["Omar"]);

    // Digests in the erasure log depend on the secret at the time.
    stdout_of(&home.run(&["secret", "rotate"], &[]));
    let restored = home.run(&["restore", "site.tar.gz", "--force"], &[]);
    let lines = stdout_of(&restored);
    assert!(lines.contains("made after the backup: 2 erasures; erased again: 1 inquiry"), "{lines}");
    let report = lines.lines().last().unwrap();
    let reference = &home.texts("SELECT reference FROM inquiries WHERE name = 'Zainab'").await[0];
    assert!(report.starts_with("1 person asked for erasure") && report.contains(reference.as_str()), "{report}");
    assert!(!lines.contains("zainab") && !lines.contains("Zainab"), "{lines}");
    assert_eq!(home.texts("SELECT name FROM inquiries ORDER BY id").await, ["Zainab", "Omar"]);
    assert_eq!(home.texts("SELECT reason FROM erasure_log").await, ["withdrawn"]);
    let emails = all_files(&home.data().join("mail"));
    assert_eq!(emails.len(), 4, "the copies of the first restore were deleted");
}

#[actix_web::test]
async fn restore_does_not_reuse_ids_given_after_the_backup() {
    for can_be_asked in [true, false] {
        let home = Home::new();
        let mut site = home.serve(&[]).await;
        send_inquiry(&site.visitor(), "Ali", "ali@example.org", "Before the backup").await;
        stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
        send_inquiry(&site.visitor(), "Zainab", "zainab@example.org", "After the backup").await;
        assert!(site.stop().await.success());
        let given: i64 =
            home.texts("SELECT CAST(id AS TEXT) FROM inquiries WHERE name = 'Zainab'").await[0].parse().unwrap();
        if !can_be_asked {
            std::fs::write(home.data().join("site.db"), "damaged beyond reading").unwrap();
        }
        stdout_of(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
        let mut site = home.serve(&[]).await;
        send_inquiry(&site.visitor(), "Omar", "omar@example.org", "After the restore").await;
        assert!(site.stop().await.success());
        let next: i64 =
            home.texts("SELECT CAST(id AS TEXT) FROM inquiries WHERE name = 'Omar'").await[0].parse().unwrap();
        assert!(next > given, "{next} was issued to {given}");
    }
}

#[actix_web::test]
async fn recovery_code_used_after_the_backup_stays_used_after_a_restore() {
    for can_be_read in [true, false] {
        let home = Home::with_stopped_site();
        home.execute(
            "INSERT INTO staff (id, email, name, role, active, created_at)
             VALUES (71, 'a@example.com', 'A', 'admin', 1, '2026-01-01T00:00:00Z');
             INSERT INTO staff_recovery_codes VALUES (71, 'used', NULL), (71, 'replaced', NULL), (71, 'kept', NULL)",
        )
        .await;
        stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
        home.execute(
            "UPDATE staff_recovery_codes SET used_at = '2026-11-22T09:00:00Z' WHERE code_hash = 'used';
             DELETE FROM staff_recovery_codes WHERE code_hash = 'replaced'",
        )
        .await;
        if !can_be_read {
            std::fs::write(home.data().join("site.db"), "damaged beyond reading").unwrap();
        }
        let restored = home.run(&["restore", "site.tar.gz", "--force"], &[]);
        let lines = stdout_of(&restored);
        let left = home.texts("SELECT code_hash FROM staff_recovery_codes WHERE used_at IS NULL").await;
        assert_eq!(left, if can_be_read { vec!["kept"] } else { vec![] });
        assert!(lines.contains("recovery codes of 1 account are no longer valid"), "{lines}");
        assert!(lines.contains("staff reset-totp"), "{lines}");
        // Nobody needs the same backup again to be told the same.
        stdout_of(&home.run(&["backup", "next.tar.gz"], &[]));
        let restored = home.run(&["restore", "next.tar.gz", "--force"], &[]);
        let lines = stdout_of(&restored);
        assert!(!lines.contains("recovery codes"), "{lines}");
    }
}

#[actix_web::test]
async fn restore_revokes_preview_links() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    assert!(site.stop().await.success());
    home.execute(
        "INSERT INTO post_preview_links (post_id, created_at, created_by, expires_at)
         VALUES (1, '2026-11-20T00:00:00Z', 'A', '2099-01-01T00:00:00Z')",
    )
    .await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    stdout_of(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
    assert_eq!(
        home.texts("SELECT CAST(count(*) AS TEXT) FROM post_preview_links WHERE revoked_at IS NULL").await,
        ["0"]
    );
}

#[test]
fn full_disk_during_backup_leaves_no_partial_file() {
    if !can_limit_file_size() {
        return;
    }
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    for kibibytes in [8, 64, 200] {
        assert_one_line_error(&home.run_with_file_limit(kibibytes, &["backup", "site.tar.gz"], &[]), "");
        let names: Vec<_> =
            std::fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["data"], "at {kibibytes} KiB");
    }
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
}

#[actix_web::test]
async fn database_outside_the_data_dir_is_backed_up_and_restored() {
    let home = Home::new();
    std::fs::create_dir(home.dir.path().join("db")).unwrap();
    let elsewhere = [("DATABASE_URL", "sqlite://db/own.db")];
    let mut site = home.serve(&elsewhere).await;
    let receipt = send_inquiry(&site.visitor(), "Ali", "ali@example.org", "Where is this kept?").await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &elsewhere));
    assert!(site.stop().await.success());
    std::fs::write(home.dir.path().join("db/own.db"), "damaged beyond reading").unwrap();
    let restored = home.run(&["restore", "site.tar.gz", "--force"], &elsewhere);
    assert!(stdout_of(&restored).contains("could not be read"), "{}", restored.out);
    assert!(!home.data().join("site.db").exists());
    let site = home.serve(&elsewhere).await;
    assert_eq!(site.visitor().get(&receipt).await.status, 200);
}
