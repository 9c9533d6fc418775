//! Malformed input: the response is an error page or the text is accepted and escaped, never a server error.

use immigration_experts::staff::Role;

use crate::support::{FIRST_POST, PUBLIC_PAGES, Page, Site, Visitor};

const FORM: &str = "application/x-www-form-urlencoded";
const CONTACT: [&str; 4] = ["name", "email", "phone", "message"];
const APPLY: [&str; 15] = [
    "name",
    "email",
    "phone",
    "whatsapp",
    "residence",
    "citizenship",
    "age",
    "program",
    "occupation",
    "education",
    "experience_years",
    "english_test",
    "french_test",
    "crs",
    "message",
];

/// Fields of the form at `path`, with `typed` in every text field.
fn in_every_field<'a>(path: &str, typed: &'a str) -> Vec<(&'static str, &'a str)> {
    let names: &[&str] = if path == "/apply" { &APPLY } else { &CONTACT };
    let value = |name| match name {
        "email" => "visitor@example.com",
        "age" | "experience_years" | "crs" => "29",
        _ => typed,
    };
    names.iter().map(|name| (*name, value(*name))).chain([("consent", "yes")]).collect()
}

/// Asserts that the response is a complete page and no server error.
#[track_caller]
fn assert_handled(page: &Page, what: &str) {
    assert!((200..500).contains(&page.status), "{what}: {}", page.status);
    if page.header("content-type").starts_with("text/html") {
        page.assert_page_layout();
    }
}

/// Submits a form as raw bytes.
async fn send(visitor: &Visitor, path: &str, body: &[u8]) -> Page {
    visitor.post_body(path, FORM, body.to_vec()).await
}

/// Status and text of the responses to raw bytes.
async fn raw(site: &Site, request: &[u8]) -> (u16, String) {
    let answer = site.raw(request).await;
    let status = answer.get(9..12).and_then(|digits| digits.parse().ok());
    (status.unwrap_or_else(|| panic!("no response to {}: {answer}", String::from_utf8_lossy(request))), answer)
}

#[actix_web::test]
async fn html_and_code_in_fields_are_stored_as_text_and_never_run() {
    let site = Site::start().await;
    let (visitor, writer) = (site.visitor(), site.staff(Role::Writer).await);
    let mut id = 0;
    for typed in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</textarea></dd></main><script>alert(1)</script>",
        "'; DROP TABLE inquiries; --",
        "{{ 7*7 }} ${7*7} <%= 7 %> %s %n {0}",
        "javascript:alert(1)",
        "&lt;b&gt; &amp;amp; &#0; ]]>",
        "🍁👩🏽‍⚕ محمد علی ਪੰਜਾਬ 中文 é",
        "../../etc/passwd",
        "=cmd|' /C calc'!A0",
    ] {
        for path in ["/contact", "/apply"] {
            let fields = in_every_field(path, typed);
            let mut wrong = fields.clone();
            wrong[1].1 = typed;
            let refused = visitor.post(path, &wrong).await;
            assert_eq!(refused.status, 422, "{typed}");
            refused.assert_page_layout();
            assert_eq!((refused.field_value("name"), refused.field_value("message")), (typed.into(), typed.into()));
            let answer = visitor.post(path, &fields).await;
            assert_eq!(answer.status, 303, "{path} {typed}: {}", answer.text);
            id += 1;
            let receipt = visitor.get(answer.location()).await;
            receipt.assert_page_layout();
            let admin_page = writer.get(&format!("/admin/inquiries/{id}")).await;
            admin_page.assert_no_active_content();
            assert_eq!(admin_page.first("h1"), typed);
            let texts = fields.iter().filter(|(_, value)| *value == typed).count();
            for page in [&receipt, &admin_page] {
                assert_eq!(
                    page.all("dl.submitted dd").iter().filter(|value| *value == typed).count(),
                    texts,
                    "{typed}"
                );
                assert_eq!(page.all("main script, main img, main b"), Vec::<String>::new());
            }
            for href in admin_page.attributes("main a", "href") {
                assert!(
                    ["/", "mailto:visitor@example.com?", "tel:"].iter().any(|start| href.starts_with(start)),
                    "{href}"
                );
            }
            let html = site.body("body_html", "inbox@example.com").await;
            let email = Page::from_text("an e-mail", html);
            assert_eq!(email.all("td").iter().filter(|value| *value == typed).count(), texts, "{typed}");
            assert_eq!(email.all("script, img, [onerror], b"), Vec::<String>::new());
            assert!(site.body("body_text", "inbox@example.com").await.contains(&format!("Message: {typed}")));
        }
        for path in ["/admin", "/admin/inquiries", "/admin/mail", "/admin/mail/1"] {
            writer.get(path).await.assert_no_active_content();
        }
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 20);
    assert_eq!(site.emails().await.len(), 23, "one to staff per inquiry, three to the shared address");
}

#[actix_web::test]
async fn line_breaks_in_single_line_fields_never_reach_email_headers() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (n, end) in ["\r\n", "\n", "\r", "\u{2028}", "\u{85}", "\u{b}", "\u{0}\r\n"].iter().enumerate() {
        let name = format!("Amina{end}Bcc: evil@example.com{end}{end}Body {n}");
        let fields =
            [("name", &*name), ("email", "visitor@example.com"), ("phone", "1\r\n2"), ("message", "a\r\nb\rc")];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303, "{end:?}");
        let injected = format!("visitor@example.com{end}Bcc: evil@example.com");
        let fields = [("name", "A"), ("email", &*injected), ("message", "m")];
        assert_eq!(visitor.post("/contact", &fields).await.status, 422, "{end:?}");
    }
    let emails = site.emails().await;
    assert_eq!(emails.len(), 10, "one to staff per inquiry, three to the shared address");
    for email in emails {
        assert_eq!(email.recipients.len(), 1);
        let head = email.source.split("\r\n\r\n").next().unwrap();
        for line in head.split("\r\n") {
            assert!(!line.to_lowercase().starts_with("bcc"), "{head}");
        }
        assert!(!email.recipients.contains(&"evil@example.com".to_owned()));
    }
    for column in ["name", "phone", "email"] {
        let kept = site
            .text(if column == "name" {
                "SELECT group_concat(name) FROM inquiries"
            } else {
                "SELECT group_concat(phone || email) FROM inquiries"
            })
            .await;
        assert!(!kept.contains(char::is_control), "{kept:?}");
    }
    assert_eq!(site.text("SELECT message FROM inquiries LIMIT 1").await, "a\nb\nc", "paragraphs are kept");
}

#[actix_web::test]
async fn invisible_and_bidi_characters_are_removed_but_joiners_stay() {
    let site = Site::start().await;
    let unusual = "A\u{0}B\u{202e}C\u{2066}D\u{2069}\u{feff}E\u{7}\u{1b}[31m\u{7f}F";
    let answer = site.visitor().post("/contact", &in_every_field("/contact", unusual)).await;
    assert_eq!(answer.status, 303);
    let page = site.visitor().get(answer.location()).await;
    assert_eq!(page.all("dl.submitted dd[dir]")[0], "ABCDE[31mF");
    assert_eq!(site.text("SELECT name || ' ' || message FROM inquiries").await, "ABCDE[31mF ABCDE[31mF");
    let urdu = "می\u{200c}خواهم \u{200f}علی\u{200e} 👩\u{200d}⚕\u{fe0f}";
    assert_eq!(site.visitor().post("/contact", &in_every_field("/contact", urdu)).await.status, 303);
    assert_eq!(site.text("SELECT message FROM inquiries WHERE id = 2").await, urdu);
    let name = "می\u{200c}خواهم علی 👩\u{200d}⚕";
    assert_eq!(site.text("SELECT name FROM inquiries WHERE id = 2").await, name, "joiners inside a word are kept");
    for nothing in ["\u{0}", "\u{202e}\u{202c}", "\r\n", "\u{a0}\u{3000}", "\u{feff}"] {
        let page = site.visitor().post("/contact", &in_every_field("/contact", nothing)).await;
        assert_eq!(page.attributes("[role=alert] a", "href"), ["#name", "#message"], "{nothing:?}");
    }
}

#[actix_web::test]
async fn invalid_utf8_is_replaced_and_never_rejects_a_form() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let mut bodies = vec![];
    for text in ["%ED%A0%80", "%ff%fe", "%00", "%", "%zz", "%u0041", "%F0%9F", "%C0%AF", "a+b%2"] {
        bodies.push(format!("name={text}x&email=visitor@example.com&message={text}y").into_bytes());
    }
    bodies.push(b"name=\xff\xfex&email=visitor@example.com&message=\xed\xa0\x80y\0".to_vec());
    for body in bodies {
        let what = String::from_utf8_lossy(&body).into_owned();
        let answer = send(&visitor, "/contact", &body).await;
        assert_eq!(answer.status, 303, "{what}");
        visitor.get(answer.location()).await.assert_page_layout();
    }
    assert_eq!(site.text("SELECT name FROM inquiries WHERE id = 1").await, "\u{fffd}\u{fffd}\u{fffd}x");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 9, "%00 is removed");
}

#[actix_web::test]
async fn missing_unknown_and_repeated_fields_return_the_form() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for body in [
        "",
        "&&&",
        "=",
        "===",
        "name",
        "name&email&message",
        "x=1&y=2",
        "[]=1",
        "name[]=a&name[b]=c",
        "{\"name\":\"a\"}",
    ] {
        for path in ["/contact", "/apply"] {
            let page = send(&visitor, path, body.as_bytes()).await;
            assert_eq!(page.status, 422, "{body}");
            page.assert_page_layout();
            assert!(!page.first("#name-error").is_empty());
        }
    }
    let body = "name=First&name=Last&email=&email=visitor@example.com&message=m&admin=1&state=closed&reference=X&id=9";
    assert_eq!(send(&visitor, "/contact", body.as_bytes()).await.status, 303);
    let kept = "SELECT id || name || email || state || reference FROM inquiries";
    assert_eq!(site.text(kept).await, "1Lastvisitor@example.comnewIE-2026-000001");
}

#[actix_web::test]
async fn ten_thousand_fields_get_a_response() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let unknown: String = (0..10_000).map(|n| format!("field{n}={n}&")).collect();
    let form = "name=Amina&email=visitor@example.com&message=m";
    assert_eq!(send(&visitor, "/contact", format!("{unknown}{form}").as_bytes()).await.status, 303);
    let names = "name=a&".repeat(10_000);
    assert_eq!(send(&visitor, "/contact", format!("{names}{form}").as_bytes()).await.status, 303);
    assert_eq!(
        site.count("SELECT count(*) FROM inquiries").await,
        1,
        "the last value counts, so this is a double submission"
    );
    for path in ["/apply", "/admin/sign-in"] {
        let page = send(&visitor, path, unknown.as_bytes()).await;
        assert_eq!(page.status, 422, "{path}");
        page.assert_page_layout();
    }
    let query = format!("/occupations?{unknown}q=31301");
    let page = visitor.get(&query[..60_000]).await;
    assert_handled(&page, "a long query");
}

#[actix_web::test]
async fn body_over_the_limit_gets_an_error_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for size in [256 * 1024 + 1, 3 * 1024 * 1024] {
        for path in ["/contact", "/apply", "/admin/sign-in"] {
            let page = send(&visitor, path, format!("name=Amina&message={}", "x".repeat(size)).as_bytes()).await;
            assert_eq!(page.status, 413, "{path} {size}");
            page.assert_page_layout();
            assert_eq!(page.first("h1"), "The form is too large");
            assert_eq!(visitor.get("/health").await.status, 200);
        }
    }
    let large = format!("name=Amina&email=visitor@example.com&message={}", "x".repeat(256 * 1024 - 60));
    let page = send(&visitor, "/contact", large.as_bytes()).await;
    assert_eq!(page.status, 422, "below the limit, the form shows which field is too long");
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#message"]);
    for path in ["/admin/posts/new", "/news", "/nothing"] {
        let page = send(&visitor, path, &vec![b'x'; 2 * 1024 * 1024]).await;
        assert!([404, 405, 413].contains(&page.status), "{path}: {}", page.status);
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn other_content_types_get_an_error_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let body = b"name=Amina&email=visitor@example.com&message=m".to_vec();
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "x", "application/xml"] {
        for path in ["/contact", "/apply", "/admin/sign-in"] {
            let page = visitor.post_body(path, kind, body.clone()).await;
            assert_eq!(page.status, 415, "{path} {kind}");
            page.assert_page_layout();
            assert_eq!(page.first(".lead"), "Use the form on the page.");
        }
    }
    for kind in [FORM, "application/x-www-form-urlencoded; charset=UTF-8", "Application/X-WWW-Form-URLencoded"] {
        assert_eq!(visitor.post_body("/contact", kind, body.clone()).await.status, 303, "{kind}");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 1);
}

#[actix_web::test]
async fn malformed_queries_are_handled_on_every_public_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let long = "x".repeat(10_000);
    let values = [
        "",
        "-1",
        "0",
        "1",
        "99999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "abc",
        "1.5",
        "1e9",
        "%00",
        "%ff%fe",
        "%ED%A0%80",
        "%",
        "%2",
        "%0d%0aSet-Cookie:%20a=b",
        "%27%3B%20DROP%20TABLE%20posts%3B--",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%22*NEAR(",
        "NEAR(a%20b,%205)",
        "a%20AND%20OR%20NOT%20b",
        "title_en:nurse",
        "%22",
        "%22%22",
        "*",
        "-nurse",
        "%5E",
        "(((((",
        "%F0%9D%9F%99",
        "%F0%9E%A4%80",
        "%C2%BD",
        "%E2%91%A0",
        "%CC%81",
        "%E2%80%AE",
        "%D9%A3%D9%A1",
        "%F0%9F%8D%81",
        &long,
    ];
    let names = ["page", "q", "teer", "category", "topic", "version", "year", "occupation", "next", "after"];
    let addresses = PUBLIC_PAGES.into_iter().chain([
        "/news/feed.atom",
        "/sitemap.xml",
        "/robots.txt",
        "/admin/sign-in",
        "/nothing",
    ]);
    for path in addresses {
        // All names with the longest value would exceed the length of a URL.
        for value in values.iter().filter(|value| value.len() < 1000) {
            let all: String = names.iter().map(|name| format!("{name}={value}&")).collect();
            let what = format!("{path}?{}", &all[..all.len().min(300)]);
            assert_handled(&visitor.get(&format!("{path}?{all}")).await, &what);
        }
        for query in
            ["?", "??", "?&&&", "?=", "?[]", "?page[]=1&page[x]=2", "?page=1&page=2", "?%00=%00", "?q=a;b", "?a=b?c#d"]
        {
            assert_handled(&visitor.get(&format!("{path}{query}")).await, query);
        }
    }
    for (path, name) in [
        ("/occupations", "q"),
        ("/occupations", "teer"),
        ("/occupations", "page"),
        ("/news", "page"),
        ("/news", "topic"),
        ("/categories/healthcare", "version"),
        ("/apply", "occupation"),
        ("/admin/sign-in", "next"),
    ] {
        for value in values {
            let what = format!("{path}?{name}={}", &value[..value.len().min(60)]);
            let page = visitor.get(&format!("{path}?{name}={value}")).await;
            assert_handled(&page, &what);
            page.assert_page_layout();
            assert!(page.headers.get("set-cookie").is_none(), "{what}");
        }
    }
    for page in ["-1", "0", "12", "99999999999999999999", "abc", "%00", "1.0"] {
        assert_eq!(visitor.get(&format!("/occupations?page={page}")).await.status, 404, "{page}");
        assert_eq!(visitor.get(&format!("/news?page={page}")).await.status, 404, "{page}");
    }
    let page = visitor.get("/occupations?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert_eq!((page.status, page.field_value("q")), (200, "<script>alert(1)</script>".into()));
    let long = visitor.get(&format!("/occupations?q={long}")).await;
    assert_eq!((long.status, long.first("[role=status]")), (200, "No occupations found".into()));
}

#[actix_web::test]
async fn malformed_queries_are_handled_on_admin_pages() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    for path in
        ["/admin", "/admin/posts", "/admin/inquiries", "/admin/mail", "/admin/audit", "/admin/posts/1", "/admin/staff"]
    {
        for query in ["page=-1", "page=99999999999999999999", "page=%00", "state=%27&page=abc", "page=%ff", "%00=&&="] {
            let page = admin.get(&format!("{path}?{query}")).await;
            assert!([200, 404].contains(&page.status), "{path}?{query}: {}", page.status);
            page.assert_no_active_content();
        }
    }
    for id in ["0", "-1", "99999999999999999999", "abc", "%00", "%ff", "1;", "1%2F2", "%2e%2e", "9223372036854775807"] {
        for path in ["/admin/posts/", "/admin/inquiries/", "/admin/mail/", "/admin/pages/", "/admin/posts/1/revisions/"]
        {
            let page = admin.get(&format!("{path}{id}")).await;
            if id == "%2e%2e" {
                // The client library resolves it to the parent directory.
                assert!([301, 404].contains(&page.status), "{path}{id}: {}", page.status);
                continue;
            }
            assert!([400, 404].contains(&page.status), "{path}{id}: {}", page.status);
            page.assert_page_layout();
        }
        for path in [
            format!("/admin/posts/{id}/publication"),
            format!("/admin/staff/{id}/role"),
            format!("/admin/mail/{id}/sending"),
        ] {
            let page = admin.post(&path, &[("role", "admin")]).await;
            assert!([400, 404].contains(&page.status), "{path}: {}", page.status);
        }
    }
    for fields in
        [&[][..], &[("title", "\u{0}"), ("author", "\r\n")], &[("version", "x"), ("state", "'"), ("role", "'")]]
    {
        for path in
            ["/admin/posts/new", "/admin/posts/1", "/admin/site", "/admin/staff", "/admin/account", "/admin/pages/1"]
        {
            let page = admin.post(path, fields).await;
            assert!([409, 422].contains(&page.status), "{path}: {} {}", page.status, page.text);
            page.assert_no_active_content();
        }
    }
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
}

#[actix_web::test]
async fn malformed_paths_get_a_page() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let long = "a".repeat(20_000);
    for start in
        ["/", "/news/", "/draws/", "/occupations/", "/categories/", "/receipts/", "/static/", "/admin/set-up/", "/a/b/"]
    {
        for unusual in [
            "%00",
            "%ff",
            "%ff%fe",
            "%ED%A0%80",
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "..%2f..%2f",
            "%5c..%5c",
            "%0d%0aSet-Cookie:a=b",
            "%3Cscript%3E",
            "%27%3B--",
            "%E2%80%AE",
            "%F0%9F%8D%81",
            "x%00.css",
            "%252e",
            "+",
            "*",
            "%20",
            ";a=b",
            "a:b@c",
            &long,
        ] {
            let page = visitor.get(&format!("{start}{unusual}")).await;
            let what = format!("{start}{}", &unusual[..unusual.len().min(60)]);
            assert!([400, 404].contains(&page.status), "{what}: {}", page.status);
            page.assert_page_layout();
            assert!(page.headers.get("set-cookie").is_none(), "{what}");
        }
    }
    let page = visitor.get("/%64raws/252").await;
    assert_eq!((page.status, page.location()), (301, "/draws/252"), "an encoded character equals the character");
    let page = visitor.get(&format!("/%6e{}", &FIRST_POST[2..])).await;
    assert_eq!((page.status, page.location()), (301, FIRST_POST));
}

#[actix_web::test]
async fn malformed_requests_get_a_response_and_do_no_harm() {
    let site = Site::start().await;
    let end = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for path in [
        &b"/../../etc/passwd"[..],
        b"/static/../../Cargo.toml",
        b"/./news/../draws",
        b"//evil.example/%2e%2e",
        b"/\xff\xfe",
        b"/news/\xed\xa0\x80",
        b"/occupations?q=\xff\xfe",
        b"/occupations?q=\xc3\xa9",
        b"/news?topic=\xff",
        b"/\x7f",
        b"/occupations?q=\"*NEAR(",
        b"/<script>",
        b"/?<script>alert(1)</script>",
        b"http://evil.example/",
        b"*",
        b"/#x",
    ] {
        let (status, answer) = raw(&site, &[b"GET ", path, end].concat()).await;
        let what = String::from_utf8_lossy(path);
        assert!((200..500).contains(&status), "{what}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("[dependencies]"), "{what}");
        assert!(!answer.contains("<script>"), "{what}: {answer}");
        assert!(status == 400 || answer.contains("Talk to expert"), "{what}: {answer}");
    }
    for request in [
        &b"\r\n\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /contact HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
    ] {
        let mut request = request.to_vec();
        if request.starts_with(b"\r\n") || request.starts_with(b"\x16") {
            request.extend_from_slice(b"\r\n\r\n");
        }
        let (status, answer) = raw(&site, &request).await;
        assert!((400..500).contains(&status), "{}: {answer}", String::from_utf8_lossy(&request));
    }
    let hostile = b"GET /draws/252 HTTP/1.1\r\nHost: \"><script>evil.example\r\nConnection: close\r\nCookie: session=\xff\xfe; =;;\r\n\
                    X-Forwarded-Host: evil.example\r\nX-Forwarded-For: \xff, ,,\r\nSec-Fetch-Site: \xff\r\n\r\n";
    let (status, answer) = raw(&site, hostile).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!answer.contains("evil.example"), "{answer}");
    let dashboard_request = b"GET /admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: session=\xff\xfe; session=; __Host-session=a\r\n\r\n";
    assert_eq!(raw(&site, dashboard_request).await.0, 303);
    let foreign =
        b"POST /contact HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: \xff\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(raw(&site, foreign).await.0, 403);
    site.visitor().get("/").await.assert_page_layout();
}
