//! Library: search, paging, alternative text, trash.

use immigration_experts::staff::Role;

use crate::support::Site;
use crate::support::pictures::{add, fetch, jpeg, upload};

/// Adds rows for many pictures, as after years of use.
async fn add_many(site: &Site, count: u32) {
    site.execute(&format!(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO media (hash, file_name, alt, width, height, bytes, uploaded_at, uploaded_by)
         SELECT printf('%016x', i), 'picture-' || i || '.jpg', 'Chart number ' || i, 1600, 900, 300000,
                '2026-11-01T00:00:00Z', 'Test writer' FROM n;
         INSERT INTO post_media (hash, post_id) SELECT hash, 1 FROM media WHERE id % 2 = 0;"
    ))
    .await;
}

#[actix_web::test]
async fn library_is_searched_and_paged() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.get("/admin/media").await.all(".pictures li"), Vec::<String>::new());
    add_many(&site, 60).await;
    let page = writer.get("/admin/media").await;
    let names = page.all(".pictures a");
    assert_eq!((names.len(), names[0].as_str()), (24, "picture-60.jpg"));
    assert_eq!(page.first(".pager span"), "Page 1 of 3");
    assert_eq!(writer.get("/admin/media?page=3").await.all(".pictures a").len(), 12);
    assert_eq!(writer.get("/admin/media?page=4").await.status, 404);
    let details = page.first(".pictures .small");
    for part in ["Used in 1 place", "1600 × 900 pixels", "300 kB", "November 1, 2026", "Test writer"] {
        assert!(details.contains(part), "{details}");
    }
    for (query, found) in [("PICTURE-31", 1), ("number+7", 1), ("picture", 24), ("nothing", 0), ("%25", 0)] {
        let page = writer.get(&format!("/admin/media?q={query}")).await;
        assert_eq!(page.all(".pictures a").len(), found, "{query}");
        assert_eq!(page.text.contains("No results found"), found == 0, "{query}");
    }
    let unused = writer.get("/admin/media?show=unused&q=picture").await;
    assert_eq!(unused.first(".pager span"), "Page 1 of 2");
    let next = unused.attributes(".pager a[rel=next]", "href").remove(0);
    assert_eq!(next, "/admin/media?show=unused&q=picture&page=2");
    assert_eq!(writer.get(&next).await.all(".pictures a").len(), 6);
}

#[actix_web::test]
async fn alternative_text_is_saved_and_part_of_the_markdown() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (path, markdown) = add(&writer, "a.jpg", &jpeg(40, 20), "A [red] half").await;
    assert!(markdown.starts_with("![A \\[red\\] half](/media/") && markdown.ends_with("-40.jpg)"), "{markdown}");
    let page = writer.post_and_follow(&path, &[("alt", " A [red] half ")]).await;
    assert_eq!(
        (page.first(".flash"), page.field_value("alt")),
        ("Alternative text saved.".into(), "A [red] half".into())
    );
    let long = "x".repeat(501);
    let page = writer.post(&path, &[("alt", &long)]).await;
    assert_eq!((page.status, page.field_value("alt")), (422, long));
    assert!(page.first("#alt-error").contains("500 characters or fewer"));
    assert_eq!(writer.get("/admin/media/99").await.status, 404);
}

#[actix_web::test]
async fn unused_picture_moves_to_the_trash_and_back() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (path, markdown) = add(&writer, "a.jpg", &jpeg(40, 20), "A chart").await;
    let address = markdown.split(['(', ')']).nth(1).unwrap();
    let page = writer.post_and_follow(&format!("{path}/trash"), &[]).await;
    assert_eq!(page.first(".flash"), "Moved a.jpg to the trash. You can restore it there.");
    assert_eq!(page.all(".pictures a"), Vec::<String>::new());
    assert_eq!(site.visitor().get(address).await.status, 404, "no longer on the site");

    let trash = writer.get("/admin/media?show=trash").await;
    assert_eq!(trash.all(".pictures a"), ["a.jpg"]);
    assert!(trash.first(".pictures .small").starts_with("Will be deleted on December 22, 2026"), "{}", trash.text);
    let preview = trash.attributes(".pictures img", "src").remove(0);
    let (status, kind, content) = fetch(&writer, &preview).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    assert!(image::load_from_memory(&content).is_ok());
    assert_eq!(site.visitor().get(&preview).await.status, 303, "staff only");

    let page = writer.post_and_follow(&format!("{path}/restoration"), &[]).await;
    assert_eq!(page.first(".flash"), "Restored.");
    assert_eq!(fetch(&site.visitor(), address).await.0, 200);
    let log = site.staff(Role::Admin).await.get("/admin/audit").await;
    for action in ["uploaded a picture", "moved a picture to the trash", "restored a picture"] {
        assert!(log.text.contains(action), "{action}");
    }
}

#[actix_web::test]
async fn trash_is_emptied_after_30_days() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (first, _) = add(&writer, "first.jpg", &jpeg(40, 20), "x").await;
    let (second, _) = add(&writer, "second.jpg", &jpeg(60, 20), "x").await;
    writer.post_and_follow(&format!("{first}/trash"), &[]).await;
    for (hours, left) in [(24 * 30 - 1, 2), (1, 1)] {
        // In steps, because a jump of the clock by more than a day is not trusted.
        for _ in 0..hours {
            site.advance_hours(1);
        }
        site.running.jobs.run("media").await.unwrap();
        assert_eq!(site.count("SELECT count(*) FROM media").await, left);
    }
    assert_eq!(site.count("SELECT count(DISTINCT media_id) FROM media_files").await, 1, "its files are deleted too");
    let writer = site.sign_in("writer@example.com").await;
    assert_eq!(writer.get(&first).await.status, 404);
    assert_eq!(writer.get(&second).await.status, 200);
}

#[actix_web::test]
async fn uploading_a_picture_from_the_trash_restores_it() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (path, _) = add(&writer, "a.jpg", &jpeg(40, 20), "A chart").await;
    writer.post_and_follow(&format!("{path}/trash"), &[]).await;
    let page = upload(&writer, &[("a.jpg", &jpeg(40, 20))]).await;
    assert_eq!(page.location(), path);
    let page = writer.get(&path).await;
    assert_eq!(page.field_value("alt"), "A chart");
    assert_eq!(page.all(".notice"), Vec::<String>::new());
}
