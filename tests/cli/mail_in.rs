//! `mail in`: replies of visitors from a pipe and from a Maildir, with the exit codes that mail servers know.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::outbox::{email_files, header};
use crate::program::{CommandOutput, Home};
use crate::usage_errors::assert_one_line_error;

const SETTINGS: [(&str, &str); 2] = [("STAFF_INBOX", "inbox@example.com"), ("REPLY_ADDRESS", "replies@example.com")];

/// Runs the command with a message on standard input.
fn pipe(home: &Home, arguments: &[&str], message: &[u8]) -> CommandOutput {
    let file = home.dir.path().join("message");
    fs::write(&file, message).unwrap();
    home.run_with_stdin(fs::File::open(&file).unwrap(), &[&["mail", "in"], arguments].concat(), &SETTINGS)
}

fn message(address: &str, id: &str, text: &str) -> String {
    format!("From: Ayesha <ayesha@example.org>\nTo: {address}\nSubject: Re: Hello\nMessage-ID: <{id}>\n\n{text}\n")
}

/// Directory of a site with one inquiry, and the address for replies to it.
async fn home_with_inquiry() -> (Home, String) {
    let home = Home::new();
    let mut site = home.serve(&SETTINGS).await;
    crate::outbox::send_inquiry(&site).await;
    let emails = email_files(&home, 2).await;
    assert!(site.stop().await.success());
    let confirmation = emails.iter().find(|email| header(email, "To") == "ayesha@example.org").unwrap();
    (home, header(confirmation, "Reply-To").to_owned())
}

fn maildir(home: &Home, messages: &[(&str, &str)]) -> std::path::PathBuf {
    let maildir = home.dir.path().join("Maildir");
    for folder in ["tmp", "new", "cur"] {
        fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    for (name, message) in messages {
        fs::write(maildir.join("new").join(name), message).unwrap();
    }
    maildir
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[actix_web::test]
async fn reply_from_a_pipe_is_added_while_the_site_runs() {
    let (home, address) = home_with_inquiry().await;
    let mut site = home.serve(&SETTINGS).await;
    let added = pipe(&home, &[], message(&address, "1@x.org", "I have a question.").as_bytes());
    assert_eq!((added.code, added.out.as_str(), added.err.as_str()), (Some(0), "IE-2026-000001: reply added\n", ""));
    let again = pipe(&home, &[], message(&address, "1@x.org", "I have a question.").as_bytes());
    assert_eq!((again.code, again.out.as_str()), (Some(0), "IE-2026-000001: this reply was added before\n"));
    // The running site sends the notice.
    let emails = email_files(&home, 3).await;
    assert!(emails.iter().any(|email| email.contains("The visitor replied by e-mail")), "{emails:?}");
    assert_eq!(home.texts("SELECT note FROM inquiry_events WHERE kind = 'answer'").await, ["I have a question."]);
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn exit_codes_tell_the_mail_server_what_to_do() {
    let (home, address) = home_with_inquiry().await;
    let automatic = format!("Auto-Submitted: auto-replied\n{}", message(&address, "2@x.org", "Away"));
    let forged = address.replace("@example.com", "x@example.com");
    let huge = message(&address, "3@x.org", &"x".repeat(50_000_000));
    for (arguments, raw, code, words) in [
        (&[][..], message(&address, "1@x.org", "Yes"), 0, "reply added"),
        (&["--recipient", &address][..], message("office@example.com", "4@x.org", "Yes"), 0, "reply added"),
        (&[], automatic, 0, "not added: automatic reply"),
        (&[], message(&forged, "5@x.org", "Yes"), 67, "it is not addressed to an inquiry of this site"),
        (&["--recipient", &forged], message(&address, "5@x.org", "Yes"), 67, "it is not addressed"),
        (&[], "no e-mail".to_owned(), 65, "it is not a message that can be read"),
        (&[], String::new(), 65, "it is not a message that can be read"),
        (&[], huge, 65, "it is larger than 50 MB"),
    ] {
        let output = pipe(&home, arguments, raw.as_bytes());
        assert_eq!(output.code, Some(code), "{words}: {} {}", output.out, output.err);
        assert!(format!("{}{}", output.out, output.err).contains(words), "{words}: {} {}", output.out, output.err);
        assert!(!format!("{}{}", output.out, output.err).contains("ayesha"), "no personal data in the log");
    }
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiry_replies").await, ["2"]);
    // Everything else may succeed later.
    let raw = message(&address, "6@x.org", "Yes");
    let input = || {
        fs::write(home.dir.path().join("message"), &raw).unwrap();
        fs::File::open(home.dir.path().join("message")).unwrap()
    };
    for (settings, words) in [
        (&[][..], "REPLY_ADDRESS is not set"),
        (&[("REPLY_ADDRESS", "replies@example.com"), ("BIND", "nonsense")][..], "BIND"),
        (&[("REPLY_ADDRESS", "replies@example.com"), ("DATA_DIR", "elsewhere")], "no site"),
    ] {
        let output = home.run_with_stdin(input(), &["mail", "in"], settings);
        assert_eq!(output.code, Some(75), "{words}: {}", output.err);
        assert!(output.err.starts_with("error: ") && output.err.contains(words), "{words}: {}", output.err);
    }
    assert!(!home.dir.path().join("elsewhere").join("site.db").exists(), "the command creates no site");
    fs::write(home.dir.path().join(".env"), "not a setting\n").unwrap();
    let output = home.run_with_stdin(input(), &["mail", "in"], &SETTINGS);
    assert_eq!(output.code, Some(75), "{}", output.err);
}

#[actix_web::test]
async fn busy_database_is_a_temporary_failure() {
    let (home, address) = home_with_inquiry().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.data().join("site.db"));
    let mut other = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let started = Instant::now();
    let output = pipe(&home, &[], message(&address, "1@x.org", "Yes").as_bytes());
    assert_eq!(output.code, Some(75), "{}{}", output.out, output.err);
    assert!(started.elapsed() < Duration::from_secs(30));
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    let output = pipe(&home, &[], message(&address, "1@x.org", "Yes").as_bytes());
    assert_eq!((output.code, output.out.as_str()), (Some(0), "IE-2026-000001: reply added\n"));
}

#[actix_web::test]
async fn maildir_is_read_and_each_message_is_moved_once_it_is_stored() {
    let (home, address) = home_with_inquiry().await;
    let automatic = format!("Precedence: bulk\n{}", message(&address, "3@x.org", "Away"));
    let maildir = maildir(
        &home,
        &[
            ("1001.a.host", &message(&address, "1@x.org", "First")),
            ("1002.b.host", &message("stranger@example.com", "2@x.org", "Buy pills")),
            ("1003.c.host", &automatic),
            ("1004.d.host", &message(&address, "1@x.org", "First")),
        ],
    );
    let arguments = ["mail", "in", "--maildir", maildir.to_str().unwrap()];
    let output = home.run(&arguments, &SETTINGS);
    assert_eq!(
        (output.code, output.out.as_str()),
        (Some(0), "4 messages: 2 added, 1 automatic, 1 refused, 0 waiting\n"),
        "{}",
        output.err
    );
    assert!(output.err.contains("1002.b.host: it is not addressed to an inquiry"), "{}", output.err);
    assert_eq!(names(&maildir.join("new")), Vec::<String>::new());
    // Staff see the refused one as unread and flagged in their mail program.
    let moved = ["1001.a.host:2,S", "1002.b.host:2,F", "1003.c.host:2,S", "1004.d.host:2,S"];
    assert_eq!(names(&maildir.join("cur")), moved);
    assert_eq!(home.texts("SELECT note FROM inquiry_events WHERE kind = 'answer'").await, ["First"]);
    let output = home.run(&arguments, &SETTINGS);
    assert_eq!((output.code, output.out.as_str()), (Some(0), ""), "nothing new prints nothing");
    let missing = home.run(&["mail", "in", "--maildir", "nowhere"], &SETTINGS);
    assert_eq!(missing.code, Some(75));
    assert!(missing.err.contains("nowhere is not a Maildir"), "{}", missing.err);
}

#[actix_web::test]
async fn message_that_is_not_stored_stays_in_the_maildir() {
    let (home, address) = home_with_inquiry().await;
    let maildir = maildir(&home, &[("1001.a.host", &message(&address, "1@x.org", "First"))]);
    home.execute(
        "CREATE TRIGGER full BEFORE INSERT ON inquiry_replies BEGIN SELECT raise(FAIL, 'the disk is full'); END",
    )
    .await;
    let arguments = ["mail", "in", "--maildir", maildir.to_str().unwrap()];
    let output = home.run(&arguments, &SETTINGS);
    assert_eq!(output.code, Some(75), "{}", output.err);
    assert_eq!(names(&maildir.join("new")), ["1001.a.host"]);
    assert_eq!(home.texts("SELECT CAST(count(*) AS TEXT) FROM inquiry_events WHERE kind = 'answer'").await, ["0"]);
    home.execute("DROP TRIGGER full").await;
    assert_eq!(home.run(&arguments, &SETTINGS).code, Some(0));
    assert_eq!(names(&maildir.join("cur")), ["1001.a.host:2,S"]);
}

#[actix_web::test]
async fn replies_survive_a_backup_and_a_restore() {
    let (home, address) = home_with_inquiry().await;
    pipe(&home, &[], message(&address, "1@x.org", "Before the backup").as_bytes());
    assert_eq!(home.run(&["backup", "site.tar.gz"], &SETTINGS).code, Some(0));
    assert_eq!(home.run(&["secret", "rotate"], &SETTINGS).code, Some(0));
    assert_eq!(home.run(&["restore", "site.tar.gz", "--force"], &SETTINGS).code, Some(0));
    let again = pipe(&home, &[], message(&address, "1@x.org", "Before the backup").as_bytes());
    assert!(again.out.contains("was added before"), "{}{}", again.out, again.err);
    let later = pipe(&home, &[], message(&address, "2@x.org", "After the restore").as_bytes());
    assert!(later.out.contains("reply added"), "the address is still valid: {}{}", later.out, later.err);
}

#[actix_web::test]
async fn wrong_usage_is_reported() {
    let home = Home::with_stopped_site();
    let both = home.run(&["mail", "in", "--maildir", "x", "--recipient", "y@example.com"], &SETTINGS);
    assert_eq!(both.code, Some(2), "{}", both.err);
    let invalid = home.run(&["doctor"], &[("REPLY_ADDRESS", "replies")]);
    assert!(format!("{}{}", invalid.out, invalid.err).contains("REPLY_ADDRESS"), "{}", invalid.out);
    let refused = home.run(&["serve"], &[("REPLY_ADDRESS", "replies+x@example.com")]);
    assert_one_line_error(&refused, "REPLY_ADDRESS");
}
