//! What a visitor sees first, and that nothing overlaps or is cut off, in any direction and at any text size.

use serde_json::Value;

use crate::chromium::Browser;
use crate::page_list;
use crate::support::Site;

/// Pages with the layout, the forms and the company.
const PAGES: [&str; 7] = ["/", "/?crs=471", "/contact", "/apply", "/about", "/privacy", "/nothing-is-here"];

/// Distance of the end of the first match of `css` from the top of the page, in CSS pixels.
async fn end_of(browser: &Browser, css: &str) -> f64 {
    browser
        .eval(&format!("return document.querySelector({css:?}).getBoundingClientRect().bottom"))
        .await
        .as_f64()
        .unwrap()
}

#[actix_web::test]
async fn front_page_shows_the_latest_draw_and_both_checks_on_the_first_screen_of_a_phone() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    browser.goto(&site.base).await;
    for (css, limit) in [("header", 120.0), (".newest .score", 740.0), ("[name=q]", 740.0), ("#crs", 740.0)] {
        let end = end_of(&browser, css).await;
        assert!(end <= limit, "{css} ends at {end} px");
    }
    assert_eq!(browser.texts(".newest .score dd").await, ["476", "3,500", "Oct 1"]);
    for path in ["/draws", "/news", "/contact", "/occupations/31301"] {
        browser.goto(&format!("{}{path}", site.base)).await;
        let end = end_of(&browser, "header").await;
        assert!(end <= 120.0, "the header of {path} ends at {end} px");
    }
}

#[actix_web::test]
async fn menu_opens_on_a_phone_and_is_always_open_on_a_wide_screen() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    browser.goto(&site.base).await;
    browser.click("header summary").await;
    browser.click("header nav a[href='/draws']").await;
    browser.find("header nav a[aria-current]").await;
    browser.click("header summary").await;
    browser.click(".menu-search").await;
    browser.expect_heading("Search").await;
    browser.resize(1280).await;
    browser.click("header nav a[href='/about']").await;
    browser.expect_heading("About us").await;
}

#[actix_web::test]
async fn nothing_overlaps_overflows_or_is_cut_off() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    let receipt = page_list::send_inquiry(&site).await;
    let faults = "
        const faults = [], root = document.scrollingElement;
        if (root.scrollWidth > innerWidth) faults.push(`is ${root.scrollWidth} px wide`);
        const shown = element => element.checkVisibility({ checkVisibilityCSS: true })
            && !element.closest('.visually-hidden, .skip, [hidden]') && element.getClientRects().length > 0;
        const name = element => element.tagName.toLowerCase() + '.' + element.className + ' “'
            + (element.textContent || element.value || '').trim().slice(0, 30) + '”';
        for (const element of document.querySelectorAll('a, button, h1, h2, h3, p, li, dt, dd, th, td, label, summary')) {
            if (!shown(element)) continue;
            const style = getComputedStyle(element);
            if (style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1)
                faults.push('cut off: ' + name(element));
        }
        // Boxes of one line that are operated or read must not share space.
        const boxes = [...document.querySelectorAll('header a, header summary, header button, header input, main button, main input, main select, main textarea, h1, h2, .score dd, .score dt')]
            .filter(shown).map(element => [element, element.getBoundingClientRect()]);
        boxes.forEach(([one, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
            if (one.contains(other) || other.contains(one)) return;
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 1) faults.push('overlap: ' + name(one) + ' and ' + name(other));
        }));
        return faults;";
    let mut found = vec![];
    for path in PAGES.into_iter().chain([receipt.as_str(), "/admin/style"]) {
        for (setting, prepare) in
            [("as it is", ""), ("right to left", "document.documentElement.dir = 'rtl'"), ("200% text", "")]
        {
            browser.set_font_size(if setting == "200% text" { 32 } else { 16 }).await;
            browser.goto(&format!("{}{path}", site.base)).await;
            browser.find("main h1").await;
            browser.eval(prepare).await;
            for width in [320, 360, 768, 1024, 1280] {
                browser.resize(width).await;
                let Value::Array(faults) = browser.eval(faults).await else { panic!("no list") };
                found.extend(faults.iter().map(|fault| format!("{path}, {setting}, {width} px: {fault}")));
            }
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// Touch targets of the layout and the forms are at least 44 px high. Links in running text may be smaller.
#[actix_web::test]
async fn controls_are_large_enough_to_touch() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    let small = "
        return [...document.querySelectorAll('header a, header summary, button, .button, input, select, textarea, .phones a, .progress a, footer li a')]
            .filter(element => element.checkVisibility() && !element.matches('[type=hidden], .visually-hidden, .check input'))
            .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect().height])
            .filter(([, height]) => height < 43.5).map(([html, height]) => `${html} is ${height} px high`);";
    for path in PAGES.into_iter().chain(["/admin/style"]) {
        browser.goto(&format!("{}{path}", site.base)).await;
        for width in [360, 1280] {
            browser.resize(width).await;
            assert_eq!(browser.eval(small).await, Value::Array(vec![]), "{path} at {width} px");
        }
    }
}

/// In forced colours, the browser removes backgrounds and shadows.
#[actix_web::test]
async fn buttons_and_states_keep_a_border_in_forced_colours() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.emulate_forced_colors().await;
    browser.goto(&format!("{}/admin/style", site.base)).await;
    browser.find("main h1").await;
    let bare = "
        return [...document.querySelectorAll('.button, button, .panel, .card, .score div, .steps > li, .progress a, input, select, textarea')]
            .filter(element => element.checkVisibility() && !element.closest('.visually-hidden, label'))
            .filter(element => ['Top', 'Bottom', 'Left'].every(side => parseFloat(getComputedStyle(element)['border' + side + 'Width']) === 0)
                && parseFloat(getComputedStyle(element, '::before').borderTopWidth || 0) === 0)
            .map(element => element.outerHTML.slice(0, 80));";
    assert_eq!(browser.eval(bare).await, Value::Array(vec![]));
}
