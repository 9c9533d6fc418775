//! Backups and restores killed at any point: either the old or the new data are complete, or an error says what to do.

use std::path::Path;

use crate::backups::{send_inquiry, stdout_of};
use crate::program::{Home, SiteProcess};

async fn site_with_inquiries(home: &Home, count: usize) -> SiteProcess {
    let site = home.serve(&[]).await;
    for number in 0..count {
        send_inquiry(
            &site.visitor(),
            "Ali",
            "ali@example.org",
            &format!("Question {number}. {}", "All of it. ".repeat(400)),
        )
        .await;
    }
    site
}

/// Attempts to kill the command at a short moment.
const MAX_ATTEMPTS: usize = 30;

/// Starts a command and kills it when `is_so` holds. Returns false if it ended first.
fn kill_when(home: &Home, arguments: &[&str], is_so: impl Fn() -> bool) -> bool {
    let mut child = home.begin(arguments);
    while child.try_wait().unwrap().is_none() {
        if is_so() {
            child.kill().unwrap();
            return child.wait().unwrap().code().is_none();
        }
    }
    false
}

/// Leftovers of restores in the data directory.
fn staging_dirs(home: &Home) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("restoring-")).collect()
}

#[actix_web::test]
async fn killed_backup_leaves_a_complete_file_or_none() {
    let home = Home::new();
    let site = site_with_inquiries(&home, 12).await;
    let file = home.dir.path().join("site.tar.gz");
    let work = home.dir.path().join("site.tar.gz.part");
    let is_there = |path: &Path| path.exists();
    for moment in ["lock", "site.db", "packed.tar.gz", "read-back", "read-back/site.db"] {
        let mut hits = 0;
        for _ in 0..MAX_ATTEMPTS {
            hits += usize::from(kill_when(&home, &["backup", "site.tar.gz"], || is_there(&work.join(moment))));
            if file.exists() {
                let other = Home::new();
                stdout_of(&other.run(&["restore", file.to_str().unwrap()], &[]));
                std::fs::remove_file(&file).unwrap();
            }
            // Leftovers of the killed run must not be mistaken for those of the next.
            if hits == 1 {
                break;
            }
            let _ = std::fs::remove_dir_all(&work);
        }
        assert_eq!(hits, 1, "no run was killed at {moment}");
        if moment != "read-back/site.db" {
            std::fs::remove_dir_all(&work).unwrap();
        }
    }
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    let mut names: Vec<_> =
        std::fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["data", "site.tar.gz"], "leftovers are deleted");
    assert_eq!(site.visitor().get("/").await.status, 200);
}

#[actix_web::test]
async fn killed_restore_leaves_old_or_new_data_or_instructions() {
    let home = Home::new();
    let mut site = site_with_inquiries(&home, 6).await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    send_inquiry(&site.visitor(), "Zainab", "zainab@example.org", "One more").await;
    assert!(site.stop().await.success());
    let note = home.data().join("site.db-restoring");
    let begun = || !staging_dirs(&home).is_empty();
    let unpacks = || staging_dirs(&home).iter().any(|path| path.join("site.db").exists());
    let exchanges = || note.exists() || note.with_file_name("site.db-restoring.part").exists();
    let moments: [(&str, &dyn Fn() -> bool); 3] = [("begun", &begun), ("unpacks", &unpacks), ("exchanges", &exchanges)];
    let mut hits = [0; 3];
    // The swap takes less than a millisecond and may be missed. The next test covers it.
    for (place, is_so) in (0..MAX_ATTEMPTS).map(|number| (number % 3, moments[number % 3].1)) {
        if hits[place] > 1 {
            continue;
        }
        hits[place] += usize::from(kill_when(&home, &["restore", "site.tar.gz", "--force"], is_so));
        let listed = home.run(&["staff", "list"], &[]);
        if listed.code != Some(0) {
            assert!(listed.err.contains("run the same restore command again"), "{}", listed.err);
            let examined = home.run(&["doctor"], &[]);
            assert!(examined.code == Some(1) && examined.out.contains("run the restore again"), "{}", examined.out);
            stdout_of(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
        }
        let count = home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await;
        assert!(["6", "7"].contains(&count[0].as_str()), "{count:?}");
        assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
        assert_eq!(staging_dirs(&home), Vec::<std::path::PathBuf>::new(), "the next command deletes the leftovers");
    }
    assert!(hits[0] > 0 && hits[1] > 0, "{}: {hits:?}", moments.map(|(name, _)| name).join(", "));
    stdout_of(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
    assert_eq!(staging_dirs(&home), Vec::<std::path::PathBuf>::new());
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await, ["6"]);
}

#[actix_web::test]
async fn interrupted_restore_is_resumed_only_by_the_next_restore() {
    let home = Home::new();
    let mut site = site_with_inquiries(&home, 2).await;
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    send_inquiry(&site.visitor(), "Zainab", "zainab@example.org", "One more").await;
    assert!(site.stop().await.success());
    // State of a machine that died after moving the old secret.
    let (data, other) = (home.data(), Home::new());
    stdout_of(&other.run(&["restore", home.dir.path().join("site.tar.gz").to_str().unwrap()], &[]));
    let aside = data.join("restoring-20261123T021500Z");
    let before = data.join("before-restore-20261123T021500Z");
    for directory in [&aside, &before] {
        std::fs::create_dir(directory).unwrap();
    }
    for name in ["site.db", "secret"] {
        std::fs::copy(other.data().join(name), aside.join(name)).unwrap();
    }
    std::fs::rename(data.join("secret"), before.join("secret")).unwrap();
    let note = r#"{"instant":"20261123T021500Z","names":["secret"]}"#;
    std::fs::write(data.join("site.db-restoring"), note).unwrap();

    for arguments in [&[][..], &["staff", "list"], &["mail", "retry"], &["backup", "x.tar.gz"]] {
        let ended = home.run(arguments, &[]);
        crate::usage_errors::assert_one_line_error(&ended, "run the same restore command again");
    }
    assert!(!data.join("secret").exists(), "no new secret is created");
    let finished = home.run(&["restore", "site.tar.gz"], &[]);
    assert!(stdout_of(&finished).contains("has been completed"), "{}", finished.out);
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await, ["2"]);
    assert!(before.join("site.db").exists() && before.join("secret").exists() && !aside.exists());
    assert!(home.serve(&[]).await.stop().await.success());
}
