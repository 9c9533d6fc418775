//! What staff do: sign in, write, preview, publish, and see it where readers do.

use crate::chromium::Browser;
use crate::support::Site;
use crate::tour;

#[actix_web::test]
async fn staff_write_preview_and_publish_a_post() {
    let Some(browser) = Browser::open().await else { return };
    write_and_publish(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn staff_write_preview_and_publish_a_post_on_a_telephone_without_scripts() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    write_and_publish(&browser, &Site::start().await).await;
}

async fn write_and_publish(browser: &Browser, site: &Site) {
    tour::sign_in(browser, site).await;
    browser.follow("New post").await;
    browser.heading("New post").await;
    browser.fill("Title", "Round 253 is out").await;
    browser.fill("Summary", "What the newest round means.").await;
    browser.fill("Text", "## Who was invited\n\nOnly **two** kinds:\n\n1. one\n2. two\n").await;
    browser.press("button[value=preview]").await;
    assert_eq!(browser.text(".preview h2#who-was-invited").await.trim_end_matches(['#', ' ']), "Who was invited");
    assert_eq!(browser.texts(".preview ol li").await, ["one", "two"]);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1, "a preview keeps nothing");

    browser.press(".actions button[value=save]").await;
    browser.heading("Edit post").await;
    assert_eq!(browser.text(".flash").await, "Saved as a draft. Only staff see it.");
    assert_eq!(site.visitor().get("/news/round-253-is-out").await.status, 404);

    browser.press("button[value=publish]").await;
    browser.find(".state.public").await;
    assert_eq!(browser.text(".flash").await, "Published. Readers see it now.");
    browser.goto(&format!("{}/news", site.base)).await;
    assert_eq!(browser.texts("main article h2").await[0], "Round 253 is out");
    browser.follow("Round 253 is out").await;
    browser.heading("Round 253 is out").await;
    assert_eq!(browser.texts("article ol li").await, ["one", "two"]);

    browser.goto(&format!("{}/admin", site.base)).await;
    browser.press("form[action=\"/admin/sign-out\"] button").await;
    browser.heading("Sign in").await;
    browser.goto(&format!("{}/admin", site.base)).await;
    browser.heading("Sign in").await;
}

#[actix_web::test]
async fn staff_answer_an_inquiry() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    tour::receive_an_inquiry(&site).await;
    tour::sign_in(&browser, &site).await;
    browser.follow("Ayesha Khan").await;
    browser.heading("Ayesha Khan").await;
    browser.fill("Add a note", "Called back.").await;
    browser.press("form[action$=\"/notes\"] button").await;
    browser.find(".flash").await;
    assert_eq!(browser.text("p.note").await, "Called back.");
    browser.press("input[value=answered] + button").await;
    browser.find(".state.answered").await;
    assert_eq!(site.text("SELECT state FROM inquiries").await, "answered");
}
