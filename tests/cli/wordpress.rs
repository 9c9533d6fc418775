//! Import of a WordPress export on the command line.

use std::io::Write;

use crate::program::{CommandOutput, Home, SiteProcess};
use crate::support::pictures::{jpeg, png_of_zeros};
use crate::support::{Page, Visitor};

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
        ("/comments/feed/", "/news/feed.atom"),
        ("/?feed=rss2", "/news/feed.atom"),
        ("/?cat=3", "/news?topic=draw+news"),
        ("/?cat=99", "/news"),
        ("/?tag=crs", "/news?topic=crs"),
        ("/?author=1", "/news"),
        ("/?m=202307", "/news"),
        ("/?paged=2", "/news"),
        ("/?s=draw+252", "/search?q=draw+252"),
        ("/?attachment_id=45", "/news/draw-252"),
        ("/2023/07/draw-252/chart/", "/news/draw-252"),
        ("/author/sheraz/", "/news"),
        ("/author/sheraz/page/2/", "/news"),
        ("/2023/", "/news"),
        ("/2023/07/", "/news"),
        ("/2023/07/04/", "/news"),
        ("/page/2/", "/news"),
        ("/category/other/", "/news"),
        ("/tag/other/page/3/", "/news"),
        ("/index.php", "/"),
        // Targets are never taken from the address.
        ("/search/evil.example%20x/", "/search?q=evil.example+x"),
        ("/?s=//evil.example", "/search?q=%2F%2Fevil.example"),
    ] {
        let response = visitor.get(old).await;
        assert_eq!((response.status, response.location()), (301, new), "{old}");
        assert_eq!(visitor.get(new).await.status, 200, "{new}");
    }
    for name in ["chart-300x200.jpg", "chart.jpg", "chart-1024x683.jpg", "chart-scaled.jpg"] {
        let picture = visitor.get(&format!("/wp-content/uploads/2023/07/{name}")).await;
        assert_eq!(picture.status, 301, "{name}");
        assert_eq!(visitor.get(picture.location()).await.status, 200);
    }
    // Drafts stay hidden, and other addresses are not found.
    for hidden in
        ["/?p=15", "/?p=999", "/2022/02/secret/", "/2023/07/other/", "/wp-login.php", "/wp-content/uploads/x.pdf"]
    {
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

/// An export with items between the entries of the site and its end.
fn export_with(items: &str) -> String {
    let start = EXPORT.find("<item>").unwrap();
    format!("{}{items}</channel>\n</rss>", &EXPORT[..start])
}

/// A published post with this content and these other elements.
fn post(id: u32, content: &str, more: &str) -> String {
    format!(
        "<item><title>Post {id}</title><link>https://old.example/2023/07/post-{id}/</link><dc:creator>sheraz</dc:creator>\
         <content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{id}</wp:post_id>\
         <wp:post_date_gmt>2023-07-05 10:00:00</wp:post_date_gmt><wp:post_name>post-{id}</wp:post_name>\
         <wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{more}</item>"
    )
}

fn write_export(home: &Home, content: impl AsRef<[u8]>) {
    std::fs::write(home.dir.path().join("export.xml"), content).unwrap();
}

#[actix_web::test]
async fn old_addresses_mean_nothing_without_an_import() {
    let home = Home::with_stopped_site();
    let mut site = home.serve(&[]).await;
    let visitor = site.visitor();
    for path in ["/2023/07/", "/author/sheraz/", "/page/2/", "/tag/crs/", "/feed/"] {
        assert_eq!(visitor.get(path).await.status, 404, "{path}");
    }
    for path in ["/?s=draw", "/?cat=3", "/?author=1", "/?feed=rss2"] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn failure_in_the_middle_leaves_nothing() {
    let home = home_with_export();
    let before = counts(&home).await;
    home.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON posts WHEN NEW.slug = 'for-later' BEGIN SELECT RAISE(ABORT, 'refused'); END",
    )
    .await;
    let ended = import(&home, &["--drafts"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert_eq!(counts(&home).await, before);
    for table in ["wordpress_items", "wordpress_pending_pictures", "accepted_findings"] {
        let sql: &'static str = format!("SELECT count(*) || '' FROM {table}").leak();
        assert_eq!(home.texts(sql).await, ["0"], "{table}");
    }
    assert!(std::fs::read_dir(home.data().join("wordpress")).unwrap().next().is_none(), "no file is left");
    home.execute("DROP TRIGGER refuse").await;
    let ended = import(&home, &["--drafts"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
}

#[actix_web::test]
async fn pictures_of_an_import_that_was_killed_are_removed_by_the_next() {
    let home = home_with_export();
    home.execute(
        "INSERT INTO media (id, hash, file_name, width, height, bytes, uploaded_at, uploaded_by)
         VALUES (70, '0123456789abcdef', 'left.jpg', 1, 1, 1, '2026-11-22T09:00:00Z', 'x');
         INSERT INTO wordpress_pending_pictures VALUES (70);",
    )
    .await;
    assert_eq!(import(&home, &["--drafts"]).code, Some(0));
    assert_eq!(home.texts("SELECT file_name FROM media").await, ["chart.jpg"]);
    assert!(home.texts("SELECT media_id || '' FROM wordpress_pending_pictures").await.is_empty());
}

#[actix_web::test]
async fn pictures_that_cannot_be_used_are_named_and_the_rest_is_imported() {
    let home = home_with_export();
    let folder = home.dir.path().join("copy");
    std::fs::create_dir(&folder).unwrap();
    let large = [jpeg(40, 20), vec![0; 16 * 1024 * 1024]].concat();
    let good = jpeg(80, 60);
    for (name, content) in [
        ("good.jpg", good.as_slice()),
        ("cut.jpg", &jpeg(400, 300)[..200]),
        ("empty.png", b""),
        ("page.png", b"<html><script>alert(1)</script></html>"),
        ("large.jpg", &large),
        ("many-pixels.png", &png_of_zeros(30_000, 30_000, 1)),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let names = ["good.jpg", "cut.jpg", "empty.png", "page.png", "large.jpg", "many-pixels.png", "missing.jpg"];
    let html: String = names
        .iter()
        .map(|name| format!("<p>See</p><img src=\"https://old.example/wp-content/uploads/2023/07/{name}\" alt=\"A\">"))
        .collect();
    write_export(&home, export_with(&post(12, &html, "")));
    let ended = import(&home, &["--pictures", "copy"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for expected in [
        "count    6 pictures were not found: the file names stay in the text",
        "count    picture: cut.jpg is damaged or incomplete.",
        "count    picture: empty.png is empty.",
        "count    picture: page.png is an SVG or HTML file",
        "count    picture: large.jpg is larger than 15 MB.",
        "count    picture: many-pixels.png has 30,000 × 30,000 pixels.",
        "changed  Post 12: pictures not found: cut.jpg, empty.png, page.png, large.jpg, many-pixels.png, missing.jpg",
    ] {
        assert!(ended.out.lines().any(|line| line.starts_with(expected)), "{expected}\n{}", ended.out);
    }
    assert_eq!(home.texts("SELECT file_name FROM media").await, ["good.jpg"]);
    let missing = import(&home, &["--pictures", "nowhere"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("nowhere"), "{}", missing.err);
}

#[actix_web::test]
async fn texts_that_were_not_public_do_not_become_public() {
    let home = home_with_export();
    let private = post(12, "a", "").replace(">publish<", ">private<");
    let protected = post(13, "a", "<wp:post_password>x</wp:post_password>");
    let missed = post(14, "a", "").replace(">publish<", ">future<");
    let unknown = post(15, "a", "").replace(">publish<", ">acf-disabled<");
    let page = post(16, "a", "").replace(">publish<", ">private<").replace("type>post<", "type>page<");
    let sticky = post(17, "a", "<wp:is_sticky>1</wp:is_sticky>");
    write_export(&home, export_with(&[private, protected, missed, unknown, page, sticky].concat()));
    let ended = import(&home, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for expected in [
        "Post 12: its status was “private”, so it becomes a draft",
        "Post 13: it was protected with a password, so it becomes a draft",
        "Post 14: its scheduled time has passed, so it becomes a draft",
        "Post 15: its status was “acf-disabled”, so it becomes a draft",
        "Post 16: its status was “private”, so it becomes a draft",
        "Post 17: it was pinned to the top of the list: it is listed by its date",
    ] {
        assert!(ended.out.contains(&format!("changed  {expected}\n")), "{expected}\n{}", ended.out);
    }
    let states = "SELECT slug || ' ' || state FROM (SELECT slug, state FROM posts UNION SELECT slug, state FROM pages)
                  WHERE slug LIKE 'post-%' ORDER BY slug";
    let expected =
        ["post-12 draft", "post-13 draft", "post-14 draft", "post-15 draft", "post-16 draft", "post-17 published"];
    assert_eq!(home.texts(states).await, expected);
}

#[actix_web::test]
async fn report_names_changed_addresses_files_and_lost_parents() {
    let home = home_with_export();
    let file = |name: &str| format!("https://old.example/wp-content/uploads/2023/07/{name}");
    let attachment = |id: u32, parent: u32, name: &str| {
        format!(
            "<item><title>{name}</title><wp:post_id>{id}</wp:post_id><wp:status>inherit</wp:status>\
             <wp:post_parent>{parent}</wp:post_parent><wp:post_type>attachment</wp:post_type>\
             <wp:attachment_url>{}</wp:attachment_url></item>",
            file(name)
        )
    };
    let link = format!("<a href=\"{}\">Fees</a> <a href=\"{}\">Large</a>", file("fees.pdf"), file("chart.jpg"));
    let page = |id: u32, more: &str| post(id, "a", more).replace("type>post<", "type>page<");
    let items = [
        attachment(50, 0, "chart.jpg"),
        attachment(51, 0, "fees.pdf"),
        attachment(52, 12, "unused.docx"),
        post(12, &link, ""),
        post(13, "[gallery ids=\"50\"]", "").replace("post-13<", "post-12<"),
        post(14, "<h1>Own</h1><h2>Below</h2>", "").replace("post-14<", "%d9%85%d9%81<"),
        page(20, "").replace("Post 20", "Company").replace("post-20<", "news<"),
        page(21, "<wp:post_parent>20</wp:post_parent>"),
    ];
    write_export(&home, export_with(&items.concat()));
    let ended = import(&home, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    for expected in [
        "count    links to 1 file that is not imported: they still point to the old site (fees.pdf)",
        "count    1 file of the old site that no text uses: not imported (unused.docx)",
        "changed  Post 12: links to files that stay on the old site: fees.pdf",
        "changed  Post 13: its address /news/post-12 is taken: it becomes /news/post-12-2",
        "changed  Post 14: its address “مف” contains characters that are not used here: it becomes /news/post-14",
        "changed  Company: its address /news is taken: it becomes /news-page",
        "changed  Post 21: it was below the page “Company”: pages here are not below each other",
    ] {
        assert!(ended.out.lines().any(|line| line == expected), "{expected}\n{}", ended.out);
    }
    let body = |slug: &str| -> &'static str { format!("SELECT body FROM posts WHERE slug = '{slug}'").leak() };
    let first = home.texts(body("post-12")).await.remove(0);
    assert!(first.contains("[Fees](https://old.example/wp-content/uploads/2023/07/fees.pdf)"), "{first}");
    assert!(first.contains("[Large](/media/"), "{first}");
    assert!(home.texts(body("post-12-2")).await[0].starts_with("![chart.jpg](/media/"));
    assert_eq!(home.texts(body("post-14")).await, ["## Own\n\n### Below"]);
}

#[actix_web::test]
async fn other_encodings_are_refused_and_marks_and_control_characters_do_no_harm() {
    let home = home_with_export();
    let text = export_with(&post(12, "Split ]]]]><![CDATA[> here\u{1}\u{8}", ""));
    let utf_16 = |from: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(from).collect::<Vec<u8>>();
    for content in [
        [&b"\xff\xfe"[..], &utf_16(u16::to_le_bytes)].concat(),
        [&b"\xfe\xff"[..], &utf_16(u16::to_be_bytes)].concat(),
        utf_16(u16::to_le_bytes),
    ] {
        write_export(&home, content);
        let ended = import(&home, &[]);
        assert_eq!(ended.code, Some(1));
        assert!(
            ended.err.contains("encoded as UTF-16") && ended.err.contains("Download the export again"),
            "{}",
            ended.err
        );
    }
    write_export(&home, format!("\u{feff}{text}"));
    let ended = import(&home, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let body = home.texts("SELECT body FROM posts WHERE slug = 'post-12'").await.remove(0);
    assert_eq!(body.replace('\\', ""), "Split ]]> here");
}

#[actix_web::test]
async fn export_of_2010_is_imported() {
    let home = home_with_export();
    let topics = "<category><![CDATA[Old news]]></category>\
                  <category domain=\"category\" nicename=\"old-news\"><![CDATA[Old news]]></category>\
                  <category domain=\"tag\"><![CDATA[visa]]></category>\
                  <category domain=\"tag\" nicename=\"visa\"><![CDATA[visa]]></category>";
    let export = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:wp=\"http://wordpress.org/export/1.0/\"><channel>\
         <link>https://old.example</link><wp:wxr_version>1.0</wp:wxr_version>\
         <wp:base_blog_url>https://old.example</wp:base_blog_url>{}</channel></rss>",
        post(12, "An old text.", topics)
    );
    write_export(&home, export);
    let ended = import(&home, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("count    1 author:"), "{}", ended.out);
    let topics = "SELECT topic FROM post_topics JOIN posts ON id = post_id WHERE slug = 'post-12' ORDER BY topic";
    assert_eq!(home.texts(topics).await, ["old news", "visa"]);
    assert_eq!(home.texts("SELECT author FROM posts WHERE slug = 'post-12'").await, ["sheraz"]);
}

/// Admin of a running site.
async fn admin(site: &SiteProcess) -> Visitor {
    let line = site.log_line("/admin/set-up/").unwrap();
    let path = line[line.find("/admin/set-up/").unwrap()..].split([' ', '"']).next().unwrap().to_owned();
    let admin = site.visitor();
    let account = [("name", "Admin"), ("email", "admin@example.com"), ("password", "a short sentence")];
    assert_eq!(admin.post(&path, &account).await.status, 303);
    let sign_in = [("email", "admin@example.com"), ("password", "a short sentence")];
    assert_eq!(admin.post("/admin/sign-in", &sign_in).await.status, 303);
    admin
}

async fn upload(visitor: &Visitor, content: &[u8]) -> Page {
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    let body = [head.as_bytes(), content, b"\r\n--x--\r\n"].concat();
    visitor.post_body("/admin/posts/import", "multipart/form-data; boundary=x", body).await
}

#[actix_web::test]
async fn upload_of_200_mb_is_read_in_little_memory() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let admin = admin(&site).await;
    let comment = format!(
        "<wp:comment><wp:comment_content><![CDATA[{}]]></wp:comment_content></wp:comment>",
        "x".repeat(100_000)
    );
    let (start, end) = EXPORT.split_once("<wp:comment>").unwrap();
    let mut export = start.to_owned();
    (0..200 * 1024 * 1024 / comment.len()).for_each(|_| export.push_str(&comment));
    export.push_str("<wp:comment>");
    export.push_str(end);
    let before = site.peak_memory();
    let sent = upload(&admin, export.as_bytes()).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    drop(export);
    let started = std::time::Instant::now();
    let report = loop {
        let page = admin.get(sent.location()).await;
        if page.all("[data-import-progress]").is_empty() {
            break page;
        }
        assert!(started.elapsed().as_secs() < 300, "it takes too long: {}", page.text);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    assert_eq!(report.first("h1"), "Import report", "{}", report.text);
    let used = site.peak_memory() - before;
    assert!(used < 60 * 1024 * 1024, "{used} bytes");
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn full_disk_is_named_and_leaves_no_file() {
    let home = Home::new();
    let mut site = home.serve_with_file_limit(1_000_000, &[]).await;
    let admin = admin(&site).await;
    site.limit_files(Some(12 * 1024));
    let refused = upload(&admin, &vec![b'x'; 16 * 1024 * 1024]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first(".summary").contains("not enough free disk space"), "{}", refused.text);
    assert!(std::fs::read_dir(home.data().join("wordpress")).unwrap().next().is_none());
    site.limit_files(None);
    assert_eq!(upload(&admin, EXPORT.as_bytes()).await.status, 303);
    assert!(site.stop().await.success());
}
