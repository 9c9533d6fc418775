//! Publishing workflow in a browser: review by a second person, and scheduling.

use immigration_experts::staff::Role;

use crate::chromium::Browser;
use crate::support::{PASSWORD, Site};

async fn sign_in(browser: &Browser, site: &Site, role: Role) {
    browser.goto(&format!("{}/admin/sign-in", site.base)).await;
    browser.fill("E-mail address", &format!("{role}@example.com")).await;
    browser.fill("Password", PASSWORD).await;
    browser.click("main button").await;
    browser.expect_heading("Dashboard").await;
}

#[actix_web::test]
async fn draft_is_reviewed_by_a_second_person_and_scheduled() {
    for browser in [Browser::open().await, Browser::open_without_scripts().await] {
        let Some(browser) = browser else { return };
        let site = Site::start().await;
        for role in [Role::Writer, Role::Publisher] {
            site.account(&format!("{role}@example.com"), role).await;
        }
        sign_in(&browser, &site, Role::Writer).await;
        browser.goto(&format!("{}/admin/posts/new", site.base)).await;
        browser.fill("Title", "Spring plans").await;
        browser.fill("Summary", "What comes next.").await;
        browser.fill("Text", "The sky is blue.").await;
        browser.fill("Note", "Please check the second sentence.").await;
        browser.click("button[value=submit]:not(.visually-hidden)").await;
        browser.expect_heading("Edit post").await;
        assert_eq!(browser.text(".state").await, "in review");
        browser.click("form[action$=sign-out] button").await;
        browser.expect_heading("Staff sign-in").await;

        sign_in(&browser, &site, Role::Publisher).await;
        assert!(browser.text("#in-review + ul").await.contains("Please check the second sentence."));
        browser.click_link("Spring plans").await;
        browser.expect_heading("Edit post").await;
        // How date and time fields are typed depends on the language of the browser.
        let script = "document.getElementById('schedule_date').value = '2026-12-01'; \
                      document.getElementById('schedule_time').value = '09:30';";
        browser.eval(script).await;
        browser.click("button[value=schedule]").await;
        browser.wait_for_text("h1 + p", "December 1, 2026, 9:30 a.m. PKT (December 1, 2026, 4:30 a.m. UTC)").await;
        site.clock.set("2026-12-01T04:30:00Z".parse().unwrap());
        site.running.jobs.run("scheduled posts").await.unwrap();
        browser.goto(&format!("{}/news/spring-plans", site.base)).await;
        browser.expect_heading("Spring plans").await;
    }
}
