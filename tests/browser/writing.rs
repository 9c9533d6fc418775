//! Writing a post in a browser: toolbar, keyboard shortcuts, dialogs, live preview, paste, and everything without scripts.

use std::path::PathBuf;

use crate::chromium::{ALT, Browser, CONTROL, ENTER, ESCAPE, F10, RIGHT, SHIFT};
use crate::page_list;
use crate::support::Site;
use crate::support::pictures::jpeg;

/// Opens the editor of a new post as an admin.
async fn open_editor(browser: &Browser, site: &Site) {
    page_list::sign_in(browser, site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.find("#markdown-tools:not([hidden])").await;
}

async fn text(browser: &Browser) -> String {
    browser.eval("return document.getElementById('body').value").await.as_str().unwrap().to_owned()
}

/// Replaces the text and selects a part of it.
async fn write(browser: &Browser, text: &str, selected: &str) {
    browser.fill("Text", text).await;
    let script = format!(
        "const area = document.getElementById('body'); area.focus(); const at = area.value.indexOf({selected:?});
         area.setSelectionRange(at, at + {selected:?}.length)"
    );
    browser.eval(&script).await;
}

/// Scrolls to an element that the buttons at the lower edge of a phone may cover, and clicks it.
async fn click_centered(browser: &Browser, css: &str) {
    browser.eval(&format!("document.querySelector({css:?}).scrollIntoView({{ block: 'center' }})")).await;
    browser.click(css).await;
}

fn button(command: &str) -> String {
    format!("#markdown-tools [data-command={command}]")
}

#[actix_web::test]
async fn toolbar_formats_the_selection_and_can_be_undone() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    open_editor(&browser, &site).await;
    for (command, selected, formatted) in [
        ("bold", "500 people", "Canada invited **500 people**.\nNurses"),
        ("italic", "invited ", "Canada *invited* 500 people.\nNurses"),
        ("link", "500 people", "Canada invited [500 people](https://).\nNurses"),
        ("heading", "Canada", "## Canada invited 500 people.\nNurses"),
        ("bullets", "people.\nNurses", "- Canada invited 500 people.\n- Nurses"),
        ("numbers", "people.\nNurses", "1. Canada invited 500 people.\n2. Nurses"),
        ("quote", "Nurses", "Canada invited 500 people.\n> Nurses"),
    ] {
        write(&browser, "Canada invited 500 people.\nNurses", selected).await;
        browser.click(&button(command)).await;
        assert_eq!(text(&browser).await, formatted, "{command}");
        browser.press(&[CONTROL], 'z').await;
        assert_eq!(text(&browser).await, "Canada invited 500 people.\nNurses", "undo of {command}");
    }
    // A second click removes the format again.
    for command in ["bold", "italic", "bullets", "numbers", "quote"] {
        write(&browser, "500 people", "500 people").await;
        browser.click(&button(command)).await;
        assert_ne!(text(&browser).await, "500 people");
        browser.click(&button(command)).await;
        assert_eq!(text(&browser).await, "500 people", "{command}");
    }
    write(&browser, "Before\nAfter", "Before").await;
    browser.eval("document.getElementById('body').setSelectionRange(6, 6)").await;
    browser.click(&button("table")).await;
    assert_eq!(text(&browser).await, "Before\n\n| Heading | Heading |\n|---|---|\n| Cell | Cell |\n\nAfter");
}

#[actix_web::test]
async fn everything_in_the_toolbar_works_by_keyboard() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    open_editor(&browser, &site).await;
    for (keys, key, formatted) in [
        (&[CONTROL][..], 'b', "**a**"),
        (&[CONTROL], 'i', "*a*"),
        (&[CONTROL], 'k', "[a](https://)"),
        (&[CONTROL, SHIFT], '2', "## a"),
        (&[CONTROL, SHIFT], '7', "1. a"),
        (&[CONTROL, SHIFT], '8', "- a"),
        (&[CONTROL, SHIFT], '9', "> a"),
    ] {
        write(&browser, "a", "a").await;
        browser.press(keys, key).await;
        assert_eq!(text(&browser).await, formatted, "{key}");
    }
    // Alt+F10 leads to the toolbar, an arrow key or the first letter to a button, and Escape back.
    write(&browser, "a", "a").await;
    browser.press(&[ALT], F10).await;
    let focus = "return document.activeElement.dataset.command ?? document.activeElement.id";
    assert_eq!(browser.eval(focus).await, "heading");
    browser.type_keys(&RIGHT.to_string()).await;
    assert_eq!(browser.eval(focus).await, "bold");
    browser.type_keys(&ENTER.to_string()).await;
    assert_eq!(text(&browser).await, "**a**");
    browser.press(&[ALT], F10).await;
    assert_eq!(browser.eval(focus).await, "bold", "the toolbar keeps its place");
    browser.type_keys("d").await;
    assert_eq!(browser.eval(focus).await, "draw");
    browser.type_keys(&ESCAPE.to_string()).await;
    assert_eq!(browser.eval(focus).await, "body");
    // The dialog of a draw.
    browser.press(&[ALT], F10).await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#draw-dialog[open]").await;
    assert_eq!(browser.eval(focus).await, "draw-number");
    browser.type_keys("252").await;
    browser.tab_to("draw-figure").await;
    browser.type_keys("CRS").await;
    browser.tab_to("Insert").await;
    browser.type_keys(&ENTER.to_string()).await;
    browser.find("#draw-dialog:not([open])").await;
    assert_eq!(text(&browser).await, "**{{draw 252 crs}}**");
    assert_eq!(browser.eval(focus).await, "body");
}

#[actix_web::test]
async fn post_is_written_with_the_dialogs_and_seen_in_the_preview() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/media", site.base)).await;
    let photo = site.dir.path().join("office.jpg");
    std::fs::write(&photo, jpeg(600, 400)).unwrap();
    browser.choose_file("Upload pictures", &photo).await;
    browser.click("main .actions button").await;
    browser.expect_heading("office.jpg").await;

    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    browser.find("#markdown-tools:not([hidden])").await;
    browser.fill("Title", "Draw of {{draw 252 date}}").await;
    browser.fill("Summary", "A draw.").await;
    browser.fill("Text", "Canada invited ").await;
    browser.click(&button("draw")).await;
    browser.select_option("Draw", "252:").await;
    browser.select_option("Figure", "number of invitations").await;
    browser.click("#draw-dialog button[value=insert]").await;
    browser.click(&button("occupations")).await;
    browser.select_option("Category list", "Healthcare").await;
    browser.click("#occupations-dialog button[value=insert]").await;
    browser.click(&button("picture")).await;
    browser.click("#picture-choices input").await;
    browser.find("#picture-alt").await.send_keys("Our [office]").await.unwrap();
    browser.fill("Caption", "Lahore").await;
    browser.click("#picture-dialog button[value=insert]").await;
    let body = text(&browser).await;
    assert!(body.starts_with("Canada invited {{draw 252 invitations}}\n\n{{occupations healthcare on "), "{body}");
    assert!(body.ends_with(".jpg \"Lahore\")") && body.contains("\n\n![Our \\[office\\]](/media/"), "{body}");
    // A cancelled dialog changes nothing.
    browser.click(&button("draw")).await;
    browser.find("#draw-dialog[open]").await;
    browser.type_keys(&ESCAPE.to_string()).await;
    assert_eq!(text(&browser).await, body);

    let shown = "const page = document.querySelector('#live-preview iframe')?.contentDocument; \
                 return page?.querySelector('h1')?.textContent + ' | ' + page?.querySelector('article > p')?.textContent \
                     + ' | ' + page?.querySelector('figcaption')?.textContent + ' | ' + page?.defaultView.innerWidth";
    browser.wait_for(shown, "Draw of June 28, 2023 | Canada invited 500 | Lahore | 360").await;
    browser.click("[data-width=desktop]").await;
    browser.wait_for(shown, "Draw of June 28, 2023 | Canada invited 500 | Lahore | 1280").await;
    let styled = "const page = document.querySelector('#live-preview iframe').contentDocument; \
                  return page.defaultView.getComputedStyle(page.querySelector('.lead')).fontSize !== '16px' \
                      && page.querySelector('figure img').complete";
    browser.wait_for(styled, "true").await;
    let visible = "const panel = document.getElementById('live-preview').getBoundingClientRect(); \
                   const area = document.getElementById('body').getBoundingClientRect(); \
                   const page = document.querySelector('#live-preview iframe').getBoundingClientRect(); \
                   return panel.left >= area.right && page.width <= panel.width + 1";
    assert_eq!(browser.eval(visible).await, true, "the whole page is visible beside the text");
    browser.goto(&format!("{}/admin/posts/1", site.base)).await;
    browser.find("#preview-tools [data-width=desktop][aria-pressed=true]").await;
    browser.click("[data-width=off]").await;
    assert_eq!(browser.eval("return document.getElementById('live-preview').hidden").await, true);
}

#[actix_web::test]
async fn pasted_text_of_word_and_google_docs_becomes_markdown() {
    let Some(browser) = Browser::open().await else { return };
    let site = Site::start().await;
    open_editor(&browser, &site).await;
    for (html, markdown) in [
        (include_str!("../data/clipboard/word.html"), include_str!("../data/clipboard/word.md")),
        (include_str!("../data/clipboard/google-docs.html"), include_str!("../data/clipboard/google-docs.md")),
    ] {
        browser.copy(html, "plain text").await;
        write(&browser, "Before [here] after", "[here]").await;
        browser.press(&[CONTROL], 'v').await;
        let expected = format!("Before {} after", markdown.trim_end());
        browser.wait_for("return document.getElementById('body').value", &expected).await;
        browser.wait_for_text("#editor-status", "1 picture is named in the text.").await;
        browser.press(&[CONTROL], 'z').await;
        assert_eq!(text(&browser).await, "Before [here] after", "the paste can be undone");
    }
    browser.copy("<p>no format</p>", "no *format*").await;
    write(&browser, "x", "x").await;
    browser.press(&[CONTROL], 'v').await;
    browser.wait_for("return document.getElementById('body').value", "no *format*").await;
    // Without an answer of the site, the plain text is pasted.
    browser.eval("window.fetch = () => Promise.reject(new Error('offline'))").await;
    browser.copy("<p><b>bold</b></p>", "bold").await;
    write(&browser, "x", "x").await;
    browser.press(&[CONTROL], 'v').await;
    browser.wait_for("return document.getElementById('body').value", "bold").await;
    browser.wait_for_text("#editor-status", "Pasted as plain text").await;
}

#[actix_web::test]
async fn word_file_is_added_and_published_without_scripts() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/posts/new", site.base)).await;
    for hidden in ["[role=toolbar]", "#preview-tools", "#live-preview", "dialog"] {
        assert_eq!(browser.texts(hidden).await.concat(), "", "{hidden} is visible without scripts");
    }
    browser.fill("Title", "From Word").await;
    browser.fill("Summary", "Written in Word.").await;
    browser.fill("Text", "Intro.").await;
    click_centered(&browser, "#insertion summary").await;
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/clipboard/word.docx");
    browser.choose_file("Word file or web page", &file).await;
    browser.fill("Paste formatted text", "• one\n• two").await;
    click_centered(&browser, "button[formaction$='/insertions']").await;
    assert!(browser.text(".flash").await.contains("“word.docx”"));
    let body = text(&browser).await;
    assert!(body.starts_with("Intro.\n\n- one\n- two\n\n## Draw 252"), "{body}");
    browser.fill("Text", &body.replace("{{write: add the picture “Invitations per draw”}}", "")).await;
    browser.click("button[value=publish]").await;
    if browser.texts("#reason").await.len() == 1 {
        browser.fill("Reason for keeping it", "It is correct.").await;
        browser.click("button[value=publish]").await;
    }
    browser.find(".state.public").await;
    browser.goto(&format!("{}/news/from-word", site.base)).await;
    browser.expect_heading("From Word").await;
    assert_eq!(browser.texts(".prose h2").await, ["Draw 252"]);
    assert_eq!(browser.texts("article li li").await, ["Registered nurses (NOC 31301)"]);
}
