//! Intact backups with foreign content, and data directories with symbolic links.

use std::os::unix::fs::symlink;

use crate::backups::{all_files, stdout_of};
use crate::invalid_backups::{member, replace_member, run_sql_in_backup};
use crate::program::Home;
use crate::usage_errors::assert_one_line_error;

#[actix_web::test]
async fn backup_with_foreign_database_objects_is_rejected() {
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["backup", "good.tar.gz"], &[]));
    let (good, evil) = (home.dir.path().join("good.tar.gz"), home.dir.path().join("evil.tar.gz"));
    let before = all_files(&home.data());
    for (sql, named) in [
        ("CREATE TRIGGER spy AFTER INSERT ON inquiries BEGIN DELETE FROM outbox; END", "the trigger spy"),
        ("CREATE VIEW people AS SELECT * FROM staff", "the view people"),
        ("CREATE VIRTUAL TABLE other USING fts5 (words)", "the table other"),
        ("CREATE TABLE songs (title TEXT)", "the table songs"),
        ("CREATE INDEX odd ON staff (lower(email))", "the index odd"),
        (
            "DROP TRIGGER content_site_update;
             CREATE TRIGGER content_site_update AFTER UPDATE ON site BEGIN DELETE FROM outbox; END",
            "the trigger content_site_update, which differs from the one",
        ),
        ("DROP TRIGGER content_site_update", "no trigger content_site_update"),
    ] {
        std::fs::copy(&good, &evil).unwrap();
        run_sql_in_backup(&evil, sql).await;
        let ended = home.run(&["restore", "evil.tar.gz", "--force"], &[]);
        assert_one_line_error(&ended, named);
        assert!(ended.err.contains("evil.tar.gz cannot be used"), "{}", ended.err);
        assert_eq!(all_files(&home.data()), before, "{sql}");
        let left =
            std::fs::read_dir(home.data()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| name.starts_with("restoring-")).count(), 0, "{sql}");
    }
    // Tables of a replication tool are allowed.
    run_sql_in_backup(&good, "CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER); ANALYZE").await;
    stdout_of(&home.run(&["restore", "good.tar.gz", "--force"], &[]));
    home.execute("CREATE TRIGGER spy AFTER INSERT ON inquiries BEGIN DELETE FROM outbox; END").await;
    let examined = home.run(&["doctor"], &[]);
    assert!(examined.code == Some(1) && examined.out.contains("it contains the trigger spy"), "{}", examined.out);
}

#[test]
fn backup_with_an_empty_or_short_secret_is_rejected() {
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["backup", "good.tar.gz"], &[]));
    let (good, bad) = (home.dir.path().join("good.tar.gz"), home.dir.path().join("bad.tar.gz"));
    let (secret, before) = (member(&good, "secret"), all_files(&home.data()));
    for content in [vec![], b"\n".to_vec(), secret[..63].to_vec(), [&secret[..], b"\nshort"].concat(), vec![0xff; 80]] {
        std::fs::copy(&good, &bad).unwrap();
        replace_member(&bad, "secret", content);
        assert_one_line_error(
            &home.run(&["restore", "bad.tar.gz", "--force"], &[]),
            "its secret is empty or truncated",
        );
        assert_eq!(all_files(&home.data()), before);
    }
}

#[test]
fn backup_skips_symbolic_links_and_reports_them() {
    let home = Home::with_stopped_site();
    let outside = home.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("private.txt"), "Nobody's business").unwrap();
    symlink(&outside, home.data().join("media")).unwrap();
    symlink(outside.join("private.txt"), home.data().join("mail/private.eml")).unwrap();
    symlink("nowhere", home.data().join("dangling")).unwrap();
    symlink(".", home.data().join("mail/circle")).unwrap();
    let made = home.run(&["backup", "site.tar.gz"], &[]);
    let lines = stdout_of(&made);
    for link in ["data/media", "data/mail/private.eml", "data/dangling", "data/mail/circle"] {
        assert!(lines.contains(&format!("left out: {link} is a symbolic link")), "{link}: {lines}");
    }
    let other = Home::new();
    let archive = home.dir.path().join("site.tar.gz");
    stdout_of(&other.run(&["restore", archive.to_str().unwrap()], &[]));
    let names: Vec<String> = all_files(&other.data())
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["secret", "site.db"]);
    // A dangling link is moved away with the rest.
    stdout_of(&home.run(&["restore", "site.tar.gz", "--force"], &[]));
    assert!(home.data().join("dangling").symlink_metadata().is_err() && outside.join("private.txt").exists());
}
