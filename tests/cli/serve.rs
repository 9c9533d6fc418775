//! Start and shutdown of the site.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::program::{Home, address_in, until};
use crate::support::PASSWORD;

#[actix_web::test]
async fn start_prints_the_site_url_and_the_first_account_link() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/").await.status, 200);
    let line = site.log_line("/admin/set-up/").unwrap();
    let address = address_in(&line).to_owned();
    let path = address.strip_prefix(&site.address).unwrap().to_owned();
    assert!(!site.lines().iter().any(|line| line.contains('\u{1b}')), "{:?}", site.lines());
    let before = stored_files(&home).await;
    assert!(site.stop().await.success());

    let mut site = home.serve(&[]).await;
    assert!(site.log_line("/admin/set-up/").unwrap().ends_with(&path), "the link stays the same until it is used");
    assert_eq!(stored_files(&home).await, before);
    let visitor = site.visitor();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post(&path, &fields).await.status, 303);
    let dashboard = visitor.post_and_follow("/admin/sign-in", &fields[1..]).await;
    assert_eq!(dashboard.first("h1"), "Dashboard");
    assert!(site.stop().await.success());

    let site = home.serve(&[]).await;
    assert_eq!(site.log_line("/admin/set-up/"), None);
    assert_eq!(site.visitor().get(&path).await.status, 404);
}

/// Row counts of all tables.
async fn stored_files(home: &Home) -> Vec<String> {
    home.texts(
        "SELECT concat_ws(' ', (SELECT count(*) FROM occupations), (SELECT count(*) FROM draws), (SELECT count(*) FROM posts),
                (SELECT count(*) FROM post_revisions), (SELECT count(*) FROM category_occupations), (SELECT version FROM site))",
    )
    .await
}

#[actix_web::test]
async fn json_log_has_json_on_every_line() {
    let home = Home::new();
    let mut site = home.serve(&[("LOG_FORMAT", "json"), ("LOG", "debug")]).await;
    assert_eq!(site.visitor().get("/occupations").await.status, 200);
    assert!(site.stop().await.success());
    let lines = site.lines();
    assert!(lines.len() > 3, "{lines:?}");
    for line in lines {
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
}

#[actix_web::test]
async fn environment_overrides_the_env_file() {
    let home = Home::new();
    std::fs::write(home.dir.path().join(".env"), "BASE_URL=https://example.com\nDATA_DIR=elsewhere\n").unwrap();
    let site = home.serve(&[]).await;
    assert_eq!(site.address, "https://example.com");
    assert!(site.log_line("/admin/set-up/").unwrap().contains("https://example.com/admin/set-up/"));
    assert!(home.data().join("site.db").exists());
    assert!(!home.dir.path().join("elsewhere").exists());
}

#[actix_web::test]
async fn data_files_are_readable_by_the_owner_only() {
    let home = Home::new();
    let mut site = home.serve_with_open_umask(&[("STAFF_INBOX", "inbox@example.com")]).await;
    crate::outbox::send_inquiry(&site).await;
    crate::outbox::email_files(&home, 2).await;
    let mut seen = vec![];
    assert_private(&home.data(), &mut seen);
    for name in ["data", "site.db", "site.db-wal", "secret", "mail"] {
        assert!(seen.iter().any(|file| file == name), "{name} is not among {seen:?}");
    }
    assert!(site.stop().await.success());
    assert_private(&home.data(), &mut seen);
}

#[actix_web::test]
async fn start_restricts_open_file_permissions_and_logs_it() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    assert!(site.stop().await.success());
    let open = |path: &Path| {
        let mode = if path.is_dir() { 0o777 } else { 0o666 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let names = ["", "secret", "site.db", "mail"].map(|name| home.data().join(name));
    for path in &names {
        open(path);
    }
    let mut site = home.serve_with_open_umask(&[]).await;
    for path in &names {
        let name = Path::new("data").join(path.strip_prefix(home.data()).unwrap());
        let name = name.to_str().unwrap().trim_end_matches('/');
        assert!(
            site.log_line(&format!("{name} was accessible to other users")).is_some(),
            "{name}: {:?}",
            site.lines()
        );
    }
    assert_private(&home.data(), &mut vec![]);
    assert!(site.stop().await.success());
    // The same for a directory that existed before the first start.
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    open(&home.data());
    let site = home.serve_with_open_umask(&[]).await;
    let mut seen = vec![];
    assert_private(&home.data(), &mut seen);
    assert!(seen.len() > 3, "{seen:?}");
    assert_eq!(site.visitor().get("/health").await.status, 200);
}

fn assert_private(path: &Path, seen: &mut Vec<String>) {
    // Files may be deleted at the same time.
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return };
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o777, expected, "{}", path.display());
    seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            assert_private(&entry.unwrap().path(), seen);
        }
    }
}

#[actix_web::test]
async fn shutdown_is_logged_and_leaves_one_complete_database_file() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    // The visitor keeps the connection open, as browsers do.
    let visitor = site.visitor();
    assert_eq!(visitor.get("/").await.status, 200);
    let status = site.stop().await;
    assert_eq!(status.code(), Some(0), "{:?}", site.lines());
    assert!(site.log_line("shutdown complete").is_some(), "{:?}", site.lines());
    let log = home.data().join("site.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0);
    assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
}

#[actix_web::test]
async fn overdue_jobs_do_not_delay_the_start() {
    const OVERDUE_INQUIRIES: i64 = 2_000;
    let home = Home::new();
    home.serve(&[]).await.stop().await;
    let options = SqliteConnectOptions::new().filename(home.data().join("site.db"));
    let mut db = options.connect().await.unwrap();
    sqlx::query(
        "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?)
         INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_token,
                                content_hash, name, email, phone, message)
         SELECT 'IE-2020-' || value, 'contact', 'answered', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z',
                'token ' || value, '', 'h', 'Zaynab', 'zaynab@example.com', '', 'Hello'
         FROM numbers",
    )
    .bind(OVERDUE_INQUIRIES)
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    let mut site = home.serve(&[]).await;
    assert_eq!(site.visitor().get("/health/ready").await.status, 200);
    let left = "SELECT CAST(count(*) AS TEXT) FROM inquiries WHERE trashed_at IS NULL";
    assert_ne!(home.texts(left).await, ["0"], "the site responds before the work is done");
    until("the work to be done", async || (home.texts(left).await == ["0"]).then_some(())).await;
    assert!(site.stop().await.success());
}
