//! What a start says and leaves behind, and how the site stops.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::program::{Home, address_in, until};
use crate::support::PASSWORD;

#[actix_web::test]
async fn a_start_says_where_the_site_is_and_where_the_first_account_is_made() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/").await.status, 200);
    let line = site.said("/admin/set-up/").unwrap();
    let address = address_in(&line).to_owned();
    let path = address.strip_prefix(&site.address).unwrap().to_owned();
    assert!(!site.lines().iter().any(|line| line.contains('\u{1b}')), "{:?}", site.lines());
    let before = kept(&home).await;
    assert!(site.stop().await.success());

    let mut site = home.serve(&[]).await;
    assert!(site.said("/admin/set-up/").unwrap().ends_with(&path), "the address stays until it is used");
    assert_eq!(kept(&home).await, before);
    let visitor = site.visitor();
    let fields = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post(&path, &fields).await.status, 303);
    let desk = visitor.post_and_follow("/admin/sign-in", &fields[1..]).await;
    assert_eq!(desk.first("h1"), "What needs attention");
    assert!(site.stop().await.success());

    let site = home.serve(&[]).await;
    assert_eq!(site.said("/admin/set-up/"), None);
    assert_eq!(site.visitor().get(&path).await.status, 404);
}

/// How much of everything there is.
async fn kept(home: &Home) -> Vec<String> {
    home.texts(
        "SELECT concat_ws(' ', (SELECT count(*) FROM occupations), (SELECT count(*) FROM draws), (SELECT count(*) FROM posts),
                (SELECT count(*) FROM post_revisions), (SELECT count(*) FROM category_occupations), (SELECT version FROM site))",
    )
    .await
}

#[actix_web::test]
async fn the_log_for_machines_is_json_on_every_line() {
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
async fn the_env_file_is_read_and_the_environment_goes_before_it() {
    let home = Home::new();
    std::fs::write(home.dir.path().join(".env"), "BASE_URL=https://example.com\nDATA_DIR=elsewhere\n").unwrap();
    let site = home.serve(&[]).await;
    assert_eq!(site.address, "https://example.com");
    assert!(site.said("/admin/set-up/").unwrap().contains("https://example.com/admin/set-up/"));
    assert!(home.data().join("site.db").exists());
    assert!(!home.dir.path().join("elsewhere").exists());
}

#[actix_web::test]
async fn what_is_kept_is_for_its_owners_eyes_alone() {
    let home = Home::new();
    let mut site = home.serve_open_handed(&[("STAFF_INBOX", "inbox@example.com")]).await;
    crate::letters::send_a_message(&site).await;
    crate::letters::files(&home, 2).await;
    let mut seen = vec![];
    check_private(&home.data(), &mut seen);
    for name in ["data", "site.db", "site.db-wal", "secret", "mail"] {
        assert!(seen.iter().any(|file| file == name), "{name} is not among {seen:?}");
    }
    assert!(site.stop().await.success());
    check_private(&home.data(), &mut seen);
}

#[actix_web::test]
async fn what_was_open_to_others_is_closed_at_the_start_and_the_log_says_so() {
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
    let mut site = home.serve_open_handed(&[]).await;
    for path in &names {
        let name = Path::new("data").join(path.strip_prefix(home.data()).unwrap());
        let name = name.to_str().unwrap().trim_end_matches('/');
        assert!(site.said(&format!("{name} was open to others")).is_some(), "{name}: {:?}", site.lines());
    }
    check_private(&home.data(), &mut vec![]);
    assert!(site.stop().await.success());
    // A directory that was there before the first start is no different.
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    open(&home.data());
    let site = home.serve_open_handed(&[]).await;
    let mut seen = vec![];
    check_private(&home.data(), &mut seen);
    assert!(seen.len() > 3, "{seen:?}");
    assert_eq!(site.visitor().get("/health").await.status, 200);
}

fn check_private(path: &Path, seen: &mut Vec<String>) {
    // What SQLite or a letter's writer takes away while we look is not there to be read either.
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return };
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    assert_eq!(metadata.permissions().mode() & 0o777, expected, "{}", path.display());
    seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            check_private(&entry.unwrap().path(), seen);
        }
    }
}

#[actix_web::test]
async fn a_site_told_to_stop_says_so_and_leaves_one_whole_file() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    // The visitor keeps the connection open, as browsers do.
    let visitor = site.visitor();
    assert_eq!(visitor.get("/").await.status, 200);
    let status = site.stop().await;
    assert_eq!(status.code(), Some(0), "{:?}", site.lines());
    assert!(site.said("the site has stopped").is_some(), "{:?}", site.lines());
    let log = home.data().join("site.db-wal");
    assert!(!log.exists() || log.metadata().unwrap().len() == 0);
    assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
}

#[actix_web::test]
async fn what_fell_due_while_the_site_was_down_keeps_nobody_waiting_at_its_start() {
    const DUE: i64 = 2_000;
    let home = Home::new();
    home.serve(&[]).await.stop().await;
    let options = SqliteConnectOptions::new().filename(home.data().join("site.db"));
    let mut db = options.connect().await.unwrap();
    sqlx::query(
        "WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?)
         INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_key,
                                content_hash, name, email, phone, message)
         SELECT 'IE-2020-' || value, 'contact', 'answered', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z',
                'token ' || value, '', 'h', 'Zaynab', 'zaynab@example.com', '', 'Hello'
         FROM numbers",
    )
    .bind(DUE)
    .execute(&mut db)
    .await
    .unwrap();
    db.close().await.unwrap();
    let mut site = home.serve(&[]).await;
    assert_eq!(site.visitor().get("/health/ready").await.status, 200);
    let left = "SELECT CAST(count(*) AS TEXT) FROM inquiries WHERE binned_at IS NULL";
    assert_ne!(home.texts(left).await, ["0"], "it answers before all of that is done");
    until("it to be done", async || (home.texts(left).await == ["0"]).then_some(())).await;
    assert!(site.stop().await.success());
}
