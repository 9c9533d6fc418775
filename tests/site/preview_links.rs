//! Preview links: an unpublished post for people without an account.

use immigration_experts::staff::Role;

use crate::reviews::{create, with};
use crate::support::{Page, Site, Visitor};

/// Creates a link and returns its path.
async fn create_link(site: &Site, member: &Visitor, path: &str, days: &str) -> String {
    let answer = member.post(&format!("{path}/preview-links"), &[("days", days)]).await;
    assert_eq!(answer.status, 303);
    let page = member.get(path).await;
    let links = page.attributes(".links li > a", "href");
    links[0].strip_prefix(&site.base).unwrap().to_owned()
}

fn assert_private(page: &Page) {
    assert_eq!(page.header("x-robots-tag"), "noindex");
    assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    assert!(page.all("link[rel=canonical]").is_empty());
}

#[actix_web::test]
async fn preview_link_shows_a_draft_to_people_without_an_account() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = create(&writer, &[("body", "In draw 252: {{draw 252 crs}}.")]).await;
    let link = create_link(&site, &writer, &path, "7").await;
    let page = site.visitor().get(&link).await;
    page.assert_page_layout();
    assert_private(&page);
    assert!(page.first(".notice").starts_with("Preview. This post is not published."));
    assert_eq!(page.first("article > p:last-child"), "In draw 252: 476.");
    let changed = [("version", "1"), ("title", "Other plans"), ("body", "Second words.")];
    assert_eq!(writer.post(&path, &with(&changed)).await.status, 303);
    assert_eq!(site.visitor().get(&link).await.first("h1"), "Other plans", "the saved text");
    for list in ["/", "/news", "/news/feed.atom", "/sitemap.xml"] {
        assert!(!site.visitor().get(list).await.text.contains("plans"), "{list}");
    }
}

#[actix_web::test]
async fn preview_link_is_secret() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = create(&writer, &[]).await;
    let link = create_link(&site, &writer, &path, "7").await;
    let (id, mac) = link.strip_prefix("/previews/").unwrap().split_once('-').unwrap();
    assert_eq!((id, mac.len()), ("1", 32));
    let other = create_link(&site, &writer, &path, "7").await;
    assert_ne!(other.split_once('-').unwrap().1, mac);
    for guess in ["1", "1-", &format!("2-{mac}"), &format!("1-{}", "0".repeat(32)), "x-y", &format!("1-{}", &mac[1..])]
    {
        assert_eq!(site.visitor().get(&format!("/previews/{guess}")).await.status, 404, "{guess}");
    }
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'created a preview link'").await, 2);
    let stored = site.text("SELECT group_concat(subject) FROM audit_log").await;
    assert!(!stored.contains(mac), "{stored}");
}

#[actix_web::test]
async fn preview_link_expires_and_can_be_revoked() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = create(&writer, &[]).await;
    let day = create_link(&site, &writer, &path, "1").await;
    let week = create_link(&site, &writer, &path, "99").await;
    let status = async |link: &str| site.visitor().get(link).await.status;
    assert_eq!((status(&day).await, status(&week).await), (200, 200));
    site.advance_hours(24);
    assert_eq!((status(&day).await, status(&week).await), (404, 200), "other periods mean seven days");
    let writer = site.sign_in("writer@example.com").await;
    let page = writer.get(&path).await;
    assert_eq!(page.all(".links li").len(), 1, "expired links are not listed");
    assert!(page.first(".links li").contains("created by Test writer · expires on November 29, 2026"));
    let revoke = page.attributes(".links form", "action");
    let page = writer.post_and_follow(&revoke[0], &[]).await;
    assert_eq!(
        (page.first(".flash"), page.all(".links li").len()),
        ("Preview link revoked. It no longer works.".into(), 0)
    );
    assert_eq!(status(&week).await, 404);
    assert_eq!(writer.post("/admin/posts/preview-links/99/removal", &[]).await.status, 404);
}

#[actix_web::test]
async fn preview_link_leads_to_the_published_post_and_ends_in_the_trash() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[]).await;
    let link = create_link(&site, &publisher, &path, "30").await;
    assert_eq!(publisher.post(&format!("{path}/publication"), &[]).await.status, 303);
    let page = site.visitor().get(&link).await;
    assert_eq!((page.status, page.location()), (303, "/news/spring-plans"));
    assert!(publisher.get(&path).await.all("#preview_links").is_empty(), "a published post needs none");
    assert_eq!(publisher.post(&format!("{path}/trash"), &[]).await.status, 303);
    assert_eq!(site.visitor().get(&link).await.status, 404);
}
