//! Page cache: encodings, revalidation, single rendering, and no stale pages.

use std::time::Duration;

use futures_util::future::join_all;
use immigration_experts::staff::Role;

use crate::support::coherence::assert_no_stale_pages;
use crate::support::{FIRST_POST, PUBLIC_PAGES, Site, Visitor};

const PUBLIC_CACHE_CONTROL: &str = "max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400";

/// Whether a path is a form or a tool, which is rendered for each visitor.
fn is_form(path: &str) -> bool {
    matches!(path, "/contact" | "/apply" | "/tools/crs" | "/tools/past-draws")
}

/// Value of a metric.
async fn metric(visitor: &Visitor, name: &str) -> i64 {
    let text = visitor.get("/metrics").await.text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
    line.trim().parse().unwrap()
}

#[actix_web::test]
async fn public_pages_are_cacheable_and_revalidate_by_etag() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let data_files = ["/news/feed.atom", "/draws/feed.atom", "/draws.csv", "/draws.json", "/categories/healthcare.csv"];
    let others = ["/search?q=nurse", "/occupations?q=nurse&teer=1", "/sitemap.xml", "/robots.txt"];
    for path in PUBLIC_PAGES.into_iter().filter(|path| !is_form(path)).chain(data_files).chain(others) {
        let page = visitor.get(path).await;
        assert_eq!((page.status, page.header("cache-control")), (200, PUBLIC_CACHE_CONTROL), "{path}");
        assert_eq!((page.header("vary"), page.header("surrogate-key")), ("Accept-Encoding", "pages"), "{path}");
        let tag = page.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 15, "{path}: {tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
            let unchanged = visitor.get_with(path, &[("if-none-match", &known)]).await;
            assert_eq!((unchanged.status, unchanged.text.as_str()), (304, ""), "{path}: {known}");
            assert_eq!((unchanged.header("etag"), unchanged.header("vary")), (&*tag, "Accept-Encoding"), "{path}");
            assert_eq!(unchanged.header("cache-control"), PUBLIC_CACHE_CONTROL, "{path}");
        }
        assert_eq!(visitor.get_with(path, &[("if-none-match", "\"other\"")]).await.text, page.text, "{path}");
        let head = visitor.head(path).await;
        assert_eq!((head.status, head.header("etag"), head.text.as_str()), (200, &*tag, ""), "{path}");
        assert_eq!(head.header("content-length"), page.text.len().to_string(), "{path}");
    }
}

#[actix_web::test]
async fn forms_receipts_errors_and_admin_pages_are_not_cacheable() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let sent = [("name", "Amina"), ("email", "amina@example.org"), ("message", "Hello")];
    let receipt = visitor.post("/contact", &sent).await.location().to_owned();
    let forms = (visitor.get("/contact").await, visitor.get("/contact").await);
    assert_ne!(forms.0.field_value("form_token"), forms.1.field_value("form_token"), "each response has its own token");
    for path in ["/contact", "/apply", &receipt, "/admin", "/admin/sign-in", "/health", "/health/ready", "/metrics"] {
        let page = visitor.get(path).await;
        assert_eq!((page.header("cache-control"), page.header("etag")), ("no-store", ""), "{path}");
    }
    for path in ["/nothing", "/news/nothing", "/draws/9999", "/draws?year=1999"] {
        let page = visitor.get(path).await;
        assert_eq!((page.status, page.header("cache-control"), page.header("etag")), (404, "no-cache", ""), "{path}");
    }
}

#[actix_web::test]
async fn page_uses_the_smallest_accepted_encoding() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let plain = visitor.get(FIRST_POST).await;
    assert_eq!(plain.header("content-encoding"), "");
    let mut tags = vec![plain.header("etag").to_owned()];
    let mut lengths = vec![plain.text.len()];
    for (takes, coding) in [("gzip, deflate", "gzip"), ("gzip, deflate, br, zstd", "br")] {
        let head = visitor.client.get(format!("{}{FIRST_POST}", site.base)).header("accept-encoding", takes);
        let answer = head.send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert_eq!(answer.headers()["vary"], "Accept-Encoding");
        tags.push(answer.headers()["etag"].to_str().unwrap().to_owned());
        let bytes = answer.bytes().await.unwrap();
        lengths.push(bytes.len());
        let mut text = vec![];
        match coding {
            "br" => brotli::BrotliDecompress(&mut &*bytes, &mut text).map(|()| 0).unwrap(),
            _ => std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*bytes), &mut text).unwrap(),
        };
        assert_eq!(String::from_utf8(text).unwrap(), plain.text, "{coding}");
    }
    assert!(lengths[0] > 3 * lengths[1] && lengths[1] > lengths[2], "{lengths:?}");
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "each encoding has its own ETag: {tags:?}");
    let robots = visitor.get_with("/robots.txt", &[("accept-encoding", "br")]).await;
    assert_eq!(robots.header("content-encoding"), "", "short responses are not compressed");
}

#[actix_web::test]
async fn last_modified_is_sent_only_after_a_full_second() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let feed = "/news/feed.atom";
    assert_eq!(visitor.get(feed).await.header("last-modified"), "", "rendered less than a second ago");
    assert_eq!(visitor.get("/about").await.status, 200);
    site.clock.advance(jiff::SignedDuration::from_secs(2));
    let date = visitor.get(feed).await.header("last-modified").to_owned();
    assert_eq!(date, "Sun, 22 Nov 2026 09:00:00 GMT");
    assert_eq!(visitor.get("/about").await.header("last-modified"), "", "pages have only an ETag");
    assert_eq!(visitor.get_with(feed, &[("if-modified-since", &date)]).await.status, 304);
    let tagged = [("if-modified-since", &*date), ("if-none-match", "\"other\"")];
    assert_eq!(visitor.get_with(feed, &tagged).await.status, 200, "the ETag has precedence over the date");
    site.execute("UPDATE posts SET title = 'Otherwise'").await;
    let changed = visitor.get_with(feed, &[("if-modified-since", &date)]).await;
    assert!(changed.status == 200 && changed.text.contains("Otherwise"), "{}", changed.text);
}

#[actix_web::test]
async fn concurrent_requests_render_a_page_once_per_canonical_url() {
    let site = Site::start().await;
    let visitors: Vec<Visitor> = (0..24).map(|_| site.visitor()).collect();
    for renderings in 1..=3 {
        let pages = join_all(visitors.iter().map(|visitor| visitor.get("/draws?category=healthcare"))).await;
        assert!(pages.iter().all(|page| page.status == 200 && page.text == pages[0].text));
        assert_eq!(metric(&visitors[0], "page_cache_misses_total").await, renderings, "rendered once");
        site.execute("UPDATE site SET tagline = tagline || '.'").await;
    }
    let visitor = site.visitor();
    let page = visitor.get("/draws?year=2023&category=healthcare").await.text;
    for same in [
        "/draws?category=healthcare&year=2023",
        "/draws?utm_source=x&year=2023&category=healthcare&fbclid=y",
        "/draws?year=2022&category=healthcare&year=2023",
    ] {
        assert_eq!(visitor.get(same).await.text, page, "{same}");
    }
    assert_eq!(metric(&visitor, "page_cache_misses_total").await, 4);
}

#[actix_web::test]
async fn page_cache_stays_within_its_memory_limit() {
    let site = Site::start_with(&["--page-cache-mb", "1"]).await;
    let visitor = site.visitor();
    let codes = visitor.get("/sitemap.xml").await.text;
    let paths = codes.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next()?.strip_prefix(&site.base));
    for path in paths.filter(|path| path.starts_with("/occupations/")).take(150) {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let bytes = metric(&visitor, "page_cache_bytes").await;
    assert!((500_000..=1_000_000).contains(&bytes), "{bytes}");
    let none = Site::start_with(&["--page-cache-mb", "0"]).await;
    let visitor = none.visitor();
    let (one, two) = (visitor.get("/about").await, visitor.get("/about").await);
    assert_eq!((one.text.as_str(), one.header("etag")), (two.text.as_str(), two.header("etag")));
    assert_eq!(metric(&visitor, "page_cache_misses_total").await, 2);
}

#[actix_web::test]
async fn new_day_invalidates_the_page_cache() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.execute(
        "UPDATE category_lists SET effective_to = '2026-11-22' WHERE category_key = 'french' AND effective_to IS NULL",
    )
    .await;
    let before = visitor.get("/categories/french").await.text;
    // The offices are five hours ahead of UTC.
    site.advance_hours(9);
    assert_eq!(visitor.get("/categories/french").await.text, before, "11 p.m. in Lahore");
    site.advance_hours(2);
    assert_ne!(visitor.get("/categories/french").await.text, before);
}

/// Tables without content of public pages. Forms and receipts, which are not cached, may use them.
const NON_PUBLIC_TABLES: [&str; 50] = [
    "_sqlx_migrations",
    "answer_templates",
    "audit_log",
    "consent_texts",
    "correction_notices",
    "contact_numbers",
    "content_version",
    "digest_runs",
    "draw_imports",
    "previous_contacts",
    "erasure_log",
    "inquiries",
    "inquiry_batches",
    "inquiry_events",
    "inquiry_replies",
    "reference_counters",
    "spam_verdicts",
    "mail_outage",
    // Served outside of the page cache, under addresses that contain a hash of the content.
    "media_files",
    "page_media",
    "post_media",
    "outbox",
    "accepted_findings",
    "open_editors",
    "page_accepted_findings",
    "page_autosaves",
    // Of the admin area only.
    "setup_confirmations",
    "post_autosaves",
    "post_preview_links",
    "post_reviews",
    "post_staged_changes",
    "post_revisions",
    "unsaved_forms",
    "bounced_addresses",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_stat4",
    "staff",
    "staff_invitations",
    "staff_policy",
    "staff_recovery_codes",
    "staff_sessions",
    "staff_totp",
    "page_revisions",
    "wordpress_items",
    "wordpress_imports",
    "wordpress_pending_pictures",
    "write_check",
    // Pictures, which have their own address for each content.
    "share_cards",
    "indexnow_state",
];

#[actix_web::test]
async fn every_content_change_raises_the_content_version() {
    let site = Site::start().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'
         AND name NOT LIKE '%\\_terms' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(site.running.services.db.read())
    .await
    .unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    for table in tables.iter().filter(|table| !NON_PUBLIC_TABLES.contains(&table.as_str())) {
        for event in ["insert", "update", "delete"] {
            let trigger = format!("content_{table}_{event}");
            let found: i64 =
                sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = ?")
                    .bind(&trigger)
                    .fetch_one(site.running.services.db.read())
                    .await
                    .unwrap();
            assert_eq!(found, 1, "{trigger}: changes of {table} would not invalidate cached pages");
        }
    }
    let before = site.count("SELECT version FROM content_version").await;
    site.execute("DELETE FROM redirects").await;
    site.execute("INSERT INTO redirects VALUES ('/news/old', '/news/new'); UPDATE redirects SET to_path = '/news'")
        .await;
    assert_eq!(site.count("SELECT version FROM content_version").await, before + 2);
}

#[actix_web::test]
async fn visitors_never_read_a_stale_page_during_edits() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let readers = (0..6).map(|_| site.visitor());
    assert_no_stale_pages(&admin, readers, 60, Duration::ZERO, 1).await;
}
