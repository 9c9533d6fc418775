//! Pictures in a browser: upload, use in a post, and the published post.

use crate::chromium::Browser;
use crate::page_list;
use crate::support::Site;
use crate::support::pictures::jpeg;

#[actix_web::test]
async fn uploaded_picture_appears_in_a_post() {
    let Some(browser) = Browser::open().await else { return };
    upload_and_publish(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn uploaded_picture_appears_in_a_post_on_a_phone_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    upload_and_publish(&browser, &Site::start().await).await;
}

async fn upload_and_publish(browser: &Browser, site: &Site) {
    page_list::sign_in(browser, site).await;
    browser.click_link("Media").await;
    browser.expect_heading("Media").await;
    let notes = site.dir.path().join("notes.txt");
    std::fs::write(&notes, "Not a picture").unwrap();
    browser.choose_file("Upload pictures", &notes).await;
    browser.click("main .actions button").await;
    assert!(browser.text("[role=alert]").await.contains("notes.txt is not a picture"));

    let photo = site.dir.path().join("office.jpg");
    std::fs::write(&photo, jpeg(1200, 800)).unwrap();
    browser.choose_file("Upload pictures", &photo).await;
    browser.click("main .actions button").await;
    browser.expect_heading("office.jpg").await;
    assert_eq!(browser.text(".flash").await, "Added 1 picture.");
    browser.fill("Alternative text", "Our office in Lahore").await;
    browser.click("main .actions button").await;
    browser.find(".flash").await;
    let markdown = browser.find("#markdown").await.prop("value").await.unwrap().unwrap();

    browser.click_link("Posts").await;
    browser.click_link("New post").await;
    browser.expect_heading("New post").await;
    browser.fill("Title", "We have moved").await;
    browser.fill("Summary", "Our new office.").await;
    browser.fill("Text", &format!("See for yourself.\n\n{markdown}")).await;
    browser.fill("Cover picture", &markdown).await;
    browser.click("button[value=publish]").await;
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news/we-have-moved", site.base)).await;
    browser.expect_heading("We have moved").await;
    for picture in ["article .cover img", ".prose > figure:not(.cover) img"] {
        let image = browser.find(picture).await;
        assert_eq!(image.attr("alt").await.unwrap().unwrap(), "Our office in Lahore");
        browser.wait_until_loaded(picture).await;
    }
}
