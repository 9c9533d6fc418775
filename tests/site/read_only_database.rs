//! Read-only database: pages can be read, the cause is shown to staff, and no input is lost.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::routes::{admin_routes, mounted};
use crate::support::{PASSWORD, Site, Visitor};

type Fields<'a> = &'a [(&'a str, &'a str)];

/// Site with an inquiry, and a signed-in admin.
async fn site_and_admin() -> (Site, Visitor) {
    let site = Site::start().await;
    let fields = [("name", "Omar"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let admin = site.staff(Role::Admin).await;
    (site, admin)
}

/// Makes all writes fail, as on a read-only file system.
async fn make_read_only(site: &Site) {
    site.execute("PRAGMA query_only = ON").await;
}

#[actix_web::test]
async fn staff_can_read_every_page_while_the_database_is_read_only() {
    let (site, admin) = site_and_admin().await;
    let paths: Vec<String> =
        admin_routes().into_iter().filter(|(method, ..)| method == "GET").map(|(_, _, path, _)| path).collect();
    let mut before = vec![];
    for path in &paths {
        before.push(admin.get(path).await.status);
    }
    // A flash message and the last use of the session are to be updated with the next page.
    assert_eq!(admin.post("/admin/inquiries/1/notes", &[("note", "call back")]).await.status, 303);
    site.clock.advance(SignedDuration::from_mins(10));
    make_read_only(&site).await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(admin.get(path).await.status, before, "{path}");
    }
    for route in mounted().iter().filter(|route| route.get && !route.pattern.starts_with("/admin")) {
        let status = site.visitor().get(&route.example()).await.status;
        assert!(status < 500 || route.pattern == "/health/ready", "{}: {status}", route.pattern);
    }
}

#[actix_web::test]
async fn sign_in_shows_the_cause_while_the_database_is_read_only() {
    let (site, _) = site_and_admin().await;
    make_read_only(&site).await;
    let visitor = site.visitor();
    let page = visitor.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(
        (page.status, page.header("retry-after"), page.field_value("email")),
        (503, "120", "admin@example.com".into())
    );
    assert_eq!(
        page.first("[role=alert]"),
        "You cannot sign in at the moment because the database cannot be written. Contact the person who runs the \
         server, then try again."
    );
    assert_eq!(page.header("set-cookie"), "");
    let wrong = visitor.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", "wrong")]).await;
    assert_eq!(wrong.status, 422, "a wrong password is reported as usual");
}

#[actix_web::test]
async fn sign_out_clears_the_cookie_while_the_database_is_read_only() {
    let (site, admin) = site_and_admin().await;
    make_read_only(&site).await;
    let page = admin.post("/admin/sign-out", &[]).await;
    assert_eq!(page.status, 503);
    assert!(page.first("[role=alert]").starts_with("You have signed out in this browser"), "{}", page.text);
    assert_eq!(admin.get("/admin").await.status, 303);
}

#[actix_web::test]
async fn admin_forms_keep_input_while_the_database_is_read_only() {
    let (site, admin) = site_and_admin().await;
    let body = "A long text\n\nwith <b>two</b> paragraphs & \"quotes\", and a word that is repeated: word word word";
    let forms: [(&str, Fields, &str); 3] = [
        ("/admin/posts/new", &[("title", "A title"), ("author", "A"), ("body_markdown", body)], "body_markdown"),
        ("/admin/inquiries/1/notes", &[("note", body)], "note"),
        ("/admin/inquiries/templates/new", &[("title", "A name"), ("body", body)], "body"),
    ];
    make_read_only(&site).await;
    for (path, fields, long) in forms {
        let page = admin.post(path, fields).await;
        assert_eq!((page.status, page.header("cache-control")), (503, "no-store"), "{path}: {}", page.text);
        assert_eq!(page.headers.get_all("retry-after").iter().count(), 1);
        page.assert_page_layout();
        let expected = body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(page.first(&format!("main textarea[name={long}]")), expected, "{path}");
        for (name, value) in fields.iter().filter(|(name, _)| *name != long) {
            assert_eq!(page.field_value(name), *value, "{path}");
        }
        assert_eq!(page.attributes("main form", "action"), [path]);
        assert!(page.first("[role=alert]").contains("the database cannot be written"), "{}", page.text);
        assert!(!page.first("main").contains("call us"), "staff are not asked to call");
    }
    let account = admin.post("/admin/account", &[("current", PASSWORD), ("password", "quite another sentence")]).await;
    assert_eq!(account.status, 503);
    assert!(!account.text.contains(PASSWORD) && !account.text.contains("quite another"), "no password is sent back");
    for (method, pattern, path, _) in admin_routes() {
        if method == "POST" && !pattern.contains("sign-out") {
            let status = admin.post(&path, &[]).await.status;
            assert!(status < 500 || status == 503, "{path}: {status}");
        }
    }
}

#[actix_web::test]
async fn visitor_form_hides_the_cause_and_keeps_entered_values() {
    let (site, _) = site_and_admin().await;
    let receipt = format!("/receipts/{}", site.text("SELECT receipt_token FROM inquiries").await);
    make_read_only(&site).await;
    for (path, fields) in [
        ("/contact".to_owned(), vec![("name", "Omar"), ("email", "o@example.com"), ("message", "Hello there")]),
        (format!("{receipt}/withdrawal"), vec![("confirm", "yes")]),
    ] {
        let page = site.visitor().post(&path, &fields).await;
        assert!(page.status < 500 || page.status == 503, "{path}: {}", page.status);
        assert!(!page.text.contains("database") && !page.text.contains("disk"), "{path}: {}", page.text);
    }
}
