//! Import of a WordPress export in the admin area.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const EXPORT: &str = include_str!("../data/wordpress.xml");
const PATH: &str = "/admin/posts/import";

async fn upload(visitor: &Visitor, content: &[u8]) -> Page {
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
    visitor.post_body(PATH, "multipart/form-data; boundary=x", body).await
}

#[actix_web::test]
async fn report_comes_first_and_nothing_is_imported_without_a_decision() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let before = site.count("SELECT count(*) FROM posts").await;
    assert!(publisher.get("/admin/posts").await.text.contains("href=\"/admin/posts/import\""));
    let sent = upload(&publisher, EXPORT.as_bytes()).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let report = publisher.get(sent.location()).await;
    assert_eq!(report.status, 200);
    assert!(report.first(".lead").starts_with("6 posts: 2 published, 1 scheduled, 1 in review, 2 drafts; 2 pages"));
    for expected in ["2 comments: counted, not imported", "contact-form-7: stays as text 1 time"] {
        assert!(report.all("section li").iter().any(|line| line == expected), "{expected}: {}", report.text);
    }
    assert!(report.first(".findings li").contains("475"), "{}", report.text);
    let fingerprint = report.field_value("fingerprint");
    let refused = publisher.post(sent.location(), &[("fingerprint", &fingerprint)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first(".summary").contains("1 public text has possible errors."), "{}", refused.text);
    let outdated = publisher.post(sent.location(), &[("fingerprint", "x"), ("decision", "drafts")]).await;
    assert_eq!(outdated.status, 409);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, before);
}

#[actix_web::test]
async fn confirmed_file_is_imported_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let sent = upload(&publisher, EXPORT.as_bytes()).await;
    let fingerprint = publisher.get(sent.location()).await.field_value("fingerprint");
    let decision = [("fingerprint", fingerprint.as_str()), ("decision", "keep"), ("reason", "old text")];
    let done = publisher.post_and_follow(sent.location(), &decision).await;
    assert!(done.first(".flash").starts_with("Imported: 6 posts"), "{}", done.text);
    let visitor = site.visitor();
    assert_eq!(visitor.get("/2023/07/draw-252/").await.location(), "/news/draw-252");
    let post = visitor.get("/news/draw-252").await;
    assert_eq!((post.status, post.first("h1").as_str()), (200, "Draw 252 & what it means"));
    assert!(post.text.contains("[picture chart-300x200.jpg – Chart of the draw]"), "{}", post.text);
    let count = site.count("SELECT count(*) FROM posts").await;
    // The same form again, and the same file again.
    let again = publisher.post_and_follow(sent.location(), &decision).await;
    assert_eq!(again.first(".flash"), "This file has already been imported.");
    let sent = upload(&publisher, EXPORT.as_bytes()).await;
    let report = publisher.get(sent.location()).await;
    assert!(report.first(".notice").starts_with("Nothing to import."), "{}", report.text);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, count);
}

#[actix_web::test]
async fn file_that_is_not_an_export_is_refused() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let bomb = EXPORT.replacen("<rss", "<!DOCTYPE rss [<!ENTITY a \"b\">]><rss", 1);
    for (content, error) in
        [("<html></html>", "This is not a WordPress export."), ("", "Choose"), (&*bomb, "document type")]
    {
        let refused = upload(&publisher, content.as_bytes()).await;
        assert_eq!(refused.status, 422, "{error}");
        assert!(refused.first(".summary").contains(error) || error == "Choose", "{error}: {}", refused.text);
    }
    let too_large = vec![b'x'; 16 * 1024 * 1024];
    let refused = upload(&publisher, &too_large).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first(".summary").contains("is too large"), "{}", refused.text);
    assert_eq!(site.count("SELECT count(*) FROM wordpress_uploads").await, 0);
}
