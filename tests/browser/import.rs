//! From the government's file to a post that readers see: handed in, looked at, taken in, drafted, published.

use crate::chromium::{Browser, ENTER};
use crate::support::feeds::{file, new_round};
use crate::support::{FIRST_POST, Site};
use crate::tour;

const TITLE: &str = "Canada invites 1,500 people with Canadian experience in Express Entry round 448";

#[actix_web::test]
async fn a_new_round_becomes_a_post_without_scripts() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    tour::sign_in(&browser, &site).await;
    browser.follow("Rounds").await;
    browser.heading("Rounds of invitations").await;
    browser.follow("Import the government’s file").await;
    browser.heading("Import the government’s file").await;
    browser.fill("Or paste what is in it", "<html>Not found</html>").await;
    browser.press("main .actions button").await;
    assert!(browser.text(".summary").await.contains("This is a web page (HTML)"));

    let doubtful = new_round("448", &[("drawCutOff", "October 16, 2026 at 14:55:49 UTC")]);
    browser.fill("Or paste what is in it", &file(&[doubtful])).await;
    browser.press("main .actions button").await;
    browser.heading("What the import would do").await;
    assert_eq!(browser.texts("section[aria-labelledby=new] tbody th").await, ["448"]);
    assert!(browser.text(".findings li").await.contains("lies after the round itself"));
    browser.press("main .actions button").await;
    assert!(browser.text("[role=alert]").await.contains("Say of each why it is right"));
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448);
    browser.follow("Another file").await;

    browser.heading("Import the government’s file").await;
    browser.fill("Or paste what is in it", &file(&[new_round("448", &[])])).await;
    browser.press("main .actions button").await;
    browser.heading("What the import would do").await;
    browser.press("main .actions button").await;
    browser.heading("Rounds of invitations").await;
    assert!(browser.text(".flash").await.starts_with("Taken in: 1 new round (448)"));
    browser.follow("448").await;
    browser.heading("Round 448").await;
    browser.press("form[action=\"/admin/draws/448/posts\"] button").await;
    publish(&browser, &site).await;
}

async fn publish(browser: &Browser, site: &Site) {
    browser.heading("Edit post").await;
    browser.press("button[value=publish]").await;
    assert!(browser.text("#body-error").await.contains("put your words in place of {{write:"));
    let text = browser.find("#body").await.prop("value").await.unwrap().unwrap();
    let (before, rest) = text.split_once("{{write:").unwrap();
    let written = format!("{before}It means what it says.{}", rest.split_once("}}").unwrap().1);
    browser.fill("Text", &written).await;
    browser.press("button[value=publish]").await;
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news", site.base)).await;
    browser.follow(TITLE).await;
    browser.heading(TITLE).await;
    assert_eq!(browser.texts("article dl.score dd").await[..2], ["1,500", "515"]);
    assert!(browser.text("article").await.contains("It means what it says."));
}

#[actix_web::test]
async fn a_file_is_handed_in_and_applied_with_keys_alone() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    tour::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/draws/import", site.base)).await;
    browser.tab_to("text").await;
    browser.type_keys(&new_round("448", &[]).to_string()).await;
    browser.tab_to("Show what it would do").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.heading("What the import would do").await;
    browser.tab_to("Apply all of it").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.heading("Rounds of invitations").await;
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 449);
}

#[actix_web::test]
async fn a_sentence_that_the_record_contradicts_is_mended_with_a_press() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    browser.resize(360).await;
    tour::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "The first round for healthcare").await;
    browser.fill("Summary", "What it was.").await;
    browser.fill("Text", "Round 252 had a CRS cut-off of 477.").await;
    browser.press("button[value=publish]").await;
    assert!(browser.text(".summary").await.contains("The checks doubt 1 sentence."));
    browser.press(".findings button[name=mend]").await;
    browser.find("p.flash").await;
    let text = browser.find("#body").await.prop("value").await.unwrap();
    assert_eq!(text.as_deref(), Some("Round 252 had a CRS cut-off of {{draw 252 crs}}."));
    assert_eq!(browser.texts(".findings").await, Vec::<String>::new());
    browser.press("button[value=publish]").await;
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news/the-first-round-for-healthcare", site.base)).await;
    browser.heading("The first round for healthcare").await;
    assert!(browser.text("article").await.contains("Round 252 had a CRS cut-off of 476."));
}

#[actix_web::test]
async fn enter_in_a_field_of_the_editor_saves_and_mends_nothing() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    tour::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.fill("Title", "The first round for healthcare").await;
    browser.fill("Text", "Round 252 had a CRS cut-off of 477.").await;
    browser.press(".actions button[value=save]").await;
    browser.find(".findings button[name=mend]").await;
    browser.fill("Summary", "What it was.").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("input[name=version][value='2']").await;
    let kept = site.text("SELECT summary || body FROM posts WHERE id = 2").await;
    assert_eq!(kept, "What it was.Round 252 had a CRS cut-off of 477.");
}

#[actix_web::test]
async fn a_correction_is_seen_where_the_figure_stands() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    let site = Site::start().await;
    tour::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/draws/252", site.base)).await;
    browser.fill("Invitations, as published", "501").await;
    browser.fill("How we know", "The ministerial instruction").await;
    browser.press("main form[action=\"/admin/draws/252\"] .actions button").await;
    assert!(browser.text(".flash").await.starts_with("Saved."));
    for path in ["/draws/252", FIRST_POST] {
        browser.goto(&format!("{}{path}", site.base)).await;
        let note = browser.text("aside.correction").await;
        assert!(note.contains("was 500, is 501. The ministerial instruction."), "{path}: {note}");
        assert_eq!(browser.texts("dl.score dd").await[0], "501", "{path}");
    }
}
