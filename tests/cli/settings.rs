//! Settings that would be ignored, or could not work, are refused with their name and the reason.

use crate::faults::one_line;
use crate::program::Home;

#[test]
fn a_log_level_that_does_not_exist_is_refused_with_the_valid_ones() {
    let home = Home::new();
    for bad in ["inof", "warning", "info,immigration_expert=debug", "immigration_experts=verbose"] {
        let ended = home.run(&[], &[("LOG", bad)]);
        one_line(&ended, "LOG");
        assert!(ended.err.contains("error, warn, info, debug, trace"), "{}", ended.err);
    }
    assert!(!home.data().exists());
}

#[actix_web::test]
async fn a_level_by_module_is_taken_and_an_empty_one_counts_as_not_set() {
    for log in ["info,immigration_experts::mail=debug", "INFO", ""] {
        let mut site = Home::new().serve(&[("LOG", log), ("MAIL_RATE", ""), ("BACKUPS", ""), ("LOG_FORMAT", "")]).await;
        assert!(site.said("make the first account").is_some(), "{log}");
        assert!(site.stop().await.success());
    }
}

#[test]
fn a_password_that_must_be_encoded_is_refused_with_how_to_do_it() {
    let home = Home::new();
    for password in ["hunter/2", "hunter#2", "hunter?2", "12/hunter", "12#hunter", "hunter%FF2"] {
        let ended = home.run(&[], &[("SMTP_URL", &format!("smtp://desk:{password}@mail.example.com:587"))]);
        one_line(&ended, "SMTP_URL");
        assert!(ended.err.contains("%2F") && ended.err.contains("%23"), "{}", ended.err);
        assert!(!ended.err.contains("hunter"), "{}", ended.err);
    }
}

#[test]
fn what_would_be_ignored_or_cannot_work_is_refused() {
    let home = Home::new();
    for (name, value) in [
        ("SMTP_URL", "smtp://mail.example.com#tls"),
        ("SMTP_URL", "smtp://mail.example.com?starttls=no"),
        ("SMTP_URL", "smtp://desk@mail.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/40"),
        ("METRICS_FROM", "10.0.0.0-10.0.0.7"),
        ("BASE_URL", "https://desk:secret@example.com"),
        ("DATABASE_URL", "sqlite://data/site.db?mode=memory"),
        ("BACKUPS", "none"),
        ("PURGE_URL", "http://cache.example.com/#all"),
    ] {
        one_line(&home.run(&[], &[(name, value)]), name);
    }
    assert!(!home.data().join("site.db").exists());
}

#[actix_web::test]
async fn what_is_odd_is_warned_of_at_the_start() {
    let home = Home::new();
    std::fs::write(home.dir.path().join(".env"), "SMTP_HOST=mail.example.com\n").unwrap();
    let settings = [
        ("SMTP_URL", "smtp://desk:hunter2@127.0.0.1:465"),
        ("TRUSTED_PROXIES", "10.1.2.3/8"),
        ("TRUSTED_PROXY", "10.0.0.1"),
    ];
    let mut site = home.serve(&settings).await;
    for words in
        ["write smtps://", "it is read as 10.0.0.0/8", "TRUSTED_PROXY is not a setting", "SMTP_HOST is not a setting"]
    {
        let line = site.said(words).unwrap_or_else(|| panic!("{words}: {:?}", site.lines()));
        assert!(line.contains("WARN") && !line.contains("hunter2"), "{line}");
    }
    assert!(site.stop().await.success());
}
