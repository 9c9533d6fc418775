//! On a telephone and on a desk's screen, no page must be pushed sideways to be read.

use crate::chromium::Browser;
use crate::support::Site;
use crate::tour::{self, Stop};

/// The narrowest telephone still about, the usual one, a desk's screen.
const WIDTHS: [u32; 3] = [320, 360, 1280];

#[actix_web::test]
async fn no_public_page_scrolls_sideways() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    nothing_sticks_out(&browser, &site, tour::public(&site).await).await;
}

#[actix_web::test]
async fn no_staff_page_scrolls_sideways() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    tour::sign_in(&browser, &site).await;
    nothing_sticks_out(&browser, &site, tour::staff(&site).await).await;
}

async fn nothing_sticks_out(browser: &Browser, site: &Site, stops: Vec<Stop>) {
    // What lies inside something that scrolls by itself is not at fault, unless it is positioned out of it.
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
    assert!(faults.is_empty(), "{} pages scroll sideways:\n{}", faults.len(), faults.join("\n"));
}
