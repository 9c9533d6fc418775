//! All public pages: layout, metadata, error pages, assets, sitemap and feed.

use std::collections::HashSet;

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, PUBLIC_PAGES, Page, Site, assert_well_formed};

#[actix_web::test]
async fn every_public_page_has_the_company_header_and_footer() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in PUBLIC_PAGES {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.assert_page_layout();
    }
}

#[actix_web::test]
async fn every_public_page_has_search_engine_metadata() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let (mut titles, mut descriptions) = (HashSet::new(), HashSet::new());
    for path in PUBLIC_PAGES {
        let page = visitor.get(path).await;
        let title = page.first("title");
        assert!(title.len() > " – Immigration Experts".len() && titles.insert(title.clone()), "{path}: {title}");
        let description = page.attributes("meta[name=description]", "content").join("|");
        assert!(description.len() > 5 && descriptions.insert(description.clone()), "{path}: {description}");
        assert_eq!(page.attributes("link[rel=canonical]", "href"), [format!("{}{path}", site.base)]);
        assert_eq!(page.attributes("html", "lang"), ["en"], "{path}");
        assert_eq!(page.attributes("meta[name=robots]", "content"), Vec::<String>::new(), "{path}");
    }
}

#[actix_web::test]
async fn navigation_marks_the_current_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (path, entry, how) in [
        ("/draws", "Draws", "page"),
        ("/draws/252", "Draws", "true"),
        ("/occupations/31301", "Occupations", "true"),
        ("/contact", "Contact", "page"),
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.all("header nav a[aria-current]"), [entry], "{path}");
        assert_eq!(page.attributes("header nav a", "aria-current"), [how], "{path}");
    }
    assert_eq!(visitor.get("/").await.all("header nav a[aria-current]"), Vec::<String>::new());
}

#[actix_web::test]
async fn home_page_links_latest_draw_news_forms_and_directory() {
    let site = Site::start().await;
    let page = site.visitor().get("/").await;
    assert!(page.attributes("main a", "href").contains(&"/draws/447".to_owned()));
    assert!(page.first(".newest").contains("Draw 447"));
    for href in [FIRST_POST, "/apply", "/contact", "/news", "/draws", "/categories"] {
        assert!(page.attributes("main a", "href").contains(&href.to_owned()), "{href}");
    }
    assert_eq!(page.attributes("main form", "action"), ["/occupations", "/#cut-offs", "/contact", "/apply"]);
    assert_eq!(page.all("main .phones a"), ["042 35911332", "051 8439995"]);
}

#[actix_web::test]
async fn first_post_is_the_announcement_of_draw_252() {
    let site = Site::start().await;
    let page = site.visitor().get(FIRST_POST).await;
    assert_eq!(page.first("h1"), "Canada invites 500 healthcare workers in Express Entry draw 252");
    assert!(page.first(".byline").starts_with("By Sheraz · July 4, 2023"), "{}", page.first(".byline"));
    assert_eq!(page.attributes(".byline time", "datetime").first().map(String::as_str), Some("2023-07-04"));
    assert_eq!(page.all(".byline a"), ["express entry", "healthcare"]);
    assert!(!page.first("aside.correction").is_empty());
    let topic = site.visitor().get(&page.attributes(".byline a", "href")[0]).await;
    assert_eq!((topic.status, topic.first("h1")), (200, "News about express entry".into()));
    assert_eq!(topic.attributes(".teaser h2 a", "href"), [FIRST_POST]);
    assert_eq!(site.visitor().get("/news?topic=nothing").await.status, 404);
}

#[actix_web::test]
async fn hsts_is_sent_only_when_the_site_uses_https() {
    let site = Site::start_with(&["--base-url", "https://immigration.example"]).await;
    let page = site.visitor().get("/draws/252").await;
    assert!(page.header("strict-transport-security").starts_with("max-age="));
    assert_eq!(page.attributes("link[rel=canonical]", "href"), ["https://immigration.example/draws/252"]);
    let robots = site.visitor().get("/robots.txt").await;
    assert!(robots.text.contains("Sitemap: https://immigration.example/sitemap.xml"), "{}", robots.text);
}

#[actix_web::test]
async fn unknown_url_shows_a_404_page_with_a_way_back() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in [
        "/nothing",
        "/news/nothing",
        "/news/nothing/",
        "/draws/9999",
        "/draws/abc",
        "/draws/91",
        "/draws/0252",
        "/draws/9999/",
        "/occupations/99999",
        "/occupations/3130",
        "/occupations/abc",
        "/categories/nothing",
        "/categories/healthcare?version=nothing",
        "/receipts/nothing",
        "/receipts/00000000000000000000000000000000",
        "/static/nothing",
        "/static/site.css",
        "/a/b/c",
        "/index.php",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        page.assert_page_layout();
        assert_eq!(page.first("h1"), "Page not found", "{path}");
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"], "{path}");
        for href in ["/", "/news", "/occupations", "/contact"] {
            assert!(page.attributes("main a", "href").contains(&href.to_owned()), "{path}: {href}");
        }
    }
}

#[actix_web::test]
async fn wrong_method_gets_an_error_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.post("/draws", &[]).await;
    assert_eq!(page.status, 405);
    page.assert_page_layout();
    let request = visitor.client.delete(format!("{}/contact", site.base));
    let page = Page::from_response(request.send().await.unwrap()).await;
    assert_eq!(page.status, 405);
    page.assert_page_layout();
}

#[actix_web::test]
async fn head_requests_match_get_without_a_body() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let css = visitor.get("/").await.attributes("link[rel=stylesheet]", "href").remove(0);
    for path in PUBLIC_PAGES.into_iter().chain([&*css, "/nothing", "/admin", "/health", "/sitemap.xml"]) {
        let (whole, head) = (visitor.get(path).await, visitor.head(path).await);
        assert_eq!(head.status, whole.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        for name in ["content-type", "content-length", "cache-control", "location", "content-security-policy"] {
            assert_eq!(head.header(name), whole.header(name), "{path}: {name}");
        }
        assert_eq!(head.header("content-length"), whole.text.len().to_string(), "{path}");
    }
}

#[actix_web::test]
async fn style_sheet_has_an_immutable_versioned_url() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/").await;
    let sheets = page.attributes("link[rel=stylesheet]", "href");
    assert_eq!(sheets.len(), 1);
    assert!(sheets[0].starts_with("/static/site-") && sheets[0].ends_with(".css"), "{sheets:?}");
    let css = visitor.get(&sheets[0]).await;
    assert_eq!((css.status, css.header("content-type")), (200, "text/css; charset=utf-8"));
    assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(!css.text.contains("@import") && !css.text.contains("url(http"));
    let icon = visitor.get(&page.attributes("link[rel=icon]", "href")[0]).await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
    assert!(icon.header("cache-control").contains("immutable"));
}

#[actix_web::test]
async fn sitemap_lists_every_page_and_all_open() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let map = visitor.get("/sitemap.xml").await;
    assert_eq!((map.status, map.header("content-type")), (200, "application/xml; charset=utf-8"));
    assert_well_formed(&map.text);
    let addresses: Vec<&str> =
        map.text.split("<loc>").skip(1).map(|rest| rest.split_once("</loc>").unwrap().0).collect();
    let paths: Vec<&str> = addresses.iter().map(|address| address.strip_prefix(&site.base).unwrap()).collect();
    assert_eq!(paths.iter().collect::<HashSet<_>>().len(), paths.len(), "each once");
    let under = |start: &str| paths.iter().filter(|path| path.starts_with(start)).count();
    // All draws and the data dictionary.
    assert_eq!((under("/draws/"), under("/occupations/"), under("/news/")), (448 + 1, 516, 1));
    assert_eq!((under("/categories/"), under("/draws?category=")), (11, 15));
    for path in PUBLIC_PAGES {
        assert!(paths.contains(&path), "{path}");
    }
    assert_eq!(under("/admin") + under("/receipts"), 0);
    for path in paths {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn robots_txt_excludes_admin_and_receipts() {
    let site = Site::start().await;
    let robots = site.visitor().get("/robots.txt").await;
    assert_eq!((robots.status, robots.header("content-type")), (200, "text/plain; charset=utf-8"));
    let lines: Vec<&str> = robots.text.lines().collect();
    for line in ["User-agent: *", "Disallow: /admin", "Disallow: /receipts"] {
        assert!(lines.contains(&line), "{line}");
    }
    assert!(lines.contains(&&*format!("Sitemap: {}/sitemap.xml", site.base)));
}

#[actix_web::test]
async fn health_endpoints_report_alive_and_ready() {
    let site = Site::start().await;
    for (path, text) in [("/health", "alive\n"), ("/health/ready", "ready\noutbox: empty\nbackup: none yet\n")] {
        let answer = site.visitor().get(path).await;
        assert_eq!((answer.status, &*answer.text, answer.header("cache-control")), (200, text, "no-store"));
    }
}

#[actix_web::test]
async fn feed_is_well_formed_for_any_post_content() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let title = "Canada & the <b>\"rest\"</b> ]]> 'x' ہمارا 🍁";
    let body = "A < B & C ]]> \u{1} [link](https://example.com/?a=1&b=2)\n\n<script>alert(1)</script>\n\n- *item*";
    let fields =
        [("title", title), ("summary", "1 < 2 & 3"), ("author", "A & B"), ("body", body), ("action", "publish")];
    assert_eq!(publisher.post("/admin/posts/new", &fields).await.status, 303);
    let feed = site.visitor().get("/news/feed.atom").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    assert_well_formed(&feed.text);
    assert!(feed.text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns="));
    assert_eq!(feed.all("entry > title"), [title, "Canada invites 500 healthcare workers in Express Entry draw 252"]);
    assert_eq!(feed.all("entry > summary")[0], "1 < 2 & 3");
    assert_eq!(feed.all("entry > author > name"), ["A & B", "Sheraz"]);
    let content = &feed.all("entry > content")[0];
    assert!(content.starts_with("<p>A &lt; B &amp; C"), "{content}");
    assert!(content.contains("<li><em>item</em></li>") && !content.contains("script"), "{content}");
    assert_eq!(feed.all("entry > published"), ["2026-11-22T09:00:00Z", "2023-07-04T09:00:00Z"]);
    assert_eq!(feed.attributes("feed > link[rel=self]", "href"), [format!("{}/news/feed.atom", site.base)]);
    for address in feed.attributes("entry > link", "href") {
        let path = address.strip_prefix(&site.base).unwrap();
        assert_eq!(site.visitor().get(path).await.status, 200, "{path}");
    }
}
