//! Backups and restores that are killed in the middle: what was there is there, or what was put in its place, or a
//! sentence that says what to do.

use std::time::Duration;

use crate::backups::{said, send};
use crate::program::{Home, Serving};

const MOMENTS: [u64; 7] = [4, 12, 25, 45, 80, 130, 200];

async fn filled(home: &Home, count: usize) -> Serving {
    let site = home.serve(&[]).await;
    for number in 0..count {
        send(&site.visitor(), "Ali", "ali@example.org", &format!("Question {number}. {}", "All of it. ".repeat(400)))
            .await;
    }
    site
}

fn kill_after(home: &Home, arguments: &[&str], milliseconds: u64) {
    let mut child = home.begin(arguments);
    std::thread::sleep(Duration::from_millis(milliseconds));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[actix_web::test]
async fn a_backup_killed_at_any_moment_is_whole_or_not_there_and_the_next_one_works() {
    let home = Home::new();
    let site = filled(&home, 12).await;
    let file = home.dir.path().join("site.tar.gz");
    for moment in MOMENTS {
        kill_after(&home, &["backup", "site.tar.gz"], moment);
        if file.exists() {
            let other = Home::new();
            said(&other.run(&["restore", file.to_str().unwrap()], &[]));
            std::fs::remove_file(&file).unwrap();
        }
    }
    said(&home.run(&["backup", "site.tar.gz"], &[]));
    let mut names: Vec<_> =
        std::fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["data", "site.tar.gz"], "what was left half-done is cleared away");
    assert_eq!(site.visitor().get("/").await.status, 200);
}

#[actix_web::test]
async fn a_restore_killed_at_any_moment_leaves_the_old_or_the_new_or_says_how_to_go_on() {
    let home = Home::new();
    let mut site = filled(&home, 6).await;
    said(&home.run(&["backup", "site.tar.gz"], &[]));
    send(&site.visitor(), "Zainab", "zainab@example.org", "One more").await;
    assert!(site.stop().await.success());
    for moment in MOMENTS {
        kill_after(&home, &["restore", "site.tar.gz", "--force"], moment);
        let listed = home.run(&["staff", "list"], &[]);
        if listed.code != Some(0) {
            assert!(listed.err.contains("run the same restore command again"), "{}", listed.err);
            let examined = home.run(&["doctor"], &[]);
            assert!(examined.code == Some(1) && examined.out.contains("run the restore again"), "{}", examined.out);
            said(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
        }
        let count = home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await;
        assert!(["6", "7"].contains(&count[0].as_str()), "{count:?}");
        assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
    }
    said(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
    let left = std::fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.starts_with("restoring-")).count(), 0);
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await, ["6"]);
}

#[actix_web::test]
async fn one_broken_off_between_two_renames_is_finished_by_the_next_restore_and_by_nothing_else() {
    let home = Home::new();
    let mut site = filled(&home, 2).await;
    said(&home.run(&["backup", "site.tar.gz"], &[]));
    send(&site.visitor(), "Zainab", "zainab@example.org", "One more").await;
    assert!(site.stop().await.success());
    // As the machine leaves it when it dies after the old secret was moved.
    let (data, other) = (home.data(), Home::new());
    said(&other.run(&["restore", home.dir.path().join("site.tar.gz").to_str().unwrap()], &[]));
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
        crate::faults::one_line(&ended, "run the same restore command again");
    }
    assert!(!data.join("secret").exists(), "no other is made meanwhile");
    let finished = home.run(&["restore", "site.tar.gz"], &[]);
    assert!(said(&finished).contains("is finished now"), "{}", finished.out);
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiries").await, ["2"]);
    assert!(before.join("site.db").exists() && before.join("secret").exists() && !aside.exists());
    assert!(home.serve(&[]).await.stop().await.success());
}
