//! What the doctor says of a site that is well, and of each that is not.

use std::os::unix::fs::PermissionsExt;

use crate::backups::{all_files, said, send};
use crate::full_disk::can_limit;
use crate::program::{Ended, Home};
use crate::smtp::Sink;
use crate::support::PASSWORD;

/// Every line but those that are well, and those of a site that has neither a mail server nor a copy.
#[track_caller]
fn complaints(ended: &Ended) -> Vec<&str> {
    for line in ended.out.lines() {
        assert!(["ok    ", "warn  ", "FAIL  "].iter().any(|level| line.starts_with(level)), "{line}");
    }
    let usual = ["letters are written as files", "copies: there is none", "limit", "the latest draw in the record"];
    ended
        .out
        .lines()
        .filter(|line| !line.starts_with("ok") && !usual.iter().any(|usual| line.contains(usual)))
        .collect()
}

#[track_caller]
fn fails(home: &Home, settings: &[(&str, &str)], sentence: &str) {
    let ended = home.run(&["doctor"], settings);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""), "{sentence}: {}", ended.out);
    assert!(
        ended.out.lines().any(|line| line.starts_with("FAIL") && line.contains(sentence)),
        "{sentence}: {}",
        ended.out
    );
}

#[track_caller]
fn warns(home: &Home, settings: &[(&str, &str)], sentence: &str) {
    let ended = home.run(&["doctor"], settings);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{sentence}: {}", ended.out);
    assert!(
        ended.out.lines().any(|line| line.starts_with("warn") && line.contains(sentence)),
        "{sentence}: {}",
        ended.out
    );
}

#[actix_web::test]
async fn a_site_that_is_well_is_called_so_and_nothing_is_touched() {
    let home = Home::new();
    let ended = home.run(&["doctor"], &[]);
    assert!(ended.code == Some(1) && ended.out.contains("there is no site at"), "{}", ended.out);
    assert!(!home.data().exists(), "nothing is made before the first start");
    let mut site = home.serve(&[]).await;
    let line = site.said("/admin/set-up/").unwrap();
    warns(&home, &[], "nobody can sign in yet");
    let path = crate::program::address_in(&line).strip_prefix(&site.address).unwrap().to_owned();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(site.visitor().post(&path, &fields).await.status, 303);
    let ended = home.run(&["doctor"], &[]);
    assert_eq!((ended.code, complaints(&ended)), (Some(0), vec![]), "{}", ended.out);
    assert!(ended.out.contains("site: one is at work"), "{}", ended.out);
    assert!(site.stop().await.success());
    let before = std::fs::read_dir(home.data()).unwrap().count();
    let files = all_files(&home.data());
    let sink = Sink::start();
    let settings =
        [("SMTP_URL", sink.url.as_str()), ("BASE_URL", "https://example.com"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let ended = home.run(&["doctor"], &settings);
    assert_eq!((ended.code, complaints(&ended)), (Some(0), vec![]), "{}", ended.out);
    assert!(ended.out.contains("site: none runs") && sink.letters().is_empty(), "{}", ended.out);
    assert_eq!((std::fs::read_dir(home.data()).unwrap().count(), all_files(&home.data())), (before, files));
    assert_eq!(home.run(&["doctor", "--mail", "nobody"], &[]).code, Some(2), "wrong usage");
}

#[actix_web::test]
async fn settings_that_do_not_fit_are_warned_of_and_bad_ones_fail() {
    let home = Home::with_site();
    fails(&home, &[("BIND", "8080"), ("SMTP_URL", "smtp://u:hunter2@x")], "BIND is \"8080\"");
    fails(&home, &[("BASE_URL", "example.com")], "BASE_URL");
    warns(&home, &[("BIND", "0.0.0.0:0")], "its address is not https");
    warns(&home, &[("BASE_URL", "https://example.com")], "TRUSTED_PROXIES");
    warns(&home, &[], "SMTP_URL");
    warns(&home, &[("BACKUPS", "off")], "BACKUPS is off");
}

#[actix_web::test]
async fn whatever_is_wrong_with_the_data_fails_with_what_to_do() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    send(&site.visitor(), "Ali", "ali@example.org", "A question").await;
    crate::letters::files(&home, 1).await;
    assert!(site.stop().await.success());
    let database = home.data().join("site.db");
    let sound = std::fs::read(&database).unwrap();

    let set =
        |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    set(&home.data().join("secret"), 0o644);
    fails(&home, &[], "others can read data/secret");
    set(&home.data().join("secret"), 0o600);
    set(&home.data(), 0o755);
    fails(&home, &[], "others can read data →");
    set(&home.data(), 0o700);
    std::fs::write(home.dir.path().join("file"), "").unwrap();
    fails(&home, &[("DATA_DIR", "file")], "is not a directory");

    home.execute("UPDATE inquiries SET received_at = '2095-01-01T00:00:00Z'").await;
    fails(&home, &[], "set the clock of this machine");
    home.execute("UPDATE inquiries SET received_at = '2026-01-01T00:00:00Z'").await;
    home.execute("DELETE FROM draw_corrections; DELETE FROM draw_confirmations; DELETE FROM draws WHERE round = '300'")
        .await;
    fails(&home, &[], "447 rounds of 448");
    std::fs::write(&database, &sound).unwrap();
    home.execute("DELETE FROM search_fts WHERE rowid = 4 * 31301 + 2").await;
    fails(&home, &[], "the index of the site holds");
    std::fs::write(&database, &sound).unwrap();
    home.execute("INSERT INTO staff (email, name, role, created_at) VALUES ('w@example.com', 'W', 'writer', '2026-01-01T00:00:00Z')")
        .await;
    fails(&home, &[], "no admin can sign in");
    std::fs::write(&database, &sound).unwrap();
    home.execute("UPDATE outbox SET state = 'failed'").await;
    warns(&home, &[], "could not be sent");
    home.execute("PRAGMA foreign_keys = OFF; INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES (99, '', '', 'note', '')")
        .await;
    fails(&home, &[], "points to nothing");

    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    // So much that it is not all free pages, which nothing is read from.
    damaged[middle..middle + 400_000].fill(0x55);
    std::fs::write(&database, damaged).unwrap();
    fails(&home, &[], "restore the newest backup with --force");
    std::fs::write(&database, "This is no database.".repeat(500)).unwrap();
    fails(&home, &[], "cannot be read");
    std::fs::write(&database, &sound).unwrap();

    home.execute("DELETE FROM _sqlx_migrations WHERE version = 8").await;
    warns(&home, &[], "lack 0008 search");
    std::fs::write(&database, &sound).unwrap();
    std::fs::write(home.data().join("site.db-restoring"), "{}").unwrap();
    fails(&home, &[], "run the restore again");
    std::fs::remove_file(home.data().join("site.db-restoring")).unwrap();
    std::fs::create_dir(home.data().join("before-restore-20261123T021500Z")).unwrap();
    set(&home.data().join("before-restore-20261123T021500Z"), 0o700);
    warns(&home, &[], "before-restore-20261123T021500Z holds");
}

#[actix_web::test]
async fn old_and_broken_copies_are_found() {
    let home = Home::with_site();
    said(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    std::fs::create_dir(home.dir.path().join("copies")).unwrap();
    let place = [("BACKUPS", "copies")];
    said(&home.run(&["backup", "copies/site-2025-01-01.tar.gz"], &place));
    let examined = home.run(&["doctor"], &place);
    assert!(
        examined.out.contains("copies: site-2025-01-01.tar.gz can be read, made at 20"),
        "by its own date: {}",
        examined.out
    );
    std::fs::write(home.dir.path().join("copies/site-2025-01-02.tar.gz"), "half of it").unwrap();
    fails(&home, &place, "copies/site-2025-01-02.tar.gz cannot be used");
}

#[test]
fn a_disk_on_which_nothing_can_be_written_fails() {
    if !can_limit() {
        return;
    }
    let home = Home::with_site();
    said(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    let before = all_files(&home.data());
    let ended = home.run_within(0, &["doctor"], &[]);
    assert!(ended.code == Some(1) && ended.out.contains("cannot be written to"), "{}", ended.out);
    assert_eq!(all_files(&home.data()), before, "nothing is left behind");
}

#[actix_web::test]
async fn a_letter_is_sent_where_somebody_asks_and_what_the_server_says_is_told() {
    let home = Home::new();
    let sink = Sink::start();
    home.serve(&[]).await.stop().await;
    let from = ("MAIL_FROM", "desk@example.com");
    let arguments = ["doctor", "--mail", "operator@example.com"];
    let ended = home.run(&arguments, &[("SMTP_URL", &sink.url), from]);
    assert!(ended.code == Some(0) && ended.out.contains("took a letter to operator@example.com"), "{}", ended.out);
    assert!(sink.letters().len() == 1 && sink.letters()[0].contains("To: operator@example.com"));
    let ended = home.run(&arguments, &[("SMTP_URL", "smtp://user:hunter2@127.0.0.1:1"), from]);
    assert!(ended.code == Some(1) && ended.out.contains("FAIL  mail: the letter did not leave: "), "{}", ended.out);
    assert!(!ended.out.contains("hunter2"), "{}", ended.out);
    let ended = home.run(&arguments, &[from]);
    assert!(ended.code == Some(1) && ended.out.contains("SMTP_URL is not set"), "{}", ended.out);
    assert!(home.texts("SELECT subject FROM outbox").await.is_empty());
}
