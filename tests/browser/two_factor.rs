//! Two-factor authentication in a browser without scripts: set-up, sign-in with a code, a recovery code.

use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha1::Sha1;

use crate::chromium::Browser;
use crate::page_list;
use crate::support::{PASSWORD, Site};

/// Code that an authenticator app shows for a key in base32.
fn code(key: &str, site: &Site) -> String {
    let letters = key.chars().filter(|c| *c != ' ');
    let value = |letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
    let bits: String = letters.map(|letter| format!("{:05b}", value(letter))).collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&(site.clock.now().as_second() / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn enter_password(browser: &Browser, site: &Site) {
    browser.goto(&format!("{}/admin/account", site.base)).await;
    browser.expect_heading("Staff sign-in").await;
    browser.fill("E-mail address", "admin@example.com").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("main button").await;
    browser.expect_heading("Two-factor authentication").await;
}

#[actix_web::test]
async fn staff_set_it_up_and_sign_in_with_a_code() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/account", site.base)).await;
    browser.click_link("Set up two-factor authentication").await;
    browser.click("main form button").await;
    browser.find("svg.qr path").await;
    let key = browser.text("code.key").await;
    browser.fill("Current password", PASSWORD).await;
    browser.fill("Code", "000000").await;
    browser.click("main form .actions button").await;
    browser.wait_for_text("#code-error", "Incorrect code").await;
    assert_eq!(browser.text("code.key").await, key);
    browser.fill("Current password", PASSWORD).await;
    browser.fill("Code", &code(&key, &site)).await;
    browser.click("main form .actions button").await;
    browser.expect_heading("Recovery codes").await;
    let codes = browser.texts("ol.recovery-codes code").await;
    assert_eq!(codes.len(), 10);
    browser.click_link("I have saved the codes").await;
    browser.expect_heading("Your account").await;

    browser.click(".brandline form button").await;
    site.clock.advance(SignedDuration::from_secs(30));
    enter_password(&browser, &site).await;
    browser.fill("Code", &code(&key, &site)).await;
    browser.click("main button").await;
    browser.expect_heading("Your account").await;

    browser.click(".brandline form button").await;
    enter_password(&browser, &site).await;
    browser.fill("Code", &codes[0]).await;
    browser.click("main button").await;
    browser.expect_heading("Your account").await;
    assert!(browser.text(".flash").await.contains("9 recovery codes are left"));
}
