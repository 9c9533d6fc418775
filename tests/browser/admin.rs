//! Staff tasks in a browser: sign in, write, preview and publish a post, reply to an inquiry.

use crate::chromium::Browser;
use crate::page_list;
use crate::support::Site;

#[actix_web::test]
async fn staff_write_preview_and_publish_a_post() {
    let Some(browser) = Browser::open().await else { return };
    write_and_publish(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn staff_publish_a_post_on_a_phone_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    write_and_publish(&browser, &Site::start().await).await;
}

async fn write_and_publish(browser: &Browser, site: &Site) {
    page_list::sign_in(browser, site).await;
    browser.click_link("New post").await;
    browser.expect_heading("New post").await;
    browser.fill("Title", "Round 253 is out").await;
    browser.fill("Summary", "What the newest round means.").await;
    browser.fill("Text", "## Who was invited\n\nOnly **two** kinds:\n\n1. one\n2. two\n").await;
    browser.click("button[value=preview]").await;
    assert_eq!(browser.text(".preview h2#who-was-invited").await.trim_end_matches(['#', ' ']), "Who was invited");
    assert_eq!(browser.texts(".preview ol li").await, ["one", "two"]);
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1, "a preview saves nothing");

    browser.click(".actions button[value=save]").await;
    browser.expect_heading("Edit post").await;
    assert_eq!(browser.text(".flash").await, "Draft saved. Only staff can see it.");
    assert_eq!(site.visitor().get("/news/round-253-is-out").await.status, 404);

    browser.click("button[value=publish]").await;
    browser.find(".state.public").await;
    assert_eq!(browser.text(".flash").await, "Published. The post is now on the site.");
    browser.goto(&format!("{}/news", site.base)).await;
    assert_eq!(browser.texts("main article h2").await[0], "Round 253 is out");
    browser.click_link("Round 253 is out").await;
    browser.expect_heading("Round 253 is out").await;
    assert_eq!(browser.texts("article ol li").await, ["one", "two"]);

    browser.goto(&format!("{}/admin", site.base)).await;
    browser.click("form[action=\"/admin/sign-out\"] button").await;
    browser.expect_heading("Staff sign-in").await;
    browser.goto(&format!("{}/admin", site.base)).await;
    browser.expect_heading("Staff sign-in").await;
}

#[actix_web::test]
async fn staff_reply_to_an_inquiry() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::send_inquiry(&site).await;
    page_list::sign_in(&browser, &site).await;
    browser.click_link("Ayesha Khan").await;
    browser.expect_heading("Ayesha Khan").await;
    browser.fill("Add a note", "Called back.").await;
    browser.click("form[action$=\"/notes\"] button").await;
    browser.find(".flash").await;
    assert_eq!(browser.text("p.note").await, "Called back.");
    browser.click("input[value=answered] + button").await;
    browser.find(".state.answered").await;
    assert_eq!(site.text("SELECT state FROM inquiries").await, "answered");
}
