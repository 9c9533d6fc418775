//! Draw import in a browser: from the government's file to a published post.

use crate::chromium::{Browser, ENTER};
use crate::page_list;
use crate::support::feeds::{file, new_round};
use crate::support::{FIRST_POST, Site};

const TITLE: &str = "Canada invites 1,500 people with Canadian experience in Express Entry draw 448";

#[actix_web::test]
async fn imported_draw_becomes_a_post_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.click_link("Draws").await;
    browser.expect_heading("Draws").await;
    browser.click_link("Import draws").await;
    browser.expect_heading("Import draws").await;
    browser.fill("Or paste its contents", "<html>Not found</html>").await;
    browser.click("main .actions button").await;
    assert!(browser.text(".summary").await.contains("This is a web page (HTML)"));

    let implausible = new_round("448", &[("drawCutOff", "October 16, 2026 at 14:55:49 UTC")]);
    browser.fill("Or paste its contents", &file(&[implausible])).await;
    browser.click("main .actions button").await;
    browser.expect_heading("Import preview").await;
    assert_eq!(browser.texts("section[aria-labelledby=new] tbody th").await, ["448"]);
    assert!(browser.text(".findings li").await.contains("is later than the draw"));
    browser.click("main .actions button").await;
    assert!(browser.text("[role=alert]").await.contains("Enter a reason for each warning"));
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
    browser.click_link("Import another file").await;

    browser.expect_heading("Import draws").await;
    browser.fill("Or paste its contents", &file(&[new_round("448", &[])])).await;
    browser.click("main .actions button").await;
    browser.expect_heading("Import preview").await;
    browser.click("main .actions button").await;
    browser.expect_heading("Draws").await;
    assert!(browser.text(".flash").await.starts_with("Imported: 1 new draw (448)"));
    browser.click_link("448").await;
    browser.expect_heading("Draw 448").await;
    browser.click("form[action=\"/admin/draws/448/posts\"] button").await;
    publish(&browser, &site).await;
}

async fn publish(browser: &Browser, site: &Site) {
    browser.expect_heading("Edit post").await;
    browser.click("button[value=publish]").await;
    let error = browser.text("#body-error").await;
    assert!(error.contains("{{write:") && error.contains("with your own text before publishing"), "{error}");
    let text = browser.find("#body").await.prop("value").await.unwrap().unwrap();
    let (before, rest) = text.split_once("{{write:").unwrap();
    let written = format!("{before}It means what it says.{}", rest.split_once("}}").unwrap().1);
    browser.fill("Text", &written).await;
    browser.click("button[value=publish]").await;
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news", site.base)).await;
    browser.click_link(TITLE).await;
    browser.expect_heading(TITLE).await;
    assert_eq!(browser.texts("article dl.score dd").await[..2], ["1,500", "515"]);
    assert!(browser.text("article").await.contains("It means what it says."));
}

#[actix_web::test]
async fn feed_file_is_uploaded_and_applied_by_keyboard_alone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/draws/import", site.base)).await;
    browser.tab_to("text").await;
    browser.type_keys(&new_round("448", &[]).to_string()).await;
    browser.tab_to("Preview import").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Import preview").await;
    browser.tab_to("Import").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.expect_heading("Draws").await;
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 449);
}

#[actix_web::test]
async fn contradicted_sentence_is_fixed_with_one_button() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "The first round for healthcare").await;
    browser.fill("Summary", "What it was.").await;
    browser.fill("Text", "Round 252 had a CRS cut-off of 477.").await;
    browser.click("button[value=publish]").await;
    assert!(browser.text(".summary").await.contains("1 possible error."));
    browser.click_link("Review 1 possible error").await;
    browser.click(".findings button[name=apply_fix]").await;
    browser.find("p.flash").await;
    let text = browser.find("#body").await.prop("value").await.unwrap();
    assert_eq!(text.as_deref(), Some("Round 252 had a CRS cut-off of {{draw 252 crs}}."));
    assert_eq!(browser.texts(".findings").await, Vec::<String>::new());
    browser.click("button[value=publish]").await;
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news/the-first-round-for-healthcare", site.base)).await;
    browser.expect_heading("The first round for healthcare").await;
    assert!(browser.text("article").await.contains("Round 252 had a CRS cut-off of 476."));
}

#[actix_web::test]
async fn enter_in_an_editor_field_saves_without_applying_fixes() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "The first round for healthcare").await;
    browser.fill("Text", "Round 252 had a CRS cut-off of 477.").await;
    browser.click(".actions button[value=save]").await;
    browser.find(".findings button[name=apply_fix]").await;
    browser.fill("Summary", "What it was.").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("input[name=version][value='2']").await;
    let kept = site.text("SELECT summary || body FROM posts WHERE id = 2").await;
    assert_eq!(kept, "What it was.Round 252 had a CRS cut-off of 477.");
}

#[actix_web::test]
async fn correction_note_appears_beside_the_corrected_figure() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/draws/252", site.base)).await;
    browser.fill("Invitations, as published", "501").await;
    browser.fill("Source", "The ministerial instruction").await;
    browser.click("main form[action=\"/admin/draws/252\"] .actions button").await;
    assert!(browser.text(".flash").await.starts_with("Saved."));
    for path in ["/draws/252", FIRST_POST] {
        browser.goto(&format!("{}{path}", site.base)).await;
        let note = browser.text("aside.correction").await;
        assert!(note.contains("changed from 500 to 501. The ministerial instruction."), "{path}: {note}");
        assert_eq!(browser.texts("dl.score dd").await[0], "501", "{path}");
    }
}
