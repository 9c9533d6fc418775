//! Receipts: what they show without confirmation, and the daily limit of changes.

use jiff::SignedDuration;

use crate::support::{Site, Visitor};

const APPLY: [(&str, &str); 9] = [
    ("name", "Zarqa Unmistakable"),
    ("email", "zarqa@example.com"),
    ("phone", "0300 7654321"),
    ("residence", "Pakistan"),
    ("program", "express_entry"),
    ("occupation", "staff nurse"),
    ("english_test", "IELTS perplexing"),
    ("message", "My brother’s refusal."),
    ("consent", "yes"),
];

async fn sent(visitor: &Visitor) -> String {
    let page = visitor.post("/apply", &APPLY).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

async fn access_token(visitor: &Visitor, receipt: &str) -> String {
    let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", "zarqa@example.com")]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    visitor.get(page.location()).await.field_value("access_token")
}

#[actix_web::test]
async fn receipt_hides_name_and_message_after_an_hour_until_verified() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = sent(&visitor).await;
    let fresh = visitor.get(&receipt).await.first("article");
    assert!(fresh.contains("Zarqa Unmistakable") && fresh.contains("My brother’s refusal."), "{fresh}");
    site.advance_hours(1);
    let wrong = visitor.post(&format!("{receipt}/confirmation"), &[("address", "other@example.com")]).await;
    for page in [visitor.get(&receipt).await, visitor.get(&format!("{receipt}?access_token=ffffffff")).await, wrong] {
        for secret in ["Zarqa", "refusal", "perplexing", "nurse", "zarqa@", "0300 76"] {
            assert!(!page.text.contains(secret), "{secret}: {}", page.text);
        }
        assert_eq!(page.first("strong.reference"), "IE-2026-000001");
        assert_eq!(page.all("dl.submitted dd")[1], "Received. A member of staff will read it.");
        assert!(page.first("article").contains("z•••@example.com"), "hint at the address: {}", page.text);
    }
    let access_token = access_token(&visitor, &receipt).await;
    let shown = visitor.get(&format!("{receipt}?access_token={access_token}")).await.first("article");
    assert!(shown.contains("Zarqa Unmistakable") && shown.contains("My brother’s refusal."), "{shown}");
    site.advance_hours(1);
    let later = visitor.get(&format!("{receipt}?access_token={access_token}")).await;
    assert!(!later.text.contains("Zarqa"), "access holds for one hour");
}

#[actix_web::test]
async fn address_of_an_opened_receipt_is_no_lasting_key() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = sent(&visitor).await;
    site.advance_hours(2);
    let confirmation = [("address", "zarqa@example.com")];
    let opened = visitor.post(&format!("{receipt}/confirmation"), &confirmation).await.location().to_owned();
    let reference = [("reference", "IE-2026-000001"), ("address", "zarqa@example.com")];
    let found = visitor.post("/receipts", &reference).await.location().to_owned();
    let form = visitor.get(&opened).await.field_value("access_token");
    let typed = [("access_token", &*form), ("name", "Zarqa New"), ("email", "zarqa@example.com"), ("phone", "")];
    let corrected = visitor.post(&format!("{receipt}/contact"), &typed).await.location().to_owned();
    for address in [&opened, &found, &corrected] {
        assert!(visitor.get(address).await.text.contains("Zarqa"), "{address}");
    }
    site.clock.advance(SignedDuration::from_mins(3));
    for address in [&opened, &found, &corrected] {
        let page = visitor.get(address).await;
        assert!(!page.text.contains("Zarqa") && page.all("input[name=access_token]").is_empty(), "{address}");
    }
    // A page that is still open works for an hour.
    assert_eq!(visitor.post(&format!("{receipt}/contact"), &typed).await.status, 303);
    assert_eq!(visitor.get(&format!("{receipt}.json?access_token={form}")).await.status, 200);
}

#[actix_web::test]
async fn receipt_from_a_future_clock_does_not_stay_open() {
    let site = Site::start().await;
    let visitor = site.visitor();
    site.clock.set("2050-01-01T09:00:00Z".parse().unwrap());
    let receipt = sent(&visitor).await;
    site.clock.set("2026-11-22T09:00:00Z".parse().unwrap());
    assert!(!visitor.get(&receipt).await.text.contains("Zarqa"));
}

#[actix_web::test]
async fn receipt_allows_ten_changes_a_day() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = sent(&visitor).await;
    let access_token = access_token(&visitor, &receipt).await;
    for number in 1..=5 {
        let name = format!("Zarqa {number}");
        let fields = [("name", name.as_str()), ("email", "zarqa@example.com"), ("access_token", &access_token)];
        assert_eq!(visitor.post(&format!("{receipt}/contact"), &fields).await.status, 303);
    }
    let mut statuses = vec![];
    for number in 0..200 {
        let noc = if number % 2 == 0 { "31301" } else { "32101" };
        statuses.push(visitor.post(&format!("{receipt}/occupation"), &[("noc", noc)]).await.status);
    }
    assert_eq!((&statuses[..6], statuses[199]), (&[303, 303, 303, 303, 303, 429][..], 429));
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events WHERE actor = 'visitor'").await, 11);
    let fields = [("name", "Zarqa 9"), ("email", "z9@example.com"), ("access_token", access_token.as_str())];
    let page = visitor.post(&format!("{receipt}/contact"), &fields).await;
    assert_eq!((page.status, page.field_value("email").as_str()), (429, "z9@example.com"), "one limit for all changes");
    let page = visitor.post(&format!("{receipt}/occupation"), &[("noc", "32101")]).await;
    assert_eq!(page.first("[role=alert] h2"), "Too many changes today");
    // Withdrawal is always possible, and happens only once.
    let withdrawal = [("sure", "yes"), ("access_token", access_token.as_str())];
    assert_eq!(visitor.post(&format!("{receipt}/withdrawal"), &withdrawal).await.status, 303);
    assert_eq!(site.text("SELECT state FROM inquiries").await, "withdrawn");
}

#[actix_web::test]
async fn email_suggestion_over_the_limit_is_not_reported_as_saved() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let fields = [("name", "A"), ("email", "a@gmial.com"), ("message", "Hello")];
    let receipt = visitor.post("/contact", &fields).await.location().to_owned();
    site.execute(
        "INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note)
         SELECT 1, '2026-11-22T09:00:00Z', 'visitor', 'corrected', value FROM json_each('[1,2,3,4,5,6,7,8,9,10]')",
    )
    .await;
    let page = visitor.post(&format!("{receipt}/address"), &[("email", "a@gmail.com")]).await;
    assert_eq!(page.status, 429, "{}", page.text);
    assert_eq!(site.text("SELECT email FROM inquiries").await, "a@gmial.com");
}
