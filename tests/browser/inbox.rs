//! Inbox in a browser: triage, reply by keyboard, release from quarantine on a phone.

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
    browser.tab_to("Ayesha Khan").await;
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
    assert_eq!(browser.text(".flash").await, "IE-2026-000001 is not spam. Its e-mails are being sent.");
    browser.click_link("New (1)").await;
    browser.find("tr .state.new").await;
    browser.click_link("Best SEO").await;
    browser.expect_heading("Best SEO").await;
    browser.find(".state.new").await;
    assert_eq!(site.emails().await.len(), 2);
}

/// Inserts 40 inquiries, "Visitor 1" the oldest.
async fn insert_forty(site: &Site) {
    site.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
         INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, message, crs, residence, occupation)
         SELECT printf('IE-2026-%06d', i), 'apply', printf('2026-11-22T08:%02d:00Z', i), '2026-11-22T08:00:00Z',
                lower(hex(randomblob(16))), '', hex(randomblob(16)), 'Visitor ' || i, 'v' || i || '@example.org', '',
                'I would like to work in Canada. My score is ' || (440 + i) || '.', 440 + i, 'Pakistan', 'welder'
         FROM n",
    )
    .await;
}

/// Waits until the list of new inquiries has `count` rows and its script has run.
async fn expect_rows(browser: &Browser, count: usize) {
    let state = "return [document.querySelector('.tabs a[aria-current]')?.textContent,
                         document.querySelectorAll('.inbox tbody tr').length,
                         document.getElementById('shortcuts')?.hidden]";
    let wanted = serde_json::json!([format!("New ({count})"), count, false]);
    let started = std::time::Instant::now();
    loop {
        let found = browser.eval(state).await;
        if found == wanted {
            return;
        }
        assert!(started.elapsed().as_secs() < 20, "{found} instead of {wanted}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

const FOCUSED: &str = "return document.activeElement.textContent";

#[actix_web::test]
async fn forty_inquiries_are_triaged_from_the_list() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    insert_forty(&site).await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/inquiries?state=new", site.base)).await;
    expect_rows(&browser, 40).await;
    let first = browser.text(".inbox tbody tr").await;
    for shown in ["Visitor 40", "My score is 480.", "welder", "480", "Pakistan", "New", "Unassigned"] {
        assert!(first.contains(shown), "{first}");
    }
    // Bulk actions: 10 spam, 10 trash, 5 assigned, without opening one of them.
    for (count, left, button) in [(10, 30, "spam"), (10, 20, "trash"), (5, 15, "assign")] {
        for row in 1..=count {
            browser.click(&format!(".inbox tbody tr:nth-child({row}) input")).await;
        }
        browser.click(&format!(".batch button[value={button}]")).await;
        expect_rows(&browser, left).await;
        browser.find(".flash-line form button").await;
    }
    // One click undoes the last of them.
    browser.click(".flash-line form button").await;
    expect_rows(&browser, 20).await;
    assert_eq!(browser.text(".flash").await, "Undone for 5 inquiries.");
    // The rest by keyboard: j to the third, k back to the second, e closes it.
    browser.type_keys("jjjk").await;
    assert_eq!(browser.eval(FOCUSED).await, "Visitor 19");
    browser.type_keys("e").await;
    expect_rows(&browser, 19).await;
    for left in (1..19).rev() {
        browser.type_keys("je").await;
        expect_rows(&browser, left).await;
    }
    // r opens the last one at the reply.
    browser.type_keys("jr").await;
    browser.expect_heading("Visitor 1").await;
    browser.find("#text:focus").await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE state = 'closed'").await, 19);
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE state = 'quarantined'").await, 10);
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").await, 10);
}

#[actix_web::test]
async fn inquiry_is_answered_from_the_list_with_three_clicks() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    insert_forty(&site).await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/inquiries?state=new", site.base)).await;
    browser.click_link("Visitor 40").await;
    browser.expect_heading("Visitor 40").await;
    browser.click_link("Request for documents").await;
    browser.wait_for_text("#text", "Dear Visitor 40,").await;
    browser.click("form[action$='/reply'] button").await;
    assert_eq!(browser.text(".flash").await, "Reply to IE-2026-000040 is being sent.");
    assert_eq!(browser.texts(".state.answered").await, ["Answered"]);
    // The next inquiry of the list is one click away.
    browser.click_link("Next →").await;
    browser.expect_heading("Visitor 39").await;
}

#[actix_web::test]
async fn shortcuts_do_not_fire_while_typing_or_when_turned_off() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    insert_forty(&site).await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/inquiries", site.base)).await;
    browser.click("#q").await;
    browser.type_keys("jkre").await;
    assert_eq!(browser.eval("return document.getElementById('q').value").await, "jkre");
    assert_eq!(browser.eval("return document.activeElement.id").await, "q");
    // With a modifier, the browser's own shortcut is meant.
    let press = "document.activeElement.blur();
                 const event = new KeyboardEvent('keydown', { key: 'j', ctrlKey: true, bubbles: true, cancelable: true });
                 document.body.dispatchEvent(event); return event.defaultPrevented";
    assert_eq!(browser.eval(press).await, false);
    browser.click("#shortcuts summary").await;
    browser.click("#use-shortcuts").await;
    browser.eval("document.activeElement.blur()").await;
    browser.type_keys("j").await;
    assert_eq!(browser.eval("return document.activeElement === document.body").await, true);
    // The choice is kept. On the page of an inquiry, j and k lead to the next and the previous one.
    browser.click_link("Visitor 40").await;
    browser.expect_heading("Visitor 40").await;
    browser.type_keys("j").await;
    browser.click("#shortcuts summary").await;
    browser.click("#use-shortcuts").await;
    browser.eval("document.activeElement.blur()").await;
    browser.type_keys("j").await;
    browser.expect_heading("Visitor 39").await;
    browser.type_keys("k").await;
    browser.expect_heading("Visitor 40").await;
    browser.type_keys("r").await;
    browser.find("#text:focus").await;
    browser.type_keys("jker").await;
    browser.expect_heading("Visitor 40").await;
    browser.eval("document.activeElement.value = ''; document.activeElement.blur()").await;
    browser.type_keys("e").await;
    browser.find(".state.closed").await;
}
