//! Receipts in a browser without scripts, and the application form by keyboard.

use crate::chromium::{Browser, ENTER, UP};
use crate::page_list;
use crate::support::Site;

/// Over plain HTTP, browsers send `Sec-Fetch-Site` only to localhost. Elsewhere the check depends on `Origin`.
#[actix_web::test]
async fn visitor_confirms_corrects_and_withdraws_an_inquiry() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    let receipt = page_list::send_inquiry(&site).await;
    let elsewhere = site.base.replace("127.0.0.1", "site.test");
    browser.goto(&format!("{elsewhere}{receipt}")).await;
    browser.expect_heading("Thank you. We’ve received your message").await;
    assert_eq!(browser.eval("return isSecureContext").await, false, "the browser treats this address as localhost");

    browser.fill("Confirm that the inquiry is yours", "other@example.org").await;
    browser.click("form[action$='/confirmation'] button").await;
    browser.find("#address[aria-invalid]").await;
    browser.fill("Confirm that the inquiry is yours", "ayesha@example.org").await;
    browser.click("form[action$='/confirmation'] button").await;
    browser.find("form[action$='/contact']").await;
    browser.fill("Your name", "Ayesha Khan Lodhi").await;
    browser.click("form[action$='/contact'] button").await;
    assert_eq!(browser.text(".flash").await, "Your contact details have been updated.");
    assert_eq!(site.text("SELECT name FROM inquiries").await, "Ayesha Khan Lodhi");

    browser.click("form[action$='/withdrawal'] button").await;
    browser.find("#sure[aria-invalid]").await;
    assert_eq!(site.text("SELECT state FROM inquiries").await, "new", "withdrawn without confirmation");
    browser.click("#sure").await;
    browser.click("form[action$='/withdrawal'] button").await;
    browser.expect_heading("You withdrew this inquiry").await;
    assert_eq!(site.text("SELECT state FROM inquiries").await, "withdrawn");
}

#[actix_web::test]
async fn application_with_occupation_search_works_by_keyboard_alone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.goto(&format!("{}/apply", site.base)).await;
    for (id, text) in [
        ("name", "Ayesha Khan"),
        ("email", "ayesha@example.org"),
        ("phone", "0300 1234567"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("occupation", "staff nurse"),
    ] {
        browser.tab_to(id).await;
        browser.type_keys(text).await;
    }
    browser.tab_to("Search occupations").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#choice-31301").await;
    assert!(browser.texts(".error").await.is_empty(), "the occupation search shows no errors");

    browser.tab_to("choice-none").await;
    for _ in 0..10 {
        browser.type_keys(&UP.to_string()).await;
        if browser.eval("return document.activeElement.id").await == "choice-31301" {
            break;
        }
    }
    browser.tab_to("crs").await;
    browser.type_keys("471").await;
    // Enter in a text field sends the form instead of searching occupations again.
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#consent[aria-invalid]").await;
    assert_eq!(browser.texts(".summary a").await.len(), 1);
    let agree = browser.text(".summary a").await;
    browser.tab_to(&agree).await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#consent:target").await;
    browser.type_keys(" ").await;
    browser.tab_to("Send application").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Thank you. We’ve received your application").await;
    let kept = "SELECT name || ', ' || program || ', ' || occupation || ', ' || noc || ', ' || crs FROM inquiries";
    assert_eq!(site.text(kept).await, "Ayesha Khan, express_entry, staff nurse, 31301, 471");
}
