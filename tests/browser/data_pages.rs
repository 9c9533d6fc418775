//! Draw, occupation and category pages on phones and desktop screens: what is on the first screen, heights, and texts.

use crate::chromium::Browser;
use crate::support::Site;

/// Pages with figures, with short and long names, and with few and many rows.
const PATHS: [&str; 16] = [
    "/draws",
    "/draws?year=2025",
    "/draws?category=healthcare",
    "/draws?category=cec",
    "/draws/447",
    "/draws/208",
    "/draws/91b",
    "/occupations",
    "/occupations?q=nurse",
    "/occupations/31301",
    "/occupations/31100",
    "/occupations/00010",
    "/categories",
    "/categories/healthcare",
    "/categories/healthcare?version=Version+1",
    "/categories/french",
];

/// Distance of an edge of the first element that matches `css` from the top of the page, in CSS pixels.
async fn edge(browser: &Browser, css: &str, edge: &str) -> i64 {
    browser.find(css).await;
    let script = format!(
        "return Math.round(document.querySelector(\"{css}\").getBoundingClientRect().{edge} + document.scrollingElement.scrollTop)"
    );
    browser.eval(&script).await.as_i64().unwrap()
}

#[actix_web::test]
async fn newest_draw_is_within_900_px_on_a_phone_and_the_page_is_short() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    browser.goto(&format!("{}/draws", site.base)).await;
    let newest = edge(&browser, ".draws tbody tr", "bottom").await;
    assert!(newest <= 900, "the newest draw ends at {newest} px");
    assert!(edge(&browser, ".draw-filter", "bottom").await <= newest, "the filter comes first");
    let height = browser.eval("return document.scrollingElement.scrollHeight").await.as_i64().unwrap();
    assert!(height < 3000, "the page is {height} px high");
    // One tap leads to the table of all draws.
    browser.click(".more-draws a:last-child").await;
    browser.expect_heading("Express Entry draws of all years").await;
    assert_eq!(browser.eval("return document.querySelectorAll('.draws tbody tr').length").await, 448);
}

#[actix_web::test]
async fn answer_about_an_occupation_is_within_500_px_on_a_phone() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    for noc in ["31301", "63200", "00010", "00013", "21231", "31100"] {
        browser.goto(&format!("{}/occupations/{noc}", site.base)).await;
        let answer = edge(&browser, ".answer p", "bottom").await;
        assert!(answer <= 500, "the answer for {noc} ends at {answer} px");
    }
}

#[actix_web::test]
async fn charts_are_as_wide_as_the_page_and_have_readable_text() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    browser.goto(&format!("{}/draws", site.base)).await;
    for (width, smallest) in [(360, 300), (1280, 1000)] {
        browser.resize(width).await;
        let chart = browser.eval("return document.querySelector('.plot').getBoundingClientRect().width").await;
        assert!(chart.as_f64().unwrap() >= f64::from(smallest), "{chart} at {width}");
        let script = "
            const texts = [...document.querySelectorAll('.plot text')];
            const boxes = texts.map(text => text.getBoundingClientRect());
            const outside = boxes.filter(box => box.left < 0 || box.right > innerWidth + 1);
            const names = [...document.querySelectorAll('.plot .names text')].map(text => text.getBoundingClientRect());
            names.sort((one, other) => one.top - other.top);
            const overlapping = names.filter((box, index) => index > 0 && box.top < names[index - 1].top + 9);
            const small = boxes.filter(box => box.height < 10);
            return [texts.length, outside.length, overlapping.length, small.length].join(' ');";
        let found = browser.eval(script).await;
        let found: Vec<i64> = found.as_str().unwrap().split(' ').map(|count| count.parse().unwrap()).collect();
        assert!(found[0] >= 12 && found[1..] == [0, 0, 0], "texts, outside, overlapping, small at {width}: {found:?}");
        let bars = browser.eval("return document.querySelectorAll('.types .spark').length").await;
        assert_eq!(bars, 9);
    }
}

/// Texts that are cut off, stick out of the page, or overlap others.
const FAULTS: &str = "
    const width = document.documentElement.clientWidth, faults = [];
    const name = element => element.tagName.toLowerCase() + ' “' + element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40) + '”';
    const is_shown = element => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && !element.closest('.visually-hidden, details:not([open]) > :not(summary)')
            && getComputedStyle(element).clipPath === 'none' && getComputedStyle(element.parentElement.parentElement).clipPath === 'none';
    };
    const texts = [...document.querySelectorAll('main :is(h1, h2, h3, p, li, dt, dd, th, td, summary, label, select, button, a.button)')].filter(is_shown);
    for (const element of texts) {
        const box = element.getBoundingClientRect();
        if (box.right > width + 1 || box.left < -1) faults.push('outside: ' + name(element));
        if (element.tagName !== 'SELECT' && element.scrollWidth > element.clientWidth + 1) faults.push('cut off: ' + name(element));
    }
    texts.forEach((one, index) => texts.slice(index + 1, index + 15).forEach(other => {
        if (one.contains(other) || other.contains(one)) return;
        const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 3) faults.push('overlapping: ' + name(one) + ' and ' + name(other));
    }));
    return faults.slice(0, 5).join('; ');";

/// Prepares a page for the check of its texts: right-to-left, or twice the text size.
const AS_RIGHT_TO_LEFT: &str = "document.documentElement.dir = 'rtl'";
const AT_TWICE_THE_TEXT_SIZE: &str = "document.documentElement.style.fontSize = '200%'";

async fn assert_no_faults(widths: &[u32], prepare: &str) {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    let mut faults = vec![];
    for path in PATHS {
        browser.goto(&format!("{}{path}", site.base)).await;
        browser.find("main h1").await;
        browser.eval(prepare).await;
        for width in widths {
            browser.resize(*width).await;
            let found = browser.eval(FAULTS).await;
            if found != "" {
                faults.push(format!("{path} at {width} px: {}", found.as_str().unwrap_or_default()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn no_text_is_cut_off_or_overlaps() {
    assert_no_faults(&[320, 360, 768, 1280], "").await;
}

#[actix_web::test]
async fn no_text_is_cut_off_or_overlaps_from_right_to_left() {
    assert_no_faults(&[360, 1280], AS_RIGHT_TO_LEFT).await;
}

#[actix_web::test]
async fn no_text_is_cut_off_or_overlaps_at_twice_the_text_size() {
    assert_no_faults(&[360, 1280], AT_TWICE_THE_TEXT_SIZE).await;
}
