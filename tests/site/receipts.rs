//! Receipts: typo suggestions, editing, download and withdrawal.

use crate::support::{Page, Site, Visitor};

type Fields<'a> = Vec<(&'a str, &'a str)>;

const APPLY: [(&str, &str); 8] = [
    ("name", "Ayesha Khan"),
    ("email", "ayesha@gmial.com"),
    ("phone", "0300 12345"),
    ("residence", "Pakistan"),
    ("program", "Express Entry"),
    ("occupation", "staff nurse"),
    ("crs", "۴۷۰+"),
    ("consent", "yes"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Fields<'a> {
    let mut fields: Fields = fields.iter().copied().filter(|(field, _)| *field != name).collect();
    fields.push((name, value));
    fields
}

/// Submits a form. Returns the path of the receipt.
async fn submit(visitor: &Visitor, path: &str, fields: &[(&str, &str)]) -> String {
    let page = visitor.post(path, fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// Confirms a receipt. Returns the page and the access token.
async fn confirm_receipt(visitor: &Visitor, receipt: &str, address: &str) -> (Page, String) {
    let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", address)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = visitor.get(page.location()).await;
    let access_token = page.field_value("access_token");
    assert!(!access_token.is_empty(), "{}", page.text);
    (page, access_token)
}

async fn latest_inquiry(site: &Site, column: &str) -> String {
    let sql = format!("SELECT CAST({column} AS TEXT) FROM inquiries ORDER BY id DESC LIMIT 1");
    site.text(Box::leak(sql.into_boxed_str())).await
}

#[actix_web::test]
async fn email_typo_is_accepted_and_fixed_with_one_click() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let page = visitor.get(&receipt).await;
    let offered = page.attributes("form[action$='/address'] input[name=email]", "value");
    assert_eq!(offered, ["ayesha@gmail.com"]);
    site.deliver_due().await;
    let page = visitor.post_and_follow(&format!("{receipt}/address"), &[("email", "ayesha@gmail.com")]).await;
    assert_eq!(
        page.first("[role=status]"),
        "Your e-mail address has been updated. We are sending a confirmation to the new address."
    );
    assert_eq!(latest_inquiry(&site, "email").await, "ayesha@gmail.com");
    assert!(page.all("form[action$='/address']").is_empty());
    let emails = site.emails().await;
    let to: Vec<&str> = emails[2..].iter().map(|message| message.recipients[0].as_str()).collect();
    assert_eq!(to, ["ayesha@gmail.com"], "the visitor gets an e-mail; staff get one notice later");
    let history = site.text("SELECT group_concat(kind || ': ' || note, '; ') FROM inquiry_events").await;
    assert_eq!(history, "received: ; corrected: e-mail: ayesha@gmial.com → ayesha@gmail.com");
    for email in ["thief@example.com", "", "ayesha@gmail.com"] {
        assert_eq!(visitor.post(&format!("{receipt}/address"), &[("email", email)]).await.status, 303);
        assert_eq!(latest_inquiry(&site, "email").await, "ayesha@gmail.com", "only the suggestion is accepted");
    }
}

#[actix_web::test]
async fn returned_form_shows_hints_beside_fields() {
    let site = Site::start().await;
    let page = site.visitor().post("/apply", &with(&APPLY, "name", "")).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.all(".field .error").len(), 1, "warnings are not errors");
    assert_eq!(page.first("#email-warning"), "Did you mean ayesha@gmail.com?");
    assert!(page.first("#phone-warning").contains("does not look like a complete phone number"));
    let page = site.visitor().post("/contact", &[("email", "a@hotmial.com"), ("phone", "call my brother")]).await;
    assert_eq!(page.first("#email-warning"), "Did you mean a@hotmail.com?");
    assert!(page.attributes("#email", "aria-describedby")[0].split(' ').any(|id| id == "email-warning"));
    assert!(page.first("#phone-warning").contains("You can send the form either way"));
}

#[actix_web::test]
async fn phone_is_stored_as_entered_and_in_e164() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (typed, e164) in [
        ("0300 1234567", "+923001234567"),
        ("0092-300-1234568", "+923001234568"),
        ("۰۳۰۰ ۱۲۳۴۵۶۹", "+923001234569"),
        ("+1 (604) 555-1234", "+16045551234"),
        ("call my brother", ""),
    ] {
        submit(&visitor, "/contact", &[("name", "A"), ("phone", typed), ("message", "Hello")]).await;
        assert_eq!(
            (latest_inquiry(&site, "phone").await.as_str(), latest_inquiry(&site, "phone_e164").await.as_str()),
            (typed, e164)
        );
    }
    submit(&visitor, "/apply", &with(&with(&APPLY, "whatsapp", "050 123 4567"), "residence", "UAE")).await;
    assert_eq!(latest_inquiry(&site, "whatsapp_e164").await, "+971501234567", "parsed for the residence");
    assert_eq!(latest_inquiry(&site, "crs").await, "470");
}

#[actix_web::test]
async fn occupation_lookup_step_keeps_all_entered_values() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let page = visitor.post("/apply", &with(&with(&APPLY, "step", "occupation"), "name", "")).await;
    assert_eq!(page.status, 200, "the lookup step shows no errors");
    assert!(page.all(".error").is_empty());
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    for (name, value) in APPLY.iter().filter(|(name, _)| *name != "consent" && *name != "name") {
        assert_eq!(page.field_value(name), *value, "{name}");
    }
    assert_eq!(page.all("#consent[checked]").len(), 1);
    let offered = page.attributes("input[name=occupation_choice]", "value");
    assert!(offered.contains(&"31301".to_owned()) && offered.last() == Some(&String::new()), "{offered:?}");
    assert_eq!(page.attributes("input[name=occupation_choice][checked]", "value"), [""]);
    submit(&visitor, "/apply", &with(&APPLY, "occupation_choice", "31301")).await;
    assert_eq!(latest_inquiry(&site, "noc").await, "31301");
    assert_eq!(latest_inquiry(&site, "occupation").await, "staff nurse", "the entered words are kept");
    let chosen = with(&with(&APPLY, "occupation_choice", "31301"), "name", "");
    let page = visitor.post("/apply", &chosen).await;
    assert_eq!(page.attributes("input[name=occupation_choice][checked]", "value"), ["31301"], "kept with errors");
    for (typed, choice, noc) in
        [("NOC 31301", "", "31301"), ("۳۱۳۰۱", "", "31301"), ("31399", "", ""), ("nurse", "00000", "")]
    {
        let fields = with(&with(&APPLY, "occupation", typed), "occupation_choice", choice);
        submit(&visitor, "/apply", &fields).await;
        assert_eq!(latest_inquiry(&site, "noc").await, noc, "{typed} {choice}");
    }
    let page = visitor.post("/apply", &[("step", "occupation"), ("occupation", "qwxzy")]).await;
    assert!(page.first("main form .notice").contains("No occupations found"), "{}", page.text);
    let page = visitor.get("/apply?occupation=31301").await;
    assert!(page.first("main form .notice").starts_with("NOC 31301 is Registered nurses"));
}

#[actix_web::test]
async fn occupation_can_be_chosen_on_the_receipt() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let page = visitor.get(&receipt).await;
    assert!(page.attributes("button[name=noc]", "value").contains(&"31301".to_owned()));
    let page = visitor.post_and_follow(&format!("{receipt}/occupation"), &[("noc", "31301")]).await;
    assert_eq!(page.first("[role=status]"), "Your occupation has been saved.");
    assert_eq!(latest_inquiry(&site, "noc").await, "31301");
    assert!(page.all("button[name=noc]").is_empty());
    assert_eq!(page.attributes("dl.submitted a", "href"), ["/occupations/31301"]);
    assert_eq!(visitor.post(&format!("{receipt}/occupation"), &[("noc", "99999")]).await.status, 303);
    assert_eq!(latest_inquiry(&site, "noc").await, "31301");
}

#[actix_web::test]
async fn each_form_states_its_purpose_and_retention_period() {
    let site = Site::start().await;
    site.execute("UPDATE site SET keep_contact_months = 6, keep_apply_months = 36").await;
    let contact = site.visitor().get("/contact").await;
    assert!(
        contact.first("main form").contains("We keep it for 6 months after the last activity on it"),
        "{}",
        contact.text
    );
    let apply = site.visitor().get("/apply").await;
    assert!(
        apply.first("label[for=consent]").contains("keeps my application for 36 months after the last activity on it")
    );
    assert_eq!(apply.first("main details summary"), "What we ask, and why");
    for (name, example) in
        [("crs", "From 1 to 1200"), ("age", "for example 29"), ("experience_years", "for example 3 or 3.5")]
    {
        assert!(apply.first(&format!("#{name}-hint")).to_lowercase().contains(&example.to_lowercase()), "{name}");
    }
}

#[actix_web::test]
async fn consent_is_stored_with_the_text_shown() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let opened = visitor.get("/apply").await.field_value("consent_version");
    let old = with(&APPLY, "consent_version", &opened);
    site.execute("UPDATE site SET keep_apply_months = 12").await;
    submit(&visitor, "/apply", &with(&old, "message", "opened before")).await;
    assert_eq!(latest_inquiry(&site, "consent_version").await, opened, "the text they read");
    submit(&visitor, "/apply", &with(&APPLY, "message", "opened after")).await;
    let texts = "SELECT text FROM consent_texts JOIN inquiries ON consent_version = consent_texts.version ORDER BY id DESC LIMIT 1";
    assert!(site.text(texts).await.contains("for 12 months"));
    assert_ne!(latest_inquiry(&site, "consent_version").await, opened);
    let page = visitor.post("/apply", &with(&old, "name", "")).await;
    assert!(page.first("#consent-error").contains("The consent text has changed"), "a new text needs new consent");
    assert_eq!(page.all("#consent[checked]").len(), 0);
    assert_ne!(page.field_value("consent_version"), opened);
    let page = visitor.post("/apply", &with(&APPLY, "consent_version", "0123456789abcdef")).await;
    assert_eq!(page.status, 422, "a text that was never shown");
}

#[actix_web::test]
async fn full_receipt_needs_the_email_or_phone_of_the_visitor() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let page = visitor.get(&receipt).await;
    assert!(page.all("form[action$='/contact'], form[action$='/withdrawal'], a[download]").is_empty());
    let page = visitor.post(&format!("{receipt}/confirmation"), &[("address", "other@example.com")]).await;
    assert_eq!((page.status, page.field_value("address").as_str()), (422, "other@example.com"));
    assert!(page.first("#address-error").contains("This e-mail address does not match."));
    assert_eq!(page.header("referrer-policy"), "same-origin", "without it, browsers omit the origin of its forms");
    let (page, access_token) = confirm_receipt(&visitor, &receipt, " AYESHA@gmial.com ").await;
    assert_eq!(page.all("form[action$='/contact'], form[action$='/withdrawal'], a[download]").len(), 3);
    assert_eq!(page.field_value("name"), "Ayesha Khan");
    let other = submit(&visitor, "/contact", &[("name", "B"), ("phone", "0300 7654321"), ("message", "Hello")]).await;
    for forged in [access_token.as_str(), "", "ffffffff", "é"] {
        let fields = [("name", "Thief"), ("phone", "1"), ("access_token", forged)];
        assert_eq!(visitor.post(&format!("{other}/contact"), &fields).await.status, 422, "{forged}");
        assert_eq!(visitor.get(&format!("{other}.json?access_token={forged}")).await.status, 303);
        assert_eq!(
            visitor.post(&format!("{other}/withdrawal"), &[("sure", "yes"), ("access_token", forged)]).await.status,
            422
        );
    }
    confirm_receipt(&visitor, &other, "+92 300 765 4321").await;
    site.advance_hours(1);
    let fields =
        [("name", "Late"), ("email", "a@example.com"), ("phone", "1"), ("access_token", access_token.as_str())];
    let page = visitor.post(&format!("{receipt}/contact"), &fields).await;
    assert!(page.first("#address-error").contains("A confirmation is valid for one hour"));
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE name IN ('Thief', 'Late')").await, 0);
}

#[actix_web::test]
async fn receipt_masks_email_and_phone_after_an_hour() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    assert!(visitor.get(&receipt).await.first("article").contains("ayesha@gmial.com"));
    site.advance_hours(1);
    let page = visitor.get(&receipt).await;
    assert!(!page.text.contains("ayesha@gmial.com") && !page.text.contains("0300 12345"), "{}", page.text);
    assert!(page.first("article").contains("a•••@gmial.com"));
    assert!(page.all("form[action$='/address'], button[name=noc]").is_empty());
    let (page, _) = confirm_receipt(&visitor, &receipt, "ayesha@gmial.com").await;
    assert!(page.first("article").contains("0300 12345"), "everything is shown after confirmation");
}

#[actix_web::test]
async fn contact_details_can_be_corrected_and_staff_are_notified() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let sent_before = site.emails().await.len();
    let (_, access_token) = confirm_receipt(&visitor, &receipt, "ayesha@gmial.com").await;
    let address = format!("{receipt}/contact");
    let bad = [
        ("name", ""),
        ("email", "nonsense"),
        ("phone", ""),
        ("whatsapp", "x"),
        ("access_token", access_token.as_str()),
    ];
    let page = visitor.post(&address, &bad).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#name", "#email"]);
    assert_eq!(
        (page.field_value("email"), page.field_value("whatsapp")),
        ("nonsense".into(), "x".into()),
        "entered values are kept"
    );
    let good = [
        ("name", "Ayesha Bibi"),
        ("email", "ayesha@example.com"),
        ("phone", "0300 1234567"),
        ("whatsapp", ""),
        ("access_token", access_token.as_str()),
    ];
    let page = visitor.post_and_follow(&address, &good).await;
    assert_eq!(page.first("[role=status]"), "Your contact details have been updated.");
    assert_eq!(
        latest_inquiry(&site, "name || email || phone_e164").await,
        "Ayesha Bibiayesha@example.com+923001234567"
    );
    let emails = site.emails().await;
    let to: Vec<&str> = emails[sent_before..].iter().map(|email| email.recipients[0].as_str()).collect();
    assert_eq!(to, ["ayesha@example.com", "ayesha@gmial.com"]);
    site.clock.advance(jiff::SignedDuration::from_mins(10));
    site.running.jobs.run("inquiries").await.unwrap();
    let emails = site.emails().await;
    let notice = &emails.last().unwrap().source;
    assert!(notice.contains("IE-2026-000001: The visitor updated their contact details."), "{notice}");
    assert!(notice.contains("\r\nReply-To: ayesha@example.com\r\n"), "a reply goes to the new address: {notice}");
    let old = site.body("body_text", "ayesha@gmial.com").await;
    assert!(old.contains("was changed on its receipt page") && !old.contains("ayesha@example.com"), "{old}");
    visitor.post(&address, &good).await;
    assert_eq!(site.emails().await.len(), emails.len(), "an unchanged form sends no e-mail");
    assert_eq!(site.count("SELECT count(*) FROM inquiry_events WHERE kind = 'corrected'").await, 1);
}

#[actix_web::test]
async fn receipt_corrections_cannot_be_used_to_send_spam() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt =
        submit(&visitor, "/contact", &[("name", "A"), ("email", "a0@example.com"), ("message", "Hello")]).await;
    let (_, access_token) = confirm_receipt(&visitor, &receipt, "a0@example.com").await;
    let address = format!("{receipt}/contact");
    for number in 1..=11 {
        let email = format!("a{number}@example.com");
        let page = visitor.post(&address, &[("name", "A"), ("email", &email), ("access_token", &access_token)]).await;
        assert_eq!(page.status, if number == 11 { 429 } else { 303 }, "{number}");
        if number == 11 {
            assert_eq!(page.field_value("email"), "a11@example.com", "entered values are kept");
            assert_eq!(page.first("[role=alert] h2"), "Too many changes today");
        }
    }
    assert_eq!(latest_inquiry(&site, "email").await, "a10@example.com");
}

#[actix_web::test]
async fn guessing_the_owner_of_a_receipt_is_rate_limited() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/contact", &[("name", "A"), ("phone", "0300 1234567"), ("message", "Hello")]).await;
    let address = format!("{receipt}/confirmation");
    for _ in 0..4 {
        assert_eq!(visitor.post(&address, &[("address", "0300 7654321")]).await.status, 422);
    }
    let page = visitor.post(&address, &[("address", "0300 1234567")]).await;
    assert_eq!((page.status, page.header("retry-after")), (429, "1"));
    site.clock.advance(jiff::SignedDuration::from_secs(1));
    confirm_receipt(&visitor, &receipt, "0300 1234567").await;
}

#[actix_web::test]
async fn failed_correction_keeps_entered_values() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let (_, access_token) = confirm_receipt(&visitor, &receipt, "ayesha@gmial.com").await;
    site.execute("CREATE TRIGGER broken BEFORE UPDATE ON inquiries BEGIN SELECT RAISE(ABORT, 'full disk'); END").await;
    let fields =
        [("name", "Ayesha Bibi"), ("email", "b@example.com"), ("phone", "1"), ("access_token", access_token.as_str())];
    let page = visitor.post(&format!("{receipt}/contact"), &fields).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "120"));
    assert_eq!((page.field_value("name"), page.field_value("email")), ("Ayesha Bibi".into(), "b@example.com".into()));
    assert_eq!(page.all("[role=alert] a"), ["042 35911332", "051 8439995"]);
}

#[actix_web::test]
async fn withdrawn_or_trashed_inquiry_can_be_sent_again() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let fields = with(&APPLY, "form_token", "0123456789abcdef0123456789abcdef");
    let first = submit(&visitor, "/apply", &fields).await;
    let (_, access_token) = confirm_receipt(&visitor, &first, "ayesha@gmial.com").await;
    visitor.post(&format!("{first}/withdrawal"), &[("access_token", access_token.as_str()), ("sure", "yes")]).await;
    let second = submit(&visitor, "/apply", &fields).await;
    assert_ne!(second, first);
    assert_eq!(latest_inquiry(&site, "state").await, "new");
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'staff' WHERE id = 2").await;
    let third = submit(&visitor, "/apply", &fields).await;
    assert_ne!(third, second);
    assert_eq!(visitor.get(&third).await.status, 200);
    assert_eq!(submit(&visitor, "/apply", &fields).await, third, "the third one sent again is a duplicate");
}

#[actix_web::test]
async fn visitor_can_download_all_their_data() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    site.execute("INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES (1, '2026-11-22T10:00:00Z', 'Staff', 'note', 'between us')").await;
    let (page, _) = confirm_receipt(&visitor, &receipt, "ayesha@gmial.com").await;
    let file = visitor.get(&page.attributes("a[download]", "href")[0]).await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/json"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"IE-2026-000001.json\"");
    assert_eq!((file.header("cache-control"), file.header("referrer-policy")), ("no-store", "same-origin"));
    let copy: serde_json::Value = serde_json::from_str(&file.text).unwrap();
    for (key, value) in [("name", "Ayesha Khan"), ("email", "ayesha@gmial.com"), ("occupation", "staff nurse")] {
        assert_eq!(copy[key], value);
    }
    assert_eq!((&copy["crs"], &copy["reference"]), (&470.into(), &"IE-2026-000001".into()));
    assert!(copy["consent"].as_str().unwrap().contains("I agree that Immigration Experts keeps"));
    assert_eq!(copy["emails_to_you"][0]["subject"], "We have received your application (IE-2026-000001)");
    assert!(!file.text.contains("between us"), "internal notes are not exported");
}

#[actix_web::test]
async fn visitor_can_withdraw_an_inquiry() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = submit(&visitor, "/apply", &APPLY).await;
    let before = site.emails().await.len();
    let (_, access_token) = confirm_receipt(&visitor, &receipt, "ayesha@gmial.com").await;
    let address = format!("{receipt}/withdrawal");
    let page = visitor.post(&address, &[("access_token", access_token.as_str())]).await;
    assert_eq!((page.status, page.attributes("[role=alert] a", "href")), (422, vec!["#sure".into()]));
    let page = visitor.post_and_follow(&address, &[("access_token", access_token.as_str()), ("sure", "yes")]).await;
    assert_eq!(page.first("h1"), "You withdrew this inquiry");
    assert_eq!(page.attributes("article time", "datetime"), ["2026-11-29"], "seven days later");
    assert!(!page.text.contains("Ayesha") && !page.text.contains("staff nurse"), "{}", page.text);
    assert_eq!(
        latest_inquiry(&site, "state || ' ' || trash_reason || ' ' || trashed_at").await,
        "withdrawn withdrawn 2026-11-22T09:00:00Z"
    );
    let emails = site.emails().await;
    let to: Vec<&str> = emails[before..].iter().map(|email| email.recipients[0].as_str()).collect();
    assert_eq!(to, ["inbox@example.com", "ayesha@gmial.com"]);
    assert!(emails[before + 1].source.contains("You withdrew this inquiry (IE-2026-000001)"));
    assert_eq!(visitor.get(&format!("{receipt}.json?access_token={access_token}")).await.status, 404);
    assert_eq!(visitor.post(&address, &[("access_token", access_token.as_str()), ("sure", "yes")]).await.status, 303);
    assert_eq!(site.emails().await.len(), emails.len(), "a second withdrawal sends nothing");
    site.execute("UPDATE inquiries SET on_hold = 1, state = 'new', trashed_at = NULL, trash_reason = NULL").await;
    visitor.post(&address, &[("access_token", access_token.as_str()), ("sure", "yes")]).await;
    assert_eq!(
        latest_inquiry(&site, "state || ' ' || coalesce(trashed_at, 'kept')").await,
        "withdrawn kept",
        "on hold"
    );
    assert!(visitor.get(&receipt).await.first("article").contains("Withdrawn. We have stopped working on it."));
    site.deliver_due().await;
    assert!(site.body("body_text", "ayesha@gmial.com").await.contains("a member of staff will decide what must be"));
}

#[actix_web::test]
async fn receipt_shows_the_status_and_expires_with_retention() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt =
        submit(&visitor, "/contact", &[("name", "A"), ("email", "a@example.com"), ("message", "Hello")]).await;
    for (state, words, next) in [
        ("new", "Received", "will read it and answer"),
        ("reading", "In progress", "is working on it"),
        ("answered", "Answered", "We have answered"),
        ("closed", "Closed", "We have closed it"),
        ("quarantined", "Received", "will read it and answer"),
    ] {
        site.execute(&format!("UPDATE inquiries SET state = '{state}'")).await;
        let page = visitor.get(&receipt).await;
        assert!(page.all("dl.submitted dd")[1].starts_with(words), "{state}");
        assert!(page.first("article").contains(next), "{state}");
    }
    submit(&visitor, "/contact", &[("name", "A"), ("email", "a@example.com"), ("message", "Again")]).await;
    site.execute("UPDATE inquiries SET state = iif(id = 2, 'answered', 'new'), merged_into = iif(id = 1, 2, NULL)")
        .await;
    assert!(visitor.get(&receipt).await.all("dl.submitted dd")[1].starts_with("Answered"), "state of the merge target");
    site.execute("UPDATE inquiries SET trashed_at = '2026-11-22T09:00:00Z', trash_reason = 'retention' WHERE id = 1")
        .await;
    assert_eq!(visitor.get(&receipt).await.status, 404);
    assert_eq!(visitor.post(&format!("{receipt}/confirmation"), &[("address", "x")]).await.status, 404);
}
