//! Feeds of one topic and of one draw type, and the page that explains feeds.

use std::collections::HashSet;

use immigration_experts::staff::Role;

use crate::support::{Site, assert_well_formed};

async fn site_with_two_posts() -> Site {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let fields = [
        ("title", "Study permits"),
        ("summary", "New rules & forms."),
        ("author", "A writer"),
        ("topics", "study & work"),
        ("body", "## The rules\n\nThe **full** text."),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    site
}

#[actix_web::test]
async fn the_feed_of_a_topic_contains_its_posts_with_their_full_text() {
    let site = site_with_two_posts().await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/news/feed.atom").await.all("entry").len(), 2);
    let feed = visitor.get("/news/feed.atom?topic=study+%26+work").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    assert_well_formed(&feed.text);
    assert_eq!(feed.all("entry > title"), ["Study permits"]);
    assert!(feed.first("feed > title").ends_with("news about study & work"));
    assert!(feed.first("entry > content").contains("The <strong>full</strong> text."));
    let own = feed.attributes("feed > link[rel=self]", "href");
    assert_eq!(own, [format!("{}/news/feed.atom?topic=study+%26+work", site.base)]);
    let ids: HashSet<String> = [
        visitor.get("/news/feed.atom").await.first("feed > id"),
        feed.first("feed > id"),
        visitor.get("/news/feed.atom?topic=healthcare").await.first("feed > id"),
    ]
    .into();
    assert_eq!(ids.len(), 3, "every feed has its own ID");
    assert_eq!(visitor.get("/news/feed.atom?topic=nothing").await.status, 404);
    let list = visitor.get("/news?topic=study+%26+work").await;
    assert!(
        list.attributes("link[type='application/atom+xml']", "href")
            .contains(&"/news/feed.atom?topic=study+%26+work".into())
    );
}

#[actix_web::test]
async fn the_feed_of_a_draw_type_contains_its_draws_only() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let feed = visitor.get("/draws/feed.atom?category=healthcare").await;
    assert_well_formed(&feed.text);
    let numbers = site.text("SELECT group_concat(round, ' ') FROM (SELECT round FROM draws WHERE category_key = 'healthcare' ORDER BY sort_key DESC LIMIT 50)").await;
    let links = feed.attributes("entry > link", "href");
    let expected: Vec<String> = numbers.split(' ').map(|round| format!("{}/draws/{round}", site.base)).collect();
    assert_eq!(links, expected);
    assert_eq!(
        feed.attributes("feed > link[rel=self]", "href"),
        [format!("{}/draws/feed.atom?category=healthcare", site.base)]
    );
    assert_ne!(feed.first("feed > id"), visitor.get("/draws/feed.atom").await.first("feed > id"));
    assert_eq!(visitor.get("/draws/feed.atom?category=nothing").await.status, 404);
}

#[actix_web::test]
async fn a_page_explains_feeds_and_links_all_of_them() {
    let site = site_with_two_posts().await;
    let visitor = site.visitor();
    let page = visitor.get("/follow").await;
    page.assert_page_layout();
    assert_eq!(page.first("h1"), "News by e-mail, feed and WhatsApp");
    let feeds: Vec<String> =
        page.attributes("main a", "href").into_iter().filter(|href| href.contains("feed.atom")).collect();
    assert!(feeds.len() > 15, "{feeds:?}");
    for feed in &feeds {
        assert_eq!(visitor.get(feed).await.status, 200, "{feed}");
    }
    assert!(feeds.contains(&"/news/feed.atom?topic=study+%26+work".to_owned()), "{feeds:?}");
}
