//! Unsaved text in a browser: warning, autosave, and forms that are sent after the session has ended.

use crate::chromium::Browser;
use crate::page_list;
use crate::support::{PASSWORD, Site};

/// Whether the browser would ask before it leaves the page.
async fn warns(browser: &Browser) -> bool {
    let script = "const leaving = new Event('beforeunload', { cancelable: true }); \
                  window.dispatchEvent(leaving); return leaving.defaultPrevented";
    browser.eval(script).await == true
}

#[actix_web::test]
async fn text_is_stored_while_it_is_typed_and_offered_after_a_crash() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    assert!(!warns(&browser).await);
    browser.fill("Title", "A typed title").await;
    browser.fill("Text", "Words that are never saved").await;
    assert!(warns(&browser).await);
    assert_eq!(browser.text("#text-length").await, "5 words · 1 min read");
    browser.wait_for_text("#autosave-status", "A copy of your text was stored").await;
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1, "no post is saved");
    drop(browser);

    let browser = Browser::open().await.unwrap();
    page_list::sign_in_again(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.click_link("Continue with the unsaved text").await;
    browser.find("#editor[data-unsaved]").await;
    assert_eq!(browser.eval("return document.getElementById('body').value").await, "Words that are never saved");
    assert!(warns(&browser).await, "not saved yet");
    browser.fill("Text", "Words that are saved").await;
    browser.click(".actions button[value=save]").await;
    browser.expect_heading("Edit post").await;
    assert!(!warns(&browser).await);
    assert_eq!(site.count("SELECT count(*) FROM post_autosaves").await, 0);
    assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, "Words that are saved");
}

#[actix_web::test]
async fn copy_that_is_being_stored_is_deleted_by_the_save() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "A title").await;
    browser.fill("Text", "Words").await;
    // The copy is stored at once, but the page learns of it only later.
    let slow_answers = "const send = window.fetch; \
        window.fetch = async (address, options) => { \
            const answer = await send(address, { ...options, signal: undefined, keepalive: false }); \
            await new Promise((resolve) => { setTimeout(resolve, 500); }); \
            return answer; \
        }; \
        Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' }); \
        document.dispatchEvent(new Event('visibilitychange'));";
    browser.eval(slow_answers).await;
    browser.click(".actions button[value=save]").await;
    browser.expect_heading("Edit post").await;
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 2);
    assert_eq!(site.count("SELECT count(*) FROM post_autosaves").await, 0);
}

#[actix_web::test]
async fn staff_restore_an_earlier_version() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "A title").await;
    browser.fill("Text", "The first text").await;
    browser.click(".actions button[value=save]").await;
    browser.expect_heading("Edit post").await;
    browser.fill("Text", "The second text").await;
    browser.click(".actions button[value=save]").await;
    browser.find("a[href$=\"/revisions/2\"]").await;
    browser.click("a[href$=\"/revisions/1\"]").await;
    browser.expect_heading("Version 1 of “A title”").await;
    assert_eq!((browser.text(".diff del").await, browser.text(".diff ins").await), ("first".into(), "second".into()));
    browser.click_link("Side by side").await;
    browser.find("table.diff").await;
    browser.click("main form .actions button").await;
    browser.expect_heading("Edit post").await;
    assert!(browser.text(".flash").await.starts_with("Version 1 restored."));
    assert_eq!(site.text("SELECT body FROM posts WHERE id = 2").await, "The first text");
}

#[actix_web::test]
async fn text_survives_the_end_of_the_session() {
    for scripts in [true, false] {
        let browser = if scripts { Browser::open().await } else { Browser::open_without_scripts().await };
        let Some(browser) = browser else { return };
        let site = Site::start().await;
        page_list::sign_in(&browser, &site).await;
        browser.goto(&format!("{}/admin/inquiries/templates/new", site.base)).await;
        browser.fill("Title", "First answer").await;
        browser.fill("Text", "Thank you for your message.").await;
        site.advance_hours(9);
        browser.click("main form .actions button").await;
        browser.expect_heading("Staff sign-in").await;
        browser.fill("E-mail address", "admin@example.com").await;
        browser.fill("Password", PASSWORD).await;
        browser.click("main form button").await;
        browser.find(".restored").await;
        if scripts {
            assert!(warns(&browser).await, "not saved yet");
        }
        browser.click("form[data-unsaved] .actions button").await;
        browser.find(".flash").await;
        let title = "SELECT title FROM answer_templates ORDER BY id DESC LIMIT 1";
        assert_eq!(site.text(title).await, "First answer", "one click saves it");
    }
}
