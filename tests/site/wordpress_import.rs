//! Import of a WordPress export in the admin area.

use std::time::{Duration, Instant};

use immigration_experts::db::ProcessLock;
use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const EXPORT: &str = include_str!("../data/wordpress.xml");
const PATH: &str = "/admin/posts/import";
const KEEP: [(&str, &str); 2] = [("decision", "keep"), ("reason", "old text")];

async fn upload(visitor: &Visitor, content: &[u8]) -> Page {
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
    visitor.post_body(PATH, "multipart/form-data; boundary=x", body).await
}

/// The page of an import once no task works on it.
async fn result(visitor: &Visitor, path: &str) -> Page {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let page = visitor.get(path).await;
        if page.all("[data-import-progress]").is_empty() {
            return page;
        }
        assert!(Instant::now() < deadline, "{}", page.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Uploads the export, and returns the address of its report and the report.
async fn report(visitor: &Visitor) -> (String, Page) {
    let sent = upload(visitor, EXPORT.as_bytes()).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    let page = result(visitor, sent.location()).await;
    (sent.location().to_owned(), page)
}

/// Confirms a report, and returns the page with the result.
async fn confirm(visitor: &Visitor, path: &str, report: &Page, decision: &[(&str, &str)]) -> Page {
    let fingerprint = report.field_value("fingerprint");
    let sent = visitor.post(path, &[&[("fingerprint", fingerprint.as_str())], decision].concat()).await;
    assert_eq!((sent.status, sent.location()), (303, path), "{}", sent.text);
    result(visitor, path).await
}

/// The lock of imports, as another process holds it.
async fn hold_lock(site: &Site) -> ProcessLock {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(lock) = site.running.services.db.lock_import().unwrap() {
            return lock;
        }
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Numbers of everything that an import adds.
async fn counts(site: &Site) -> String {
    site.text(
        "SELECT (SELECT count(*) FROM posts) || ' ' || (SELECT count(*) FROM pages) || ' ' || (SELECT count(*) FROM media)
         || ' ' || (SELECT count(*) FROM redirects) || ' ' || (SELECT count(*) FROM wordpress_items)",
    )
    .await
}

/// Number of folders of imports on the disk.
fn folders(site: &Site) -> usize {
    std::fs::read_dir(site.dir.path().join("data/wordpress")).map_or(0, Iterator::count)
}

#[actix_web::test]
async fn report_comes_first_and_nothing_is_imported_without_a_decision() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let before = counts(&site).await;
    assert!(publisher.get("/admin/posts").await.text.contains("href=\"/admin/posts/import\""));
    let (path, report) = report(&publisher).await;
    assert_eq!((report.status, report.first("h1").as_str()), (200, "Import report"), "{}", report.text);
    assert!(report.first(".lead").starts_with("6 posts: 2 published, 1 scheduled, 1 in review, 2 drafts; 2 pages"));
    for expected in ["2 comments: counted, not imported", "contact-form-7: stays as text 1 time"] {
        assert!(report.all("section li").iter().any(|line| line == expected), "{expected}: {}", report.text);
    }
    assert!(report.first(".findings li").contains("475"), "{}", report.text);
    let text = publisher.get(&format!("{path}/report.txt")).await;
    assert!(text.header("content-disposition").starts_with("attachment"));
    assert!(text.text.contains("count    2 comments: counted, not imported\r\n"), "{}", text.text);
    let fingerprint = report.field_value("fingerprint");
    let keep_without_reason = [("fingerprint", fingerprint.as_str()), ("decision", "keep"), ("reason", " ")];
    for form in [&keep_without_reason[..1], &keep_without_reason] {
        let refused = publisher.post(&path, form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.first(".summary").contains("1 public text has possible errors."), "{}", refused.text);
    }
    let outdated = publisher.post(&path, &[("fingerprint", "x"), ("decision", "drafts")]).await;
    assert_eq!(outdated.status, 409);
    assert_eq!(counts(&site).await, before);
}

#[actix_web::test]
async fn confirmed_file_is_imported_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, shown) = report(&publisher).await;
    let done = confirm(&publisher, &path, &shown, &KEEP).await;
    assert_eq!(done.first("h1"), "Import complete", "{}", done.text);
    assert!(done.first(".lead").starts_with("Imported: 6 posts"), "{}", done.text);
    let visitor = site.visitor();
    assert_eq!(visitor.get("/2023/07/draw-252/").await.location(), "/news/draw-252");
    let post = visitor.get("/news/draw-252").await;
    assert_eq!((post.status, post.first("h1").as_str()), (200, "Draw 252 & what it means"));
    assert!(post.text.contains("[picture chart-300x200.jpg – Chart of the draw]"), "{}", post.text);
    let actor = site.text("SELECT actor FROM audit_log WHERE action = 'imported a WordPress export'").await;
    assert_eq!(actor, site.text("SELECT name FROM staff WHERE role = 'publisher'").await);
    assert_eq!(folders(&site), 0, "the file is deleted");
    let after = counts(&site).await;
    // The same form again, and the same file again.
    let again = publisher.post(&path, &[("fingerprint", "x"), KEEP[0], KEEP[1]]).await;
    assert_eq!((again.status, again.location()), (303, path.as_str()));
    let (second, shown) = report(&publisher).await;
    assert!(shown.first(".notice").starts_with("Nothing to import."), "{}", shown.text);
    assert_eq!(publisher.post(&format!("{second}/cancellation"), &[]).await.status, 303);
    assert_eq!((counts(&site).await, folders(&site)), (after, 0));
}

#[actix_web::test]
async fn file_that_is_not_an_export_fails_with_the_reason() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let bomb = EXPORT.replacen("<rss", "<!DOCTYPE rss [<!ENTITY a \"b\">]><rss", 1);
    for (content, error) in [
        ("<html></html>", "This is not a WordPress export."),
        (&*bomb, "document type"),
        ("PK\u{3}\u{4}not a zip", "The zip is damaged."),
        (&EXPORT[..EXPORT.len() - 30], "ends in the middle"),
    ] {
        let sent = upload(&publisher, content.as_bytes()).await;
        assert_eq!(sent.status, 303, "{error}");
        let failed = result(&publisher, sent.location()).await;
        assert_eq!(failed.first("h1"), "Import failed", "{}", failed.text);
        let notice = failed.first(".notice");
        assert!(notice.contains(error) && notice.ends_with("Nothing was imported."), "{notice}");
    }
    let empty = upload(&publisher, b"").await;
    assert_eq!((empty.status, empty.first(".summary p").as_str()), (422, "The file is empty."));
    let nothing = publisher.post(PATH, &[]).await;
    assert_eq!((nothing.status, nothing.first(".summary p").as_str()), (422, "Choose a file."));
    assert_eq!(folders(&site), 0);
    assert_eq!(publisher.get(&format!("{PATH}/99")).await.status, 404);
}

#[actix_web::test]
async fn progress_is_shown_to_all_and_only_one_import_runs_at_a_time() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    // Like another process that imports.
    let lock = hold_lock(&site).await;
    let sent = upload(&one, EXPORT.as_bytes()).await;
    let path = sent.location();
    for member in [&one, &two] {
        let page = member.get(path).await;
        assert_eq!((page.status, page.first("h1").as_str()), (200, "Import in progress"));
        assert_eq!(page.first("[role=status]"), "Waiting to start reading the file.");
        assert_eq!(page.attributes("progress", "aria-label"), ["Progress of this step"]);
        assert!(
            page.text.contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>"),
            "{}",
            page.text
        );
        let start = member.get(PATH).await;
        assert_eq!(start.attributes(".notice a", "href"), [path], "{}", start.text);
        assert!(start.all("input[type=file]").is_empty());
        let second = upload(member, EXPORT.as_bytes()).await;
        assert_eq!(second.status, 409);
        assert!(second.first(".summary").contains("Another import has not ended."), "{}", second.text);
    }
    assert_eq!(folders(&site), 1);
    drop(lock);
    assert_eq!(result(&two, path).await.first("h1"), "Import report");
}

#[actix_web::test]
async fn import_is_cancelled_at_any_time_by_any_publisher() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let before = counts(&site).await;
    for state in ["reading", "ready", "importing"] {
        // While another process has the lock, no task works on the import.
        let mut held = Some(hold_lock(&site).await);
        let path = upload(&one, EXPORT.as_bytes()).await.location().to_owned();
        if state != "reading" {
            drop(held.take());
            let shown = result(&one, &path).await;
            held = Some(hold_lock(&site).await);
            if state == "importing" {
                let fingerprint = shown.field_value("fingerprint");
                let form = [("fingerprint", fingerprint.as_str()), ("decision", "drafts")];
                assert_eq!(one.post(&path, &form).await.status, 303);
            }
        }
        assert_eq!(site.text("SELECT state FROM wordpress_imports ORDER BY id DESC LIMIT 1").await, state);
        let done = two.post_and_follow(&format!("{path}/cancellation"), &[]).await;
        assert_eq!(done.first("h1"), "Import cancelled", "{state}: {}", done.text);
        assert_eq!(done.first(".notice"), "Test admin cancelled the import. Nothing was imported.");
        drop(held);
        site.running.jobs.run("WordPress import").await.unwrap();
        assert_eq!(counts(&site).await, before, "{state}");
    }
}

#[actix_web::test]
async fn restart_while_the_file_is_read_begins_again_and_gives_up_after_three() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let lock = hold_lock(&site).await;
    let path = upload(&publisher, EXPORT.as_bytes()).await.location().to_owned();
    // As after a crash of the process that had the lock.
    site.execute("UPDATE wordpress_imports SET is_started = 1").await;
    let page = publisher.get(&path).await;
    assert_eq!(page.first("[role=status]"), "Another process of the site works on reading the file.");
    drop(lock);
    let report = result(&publisher, &path).await;
    assert_eq!(report.first("h1"), "Import report");
    assert_eq!(report.first(".notice"), "The site was restarted while it read the file, so it began again.");
    let lock = hold_lock(&site).await;
    site.execute("UPDATE wordpress_imports SET state = 'reading', is_started = 1, interruptions = 2").await;
    drop(lock);
    let failed = result(&publisher, &path).await;
    assert_eq!(failed.first("h1"), "Import failed");
    assert!(failed.first(".notice").contains("restarted three times"), "{}", failed.text);
    assert_eq!(folders(&site), 0);
}

#[actix_web::test]
async fn restart_in_the_middle_of_the_import_leaves_nothing_and_the_page_says_so() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, _) = report(&publisher).await;
    let before = counts(&site).await;
    let lock = hold_lock(&site).await;
    site.execute(
        "UPDATE wordpress_imports SET state = 'importing', is_started = 1, decision = 'drafts';
         INSERT INTO media (id, hash, file_name, width, height, bytes, uploaded_at, uploaded_by)
         VALUES (70, '0123456789abcdef', 'half.jpg', 1, 1, 1, '2026-11-22T09:00:00Z', 'x');
         INSERT INTO wordpress_pending_pictures VALUES (70);",
    )
    .await;
    let dir = site.stop().await;
    drop(lock);
    let site = Site::start_in(dir, &[]).await;
    let publisher = site.sign_in("publisher@example.com").await;
    let page = result(&publisher, &path).await;
    assert_eq!(page.first("h1"), "Import report");
    assert!(page.first(".notice").starts_with("The site was restarted during the import. Nothing was imported."));
    assert_eq!(counts(&site).await, before);
    let done = confirm(&publisher, &path, &page, &KEEP).await;
    assert_eq!(done.first("h1"), "Import complete", "{}", done.text);
}

#[actix_web::test]
async fn failure_in_the_middle_of_the_import_leaves_nothing_and_the_page_says_so() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let before = counts(&site).await;
    site.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON pages WHEN NEW.slug = 'team' BEGIN SELECT RAISE(ABORT, 'refused'); END",
    )
    .await;
    let (path, shown) = report(&publisher).await;
    let failed = confirm(&publisher, &path, &shown, &KEEP).await;
    assert_eq!(failed.first("h1"), "Import failed", "{}", failed.text);
    assert!(failed.first(".notice").starts_with("Nothing was imported, because"), "{}", failed.text);
    assert!(!failed.text.contains("refused"), "no internal message is shown");
    assert_eq!((counts(&site).await, folders(&site)), (before, 0));
}

#[actix_web::test]
async fn change_of_the_site_after_the_report_leads_to_a_new_report() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, shown) = report(&publisher).await;
    site.execute("UPDATE posts SET slug = 'plain' WHERE id = 1").await;
    let before = counts(&site).await;
    let again = confirm(&publisher, &path, &shown, &KEEP).await;
    assert_eq!(again.first("h1"), "Import report", "{}", again.text);
    let notice = again.first(".notice");
    assert!(notice.starts_with("An address of the imported texts is now used by another text. Nothing was imported"));
    assert!(again.text.contains("its address /news/plain is taken: it becomes /news/plain-2"), "{}", again.text);
    assert_eq!(counts(&site).await, before);
    assert_eq!(confirm(&publisher, &path, &again, &KEEP).await.first("h1"), "Import complete");
}

#[actix_web::test]
async fn report_that_nobody_confirms_is_deleted_after_a_week() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, _) = report(&publisher).await;
    site.execute("UPDATE wordpress_imports SET received_at = '2026-11-16T09:00:00Z'").await;
    site.running.jobs.run("WordPress leftovers").await.unwrap();
    assert_eq!(folders(&site), 1);
    site.execute("UPDATE wordpress_imports SET received_at = '2026-11-14T09:00:00Z'").await;
    site.running.jobs.run("WordPress leftovers").await.unwrap();
    let page = publisher.get(&path).await;
    assert_eq!(page.first("h1"), "Import cancelled", "{}", page.text);
    assert!(page.first(".notice").contains("within 7 days"), "{}", page.text);
    assert_eq!(folders(&site), 0);
}

#[actix_web::test]
async fn report_whose_files_are_gone_can_only_be_cancelled() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let (path, _) = report(&publisher).await;
    std::fs::remove_dir_all(site.dir.path().join("data/wordpress")).unwrap();
    let page = publisher.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.first(".notice").contains("no longer on the server"), "{}", page.text);
    assert_eq!(publisher.get(&format!("{path}/report.txt")).await.status, 404);
    let cancelled = publisher.post_and_follow(&format!("{path}/cancellation"), &[]).await;
    assert_eq!(cancelled.first("h1"), "Import cancelled");
}

#[actix_web::test]
async fn upload_that_is_broken_off_leaves_no_file() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    // The end of the form is missing.
    let body = [head.as_bytes(), EXPORT.as_bytes()].concat();
    let refused = publisher.post_body(PATH, "multipart/form-data; boundary=x", body).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
    assert_eq!(folders(&site), 0);
    assert_eq!(site.count("SELECT count(*) FROM wordpress_imports").await, 0);
}
