//! Settings without effect or with invalid values are rejected with their name and the reason.

use crate::program::Home;
use crate::usage_errors::assert_one_line_error;

#[test]
fn invalid_log_level_error_lists_valid_levels() {
    let home = Home::new();
    for bad in ["inof", "warning", "info,immigration_expert=debug", "immigration_experts=verbose"] {
        let ended = home.run(&[], &[("LOG", bad)]);
        assert_one_line_error(&ended, "LOG");
        assert!(ended.err.contains("error, warn, info, debug, trace"), "{}", ended.err);
    }
    assert!(!home.data().exists());
}

#[actix_web::test]
async fn per_module_log_levels_work_and_empty_settings_count_as_unset() {
    for log in ["info,immigration_experts::mail=debug", "INFO", ""] {
        let mut site = Home::new().serve(&[("LOG", log), ("MAIL_RATE", ""), ("BACKUPS", ""), ("LOG_FORMAT", "")]).await;
        assert!(site.log_line("create the first one").is_some(), "{log}");
        assert!(site.stop().await.success());
    }
}

#[test]
fn unencoded_smtp_password_error_explains_encoding() {
    let home = Home::new();
    for password in ["hunter/2", "hunter#2", "hunter?2", "12/hunter", "12#hunter", "hunter%FF2"] {
        let ended = home.run(&[], &[("SMTP_URL", &format!("smtp://office:{password}@mail.example.com:587"))]);
        assert_one_line_error(&ended, "SMTP_URL");
        assert!(ended.err.contains("%2F") && ended.err.contains("%23"), "{}", ended.err);
        assert!(!ended.err.contains("hunter"), "{}", ended.err);
    }
}

#[test]
fn invalid_setting_values_stop_the_start() {
    let home = Home::new();
    for (name, value) in [
        ("SMTP_URL", "smtp://mail.example.com#tls"),
        ("SMTP_URL", "smtp://mail.example.com?starttls=no"),
        ("SMTP_URL", "smtp://office@mail.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/40"),
        ("METRICS_FROM", "10.0.0.0-10.0.0.7"),
        ("BASE_URL", "https://office:secret@example.com"),
        ("DATABASE_URL", "sqlite://data/site.db?mode=memory"),
        ("BACKUPS", "none"),
        ("PURGE_URL", "http://cache.example.com/#all"),
    ] {
        assert_one_line_error(&home.run(&[], &[(name, value)]), name);
    }
    assert!(!home.data().join("site.db").exists());
}

#[actix_web::test]
async fn unusual_settings_are_warned_about_at_start() {
    let home = Home::new();
    std::fs::write(home.dir.path().join(".env"), "SMTP_HOST=mail.example.com\n").unwrap();
    let settings = [
        ("SMTP_URL", "smtp://office:hunter2@127.0.0.1:465"),
        ("TRUSTED_PROXIES", "10.1.2.3/8"),
        ("TRUSTED_PROXY", "10.0.0.1"),
    ];
    let mut site = home.serve(&settings).await;
    for words in
        ["write smtps://", "it is read as 10.0.0.0/8", "TRUSTED_PROXY is not a setting", "SMTP_HOST is not a setting"]
    {
        let line = site.log_line(words).unwrap_or_else(|| panic!("{words}: {:?}", site.lines()));
        assert!(line.contains("WARN") && !line.contains("hunter2"), "{line}");
    }
    assert!(site.stop().await.success());
}
