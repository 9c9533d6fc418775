//! Import of a WordPress export on the command line.

use std::io::Write;

use crate::program::{CommandOutput, Home};
use crate::support::pictures::jpeg;

const EXPORT: &str = include_str!("../data/wordpress.xml");

/// Stopped site with the export and its picture in the working directory.
fn home_with_export() -> Home {
    let home = Home::with_stopped_site();
    let uploads = home.dir.path().join("wp-content/uploads/2023/07");
    std::fs::create_dir_all(&uploads).unwrap();
    std::fs::write(uploads.join("chart.jpg"), jpeg(600, 400)).unwrap();
    std::fs::write(home.dir.path().join("export.xml"), EXPORT).unwrap();
    home
}

fn import(home: &Home, more: &[&str]) -> CommandOutput {
    home.run(&[&["import", "wordpress", "export.xml"], more].concat(), &[])
}

/// Posts, pages, pictures and redirects in the database.
async fn counts(home: &Home) -> String {
    let sql = "SELECT (SELECT count(*) FROM posts) || ' ' || (SELECT count(*) FROM pages) || ' ' || (SELECT count(*) FROM media)
               || ' ' || (SELECT count(*) FROM redirects)";
    home.texts(sql).await.remove(0)
}

const SUMMARY: &str = "6 posts: 2 published, 1 scheduled, 1 in review, 2 drafts; 2 pages: 2 published; 1 picture";

#[actix_web::test]
async fn report_names_everything_and_changes_nothing() {
    let home = home_with_export();
    let before = counts(&home).await;
    let ended = import(&home, &["--preview"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for line in [
        "site     https://old.example",
        &format!("count    {SUMMARY} with 3 topics"),
        "count    1 author: their names are shown, no accounts are created",
        "count    2 comments: counted, not imported",
        "count    1 item in the trash or automatic drafts: not imported",
        "count    1 item of the type nav_menu_item: not imported",
        "count    contact-form-7: stays as text 1 time",
        "count    1 picture was not found: the file names stay in the text",
        "changed  Draw 252 & what it means: contact-form-7: stays as text (1)",
        "changed  A plain post: pictures not found: lost.jpg",
        "changed  Secret: its status was “private”, so it becomes a draft",
        &format!("{SUMMARY}: nothing was changed"),
    ] {
        assert!(ended.out.lines().any(|printed| printed == line), "{line}\n{}", ended.out);
    }
    let finding = ended.out.lines().find(|line| line.starts_with("error    Draw 252 & what it means: ")).unwrap();
    assert!(finding.contains("475") && finding.contains("476"), "{finding}");
    assert!(ended.err.contains("reading the file: 100 %"), "progress is shown: {}", ended.err);
    assert_eq!(counts(&home).await, before);
}

#[actix_web::test]
async fn texts_with_possible_errors_need_a_decision() {
    let home = home_with_export();
    let before = counts(&home).await;
    let refused = import(&home, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("1 public text has possible errors."), "{}", refused.err);
    assert!(refused.err.contains("Nothing was changed. (Use --reason"), "{}", refused.err);
    assert_eq!(counts(&home).await, before);
    assert_eq!(import(&home, &["--drafts"]).code, Some(0));
    let states = "SELECT state FROM posts WHERE slug = 'draw-252'";
    assert_eq!(home.texts(states).await, ["draft"]);
}

#[actix_web::test]
async fn everything_is_imported_once() {
    let home = home_with_export();
    let ended = import(&home, &["--reason", "old text"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.ends_with(&format!("{SUMMARY}: imported\n")), "{}", ended.out);
    let posts = "SELECT slug || ' ' || state || ' ' || author || ' ' || coalesce(published_at, scheduled_for, '-')
                 FROM posts WHERE id > 1 ORDER BY id";
    assert_eq!(
        home.texts(posts).await,
        [
            "draw-252 published Sheraz Ahmed 2023-07-04T09:00:00Z",
            "plain published Sheraz Ahmed 2022-01-05T10:00:00Z",
            "for-later scheduled Sheraz Ahmed 2099-01-05T10:00:00Z",
            "an-idea draft unknown -",
            "please-review in_review Sheraz Ahmed -",
            "secret draft Sheraz Ahmed -",
        ]
    );
    let pages =
        "SELECT slug || ' ' || state || ' ' || placement FROM pages WHERE title IN ('Our team', 'Contact') ORDER BY id";
    assert_eq!(home.texts(pages).await, ["team published none", "contact-page published none"]);
    let topics = "SELECT topic FROM post_topics JOIN posts ON id = post_id WHERE slug = 'draw-252' ORDER BY topic";
    assert_eq!(home.texts(topics).await, ["crs", "draw news"]);
    let body = home.texts("SELECT body FROM posts WHERE slug = 'draw-252'").await.remove(0);
    assert!(body.contains("![Chart of the draw](/media/") && body.contains("contact-form-7"), "{body}");
    assert!(body.contains("[our team](/company/team/)"), "{body}");
    assert_eq!(home.texts("SELECT cover_alt FROM posts WHERE slug = 'draw-252'").await, ["Bars"]);
    assert_eq!(home.texts("SELECT summary FROM posts WHERE slug = 'plain'").await, ["First paragraph."]);
    assert_eq!(home.texts("SELECT DISTINCT reason FROM accepted_findings").await, ["old text"]);
    let actions = "SELECT actor || ': ' || action FROM audit_log WHERE action LIKE '%WordPress%'";
    assert_eq!(home.texts(actions).await, ["command line: imported a WordPress export"]);

    let before = counts(&home).await;
    let again = import(&home, &[]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert!(again.out.contains("count    8 items were imported before: not imported again\n"), "{}", again.out);
    assert_eq!(counts(&home).await, before);
}

#[actix_web::test]
async fn old_addresses_redirect_to_what_was_imported() {
    let home = home_with_export();
    assert_eq!(import(&home, &["--reason", "old text"]).code, Some(0));
    let mut site = home.serve(&[]).await;
    let visitor = site.visitor();
    for (old, new) in [
        ("/2023/07/draw-252/", "/news/draw-252"),
        ("/2023/07/draw-252", "/news/draw-252"),
        ("/?p=12", "/news/draw-252"),
        ("/?p=12&utm_source=x", "/news/draw-252"),
        ("/?page_id=20", "/team"),
        ("/company/team/", "/team"),
        ("/category/draw-news/", "/news?topic=draw+news"),
        ("/category/news/draw-news/", "/news?topic=draw+news"),
        ("/category/news/page/2/", "/news?topic=news"),
        ("/tag/crs/", "/news?topic=crs"),
        ("/feed/", "/news/feed.atom"),
        ("/category/news/feed/", "/news/feed.atom"),
    ] {
        let response = visitor.get(old).await;
        assert_eq!((response.status, response.location()), (301, new), "{old}");
        assert_eq!(visitor.get(new).await.status, 200, "{new}");
    }
    let picture = visitor.get("/wp-content/uploads/2023/07/chart-300x200.jpg").await;
    assert_eq!(picture.status, 301);
    assert_eq!(visitor.get(picture.location()).await.status, 200);
    // Drafts stay hidden, and other addresses are not found.
    for hidden in ["/?p=15", "/2022/02/secret/", "/2023/07/other/", "/category/other/"] {
        let status = visitor.get(hidden).await.status;
        assert_eq!(status, if hidden.starts_with("/?") { 200 } else { 404 }, "{hidden}");
    }
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn file_that_is_damaged_or_hostile_changes_nothing() {
    let home = home_with_export();
    let before = counts(&home).await;
    let bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><rss";
    for (content, error) in [
        (EXPORT.replacen("<rss", bomb, 1), "document type"),
        (EXPORT[..EXPORT.len() - 30].to_owned(), "ends in the middle"),
        ("<html></html>".to_owned(), "This is not a WordPress export."),
        (EXPORT.replace("</content:encoded>", "</content>"), "damaged"),
    ] {
        std::fs::write(home.dir.path().join("export.xml"), content).unwrap();
        let ended = import(&home, &["--drafts"]);
        assert_eq!(ended.code, Some(1), "{error}");
        assert!(ended.err.contains(error), "{error}: {}", ended.err);
        assert_eq!(counts(&home).await, before, "{error}");
    }
}

#[actix_web::test]
async fn zip_of_export_and_pictures_is_imported() {
    let home = home_with_export();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(home.dir.path().join("all.zip")).unwrap());
    for (name, content) in [("site/export.xml", EXPORT.as_bytes()), ("site/uploads/2023/07/chart.jpg", &jpeg(600, 400))]
    {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    let ended = home.run(&["import", "wordpress", "all.zip", "--drafts"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(home.texts("SELECT file_name || ' ' || alt FROM media").await, ["chart.jpg Chart of the draw"]);
}

#[actix_web::test]
async fn file_of_200_mb_needs_little_memory() {
    let home = home_with_export();
    let comment =
        format!("<wp:comment><wp:comment_content><![CDATA[{}]]></wp:comment_content></wp:comment>", "x".repeat(10_000));
    let (start, end) = EXPORT.split_once("<wp:comment>").unwrap();
    let mut file = std::io::BufWriter::new(std::fs::File::create(home.dir.path().join("large.xml")).unwrap());
    file.write_all(start.as_bytes()).unwrap();
    for _ in 0..200 * 1024 * 1024 / comment.len() {
        file.write_all(comment.as_bytes()).unwrap();
    }
    file.write_all(b"<wp:comment>").unwrap();
    file.write_all(end.as_bytes()).unwrap();
    drop(file);
    let mut child = home.begin(&["import", "wordpress", "large.xml", "--preview"]);
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, started) = (0, std::time::Instant::now());
    let code = loop {
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line
            .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .map_or(peak, |now: u64| peak.max(now));
        assert!(started.elapsed().as_secs() < 300, "it takes too long");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let ended = Home::ended(child, &["import wordpress"]);
    assert!(code.success(), "{}", ended.err);
    assert!(ended.out.contains("comments: counted, not imported"), "{}", ended.out);
    assert!(peak < 120 * 1024, "{peak} kB");
}
