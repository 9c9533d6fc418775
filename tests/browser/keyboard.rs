//! Keyboard operation: everything works without a mouse, and the focus is always visible.

use serde_json::Value;

use crate::chromium::{Browser, ENTER, TAB};
use crate::page_list;
use crate::support::Site;

#[actix_web::test]
async fn first_tab_stop_is_the_skip_link() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    for path in ["/", "/news", "/contact", "/admin/sign-in"] {
        browser.goto(&format!("{}{path}", site.base)).await;
        use_skip_link(&browser).await;
    }
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts", site.base)).await;
    use_skip_link(&browser).await;
}

async fn use_skip_link(browser: &Browser) {
    browser.type_keys(&TAB.to_string()).await;
    let focus = focus(browser).await;
    assert_eq!(focus["text"], "Skip to content");
    assert_eq!(focus["fault"], "");
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#content:target").await;
    assert_eq!(browser.eval("return document.activeElement.id").await, "content");
}

#[actix_web::test]
async fn contact_form_works_by_keyboard_alone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.goto(&format!("{}/contact", site.base)).await;
    for (id, text) in
        [("name", "Ayesha Khan"), ("email", "ayesha@example.org"), ("phone", "0300 1234567"), ("message", "Hello.")]
    {
        tab_to(&browser, id).await;
        browser.type_keys(text).await;
    }
    tab_to(&browser, "").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Thank you. We’ve received your message").await;
    let kept = "SELECT name || ', ' || email || ', ' || phone || ', ' || message FROM inquiries";
    assert_eq!(site.text(kept).await, "Ayesha Khan, ayesha@example.org, 0300 1234567, Hello.");
}

#[actix_web::test]
async fn keyboard_focus_is_always_visible() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    for path in [
        "/",
        "/draws/252",
        "/occupations?q=nurse",
        "/apply",
        "/admin",
        "/admin/posts/1",
        "/admin/inquiries",
        "/admin/inquiries/1",
        "/admin/staff",
        "/admin/draws/247",
        "/admin/draws/import",
    ] {
        browser.goto(&format!("{}{path}", site.base)).await;
        let mut faults = vec![];
        for _ in 0..400 {
            browser.type_keys(&TAB.to_string()).await;
            let focus = focus(&browser).await;
            if focus["tag"] == "BODY" || focus["seen before"] == true {
                break;
            }
            if focus["fault"] != "" {
                faults.push(format!("{} “{}” {}", focus["tag"], focus["text"], focus["fault"]));
            }
        }
        assert!(faults.is_empty(), "{path}:\n{}", faults.join("\n"));
    }
}

/// Presses Tab until the field `id` has the focus, or a button if `id` is empty.
async fn tab_to(browser: &Browser, id: &str) {
    for _ in 0..60 {
        browser.type_keys(&TAB.to_string()).await;
        let focus = focus(browser).await;
        assert_eq!(focus["fault"], "", "{focus}");
        let is_there = if id.is_empty() { focus["tag"] == "BUTTON" } else { focus["id"] == id };
        if is_there {
            return;
        }
    }
    panic!("Tab does not reach “{id}”");
}

/// Focused element, and what is wrong with how it is displayed.
async fn focus(browser: &Browser) -> Value {
    let script = "
        const element = document.activeElement;
        const visited = window.visitedFocus = window.visitedFocus || new Set();
        const before = visited.has(element);
        visited.add(element);
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const outlined = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
        const inside = box.width > 1 && box.height > 1 && box.bottom > 0 && box.right > 0
            && box.top < innerHeight && box.left < innerWidth;
        // Elements with a fixed position must not cover all of it.
        const points = [0.1, 0.5, 0.9].flatMap(x => [0.1, 0.5, 0.9].map(y => [box.left + x * box.width, box.top + y * box.height]));
        const on_top = points.map(([x, y]) => document.elementFromPoint(x, y)).filter(top => top);
        const hidden = inside && on_top.length > 0
            && !on_top.some(top => element.contains(top) || top.contains(element) || [...(element.labels || [])].some(label => label.contains(top)));
        return {
            id: element.id, tag: element.tagName, 'seen before': before,
            text: (element.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 60),
            fault: hidden ? 'is covered by another element' : !outlined ? 'has no visible focus' : !inside ? 'is outside the window' : ''
        };";
    browser.eval(script).await
}
