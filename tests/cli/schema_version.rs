//! Data of a newer version or another build are rejected and left unchanged.

use crate::backups::{all_files, stdout_of};
use crate::program::Home;
use crate::support::feeds;
use crate::usage_errors::assert_one_line_error;

const COMMANDS: [&[&str]; 6] = [
    &[],
    &["staff", "list"],
    &["mail", "retry"],
    &["backup", "other.tar.gz"],
    &["staff", "add", "b@example.com", "--name", "B", "--role", "admin"],
    &["import", "rounds", "rounds.json"],
];

async fn assert_every_command_refuses(sentence: &str, change: &str) {
    let home = Home::with_stopped_site();
    std::fs::write(home.dir.path().join("rounds.json"), feeds::file(&[feeds::published("252")])).unwrap();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    home.execute(change).await;
    let before = all_files(&home.data());
    for arguments in COMMANDS {
        assert_one_line_error(&home.run(arguments, &[]), sentence);
    }
    let examined = home.run(&["doctor"], &[]);
    assert!(examined.code == Some(1) && examined.out.contains(sentence), "{}", examined.out);
    assert_eq!(all_files(&home.data()), before, "nothing was changed");
}

#[actix_web::test]
async fn every_command_rejects_data_of_a_newer_version() {
    assert_every_command_refuses(
        "the data belong to a newer version of this program",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)",
    )
    .await;
}

#[actix_web::test]
async fn every_command_rejects_data_of_another_build() {
    assert_every_command_refuses(
        "the data were made by another build of this program",
        "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 3",
    )
    .await;
}

#[actix_web::test]
async fn a_backup_of_a_newer_version_is_not_restored() {
    let home = Home::with_stopped_site();
    stdout_of(&home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &[]));
    stdout_of(&home.run(&["backup", "site.tar.gz"], &[]));
    crate::invalid_backups::mark_as_newer_version(&home.dir.path().join("site.tar.gz")).await;
    let before = all_files(&home.data());
    assert_one_line_error(&home.run(&["restore", "site.tar.gz", "--force"], &[]), "belong to a newer version");
    assert_eq!(all_files(&home.data()), before);
}
