//! Phone numbers: parsing by country of residence, links, search and erasure.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

const APPLY: [(&str, &str); 6] = [
    ("name", "Ayesha"),
    ("email", "ayesha@example.com"),
    ("program", "Work permit"),
    ("message", "Hello"),
    ("consent", "yes"),
    ("citizenship", "Pakistan"),
];

/// Submits an application. Returns the path of the receipt.
async fn submit_application(visitor: &Visitor, phone: &str, residence: &str, more: &[(&str, &str)]) -> String {
    let fields = [&APPLY[..], &[("phone", phone), ("residence", residence)], more].concat();
    let page = visitor.post("/apply", &fields).await;
    assert_eq!(page.status, 303, "{phone} in {residence}: {}", page.text);
    page.location().to_owned()
}

async fn newest(site: &Site) -> String {
    site.text("SELECT phone_e164 FROM inquiries ORDER BY id DESC LIMIT 1").await
}

/// Phone and WhatsApp links of a page.
fn contact_links(page: &Page) -> Vec<String> {
    let mut links = page.attributes(".toolbar a", "href");
    links.retain(|href| href.starts_with("tel:") || href.starts_with("https://wa.me/"));
    links
}

async fn found(member: &Visitor, query: &str) -> Vec<String> {
    let page = member.get(&format!("/admin/inquiries?q={query}")).await;
    page.all("tbody th .reference")
}

#[actix_web::test]
async fn phone_numbers_are_parsed_for_the_country_of_residence() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (typed, residence, e164) in [
        ("055 234 5678", "U.A.E.", "+971552345678"),
        ("(306) 555-1234", "Canada", "+13065551234"),
        ("050 123 4567", "Riyadh, Saudi Arabia", "+966501234567"),
        ("98765 43210", "India", "+919876543210"),
        ("(202) 555-0123", "USA", "+12025550123"),
        ("07911 123456", "UK", "+447911123456"),
        ("5512 3456", "Doha", "+97455123456"),
        ("9212 3456", "Oman", "+96892123456"),
        ("50012345", "Kuwait", "+96550012345"),
        ("3600 1234", "Bahrain", "+97336001234"),
        ("01712-345678", "Bangladesh", "+8801712345678"),
        ("0803 123 4567", "Lagos, Nigeria", "+2348031234567"),
        ("0712 345678", "Kenya", "+254712345678"),
        ("0412 345 678", "Australia", "+61412345678"),
        ("0151 23456789", "Germany", "+4915123456789"),
        ("012-345 6789", "Kuala Lumpur", "+60123456789"),
        ("0300 1234567", "Dubai", "+923001234567"),
        ("0300 1234567 call after 6pm", "Pakistan", "+923001234567"),
        ("ask my brother", "Qatar", ""),
    ] {
        submit_application(&visitor, typed, residence, &[]).await;
        assert_eq!(newest(&site).await, e164, "{typed} in {residence}");
        let kept = site.text("SELECT phone FROM inquiries ORDER BY id DESC LIMIT 1").await;
        assert_eq!(kept, typed, "as entered");
    }
}

#[actix_web::test]
async fn staff_see_other_readings_of_an_ambiguous_phone_number() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit_application(&visitor, "055 234 5678", "Dubai", &[("whatsapp", "0300 1234567")]).await;
    let writer = site.staff(Role::Writer).await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(
        contact_links(&page),
        [
            "tel:+971552345678",
            "https://wa.me/971552345678",
            "tel:+92552345678",
            "https://wa.me/92552345678",
            "tel:+923001234567",
            "https://wa.me/923001234567"
        ]
    );
    let why = page.first(".toolbar .uncertain");
    assert!(why.contains("It was read as +971552345678 but could also be +92552345678."), "{why}");
    assert_eq!(page.all(".toolbar .uncertain").len(), 1, "the WhatsApp number is certain");
    let text = site.body("body_text", "inbox@example.com").await;
    let notice = "Phone (international): +971552345678 (uncertain: The number has no country code.";
    assert!(text.contains(notice), "{text}");
    let page = visitor.get(&receipt).await;
    assert!(page.text.contains("We read <bdi>055 234 5678</bdi> as +971 55 234 5678"), "{}", page.text);
    submit_application(&visitor, "+971 55 234 5679", "Dubai", &[]).await;
    let page = writer.get("/admin/inquiries/2").await;
    assert_eq!(contact_links(&page), ["tel:+971552345679", "https://wa.me/971552345679"]);
    assert!(page.all(".toolbar .uncertain").is_empty());
}

#[actix_web::test]
async fn two_phone_numbers_in_one_field_are_both_recognized() {
    let site = Site::start().await;
    submit_application(&site.visitor(), "0300 1234567 / 0321 7654321", "Lahore", &[]).await;
    let writer = site.staff(Role::Writer).await;
    let page = writer.get("/admin/inquiries/1").await;
    assert_eq!(
        contact_links(&page),
        ["tel:+923001234567", "https://wa.me/923001234567", "tel:+923217654321", "https://wa.me/923217654321"]
    );
    for query in ["0321+7654321", "%2B923217654321", "0300+1234567", "03217654321"] {
        assert_eq!(found(&writer, query).await, ["IE-2026-000001"], "{query}");
    }
    let text = site.body("body_text", "inbox@example.com").await;
    assert!(text.contains("Phone (international): +923001234567, +923217654321"), "{text}");
}

#[actix_web::test]
async fn search_and_erasure_match_every_reading_of_a_phone_number() {
    let site = Site::start().await;
    let visitor = site.visitor();
    submit_application(&visitor, "055 234 5678", "UAE", &[]).await;
    visitor.post("/contact", &[("name", "B"), ("phone", "055 234 5670"), ("message", "Hi")]).await;
    let admin = site.staff(Role::Admin).await;
    for query in ["%2B971552345678", "055+234+5678", "0552345678", "%2B92552345678", "971552345678"] {
        assert_eq!(found(&admin, query).await, ["IE-2026-000001"], "{query}");
        let page = admin.get(&format!("/admin/inquiries/people?q={query}")).await;
        assert_eq!(page.all("tbody th"), ["IE-2026-000001"], "{query}");
        let is_ticked = page.attributes("input[type=checkbox]", "checked").len() == 1;
        assert_eq!(is_ticked, query != "%2B92552345678", "{query}: uncertain matches are not selected");
    }
    // Without a residence, the number may belong to any country.
    for query in ["%2B971552345670", "%2B966552345670", "%2B92552345670", "0552345670"] {
        let page = admin.get(&format!("/admin/inquiries/people?q={query}")).await;
        assert_eq!(page.all("tbody th"), ["IE-2026-000002"], "{query}");
    }
    let fields = [("q", "+971 55 234 5678"), ("again", "+971552345678"), ("inquiry-1", "yes")];
    assert_eq!(admin.post("/admin/inquiries/people/erasure", &fields).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE id = 1").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM contact_numbers WHERE inquiry_id = 1").await, 0);
    assert!(site.count("SELECT count(*) FROM contact_numbers WHERE inquiry_id = 2").await > 0);
}

#[actix_web::test]
async fn matches_by_ambiguous_phone_are_marked_as_uncertain() {
    let site = Site::start().await;
    let visitor = site.visitor();
    submit_application(&visitor, "055 234 5678", "UAE", &[("email", "one@example.com")]).await;
    submit_application(&visitor, "+92 55 2345678", "Pakistan", &[("email", "two@example.com")]).await;
    submit_application(&visitor, "+92 300 7654321", "Pakistan", &[("email", "three@example.com")]).await;
    submit_application(&visitor, "0300 7654321", "Pakistan", &[("email", "four@example.com")]).await;
    let writer = site.staff(Role::Writer).await;
    for (id, other, is_uncertain) in
        [(1, "IE-2026-000002", true), (2, "IE-2026-000001", true), (3, "IE-2026-000004", false)]
    {
        let page = writer.get(&format!("/admin/inquiries/{id}")).await;
        let others = page.all("section[aria-labelledby=others] .rows > li > a");
        assert_eq!(others, [other], "{id}");
        let warns = page.first("section[aria-labelledby=others]").contains("Possibly a different person");
        assert_eq!(warns, is_uncertain, "{id}");
    }
    let page = writer.get("/admin/inquiries/people?q=055+234+5678").await;
    let ticked: Vec<String> = page.attributes("input[checked]", "name");
    assert_eq!(ticked, ["inquiry-2"], "read as a Pakistani number, it does not match");
    assert_eq!(page.all("tbody th").len(), 2);
}

#[actix_web::test]
async fn receipt_accepts_every_form_of_the_intended_phone_number() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (given, proof, is_proof) in [
        ("055 234 5678 (evenings)", "0552345678", true),
        ("055 234 5678", "+92 55 2345678", true),
        ("0300 1234567 / 0321 7654321", "+923217654321", true),
        ("0300 1234567 call after 6pm", "0300-1234567", true),
        ("0300 1234567", "0300 1234568", false),
    ] {
        let page = visitor.post("/contact", &[("name", "A"), ("phone", given), ("message", given)]).await;
        let receipt = page.location().to_owned();
        let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", proof)]).await;
        assert_eq!(page.status == 303, is_proof, "{given} by {proof}");
    }
    let receipt = submit_application(&visitor, "0300 1234567", "Dubai", &[]).await;
    let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", "ayesha@example.com")]).await;
    let access_token = visitor.get(page.location()).await.field_value("access_token");
    let fields = [
        ("access_token", access_token.as_str()),
        ("name", "Ayesha"),
        ("email", "ayesha@example.com"),
        ("phone", "055 234 5678"),
    ];
    assert_eq!(visitor.post(&format!("{receipt}/contact"), &fields).await.status, 303);
    assert_eq!(newest(&site).await, "+971552345678");
    let admin = site.staff(Role::Admin).await;
    let page = admin.get("/admin/inquiries/people?q=%2B923001234567").await;
    assert!(page.all("tbody th").contains(&"IE-2026-000006".to_owned()), "the previous number is found, too");
}
