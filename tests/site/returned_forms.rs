//! Forms with invisible characters and forms submitted from other sites: no input is lost.

use crate::support::Site;

const CROSS_SITE_HEADERS: [&[(&str, &str)]; 3] = [
    &[("sec-fetch-site", "cross-site"), ("origin", "https://immigration-example.translate.goog")],
    &[("origin", "https://immigration-example.translate.goog")],
    &[("origin", "null")],
];

#[actix_web::test]
async fn form_sent_by_a_translation_service_can_be_confirmed() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let contact = [("name", "Zoë"), ("email", "zoe@example.com"), ("phone", ""), ("message", "Line 1\nLine 2")];
    let apply = [
        ("name", "Zoë"),
        ("email", "zoe@example.com"),
        ("phone", "0300 1234567"),
        ("residence", "Lahore"),
        ("program", "Permis de travail"),
        ("occupation", "infirmière"),
        ("crs", "470"),
        ("message", "Bonjour"),
        ("consent", "yes"),
    ];
    for (path, fields) in [("/contact", &contact[..]), ("/apply", &apply[..])] {
        for headers in CROSS_SITE_HEADERS {
            let page = visitor.post_with(path, fields, headers).await;
            assert_eq!(page.status, 403, "{path} {headers:?}");
            page.assert_page_layout();
            assert_eq!(page.first("[role=alert] h2"), "One more step: this has not been sent yet");
            assert_eq!(page.attributes("main form[method=post]", "action"), [path]);
            for (name, value) in fields.iter().filter(|(name, _)| *name != "consent") {
                let typed = page.field_value(name);
                assert_eq!(typed, value.split_whitespace().collect::<Vec<_>>().join(" "), "{path} {name}");
            }
            assert!(!page.field_value("form_token").is_empty());
            assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0, "nothing was stored");
            assert_eq!(site.emails().await.len(), 0);
        }
    }
    let page = visitor.post_with("/contact", &contact, CROSS_SITE_HEADERS[0]).await;
    let key = page.field_value("form_token");
    let again = [&contact[..], &[("form_token", key.as_str())]].concat();
    let sent = visitor.post_with("/contact", &again, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(sent.status, 303);
    assert_eq!(site.text("SELECT message FROM inquiries").await, "Line 1\nLine 2");
}

#[actix_web::test]
async fn correction_sent_by_a_translation_service_can_be_confirmed() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let sent = [("name", "Zoë"), ("email", "zoe@example.com"), ("message", "Hello")];
    let receipt = visitor.post("/contact", &sent).await.location().to_owned();
    let confirmation = format!("{receipt}/confirmation");
    let page = visitor.post_with(&confirmation, &[("address", "zoe@example.com")], CROSS_SITE_HEADERS[0]).await;
    assert_eq!((page.status, page.field_value("address").as_str()), (403, "zoe@example.com"));
    let page = visitor.post(&confirmation, &[("address", "zoe@example.com")]).await;
    let access_token = visitor.get(page.location()).await.field_value("access_token");
    let fields =
        [("access_token", access_token.as_str()), ("name", "Zoë Khan"), ("email", "zoe@example.org"), ("phone", "")];
    let page = visitor.post_with(&format!("{receipt}/contact"), &fields, CROSS_SITE_HEADERS[1]).await;
    assert_eq!(
        (page.status, page.field_value("name"), page.field_value("email")),
        (403, "Zoë Khan".into(), "zoe@example.org".into())
    );
    assert_eq!(site.text("SELECT name FROM inquiries").await, "Zoë");
    let page = visitor.post_with(&format!("{receipt}/withdrawal"), &fields, CROSS_SITE_HEADERS[0]).await;
    assert_eq!(page.status, 403);
    assert_eq!(site.text("SELECT state FROM inquiries").await, "new");
}

#[actix_web::test]
async fn every_kind_of_pasted_line_break_is_kept() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for end in ["\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\u{85}", "\r", "\r\n"] {
        let message = format!("CRS 470{end}2 children {}", end.escape_unicode());
        let fields = [("name", "Ali"), ("email", "ali@example.com"), ("message", message.as_str())];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303);
        let kept = site.text("SELECT message FROM inquiries ORDER BY id DESC LIMIT 1").await;
        assert!(kept.starts_with("CRS 470\n2 children"), "{kept:?}");
    }
}

#[actix_web::test]
async fn invisible_characters_are_removed_from_names_and_addresses() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for c in ['\u{200b}', '\u{fe0f}', '\u{3164}', '\u{2060}', '\u{ad}', '\u{200e}', '\u{200f}', '\u{202b}', '\u{feff}']
    {
        let (name, email) = (format!("{c}Ali{c} Khan{c}"), format!("{c}ali{c}@example.com{c}"));
        let message = format!("Hello {}", c.escape_unicode());
        let fields = [("name", name.as_str()), ("email", email.as_str()), ("message", message.as_str())];
        let page = visitor.post("/contact", &fields).await;
        assert_eq!(page.status, 303, "U+{:04X}: {}", u32::from(c), page.text);
        let kept = site.text("SELECT name || ' ' || email FROM inquiries ORDER BY id DESC LIMIT 1").await;
        assert_eq!(kept, "Ali Khan ali@example.com", "U+{:04X}", u32::from(c));
        let empty = format!("{c}{c}");
        let fields = [("name", empty.as_str()), ("email", "ali@example.com"), ("message", "Hello")];
        let page = visitor.post("/contact", &fields).await;
        assert_eq!((page.status, page.first("#name-error").as_str()), (422, "Error: Enter your name."));
    }
    let (name, email) = ("علی\u{200c}رضا\u{200f}", "ali@example.com");
    visitor.post("/contact", &[("name", name), ("email", email), ("message", "Persian")]).await;
    let kept = site.text("SELECT name FROM inquiries ORDER BY id DESC LIMIT 1").await;
    assert_eq!(kept, "علی\u{200c}رضا", "a joiner inside a name is kept");
}

#[actix_web::test]
async fn undeliverable_email_is_rejected_and_any_script_is_accepted() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let sent =
        async |email: &str| visitor.post("/contact", &[("name", "Ali"), ("email", email), ("message", email)]).await;
    for email in ["a@[127.0.0.1]", "a@127.0.0.1", "a@localhost", "a@[IPv6:::1]", "a@b"] {
        let page = sent(email).await;
        assert_eq!((page.status, page.field_value("email").as_str()), (422, email));
        assert_eq!(page.first("#email-error"), "Error: Enter an e-mail address in the form name@example.com.");
    }
    for email in ["info@bücher.example", "info@مثال.پاکستان", "info@例子.中国"] {
        assert_eq!(sent(email).await.status, 303, "{email}");
        assert_eq!(site.text("SELECT email FROM inquiries ORDER BY id DESC LIMIT 1").await, email, "as typed");
    }
    let page = sent("josé@example.com").await;
    assert_eq!((page.status, page.field_value("email").as_str()), (422, "josé@example.com"));
    assert!(page.first("#email-error").contains("the part before the @"), "{}", page.first("#email-error"));
    site.running.services.smtp_utf8.set(true);
    assert_eq!(sent("josé@example.com").await.status, 303, "the mail server accepts such addresses");
}
