//! Trash of posts: kept for 30 days, then deleted with everything that belongs to them.

use immigration_experts::staff::Role;

use crate::reviews::{create, with};
use crate::support::Site;

async fn run_job(site: &Site) {
    site.running.jobs.run("post trash").await.unwrap();
}

#[actix_web::test]
async fn trashed_post_is_restored_within_30_days_and_deleted_after() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[("action", "publish"), ("slug", "old-slug")]).await;
    let moved = [("slug", "new-slug"), ("version", "1"), ("body", "See draw 252 and NOC 31301.")];
    assert_eq!(publisher.post(&path, &with(&moved)).await.status, 303);
    assert_eq!(publisher.post(&format!("{path}/withdrawal"), &[]).await.status, 303);
    let submit = [&with(&moved)[..], &[("version", "2"), ("action", "submit")]].concat();
    assert_eq!(publisher.post(&path, &submit).await.status, 303);
    assert_eq!(publisher.post(&format!("{path}/autosave"), &with(&moved)).await.status, 200);
    assert_eq!(publisher.post(&format!("{path}/preview-links"), &[]).await.status, 303);
    assert_eq!(publisher.post(&format!("{path}/trash"), &[]).await.status, 303);
    let listed = publisher.get("/admin/posts").await.first("section[aria-labelledby=trashed] li");
    assert!(listed.contains("deleted permanently on December 22, 2026"), "{listed}");
    for _ in 0..29 {
        site.advance_hours(24);
        run_job(&site).await;
    }
    let publisher = site.sign_in("publisher@example.com").await;
    assert_eq!(publisher.post(&format!("{path}/restoration"), &[]).await.status, 303, "after 29 days");
    assert_eq!(publisher.get(&path).await.field_value("slug"), "new-slug");
    assert_eq!(publisher.post(&format!("{path}/trash"), &[]).await.status, 303);
    site.advance_hours(23);
    assert_eq!(site.sign_in("publisher@example.com").await.post(&format!("{path}/trash"), &[]).await.status, 303);
    for _ in 0..29 {
        site.advance_hours(24);
        run_job(&site).await;
    }
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 2, "the second click did not start the time again");
    site.advance_hours(2);
    run_job(&site).await;
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
    for table in [
        "SELECT count(*) FROM post_revisions WHERE post_id = 2",
        "SELECT count(*) FROM post_topics WHERE post_id = 2",
        "SELECT count(*) FROM post_draws WHERE post_id = 2",
        "SELECT count(*) FROM post_autosaves WHERE post_id = 2",
        "SELECT count(*) FROM post_reviews",
        "SELECT count(*) FROM post_preview_links",
        "SELECT count(*) FROM redirects",
    ] {
        assert_eq!(site.count(table).await, 0, "{table}");
    }
    assert_eq!(
        site.text("SELECT actor || ' ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "system deleted a post after 30 days in the trash: Spring plans"
    );
}

#[actix_web::test]
async fn wrong_clock_deletes_no_post() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &[]).await;
    assert_eq!(publisher.post(&format!("{path}/trash"), &[]).await.status, 303);
    run_job(&site).await;
    site.clock.set("2050-01-01T00:00:00Z".parse().unwrap());
    run_job(&site).await;
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 2);
}
