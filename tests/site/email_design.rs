//! E-mails: one design, text and HTML, small, without pictures, for any direction and colour scheme.

use immigration_experts::staff::Role;

use crate::support::{Page, Site};

const INBOX: &str = "inbox@example.com";

async fn emails_of_a_visit() -> (Site, Vec<(String, String, String)>) {
    let site = Site::start().await;
    let fields =
        [("name", "عائشہ خان"), ("email", "ayesha@example.org"), ("message", "میرا سوال <b>یہ</b> ہے۔\n\nNOC 31301?")];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    site.account("writer@example.com", Role::Writer).await;
    site.deliver_due().await;
    let rows = site
        .text(
            "SELECT json_group_array(json_array(recipient, body_text, body_html)) FROM outbox
             WHERE body_html <> ''",
        )
        .await;
    (site, serde_json::from_str(&rows).unwrap())
}

#[actix_web::test]
async fn every_email_has_the_design_of_the_site_in_text_and_html() {
    let (_site, emails) = emails_of_a_visit().await;
    assert!(emails.len() >= 2, "{emails:?}");
    for (recipient, text, html) in emails {
        assert!(!text.trim().is_empty() && html.len() < 30_000, "{recipient}: {} bytes", html.len());
        assert!(html.trim_start().starts_with("<!doctype html>"), "{html}");
        let page = Page::from_text("e-mail", html.clone());
        assert_eq!(
            (page.attributes("html", "lang"), page.attributes("html", "dir")),
            (vec!["en".into()], vec!["ltr".into()])
        );
        assert!(html.contains("bgcolor=\"#0b3b40\"") && html.contains("prefers-color-scheme: dark"), "{recipient}");
        assert!(html.contains("<!--[if mso]>") && html.contains("max-width:600px"), "{recipient}");
        assert_eq!(page.attributes("meta[name='color-scheme']", "content"), ["light dark"]);
        assert!(page.all("img, script, link, [src], [background]").is_empty(), "{recipient}: nothing is loaded");
        for layout in page.attributes("table:not(.field)", "role") {
            assert_eq!(layout, "presentation", "{recipient}");
        }
        assert!(
            !html.contains("text-align:left") && !html.contains("align=\"left\"") && !html.contains("padding-left")
        );
    }
}

#[actix_web::test]
async fn the_words_of_a_visitor_keep_their_direction_and_stay_text() {
    let (_site, emails) = emails_of_a_visit().await;
    let (_, text, html) = emails.iter().find(|(recipient, ..)| recipient == INBOX).unwrap();
    assert!(text.contains("میرا سوال <b>یہ</b>"), "{text}");
    let page = Page::from_text("e-mail", html.clone());
    let cells = page.all("td[dir=auto]");
    assert!(cells.iter().any(|cell| cell.contains("میرا سوال <b>یہ</b>")), "{cells:?}");
    let (_, _, reply) = emails.iter().find(|(recipient, ..)| recipient == "ayesha@example.org").unwrap();
    let reply = Page::from_text("e-mail", reply.clone());
    assert!(reply.first(".foot").contains("Immigration Experts") && reply.first(".foot").contains("051 8439995"));
    assert_eq!(reply.all(".button a"), ["Check the status of your message"]);
}
