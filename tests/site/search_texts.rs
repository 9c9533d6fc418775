//! Publish date, search title and search description of a post.

use immigration_experts::staff::Role;

use crate::reviews::{create, with};
use crate::support::{FIRST_POST, Site};

#[actix_web::test]
async fn old_post_gets_its_publish_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[("publish_date", "2021-03-05"), ("action", "publish")]).await;
    let page = site.visitor().get("/news/spring-plans").await;
    assert!(page.first(".byline").contains("March 5, 2021"), "{}", page.first(".byline"));
    let titles = site.visitor().get("/news").await.all(".teaser h2");
    assert_eq!(titles.last().map(String::as_str), Some("Spring plans"), "posts are in the order of their dates");
    assert_eq!(publisher.get(&path).await.field_value("publish_date"), "2021-03-05");
    let moved = [("version", "1"), ("slug", "spring-plans"), ("publish_date", "March 7, 2021")];
    assert_eq!(publisher.post(&path, &with(&moved)).await.status, 303);
    assert!(site.visitor().get("/news/spring-plans").await.first(".byline").contains("March 7, 2021"));
    let history = publisher.get(&path).await.all("section[aria-labelledby=post-actions] .rows li");
    assert!(history[0].contains("Publish date"), "{history:?}");
    let emptied = [("version", "2"), ("slug", "spring-plans"), ("publish_date", "")];
    assert_eq!(publisher.post(&path, &with(&emptied)).await.status, 303);
    assert!(
        site.visitor().get("/news/spring-plans").await.first(".byline").contains("March 7, 2021"),
        "the date stays"
    );
}

#[actix_web::test]
async fn publish_date_is_today_or_in_the_past() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (date, sentence) in [
        ("2026-11-23", "The publish date cannot be in the future."),
        ("yesterday", "Enter a date such as 2023-07-04"),
        ("0021-03-05", "Enter a date such as 2023-07-04"),
    ] {
        let page = publisher.post("/admin/posts/new", &with(&[("publish_date", date)])).await;
        assert_eq!((page.status, page.field_value("publish_date")), (422, date.into()));
        assert!(page.first("#publish_date-error").contains(sentence), "{}", page.first("#publish_date-error"));
    }
    create(&publisher, &[("publish_date", "2026-11-22"), ("action", "publish")]).await;
    assert_eq!(site.text("SELECT published_at FROM posts WHERE id = 2").await, "2026-11-22T09:00:00Z");
}

#[actix_web::test]
async fn dates_without_a_year_are_checked_against_the_publish_date() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "In the healthcare draw of June 28, 500 people were invited.";
    let fields = [("body", body), ("publish_date", "2023-07-04"), ("action", "publish")];
    assert_eq!(publisher.post("/admin/posts/new", &with(&fields)).await.status, 303);
}

#[actix_web::test]
async fn search_title_and_description_replace_title_and_summary_in_search_results() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let texts = [
        ("search_title", "Draw 252: CRS {{draw 252 crs}}"),
        ("search_description", "All {{draw 252 invitations}} of them."),
    ];
    create(&publisher, &[&texts[..], &[("action", "publish")]].concat()).await;
    let page = site.visitor().get("/news/spring-plans").await;
    assert_eq!(page.first("title"), "Draw 252: CRS 476 – Immigration Experts");
    assert_eq!(page.attributes("meta[name=description]", "content"), ["All 500 of them."]);
    assert_eq!(page.attributes("meta[property='og:title']", "content"), ["Spring plans"], "the share card");
    assert_eq!(page.attributes("meta[property='og:description']", "content"), ["A summary."]);
    assert_eq!(page.first("h1"), "Spring plans");
    let other = site.visitor().get(FIRST_POST).await;
    assert!(other.first("title").starts_with("Canada invites 500 healthcare workers"), "{}", other.first("title"));
}

#[actix_web::test]
async fn editor_previews_the_search_result_and_the_share_card() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let long = "A description of the draw that is much longer than search engines show ".repeat(4);
    let texts =
        [("search_title", "Cut-off {{draw 252 crs}}"), ("search_description", long.trim()), ("action", "preview")];
    let page = writer.post("/admin/posts/new", &with(&texts)).await;
    let cards = page.all(".card");
    assert!(
        cards[0].starts_with(&format!("{}/news/spring-plans Cut-off 476 A description", site.base)),
        "{}",
        cards[0]
    );
    assert!(cards[0].ends_with('…') && cards[0].chars().count() < 270, "{}", cards[0]);
    assert_eq!(cards[1], "Spring plans A summary. Immigration Experts");
    let plain = writer.post("/admin/posts/new", &with(&[("action", "preview")])).await.all(".card");
    assert!(plain[0].ends_with("/news/spring-plans Spring plans A summary."), "{}", plain[0]);
}

#[actix_web::test]
async fn search_texts_are_checked_like_the_title() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let wrong = [("search_description", "In draw 252, the cut-off was 480 points."), ("action", "publish")];
    let page = publisher.post("/admin/posts/new", &with(&wrong)).await;
    assert_eq!((page.status, page.attributes("[role=alert] a", "href")), (422, vec!["#reason".into()]));
    assert!(page.first(".findings li").contains("Search description"), "{}", page.first(".findings li"));
    let fix = page.attributes(".findings button[name=apply_fix]", "value");
    let fixed = publisher.post("/admin/posts/new", &with(&[wrong[0], ("apply_fix", &fix[0])])).await;
    assert!(
        fixed.field_value("search_description").contains("{{draw 252 crs}}"),
        "{}",
        fixed.field_value("search_description")
    );
    let long = "x".repeat(301);
    let page = publisher.post("/admin/posts/new", &with(&[("search_description", &long)])).await;
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#search_description"]);
    let open = [("search_title", "{{write: a title}}"), ("action", "publish")];
    let page = publisher.post("/admin/posts/new", &with(&open)).await;
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#search_title"]);
}
