//! Audit log of sign-ins and exports, and its limits for anonymous visitors.

use immigration_experts::staff::Role;

use crate::support::{PASSWORD, Site};

const LAST_ENTRY: &str = "SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1";
const FAILED_SIGN_INS: &str = "SELECT count(*) FROM audit_log WHERE action = 'failed to sign in'";

async fn fail(site: &Site, email: &str, address: &str) {
    let fields = [("email", email), ("password", "not the password")];
    let page = site.visitor().post_with("/admin/sign-in", &fields, &[("x-forwarded-for", address)]).await;
    assert_eq!(page.status, 422, "{email}");
}

#[actix_web::test]
async fn sign_ins_and_sign_outs_are_audited() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert_eq!(site.text(LAST_ENTRY).await, "Test admin: signed in: Test admin");
    assert_eq!(admin.post("/admin/sign-out", &[]).await.status, 303);
    assert_eq!(site.text(LAST_ENTRY).await, "Test admin: signed out: Test admin");
}

#[actix_web::test]
async fn failed_sign_in_is_audited_with_a_masked_email() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let admin = site.staff(Role::Admin).await;
    fail(&site, "admin@example.com", "203.0.113.1").await;
    assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: a***@example.com");
    fail(&site, "nobody@example.org", "203.0.113.1").await;
    assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: n***@example.org");
    for typed in ["my secret sentence", "", "a\r\nb", &format!("a@{}.example", "x".repeat(200))] {
        fail(&site, typed, "203.0.113.2").await;
        assert_eq!(site.text(LAST_ENTRY).await, "anonymous: failed to sign in: no e-mail address", "{typed}");
    }
    let log = admin.get("/admin/audit").await;
    assert!(log.text.contains("failed to sign in: no e-mail address (4 times within an hour)"), "{}", log.text);
    assert!(!log.text.contains("nobody@") && !log.text.contains("secret"));
}

#[actix_web::test]
async fn failed_sign_in_is_audited_with_its_network() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let admin = site.staff(Role::Admin).await;
    for address in ["203.0.113.1", "203.0.113.200", "198.51.100.7"] {
        fail(&site, "admin@example.com", address).await;
    }
    let entries = "SELECT group_concat(address || ' ' || times, '; ') FROM (SELECT address, times FROM audit_log
                   WHERE action = 'failed to sign in' ORDER BY id)";
    assert_eq!(site.text(entries).await, "203.0.113.0/24 2; 198.51.100.0/24 1");
    let log = admin.get("/admin/audit?q=198.51.100.0").await;
    assert!(log.text.contains("failed to sign in"), "{}", log.text);
}

#[actix_web::test]
async fn anonymous_visitors_cannot_fill_the_audit_log() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    for n in 0..60 {
        fail(&site, &format!("a@domain{n}.example"), &format!("203.0.{n}.1")).await;
    }
    assert_eq!(site.count(FAILED_SIGN_INS).await, 21);
    let others = "SELECT times FROM audit_log WHERE subject = 'other addresses'";
    assert_eq!(site.count(others).await, 40);
    site.advance_hours(2);
    fail(&site, "a@domain1.example", "203.0.1.1").await;
    assert_eq!(site.count(FAILED_SIGN_INS).await, 22, "each hour has its own entries");
    site.advance_hours(91 * 24);
    site.staff(Role::Admin).await;
    assert_eq!(site.count(FAILED_SIGN_INS).await, 0, "after 90 days they are deleted");
    assert!(site.count("SELECT count(*) FROM audit_log").await > 0);
}

#[actix_web::test]
async fn every_export_is_audited() {
    let site = Site::start().await;
    let fields = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(publisher.get("/admin/inquiries.csv").await.status, 200);
    assert_eq!(site.text(LAST_ENTRY).await, "Test publisher: exported inquiries as CSV: /admin/inquiries");
    assert_eq!(publisher.get("/admin/inquiries/1.json").await.status, 200);
    assert_eq!(site.text(LAST_ENTRY).await, "Test publisher: exported an inquiry as JSON: IE-2026-000001");
    let person = [("q", "visitor@example.com"), ("inquiry-1", "yes")];
    let page = publisher.post("/admin/inquiries/people/export", &person).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json"), "{}", page.text);
    let last = site.text(LAST_ENTRY).await;
    assert!(last.starts_with("Test publisher: exported all data of a person: "), "{last}");
    assert!(!last.contains("visitor@"));
}

#[actix_web::test]
async fn audit_log_never_contains_the_password() {
    let site = Site::start().await;
    site.staff(Role::Admin).await;
    fail(&site, PASSWORD, "127.0.0.1").await;
    let all = site.text("SELECT group_concat(actor || action || subject) FROM audit_log").await;
    assert!(!all.contains(PASSWORD), "{all}");
}

#[actix_web::test]
async fn changes_are_audited_with_account_network_and_values() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let admin = site.staff(Role::Admin).await;
    site.account("writer@example.com", Role::Writer).await;
    let headers = [("x-forwarded-for", "203.0.113.77")];
    let page = admin.post_with("/admin/staff/2/role", &[("role", "publisher")], &headers).await;
    assert_eq!(page.status, 303);
    let entry = "SELECT concat_ws(' | ', actor, staff_id, address, action, subject, changes) FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(
        site.text(entry).await,
        "Test admin | 1 | 203.0.113.0/24 | changed the role to publisher | Test writer | [[\"role\",\"writer\",\"publisher\"]]"
    );
    let page = admin.get("/admin/site").await;
    let names = page.attributes("form[action='/admin/site'] [name]", "name");
    let fields: Vec<(&str, String)> = names.iter().map(|name| (name.as_str(), page.field_value(name))).collect();
    let changed = |name: &str, value: &str| match name {
        "tagline" => "A new tagline".to_owned(),
        _ => value.to_owned(),
    };
    let fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, changed(name, value))).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = admin.post("/admin/site", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let log = admin.get("/admin/audit").await;
    assert_eq!(log.all("tbody tr .what")[0], "changed the settings: Immigration Experts");
    assert!(log.all("tbody tr:first-child ins").contains(&"A new tagline".to_owned()));
    assert!(!log.all("tbody tr:first-child dt").contains(&"contact time".to_owned()), "only what changed");
    let draft = [("title", "A post"), ("author", "A"), ("summary", "S"), ("body", "B"), ("action", "save")];
    assert_eq!(admin.post("/admin/posts/new", &draft).await.status, 303);
    let draft =
        [&draft[..3], &[("body", "Another text"), ("action", "save"), ("version", "1"), ("slug", "a-post")]].concat();
    assert_eq!(admin.post("/admin/posts/2", &draft).await.status, 303);
    assert!(
        site.text(entry).await.ends_with("saved a draft | A post | [[\"body\",\"B\",\"Another text\"]]"),
        "{}",
        site.text(entry).await
    );
    assert_eq!(admin.post("/admin/posts/2/publication", &[]).await.status, 303);
    assert!(site.text(entry).await.ends_with("[[\"status\",\"draft\",\"published\"]]"));
    let page = [("title", "About"), ("summary", "Who"), ("body", "New words"), ("version", "1"), ("action", "save")];
    assert_eq!(admin.post("/admin/pages/1", &page).await.status, 303);
    assert!(site.text(entry).await.contains("\"New words\""));
}

#[actix_web::test]
async fn personal_data_of_visitors_and_secrets_are_not_audited() {
    let site = Site::start().await;
    let fields =
        [("name", "Omar Sharif"), ("email", "omar@example.org"), ("phone", "0300 1234567"), ("message", "My story")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let admin = site.staff(Role::Admin).await;
    for (path, fields) in [
        ("/admin/inquiries/1/owner", vec![("owner", "me")]),
        ("/admin/inquiries/1/state", vec![("state", "answered")]),
        ("/admin/inquiries/1/notes", vec![("note", "Omar called about his sister")]),
        ("/admin/inquiries/1/hold", vec![("hold", "on")]),
        ("/admin/inquiries/1/hold", vec![("hold", "off")]),
        ("/admin/inquiries/1/trash", vec![]),
        ("/admin/inquiries/1/restoration", vec![]),
        ("/admin/staff", vec![("name", "Hina"), ("email", "hina@example.com"), ("role", "writer")]),
        ("/admin/account", vec![("current", PASSWORD), ("password", "quite another sentence")]),
    ] {
        let page = admin.post(path, &fields).await;
        assert_eq!(page.status, 303, "{path}: {}", page.text);
    }
    let changes = "SELECT group_concat(action || ' ' || changes, '; ') FROM audit_log WHERE subject = 'IE-2026-000001'";
    let changes = site.text(changes).await;
    for change in [
        "claimed an inquiry [[\"status\",\"new\",\"in progress\"],[\"assigned to\",\"\",\"Test admin\"]]",
        "answered [[\"status\",\"in progress\",\"answered\"]]",
        "added a note to an inquiry []",
        "placed an inquiry on hold [[\"on hold\",\"no\",\"yes\"]]",
        "moved an inquiry to the trash [[\"in the trash\",\"no\",\"yes\"]]",
    ] {
        assert!(changes.contains(change), "{change}: {changes}");
    }
    let all =
        site.text("SELECT group_concat(concat_ws(' ', actor, address, action, subject, changes)) FROM audit_log").await;
    let token = site.text("SELECT token_hash FROM staff_invitations").await;
    let hash = site.text("SELECT password_hash FROM staff WHERE id = 1").await;
    for secret in ["Omar", "omar@", "1234567", "story", "sister", "set-up/", "sentence", &token, &hash] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[actix_web::test]
async fn audit_log_can_be_searched() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    assert_eq!(
        admin.post("/admin/staff", &[("name", "Hina"), ("email", "hina@example.com"), ("role", "writer")]).await.status,
        303
    );
    site.advance_hours(7);
    assert_eq!(admin.post("/admin/staff/2/role", &[("role", "publisher")]).await.status, 303);
    site.advance_hours(17);
    let admin = site.sign_in("admin@example.com").await;
    let found = async |query: &str| admin.get(&format!("/admin/audit?{query}")).await.all("tbody .what");
    assert_eq!(found("q=CHANGED+hina").await, ["changed the role to publisher: Hina"], "every word, in any case");
    assert_eq!(found("q=hina%40example").await, ["added a team member as writer: Hina"], "also in values");
    assert_eq!(found("q=%25").await, Vec::<String>::new());
    assert_eq!(found("user=Nobody").await.len(), 0);
    assert_eq!(found("user=Test+admin&from=2026-11-23&to=2026-11-23").await, ["signed in: Test admin"]);
    assert_eq!(found("to=2026-11-22").await.len(), 4, "the whole day");
    assert_eq!(found("q=role&to=2026-11-21").await.len(), 0);
    let wrong = admin.get("/admin/audit?from=yesterday&q=x").await;
    assert_eq!((wrong.status, wrong.first("#from-error")), (422, "Error: Enter a date, such as 2026-11-30.".into()));
    assert_eq!((wrong.field_value("from"), wrong.field_value("q")), ("yesterday".into(), "x".into()));
    let page = admin.get("/admin/audit?q=role&user=Test+admin").await;
    assert_eq!(page.attributes("a[href*='.csv']", "href"), ["/admin/audit.csv?q=role&user=Test+admin"]);
}

#[actix_web::test]
async fn audit_log_is_exported_as_csv_with_its_filter() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let fields = [("name", "=cmd()"), ("email", "hina@example.com"), ("role", "writer")];
    assert_eq!(admin.post("/admin/staff", &fields).await.status, 303);
    let all = admin.get("/admin/audit.csv").await;
    assert_eq!((all.status, all.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(all.header("content-disposition"), "attachment; filename=\"audit-log-2026-11-22.csv\"");
    let lines: Vec<&str> = all.text.split("\r\n").collect();
    assert_eq!(lines[0], "time,user,address,action,subject,changes,times");
    assert!(lines[1].contains("exported the audit log as CSV,all entries"), "the export itself: {}", lines[1]);
    assert!(
        lines[2].starts_with("2026-11-22T09:00:00Z,Test admin,127.0.0.1,added a team member as writer,'=cmd(),"),
        "{}",
        lines[2]
    );
    let some = admin.get("/admin/audit.csv?q=signed").await;
    assert_eq!(some.text.lines().count(), 2 + 1, "{}", some.text);
    assert_eq!(site.text(LAST_ENTRY).await, "Test admin: exported the audit log as CSV: /admin/audit?q=signed");
    assert_eq!(admin.get("/admin/audit.csv?from=x").await.status, 400);
    site.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                  INSERT INTO audit_log (at, actor, action, subject) SELECT '2026-11-22T09:00:00Z', 'A', 'did', 'row ' || i FROM n")
        .await;
    let many = admin.get("/admin/audit.csv?user=A").await.text;
    assert_eq!((many.lines().count(), many.matches(",did,row 1,").count()), (2501, 1));
}

#[actix_web::test]
async fn audit_log_is_append_only() {
    let site = Site::start().await;
    site.staff(Role::Admin).await;
    fail(&site, "admin@example.com", "127.0.0.1").await;
    let before = site.text("SELECT group_concat(id || action || times) FROM audit_log").await;
    for change in [
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE action = 'signed in'",
        "UPDATE audit_log SET actor = 'Nobody'",
        "UPDATE audit_log SET times = times + 1 WHERE action = 'signed in'",
        "UPDATE audit_log SET subject = 'x', times = times + 1 WHERE action = 'failed to sign in'",
        "UPDATE audit_log SET action = 'failed to sign in' WHERE action = 'signed in'",
        "INSERT OR REPLACE INTO audit_log (id, at, actor, action, subject) VALUES (1, '', '', '', '')",
    ] {
        let mut tx = site.running.services.db.begin_write().await.unwrap();
        let refused = sqlx::query(change).execute(&mut *tx).await.unwrap_err().to_string();
        assert!(refused.contains("the audit log is append-only"), "{change}: {refused}");
    }
    assert_eq!(site.text("SELECT group_concat(id || action || times) FROM audit_log").await, before);
}
