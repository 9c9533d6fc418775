//! IDs in both feeds stay the same when a slug, the host or a text changes.

use std::collections::BTreeSet;

use immigration_experts::staff::Role;

use crate::support::Site;

/// IDs of a feed and its entries.
async fn ids(site: &Site, path: &str) -> Vec<String> {
    let feed = site.visitor().get(path).await;
    let all = [feed.all("feed > id"), feed.all("entry > id")].concat();
    for id in &all {
        let uuid = id.strip_prefix("urn:uuid:").unwrap_or_else(|| panic!("{id}"));
        let parts: Vec<&str> = uuid.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
        assert!(uuid.bytes().all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    }
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "duplicate IDs: {all:?}");
    all
}

#[actix_web::test]
async fn feed_ids_stay_the_same_when_a_slug_or_the_host_changes() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (news, draws) = (ids(&site, "/news/feed.atom").await, ids(&site, "/draws/feed.atom").await);
    assert_eq!((news.len(), draws.len()), (2, 51));
    assert_ne!(news[0], draws[0]);

    let page = publisher.get("/admin/posts/1").await;
    let names = ["title", "slug", "summary", "author", "topics", "version", "body", "correction"];
    let mut fields: Vec<(&str, String)> = names.iter().map(|name| (*name, page.field_value(name))).collect();
    fields[1].1 = "another-address".into();
    fields[6].1 = "Another text.".into();
    fields.push(("action", "save".into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(publisher.post("/admin/posts/1", &fields).await.status, 303);
    assert_eq!(site.visitor().get("/news/another-address").await.status, 200);
    assert_eq!(ids(&site, "/news/feed.atom").await, news);

    let dir = site.stop().await;
    let flags = ["--staff-inbox", "inbox@example.com", "--base-url", "https://another.example"];
    let moved = Site::start_in(dir, &flags).await;
    assert_eq!(ids(&moved, "/news/feed.atom").await, news);
    assert_eq!(ids(&moved, "/draws/feed.atom").await, draws);
}

#[actix_web::test]
async fn feed_ids_survive_saving_settings_and_differ_between_sites() {
    let site = Site::start().await;
    let before = ids(&site, "/draws/feed.atom").await;
    site.execute("UPDATE site SET name = 'Another name', version = version + 1").await;
    assert_eq!(ids(&site, "/draws/feed.atom").await, before);
    let other = ids(&Site::start().await, "/draws/feed.atom").await;
    assert!(before.iter().all(|id| !other.contains(id)));
}
