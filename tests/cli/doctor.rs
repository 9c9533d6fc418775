//! `doctor` on healthy and faulty installations.

use std::os::unix::fs::PermissionsExt;

use crate::backups::{all_files, send_inquiry, stdout_of};
use crate::full_disk::can_limit_file_size;
use crate::program::{CommandOutput, Home};
use crate::support::PASSWORD;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

/// Lines that report a problem, except those expected without a mail server and a backup.
#[track_caller]
fn problems(ended: &CommandOutput) -> Vec<&str> {
    for line in ended.out.lines() {
        assert!(["ok    ", "warn  ", "FAIL  "].iter().any(|level| line.starts_with(level)), "{line}");
    }
    let usual = ["e-mails are only written to files", "backups: none found", "limit", "the latest draw is of"];
    ended
        .out
        .lines()
        .filter(|line| !line.starts_with("ok") && !usual.iter().any(|usual| line.contains(usual)))
        .collect()
}

#[track_caller]
fn assert_fails(home: &Home, settings: &[(&str, &str)], sentence: &str) {
    let ended = home.run(&["doctor"], settings);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""), "{sentence}: {}", ended.out);
    assert!(
        ended.out.lines().any(|line| line.starts_with("FAIL") && line.contains(sentence)),
        "{sentence}: {}",
        ended.out
    );
}

#[track_caller]
fn assert_warns(home: &Home, settings: &[(&str, &str)], sentence: &str) {
    let ended = home.run(&["doctor"], settings);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{sentence}: {}", ended.out);
    assert!(
        ended.out.lines().any(|line| line.starts_with("warn") && line.contains(sentence)),
        "{sentence}: {}",
        ended.out
    );
}

#[actix_web::test]
async fn doctor_passes_a_healthy_site_and_changes_nothing() {
    let home = Home::new();
    let ended = home.run(&["doctor"], &[]);
    assert!(ended.code == Some(1) && ended.out.contains("no site at"), "{}", ended.out);
    assert!(!home.data().exists(), "no data before the first start");
    let mut site = home.serve(&[]).await;
    let line = site.log_line("/admin/set-up/").unwrap();
    assert_warns(&home, &[], "no account yet");
    let path = crate::program::address_in(&line).strip_prefix(&site.address).unwrap().to_owned();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(site.visitor().post(&path, &fields).await.status, 303);
    let ended = home.run(&["doctor"], &[]);
    assert_eq!((ended.code, problems(&ended)), (Some(0), vec![]), "{}", ended.out);
    assert!(ended.out.contains("site: running"), "{}", ended.out);
    assert!(site.stop().await.success());
    let before = std::fs::read_dir(home.data()).unwrap().count();
    let files = all_files(&home.data());
    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    let settings =
        [("SMTP_URL", sink.url.as_str()), ("BASE_URL", "https://example.com"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let ended = home.run(&["doctor"], &settings);
    assert_eq!((ended.code, problems(&ended)), (Some(0), vec![]), "{}", ended.out);
    assert!(ended.out.contains("site: not running") && sink.received().is_empty(), "{}", ended.out);
    assert_eq!((std::fs::read_dir(home.data()).unwrap().count(), all_files(&home.data())), (before, files));
    assert_eq!(home.run(&["doctor", "--mail", "nobody"], &[]).code, Some(2), "wrong usage");
}

#[actix_web::test]
async fn doctor_warns_about_inconsistent_settings_and_fails_on_invalid() {
    let home = Home::with_stopped_site();
    assert_fails(&home, &[("BIND", "8080"), ("SMTP_URL", "smtp://u:hunter2@x")], "BIND is \"8080\"");
    assert_fails(&home, &[("BASE_URL", "example.com")], "BASE_URL");
    assert_warns(&home, &[("BIND", "0.0.0.0:0")], "its address is not https");
    assert_warns(&home, &[("BASE_URL", "https://example.com")], "TRUSTED_PROXIES");
    assert_warns(&home, &[], "SMTP_URL");
    assert_warns(&home, &[("BACKUPS", "off")], "backups are off (BACKUPS)");
}

#[actix_web::test]
async fn doctor_reports_data_problems_with_instructions() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    send_inquiry(&site.visitor(), "Ali", "ali@example.org", "A question").await;
    crate::outbox::email_files(&home, 1).await;
    assert!(site.stop().await.success());
    let database = home.data().join("site.db");
    let intact = std::fs::read(&database).unwrap();

    let set =
        |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&home.data().join("secret"), 0o644);
    assert_fails(&home, &[], "other users can read data/secret");
    set(&home.data().join("secret"), 0o600);
    set(&home.data(), 0o755);
    assert_fails(&home, &[], "other users can read data →");
    set(&home.data(), 0o700);
    std::fs::write(home.dir.path().join("file"), "").unwrap();
    assert_fails(&home, &[("DATA_DIR", "file")], "is not a directory");

    home.execute("UPDATE inquiries SET received_at = '2095-01-01T00:00:00Z'").await;
    assert_fails(&home, &[], "set the clock of this machine");
    home.execute("UPDATE inquiries SET received_at = '2026-01-01T00:00:00Z'").await;
    home.execute(
        "DELETE FROM draw_corrections; DELETE FROM draw_acknowledged_warnings; DELETE FROM draws WHERE round = '300'",
    )
    .await;
    assert_fails(&home, &[], "447 of 448 draws");
    std::fs::write(&database, &intact).unwrap();
    home.execute("DELETE FROM search_fts WHERE rowid = 4 * 31301 + 2").await;
    assert_fails(&home, &[], "the index of the site has");
    std::fs::write(&database, &intact).unwrap();
    home.execute("INSERT INTO staff (email, name, role, created_at) VALUES ('w@example.com', 'W', 'writer', '2026-01-01T00:00:00Z')")
        .await;
    assert_fails(&home, &[], "no admin can sign in");
    std::fs::write(&database, &intact).unwrap();
    home.execute("UPDATE outbox SET state = 'failed'").await;
    assert_warns(&home, &[], "could not be sent");
    home.execute("PRAGMA foreign_keys = OFF; INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES (99, '', '', 'note', '')")
        .await;
    assert_fails(&home, &[], "refers to a missing row");

    let mut damaged = intact.clone();
    let middle = damaged.len() / 2;
    // Large enough to hit more than free pages, which are never read.
    damaged[middle..middle + 400_000].fill(0x55);
    std::fs::write(&database, damaged).unwrap();
    assert_fails(&home, &[], "restore the newest backup with --force");
    std::fs::write(&database, "This is no database.".repeat(500)).unwrap();
    assert_fails(&home, &[], "unreadable");
    std::fs::write(&database, &intact).unwrap();

    home.execute("DELETE FROM _sqlx_migrations WHERE version = 8").await;
    assert_warns(&home, &[], "without 0008 search");
    std::fs::write(&database, &intact).unwrap();
    std::fs::write(home.data().join("site.db-restoring"), "{}").unwrap();
    assert_fails(&home, &[], "run the restore again");
    std::fs::remove_file(home.data().join("site.db-restoring")).unwrap();
    std::fs::create_dir(home.data().join("before-restore-20261123T021500Z")).unwrap();
    set(&home.data().join("before-restore-20261123T021500Z"), 0o700);
    assert_warns(&home, &[], "before-restore-20261123T021500Z contains");
}

#[actix_web::test]
async fn doctor_finds_old_and_damaged_backups() {
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    std::fs::create_dir(home.dir.path().join("copies")).unwrap();
    let backups_setting = [("BACKUPS", "copies")];
    stdout_of(&home.run(&["backup", "copies/site-2025-01-01.tar.gz"], &backups_setting));
    let examined = home.run(&["doctor"], &backups_setting);
    assert!(
        examined.out.contains("backups: site-2025-01-01.tar.gz is readable, made at 20"),
        "age by the date in the backup: {}",
        examined.out
    );
    std::fs::write(home.dir.path().join("copies/site-2025-01-02.tar.gz"), "half of it").unwrap();
    assert_fails(&home, &backups_setting, "copies/site-2025-01-02.tar.gz cannot be used");
}

#[test]
fn doctor_fails_on_a_read_only_disk() {
    if !can_limit_file_size() {
        return;
    }
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    let before = all_files(&home.data());
    let ended = home.run_with_file_limit(0, &["doctor"], &[]);
    assert!(ended.code == Some(1) && ended.out.contains("is not writable"), "{}", ended.out);
    assert_eq!(all_files(&home.data()), before, "no leftover files");
}

#[actix_web::test]
async fn doctor_sends_a_test_email_and_reports_the_server_reply() {
    let home = Home::new();
    let sink = FakeSmtpServer::start(SmtpBehaviour::Accepts);
    home.serve(&[]).await.stop().await;
    let from = ("MAIL_FROM", "office@example.com");
    let arguments = ["doctor", "--mail", "operator@example.com"];
    let ended = home.run(&arguments, &[("SMTP_URL", &sink.url), from]);
    assert!(ended.code == Some(0) && ended.out.contains("accepted an e-mail to operator@example.com"), "{}", ended.out);
    assert!(sink.received().len() == 1 && sink.received()[0].contains("To: operator@example.com"));
    let ended = home.run(&arguments, &[("SMTP_URL", "smtp://user:hunter2@127.0.0.1:1"), from]);
    assert!(ended.code == Some(1) && ended.out.contains("FAIL  mail: the e-mail could not be sent: "), "{}", ended.out);
    assert!(!ended.out.contains("hunter2"), "{}", ended.out);
    let ended = home.run(&arguments, &[from]);
    assert!(ended.code == Some(1) && ended.out.contains("SMTP_URL is not set"), "{}", ended.out);
    assert!(home.texts("SELECT subject FROM outbox").await.is_empty());
}
