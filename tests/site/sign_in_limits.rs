//! Delays after wrong passwords, by account, browser and network.

use immigration_experts::staff::Role;
use jiff::SignedDuration;

use crate::support::{PASSWORD, Page, Site, Visitor};

const OWNER: &str = "owner@example.com";

/// Site with an account, behind a trusted proxy.
async fn site() -> Site {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    site.account(OWNER, Role::Admin).await;
    site
}

async fn try_sign_in(address: &str, who: &Visitor, email: &str, password: &str) -> Page {
    let headers = [("x-forwarded-for", address)];
    who.post_with("/admin/sign-in", &[("email", email), ("password", password)], &headers).await
}

fn cookie(page: &Page, name: &str) -> Option<String> {
    let cookies = page.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    cookies.into_iter().find(|cookie| cookie.starts_with(&format!("{name}=")))
}

#[actix_web::test]
async fn wrong_passwords_from_elsewhere_do_not_lock_out_the_owner() {
    let site = site().await;
    let attacker = site.visitor();
    for n in 0..30 {
        let page = try_sign_in("203.0.113.9", &attacker, OWNER, "wrong").await;
        assert_eq!(page.status, if n < 4 { 422 } else { 429 });
    }
    assert_eq!(
        try_sign_in("203.0.113.200", &attacker, OWNER, PASSWORD).await.status,
        429,
        "the attacker’s own network"
    );
    assert_eq!(try_sign_in("198.51.100.7", &site.visitor(), OWNER, PASSWORD).await.status, 303);
    assert_eq!(try_sign_in("2001:db8::7", &site.visitor(), OWNER, PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn distributed_attack_delays_the_owner_by_seconds_at_most() {
    let site = site().await;
    let attacker = site.visitor();
    for network in 0..40 {
        try_sign_in(&format!("203.0.{network}.9"), &attacker, OWNER, "wrong").await;
    }
    let owner = site.visitor();
    let asked_to_wait = try_sign_in("198.51.100.7", &owner, OWNER, PASSWORD).await;
    assert_eq!((asked_to_wait.status, asked_to_wait.header("retry-after")), (429, "3"));
    assert_eq!(asked_to_wait.field_value("email"), OWNER);
    let unknown = try_sign_in("198.51.100.7", &owner, "nobody@example.com", PASSWORD).await;
    assert_eq!(unknown.status, 422, "only the attacked account");
    for network in 40..80 {
        try_sign_in(&format!("203.0.{network}.9"), &attacker, OWNER, "wrong").await;
    }
    site.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(try_sign_in("198.51.100.7", &owner, OWNER, PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn unknown_accounts_are_delayed_like_known_ones() {
    let site = site().await;
    let visitor = site.visitor();
    let mut answers = vec![];
    for email in [OWNER, "nobody@example.com"] {
        let mut seen = vec![];
        for n in 0..60 {
            let page = try_sign_in(&format!("203.0.{}.9", n % 30), &visitor, email, "wrong").await;
            seen.push((page.status, page.header("retry-after").to_owned(), page.text.replace(email, "…")));
        }
        answers.push(seen);
        // The same time of the same weekday, since the page shows the opening hours.
        site.advance_hours(7 * 24);
    }
    assert!(answers[0] == answers[1]);
}

#[actix_web::test]
async fn known_browser_is_not_delayed_by_other_clients() {
    let site = site().await;
    let owner = site.visitor();
    assert_eq!(try_sign_in("203.0.113.9", &owner, OWNER, PASSWORD).await.status, 303);
    let out = owner.post_with("/admin/sign-out", &[], &[("x-forwarded-for", "203.0.113.9")]).await;
    assert_eq!(out.status, 303);
    let attacker = site.visitor();
    for network in 0..40 {
        try_sign_in(&format!("203.0.{network}.9"), &attacker, OWNER, "wrong").await;
    }
    for _ in 0..30 {
        try_sign_in("203.0.113.9", &attacker, OWNER, "wrong").await;
    }
    assert_eq!(
        try_sign_in("203.0.113.9", &site.visitor(), OWNER, PASSWORD).await.status,
        429,
        "a new browser is delayed"
    );
    assert_eq!(try_sign_in("203.0.113.9", &owner, OWNER, PASSWORD).await.status, 303, "the known browser is not");
    let mut refused = 0;
    for _ in 0..12 {
        refused += usize::from(try_sign_in("203.0.113.9", &owner, OWNER, "wrong").await.status == 429);
    }
    assert_eq!(refused, 2, "the known browser has its own limit");
}

#[actix_web::test]
async fn known_browser_cookie_reveals_nothing_and_grants_no_access() {
    let site = site().await;
    site.account("other@example.com", Role::Writer).await;
    let page = try_sign_in("203.0.113.9", &site.visitor(), OWNER, PASSWORD).await;
    let set = cookie(&page, "browser").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/admin/sign-in", "Max-Age=15552000"] {
        assert!(set.split("; ").any(|found| found == part), "{part}: {set}");
    }
    assert!(!set.contains("owner") && !set.contains("Secure"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    let attacker = site.visitor();
    assert_eq!(attacker.get_with("/admin", &[("cookie", &cookie)]).await.status, 303, "the cookie is not a session");
    for n in 0..4 {
        assert_eq!(try_sign_in("203.0.113.9", &attacker, OWNER, "wrong").await.status, 422, "{n}");
        assert_eq!(try_sign_in("203.0.113.9", &attacker, "other@example.com", "wrong").await.status, 422, "{n}");
    }
    let (number, rest) = cookie.split_once('=').unwrap().1.split_once('.').unwrap();
    let (until, signature) = rest.split_once('.').unwrap();
    let later = until.parse::<i64>().unwrap() + 1;
    let tries = [
        (OWNER, cookie.clone(), 303),
        ("Owner@Example.com", cookie.clone(), 303),
        ("other@example.com", cookie.clone(), 429),
        (OWNER, format!("browser={number}.{later}.{signature}"), 429),
        (OWNER, format!("browser=0{number}.{until}.{signature}"), 429),
        (OWNER, format!("browser={number}.{until}."), 429),
        (OWNER, "browser=".into(), 429),
    ];
    for (email, cookie, status) in tries {
        // The right password does not reset the count of the network.
        let headers = [("x-forwarded-for", "203.0.113.9"), ("cookie", cookie.as_str())];
        let (visitor, fields) = (site.visitor(), [("email", email), ("password", PASSWORD)]);
        let page = visitor.post_with("/admin/sign-in", &fields, &headers).await;
        assert_eq!(page.status, status, "{email} {cookie}");
    }
    site.advance_hours(180 * 24 + 1);
    for _ in 0..4 {
        assert_eq!(try_sign_in("203.0.113.9", &attacker, OWNER, "wrong").await.status, 422);
    }
    let headers = [("x-forwarded-for", "203.0.113.9"), ("cookie", cookie.as_str())];
    let page = site.visitor().post_with("/admin/sign-in", &[("email", OWNER), ("password", PASSWORD)], &headers).await;
    assert_eq!(page.status, 429, "the cookie has expired");
}

#[actix_web::test]
async fn known_browser_cookie_is_secure_over_https() {
    let site = Site::start_with(&["--base-url", "https://immigration.example"]).await;
    site.account(OWNER, Role::Admin).await;
    let page = site.visitor().post("/admin/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
    let set = cookie(&page, "__Secure-browser").unwrap();
    assert!(set.contains("; Secure") && set.contains("; HttpOnly"), "{set}");
}

#[actix_web::test]
async fn sign_in_overload_returns_429_and_keeps_the_email() {
    let site = site().await;
    let visitor = site.visitor();
    let tries = (0..150).map(|n| {
        let (address, email) = (format!("198.{}.{n}.1", 18 + n % 2), format!("n{n}@example.com"));
        let visitor = &visitor;
        async move { (try_sign_in(&address, visitor, &email, "wrong").await, email) }
    });
    let pages = futures_util::future::join_all(tries).await;
    let busy: Vec<_> = pages.iter().filter(|(page, _)| page.status == 429).collect();
    assert!(!busy.is_empty() && pages.iter().filter(|(page, _)| page.status == 422).count() >= 32);
    for (page, email) in busy {
        assert_eq!(page.header("retry-after"), "2");
        assert_eq!(page.first("[role=alert]"), "The server is busy. Wait 2 seconds and try again.");
        assert_eq!((page.field_value("email"), page.field_value("password")), (email.clone(), String::new()));
    }
    assert_eq!(try_sign_in("198.18.0.1", &visitor, OWNER, PASSWORD).await.status, 303);
}
