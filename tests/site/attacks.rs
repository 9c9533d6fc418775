//! Attacks: path traversal, open redirects, header injection, template and HTML injection.
//!
//! Related tests: `bad_input` (markup in forms, e-mail headers), `inbox::export` (formulas), `tokens` (tokens in draw names).

use immigration_experts::staff::Role;

use crate::support::{PASSWORD, PUBLIC_PAGES, Page, STAFF_PAGES, Site};

/// Target of redirects that must not happen.
pub const ATTACKER_HOST: &str = "evil.example";

pub fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("no response: {answer:?}"))
}

/// Head of a response, in lower case.
pub fn head(answer: &str) -> String {
    answer.split("\r\n\r\n").next().unwrap().to_lowercase()
}

#[actix_web::test]
async fn no_path_escapes_or_redirects_off_the_site() {
    let site = Site::start().await;
    let dots = [
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "%252e%252e%252f",
        "..\\",
        "..%5c",
        "%2e%2e%5c",
        "..%255c",
        "....//",
        "..;/",
        ".%2e/",
        "%c0%ae%c0%ae/",
        "%uff0e%uff0e/",
        "..%00/",
    ];
    let wanted =
        ["etc/passwd", "Cargo.toml", "data/secret", "secret", "site.db", "proc/self/environ", "etc/passwd%00.css"];
    for start in ["/static/", "/", "/news/", "/categories/", "/admin/pages/", "/static/site.css/"] {
        for step in dots {
            for file in wanted {
                let path = format!("{start}{}{file}", step.repeat(4));
                let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                let answer = site.raw(request.as_bytes()).await;
                assert!([303, 400, 404].contains(&status(&answer)), "{path}: {}", head(&answer));
                for found in ["root:", "[dependencies]", "SQLite format", "PATH="] {
                    assert!(!answer.contains(found), "{path}");
                }
            }
        }
    }
    for absolute in
        ["/static//etc/passwd", "//etc/passwd", "/static/C:%5cwindows%5cwin.ini", "/static/file:///etc/passwd"]
    {
        let page = site.visitor().get(absolute).await;
        assert!(page.status == 404 && !page.text.contains("root:"), "{absolute}: {}", page.status);
    }
}

#[actix_web::test]
async fn host_header_is_never_echoed_in_pages_emails_or_redirects() {
    let site = Site::start_with(&["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"]).await;
    let visitor = site.visitor();
    site.account("admin@example.com", Role::Admin).await;
    let forged = [
        ("host", ATTACKER_HOST),
        ("x-forwarded-host", ATTACKER_HOST),
        ("x-host", ATTACKER_HOST),
        ("x-forwarded-server", ATTACKER_HOST),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "8443"),
        ("x-original-url", "//evil.example/"),
        ("x-rewrite-url", "//evil.example/"),
        ("referer", "https://evil.example/"),
    ];
    let clean = |page: &Page| {
        assert!(!page.text.contains(ATTACKER_HOST), "{}: {}", page.path, page.text);
        assert!(!format!("{:?}", page.headers).contains(ATTACKER_HOST), "{}: {:?}", page.path, page.headers);
        assert!(page.location().is_empty() || page.location().starts_with('/'), "{}: {}", page.path, page.location());
    };
    let more =
        ["/news/feed.atom", "/draws/feed.atom", "/sitemap.xml", "/robots.txt", "/draws.json", "/nothing", "/admin"];
    for path in PUBLIC_PAGES.into_iter().chain(more) {
        clean(&visitor.get_with(path, &forged).await);
    }
    let fields = [("name", "Amina"), ("email", "visitor@example.com"), ("message", "m")];
    let sent = visitor.post_with("/contact", &fields, &forged).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    clean(&sent);
    clean(&visitor.get_with(sent.location(), &forged).await);
    clean(&visitor.post_with("/apply", &[], &forged).await);
    let sign_in = [("email", "admin@example.com"), ("password", PASSWORD), ("next", "/admin/posts")];
    let signed_in = visitor.post_with("/admin/sign-in", &sign_in, &forged).await;
    assert_eq!(signed_in.location(), "/admin/posts");
    clean(&signed_in);
    for path in STAFF_PAGES {
        clean(&visitor.get_with(path, &forged).await);
    }
    let new = [("name", "Bilal"), ("email", "bilal@example.com"), ("role", "writer")];
    let added = visitor.post_with("/admin/staff", &new, &forged).await;
    assert_eq!(added.status, 303, "{}", added.text);
    let accounts = visitor.get_with("/admin/staff", &forged).await;
    assert!(accounts.text.contains("/admin/set-up/"), "the set-up link must be on the page");
    clean(&accounts);
    let answer = [("subject", "S"), ("text", "T")];
    clean(&visitor.post_with("/admin/inquiries/1/reply", &answer, &forged).await);
    let emails = site.emails().await;
    assert_eq!(emails.len(), 4);
    for email in emails {
        assert!(!email.source.contains(ATTACKER_HOST), "{}", email.source);
    }
}

#[actix_web::test]
async fn sign_in_never_redirects_to_another_site() {
    let site = Site::start().await;
    site.account("admin@example.com", Role::Admin).await;
    for next in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/admin/\r\nLocation: https://evil.example",
        "/admin\u{0}@evil.example",
        "/admin@evil.example",
        "/admin.evil.example",
        "/admin%2f..%2f..%2f%2fevil.example",
        "https:evil.example",
        "https:/evil.example",
        "https://evil.example/admin/",
        "HtTpS://evil.example",
        " https://evil.example",
        "\u{1}https://evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/%09/evil.example",
        "/%5cevil.example",
        "//evil.example/admin/posts",
        "/admin/../..//evil.example",
        "/admin/\u{2028}evil",
        "admin/posts",
        "?next=//evil.example",
        "",
    ] {
        let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let visitor = site.visitor();
        let sign_in = visitor.get(&format!("/admin/sign-in?next={encoded}")).await;
        sign_in.assert_page_layout();
        let asked = sign_in.attributes("input[name=next]", "value").join("");
        for next in [asked.as_str(), next] {
            let fields = [("email", "admin@example.com"), ("password", PASSWORD), ("next", next)];
            let page = site.visitor().post("/admin/sign-in", &fields).await;
            assert_eq!(page.status, 303, "{next:?}");
            let place = url::Url::parse("https://immigration.example").unwrap().join(page.location()).unwrap();
            assert_eq!(place.host_str(), Some("immigration.example"), "{next:?}: {}", page.location());
            assert!(page.location().starts_with("/admin"), "{next:?}: {}", page.location());
        }
    }
    let way_back = site.visitor().get("//evil.example/admin").await;
    assert_eq!(way_back.status, 404);
    let out = site.visitor().get("/admin/%0d%0aSet-Cookie:x=1?next=//evil.example").await;
    assert!([303, 404].contains(&out.status) && !out.location().contains("//evil"), "{}", out.location());
}

#[actix_web::test]
async fn line_breaks_in_input_cannot_inject_headers() {
    let site = Site::start().await;
    let (visitor, admin) = (site.visitor(), site.staff(Role::Admin).await);
    let breaks =
        ["%0d%0aX-Evil:%201", "%0aX-Evil:%201", "%0dX-Evil:%201", "%E5%98%8D%E5%98%8AX-Evil:%201", "%00%0d%0aX-Evil:1"];
    let addresses = [
        "/search?q=",
        "/search?page=",
        "/occupations?q=",
        "/occupations?category=",
        "/news?topic=",
        "/news?page=",
        "/news/",
        "/draws/",
        "/draws?year=",
        "/draws?category=",
        "/categories/",
        "/categories/healthcare?version=",
        "/receipts/",
        "/admin/sign-in?next=",
        "/admin/sign-in?after=",
        "/admin/posts?page=",
        "/admin/inquiries?q=",
        "/admin/inquiries.csv?q=",
        "/admin/inquiries.csv?kind=",
        "/admin/set-up/",
        "/admin/draws/",
        "/static/",
        "/",
    ];
    let clean = |page: &Page| {
        assert!(page.headers.get("x-evil").is_none(), "{}: {:?}", page.path, page.headers);
        assert!((200..500).contains(&page.status), "{}: {}", page.path, page.status);
    };
    for start in addresses {
        for evil in breaks {
            for who in [&visitor, &admin] {
                clean(&who.get(&format!("{start}x{evil}")).await);
            }
        }
    }
    for path in
        ["/categories/healthcare%0d%0aX-Evil:1.csv", "/receipts/x%0d%0aX-Evil:1.json", "/admin/inquiries/1%0aX.json"]
    {
        clean(&admin.get(path).await);
    }
    for (path, name) in
        [("/contact", "name"), ("/contact", "message"), ("/apply", "residence"), ("/admin/sign-in", "next")]
    {
        let fields = [
            ("name", "A"),
            ("email", "visitor@example.com"),
            ("message", "m"),
            ("phone", "1"),
            ("residence", "Pakistan"),
            ("program", "Express Entry"),
            ("consent", "yes"),
            (name, "x\r\nX-Evil: 1\r\n\r\n<p>"),
        ];
        clean(&visitor.post(path, &fields).await);
    }
    // Names of categories and pages become URLs and file names.
    for fields in [
        [("slug", "x\r\nX-Evil: 1"), ("title", "x\r\nX-Evil: 1")],
        [("key", "x\r\nX-Evil: 1"), ("name", "x\nX-Evil: 1")],
    ] {
        for path in ["/admin/posts/new", "/admin/occupations/lists/new", "/admin/occupations/lists", "/admin/pages/1"] {
            clean(&admin.post(path, &fields).await);
        }
    }
}

/// Placeholders that the site replaces in its own texts.
const TOKENS: [&str; 6] = [
    "{{draw 252 crs}}",
    "{{ 7*7 }}",
    "{% if true %}49{% endif %}",
    "{{name}}",
    "{{me}} {{reference}}",
    "{{{{draw 252 crs}}}}",
];

#[actix_web::test]
async fn placeholders_typed_by_visitors_stay_plain_text() {
    let site = Site::start().await;
    let (visitor, admin) = (site.visitor(), site.staff(Role::Admin).await);
    for (n, typed) in TOKENS.into_iter().enumerate() {
        let id = n + 1;
        let email = format!("visitor{id}@example.com");
        let fields = [("name", typed), ("email", &*email), ("phone", "0300 1234567"), ("message", typed)];
        let sent = visitor.post("/contact", &fields).await;
        assert_eq!(sent.status, 303, "{typed}");
        let receipt = visitor.get(sent.location()).await;
        assert!(receipt.all("dl.submitted dd").iter().filter(|shown| *shown == typed).count() >= 2, "{typed}");
        let shown = admin.get(&format!("/admin/inquiries/{id}")).await;
        assert_eq!(shown.first("h1"), typed);
        let list = admin.get("/admin/inquiries").await;
        assert!(list.all("tbody td").iter().any(|cell| cell.contains(typed)), "{typed}: {:?}", list.all("tbody td"));
        let found = admin.get(&format!("/admin/inquiries/people?q={email}")).await;
        assert!(found.all("main").join(" ").contains(typed), "{typed}");
        for recipient in ["inbox@example.com", &email] {
            for part in ["body_text", "subject"] {
                let message = site.body(part, recipient).await;
                // Links contain a hash, which may contain these digits by chance.
                let text: String = message.lines().filter(|line| !line.starts_with("http")).collect();
                assert!(!text.contains("476") && !text.contains("Test admin"), "{typed}: {message}");
            }
        }
        assert!(site.body("body_text", "inbox@example.com").await.contains(typed), "{typed}");
        // A reply that greets visitors by the name they entered is sent as shown to staff.
        let template = [("title", &*format!("Greeting {id}")), ("body", "Dear {{name}}, we have read it.")];
        let made = admin.post("/admin/inquiries/templates/new", &template).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let number = site.count("SELECT max(id) FROM answer_templates").await;
        let chosen = admin.get(&format!("/admin/inquiries/{id}?template={number}")).await;
        let text = chosen.field_value("text");
        let called = typed.replace('{', "(").replace('}', ")");
        assert_eq!(text, format!("Dear {called}, we have read it."));
        let subject = chosen.field_value("subject");
        let answer = [("subject", subject.as_str()), ("text", text.as_str())];
        let page = admin.post(&format!("/admin/inquiries/{id}/reply"), &answer).await;
        assert_eq!(page.status, 303, "{typed}: {}", page.text);
        assert!(site.body("body_text", &email).await.starts_with(&format!("{text}\n\n-- \n")));
    }
    for path in ["/search?q=", "/occupations?q=", "/admin/inquiries?q=", "/admin/sign-in?next="] {
        for typed in TOKENS {
            let encoded: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
            let page = admin.get(&format!("{path}{encoded}")).await;
            let field = if path.contains("next") { "next" } else { "q" };
            assert_eq!(page.field_value(field), typed, "{path}");
        }
    }
}

const MARKUP: &str = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{";

#[actix_web::test]
async fn html_in_staff_fields_is_escaped_everywhere() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let fields = [("name", "Amina"), ("email", "visitor@example.com"), ("message", "m")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    let mut taken = 0;
    for path in [
        "/admin/site",
        "/admin/pages/1",
        "/admin/posts/new",
        "/admin/posts/1",
        "/admin/draws/new",
        "/admin/draws/252",
        "/admin/inquiries/templates/new",
        "/admin/inquiries/1",
        "/admin/staff",
        "/admin/occupations/synonyms",
        "/admin/occupations/lists/new?category=healthcare",
        "/admin/occupations/lists/3/correction",
        "/admin/inquiries/people",
        "/admin/account",
    ] {
        let page = admin.get(path).await;
        for typed in
            [MARKUP, "<b onmouseover=alert(1)>x</b>", "javascript:alert(1)", "</textarea></title><svg onload=alert(1)>"]
        {
            for (action, fields) in forms(&page) {
                let all: Vec<(&str, &str)> = fields
                    .iter()
                    .map(|(name, value, is_text)| (name.as_str(), if *is_text { typed } else { value.as_str() }))
                    .collect();
                let answer = admin.post(&action, &all).await;
                assert!(answer.status < 500, "{action}: {}", answer.status);
                if answer.header("content-type").starts_with("text/html") {
                    assert_harmless(&answer);
                }
                taken += usize::from(answer.status == 303);
            }
        }
    }
    assert!(taken > 5, "only {taken} forms were accepted");
    for path in PUBLIC_PAGES.into_iter().chain(STAFF_PAGES) {
        let page = admin.get(path).await;
        assert_harmless(&page);
    }
    for path in ["/news/feed.atom", "/draws/feed.atom", "/sitemap.xml"] {
        crate::support::assert_well_formed(&admin.get(path).await.text);
    }
}

/// Name and value of a form field, and whether visitors can edit it.
type Field = (String, String, bool);

/// Action and fields of every POST form of a page.
fn forms(page: &Page) -> Vec<(String, Vec<Field>)> {
    use scraper::{Html, Selector};
    let document = Html::parse_document(&page.text);
    let (form, field) =
        (Selector::parse("form[method=post]").unwrap(), Selector::parse("input, textarea, select").unwrap());
    let of = |form: scraper::ElementRef| {
        let action = form.attr("action").unwrap_or(&page.path).to_owned();
        let fields = form.select(&field).filter_map(|field| {
            let name = field.attr("name")?.to_owned();
            let kind = field.attr("type").unwrap_or("text");
            let is_text = field.value().name() == "textarea" || (field.value().name() == "input" && kind == "text");
            let chosen = Selector::parse("option[selected], option").unwrap();
            let option = || field.select(&chosen).next().map(|o| o.attr("value").unwrap_or_default().to_owned());
            Some((name, field.attr("value").map(str::to_owned).or_else(option).unwrap_or_default(), is_text))
        });
        (action, fields.collect())
    };
    let ends_session = |action: &str| action.contains("sign-out") || action.contains("withdrawal");
    document.select(&form).map(of).filter(|(action, _)| !ends_session(action)).collect()
}

/// Asserts that input became no element, attribute or script URL.
#[track_caller]
fn assert_harmless(page: &Page) {
    page.assert_no_active_content();
    let none = "[onmouseover], svg[onload], img[src=x], [href^='javascript'], [action^='javascript']";
    assert_eq!(page.all(none), Vec::<String>::new(), "{}", page.path);
    let text = page.text.replace("<script src=\"/static/", "").replace("<script type=\"application/ld+json\">", "");
    assert!(!text.contains("<script"), "{}", page.path);
}
