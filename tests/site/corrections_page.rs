//! The page of all corrections.

use immigration_experts::staff::Role;

use crate::support::feeds::{altered_round, import_rounds};
use crate::support::{FIRST_POST, Site};

#[actix_web::test]
async fn corrections_of_draws_and_posts_are_listed_newest_first() {
    let site = Site::start().await;
    let page = site.visitor().get("/corrections").await;
    page.assert_page_layout();
    let items = page.all(".corrections > li");
    assert!(items.iter().any(|item| item.contains("Canada invites 500") && item.contains("three errors")), "{items:?}");
    assert!(page.attributes(".corrections h2 a", "href").contains(&FIRST_POST.to_owned()));

    site.advance_hours(30);
    let publisher = site.staff(Role::Publisher).await;
    import_rounds(&publisher, &[altered_round("252", &[("drawCRS", "475")])]).await;
    let page = site.visitor().get("/corrections").await;
    assert_eq!(page.first(".corrections h2"), "Draw 252");
    assert_eq!(page.attributes(".corrections h2 a", "href")[0], "/draws/252");
    assert!(page.first(".corrections > li").contains("WhatCRS cut-offWas476Is475"), "{}", page.first("ol li"));
    let days = page.attributes(".corrections time", "datetime");
    assert!(days.is_sorted_by(|before, after| before >= after), "{days:?}");
}

#[actix_web::test]
async fn corrections_of_unpublished_posts_are_not_listed() {
    let site = Site::start().await;
    let before = site.visitor().get("/corrections").await.all(".corrections > li").len();
    let publisher = site.staff(Role::Publisher).await;
    assert_eq!(publisher.post("/admin/posts/1/withdrawal", &[]).await.status, 303);
    let page = site.visitor().get("/corrections").await;
    assert_eq!(page.all(".corrections > li").len(), before - 1);
    assert!(!page.text.contains(FIRST_POST));
}

#[actix_web::test]
async fn a_long_list_has_pages() {
    let site = Site::start().await;
    for number in 0..70 {
        site.execute(&format!(
            "INSERT INTO post_corrections (post_id, line, corrected_at, corrected_by)
             VALUES (1, 'Line {number} was wrong.', '2026-11-{:02}T09:00:00Z', 'A')",
            number % 20 + 1
        ))
        .await;
    }
    let visitor = site.visitor();
    let first = visitor.get("/corrections").await;
    assert_eq!(first.all(".corrections > li").len(), 30);
    let second = visitor.get("/corrections?page=2").await;
    assert_eq!(second.status, 200);
    assert_ne!(first.first(".corrections > li"), second.first(".corrections > li"));
    assert_eq!(visitor.get("/corrections?page=99").await.status, 404);
}
