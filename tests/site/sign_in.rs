//! Sign-in: sessions, passwords, delays after failed attempts.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::{PASSWORD, Page, Site, Visitor};

const WRONG_CREDENTIALS: &str = "Incorrect e-mail address or password.";

async fn try_password(visitor: &Visitor, email: &str, password: &str) -> Page {
    visitor.post("/admin/sign-in", &[("email", email), ("password", password)]).await
}

/// Value of the session cookie that a response sets.
fn token(page: &Page) -> String {
    let cookie = page.header("set-cookie").split(';').next().unwrap();
    cookie.split_once('=').unwrap().1.to_owned()
}

#[actix_web::test]
async fn signed_out_visitor_is_sent_to_sign_in_and_back() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Admin).await;
    for (path, next) in [
        ("/admin", "/admin"),
        ("/admin/", "/admin"),
        ("/admin/posts?page=1&x=%2F", "/admin/posts?page=1&x=%2F"),
        ("/admin/posts/1", "/admin/posts/1"),
        ("/admin/inquiries?state=new", "/admin/inquiries?state=new"),
        ("/admin/mail", "/admin/mail"),
        ("/admin/site", "/admin/site"),
        ("/admin/staff", "/admin/staff"),
        ("/admin/audit", "/admin/audit"),
        ("/admin/account", "/admin/account"),
        ("/admin/nothing", "/admin/nothing"),
    ] {
        let visitor = site.visitor();
        let refused = visitor.get(path).await;
        assert_eq!(refused.status, 303, "{path}");
        assert_eq!(refused.text, "", "{path}");
        let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        assert_eq!(refused.location(), format!("/admin/sign-in?next={encoded}"));
        let sign_in_page = visitor.get(refused.location()).await;
        assert_eq!((sign_in_page.status, sign_in_page.first("h1")), (200, "Staff sign-in".into()));
        sign_in_page.assert_page_layout();
        assert_eq!(sign_in_page.field_value("next"), next);
    }
    let visitor = site.visitor();
    let fields = [("email", "a@example.com"), ("password", PASSWORD), ("next", "/admin/inquiries?state=new")];
    let page = visitor.post_and_follow("/admin/sign-in", &fields).await;
    assert_eq!((page.status, page.first("h1")), (200, "Inquiries".into()));
    for path in ["/admin/posts/1/publication", "/admin/site", "/admin/staff", "/admin/sign-out", "/admin/posts/new"] {
        let refused = site.visitor().post(path, &[]).await;
        assert_eq!((refused.status, refused.location()), (303, "/admin/sign-in?next=%2Fadmin"), "{path}");
    }
}

#[actix_web::test]
async fn sign_in_redirects_only_to_admin_pages() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    for next in [
        "",
        "https://evil.example/admin",
        "//evil.example/admin",
        "/\\evil.example",
        "/admin\\..\\..",
        "/adminx",
        "/news",
        "javascript:alert(1)",
        "/admin/\r\nSet-Cookie: a=b",
        "/admin/\u{0}",
        " /admin/posts",
    ] {
        let fields = [("email", "a@example.com"), ("password", PASSWORD), ("next", next)];
        let page = site.visitor().post("/admin/sign-in", &fields).await;
        assert_eq!((page.status, page.location()), (303, "/admin"), "{next:?}");
        let cookies: Vec<_> = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 2, "{next:?}: {cookies:?}");
        assert!(cookies[0].starts_with("session=") && cookies[1].starts_with("browser="), "{next:?}: {cookies:?}");
    }
}

#[actix_web::test]
async fn unknown_email_and_wrong_password_get_the_same_response() {
    let site = Site::start().await;
    site.account("known@example.com", Role::Admin).await;
    let invited = "INSERT INTO staff (email, name, role, created_at) VALUES ('fresh@example.com', 'F', 'writer', '2026-11-22T09:00:00Z')";
    site.execute(invited).await;
    let visitor = site.visitor();
    let wrong = try_password(&visitor, "known@example.com", "another sentence").await;
    assert_eq!((wrong.status, wrong.first("[role=alert]")), (422, WRONG_CREDENTIALS.into()));
    assert_eq!(
        (wrong.field_value("email"), wrong.field_value("password")),
        ("known@example.com".into(), String::new())
    );
    for other in ["nobod@example.com", "fresh@example.com"] {
        let unknown = try_password(&visitor, other, "another sentence").await;
        assert_eq!(unknown.status, wrong.status);
        assert_eq!(unknown.text.replace(other, "known@example.com"), wrong.text);
        assert_eq!(unknown.headers.keys().collect::<Vec<_>>(), wrong.headers.keys().collect::<Vec<_>>());
    }
    assert_eq!(try_password(&visitor, "", "").await.status, 422);
    assert_eq!(try_password(&visitor, "known@example.com", "").await.status, 422);
    assert_eq!(site.count("SELECT count(*) FROM staff_sessions").await, 0);
}

#[actix_web::test]
async fn repeated_wrong_passwords_delay_even_the_right_one() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    site.account("b@example.com", Role::Writer).await;
    let visitor = site.visitor();
    for _ in 0..4 {
        assert_eq!(try_password(&visitor, "a@example.com", "wrong").await.status, 422);
    }
    for wait in [1, 2, 4, 8] {
        let refused = try_password(&visitor, "A@Example.com", PASSWORD).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, &*wait.to_string()));
        let words = if wait == 1 { "1 second".to_owned() } else { format!("{wait} seconds") };
        assert_eq!(refused.first("[role=alert]"), format!("Too many failed attempts. Wait {words} and try again."));
        assert_eq!(refused.header("set-cookie"), "");
        site.clock.advance(SignedDuration::from_secs(wait));
        assert_eq!(try_password(&visitor, "a@example.com", "wrong").await.status, 422);
    }
    assert_eq!(try_password(&visitor, "b@example.com", PASSWORD).await.status, 303, "a colleague can sign in");
    site.clock.advance(SignedDuration::from_secs(16));
    assert_eq!(try_password(&visitor, "a@example.com", PASSWORD).await.status, 303);
    assert_eq!(try_password(&visitor, "a@example.com", "wrong").await.status, 422, "counting starts again");
}

#[actix_web::test]
async fn concurrent_attempts_do_not_bypass_the_delay() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    let visitor = site.visitor();
    let tries =
        (0..20).map(|n| try_password(&visitor, "a@example.com", if n % 2 == 0 { "wrong one" } else { "wrong two" }));
    let pages = futures_util::future::join_all(tries).await;
    assert_eq!(pages.iter().filter(|page| page.status == 422).count(), 4);
    assert_eq!(pages.iter().filter(|page| page.status == 429).count(), 16);
}

#[actix_web::test]
async fn failed_attempts_expire_after_a_day() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for _ in 0..4 {
        assert_eq!(try_password(&visitor, "nobody@example.com", "wrong").await.status, 422);
    }
    assert_eq!(try_password(&visitor, "nobody@example.com", "wrong").await.status, 429, "unknown addresses wait too");
    site.advance_hours(25);
    for _ in 0..4 {
        assert_eq!(try_password(&visitor, "nobody@example.com", "wrong").await.status, 422);
    }
    assert_eq!(try_password(&visitor, "nobody@example.com", "wrong").await.header("retry-after"), "1");
}

#[actix_web::test]
async fn one_browser_trying_many_accounts_is_delayed() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    let visitor = site.visitor();
    for n in 0..20 {
        assert_eq!(try_password(&visitor, &format!("{n}@example.com"), "wrong").await.status, 422, "{n}");
    }
    assert_eq!(try_password(&visitor, "a@example.com", PASSWORD).await.status, 429);
    let forged = [("x-forwarded-for", "198.51.100.7")];
    let fields = [("email", "a@example.com"), ("password", PASSWORD)];
    let page = visitor.post_with("/admin/sign-in", &fields, &forged).await;
    assert_eq!(page.status, 429, "no proxy is trusted here");
}

#[actix_web::test]
async fn idle_session_expires_after_eight_hours() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for _ in 0..3 {
        site.advance_hours(7);
        assert_eq!(writer.get("/admin").await.status, 200);
    }
    site.advance_hours(8);
    assert_eq!(writer.get("/admin").await.status, 303);
}

#[actix_web::test]
async fn open_editor_does_not_keep_an_idle_session() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    site.advance_hours(7);
    assert_eq!(writer.post("/admin/editors/posts/1", &[]).await.status, 200);
    site.advance_hours(1);
    assert_eq!(writer.get("/admin").await.status, 303);
}

#[actix_web::test]
async fn session_expires_after_seven_days_even_if_used() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for hour in (7..168).step_by(7) {
        site.advance_hours(7);
        assert_eq!(writer.get("/admin/account").await.status, 200, "after {hour} hours");
    }
    site.advance_hours(7);
    assert_eq!(writer.get("/admin/account").await.status, 303);
    assert_eq!(try_password(&writer, "writer@example.com", PASSWORD).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM staff_sessions").await, 1, "the old session is deleted");
}

#[actix_web::test]
async fn session_cookie_is_http_only_and_stored_as_a_hash() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    let visitor = site.visitor();
    let page = try_password(&visitor, "a@example.com", PASSWORD).await;
    let cookie = page.header("set-cookie");
    let mut parts: Vec<&str> = cookie.split("; ").skip(1).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["HttpOnly", "Path=/", "SameSite=Lax"], "{cookie}");
    assert!(cookie.starts_with("session="), "{cookie}");
    let token = token(&page);
    assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
    let kept = "SELECT group_concat(token_hash || ' ' || staff_id || created_at || last_seen_at || coalesce(flash, ''))
                FROM staff_sessions";
    assert!(!site.text(kept).await.contains(&token));
    assert_eq!(site.count("SELECT length(token_hash) FROM staff_sessions").await, 64);
    let hash = site.text("SELECT token_hash FROM staff_sessions").await;
    let attacker = site.visitor();
    assert_eq!(attacker.get_with("/admin", &[("cookie", &format!("session={hash}"))]).await.status, 303);
    assert_eq!(attacker.get_with("/admin", &[("cookie", &format!("session={token}"))]).await.status, 200);
    let again = try_password(&visitor, "a@example.com", PASSWORD).await;
    assert_ne!(crate::sign_in::token(&again), token, "each sign-in has its own session");
    assert_eq!(attacker.get_with("/admin", &[("cookie", &format!("session={token}"))]).await.status, 303);
}

#[actix_web::test]
async fn session_cookie_is_secure_over_https() {
    let site = Site::start_with(&["--base-url", "https://immigration.example"]).await;
    site.account("a@example.com", Role::Writer).await;
    let page = try_password(&site.visitor(), "a@example.com", PASSWORD).await;
    let cookie = page.header("set-cookie");
    let mut parts: Vec<&str> = cookie.split("; ").skip(1).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"], "{cookie}");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    let (token, visitor) = (token(&page), site.visitor());
    let signed_in = visitor.get_with("/admin", &[("cookie", &format!("__Host-session={token}"))]).await;
    assert_eq!(signed_in.status, 200);
    assert_eq!(visitor.get_with("/admin", &[("cookie", &format!("session={token}"))]).await.status, 303);
    let origin = [("origin", "https://immigration.example"), ("cookie", &*format!("__Host-session={token}"))];
    let out = visitor.post_with("/admin/sign-out", &[], &origin).await;
    assert_eq!((out.status, out.location()), (303, "/admin/sign-in?after=sign-out"));
    assert!(out.header("set-cookie").starts_with("__Host-session=;"), "{}", out.header("set-cookie"));
    assert!(out.header("set-cookie").contains("Secure"), "otherwise browsers would ignore the removal");
}

#[actix_web::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::start().await;
    site.account("a@example.com", Role::Writer).await;
    let visitor = site.visitor();
    let token = token(&try_password(&visitor, "a@example.com", PASSWORD).await);
    let sign_in_page = visitor.post_and_follow("/admin/sign-out", &[]).await;
    assert_eq!(sign_in_page.first("[role=status]"), "You have signed out.");
    assert_eq!(visitor.get("/admin").await.status, 303);
    assert_eq!(site.visitor().get_with("/admin", &[("cookie", &format!("session={token}"))]).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM staff_sessions").await, 0);
}

#[actix_web::test]
async fn signing_out_everywhere_ends_sessions_in_other_browsers() {
    let site = Site::start().await;
    let here = site.staff(Role::Writer).await;
    let there = site.sign_in("writer@example.com").await;
    let colleague = site.staff(Role::Admin).await;
    assert_eq!(there.get("/admin").await.status, 200);
    assert_eq!(here.post("/admin/sign-out-everywhere", &[]).await.status, 303);
    assert_eq!((here.get("/admin").await.status, there.get("/admin").await.status), (303, 303));
    assert_eq!(colleague.get("/admin").await.status, 200);
}

#[actix_web::test]
async fn changing_the_password_ends_all_other_sessions() {
    let site = Site::start().await;
    let here = site.staff(Role::Writer).await;
    let there = site.sign_in("writer@example.com").await;
    let wrong = here.post("/admin/account", &[("current", "not the password"), ("password", "short")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.first("#current-error"), "Error: The current password is incorrect.");
    assert!(wrong.first("#password-error").contains("at least 12"));
    assert!(!wrong.text.contains("not the password"));
    assert_eq!(there.get("/admin").await.status, 200, "nothing has changed");
    let fields = [("current", PASSWORD), ("password", "quite another sentence")];
    let page = here.post_and_follow("/admin/account", &fields).await;
    assert_eq!(page.first("[role=status]"), "Your password has been changed. All other sessions have ended.");
    assert_eq!(there.get("/admin").await.status, 303);
    assert_eq!(try_password(&there, "writer@example.com", PASSWORD).await.status, 422);
    assert_eq!(try_password(&there, "writer@example.com", "quite another sentence").await.status, 303);
    assert!(!site.text("SELECT password_hash FROM staff").await.contains("sentence"));
}

#[actix_web::test]
async fn cross_site_admin_form_is_rejected() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let (own, other) = (site.base.clone(), "https://evil.example");
    let upper = own.replace("http", "https");
    let refused: [&[(&str, &str)]; 8] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "")],
        &[("origin", other)],
        &[("origin", "null")],
        &[("origin", "")],
        &[("origin", "http://127.0.0.1.evil.example")],
    ];
    for headers in refused {
        for path in ["/admin/sign-out", "/contact", "/apply", "/admin/sign-in", "/admin/posts/new"] {
            let page = admin.post_with(path, &[("name", "x")], headers).await;
            assert_eq!(page.status, 403, "{path} {headers:?}");
            page.assert_page_layout();
            assert!(page.text.contains("from another site"), "{}", page.text);
        }
    }
    assert_eq!(admin.get("/admin").await.status, 200, "still signed in");
    let passes: [&[(&str, &str)]; 5] = [
        &[],
        &[("sec-fetch-site", "same-origin"), ("origin", "null")],
        &[("sec-fetch-site", "none")],
        &[("origin", &own)],
        &[("origin", &upper)],
    ];
    for headers in passes {
        assert_eq!(admin.post_with("/contact", &[], headers).await.status, 422, "{headers:?}");
    }
    let read = admin.get_with("/admin", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(read.status, 200, "links from other sites work");
}

#[actix_web::test]
async fn admin_responses_are_no_store() {
    let site = Site::start().await;
    let address = site.running.first_account.clone().unwrap();
    let set_up = site.visitor().get(&address).await;
    let writer = site.staff(Role::Writer).await;
    let out = site.visitor();
    let answers = [
        set_up,
        out.get(&address).await,
        out.get("/admin").await,
        out.get("/admin/sign-in").await,
        out.get("/admin/set-up/nothing").await,
        out.post("/admin/set-up/nothing", &[]).await,
        try_password(&out, "writer@example.com", "wrong").await,
        try_password(&out, "writer@example.com", PASSWORD).await,
        out.post_body("/admin/sign-in", "text/plain", vec![]).await,
        out.post_with("/admin/sign-in", &[], &[("origin", "null")]).await,
        writer.post_with("/admin/posts/new", &[], &[("origin", "null")]).await,
        writer.get("/admin").await,
        writer.get("/admin/").await,
        writer.get("/admin/posts").await,
        writer.get("/admin/posts/new").await,
        writer.get("/admin/posts/1").await,
        writer.get("/admin/posts/99").await,
        writer.get("/admin/posts/abc").await,
        writer.get("/admin/nothing").await,
        writer.get("/admin/inquiries").await,
        writer.get("/admin/mail").await,
        writer.get("/admin/account").await,
        writer.get("/admin/site").await,
        writer.get("/admin/staff").await,
        writer.get("/admin/audit").await,
        writer.post("/admin/posts/new", &[]).await,
        writer.post("/admin/posts/1/publication", &[]).await,
        writer.post("/admin/posts/new", &[("title", "T"), ("author", "A")]).await,
        writer.post("/admin/sign-out", &[]).await,
    ];
    for answer in answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{} {}", answer.status, answer.path);
        assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1, "{}", answer.path);
    }
}
