//! A missing database: no new site is created silently, and no reference is reused.

use std::path::Path;

use crate::backups::{all_files, send_inquiry, stdout_of};
use crate::program::{Home, SiteProcess};
use crate::usage_errors::assert_one_line_error;

const COMMANDS: [&[&str]; 7] = [
    &["staff", "list"],
    &["staff", "add", "b@example.com", "--name", "B", "--role", "admin"],
    &["staff", "reset-password", "b@example.com"],
    &["import", "rounds", "rounds.json"],
    &["mail", "retry"],
    &["backup", "other.tar.gz"],
    &["secret", "rotate"],
];

fn list_files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            let below = if path.is_dir() { list_files(&path) } else { vec![] };
            below.into_iter().chain([path.display().to_string()])
        })
        .collect();
    names.sort();
    names
}

fn write_feed(home: &Home) {
    let feed = crate::support::feeds::file(&[crate::support::feeds::published("252")]);
    std::fs::write(home.dir.path().join("rounds.json"), feed).unwrap();
}

#[test]
fn commands_without_a_site_fail_and_create_nothing() {
    let home = Home::new();
    write_feed(&home);
    std::fs::create_dir(home.dir.path().join("empty")).unwrap();
    let before = list_files(home.dir.path());
    for directory in ["dta", "empty", "/proc/nowhere"] {
        for arguments in COMMANDS {
            let ended = home.run(arguments, &[("DATA_DIR", directory)]);
            assert_one_line_error(&ended, &format!("there is no site in \"{directory}\" (DATA_DIR)"));
        }
        let examined = home.run(&["doctor"], &[("DATA_DIR", directory)]);
        assert!(examined.code == Some(1) && examined.out.contains("no site at"), "{}", examined.out);
    }
    assert_eq!(list_files(home.dir.path()), before, "no files were created");
    let elsewhere = [("DATABASE_URL", "sqlite://nowhere/own.db")];
    assert_one_line_error(&home.run(&["staff", "list"], &elsewhere), "nowhere/own.db is not a site database");
    assert_eq!(home.run(&["staff", "list", "--new"], &[]).code, Some(2), "only serve creates a site");
    assert_eq!(home.run(&["--new", "staff", "list"], &[]).code, Some(2));
}

/// A stopped site with an inquiry and a backup.
async fn create_used_site(home: &Home, settings: &[(&str, &str)]) {
    let mut site = home.serve(settings).await;
    send_inquiry(&site.visitor(), "Ali", "ali@example.org", "Is my diploma enough?").await;
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn missing_database_stops_the_start_with_instructions() {
    let home = Home::new();
    create_used_site(&home, &[]).await;
    write_feed(&home);
    let backups = home.data().join("backups");
    std::fs::create_dir(&backups).unwrap();
    stdout_of(&home.run(&["backup", "data/backups/site-2026-11-21.tar.gz"], &[]));
    stdout_of(&home.run(&["backup", "data/backups/site-2026-11-22.tar.gz"], &[]));
    let database = home.data().join("site.db");
    let foreign = {
        let path = home.dir.path().join("foreign.db");
        let db = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut db = sqlx::ConnectOptions::connect(&db).await.unwrap();
        sqlx::raw_sql("CREATE TABLE songs (title TEXT)").execute(&mut db).await.unwrap();
        sqlx::Connection::close(db).await.unwrap();
        std::fs::read(path).unwrap()
    };
    let restore = "immigration-experts restore data/backups/site-2026-11-22.tar.gz";
    for (content, what, force) in [
        (None, "data/site.db does not exist", ""),
        (Some(vec![]), "data/site.db is empty", " --force"),
        (Some(foreign), "data/site.db contains tables of another program", " --force"),
    ] {
        match content {
            None => std::fs::remove_file(&database).unwrap(),
            Some(content) => std::fs::write(&database, content).unwrap(),
        }
        let before = all_files(&home.data());
        for arguments in [&[][..], &["serve"]].into_iter().chain(COMMANDS) {
            let ended = home.run(arguments, &[]);
            assert_one_line_error(&ended, what);
            for words in ["data/secret", "2 backups in data/backups", &format!("{restore}{force}")] {
                assert!(ended.err.contains(words), "{words}: {}", ended.err);
            }
            assert_eq!(
                ended.err.contains("serve --new"),
                arguments.first().is_none_or(|it| *it == "serve") && !what.contains("another program"),
                "{}",
                ended.err
            );
        }
        let examined = home.run(&["doctor"], &[]);
        assert!(
            examined.code == Some(1) && examined.out.contains(what) && examined.out.contains(restore),
            "{}",
            examined.out
        );
        assert_eq!(all_files(&home.data()), before, "{what}: nothing was changed");
    }
    // Run the command that the message suggests.
    stdout_of(&home.run(&["restore", "data/backups/site-2026-11-22.tar.gz", "--force"], &[]));
    let mut site = home.serve(&[]).await;
    send_inquiry(&site.visitor(), "Zainab", "zainab@example.org", "And mine?").await;
    assert!(site.stop().await.success());
    let references = references(&home).await;
    assert!(references[0].ends_with("-000001") && references[1] > references[0], "{references:?}");
}

async fn references(home: &Home) -> Vec<String> {
    home.texts("SELECT reference FROM inquiries ORDER BY id").await
}

#[actix_web::test]
async fn leftover_site_files_prevent_creating_a_new_site() {
    let home = Home::new();
    create_used_site(&home, &[("STAFF_INBOX", "inbox@example.com")]).await;
    crate::outbox::email_files(&home, 2).await;
    let keep = |name: &str| {
        let other = Home::new();
        std::fs::create_dir_all(other.data()).unwrap();
        if !name.is_empty() {
            let copied =
                std::process::Command::new("cp").arg("-a").arg(home.data().join(name)).arg(other.data()).status();
            assert!(copied.unwrap().success());
        }
        other
    };
    for name in ["secret", "references", "mail"] {
        let other = keep(name);
        assert_one_line_error(&other.run(&[], &[]), &format!("data/{name}"));
    }
    let other = keep("");
    std::fs::create_dir(other.dir.path().join("safe")).unwrap();
    std::fs::write(other.dir.path().join("safe/site-2026-11-22.tar.gz"), "a backup").unwrap();
    assert_one_line_error(
        &other.run(&[], &[("BACKUPS", "safe")]),
        "immigration-experts restore safe/site-2026-11-22.tar.gz",
    );
    assert_one_line_error(
        &other.run(&[], &[("BACKUPS", "safe"), ("DATABASE_URL", "sqlite://own.db")]),
        "own.db does not exist",
    );
    // The empty directory of an interrupted first start does not count as a site.
    assert!(other.data().join("mail").is_dir());
    other.start_once(&[]);
}

async fn send_question(site: &SiteProcess, number: usize) {
    send_inquiry(&site.visitor(), "Omar", "omar@example.org", &format!("Question {number}")).await;
}

#[actix_web::test]
async fn references_are_never_reused_after_database_loss() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let mut given = vec![];
    for number in 0..3 {
        send_question(&site, number).await;
    }
    stdout_of(&home.run(&["backup", "old.tar.gz"], &[]));
    for number in 3..6 {
        send_question(&site, number).await;
    }
    // Like a power failure: no shutdown code runs.
    site.kill();
    given.extend(references(&home).await);
    assert_eq!(given.len(), 6);
    let database = home.data().join("site.db");
    let forget = || {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(home.data().join(format!("site.db{ending}")));
        }
    };
    let archive = home.dir.path().join("old.tar.gz");
    for (what, arguments) in [
        ("an old backup over a damaged database", &[][..]),
        ("an old backup in the place of a lost one", &[][..]),
        ("a new site", &["--new"][..]),
        ("an old backup copied by hand", &[][..]),
    ] {
        match what {
            "an old backup over a damaged database" => {
                forget();
                std::fs::write(&database, "damaged beyond reading").unwrap();
                stdout_of(&home.run(&["restore", archive.to_str().unwrap(), "--force"], &[]));
            }
            "an old backup in the place of a lost one" => {
                forget();
                stdout_of(&home.run(&["restore", archive.to_str().unwrap()], &[]));
            }
            "a new site" => forget(),
            _ => {
                forget();
                std::fs::write(&database, crate::invalid_backups::member(&archive, "site.db")).unwrap();
            }
        }
        let mut site = home.serve_with(arguments, &[]).await;
        assert!(site.log_line("references skipped, continuing with").is_some(), "{what}: {:?}", site.lines());
        send_question(&site, given.len()).await;
        send_question(&site, given.len() + 1).await;
        assert!(site.stop().await.success());
        let now = home.texts("SELECT reference FROM inquiries WHERE name = 'Omar' ORDER BY id DESC LIMIT 2").await;
        for reference in now {
            assert!(!given.contains(&reference), "{what}: {reference} was issued before: {given:?}");
            given.push(reference);
        }
    }
    let mut site = home.serve(&[]).await;
    assert_eq!(site.log_line("references skipped, continuing with"), None, "--new is needed only once");
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn references_skip_a_gap_after_a_restore_elsewhere() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    send_question(&site, 0).await;
    stdout_of(&home.run(&["backup", "old.tar.gz"], &[]));
    for number in 1..4 {
        send_question(&site, number).await;
    }
    assert!(site.stop().await.success());
    let given = references(&home).await;
    let archive = home.dir.path().join("old.tar.gz");
    // Once without data, and once after a new site was started by mistake.
    let (fresh, begun) = (Home::new(), Home::new());
    create_used_site(&begun, &[]).await;
    for other in [fresh, begun] {
        stdout_of(&other.run(&["restore", archive.to_str().unwrap(), "--force"], &[]));
        let mut site = other.serve(&[]).await;
        send_question(&site, 9).await;
        assert!(site.stop().await.success());
        let references = references(&other).await;
        assert!(references.len() == 2 && !given.contains(&references[1]), "{references:?}");
    }
}
