//! A full disk for staff: pages can be read, and sign-in says what is wrong.

use crate::program::Home;
use crate::support::routes::admin_routes;

const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "a short sentence";

#[actix_web::test]
async fn full_disk_lets_staff_read_and_sign_in_shows_the_cause() {
    let home = Home::new();
    let mut site = home.serve_with_file_limit(1_000_000, &[]).await;
    let line = site.log_line("/admin/set-up/").unwrap();
    let path = line[line.find("/admin/set-up/").unwrap()..].split([' ', '"']).next().unwrap().to_owned();
    let admin = site.visitor();
    let account = [("name", "Admin"), ("email", EMAIL), ("password", PASSWORD)];
    assert_eq!(admin.post(&path, &account).await.status, 303);
    let sign_in = [("email", EMAIL), ("password", PASSWORD)];
    assert_eq!(admin.post("/admin/sign-in", &sign_in).await.status, 303);
    let inquiry = [("name", "Omar"), ("email", "omar@example.com"), ("message", "m")];
    assert_eq!(admin.post("/contact", &inquiry).await.status, 303);
    let pages: Vec<String> =
        admin_routes().into_iter().filter(|(method, ..)| method == "GET").map(|(_, _, path, _)| path).collect();
    let mut before = vec![];
    for path in &pages {
        before.push(admin.get(path).await.status);
    }
    // The next page records the use of the session.
    home.execute("UPDATE staff_sessions SET last_seen_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 hour')").await;
    // Writes beyond the first kilobyte of a file fail.
    site.limit_files(Some(1));
    for (path, before) in pages.iter().zip(before) {
        assert_eq!(admin.get(path).await.status, before, "{path}: {:?}", site.log_lines("cause"));
    }
    let visitor = site.visitor();
    let page = visitor.post("/admin/sign-in", &sign_in).await;
    assert_eq!((page.status, page.header("retry-after"), page.field_value("email")), (503, "120", EMAIL.into()));
    let cause = "You cannot sign in at the moment because the disk of the server is full";
    assert!(page.first("[role=alert]").starts_with(cause), "{}", page.first("[role=alert]"));
    let wrong = visitor.post("/admin/sign-in", &[("email", EMAIL), ("password", "wrong")]).await;
    assert_eq!(wrong.status, 422);
    let note = admin.post("/admin/inquiries/1/notes", &[("note", "Call back")]).await;
    assert_eq!(note.status, 503);
    assert_eq!(note.field_value("note"), "Call back", "{}", note.text);
    site.limit_files(None);
    assert_eq!(visitor.post("/admin/sign-in", &sign_in).await.status, 303, "with free space again, without a restart");
    assert_eq!(admin.post("/admin/inquiries/1/notes", &[("note", "Call back")]).await.status, 303);
    assert!(site.stop().await.success());
}
