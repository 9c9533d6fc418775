//! Receipt lookup by reference and e-mail address, and the link to it in the confirmation e-mail.

use crate::support::Site;

const CONTACT: [(&str, &str); 3] = [("name", "Ayesha Khan"), ("email", "ayesha@example.com"), ("message", "My secret")];

#[actix_web::test]
async fn receipt_is_found_by_reference_and_email_address() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = visitor.post("/contact", &CONTACT).await.location().to_owned();
    site.advance_hours(48);
    let page = visitor.get("/receipts?reference=IE-2026-000001").await;
    assert_eq!((page.status, page.first("h1").as_str()), (200, "Check your status"));
    assert_eq!(page.field_value("reference"), "IE-2026-000001");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(!page.text.contains("Ayesha") && !page.text.contains("secret"), "{}", page.text);
    for reference in ["IE-2026-000001", "ie 2026 1"] {
        let found =
            visitor.post_and_follow("/receipts", &[("reference", reference), ("address", "Ayesha@Example.com")]).await;
        assert_eq!(found.path, receipt);
        assert!(found.first("article").contains("My secret"), "{}", found.text);
    }
    assert!(visitor.get("/contact").await.attributes("main a", "href").contains(&"/receipts".to_owned()));
}

#[actix_web::test]
async fn wrong_reference_and_wrong_address_look_the_same() {
    let site = Site::start().await;
    let visitor = site.visitor();
    visitor.post("/contact", &CONTACT).await;
    let mismatch = "Error: No inquiry has this reference and this e-mail address. Check both.";
    for (reference, address, field, message) in [
        ("IE-2026-000001", "other@example.com", "reference", mismatch),
        ("IE-2026-000002", "ayesha@example.com", "reference", mismatch),
        ("IE-2026", "ayesha@example.com", "reference", "Error: Enter your reference, such as IE-2026-000123."),
        ("IE-2026-000001", "", "address", "Error: Enter the e-mail address that you gave in the form."),
    ] {
        let page = visitor.post("/receipts", &[("reference", reference), ("address", address)]).await;
        assert_eq!((page.status, page.first(&format!("#{field}-error")).as_str()), (422, message), "{reference}");
        assert_eq!((page.field_value("reference"), page.field_value("address")), (reference.into(), address.into()));
    }
    site.execute("UPDATE inquiries SET trashed_at = received_at, trash_reason = 'staff'").await;
    site.advance_hours(1);
    let asked = [("reference", "IE-2026-000001"), ("address", "ayesha@example.com")];
    assert_eq!(visitor.post("/receipts", &asked).await.first("#reference-error"), mismatch);
}

#[actix_web::test]
async fn guessing_the_address_of_a_reference_is_rate_limited() {
    let site = Site::start().await;
    let visitor = site.visitor();
    visitor.post("/contact", &CONTACT).await;
    let mut last = 422;
    for number in 0..10 {
        let address = format!("guess{number}@example.com");
        last = visitor.post("/receipts", &[("reference", "IE-2026-000001"), ("address", &address)]).await.status;
    }
    assert_eq!(last, 429);
}

#[actix_web::test]
async fn guessing_the_reference_of_an_address_is_rate_limited() {
    let site = Site::start().await;
    site.visitor().post("/contact", &CONTACT).await;
    let visitor = site.visitor();
    let mut last = 422;
    for number in 100..106 {
        let reference = format!("IE-2026-{number:06}");
        let asked = [("reference", &*reference), ("address", "Ayesha@example.com")];
        last = visitor.post("/receipts", &asked).await.status;
    }
    assert_eq!(last, 429);
}

#[actix_web::test]
async fn form_from_another_site_is_shown_again() {
    let site = Site::start().await;
    let asked = [("reference", "IE-2026-000001"), ("address", "ayesha@example.com")];
    let page = site.visitor().post_with("/receipts", &asked, &[("origin", "https://translate.example")]).await;
    assert_eq!((page.status, page.field_value("reference").as_str()), (403, "IE-2026-000001"));
}

#[actix_web::test]
async fn confirmation_names_the_kind_and_the_initials_and_leads_to_the_address_check() {
    let site = Site::start().await;
    let visitor = site.visitor();
    visitor.post("/contact", &CONTACT).await;
    let application = [
        ("name", "Buy pills at www.example.org"),
        ("email", "bilal@example.com"),
        ("residence", "Pakistan"),
        ("program", "express_entry"),
        ("consent", "yes"),
    ];
    visitor.post("/apply", &application).await;
    for (recipient, noun, greeting, reference) in [
        ("ayesha@example.com", "message", "Hello A. K.,", "IE-2026-000001"),
        ("bilal@example.com", "application", "Hello B. O.,", "IE-2026-000002"),
    ] {
        let subject = format!("We have received your {noun} ({reference})");
        assert_eq!(site.body("subject", recipient).await, subject);
        for column in ["body_text", "body_html"] {
            let body = site.body(column, recipient).await;
            assert!(body.contains(&format!("We have received your {noun}.")) && body.contains(greeting), "{body}");
            let link = format!("{}/receipts?reference={reference}", site.base);
            assert!(body.contains(&link), "{body}");
            for word in ["Ayesha", "Khan", "secret", "pills", "www."] {
                assert!(!body.contains(word), "{word}: {body}");
            }
            let token = site.text("SELECT group_concat(receipt_token) FROM inquiries").await;
            assert!(token.split(',').all(|token| !body.contains(token)), "the secret link stays on the receipt page");
        }
    }
    let receipt = site.text("SELECT receipt_token FROM inquiries WHERE id = 2").await;
    let receipt = visitor.get(&format!("/receipts/{receipt}")).await;
    assert!(receipt.first("article").contains("we still have your application"), "{}", receipt.text);
}

#[actix_web::test]
async fn phone_number_is_recognised_with_and_without_the_country_code() {
    let pakistani =
        ["0321 7654321", "+92 321 7654321", "0092321-7654321", "92 321 7654321", "3217654321", "۰۳۲۱ ۷۶۵۴۳۲۱"];
    let french = ["+33 6 12 34 56 78", "0033612345678", "06 12 34 56 78", "612345678"];
    for (residence, spellings) in [
        ("", &pakistani[..]),
        ("Pakistan", &pakistani),
        ("Canada", &pakistani),
        ("United Kingdom", &pakistani),
        ("Canada", &french),
    ] {
        for given in spellings {
            let site = Site::start().await;
            let visitor = site.visitor();
            let fields = [("name", "Ayesha"), ("phone", *given), ("message", "Hello")];
            visitor.post("/contact", &fields).await;
            let residence = format!("UPDATE inquiries SET residence = '{residence}'");
            site.execute(&residence).await;
            site.advance_hours(2);
            for typed in spellings {
                let asked = [("reference", "IE-2026-000001"), ("address", *typed)];
                let page = visitor.post("/receipts", &asked).await;
                assert_eq!(page.status, 303, "{residence}: {given} and {typed}");
            }
            for other in ["0321 7654322", "+92 321 765432", "06 12 34 56 79", "7654321", "0"] {
                let asked = [("reference", "IE-2026-000001"), ("address", other)];
                assert_eq!(visitor.post("/receipts", &asked).await.status, 422, "{given} and {other}");
                site.advance_hours(1);
            }
        }
    }
}
