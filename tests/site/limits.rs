//! Limits on the size, duration and number of requests.

use std::net::Ipv4Addr;
use std::time::Duration;

use immigration_experts::http::ServerLimits;
use immigration_experts::staff::Role;

use crate::support::routes::mounted;
use crate::support::{PASSWORD, Site, feeds};

const FORM: &str = "application/x-www-form-urlencoded";
const MEGABYTE: usize = 1024 * 1024;

/// Routes that read no body because their forms have only a button, and their response status.
const BODYLESS_ROUTES: [&str; 34] = [
    "/admin/account/sessions/{id}/removal 303",
    "/admin/draws/{number}/posts 303",
    "/admin/inquiries/templates/{id}/archive 303",
    "/admin/inquiries/templates/{id}/unarchive 303",
    "/admin/mail/retry 303",
    "/admin/mail/{id}/dismissal 404",
    "/admin/mail/{id}/dismissal/removal 404",
    "/admin/mail/{id}/sending 404",
    // Reads files only.
    "/admin/media 422",
    "/admin/posts/import 422",
    "/admin/posts/import/{id}/cancellation 404",
    "/admin/media/{id}/restoration 404",
    "/admin/media/{id}/trash 404",
    "/admin/occupations/lists/{id}/reopening 422",
    "/admin/occupations/lists/{id}/deletion 422",
    "/admin/editors/{kind}/{id} 200",
    "/admin/editors/{kind}/{id}/closing 204",
    "/admin/onboarding/confirmation 303",
    "/admin/onboarding/{step}/confirmation 303",
    "/admin/pages/{id}/restoration 303",
    "/admin/pages/{id}/trash 400",
    "/admin/pages/{id}/withdrawal 400",
    "/admin/pages/autosaves/{id}/removal 404",
    "/admin/posts/{id}/trash 303",
    "/admin/posts/autosaves/{id}/removal 404",
    "/admin/unsaved-forms/{id}/removal 404",
    "/admin/posts/preview-links/{id}/removal 404",
    "/admin/posts/{id}/schedule/removal 303",
    "/admin/posts/{id}/restoration 303",
    "/admin/posts/{id}/withdrawal 303",
    "/admin/staff/{id}/activation 303",
    "/admin/staff/{id}/deactivation 400",
    "/admin/staff/{id}/invitation 303",
    "/admin/staff/{id}/two-factor/removal 400",
];

/// Request with a chunked body, whose length is not announced.
fn chunked(path: &str, cookie: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {FORM}\r\nCookie: {cookie}\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    let chunks =
        body.chunks(16 * 1024).map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    [head.into_bytes(), chunks.collect::<Vec<_>>().concat(), b"0\r\n\r\n".to_vec()].concat()
}

fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no response: {answer:?}"))
}

#[actix_web::test]
async fn every_form_rejects_bodies_over_its_limit() {
    let site = Site::start().await;
    site.account("admin@example.com", Role::Admin).await;
    let admin = site.visitor();
    let signed_in = admin.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", PASSWORD)]).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let (large, huge) = (vec![b'x'; MEGABYTE + 1], vec![b'x'; 8 * MEGABYTE + 1]);
    let mut others = std::collections::BTreeSet::new();
    for route in mounted().iter().filter(|route| route.post) {
        // Signing out would end the session of the other requests.
        if route.pattern.contains("sign-out") {
            continue;
        }
        let path = route.example().replace("{token}", "nothing");
        let takes_files =
            ["/admin/draws/import", "/admin/occupations/lists/"].iter().any(|start| path.starts_with(start))
                || ["/insertions", "/conversions"].iter().any(|end| path.ends_with(end));
        let body = if takes_files { &huge } else { &large };
        let with_length = admin.post_body(&path, FORM, body.clone()).await;
        let without_length = raw(&site, &chunked(&path, &cookie, body)).await;
        for found in [with_length.status, status(&without_length)] {
            if found != 413 {
                others.insert(format!("{} {found}", route.pattern));
            }
        }
    }
    assert_eq!(others, std::collections::BTreeSet::from(BODYLESS_ROUTES.map(str::to_owned)));
    for path in ["/contact", "/apply", "/admin/sign-in", "/admin/posts/new", "/admin/site", "/admin/posts/1"] {
        assert_eq!(admin.post_body(path, FORM, large.clone()).await.status, 413, "{path}");
        assert_eq!(status(&raw(&site, &chunked(path, &cookie, &large)).await), 413, "{path}");
    }
    assert_eq!(admin.post_body("/admin/draws/import", FORM, huge.clone()).await.status, 413);
    assert_eq!(feeds::upload(&admin, "rounds.json", &huge).await.status, 413);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn too_many_form_fields_are_rejected() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let form = "name=Amina&email=visitor@example.com&message=m";
    for (fields, expected) in [(20_000, 413), (19_990, 303)] {
        let body = format!("{}{form}", "a=&".repeat(fields));
        assert_eq!(admin.post_body("/contact", FORM, body.into_bytes()).await.status, expected, "{fields}");
    }
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
    let many = format!("{}--b--\r\n", part.repeat(101));
    let page = admin.post_body("/admin/draws/import", "multipart/form-data; boundary=b", many.into_bytes()).await;
    assert_eq!(page.status, 413);
}

#[actix_web::test]
async fn every_form_field_has_a_length_limit() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let long = "x".repeat(50_000);
    for path in ["/contact", "/apply"] {
        let shown = visitor.get(path).await;
        let selector = "main form input, main form textarea, main form select";
        let names = shown.attributes(selector, "name");
        assert!(names.len() > 3, "{names:?}");
        for name in names.iter().filter(|name| !["form_token", "consent"].contains(&name.as_str())) {
            let filled: Vec<(&str, &str)> = names
                .iter()
                .map(|field| match field.as_str() {
                    field if field == name => (field, long.as_str()),
                    "email" => ("email", "visitor@example.com"),
                    "program" => ("program", "Express Entry"),
                    "age" | "crs" | "experience_years" | "website" => (field.as_str(), ""),
                    "consent" => ("consent", "yes"),
                    field => (field, "x"),
                })
                .collect();
            let page = visitor.post(path, &filled).await;
            let kept =
                site.count("SELECT count(*) FROM inquiries WHERE length(name || phone || message) > 40000").await;
            assert_eq!(kept, 0, "{path} {name}");
            // The hidden honeypot field is not stored, so it accepts any length.
            assert!(page.status == 422 || page.location().starts_with("/receipts/"), "{path} {name}: {}", page.status);
        }
    }
}

#[actix_web::test]
async fn oversized_request_headers_are_rejected() {
    let site = Site::start().await;
    let line = "X-Line: 1\r\n";
    for (head, expected) in [
        (format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n", line.repeat(60)), vec![200]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", line.repeat(200)), vec![400, 431]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(200_000)), vec![400, 431]),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(200_000)), vec![400, 414, 431]),
        (format!("GET /search?q={} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "x".repeat(60_000)), vec![200]),
        (
            format!("GET /search?q={} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "x".repeat(70_000)),
            vec![400, 414],
        ),
    ] {
        let answer = raw(&site, head.as_bytes()).await;
        assert!(expected.contains(&status(&answer)), "{}: {}", &head[..60.min(head.len())], status(&answer));
    }
    assert_eq!(site.visitor().get("/health").await.status, 200);
}

/// Sends bytes, some of which the site may leave unread. Returns the start of the response.
async fn raw(site: &Site, bytes: &[u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let socket = tokio::net::TcpStream::connect(site.running.address).await.unwrap();
    let (mut from, mut to) = socket.into_split();
    let (bytes, bytes_of_name) = (bytes.to_vec(), bytes[..bytes.len().min(120)].to_vec());
    let writing = tokio::spawn(async move { to.write_all(&bytes).await.map(|()| to) });
    let mut answer = vec![0; 12];
    let first = String::from_utf8_lossy(&bytes_of_name).into_owned();
    from.read_exact(&mut answer).await.unwrap_or_else(|error| panic!("{first}: {error}"));
    // The site may reject the request before it was sent completely.
    writing.abort();
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn dripping_body_times_out_but_a_slow_link_does_not() {
    let timeout = Duration::from_millis(300);
    let server_limits = ServerLimits { body_timeout: timeout, staff_body_timeout: timeout, ..ServerLimits::default() };
    let site = Site::start_with_limits(&["--staff-inbox", "inbox@example.com"], server_limits).await;
    site.account("admin@example.com", Role::Admin).await;
    let admin = site.visitor();
    let signed_in = admin.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", PASSWORD)]).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    for (path, kind) in [
        ("/contact", FORM),
        ("/apply", FORM),
        ("/admin/sign-in", FORM),
        ("/admin/posts/new", FORM),
        ("/admin/draws/import", FORM),
        ("/admin/draws/import", "multipart/form-data; boundary=b"),
    ] {
        for length in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
            let begun = if length.starts_with('T') { "5\r\n--b\r\n\r\n" } else { "--b\r\n" };
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nCookie: {cookie}\r\n{length}\r\n\r\n"
            );
            let answer = raw(&site, format!("{head}{begun}").as_bytes()).await;
            assert_eq!(status(&answer), 408, "{path} {kind} {length}");
        }
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    assert_eq!(ServerLimits::default().body_timeout, Duration::from_secs(60));
}

#[actix_web::test]
async fn slow_form_is_accepted_only_within_the_body_timeout() {
    let server_limits = ServerLimits { body_timeout: Duration::from_secs(2), ..ServerLimits::default() };
    let site = Site::start_with_limits(&["--staff-inbox", "inbox@example.com"], server_limits).await;
    let drip = async |parts: usize| {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let body = format!("name=Amina&email=visitor@example.com&message={}", "x".repeat(4_000));
        let length = body.len();
        let head = format!(
            "POST /contact HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {FORM}\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        let (mut from, mut to) = tokio::net::TcpStream::connect(site.running.address).await.unwrap().into_split();
        to.write_all(head.as_bytes()).await.unwrap();
        let writing = async {
            for part in body.as_bytes().chunks(length.div_ceil(parts)) {
                // The site may reject the request before it was sent completely.
                if to.write_all(part).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
        };
        let mut answer = vec![];
        let (_, _) = tokio::join!(writing, from.read_to_end(&mut answer));
        status(&String::from_utf8_lossy(&answer))
    };
    assert_eq!(drip(4).await, 303);
    assert_eq!(drip(30).await, 408, "data keeps arriving after the deadline");
}

#[actix_web::test]
async fn visitor_forms_allow_256_kb_and_staff_forms_1_mb() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let admin = site.staff(Role::Admin).await;
    let long = |bytes: usize| {
        let form = "name=A&email=a@example.com&title=T&author=A&message=m&body=b&ignored=";
        [form.as_bytes(), &vec![b'x'; bytes - form.len()]].concat()
    };
    for path in ["/contact", "/apply", "/admin/sign-in"] {
        let refused = visitor.post_body(path, FORM, long(256 * 1024 + 1)).await;
        assert_eq!((refused.status, refused.header("cache-control")), (413, "no-store"), "{path}");
        assert_ne!(visitor.post_body(path, FORM, long(256 * 1024)).await.status, 413, "{path}");
    }
    assert_eq!(admin.post_body("/admin/posts/new", FORM, long(MEGABYTE)).await.status, 303);
    assert_eq!(admin.post_body("/admin/posts/new", FORM, long(MEGABYTE + 1)).await.status, 413);
}

/// Sends a form or file except for its end.
async fn open_half_sent_form(site: &Site, path: &str, kind: &str, cookie: &str, bytes: usize) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nCookie: {cookie}\r\nContent-Length: {}\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n",
        bytes + 1_000
    );
    let mut socket = tokio::net::TcpStream::connect(site.running.address).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let _ = socket.write_all(&vec![b'x'; bytes]).await;
    socket
}

#[actix_web::test]
async fn form_is_accepted_while_many_others_are_half_sent() {
    use tokio::io::AsyncReadExt;
    let site = Site::start().await;
    let mut open = vec![];
    for _ in 0..60 {
        open.push(open_half_sent_form(&site, "/contact", FORM, "", 250_000).await);
    }
    let fields = [("name", "Amina"), ("email", "amina@example.com"), ("message", "Is my diploma enough?")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    // The oldest one was ended to free memory.
    let mut answer = vec![];
    let _ = open[0].read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(answer.starts_with("http/1.1 503 ") && answer.contains("retry-after: 60\r\n"), "{answer}");
    assert!(answer.contains("too many forms are being sent"), "{answer}");
}

#[actix_web::test]
async fn rejected_upload_tells_staff_what_to_do() {
    let server_limits = ServerLimits { staff_body_timeout: Duration::from_millis(1500), ..ServerLimits::default() };
    let site = Site::start_with_limits(&["--staff-inbox", "inbox@example.com"], server_limits).await;
    site.account("admin@example.com", Role::Admin).await;
    let admin = site.visitor();
    let signed_in = admin.post("/admin/sign-in", &[("email", "admin@example.com"), ("password", PASSWORD)]).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let import = "/admin/draws/import";
    let files = "multipart/form-data; boundary=b";
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
    let many = format!("{}--b--\r\n", part.repeat(101)).into_bytes();
    let refused = [
        ("too large", 413, feeds::upload(&admin, "rounds.json", &vec![b'x'; 8 * MEGABYTE + 1]).await),
        ("too many parts", 413, admin.post_body(import, files, many).await),
        ("too large a form", 413, admin.post_body("/admin/posts/new", FORM, vec![b'x'; MEGABYTE + 1]).await),
        ("another content type", 415, admin.post_body(import, "text/plain", vec![b'x'; 10]).await),
    ];
    for (what, expected, page) in refused {
        assert_eq!(page.status, expected, "{what}");
        assert_helps_staff(what, &page.text);
    }
    let body = [
        format!("POST {import} HTTP/1.1\r\nHost: x\r\nContent-Type: {files}\r\nCookie: {cookie}\r\n"),
        "Content-Length: 1000\r\n\r\n--b\r\n".into(),
    ]
    .concat();
    let slow = site.raw(body.as_bytes()).await;
    assert_eq!(status(&slow), 408);
    assert_helps_staff("too slow", &slow);
    let mut open = vec![];
    for _ in 0..28 {
        open.push(open_half_sent_form(&site, import, files, &cookie, 900_000).await);
    }
    crate::slow_clients::wait_until("the others to fill the memory for uploads", async || {
        let busy = feeds::upload(&admin, "rounds.json", &vec![b'x'; MEGABYTE]).await;
        if busy.status != 503 {
            // Two simultaneous uploads may both have been rejected.
            open.push(open_half_sent_form(&site, import, files, &cookie, 900_000).await);
            return false;
        }
        assert_eq!(busy.header("retry-after"), "60");
        assert_helps_staff("too many at once", &busy.text);
        true
    })
    .await;
}

#[track_caller]
fn assert_helps_staff(what: &str, page: &str) {
    let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_lowercase();
    assert!(!main.contains("call us") && !main.contains("tel:"), "{what}: {main}");
    assert!(main.contains("nothing was saved") && main.contains("href=\"/admin\""), "{what}: {main}");
}

#[actix_web::test]
async fn search_limit_counts_per_client_and_only_real_searches() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let visitor = site.visitor();
    let search = async |path: &str, from: &str| visitor.get_with(path, &[("x-forwarded-for", from)]).await;
    for n in 0..30 {
        let path = if n % 2 == 0 { format!("/search?q=nurse{n}") } else { format!("/occupations?q=nurse{n}") };
        assert_eq!(search(&path, "203.0.113.9").await.status, 200);
    }
    for path in ["/search?q=unheard-of", "/occupations?q=unheard-of", "/occupations?q=unheard&teer=1"] {
        let page = search(path, "203.0.113.9").await;
        assert_eq!((page.status, page.header("retry-after")), (429, "1"), "{path}");
        page.assert_page_layout();
        assert_eq!(page.first(".lead"), "Please wait 1 second and try again.");
        // Only the last address counts, which the proxy adds.
        assert_eq!(search(path, "198.51.100.1, 203.0.113.9").await.status, 429, "{path}");
        assert_eq!(search(path, "203.0.113.9, 198.51.100.1").await.status, 200, "{path}");
        assert_eq!(search(path, "203.0.113.10").await.status, 200, "{path}: another client");
    }
    for path in ["/search", "/search?q=", "/occupations", "/occupations?teer=1", "/occupations/31301", "/"] {
        assert_eq!(search(path, "203.0.113.9").await.status, 200, "{path}");
    }
    for n in 0..30 {
        assert_eq!(search(&format!("/search?q=n{n}"), &format!("2001:db8:1:2::{n}")).await.status, 200);
    }
    assert_eq!(search("/search?q=unheard-of-too", "[2001:db8:1:2:9::1]:443").await.status, 429, "the same /64 network");
    assert_eq!(search("/search?q=unheard-of-too", "2001:db8:1:3::1").await.status, 200, "another network");
    site.clock.advance(jiff::SignedDuration::from_secs(1));
    assert_eq!(search("/search?q=unheard-of-three", "203.0.113.9").await.status, 200);
    assert_eq!(search("/search?q=unheard-of-four", "203.0.113.9").await.status, 429);
}

#[actix_web::test]
async fn forged_client_addresses_do_not_bypass_limits() {
    let site = Site::start_with(&["--form-limit", "2", "--staff-inbox", "inbox@example.com"]).await;
    let visitor = site.visitor();
    let mut statuses = vec![];
    for n in 0..4_u8 {
        let message = format!("message {n}");
        let from = Ipv4Addr::new(198, 51, n, 1).to_string();
        let headers = [("x-forwarded-for", &*from), ("forwarded", "for=198.51.100.9"), ("x-real-ip", &*from)];
        let fields = [("name", "A"), ("email", "a@example.com"), ("message", &*message)];
        statuses.push(visitor.post_with("/contact", &fields, &headers).await.status);
    }
    assert_eq!(statuses, [303, 303, 429, 429]);
    for n in 0..21_u8 {
        let (email, from) = (format!("{n}@example.com"), Ipv4Addr::new(198, 51, n, 1).to_string());
        let fields = [("email", &*email), ("password", "wrong")];
        let page = visitor.post_with("/admin/sign-in", &fields, &[("x-forwarded-for", &*from)]).await;
        assert_eq!(page.status, if n < 20 { 422 } else { 429 }, "{n}");
    }
}
