//! From the score calculator through the past-draw checker to the application form, by keyboard on a phone.

use crate::chromium::Browser;
use crate::support::Site;

const ENTER: &str = "\u{e007}";

/// Moves to a field by keyboard and types.
async fn type_into(browser: &Browser, field: &str, text: &str) {
    browser.tab_to(field).await;
    browser.type_keys(text).await;
}

#[actix_web::test]
async fn visitor_goes_from_the_score_to_the_application_form_by_keyboard_on_a_phone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    browser.goto(&format!("{}/tools/crs", site.base)).await;
    type_into(&browser, "age", "29").await;
    type_into(&browser, "education", "Bach").await;
    type_into(&browser, "spouse", "No").await;
    browser.tab_to("Continue to step 2").await;
    browser.type_keys(ENTER).await;
    browser.wait_for("return location.hash", "#step-2").await;
    assert_eq!(browser.find("#age").await.prop("value").await.unwrap().unwrap(), "29", "the answers are kept");
    type_into(&browser, "l1_test", "IELTS").await;
    for ability in ["l1_listening", "l1_reading", "l1_writing", "l1_speaking"] {
        type_into(&browser, ability, if ability == "l1_listening" { "8" } else { "7" }).await;
    }
    browser.tab_to("Continue to step 3").await;
    browser.type_keys(ENTER).await;
    browser.wait_for("return location.hash", "#step-3").await;
    type_into(&browser, "canadian_work", "0").await;
    type_into(&browser, "foreign_work", "3").await;
    browser.type_keys(ENTER).await;
    browser.find("dl.score").await;
    let total = browser.text("dl.score dd").await;
    // 110 age, 120 education, 124 language, 25 education and 50 foreign work with CLB 9.
    assert_eq!(total, "429");
    assert_eq!(browser.eval("return document.documentElement.scrollWidth <= innerWidth").await, true);

    browser.tab_to("Compare with past draws").await;
    browser.type_keys(ENTER).await;
    browser.expect_heading("Past-draw checker").await;
    assert!(browser.text("main .lead").await.starts_with("With 429 points"));
    assert_eq!(browser.eval("return document.documentElement.scrollWidth <= innerWidth").await, true);
    browser.tab_to("Ask a person").await;
    browser.type_keys(ENTER).await;
    browser.expect_heading("Apply now").await;
    assert_eq!(browser.find("#crs").await.prop("value").await.unwrap().unwrap(), "429");
    assert!(browser.find("#message").await.prop("value").await.unwrap().unwrap().contains("/tools/past-draws?crs=429"));
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0, "nothing is sent yet");
}
