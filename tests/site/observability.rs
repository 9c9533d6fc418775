//! Observability: metrics, readiness and request IDs.

use std::collections::BTreeMap;

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, Page, Site};

/// Metrics by name with labels.
fn metrics(page: &Page) -> BTreeMap<&str, f64> {
    let lines = page.text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, value)| (name, value.parse().unwrap())).collect()
}

#[actix_web::test]
async fn metrics_count_requests_by_route_and_report_status() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let visitor = site.visitor();
    for path in ["/", "/", FIRST_POST, "/news/nothing-here", "/occupations/31301?q=secret-words", "/a/b/c"] {
        visitor.get(path).await;
    }
    let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", "Hello")];
    let sent = visitor.post("/contact", &fields).await;
    let token = sent.location().rsplit('/').next().unwrap();
    assert_eq!(visitor.get(sent.location()).await.status, 200);
    assert_eq!(writer.get("/admin/inquiries/1").await.status, 200);
    assert_eq!(visitor.head("/draws").await.status, 200);
    site.emails().await;
    let page = visitor.get("/metrics").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.text.ends_with("# EOF\n"));
    let found = metrics(&page);
    for (name, expected) in [
        ("http_requests_total{route=\"/\",status=\"200\"}", 2.0),
        ("page_cache_misses_total", 4.0),
        ("http_requests_total{route=\"/news/{slug}\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"/news/{slug}\",status=\"404\"}", 1.0),
        ("http_requests_total{route=\"/occupations/{noc}\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"/contact\",status=\"303\"}", 1.0),
        ("http_requests_total{route=\"/receipts/{token}\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"/admin/inquiries/{id}\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"/draws\",status=\"200\"}", 1.0),
        ("http_requests_total{route=\"unmatched\",status=\"404\"}", 1.0),
        ("http_request_duration_seconds_count{route=\"/news/{slug}\"}", 2.0),
        ("http_request_duration_seconds_bucket{le=\"+Inf\",route=\"/news/{slug}\"}", 2.0),
        ("http_requests_in_flight", 1.0),
        ("outbox_messages{state=\"queued\"}", 0.0),
        ("outbox_messages{state=\"sent\"}", 2.0),
        ("outbox_messages{state=\"failed\"}", 0.0),
        ("outbox_oldest_queued_seconds", 0.0),
        ("site_inquiries{state=\"new\"}", 1.0),
        ("site_inquiries{state=\"quarantined\"}", 0.0),
        ("site_inquiries{state=\"trashed\"}", 0.0),
        ("site_sessions", 1.0),
        ("site_last_backup_timestamp_seconds", 0.0),
        ("site_build_info{version=\"0.1.0\"}", 1.0),
        ("process_start_time_seconds", 1_795_338_000.0),
    ] {
        assert_eq!(found.get(name), Some(&expected), "{name} in {}", page.text);
    }
    for name in ["db_write_wait_seconds", "db_write_duration_seconds"] {
        assert!(found[format!("{name}_count").as_str()] >= 3.0, "{name}");
        assert!(found[format!("{name}_sum").as_str()] > 0.0, "{name}");
    }
    assert!(found["db_size_bytes"] + found["db_wal_size_bytes"] > 500_000.0);
    assert!(found["site_disk_free_bytes"] > 0.0);
    assert!(found["process_resident_memory_bytes"] > 1_000_000.0 && found["process_open_fds"] > 5.0);
    for secret in [token, "secret-words", "nothing-here", "/a/b/c", "ali@"] {
        assert!(!page.text.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn metrics_report_queued_emails_and_trashed_inquiries() {
    let site = Site::start().await;
    let _lock = site.lock_sender().unwrap();
    let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", "Hello")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff'").await;
    site.clock.advance(jiff::SignedDuration::from_secs(15));
    let page = site.visitor().get("/metrics").await;
    let found = metrics(&page);
    assert_eq!(found["outbox_messages{state=\"queued\"}"], 1.0);
    assert_eq!(found["outbox_oldest_queued_seconds"], 15.0);
    assert_eq!((found["site_inquiries{state=\"new\"}"], found["site_inquiries{state=\"trashed\"}"]), (0.0, 1.0));
}

#[actix_web::test]
async fn metrics_are_limited_to_localhost_and_allowed_addresses() {
    let site = Site::start().await;
    let visitor = site.visitor();
    assert_eq!(visitor.get("/metrics").await.status, 200);
    // An untrusted proxy on this machine forwards requests from anywhere.
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("via", "1.1 proxy"),
    ] {
        let page = visitor.get_with("/metrics", &[(name, value)]).await;
        assert_eq!(page.status, 404, "{name}: {value}");
        assert_eq!(page.first("h1"), "Page not found");
        page.assert_page_layout();
    }

    let flags = ["--trusted-proxies", "127.0.0.1", "--metrics-from", "203.0.113.9, 2001:db8::9"];
    let site = Site::start_with(&flags).await;
    let visitor = site.visitor();
    for (client, status) in [
        ("203.0.113.9", 200),
        ("2001:db8::9", 200),
        ("203.0.113.10", 404),
        ("203.0.113.9, 203.0.113.10", 404),
        ("127.0.0.1", 404),
        ("nobody", 404),
    ] {
        let page = visitor.get_with("/metrics", &[("x-forwarded-for", client)]).await;
        assert_eq!(page.status, status, "{client}");
    }
    assert_eq!(visitor.get_with("/metrics", &[("x-real-ip", "203.0.113.9")]).await.status, 404, "header is ignored");
    assert_eq!(visitor.get("/metrics").await.status, 200);
}

#[actix_web::test]
async fn readiness_details_are_shown_only_to_allowed_addresses() {
    let site =
        Site::start_with(&["--trusted-proxies", "127.0.0.0/8", "--metrics-from", "203.0.113.0/28,2001:db8::/32"]).await;
    let visitor = site.visitor();
    let ask = async |client: &str| visitor.get_with("/health/ready", &[("x-forwarded-for", client)]).await;
    let seen = async |client: &str| {
        let page = ask(client).await;
        (page.status, page.text)
    };
    let (one_word, details) = ("ready\n".to_owned(), "ready\noutbox: empty\nbackup: none yet\n".to_owned());
    for may in ["203.0.113.9", "2001:db8::9"] {
        assert_eq!(seen(may).await, (200, details.clone()), "{may}");
    }
    for may_not in ["203.0.113.16", "198.51.100.1", "2001:db9::1", "nobody", "127.0.0.1"] {
        assert_eq!(seen(may_not).await, (200, one_word.clone()), "{may_not}");
    }
    assert_eq!(visitor.get("/health/ready").await.text, details, "localhost");
    let passed_on = visitor.get_with("/health/ready", &[("x-real-ip", "203.0.113.9")]).await;
    assert_eq!(passed_on.text, one_word, "forwarded by a proxy without a trusted header");
    // The database is not writable.
    site.execute("CREATE TRIGGER full BEFORE UPDATE ON write_check BEGIN SELECT RAISE(FAIL, 'full'); END").await;
    assert_eq!(seen("198.51.100.1").await, (200, one_word), "the result is cached for ten seconds");
    site.clock.advance(jiff::SignedDuration::from_secs(10));
    assert_eq!(seen("198.51.100.1").await, (503, "not ready\n".to_owned()));
    assert_eq!(seen("203.0.113.9").await, (503, "not ready\nthe database is not writable\n".to_owned()));
}

#[actix_web::test]
async fn database_changed_by_another_version_is_not_ready_but_served() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.get("/health/ready").await;
    assert_eq!((page.status, page.text.as_str()), (200, "ready\noutbox: empty\nbackup: none yet\n"));
    site.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', 1, x'', 0)",
    )
    .await;
    let page = visitor.get("/health/ready").await;
    let reason = "not ready\nthe database was migrated by another version of the program\n";
    assert_eq!((page.status, page.text.as_str(), page.header("cache-control")), (503, reason, "no-store"));
    assert_eq!(visitor.get("/health").await.status, 200);
    assert_eq!(visitor.get("/").await.status, 200);
}

#[actix_web::test]
async fn every_request_has_an_id_or_keeps_that_of_a_trusted_proxy() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let visitor = site.visitor();
    let given = |id: &'static str| [("x-request-id", id)];
    assert_eq!(
        visitor.get_with("/contact", &given("from-the-proxy-7")).await.header("x-request-id"),
        "from-the-proxy-7"
    );
    for wrong in ["", "with spaces", "with\"quotes", "under_score"] {
        let page = visitor.get_with("/contact", &given(wrong)).await;
        let own = page.header("x-request-id");
        assert!(own.len() == 14 && own != wrong, "{wrong}: {own}");
    }
    let cached = [visitor.get("/").await, visitor.get("/").await];
    assert_eq!(cached.map(|page| page.header("x-request-id").len()), [0, 0], "cached pages are shared");
    let site = Site::start().await;
    let visitor = site.visitor();
    assert_ne!(visitor.get_with("/contact", &given("from-a-stranger")).await.header("x-request-id"), "from-a-stranger");
    let ids = [visitor.get("/contact").await, visitor.get("/contact").await]
        .map(|page| page.header("x-request-id").to_owned());
    assert_ne!(ids[0], ids[1]);
}

#[actix_web::test]
async fn error_page_shows_the_request_id() {
    let site = Site::start().await;
    site.execute("ALTER TABLE category_lists RENAME TO elsewhere").await;
    let page = site.visitor().get("/categories").await;
    assert_eq!(page.status, 500);
    page.assert_page_layout();
    let sentence = format!("If you call us about this, please quote this error ID: {}", page.header("x-request-id"));
    assert!(page.all("main p").contains(&sentence), "{sentence}: {:?}", page.all("main p"));
    let missing = site.visitor().get("/nothing").await;
    assert!(!missing.text.contains("please quote"), "a missing page has no error ID");
}
