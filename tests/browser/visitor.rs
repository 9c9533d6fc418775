//! Visitor tasks in a browser, with and without scripts: read a post, find an occupation, send a form.

use std::collections::BTreeSet;

use crate::chromium::Browser;
use crate::support::Site;

#[actix_web::test]
async fn visitor_reads_the_first_post_and_follows_its_occupation_links() {
    let Some(browser) = Browser::open().await else { return };
    read_the_first_post(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn visitor_reads_the_first_post_on_a_phone() {
    let Some(browser) = Browser::open().await else { return };
    browser.resize(360).await;
    read_the_first_post(&browser, &Site::start().await).await;
}

async fn read_the_first_post(browser: &Browser, site: &Site) {
    browser.goto(&format!("{}/news", site.base)).await;
    browser.expect_heading("News").await;
    let title = browser.text("main article h2 a").await;
    browser.click("main article h2 a").await;
    browser.expect_heading(&title).await;
    assert!(browser.texts("article h2").await.len() >= 3, "{:?}", browser.texts("article h2").await);
    let text = browser.text("article").await;
    for figure in ["June 28, 2023", "500", "476", "November 12, 2022", "July 6", "463", "Sheraz", "July 4, 2023"] {
        assert!(text.contains(figure), "the post does not say {figure}");
    }
    assert!(browser.text("article .correction").await.contains("2022"));

    // The list is numbered 1 to 35, and its links are the occupations eligible on the day of the draw.
    let script = "return [...document.querySelectorAll('article ol')].flatMap(list =>
        [...list.querySelectorAll('li')].map((item, index) => {
            const links = [...item.querySelectorAll('a[href^=\"/occupations/\"]')];
            return links.length === 1 ? [(list.start || 1) + index, links[0].pathname] : null;
        }).filter(found => found))";
    let found: Vec<(i64, String)> = serde_json::from_value(browser.eval(script).await).unwrap();
    assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=35).collect::<Vec<_>>());
    let linked: BTreeSet<&str> = found.iter().map(|(_, path)| path.trim_start_matches("/occupations/")).collect();
    let listed = site
        .text(
            "SELECT group_concat(noc) FROM category_occupations JOIN category_lists ON id = list_id
             WHERE category_key = 'healthcare' AND effective_from = '2023-05-31'",
        )
        .await;
    assert_eq!(linked, listed.split(',').collect::<BTreeSet<_>>());
    let visitor = site.visitor();
    for (_, path) in &found {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let first = browser.find("article ol a[href^=\"/occupations/\"]").await;
    let noc = first.attr("href").await.unwrap().unwrap().replace("/occupations/", "");
    first.click().await.unwrap();
    browser.find(".answer").await;
    assert!(browser.text("main").await.contains(&noc));
}

#[actix_web::test]
async fn visitor_finds_an_occupation_by_keyword_and_by_code() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.goto(&site.base).await;
    browser.fill("Job title or NOC code", "registered nurses").await;
    browser.click("main form[role=search] button").await;
    browser.expect_heading("Occupations").await;
    let found = browser.texts("main tbody tr").await;
    assert!(found.iter().any(|row| row.contains("31301")), "{found:?}");
    browser.click_link("Registered nurses and registered psychiatric nurses").await;
    browser.expect_heading("Registered nurses and registered psychiatric nurses").await;
    browser.click_link("Apply Now").await;
    browser.expect_heading("Apply now").await;

    browser.goto(&format!("{}/occupations", site.base)).await;
    browser.fill("Job title or NOC code", "313").await;
    browser.click("main details summary").await;
    browser.select_option("Training level (TEER)", "TEER 1:").await;
    browser.click("main form[role=search] button").await;
    browser.find("main tbody").await;
    let codes = browser.texts("main tbody td:nth-child(2)").await;
    assert!(codes.len() > 3 && codes.iter().all(|code| code.starts_with("313")), "{codes:?}");
}

/// Verifies that scripts really are disabled where a test relies on it.
#[actix_web::test]
async fn javascript_is_off_in_the_browser_without_scripts() {
    let page = "data:text/html,<h1>still</h1><script>document.querySelector('h1').textContent='ran'</script>";
    let Some(browser) = Browser::open().await else { return };
    browser.goto(page).await;
    browser.expect_heading("ran").await;
    drop(browser);
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.goto(page).await;
    browser.expect_heading("still").await;
}

#[actix_web::test]
async fn contact_form_can_be_corrected_and_sent_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    send_the_contact_form(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn visitor_sends_the_contact_form_from_a_phone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    send_the_contact_form(&browser, &Site::start().await).await;
}

async fn send_the_contact_form(browser: &Browser, site: &Site) {
    browser.goto(&format!("{}/contact", site.base)).await;
    browser.expect_heading("Contact").await;
    browser.fill("Your name", "آیشہ خان").await;
    browser.click("main form .actions button").await;
    let messages = error_summary(browser).await;
    assert!(messages.iter().any(|(field, _)| field == "message"), "{messages:?}");
    assert_eq!(browser.find("#name").await.prop("value").await.unwrap().unwrap(), "آیشہ خان");
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);

    follow_error_summary(browser, &messages).await;
    browser.fill("E-mail address", "ayesha@example.org").await;
    browser.fill("Your message", "Is my occupation listed?").await;
    browser.click("main form .actions button").await;
    receipt(browser, site, "message").await;
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn resending_a_form_after_going_back_gives_the_same_reference() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.goto(&format!("{}/contact", site.base)).await;
    for _ in 0..2 {
        browser.expect_heading("Contact").await;
        browser.fill("Your name", "Ayesha Khan").await;
        browser.fill("E-mail address", "ayesha@example.org").await;
        browser.fill("Your message", "Is my occupation listed?").await;
        browser.click("main form .actions button").await;
        receipt(&browser, &site, "message").await;
        browser.back().await;
    }
    assert_eq!(site.emails().await.len(), 2);
}

#[actix_web::test]
async fn application_can_be_corrected_and_sent_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.goto(&site.base).await;
    browser.click_link("Apply Now").await;
    browser.expect_heading("Apply now").await;
    browser.fill("CRS score", "1201").await;
    browser.fill("Occupation", "31301").await;
    browser.click("main button.send").await;
    let messages = error_summary(&browser).await;
    let fields: Vec<&str> = messages.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["name", "email", "residence", "program", "crs", "consent"]);
    assert_eq!(browser.find("#occupation").await.prop("value").await.unwrap().unwrap(), "31301");

    follow_error_summary(&browser, &messages).await;
    for (label, text) in [
        ("Your name", "Ayesha Khan"),
        ("E-mail address", "ayesha@example.org"),
        ("Phone number", "0300 1234567"),
        ("Country you live in", "Pakistan"),
        ("CRS score", "471"),
        ("Anything else", "🙂 <b>Thanks</b>"),
    ] {
        browser.fill(label, text).await;
    }
    browser.select_option("What would you like to apply for?", "Express Entry").await;
    browser.select_option("Highest education", "Bachelor’s degree").await;
    browser.click("#consent").await;
    browser.click("main button.send").await;
    receipt(&browser, &site, "application").await;
    assert!(browser.text("main").await.contains("🙂 <b>Thanks</b>"));
    assert_eq!(site.count("SELECT crs FROM inquiries WHERE kind = 'apply'").await, 471);
    assert_eq!(site.emails().await.len(), 2);
}

/// Linked fields and messages of the error summary.
async fn error_summary(browser: &Browser) -> Vec<(String, String)> {
    browser.find(".summary a").await;
    let script = "return [...document.querySelectorAll('.summary a')].map(a => [a.hash.slice(1), a.textContent])";
    serde_json::from_value(browser.eval(script).await).unwrap()
}

/// Checks that each link in the error summary leads to an invalid field that shows the same message.
async fn follow_error_summary(browser: &Browser, messages: &[(String, String)]) {
    for (field, sentence) in messages {
        browser.click_link(sentence).await;
        let element = browser.find(&format!("#{field}:target")).await;
        assert_eq!(element.attr("aria-invalid").await.unwrap().as_deref(), Some("true"), "{field}");
        let described_by = element.attr("aria-describedby").await.unwrap().unwrap();
        assert!(described_by.split(' ').any(|id| id == format!("{field}-error")), "{described_by}");
        assert!(browser.text(&format!("#{field}-error")).await.contains(sentence));
        let focused = browser.eval("return document.activeElement.id").await;
        assert_eq!(focused, field.as_str(), "the link does not focus its field");
    }
}

async fn receipt(browser: &Browser, site: &Site, noun: &str) {
    browser.expect_heading(&format!("Thank you. We’ve received your {noun}")).await;
    let reference = browser.text(".reference").await;
    assert_eq!(reference, site.text("SELECT group_concat(reference) FROM inquiries").await);
    assert!(browser.path().await.starts_with("/receipts/"));
}

/// A form sent from another site is shown again instead of being accepted. Translation services send forms like this.
#[actix_web::test]
async fn cross_site_form_can_be_confirmed_with_one_click() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    let page = format!(
        "data:text/html,<form method=post action='{}/contact'><input name=name value=Ayesha><input name=email \
         value='a@example.com'><textarea name=message>Hello</textarea><button id=go>Send</button></form>",
        site.base
    );
    browser.goto(&page).await;
    browser.click("#go").await;
    browser.find(".summary[role=alert]").await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    browser.click("button.send").await;
    browser.find("strong.reference").await;
    assert_eq!(site.text("SELECT name || ' ' || message FROM inquiries").await, "Ayesha Hello");
}

/// The bullet of an error is at the first line of its message, even if the message has several lines.
#[actix_web::test]
async fn error_list_bullets_align_with_the_first_line() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    browser.resize(320).await;
    browser.goto(&format!("{}/apply", site.base)).await;
    browser.click("button.send").await;
    browser.find(".summary li").await;
    // A list marker is at the first baseline of its item. The baseline of an inline block is its last line.
    let script = "return [...document.querySelectorAll('.summary li > a')].map(a => [getComputedStyle(a).display,
        a.getClientRects().length, Math.round(a.getBoundingClientRect().height / parseFloat(getComputedStyle(a).lineHeight))])";
    let links: Vec<(String, u32, u32)> = serde_json::from_value(browser.eval(script).await).unwrap();
    assert!(links.iter().any(|(.., lines)| *lines > 1), "{links:?}");
    assert!(links.iter().all(|(display, ..)| display == "block"), "{links:?}");
}
