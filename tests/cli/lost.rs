//! A database that is gone: no site is silently begun in its place, and no reference is given out twice.

use std::path::Path;

use crate::backups::{all_files, said, send};
use crate::faults::one_line;
use crate::program::{Home, Serving};

const COMMANDS: [&[&str]; 7] = [
    &["staff", "list"],
    &["staff", "add", "b@example.com", "--name", "B", "--role", "admin"],
    &["staff", "reset-password", "b@example.com"],
    &["import", "rounds", "rounds.json"],
    &["mail", "retry"],
    &["backup", "other.tar.gz"],
    &["secret", "rotate"],
];

fn everything_below(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            let below = if path.is_dir() { everything_below(&path) } else { vec![] };
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
fn a_command_where_there_is_no_site_says_so_and_makes_nothing() {
    let home = Home::new();
    write_feed(&home);
    std::fs::create_dir(home.dir.path().join("empty")).unwrap();
    let before = everything_below(home.dir.path());
    for directory in ["dta", "empty", "/proc/nowhere"] {
        for arguments in COMMANDS {
            let ended = home.run(arguments, &[("DATA_DIR", directory)]);
            one_line(&ended, &format!("there is no site in \"{directory}\" (DATA_DIR)"));
        }
        let examined = home.run(&["doctor"], &[("DATA_DIR", directory)]);
        assert!(examined.code == Some(1) && examined.out.contains("there is no site at"), "{}", examined.out);
    }
    assert_eq!(everything_below(home.dir.path()), before, "nothing was made");
    let elsewhere = [("DATABASE_URL", "sqlite://nowhere/own.db")];
    one_line(&home.run(&["staff", "list"], &elsewhere), "nowhere/own.db holds no site's database");
    assert_eq!(home.run(&["staff", "list", "--new"], &[]).code, Some(2), "only serve makes a site");
    assert_eq!(home.run(&["--new", "staff", "list"], &[]).code, Some(2));
}

/// A site with an inquiry and a backup, stopped.
async fn used(home: &Home, settings: &[(&str, &str)]) {
    let mut site = home.serve(settings).await;
    send(&site.visitor(), "Ali", "ali@example.org", "Is my diploma enough?").await;
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn a_site_whose_database_is_gone_does_not_start_and_says_how_to_go_on() {
    let home = Home::new();
    used(&home, &[]).await;
    write_feed(&home);
    let backups = home.data().join("backups");
    std::fs::create_dir(&backups).unwrap();
    said(&home.run(&["backup", "data/backups/site-2026-11-21.tar.gz"], &[]));
    said(&home.run(&["backup", "data/backups/site-2026-11-22.tar.gz"], &[]));
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
        (Some(foreign), "data/site.db holds tables of another program", " --force"),
    ] {
        match content {
            None => std::fs::remove_file(&database).unwrap(),
            Some(content) => std::fs::write(&database, content).unwrap(),
        }
        let before = all_files(&home.data());
        for arguments in [&[][..], &["serve"]].into_iter().chain(COMMANDS) {
            let ended = home.run(arguments, &[]);
            one_line(&ended, what);
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
    // As it says.
    said(&home.run(&["restore", "data/backups/site-2026-11-22.tar.gz", "--force"], &[]));
    let mut site = home.serve(&[]).await;
    send(&site.visitor(), "Zainab", "zainab@example.org", "And mine?").await;
    assert!(site.stop().await.success());
    let references = references(&home).await;
    assert!(references[0].ends_with("-000001") && references[1] > references[0], "{references:?}");
}

async fn references(home: &Home) -> Vec<String> {
    home.texts("SELECT reference FROM inquiries ORDER BY id").await
}

#[actix_web::test]
async fn every_trace_of_a_site_keeps_another_from_being_begun_there() {
    let home = Home::new();
    used(&home, &[("STAFF_INBOX", "inbox@example.com")]).await;
    crate::letters::files(&home, 2).await;
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
        one_line(&other.run(&[], &[]), &format!("data/{name}"));
    }
    let other = keep("");
    std::fs::create_dir(other.dir.path().join("safe")).unwrap();
    std::fs::write(other.dir.path().join("safe/site-2026-11-22.tar.gz"), "a backup").unwrap();
    one_line(&other.run(&[], &[("BACKUPS", "safe")]), "immigration-experts restore safe/site-2026-11-22.tar.gz");
    one_line(&other.run(&[], &[("BACKUPS", "safe"), ("DATABASE_URL", "sqlite://own.db")]), "own.db does not exist");
    // The empty directory that an interrupted first start leaves is none.
    assert!(other.data().join("mail").is_dir());
    other.start_once(&[]);
}

/// What the next inquiry gets.
async fn next(site: &Serving, number: usize) {
    send(&site.visitor(), "Omar", "omar@example.org", &format!("Question {number}")).await;
}

#[actix_web::test]
async fn no_reference_is_given_out_twice_whatever_happened_to_the_database() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let mut given = vec![];
    for number in 0..3 {
        next(&site, number).await;
    }
    said(&home.run(&["backup", "old.tar.gz"], &[]));
    for number in 3..6 {
        next(&site, number).await;
    }
    // As at a power cut: nothing is finished.
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
        ("an old copy put there by hand", &[][..]),
    ] {
        match what {
            "an old backup over a damaged database" => {
                forget();
                std::fs::write(&database, "damaged beyond reading").unwrap();
                said(&home.run(&["restore", archive.to_str().unwrap(), "--force"], &[]));
            }
            "an old backup in the place of a lost one" => {
                forget();
                said(&home.run(&["restore", archive.to_str().unwrap()], &[]));
            }
            "a new site" => forget(),
            _ => {
                forget();
                std::fs::write(&database, crate::archives::member(&archive, "site.db")).unwrap();
            }
        }
        let mut site = home.serve_with(arguments, &[]).await;
        assert!(site.said("references go on with").is_some(), "{what}: {:?}", site.lines());
        next(&site, given.len()).await;
        next(&site, given.len() + 1).await;
        assert!(site.stop().await.success());
        let now = home.texts("SELECT reference FROM inquiries WHERE name = 'Omar' ORDER BY id DESC LIMIT 2").await;
        for reference in now {
            assert!(!given.contains(&reference), "{what}: {reference} was given out before: {given:?}");
            given.push(reference);
        }
    }
    let mut site = home.serve(&[]).await;
    assert_eq!(site.said("references go on with"), None, "once is enough");
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn on_another_machine_that_knows_nothing_of_it_references_go_on_after_a_gap() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    next(&site, 0).await;
    said(&home.run(&["backup", "old.tar.gz"], &[]));
    for number in 1..4 {
        next(&site, number).await;
    }
    assert!(site.stop().await.success());
    let given = references(&home).await;
    let archive = home.dir.path().join("old.tar.gz");
    // One where nothing was, and one where somebody had begun a new site by mistake.
    let (fresh, begun) = (Home::new(), Home::new());
    used(&begun, &[]).await;
    for other in [fresh, begun] {
        said(&other.run(&["restore", archive.to_str().unwrap(), "--force"], &[]));
        let mut site = other.serve(&[]).await;
        next(&site, 9).await;
        assert!(site.stop().await.success());
        let references = references(&other).await;
        assert!(references.len() == 2 && !given.contains(&references[1]), "{references:?}");
    }
}
