//! Contact and application forms: validation, storage, e-mails and duplicates.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use immigration_experts::staff::Role;
use jiff::{SignedDuration, Timestamp};

use crate::support::{Page, Site, Visitor};

type Fields<'a> = Vec<(&'a str, &'a str)>;

const CONTACT: [(&str, &str); 5] = [
    ("name", "Zaynab O'Neil"),
    ("email", "zaynab@example.com"),
    ("phone", "+92 300 1234567"),
    ("message", "Is my diploma enough?\nI am a nurse."),
    ("form_token", "0123456789abcdef0123456789abcdef"),
];

const APPLY: [(&str, &str); 17] = [
    ("name", "محمد Ali"),
    ("email", "ali@example.com"),
    ("phone", "0300 7654321"),
    ("whatsapp", "0301 1111111"),
    ("residence", "Pakistan"),
    ("citizenship", "Pakistani"),
    ("age", "29"),
    ("program", "Express Entry"),
    ("occupation", "31301"),
    ("education", "Bachelor’s degree"),
    ("experience_years", "4"),
    ("english_test", "IELTS 7.5"),
    ("french_test", "TEF Canada B2"),
    ("crs", "470"),
    ("message", "As soon as possible."),
    ("consent", "yes"),
    ("form_token", "fedcba9876543210fedcba9876543210"),
];

/// The fields with another value in one of them.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Fields<'a> {
    assert!(fields.iter().any(|(field, _)| *field == name), "no field {name}");
    fields.iter().map(|(field, old)| (*field, if *field == name { value } else { old })).collect()
}

/// Asserts that the form is shown with exactly these errors, each beside its field and in the summary.
#[track_caller]
fn assert_refused(page: &Page, messages: &[(&str, &str)]) {
    assert_eq!(page.status, 422, "{}", page.text);
    page.assert_page_layout();
    assert!(page.first("title").starts_with("Error: "), "{}", page.first("title"));
    assert_eq!(page.header("cache-control"), "no-store");
    let fields: Vec<String> = messages.iter().map(|(field, _)| format!("#{field}")).collect();
    assert_eq!(page.attributes("[role=alert] a", "href"), fields);
    assert_eq!(page.all(".field .error").len(), messages.len());
    assert_eq!(page.all("[aria-invalid=true]").len(), messages.len());
    for (field, message) in messages {
        assert_eq!(page.first(&format!("[role=alert] a[href='#{field}']")), *message);
        assert_eq!(page.first(&format!("#{field}-error")), format!("Error: {message}"));
        assert_eq!(page.attributes(&format!("#{field}"), "aria-invalid"), ["true"], "{field}");
        let described = page.attributes(&format!("#{field}"), "aria-describedby").join(" ");
        assert!(described.split(' ').any(|id| id == format!("{field}-error")), "{field}: {described}");
        assert_eq!(page.attributes(&format!("#{field}"), "name"), [*field], "the summary links to the field");
    }
}

/// Submits a form that must be accepted. Returns the path of the receipt.
async fn submit_accepted(visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = visitor.post(path, fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.location().to_owned()
}

async fn reference(visitor: &Visitor, receipt: &str) -> String {
    visitor.get(receipt).await.first("strong.reference")
}

#[actix_web::test]
async fn every_field_of_both_forms_has_a_visible_label() {
    let site = Site::start().await;
    for (path, fields) in [("/contact", &CONTACT[..]), ("/apply", &APPLY[..])] {
        let page = site.visitor().get(path).await;
        for (name, _) in fields.iter().filter(|(name, _)| *name != "form_token") {
            assert_eq!(page.attributes(&format!("#{name}"), "name"), [*name]);
            assert!(!page.first(&format!("label[for={name}]")).is_empty(), "{path}: {name}");
        }
        assert_eq!(page.attributes("main form", "action"), [path]);
        assert_eq!(page.all(".error, [aria-invalid], [role=alert]"), Vec::<String>::new());
        assert_eq!(page.field_value("form_token").len(), 32);
        assert_ne!(page.field_value("form_token"), site.visitor().get(path).await.field_value("form_token"));
    }
}

#[actix_web::test]
async fn empty_contact_form_shows_an_error_for_each_field() {
    let site = Site::start().await;
    let page = site.visitor().post("/contact", &[]).await;
    assert_refused(
        &page,
        &[
            ("name", "Enter your name."),
            ("email", "Enter an e-mail address or a phone number so that we can answer you."),
            ("message", "Enter your message."),
        ],
    );
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
}

#[actix_web::test]
async fn empty_application_shows_an_error_for_each_field() {
    let site = Site::start().await;
    let page = site.visitor().post("/apply", &[]).await;
    assert_refused(
        &page,
        &[
            ("name", "Enter your name."),
            ("email", "Enter an e-mail address or a phone number so that we can answer you."),
            ("residence", "Enter the country you live in."),
            ("program", "Choose what you would like to apply for."),
            ("consent", "Tick the box to agree that we may store and use your details."),
        ],
    );
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn each_missing_field_shows_only_its_own_error() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for name in ["name", "message"] {
        let page = visitor.post("/contact", &with(&CONTACT, name, " \t ")).await;
        assert_refused(&page, &[(name, &page.first(&format!("[role=alert] a[href='#{name}']")))]);
    }
    for name in ["name", "residence", "program", "consent"] {
        let page = visitor.post("/apply", &with(&APPLY, name, "")).await;
        assert_refused(&page, &[(name, &page.first(&format!("[role=alert] a[href='#{name}']")))]);
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

#[actix_web::test]
async fn invalid_form_keeps_every_entered_value() {
    let site = Site::start().await;
    let unusual = "A & \"B\" <i>'x'</i> ä 🍁 علی";
    let contact = [("name", ""), ("email", unusual), ("phone", unusual), ("message", unusual), CONTACT[4]];
    let page = site.visitor().post("/contact", &contact).await;
    assert_eq!(page.status, 422);
    for (name, value) in contact {
        assert_eq!(page.field_value(name), value, "{name}");
    }
    let apply: Fields = APPLY.iter().map(|(name, _)| (*name, unusual)).collect();
    let page = site.visitor().post("/apply", &apply).await;
    assert_eq!(page.status, 422);
    for (name, value) in apply.iter().filter(|(name, _)| !matches!(*name, "consent" | "form_token")) {
        assert_eq!(page.field_value(name), *value, "{name}");
    }
    assert_eq!(page.all("#consent[checked]").len(), 1);
    assert_eq!(page.all("main i"), Vec::<String>::new());
    let page = site.visitor().post("/apply", &with(&with(&APPLY, "name", ""), "consent", "")).await;
    assert_eq!(
        (page.field_value("program"), page.field_value("education")),
        ("Express Entry".into(), "Bachelor’s degree".into())
    );
    assert_eq!(page.all("#consent[checked]").len(), 0);
}

#[actix_web::test]
async fn contact_form_needs_a_valid_email_or_a_phone() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for email in ["zaynab", "zaynab@", "@example.com", "a b@example.com", "a@b", "a@example.com, b@example.com"] {
        let page = visitor.post("/contact", &with(&CONTACT, "email", email)).await;
        assert_refused(&page, &[("email", "Enter an e-mail address in the form name@example.com.")]);
        let page = visitor.post("/apply", &with(&APPLY, "email", email)).await;
        assert_refused(&page, &[("email", "Enter an e-mail address in the form name@example.com.")]);
    }
    submit_accepted(&visitor, "/contact", &with(&CONTACT, "email", "")).await;
    submit_accepted(&visitor, "/contact", &with(&CONTACT, "phone", "")).await;
    submit_accepted(&visitor, "/contact", &with(&CONTACT, "phone", "call my uncle, shop no. 5")).await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 3);
    assert_eq!(site.text("SELECT phone FROM inquiries WHERE id = 3").await, "call my uncle, shop no. 5");
}

#[actix_web::test]
async fn length_limits_count_characters_of_any_script() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (path, fields, name, most) in [
        ("/contact", &CONTACT[..], "name", 200),
        ("/contact", &CONTACT[..], "phone", 100),
        ("/contact", &CONTACT[..], "message", 10_000),
        ("/apply", &APPLY[..], "name", 200),
        ("/apply", &APPLY[..], "whatsapp", 100),
        ("/apply", &APPLY[..], "residence", 100),
        ("/apply", &APPLY[..], "citizenship", 100),
        ("/apply", &APPLY[..], "occupation", 200),
        ("/apply", &APPLY[..], "english_test", 200),
        ("/apply", &APPLY[..], "french_test", 200),
        ("/apply", &APPLY[..], "message", 10_000),
    ] {
        let page = visitor.post(path, &with(fields, name, &"ک".repeat(most + 1))).await;
        assert_eq!(page.status, 422, "{path} {name}");
        assert_eq!(page.attributes("[role=alert] a", "href"), [format!("#{name}")]);
        submit_accepted(&visitor, path, &with(fields, name, &"ک".repeat(most))).await;
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 11);
    assert_eq!(site.count("SELECT max(length(message)) FROM inquiries").await, 10_000);
}

#[actix_web::test]
async fn accepted_form_redirects_to_a_receipt_with_its_content() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (path, fields, expected, noun) in
        [("/contact", &CONTACT[..], 4, "message"), ("/apply", &APPLY[..], 15, "application")]
    {
        let receipt = submit_accepted(&visitor, path, fields).await;
        let token = receipt.strip_prefix("/receipts/").unwrap();
        assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
        let page = visitor.get(&receipt).await;
        assert_eq!(page.status, 200);
        page.assert_page_layout();
        assert_eq!(page.first("h1"), format!("Thank you. We’ve received your {noun}"));
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("x-robots-tag"), "noindex");
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
        assert_eq!(page.attributes("link[rel=canonical], meta[property='og:url']", "href"), Vec::<String>::new());
        let shown = page.all("dl.submitted")[1].clone();
        assert_eq!(page.attributes("dl.submitted dd", "dir").len(), expected);
        for (name, value) in fields.iter().filter(|(name, _)| !matches!(*name, "form_token" | "consent")) {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(shown.contains(&value), "{name}: {shown}");
        }
        assert_eq!(page.all("dl.submitted dd")[1], "Received. A member of staff will read it.");
        assert_eq!(page.attributes("dl.submitted time", "datetime"), ["2026-11-22T09:00:00Z"]);
        assert_eq!(page.all("dl.submitted dd")[0], "November 22, 2026, 2:00 p.m. (Pakistan time)");
    }
    assert_eq!(site.text("SELECT group_concat(reference) FROM inquiries").await, "IE-2026-000001,IE-2026-000002");
    assert_eq!(site.text("SELECT group_concat(kind) FROM inquiries").await, "contact,apply");
    assert_eq!(site.text("SELECT consent_at FROM inquiries WHERE kind = 'apply'").await, "2026-11-22T09:00:00Z");
    assert_eq!(site.count("SELECT consent_at IS NULL FROM inquiries WHERE kind = 'contact'").await, 1);
    assert_eq!(visitor.get("/receipts/0123456789abcdef0123456789abcdef").await.status, 404);
}

#[actix_web::test]
async fn staff_and_visitor_are_emailed_and_replies_reach_the_visitor() {
    let site = Site::start_with(&["--staff-inbox", "lahore@example.com, islamabad@example.com"]).await;
    submit_accepted(&site.visitor(), "/contact", &CONTACT).await;
    let emails = site.emails().await;
    let recipients: Vec<&str> = emails.iter().flat_map(|email| &email.recipients).map(String::as_str).collect();
    assert_eq!(recipients, ["lahore@example.com", "islamabad@example.com", "zaynab@example.com"]);
    for email in &emails {
        let head = email.source.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("Content-Type: multipart/alternative;"), "{head}");
        assert!(head.contains(&format!("To: {}", email.recipients[0])), "{head}");
        let at = |part: &str| email.source.find(part).unwrap_or_else(|| panic!("no {part} in {}", email.source));
        assert!(at("Content-Type: text/plain; charset=utf-8") < at("Content-Type: text/html; charset=utf-8"));
    }
    for email in &emails[..2] {
        assert!(email.source.contains("\r\nReply-To: zaynab@example.com\r\n"), "{}", email.source);
        assert!(email.source.contains("Subject: Message from Zaynab O'Neil (IE-2026-000001)"), "{}", email.source);
    }
    let own = &emails[2].source;
    assert!(own.contains("Subject: We have received your message (IE-2026-000001)"), "{own}");
    assert!(own.contains("\r\nReply-To: lahore@example.com\r\n"), "{own}");
    for column in ["body_text", "body_html"] {
        let staff = site.body(column, "lahore@example.com").await;
        for part in ["Zaynab O", "zaynab@example.com", "+92 300 1234567", "Is my diploma enough?", "/admin/inquiries/1"]
        {
            assert!(staff.contains(part), "{part}: {staff}");
        }
        let own = site.body(column, "zaynab@example.com").await;
        for part in ["IE-2026-000001", "042 35911332", "Immigration Experts"] {
            assert!(own.contains(part), "{part}: {own}");
        }
        assert!(!own.contains("/receipts/"), "the owner of a mistyped address must not see the inquiry: {own}");
    }
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent' AND inquiry_id = 1").await, 3);
}

#[actix_web::test]
async fn acknowledgement_repeats_nothing_the_visitor_wrote() {
    let site = Site::start().await;
    let mut fields: Fields = APPLY.iter().map(|(name, _)| (*name, "buypills")).collect();
    for (name, value) in [("email", "victim@example.com"), ("age", "29"), ("experience_years", "3"), ("crs", "400")] {
        fields = with(&fields, name, value);
    }
    submit_accepted(&site.visitor(), "/apply", &fields).await;
    submit_accepted(&site.visitor(), "/contact", &[fields[0], fields[1], ("message", "buypills")]).await;
    let emails = site.emails().await;
    let own: Vec<_> = emails.iter().filter(|email| email.recipients == ["victim@example.com"]).collect();
    assert_eq!((emails.len(), own.len()), (4, 2));
    let kept =
        "SELECT group_concat(subject || body_text || body_html) FROM outbox WHERE recipient = 'victim@example.com'";
    assert!(!site.text(kept).await.contains("pills"));
    assert!(site.text("SELECT body_text FROM outbox WHERE recipient = 'inbox@example.com'").await.contains("buypills"));
    assert!(own.iter().all(|email| !email.source.contains("buypills")));
}

#[actix_web::test]
async fn visitor_with_only_a_phone_gets_no_email() {
    let site = Site::start().await;
    let receipt = submit_accepted(&site.visitor(), "/contact", &with(&CONTACT, "email", "")).await;
    let emails = site.emails().await;
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0].recipients, ["inbox@example.com"]);
    assert!(!emails[0].source.contains("Reply-To"));
    assert!(!site.visitor().get(&receipt).await.text.contains("confirmation to"));
}

#[actix_web::test]
async fn inquiry_and_emails_are_stored_in_one_transaction() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for table in ["outbox", "inquiry_events"] {
        site.execute(&format!(
            "CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full disk'); END"
        ))
        .await;
        let page = visitor.post("/contact", &CONTACT).await;
        assert_eq!(page.status, 503);
        page.assert_page_layout();
        assert_eq!(page.first("[role=alert] h2"), "We could not save this");
        assert_eq!(page.all("[role=alert] a"), ["042 35911332", "051 8439995"]);
        assert_eq!((page.header("retry-after"), page.header("cache-control")), ("120", "no-store"));
        for (name, value) in CONTACT {
            assert_eq!(page.field_value(name).replace(' ', "\n"), value.replace(' ', "\n"), "{name}");
        }
        assert!(!page.text.contains("full disk") && !page.text.contains("trigger"), "{}", page.text);
        for count in [
            "SELECT count(*) FROM inquiries",
            "SELECT count(*) FROM inquiry_events",
            "SELECT count(*) FROM reference_counters",
            "SELECT count(*) FROM outbox",
        ] {
            assert_eq!(site.count(count).await, 0, "{count}");
        }
        site.execute("DROP TRIGGER broken").await;
    }
    let receipt = submit_accepted(&visitor, "/contact", &CONTACT).await;
    assert_eq!(reference(&visitor, &receipt).await, "IE-2026-000001");
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn concurrent_duplicates_make_one_inquiry() {
    let site = Site::start().await;
    let visitors: Vec<Visitor> = (0..12).map(|_| site.visitor()).collect();
    let receipts = join_all(visitors.iter().map(|visitor| submit_accepted(visitor, "/apply", &APPLY))).await;
    assert_eq!(receipts.iter().collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 1);
    assert_eq!(site.emails().await.len(), 2);
    assert_eq!(site.text("SELECT group_concat(kind) FROM inquiry_events").await, "received");
}

#[actix_web::test]
async fn one_failed_insert_does_not_affect_the_rest_of_the_batch() {
    let site = Site::start().await;
    site.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON inquiries WHEN new.name = 'Broken' BEGIN SELECT RAISE(ABORT, 'broken'); END",
    )
    .await;
    let names: Vec<String> =
        (0..24).map(|n| if n % 8 == 5 { "Broken".into() } else { format!("Visitor {n} “\\”") }).collect();
    let visitor = site.visitor();
    let answers =
        join_all(names.iter().map(async |name| visitor.post("/contact", &with(&CONTACT, "name", name)).await)).await;
    for (name, answer) in names.iter().zip(&answers) {
        assert_eq!(answer.status, if name == "Broken" { 503 } else { 303 }, "{name}: {}", answer.text);
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE name GLOB 'Visitor * “\\”'").await, 21);
    assert_eq!(site.count("SELECT count(DISTINCT reference) FROM inquiries").await, 21);
    assert_eq!(site.text("SELECT max(reference) FROM inquiries").await, "IE-2026-000021", "no gaps");
    assert_eq!(
        site.count("SELECT count(*) FROM outbox WHERE inquiry_id IS NOT NULL").await,
        24,
        "one to staff per inquiry, three to the address"
    );
}

#[actix_web::test]
async fn resending_the_same_form_leads_to_the_same_receipt() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = submit_accepted(&visitor, "/contact", &CONTACT).await;
    assert_eq!(submit_accepted(&visitor, "/contact", &CONTACT).await, first, "a refresh");
    site.clock.advance(SignedDuration::from_mins(9));
    let another_opening = with(&CONTACT, "form_token", "another");
    assert_eq!(submit_accepted(&visitor, "/contact", &another_opening).await, first, "entered again at once");
    site.advance_hours(23);
    assert_eq!(submit_accepted(&visitor, "/contact", &CONTACT).await, first, "the same form on the same day");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 1);
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events WHERE kind = 'sent_again'").await, 0);
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn different_content_is_a_new_inquiry_with_the_next_reference() {
    let site = Site::start().await;
    let messages: Vec<String> = (1..=9).map(|n| format!("Question {n}")).collect();
    let visitors: Vec<Visitor> = messages.iter().map(|_| site.visitor()).collect();
    let refused = with(&CONTACT, "name", "");
    let (receipts, refusals) = tokio::join!(
        join_all(messages.iter().zip(&visitors).map(|(message, visitor)| async move {
            submit_accepted(visitor, "/contact", &with(&CONTACT, "message", message)).await
        })),
        join_all(visitors.iter().map(|visitor| visitor.post("/contact", &refused)))
    );
    assert!(refusals.iter().all(|page| page.status == 422));
    let mut references = BTreeSet::new();
    for receipt in &receipts {
        references.insert(reference(&visitors[0], receipt).await);
    }
    let expected: Vec<String> = (1..=9).map(|n| format!("IE-2026-00000{n}")).collect();
    assert_eq!(references.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(site.emails().await.len(), 12, "one to staff per inquiry, three to the shared address");
}

#[actix_web::test]
async fn notices_go_to_admins_without_a_staff_inbox() {
    let site = Site::start_with(&[]).await;
    for (email, role) in
        [("a@example.com", Role::Admin), ("w@example.com", Role::Writer), ("b@example.com", Role::Admin)]
    {
        site.account(email, role).await;
    }
    submit_accepted(&site.visitor(), "/contact", &with(&CONTACT, "email", "")).await;
    let recipients: Vec<String> = site.emails().await.into_iter().flat_map(|message| message.recipients).collect();
    assert_eq!(recipients, ["a@example.com", "b@example.com"]);
    submit_accepted(&site.visitor(), "/contact", &CONTACT).await;
    let own = site.emails().await.pop().unwrap();
    assert_eq!(own.recipients, ["zaynab@example.com"]);
    assert!(!own.source.contains("a@example.com"), "the sign-in address of an admin stays private: {}", own.source);
}

#[actix_web::test]
async fn inquiry_is_stored_without_any_staff_recipient() {
    let site = Site::start_with(&[]).await;
    let receipt = submit_accepted(&site.visitor(), "/contact", &CONTACT).await;
    assert_eq!(reference(&site.visitor(), &receipt).await, "IE-2026-000001");
    let emails = site.emails().await;
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0].recipients, ["zaynab@example.com"]);
}

#[actix_web::test]
async fn references_restart_at_new_year_in_the_office_time_zone() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let until = |text: &str| text.parse::<Timestamp>().unwrap().duration_since(site.clock.now());
    for (at, message, expected) in [
        ("2026-11-22T09:00:00Z", "one", "IE-2026-000001"),
        // Midnight in Lahore is 19:00 UTC.
        ("2026-12-31T18:59:59Z", "two", "IE-2026-000002"),
        ("2026-12-31T19:00:00Z", "three", "IE-2027-000001"),
        ("2027-01-01T00:00:00Z", "four", "IE-2027-000002"),
    ] {
        site.clock.advance(until(at));
        let receipt = submit_accepted(&visitor, "/contact", &with(&CONTACT, "message", message)).await;
        assert_eq!(reference(&visitor, &receipt).await, expected);
    }
}

#[actix_web::test]
async fn unlisted_program_or_education_is_stored() {
    let site = Site::start().await;
    let fields = with(&with(&APPLY, "program", "Start-up visa"), "education", "Hafiz");
    let page = site.visitor().get(&submit_accepted(&site.visitor(), "/apply", &fields).await).await;
    let shown = page.all("dl.submitted dd");
    assert!(shown.contains(&"Start-up visa".to_owned()) && shown.contains(&"Hafiz".to_owned()), "{shown:?}");
}
