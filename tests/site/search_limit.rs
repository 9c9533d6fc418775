//! Rate limit of all searches. Above it, no input is lost.

use crate::support::{Page, Site, Visitor};

const HERE: [(&str, &str); 1] = [("x-forwarded-for", "203.0.113.9")];
const ELSEWHERE: [(&str, &str); 1] = [("x-forwarded-for", "203.0.113.10")];

async fn site() -> Site {
    Site::start_with(&["--trusted-proxies", "127.0.0.1", "--staff-inbox", "inbox@example.com"]).await
}

async fn search_occupations(visitor: &Visitor, words: &str, from: &[(&str, &str)]) -> Page {
    let fields = [("name", "Amina"), ("message", "My story"), ("occupation", words), ("step", "occupation")];
    visitor.post_with("/apply", &fields, from).await
}

#[actix_web::test]
async fn occupation_lookup_counts_towards_the_search_limit() {
    let site = site().await;
    let visitor = site.visitor();
    for n in 0..30 {
        let page = match n % 3 {
            // A repeated search is a cached page and does not count.
            0 => visitor.get_with(&format!("/search?q=nurse+{n}"), &HERE).await,
            1 => visitor.get_with(&format!("/occupations?q=nurse+{n}"), &HERE).await,
            _ => search_occupations(&visitor, "nurse", &HERE).await,
        };
        assert_eq!(page.status, 200, "{n}");
    }
    let page = search_occupations(&visitor, "truck driver", &HERE).await;
    assert_eq!((page.status, page.header("retry-after"), page.header("cache-control")), (429, "1", "no-store"));
    assert!(page.first("#occupation-error").contains("Wait 1 second, or leave your own words"), "{}", page.text);
    assert_eq!(page.field_value("occupation"), "truck driver");
    assert_eq!((page.field_value("name"), page.field_value("message")), ("Amina".into(), "My story".into()));
    for path in ["/search?q=another", "/occupations?q=another"] {
        assert_eq!(visitor.get_with(path, &HERE).await.status, 429, "{path}");
    }
    assert_eq!(search_occupations(&visitor, "nurse", &ELSEWHERE).await.status, 200, "a neighbour");
    assert_eq!(search_occupations(&visitor, "31301", &HERE).await.status, 200, "a code is found without a search");
}

#[actix_web::test]
async fn application_is_accepted_above_the_search_limit() {
    let site = site().await;
    let visitor = site.visitor();
    let application = [
        ("name", "Amina"),
        ("email", "amina@example.com"),
        ("phone", "+92 300 1234567"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("occupation", "registered nurse"),
        ("occupation_choice", "31301"),
        ("message", "My story"),
        ("consent", "yes"),
    ];
    for _ in 0..31 {
        search_occupations(&visitor, "nurse", &HERE).await;
    }
    let page = visitor.post_with("/apply", &application, &HERE).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let receipt = page.location().to_owned();
    assert_eq!(visitor.get_with(&receipt, &HERE).await.status, 200, "the receipt shows no suggestions");
    assert_eq!(site.text("SELECT occupation FROM inquiries").await, "registered nurse");
}

#[actix_web::test]
async fn reopening_a_receipt_counts_towards_the_search_limit() {
    let site = site().await;
    let visitor = site.visitor();
    let application = [
        ("name", "Amina"),
        ("email", "amina@example.com"),
        ("phone", "+92 300 1234567"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("occupation", "nurse"),
        ("consent", "yes"),
    ];
    let receipt = visitor.post_with("/apply", &application, &HERE).await.location().to_owned();
    let choices = async || visitor.get_with(&receipt, &HERE).await.all("button[name=noc], input[name=noc]").len();
    assert!(choices().await > 0);
    for _ in 0..30 {
        choices().await;
    }
    assert_eq!(choices().await, 0);
    assert_eq!(visitor.get_with("/search?q=nurse", &HERE).await.status, 429);
}

#[actix_web::test]
async fn many_ipv6_networks_do_not_block_search_for_others() {
    let site = site().await;
    let visitor = site.visitor();
    let mut taken = 0;
    for n in 0..600 {
        let (path, address) = (format!("/search?q=word{n}"), format!("2001:db8:{n:x}::1"));
        taken += usize::from(visitor.get_with(&path, &[("x-forwarded-for", &address)]).await.status == 200);
    }
    assert!((480..500).contains(&taken), "{taken}");
    for other in ["203.0.113.9", "2a02:db8::1"] {
        let page = visitor.get_with("/search?q=others", &[("x-forwarded-for", other)]).await;
        assert_eq!(page.status, 200, "{other}");
    }
}
