//! Formatted text of other programs in the editor: conversion, upload without scripts, live preview and choices of dialogs.

use immigration_experts::staff::Role;
use serde_json::Value;

use crate::support::pictures::jpeg;
use crate::support::{Page, Site, Visitor};

const WORD_FILE: &[u8] = include_bytes!("../data/clipboard/word.docx");
const WORD_HTML: &str = include_str!("../data/clipboard/word.html");
const WORD_MARKDOWN: &str = include_str!("../data/clipboard/word.md");

/// Sends a form with a file.
async fn send_file(visitor: &Visitor, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Page {
    let mut body = vec![];
    for (name, value) in fields {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let (name, content) = file.unwrap_or_default();
    let head = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--x--\r\n");
    visitor.post_body(path, "multipart/form-data; boundary=x", body).await
}

/// Value of a text area.
fn area(page: &Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<textarea id=\"{name}\"")).unwrap();
    let value = rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0;
    value.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'")
}

const POST: [(&str, &str); 4] = [("title", "A title"), ("author", "A"), ("summary", "S"), ("body", "My own text.")];

#[actix_web::test]
async fn word_file_is_added_to_the_text_without_saving() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let before = site.count("SELECT count(*) FROM posts").await;
    let file = Some(("Draw 252.docx", WORD_FILE));
    let page = send_file(&writer, "/admin/posts/new/insertions", &POST, file).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.first(".flash"), "Added “Draw 252.docx” at the end of the text. Not saved yet.");
    assert_eq!((page.field_value("title"), page.field_value("summary")), ("A title".into(), "S".into()));
    let body = area(&page, "body");
    assert!(body.starts_with("My own text.\n\n## Draw 252\n\nCanada invited **500** people"), "{body}");
    assert_eq!(site.count("SELECT count(*) FROM posts").await, before, "nothing is saved");
    assert_eq!(site.count("SELECT count(*) FROM post_autosaves").await, 1, "the text is kept as unsaved text");

    // A named picture can be saved, and must be replaced before the post is published.
    let fields = [("title", "A title"), ("author", "A"), ("summary", "S"), ("body", &*body), ("action", "save")];
    let saved = writer.post_and_follow("/admin/posts/new", &fields).await;
    assert_eq!(area(&saved, "body"), body);
    let publisher = site.staff(Role::Publisher).await;
    let publish = [&fields[..4], &[("action", "publish"), ("reason", "r")]].concat();
    let refused = publisher.post("/admin/posts/new", &publish).await;
    assert_eq!(refused.status, 422);
    assert!(refused.first("#body-error").contains("add the picture “Invitations per draw”"), "{}", refused.text);
}

#[actix_web::test]
async fn web_page_and_pasted_text_are_added_to_an_existing_post() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = "/admin/posts/1/insertions";
    let html = Some(("page.html", WORD_HTML.as_bytes()));
    let page = send_file(&publisher, path, &[("body", ""), ("formatted", "• one\n• two")], html).await;
    assert_eq!(page.first(".flash"), "Added the pasted text and “page.html” at the end of the text. Not saved yet.");
    assert_eq!(area(&page, "body"), format!("- one\n- two\n\n{}", WORD_MARKDOWN.trim_end()));
    assert_eq!(area(&page, "formatted"), "");
    assert_eq!(page.all("form#editor").len(), 1);
    assert_eq!(page.attributes("form#editor", "action"), ["/admin/posts/1"]);
}

#[actix_web::test]
async fn file_that_cannot_be_read_is_refused_and_the_text_kept() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = "/admin/posts/new/insertions";
    let fields = [&POST[..], &[("formatted", "pasted")]].concat();
    for (name, content, message) in [
        ("a.pdf", &b"%PDF-1.7"[..], "This is a PDF file"),
        ("a.doc", b"\xD0\xCF\x11\xE0", "save it as .docx"),
        ("a.docx", b"PK\x03\x04damaged", "The Word file is damaged"),
        ("a.docx", b"", "The file is empty."),
        ("a.html", b"<html><script>alert(1)</script></html>", "The file contains no text."),
    ] {
        let page = send_file(&writer, path, &fields, Some((name, content))).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.first("#file-error").contains(message), "{name}: {}", page.first("#file-error"));
        assert_eq!((area(&page, "body"), area(&page, "formatted")), ("My own text.".into(), "pasted".into()));
        assert!(page.attributes("#insertion", "open").len() == 1, "{name}: the fields are visible");
    }
    let empty = send_file(&writer, path, &POST, None).await;
    assert_eq!(empty.status, 422);
    assert!(empty.first("#formatted-error").contains("Paste a text, or choose a Word file"));
    let missing = send_file(&writer, "/admin/posts/99/insertions", &POST, None).await;
    assert_eq!(missing.status, 404);
    let long = [("title", "T"), ("body", "x"), ("formatted", &*"word ".repeat(40_000))];
    let page = send_file(&writer, path, &long, None).await;
    assert_eq!(page.status, 422);
    assert!(page.first("#body-error").contains("150,000 characters"));
}

#[actix_web::test]
async fn pasted_text_is_not_lost_by_another_button() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for action in ["save", "preview", "publish"] {
        let fields = [&POST[..], &[("formatted", "<p>and <b>this</b></p>"), ("action", action)]].concat();
        let page = writer.post("/admin/posts/new", &fields).await;
        assert_eq!(page.status, 200, "{action}");
        assert_eq!(area(&page, "body"), "My own text.\n\nand **this**", "{action}");
        assert!(page.first(".flash").contains("Added the pasted text"), "{action}");
    }
}

#[actix_web::test]
async fn clipboard_is_converted_for_the_paste_script() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let path = "/admin/posts/conversions";
    let convert = async |html: &str, text: &str| {
        let page = send_file(&writer, path, &[("html", html), ("text", text)], None).await;
        assert_eq!((page.status, page.header("content-type")), (200, "application/json"));
        let answer: Value = serde_json::from_str(&page.text).unwrap();
        answer["markdown"].as_str().unwrap().to_owned()
    };
    assert_eq!(convert(WORD_HTML, "plain").await, WORD_MARKDOWN.trim_end());
    assert_eq!(convert("<p>no format</p>", "no *format*").await, "no *format*");
    assert_eq!(convert("", "").await, "");
    let foreign = [("origin", "https://evil.example")];
    assert_eq!(writer.post_with(path, &[("html", "<b>a</b>")], &foreign).await.status, 403);
    assert_eq!(site.visitor().post(path, &[("html", "<b>a</b>")]).await.status, 303, "without a session");
}

#[actix_web::test]
async fn live_preview_is_rendered_like_the_public_page() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let fields = [
        ("title", "Draw of {{draw 252 date}}"),
        ("summary", "S"),
        ("author", "Ali"),
        ("body", "## Figures\n\n{{draw 252 figures}}\n\n**{{draw 252 crs}}** <script>alert(1)</script>"),
        ("correction", "It said 475."),
    ];
    let page = writer.post("/admin/posts/previews", &fields).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.first("h1"), "Draw of June 28, 2023");
    assert_eq!((page.first("article strong"), page.first(".correction")), ("476".into(), "It said 475.".into()));
    assert_eq!(page.all("dl.score").len(), 1);
    assert_eq!(page.all("script"), Vec::<String>::new());
    page.assert_no_active_content();
    assert_eq!(writer.post("/admin/posts/previews", &[("body", &*"x".repeat(160_000))]).await.status, 413);
    assert_eq!(site.count("SELECT count(*) FROM post_autosaves").await, 0, "nothing is stored");
}

#[actix_web::test]
async fn dialogs_offer_draws_lists_and_pictures() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let tokens: Value = serde_json::from_str(&writer.get("/admin/posts/tokens").await.text).unwrap();
    let find = |kind: &str, value: &str| {
        let choices = tokens[kind].as_array().unwrap();
        choices.iter().find(|choice| choice["value"] == value).unwrap()["label"].as_str().unwrap().to_owned()
    };
    assert!(find("draws", "252").starts_with("252: June 28, 2023, "), "{}", find("draws", "252"));
    assert!(find("draws", "91a").starts_with("91a: "));
    assert_eq!(find("figures", "crs"), "CRS cut-off");
    assert!(find("lists", "healthcare on 2023-05-31").contains("in effect from May 31, 2023"));
    // Every choice is a token with a value. Draw 252 was the first of its type, so it cannot be compared.
    let body: Vec<String> = tokens["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|figure| figure["value"].as_str().unwrap())
        .filter(|figure| *figure != "comparison")
        .map(|figure| format!("{{{{draw 252 {figure}}}}}"))
        .chain(tokens["lists"].as_array().unwrap().iter().flat_map(|list| {
            let list = list["value"].as_str().unwrap();
            [format!("{{{{occupations {list}}}}}"), format!("{{{{occupations {list} count}}}}")]
        }))
        .collect();
    let preview = writer.post("/admin/posts/previews", &[("body", &body.join("\n\n"))]).await;
    assert!(!preview.text.contains("{{") && !preview.text.contains("(not available)"), "{}", preview.text);

    send_file(&writer, "/admin/media", &[], Some(("office.jpg", &jpeg(600, 400)))).await;
    let pictures = async |q: &str| -> Value {
        serde_json::from_str(&writer.get(&format!("/admin/posts/pictures?q={q}")).await.text).unwrap()
    };
    let found = pictures("OFFICE").await;
    let picture = &found["pictures"][0];
    assert_eq!(picture["name"], "office.jpg");
    for address in [&picture["address"], &picture["thumbnail"]] {
        assert_eq!(site.visitor().get(address.as_str().unwrap()).await.status, 200);
    }
    assert_eq!(pictures("nothing").await["pictures"], Value::Array(vec![]));
}

#[actix_web::test]
async fn toolbar_is_hidden_without_scripts() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/posts/new", "/admin/posts/1"] {
        let page = writer.get(path).await;
        assert_eq!(page.all("#markdown-tools[hidden] [role=toolbar] button").len(), 11, "{path}");
        assert_eq!(page.all("dialog[open]").len(), 0, "{path}");
        let scripts = page.attributes("script", "src");
        for name in ["toolbar", "paste", "live-preview"] {
            assert!(scripts.iter().any(|script| script.starts_with(&format!("/static/{name}-"))), "{scripts:?}");
        }
    }
    let other = writer.get("/admin/posts").await;
    assert_eq!(other.attributes("script", "src").len(), 1, "only the editor loads its scripts");
}
