//! No page scrolls horizontally on phones and desktop screens.

use crate::chromium::Browser;
use crate::page_list::{self, PageVisit};
use crate::support::Site;

/// Widths in CSS pixels: the narrowest phones in use, common phones, and desktop screens.
const WIDTHS: [u32; 4] = [320, 360, 768, 1280];

#[actix_web::test]
async fn public_pages_do_not_scroll_horizontally() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    assert_no_horizontal_scroll(&browser, &site, page_list::public_pages(&site).await).await;
}

#[actix_web::test]
async fn admin_pages_do_not_scroll_horizontally() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    assert_no_horizontal_scroll(&browser, &site, page_list::admin_pages(&site).await).await;
}

async fn assert_no_horizontal_scroll(browser: &Browser, site: &Site, stops: Vec<PageVisit>) {
    // Content of a scrolling container is not at fault, unless it is positioned outside of it.
    let widest = "
        const width = document.scrollingElement.scrollWidth;
        if (width <= innerWidth) return '';
        const at_fault = [...document.querySelectorAll('body *')].filter(element => {
            const around = box => getComputedStyle(box).position === 'absolute' ? box.offsetParent : box.parentElement;
            for (let box = around(element); box && box !== document.body; box = around(box))
                if (getComputedStyle(box).overflowX !== 'visible') return false;
            return element.getBoundingClientRect().right > innerWidth + 0.5;
        });
        const name = element => element.tagName.toLowerCase() + [...element.classList].map(word => '.' + word).join('')
            + ' “' + element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40) + '”';
        return `is ${width} px wide: ` + at_fault.slice(-3).map(name).join(', ');";
    let mut faults = vec![];
    for stop in stops {
        stop.visit(browser, site).await;
        for width in WIDTHS {
            browser.resize(width).await;
            let fault = browser.eval(widest).await;
            if fault != "" {
                faults.push(format!("{} at {width} px {}", stop.name(), fault.as_str().unwrap_or_default()));
            }
        }
    }
    assert!(faults.is_empty(), "{} pages scroll horizontally:\n{}", faults.len(), faults.join("\n"));
}
