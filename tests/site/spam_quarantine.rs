//! Suspected spam is quarantined and shown to staff, never dropped.

use crate::support::{Page, Site, Visitor};

const SPAM: &str = "We offer SEO service and backlinks: https://a.example https://b.example https://c.example";
const PROXY: [&str; 4] = ["--staff-inbox", "inbox@example.com", "--trusted-proxies", "127.0.0.1"];

fn message<'a>(name: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("name", name), ("email", "ayesha@example.com"), ("message", text)]
}

async fn post_from(visitor: &Visitor, address: &str, fields: &[(&str, &str)]) -> Page {
    visitor.post_with("/contact", fields, &[("x-forwarded-for", address)]).await
}

async fn state(site: &Site) -> String {
    site.text("SELECT state FROM inquiries ORDER BY id DESC LIMIT 1").await
}

#[actix_web::test]
async fn spam_gets_a_normal_receipt_but_no_email() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let genuine = visitor.post_and_follow("/contact", &message("Ayesha", "Is my diploma enough?")).await;
    assert_eq!(site.emails().await.len(), 2);
    let spam = visitor.post_and_follow("/contact", &message("Seo Pro", SPAM)).await;
    assert_eq!((spam.status, site.emails().await.len()), (200, 2), "no e-mail");
    assert_eq!(state(&site).await, "quarantined");
    assert_eq!(spam.first("h1"), genuine.first("h1"));
    assert_eq!(
        spam.all("dl.submitted dd")[1],
        genuine.all("dl.submitted dd")[1],
        "the receipt does not reveal the quarantine"
    );
    assert_eq!(spam.all("article > p").len(), genuine.all("article > p").len());
    assert_eq!(spam.first("strong.reference"), "IE-2026-000002", "spam gets a reference, too");
    let why = site.text("SELECT spam_reasons FROM inquiries ORDER BY id DESC LIMIT 1").await;
    assert!(why.contains("Contains several links."), "{why}");
    assert_eq!(site.count("SELECT spam_score >= 100 FROM inquiries ORDER BY id DESC LIMIT 1").await, 1);
}

#[actix_web::test]
async fn filled_honeypot_field_marks_spam() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for path in ["/contact", "/apply"] {
        let page = visitor.get(path).await;
        assert_eq!(page.attributes("div[hidden] input", "name"), ["reply_code"], "{path}");
        assert_eq!(page.attributes("#reply_code", "autocomplete"), ["off"]);
        assert_eq!(page.attributes("#reply_code", "tabindex"), ["-1"]);
    }
    let mut fields = message("Ayesha", "Please call me");
    fields.push(("reply_code", "x"));
    assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    assert_eq!(state(&site).await, "quarantined");
}

#[actix_web::test]
async fn fast_submission_counts_only_with_other_spam_signals() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let key = visitor.get("/contact").await.field_value("form_token");
    let advertising = "Rank your website with us";
    for (name, text, expected) in [("Ayesha", "Please call me", "new"), ("Seo", advertising, "quarantined")] {
        let fields = [&message(name, text)[..], &[("form_token", key.as_str())]].concat();
        assert_eq!(visitor.post("/contact", &fields).await.status, 303);
        assert_eq!(state(&site).await, expected, "{text}");
    }
    site.advance_hours(24 * 30);
    let fields = [&message("Bilal", advertising)[..], &[("form_token", key.as_str())]].concat();
    assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    assert_eq!(state(&site).await, "new", "a form left open for a month still works");
}

#[actix_web::test]
async fn identical_text_from_many_people_is_not_quarantined() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let long = "I am interested in moving to Canada with my family. Please tell me the process and the fee.";
    for number in 1..=14 {
        let email = format!("person{number}@example.com");
        let fields = [("name", "Ali"), ("email", email.as_str()), ("message", long)];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303);
        assert_eq!(state(&site).await, "new", "{number}");
    }
    let why = site.text("SELECT spam_reasons FROM inquiries ORDER BY id DESC LIMIT 1").await;
    assert!(why.contains("Ten or more others sent the same message today."), "{why}");
}

#[actix_web::test]
async fn occupation_names_do_not_cause_quarantine() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for trade in ["SEO specialist", "Loan officer", "Casino dealer", "Crypto analyst", "Pharmacist (Viagra, Cialis)"] {
        let fields = [
            ("name", "Ayesha"),
            ("email", "ayesha@example.com"),
            ("phone", "0300 1234567"),
            ("residence", "Pakistan"),
            ("program", "Express Entry"),
            ("occupation", trade),
            ("message", "Which category am I in? I did SEO, backlinks and guest posts for a casino."),
            ("consent", "yes"),
        ];
        assert_eq!(visitor.post("/apply", &fields).await.status, 303);
        assert_eq!(state(&site).await, "new", "{trade}");
    }
    let spam = "SEO, backlinks and casino traffic for your website. Order now: https://seo.example";
    visitor.post("/contact", &message("Seo", spam)).await;
    assert_eq!(state(&site).await, "quarantined", "links with advertising count");
}

#[actix_web::test]
async fn form_over_the_rate_limit_keeps_input_and_shows_phone_numbers() {
    let site = Site::start_with(&[&PROXY[..], &["--form-limit", "3"]].concat()).await;
    let visitor = site.visitor();
    let texts = ["one", "two", "three", "four"];
    for text in &texts[..3] {
        assert_eq!(post_from(&visitor, "203.0.113.9", &message("Ayesha", text)).await.status, 303);
    }
    let page = post_from(&visitor, "203.0.113.77", &message("Ayesha Khan", texts[3])).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "900"), "the same network");
    page.assert_page_layout();
    assert_eq!(page.first("[role=alert] h2"), "Please try again later, or call us");
    assert_eq!(page.attributes("[role=alert] a", "href"), ["tel:+924235911332", "tel:+92518439995"]);
    assert_eq!(
        (page.field_value("name"), page.field_value("email")),
        ("Ayesha Khan".into(), "ayesha@example.com".into())
    );
    assert_eq!(page.field_value("message"), "four");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 3);
    assert_eq!(post_from(&visitor, "198.51.100.1", &message("Ayesha", texts[3])).await.status, 303, "another network");
    assert_eq!(
        post_from(&visitor, "203.0.113.9", &message("Ayesha", "one")).await.status,
        303,
        "a resubmission is not a new inquiry"
    );
    site.advance_hours(1);
    assert_eq!(post_from(&visitor, "203.0.113.9", &message("Ayesha", "five")).await.status, 303, "an hour later");
    let references = site.text("SELECT group_concat(reference) FROM inquiries").await;
    assert_eq!(references, "IE-2026-000001,IE-2026-000002,IE-2026-000003,IE-2026-000004,IE-2026-000005");
}

#[actix_web::test]
async fn form_limit_counts_localhost_only_when_set() {
    for (flags, last) in [(vec![], 303), (vec!["--form-limit", "5"], 429)] {
        let site = Site::start_with(&[&["--staff-inbox", "inbox@example.com"][..], &flags].concat()).await;
        let visitor = site.visitor();
        for number in 0..5 {
            let text = format!("Question {number}");
            assert_eq!(visitor.post("/contact", &message("Ayesha", &text)).await.status, 303);
        }
        assert_eq!(visitor.post("/contact", &message("Ayesha", "Another")).await.status, last, "{flags:?}");
        assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE network_hash <> ''").await > 0, last == 429);
        assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE state = 'quarantined'").await, 0);
    }
}

#[actix_web::test]
async fn full_database_returns_the_form_and_the_next_one_is_stored() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let pages = site.count("PRAGMA page_count").await;
    site.execute(&format!("PRAGMA max_page_count = {pages}")).await;
    let long = "My whole story. ".repeat(600);
    let mut kept = 0;
    let page = loop {
        let text = format!("{kept} {long}");
        // Quarantined, so that no e-mail is sent: the mail sender would be the first to find the database full.
        let fields = [&message("Ayesha", &text)[..], &[("reply_code", "x")]].concat();
        let page = visitor.post("/contact", &fields).await;
        if page.status != 303 {
            break page;
        }
        kept += 1;
        assert!(kept < 1_000, "the database did not fill up");
    };
    assert_eq!((page.status, page.field_value("name").as_str()), (503, "Ayesha"), "disk full");
    assert!(page.field_value("message").len() > 9_000);
    site.execute("PRAGMA max_page_count = 4294967294").await;
    assert_eq!(visitor.post("/contact", &message("Ayesha", &long)).await.status, 303, "without a restart");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, kept + 1);
}

#[actix_web::test]
async fn client_network_is_stored_as_a_hash_for_one_day() {
    let site = Site::start_with(&PROXY).await;
    let visitor = site.visitor();
    assert_eq!(post_from(&visitor, "203.0.113.9", &message("Ayesha", "one")).await.status, 303);
    let network = site.text("SELECT network_hash FROM inquiries").await;
    assert!(network.len() == 32 && network.bytes().all(|b| b.is_ascii_hexdigit()), "{network}");
    site.advance_hours(23);
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(site.text("SELECT network_hash FROM inquiries").await, network);
    site.advance_hours(2);
    site.running.jobs.run("inquiries").await.unwrap();
    assert_eq!(site.text("SELECT network_hash FROM inquiries").await, "");
}
