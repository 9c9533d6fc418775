//! An empty directory becomes a working site; a second start changes nothing.

use crate::support::{PASSWORD, Site};

#[actix_web::test]
async fn empty_directory_becomes_a_working_site() {
    let site = Site::start().await;
    let page = site.visitor().get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(site.count("SELECT count(*) FROM occupations").await, 516);
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
    assert_eq!(site.count("SELECT count(*) FROM category_lists").await, 21);
    assert_eq!(site.count("SELECT count(*) FROM category_occupations").await, 255);
    assert_eq!(site.count("SELECT count(*) FROM posts WHERE state = 'published'").await, 1);
}

#[actix_web::test]
async fn a_second_start_changes_nothing() {
    let first = Site::start().await;
    let dump = "SELECT group_concat(total) FROM (SELECT count(*) AS total FROM occupations UNION ALL SELECT count(*) FROM draws
                UNION ALL SELECT count(*) FROM posts UNION ALL SELECT version FROM site UNION ALL SELECT count(*) FROM staff_invitations)";
    let before = first.text(dump).await;
    let address = first.running.first_account.clone();
    let second = Site::start_in(first.stop().await, &[]).await;
    assert_eq!(second.text(dump).await, before);
    assert_eq!(second.running.first_account, address);
}

#[actix_web::test]
async fn first_account_link_works_only_once() {
    let site = Site::start().await;
    let address = site.running.first_account.clone().unwrap();
    let visitor = site.visitor();
    assert_eq!(visitor.get("/admin/set-up/00000000000000000000000000000000").await.status, 404);
    let page = visitor.get(&address).await;
    assert_eq!(page.first("h1"), "Create the first account");
    assert_eq!(page.header("cache-control"), "no-store");
    let wrong =
        visitor.post(&address, &[("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", "short")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.first("#password-error").contains("at least 12"));
    assert_eq!(wrong.attributes("#name", "value"), ["Ayesha"]);
    let done =
        visitor.post(&address, &[("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)]).await;
    assert_eq!((done.status, done.location()), (303, "/admin"));
    assert_eq!(visitor.get(&address).await.status, 404);
    assert_eq!(
        visitor.post(&address, &[("name", "B"), ("email", "b@example.com"), ("password", PASSWORD)]).await.status,
        404
    );
    let page =
        visitor.post_and_follow("/admin/sign-in", &[("email", "AYESHA@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.first("h1"), "Dashboard");
    let again = Site::start_in(site.stop().await, &[]).await;
    assert_eq!(again.running.first_account, None);
}
