//! Inbox in a browser: reply by keyboard, release from quarantine on a phone.

use crate::chromium::{Browser, ENTER};
use crate::page_list;
use crate::support::Site;

#[actix_web::test]
async fn inquiry_can_be_answered_by_keyboard_alone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::send_inquiry(&site).await;
    page_list::sign_in(&browser, &site).await;
    browser.tab_to("Inquiries").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Inquiries").await;
    browser.tab_to("IE-2026-000001").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Ayesha Khan").await;
    browser.tab_to("Request for documents").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("nav[aria-label=Templates]").await;
    browser.tab_to("text").await;
    assert!(
        browser.eval("return document.activeElement.value").await.as_str().unwrap().starts_with("Dear Ayesha Khan,")
    );
    browser.type_keys("You may also call us.").await;
    browser.tab_to("Send to ayesha@example.org").await;
    browser.type_keys(&ENTER.to_string()).await;
    assert_eq!(browser.text(".flash").await, "Reply to IE-2026-000001 is being sent.");
    assert_eq!(browser.texts(".state.answered").await, ["Answered"]);
    let sent = site.body("body_text", "ayesha@example.org").await;
    assert!(sent.contains("Dear Ayesha Khan,") && sent.contains("You may also call us."), "{sent}");
    assert!(browser.text("ol.rows").await.contains("You may also call us."), "the history contains the reply");
}

#[actix_web::test]
async fn quarantined_inquiry_can_be_released_on_a_phone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::send_spam(&site).await;
    assert_eq!(site.emails().await.len(), 0);
    page_list::sign_in(&browser, &site).await;
    browser.resize(360).await;
    browser.click_link("Review").await;
    browser.expect_heading("Inquiries").await;
    assert!(browser.text(".why").await.contains("A hidden field was filled in."));
    browser.click(".why button").await;
    assert_eq!(browser.text(".flash").await, "IE-2026-000001 released. Its e-mails are being sent.");
    browser.click_link("New (1)").await;
    browser.find("tr .state.new").await;
    browser.click_link("IE-2026-000001").await;
    browser.expect_heading("Best SEO").await;
    browser.find(".state.new").await;
    assert_eq!(site.emails().await.len(), 2);
}
