//! `doctor`: mail server, links in e-mails, age of the draw record, missing permissions.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use crate::program::{CommandOutput, Home};
use crate::secrets::smtp_server_rejecting_auth;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

const PUBLIC_SITE: [(&str, &str); 2] = [("BASE_URL", "https://example.com"), ("TRUSTED_PROXIES", "10.0.0.0/8")];

#[track_caller]
fn line<'a>(ended: &'a CommandOutput, level: &str, words: &str) -> &'a str {
    let found = ended.out.lines().find(|line| line.starts_with(level) && line.contains(words));
    found.unwrap_or_else(|| panic!("no {level} with “{words}”: {}", ended.out))
}

fn doctor(home: &Home, more: &[(&str, &str)]) -> CommandOutput {
    home.run(&["doctor"], &[&PUBLIC_SITE, more].concat())
}

#[test]
fn doctor_checks_the_mail_server_without_sending_an_email() {
    let (home, sink) = (Home::with_stopped_site(), FakeSmtpServer::start(SmtpBehaviour::Accepts));
    let ended = doctor(&home, &[("SMTP_URL", &sink.url)]);
    line(&ended, "ok", "the mail server accepts the sign-in");
    assert_eq!((ended.code, sink.received().len()), (Some(0), 0), "{}", ended.out);
}

#[test]
fn doctor_reports_mail_server_errors_without_the_password() {
    let (home, silent, refusing) =
        (Home::with_stopped_site(), FakeSmtpServer::start(SmtpBehaviour::Silent), smtp_server_rejecting_auth());
    for (url, reason) in [
        ("smtp://user:hunter2@127.0.0.1:1", "refused"),
        (silent.url.as_str(), "in time"),
        (refusing.as_str(), "535"),
        ("smtps://user:hunter2@127.0.0.1:1", "refused"),
        ("smtp://user:hunter2@no-such-host.invalid:587", "mail server cannot be used"),
    ] {
        let ended = doctor(&home, &[("SMTP_URL", url)]);
        let line = line(&ended, "FAIL", "mail: the mail server cannot be used");
        assert!(line.to_lowercase().contains(reason), "{url}: {line}");
        assert!(ended.code == Some(1) && !ended.out.contains("hunter2"), "{}", ended.out);
    }
    let ended = doctor(&home, &[("SMTP_URL", "smtp://user:hun#ter2@mail.example.com")]);
    let line = line(&ended, "FAIL", "settings: SMTP_URL");
    assert!(line.contains("%23") && !line.contains("ter2"), "{line}");
}

#[test]
fn doctor_warns_when_email_links_point_to_localhost() {
    let (home, sink) = (Home::with_stopped_site(), FakeSmtpServer::start(SmtpBehaviour::Accepts));
    let url = ("SMTP_URL", sink.url.as_str());
    for base in ["http://localhost:8080", "http://127.0.0.1", "http://[::1]:8080", ""] {
        let ended = home.run(&["doctor"], &[url, ("BASE_URL", base)]);
        line(&ended, "warn", "links in e-mails only work on this machine (BASE_URL)");
    }
    assert!(!doctor(&home, &[url]).out.contains("links in e-mails"));
    assert!(!home.run(&["doctor"], &[]).out.contains("links in e-mails"), "no e-mail is sent");
}

#[test]
fn doctor_warns_about_unusual_settings() {
    let (home, sink) = (Home::with_stopped_site(), FakeSmtpServer::start(SmtpBehaviour::Accepts));
    for (name, value, words) in [
        ("SMTP_URL", "smtp://127.0.0.1:465", "write smtps://"),
        ("TRUSTED_PROXIES", "10.1.2.3/8", "it is read as 10.0.0.0/8"),
        ("METRICS_FROM", "0.0.0.0/0", "matches every address"),
        ("SMPT_URL", sink.url.as_str(), "did you mean SMTP_URL?"),
    ] {
        line(&doctor(&home, &[(name, value)]), "warn", words);
    }
    std::fs::write(home.dir.path().join(".env"), "STAFF_MAIL=a@example.com\n").unwrap();
    line(&doctor(&home, &[]), "warn", "STAFF_MAIL is not a setting");
}

#[actix_web::test]
async fn doctor_warns_only_when_the_draw_record_is_old() {
    let home = Home::with_stopped_site();
    let set = async |days: &str| {
        let sql = format!("UPDATE draws SET date = date('now', '{days}') WHERE round = '447'");
        home.execute(&format!("DELETE FROM draws WHERE date > date('now', '{days}') AND round <> '447'; {sql}")).await;
        doctor(&home, &[])
    };
    line(&set("-12 days").await, "warn", "the latest draw is of");
    line(&set("-3 days").await, "ok", "the latest draw is of");
}

/// Runs `doctor` as an unprivileged user.
fn doctor_as_unprivileged_user(home: &Home) -> CommandOutput {
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(home.dir.path(), 0o755);
    let mut command = home.prepared(&["doctor"]);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    Home::ended(command.spawn().unwrap(), &["doctor"])
}

#[test]
fn doctor_does_not_report_unreadable_files_as_missing() {
    let home = Home::with_stopped_site();
    let set = |path: std::path::PathBuf, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(home.data(), 0o000);
    let ended = doctor_as_unprivileged_user(&home);
    for what in ["data", "database", "backups"] {
        line(&ended, "warn", &format!("{what}: data"));
    }
    assert!(!ended.out.contains("does not exist") && !ended.out.contains("lost"), "{}", ended.out);
    set(home.data(), 0o755);
    std::fs::create_dir(home.data().join("backups")).unwrap();
    for name in ["secret", "site.db", "backups"] {
        set(home.data().join(name), 0o000);
    }
    let ended = doctor_as_unprivileged_user(&home);
    line(&ended, "warn", "backups: data/backups cannot be read");
    line(&ended, "warn", "database: data/site.db cannot be read");
    assert!(!ended.out.contains("does not exist"), "{}", ended.out);
    set(home.data().join("backups"), 0o755);
}
