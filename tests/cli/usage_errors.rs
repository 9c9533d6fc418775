//! Help texts and usage errors.

use std::net::TcpListener;

use crate::program::{CommandOutput, Home};

#[test]
fn help_lists_every_command_and_setting_without_passwords() {
    let home = Home::new();
    let help = home.run(&["--help"], &[("SMTP_URL", "smtp://user:hunter2@mail.example.com")]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    for word in [
        "serve",
        "Serve the site",
        "staff",
        "backup",
        "restore",
        "check",
        "doctor",
        "BACKUPS",
        "BIND",
        "BASE_URL",
        "DATA_DIR",
        "SMTP_URL",
        "MAIL_RATE",
        "LOG_FORMAT",
    ] {
        assert!(help.out.contains(word), "{word} is not in {}", help.out);
    }
    assert!(!help.out.contains("hunter2"));
    let help = home.run(&["staff", "--help"], &[]);
    for word in ["add", "set-up link", "reset-password", "reset-totp", "deactivate", "list"] {
        assert!(help.out.contains(word), "{word} is not in {}", help.out);
    }
    let help = home.run(&["mail", "--help"], &[]);
    assert!(help.out.contains("retry") && help.out.contains("failed and waiting"), "{}", help.out);
    let help = home.run(&["staff", "add", "--help"], &[]);
    for word in ["EMAIL", "--name", "--role", "writer, publisher or admin"] {
        assert!(help.out.contains(word), "{word} is not in {}", help.out);
    }
    let help = home.run(&["restore", "--help"], &[]);
    for word in ["site must be stopped", "--force", "before-restore-"] {
        assert!(help.out.contains(word), "{word} is not in {}", help.out);
    }
    assert!(!home.data().exists(), "help creates no files");
}

#[test]
fn usage_errors_exit_with_2_and_change_nothing() {
    let home = Home::new();
    for arguments in [
        &["frobnicate"][..],
        &["--nonsense"],
        &["serve", "now"],
        &["staff"],
        &["staff", "add"],
        &["mail"],
        &["mail", "retry", "1"],
        &["backup"],
        &["restore"],
        &["doctor", "everything"],
        &["staff", "add", "a@example.com", "--name", "A", "--role", "owner"],
    ] {
        let ended = home.run(arguments, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.err);
        assert!(!ended.err.is_empty());
    }
    assert!(!home.data().exists());
}

#[test]
fn startup_errors_are_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (name, value, expected) in [
        ("BIND", "8080", "BIND"),
        ("BIND", taken.as_str(), "(BIND)"),
        ("BASE_URL", "example.com", "BASE_URL"),
        ("DATA_DIR", "file/below", "(DATA_DIR)"),
        ("DATA_DIR", "file", "(DATA_DIR)"),
        ("DATABASE_URL", "postgres://localhost/site", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite://nowhere/site.db", "nowhere/site.db"),
        ("DATABASE_URL", "sqlite://file", "file"),
        ("BACKUPS", "file", "BACKUPS"),
        ("SMTP_URL", "mail.example.com", "SMTP_URL"),
        ("MAIL_FROM", "nobody", "MAIL_FROM"),
        ("STAFF_INBOX", "a@example.com, b", "STAFF_INBOX"),
        ("MAIL_RATE", "fast", "MAIL_RATE"),
        ("TRUSTED_PROXIES", "proxy", "TRUSTED_PROXIES"),
        ("LOG", "a=b=c", "LOG"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT"),
    ] {
        let home = Home::new();
        std::fs::write(home.dir.path().join("file"), "This is no database, and no directory.".repeat(200)).unwrap();
        assert_one_line_error(&home.run(&[], &[(name, value)]), expected);
    }
}

#[test]
fn port_in_use_error_changes_nothing() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_one_line_error(&home.run(&[], &[("BIND", &taken.local_addr().unwrap().to_string())]), "in use");
    assert!(!home.data().join("site.db").exists());
}

#[test]
fn settings_are_read_from_the_env_file_of_the_working_directory() {
    let home = Home::new();
    std::fs::write(home.dir.path().join(".env"), "# Ours\nLOG_FORMAT=xml\n").unwrap();
    assert_one_line_error(&home.run(&[], &[]), "LOG_FORMAT is \"xml\"");
    std::fs::write(home.dir.path().join(".env"), "SMTP_URL=mail.example.com hunter2\n").unwrap();
    let ended = home.run(&[], &[]);
    assert_one_line_error(&ended, ".env");
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
}

/// Fails unless the command printed one line on stderr, without a stack trace, and exited with 1.
pub fn assert_one_line_error(ended: &CommandOutput, expected: &str) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{expected}: {}", ended.err);
    assert!(ended.err.starts_with("error: ") && ended.err.contains(expected), "{expected}: {}", ended.err);
    assert_eq!(ended.err.trim_end().lines().count(), 1, "{}", ended.err);
}
