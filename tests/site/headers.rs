//! Headers of every kind of response: security, caching, cookies and size.

use std::collections::BTreeSet;

use immigration_experts::http::ServerLimits;
use immigration_experts::staff::Role;
use reqwest::Method;

use crate::support::routes::mounted;
use crate::support::{FIRST_POST, PUBLIC_PAGES, Page, STAFF_PAGES, Site, Visitor};

/// Who may cache a response.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Caching {
    /// Everyone, with revalidation on each use.
    Revalidate,
    /// Everyone, forever: changed content has another URL.
    Immutable,
    /// Nobody: the response is personal or changes constantly.
    NoStore,
}

use Caching::{Immutable, NoStore, Revalidate};

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const STAFF: &str = "/admin";

/// Content type and caching of every public route. The test below fails if a route is missing.
const PUBLIC: [(&str, &str, Caching); 37] = [
    ("/", HTML, Revalidate),
    ("/news", HTML, Revalidate),
    ("/news/{slug}", HTML, Revalidate),
    ("/news/feed.atom", ATOM, Revalidate),
    ("/draws", HTML, Revalidate),
    ("/draws/{number}", HTML, Revalidate),
    ("/draws/data", HTML, Revalidate),
    ("/draws/feed.atom", ATOM, Revalidate),
    ("/draws.csv", "text/csv; charset=utf-8", Revalidate),
    ("/draws.json", "application/json", Revalidate),
    ("/occupations", HTML, Revalidate),
    ("/occupations/{noc}", HTML, Revalidate),
    ("/categories", HTML, Revalidate),
    ("/categories/{key}", HTML, Revalidate),
    ("/categories/{key}.csv", "text/csv; charset=utf-8", Revalidate),
    ("/tools/crs", HTML, Revalidate),
    ("/tools/crs.json", "application/json", NoStore),
    ("/tools/past-draws", HTML, Revalidate),
    ("/tools/past-draws.json", "application/json", NoStore),
    ("/tools/embed", HTML, Revalidate),
    ("/search", HTML, Revalidate),
    ("/{page}", HTML, Revalidate),
    ("/sitemap.xml", "application/xml; charset=utf-8", Revalidate),
    ("/robots.txt", TEXT, Revalidate),
    ("/manifest.webmanifest", "application/manifest+json", Revalidate),
    ("/.well-known/security.txt", TEXT, Revalidate),
    ("/follow", HTML, Revalidate),
    ("/corrections", HTML, Revalidate),
    ("/health", TEXT, NoStore),
    ("/health/ready", TEXT, NoStore),
    ("/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", NoStore),
    ("/contact", HTML, NoStore),
    ("/apply", HTML, NoStore),
    ("/previews/{token}", HTML, NoStore),
    ("/receipts", HTML, NoStore),
    ("/receipts/{token}", HTML, NoStore),
    ("/receipts/{token}.json", "application/json", NoStore),
];

/// Maximum size of a response head, in bytes.
const MAX_HEADER_LEN: usize = 700;

/// Size of the response head in bytes, including `Connection: close`, which only some responses have.
fn header_len(answer: &Page) -> usize {
    let status = reqwest::StatusCode::from_u16(answer.status).unwrap();
    let first = format!("HTTP/1.1 {status}\r\n").len();
    let lines = answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    first + lines.sum::<usize>() + "connection: close\r\n".len() + "\r\n".len()
}

/// Fails unless the response has every security header once, and the expected caching.
#[track_caller]
fn assert_security_headers(answer: &Page, caching: Caching, is_https: bool) {
    let what = format!("{} {}", answer.status, answer.path);
    let is_page = answer.header("content-type").starts_with("text/html");
    // Scripts of other sites may read the answers of the tools.
    let is_for_all_sites = answer.path.starts_with("/tools/") && answer.path.contains(".json");
    let of_page = |value: &'static str| if is_page { value } else { "" };
    let policy = "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';\
                  frame-ancestors 'none'";
    let staff_policy = policy.replace("form-action", "script-src 'self';connect-src 'self';form-action");
    // Pages for signed-in staff may run the site's own scripts.
    let is_for_staff = answer.path.starts_with("/admin") && answer.header("content-security-policy") == staff_policy;
    let policy = if is_for_staff { staff_policy.as_str() } else { policy };
    let expected = [
        ("content-security-policy", if is_page { policy } else { "default-src 'none';frame-ancestors 'none'" }),
        ("x-content-type-options", "nosniff"),
        // Some URLs are secret, so other sites must not see them.
        ("referrer-policy", "same-origin"),
        ("permissions-policy", of_page("camera=(),geolocation=()")),
        ("cross-origin-opener-policy", of_page("same-origin")),
        ("cross-origin-resource-policy", if is_for_all_sites { "cross-origin" } else { "same-origin" }),
        ("strict-transport-security", if is_https { "max-age=63072000" } else { "" }),
        ("vary", "Accept-Encoding"),
        ("server", ""),
        ("x-powered-by", ""),
        ("access-control-allow-origin", if is_for_all_sites { "*" } else { "" }),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), value, "{what}: {name}");
        assert!(answer.headers.get_all(name).iter().count() <= 1, "{what}: {name} twice");
    }
    assert!(
        header_len(answer) <= MAX_HEADER_LEN,
        "{what}: the head has {} bytes: {:?}",
        header_len(answer),
        answer.headers
    );
    let words = answer.header("cache-control");
    let has = |word: &str| words.split(',').any(|part| part.trim() == word);
    match caching {
        NoStore => assert_eq!(words, "no-store", "{what}"),
        Immutable => assert!(has("public") && has("immutable") && has("max-age=31536000"), "{what}: {words}"),
        // Both require revalidation. Without the header, browsers would guess a lifetime.
        Revalidate => assert!(words == "no-cache" || has("max-age=0"), "{what}: {words:?}"),
    }
    if answer.header("content-type").starts_with("text/") || !answer.text.is_empty() {
        assert!(!answer.header("content-type").is_empty(), "{what}: no content type");
    }
    for cookie in answer.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        let (name, rest) = cookie.split_once('=').unwrap();
        let names = if is_https { ["__Host-session", "__Secure-browser"] } else { ["session", "browser"] };
        assert!(names.contains(&name), "{what}: {cookie}");
        assert_eq!(rest.contains("; Secure"), is_https, "{what}: {cookie}");
        let is_closed = rest.contains("; HttpOnly") && rest.contains("; SameSite=Lax") && rest.contains("; Path=/");
        assert!(is_closed && !rest.contains("Domain"), "{what}: {cookie}");
        assert_eq!(caching, NoStore, "{what} sets a cookie");
    }
}

/// Site with an inquiry: the visitor with the receipt, and an admin.
async fn site_and_people(base_url: &str) -> (Site, Visitor, String, Visitor) {
    let mut flags = vec!["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"];
    if !base_url.is_empty() {
        flags.extend(["--base-url", base_url]);
    }
    let site = Site::start_with(&flags).await;
    let visitor = site.visitor();
    let fields = [("name", "Amina"), ("email", "visitor@example.com"), ("message", "m")];
    let sent = visitor.post("/contact", &fields).await;
    assert_security_headers(&sent, NoStore, !base_url.is_empty());
    let receipt = sent.location().to_owned();
    site.account("admin@example.com", Role::Admin).await;
    let admin = site.visitor();
    let signed_in =
        admin.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", crate::support::PASSWORD)]).await;
    assert_security_headers(&signed_in, NoStore, !base_url.is_empty());
    assert!(!signed_in.header("set-cookie").is_empty(), "the cookie must be checked");
    (site, visitor, receipt, admin)
}

/// Path of a preview link for a new draft.
async fn preview_path(admin: &Visitor) -> String {
    let draft = admin.post("/admin/posts/new", &[("title", "A draft"), ("author", "A"), ("action", "save")]).await;
    assert_eq!(admin.post(&format!("{}/preview-links", draft.location()), &[]).await.status, 303);
    let links = admin.get(draft.location()).await.attributes(".links li > a", "href");
    format!("/previews/{}", links[0].split_once("/previews/").unwrap().1)
}

#[actix_web::test]
async fn every_route_sends_the_headers_for_its_type() {
    let known: BTreeSet<&str> = PUBLIC.iter().map(|(pattern, ..)| *pattern).collect();
    for route in mounted() {
        let is_file = ["/static/{name}", "/{key}.txt", "/media/", "/cards/", "/favicon.ico", "/sitemap-"]
            .iter()
            .any(|start| route.pattern.starts_with(start));
        let is_known = known.contains(route.pattern.as_str()) || is_file;
        assert!(!route.get || is_known || route.pattern.starts_with(STAFF), "{} is not in PUBLIC", route.pattern);
    }
    for base_url in ["", "https://immigration.example"] {
        let is_https = !base_url.is_empty();
        let (site, visitor, receipt, admin) = site_and_people(base_url).await;
        let confirmed = visitor.post(&format!("{receipt}/confirmation"), &[("address", "visitor@example.com")]).await;
        let access_token =
            confirmed.location().split(['?', '#']).nth(1).unwrap_or_else(|| panic!("{}", confirmed.text));
        let invitation = format!("/admin/set-up/{}", "0".repeat(32));
        let preview = preview_path(&admin).await;
        for (pattern, content_type, caching) in PUBLIC {
            let route = mounted().into_iter().find(|route| route.pattern == pattern);
            let route = route.unwrap_or_else(|| panic!("{pattern} does not exist"));
            let mut path =
                route.example().replace("/receipts/{token}", &receipt).replace("/previews/{token}", &preview);
            if pattern == "/receipts/{token}.json" {
                assert_security_headers(&visitor.get(&path).await, NoStore, is_https);
                path = format!("{path}?{access_token}");
            }
            path.push_str(match pattern {
                "/tools/crs.json" => {
                    "?age=29&spouse=none&education=secondary&canadian_work=0&foreign_work=0&l1_test=ielts&l1_listening=7\
                     &l1_reading=7&l1_writing=7&l1_speaking=7"
                }
                "/tools/past-draws.json" => "?crs=470",
                _ => "",
            });
            for page in [visitor.get(&path).await, visitor.head(&path).await, admin.get(&path).await] {
                assert_eq!((page.status, page.header("content-type")), (200, content_type), "{path}");
                assert_security_headers(&page, caching, is_https);
            }
        }
        for path in PUBLIC_PAGES {
            let caching = if path == "/contact" || path == "/apply" { NoStore } else { Revalidate };
            assert_security_headers(&visitor.get(path).await, caching, is_https);
        }
        for path in STAFF_PAGES {
            if let (true, Some(end)) = (is_https, path.strip_prefix("/admin")) {
                // Secure cookies are not sent over plain HTTP, so this is not signed in.
                assert_security_headers(&admin.get(&format!("/admin{end}")).await, NoStore, is_https);
                continue;
            }
            let page = admin.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert_security_headers(&page, NoStore, is_https);
        }
        for route in mounted().iter().filter(|route| route.get && route.pattern.starts_with(STAFF)) {
            let path = route.example().replace("{token}", "nothing");
            for page in [admin.get(&path).await, visitor.get(&path).await, visitor.head(&path).await] {
                assert_security_headers(&page, NoStore, is_https);
            }
        }
        for route in mounted().iter().filter(|route| route.post) {
            let path = route.example().replace("{token}", "nothing");
            let page = visitor.post(&path, &[]).await;
            assert!((300..500).contains(&page.status), "{path}: {}", page.status);
            assert_security_headers(&page, NoStore, is_https);
        }
        let front = visitor.get("/").await;
        let files = front.attributes("link[rel=stylesheet], link[rel=icon]", "href").into_iter();
        for file in files.filter(|file| file.starts_with("/static/")) {
            let page = visitor.get(&file).await;
            assert_eq!(page.status, 200, "{file}");
            assert_security_headers(&page, Immutable, is_https);
        }
        assert_security_headers(&visitor.get(&invitation).await, NoStore, is_https);
        let set_up = site.running.first_account.clone().unwrap();
        assert_security_headers(&visitor.get(&set_up).await, NoStore, is_https);
    }
}

#[actix_web::test]
async fn every_linked_page_sends_the_security_headers() {
    let (site, visitor, receipt, admin) = site_and_people("").await;
    site.execute(&format!("INSERT INTO redirects VALUES ('/news/old', '{FIRST_POST}')")).await;
    let moved = visitor.get("/news/old").await;
    assert_eq!((moved.status, moved.location()), (301, FIRST_POST));
    assert_security_headers(&moved, Revalidate, false);
    let mut seen = BTreeSet::new();
    for (who, pages) in
        [(&visitor, PUBLIC_PAGES.to_vec()), (&admin, STAFF_PAGES.into_iter().chain([receipt.as_str()]).collect())]
    {
        for path in pages {
            let page = who.get(path).await;
            let links = page.attributes("a[href^='/'], link[href^='/']", "href");
            for link in links.into_iter().map(|link| link.split('#').next().unwrap().to_owned()) {
                // A few occupations and draws are enough.
                let is_one_of_many = ["/occupations/", "/draws/", "/admin/draws/"].iter().any(|s| link.starts_with(s));
                if (is_one_of_many && seen.len() > 60) || !seen.insert(link.clone()) {
                    continue;
                }
                let page = who.get(&link).await;
                let caching = if link.starts_with("/static/") {
                    Immutable
                } else if ["/admin", "/receipts", "/contact", "/apply"].iter().any(|start| link.starts_with(start)) {
                    NoStore
                } else {
                    Revalidate
                };
                assert!(page.status < 400, "{path} links to {link}: {}", page.status);
                assert_security_headers(&page, caching, false);
            }
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
}

#[actix_web::test]
async fn error_responses_carry_the_security_headers() {
    let (site, visitor, receipt, admin) = site_and_people("").await;
    let mut statuses = BTreeSet::new();
    let mut check = |page: Page, caching: Caching| {
        statuses.insert(page.status);
        assert_security_headers(&page, caching, false);
        if !page.text.is_empty() && page.header("content-type") == HTML {
            page.assert_page_layout();
        }
    };
    let send = async |method: &str, path: &str| {
        let method: Method = method.parse().unwrap();
        Page::from_response(visitor.client.request(method, format!("{}{path}", site.base)).send().await.unwrap()).await
    };
    for path in ["/nothing", "/news/nothing", "/news?page=99", "/static/nothing.css", "/receipts/nothing"] {
        check(visitor.get(path).await, Revalidate);
    }
    check(visitor.get("/occupations/99999/").await, Revalidate);
    for path in ["/", "/contact", "/draws.csv", "/health", "/admin", "/static/x.css", &receipt] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "BREW"] {
            if method != "POST" || path == "/" {
                check(send(method, path).await, NoStore);
            }
        }
        check(
            Page::from_response(
                visitor
                    .client
                    .delete(format!("{}{path}", site.base))
                    .header("sec-fetch-site", "cross-site")
                    .send()
                    .await
                    .unwrap(),
            )
            .await,
            NoStore,
        );
    }
    check(visitor.post_body("/contact", "text/plain", vec![b'x']).await, NoStore);
    check(visitor.post_body("/contact", "application/x-www-form-urlencoded", vec![b'x'; 1_100_000]).await, NoStore);
    check(visitor.post("/apply", &[]).await, NoStore);
    check(admin.get("/admin/nothing").await, NoStore);
    check(admin.get("/admin/mail/abc").await, NoStore);
    let elsewhere = [("x-forwarded-for", "203.0.113.7")];
    for _ in 0..31 {
        let page = visitor.get_with("/search?q=nurse", &elsewhere).await;
        if page.status != 200 {
            assert_ne!(page.header("retry-after"), "");
            check(page, NoStore);
        }
    }
    for _ in 0..5 {
        let fields = [("email", "nobody@example.com"), ("password", "wrong")];
        check(visitor.post("/admin/sign-in", &fields).await, NoStore);
    }
    // Server errors.
    site.execute("ALTER TABLE outbox RENAME TO elsewhere").await;
    let fields = [("name", "Omar"), ("email", "omar@example.com"), ("message", "m")];
    check(visitor.post("/contact", &fields).await, NoStore);
    check(admin.get("/admin/mail").await, NoStore);
    site.execute("ALTER TABLE site RENAME TO elsewhere_too").await;
    check(visitor.get("/health/ready").await, NoStore);
    // 303 is the redirect to sign-in.
    assert_eq!(statuses, BTreeSet::from([303, 403, 404, 405, 413, 415, 422, 429, 500, 503]));
}

#[actix_web::test]
async fn request_timeout_response_carries_the_security_headers() {
    let server_limits = ServerLimits { body_timeout: std::time::Duration::from_millis(100), ..ServerLimits::default() };
    let site = Site::start_with_limits(&[], server_limits).await;
    let head = "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let answer = site.raw(format!("{head}Content-Length: 100\r\n\r\nname=A").as_bytes()).await;
    let (answered, page) = answer.split_once("\r\n\r\n").unwrap();
    assert!(answered.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answered}");
    for header in ["cache-control: no-store", "connection: close", "frame-ancestors 'none'", "permissions-policy: "] {
        assert!(answered.to_lowercase().contains(&header.to_lowercase()), "{header}: {answered}");
    }
    assert!(page.contains("The request timed out") && page.contains("Talk to expert"), "{page}");
}

#[actix_web::test]
async fn vary_header_is_the_same_for_every_request_type() {
    let (_site, visitor, receipt, admin) = site_and_people("").await;
    let mut asked = 0;
    for route in mounted().iter().filter(|route| route.get) {
        let path = route.example().replace("/receipts/{token}", &receipt).replace("{token}", "nothing");
        for encodings in ["", "identity", "gzip", "br, gzip", "*;q=0"] {
            for who in [&visitor, &admin] {
                let first = who.get_with(&path, &[("accept-encoding", encodings)]).await;
                let known = [("accept-encoding", encodings), ("if-none-match", first.header("etag"))];
                for answer in [who.get_with(&path, &known).await, first] {
                    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
                    assert_eq!(vary, ["Accept-Encoding"], "{path}, {encodings:?}: {}", answer.status);
                    assert!(header_len(&answer) <= MAX_HEADER_LEN, "{path}: {:?}", answer.headers);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}
