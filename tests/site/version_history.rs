//! Version history of posts: list, differences, and restoring an earlier version.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const FIRST: [(&str, &str); 8] = [
    ("title", "The first title"),
    ("slug", ""),
    ("summary", "A summary."),
    ("author", "Test writer"),
    ("topics", "plans"),
    ("body", "The sky is blue.\n\nThe grass is green.\n\nThe end."),
    ("correction", ""),
    ("action", "save"),
];

fn with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = FIRST.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    kept.chain(others).copied().collect()
}

/// Creates a post and saves it a second time. Returns the path of its editor.
async fn two_versions(site: &Site, member: &Visitor, action: &str) -> String {
    let path = member.post("/admin/posts/new", &with(&[("action", action)])).await.location().to_owned();
    site.advance_hours(1);
    let changed = [
        ("version", "1"),
        ("title", "The second title"),
        ("body", "The sky is grey.\n\nThe grass is green.\n\nThe end."),
    ];
    assert_eq!(member.post(&path, &with(&changed)).await.status, 303);
    path
}

async fn restore(member: &Visitor, path: &str, version: i64, seen: &str) -> Page {
    member.post(&format!("{path}/revisions/{version}/restoration"), &[("version", seen)]).await
}

#[actix_web::test]
async fn every_save_is_listed_with_who_when_and_what_changed() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &writer, "save").await;
    let again =
        [("version", "2"), ("title", "The second title"), ("slug", "new-slug"), ("topics", ""), ("body", "The sky.")];
    assert_eq!(publisher.post(&path, &with(&again)).await.status, 303);
    assert_eq!(publisher.post(&path, &with(&[again.as_slice(), &[("version", "3")]].concat()[1..])).await.status, 303);
    let entries = writer.get(&path).await.all("section[aria-labelledby=post-actions] .rows li");
    let [fourth, third, second, first] = &entries[..] else { panic!("{entries:?}") };
    assert!(fourth.starts_with("Version 4: The second title current No changes · Test publisher"), "{fourth}");
    assert!(third.contains("Text (−39 characters), Topics, URL slug · Test publisher"), "{third}");
    assert!(second.contains("Title, Text, URL slug · Test writer · November 22, 2026, 3:00 p.m."), "{second}");
    assert!(first.contains("First version · Test writer · November 22, 2026, 2:00 p.m."), "{first}");
}

#[actix_web::test]
async fn differences_are_shown_inline_and_side_by_side() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &writer, "save").await;
    let page = writer.get(&format!("{path}/revisions/1")).await;
    assert_eq!(page.all("#differences ~ h3"), ["Title", "Text", "URL slug"]);
    assert_eq!(
        (page.all(".diff del"), page.all(".diff ins")),
        (vec!["first".into(), "blue".into(), "first".into()], vec!["second".into(), "grey".into(), "second".into()])
    );
    assert_eq!(page.all(".diff .skipped"), ["2 unchanged lines"]);
    let side =
        page.attributes(".tabs a", "href").into_iter().find(|href| href.ends_with("with=current&view=side-by-side"));
    let page = writer.get(&side.unwrap()).await;
    assert_eq!(page.all("table.diff thead tr").len(), 3);
    let cells = page.all("table.diff td");
    assert!(cells.contains(&"The sky is blue.".into()) && cells.contains(&"The sky is grey.".into()), "{cells:?}");
    let previous = writer.get(&format!("{path}/revisions/2?with=previous")).await;
    assert_eq!(previous.all(".diff ins")[..2], ["second", "grey"]);
    assert!(previous.first("h1 + p").contains("This is the current version."));
    assert!(previous.attributes("main form", "action").is_empty(), "the current version cannot be restored");
    let only = writer.get("/admin/posts/1/revisions/1").await;
    assert_eq!((only.status, only.all("#differences").len()), (200, 0));
    for missing in ["/revisions/9", "/revisions/x"] {
        assert_eq!(writer.get(&format!("{path}{missing}")).await.status, 404);
    }
    assert_eq!(restore(&writer, &path, 9, "2").await.status, 404);
}

#[actix_web::test]
async fn an_earlier_version_does_not_look_like_the_editor() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &writer, "save").await;
    let page = writer.get(&format!("{path}/revisions/1")).await;
    assert_eq!(page.first("h1"), "Version 1 of “The first title”");
    assert!(page.first("h1 + p").starts_with("This is an earlier version. You cannot edit it."));
    assert!(page.all("#editor, textarea, input:not([type=hidden])").is_empty());
    assert!(!page.text.contains("not saved"), "{}", page.text);
}

#[actix_web::test]
async fn restoring_creates_a_new_version_and_keeps_the_slug() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &writer, "save").await;
    let slug = site.text("SELECT slug FROM posts WHERE id = 2").await;
    assert_eq!(restore(&writer, &path, 1, "2").await.location(), path);
    let page = writer.get(&path).await;
    assert_eq!((page.field_value("title"), page.field_value("version")), ("The first title".into(), "3".into()));
    assert_eq!(site.text("SELECT slug FROM posts WHERE id = 2").await, slug);
    assert_eq!(site.count("SELECT count(*) FROM post_revisions WHERE post_id = 2").await, 3);
    let entries = page.all("section[aria-labelledby=post-actions] .rows li");
    assert!(entries[0].contains("current Version 1 restored: Title, Text"), "{}", entries[0]);
    let audit = "SELECT subject FROM audit_log WHERE action = 'restored a version of a post'";
    assert_eq!(site.text(audit).await, "The first title | Version 1");
}

#[actix_web::test]
async fn restoring_does_not_overwrite_a_change_in_the_meantime() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &writer, "save").await;
    assert_eq!(writer.post(&path, &with(&[("version", "2"), ("body", "Meanwhile.")])).await.status, 303);
    let page = restore(&writer, &path, 1, "2").await;
    assert_eq!((page.status, page.first("#summary-title")), (409, "Not restored".into()));
    assert_eq!(page.first(".diff .added"), "Added: Meanwhile.");
    assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, "Meanwhile.");
    assert_eq!(restore(&writer, &path, 1, &page.field_value("version")).await.status, 303);
}

#[actix_web::test]
async fn writers_cannot_restore_versions_of_published_posts() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let writer = site.staff(Role::Writer).await;
    let path = two_versions(&site, &publisher, "publish").await;
    assert!(writer.get(&format!("{path}/revisions/1")).await.all("main form").is_empty());
    assert_eq!(restore(&writer, &path, 1, "2").await.status, 403);
    assert_eq!(restore(&publisher, &path, 1, "2").await.status, 303);
    assert_eq!(site.visitor().get("/news/the-second-title").await.first("h1"), "The first title");
}

#[actix_web::test]
async fn restoring_a_wrong_version_of_a_published_post_needs_a_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let wrong = [("body", "In draw 252, the cut-off was 480 points.")];
    let path = publisher.post("/admin/posts/new", &with(&wrong)).await.location().to_owned();
    let right = [("version", "1"), ("body", "In draw 252, the cut-off was 476 points."), ("action", "publish")];
    assert_eq!(publisher.post(&path, &with(&right)).await.status, 303);
    let page = restore(&publisher, &path, 1, "2").await;
    assert_eq!(page.status, 422);
    assert!(page.first(".summary li").contains("1 possible error"), "{}", page.first(".summary"));
    let fields = [("version", "2"), ("reason", "A quotation.")];
    assert_eq!(publisher.post(&format!("{path}/revisions/1/restoration"), &fields).await.status, 303);
    assert_eq!(site.text("SELECT reason FROM accepted_findings").await, "A quotation.");
}
