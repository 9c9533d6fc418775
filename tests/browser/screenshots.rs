//! Pictures in the documentation, taken from a site with sample data.
//!
//! The test takes all of them. With `UPDATE_SCREENSHOTS=1` it also saves them in `docs/images/`.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use immigration_experts::app::Application;
use immigration_experts::clock::Clock;
use immigration_experts::mail::{MemoryMailbox, Transport};
use immigration_experts::staff::Role;

use crate::chromium::Browser;
use crate::support::feeds::{altered_round, apply, file, paste, preview_page};
use crate::support::{FIRST_POST, PASSWORD, Page, Site, Visitor, config};

/// Maximum size of a picture in bytes.
const MAX_BYTES: usize = 170_000;

const ADMIN: &str = "sheraz@example.com";
const WIDTH: u32 = 1024;

#[actix_web::test]
async fn pictures_of_the_documentation_show_a_site_with_sample_data() {
    let Some(browser) = Browser::open().await else { return };
    browser.emulate_color_scheme("light").await;
    let site = start_site_without_latest_draws().await;
    site.account(ADMIN, Role::Admin).await;
    site.account("amina@example.com", Role::Writer).await;
    site.execute("UPDATE staff SET name = CASE email WHEN 'sheraz@example.com' THEN 'Sheraz' ELSE 'Amina' END").await;
    let admin = site.sign_in(ADMIN).await;
    let inquiry = send_inquiries(&site, &admin).await;

    sign_in(&browser, &site).await;
    let uploaded = paste(&admin, &file(&[draw_446(), draw_447()])).await;
    open(&browser, &site, uploaded.location()).await;
    save("staff-import-preview.png", &browser.screenshot(WIDTH, 600).await);
    let preview = preview_page(&admin, &uploaded).await;
    assert_eq!(apply(&admin, &preview, "").await.location(), "/admin/draws");

    let draft = write_posts(&site, &admin).await;
    // Public pages without a licence are as in a new site. The pages below do not need the reminder.
    save("site.png", &picture_of_public_pages(&browser, &site).await);
    site.execute("UPDATE site SET licence_name = 'Sample name', licence_number = 'R000000'").await;
    for (path, name, height) in [
        ("/admin", "staff-dashboard.png", 760),
        (&draft, "staff-post-editor.png", 900),
        ("/admin/inquiries", "staff-inbox.png", 760),
        (&inquiry, "staff-inquiry.png", 1180),
    ] {
        open(&browser, &site, path).await;
        save(name, &browser.screenshot(WIDTH, height).await);
    }
}

/// Site in the hours after draw 447, which staff have not imported yet.
async fn start_site_without_latest_draws() -> Site {
    let (dir, mailbox) = (tempfile::tempdir().unwrap(), MemoryMailbox::default());
    let clock = Clock::fixed("2026-10-01T09:20:00Z".parse().unwrap());
    let transport = Transport::Memory(mailbox.clone());
    let config = config(&dir, &["--staff-inbox", "inbox@example.com"]);
    let running = Application::build(config, clock.clone(), transport).await.unwrap();
    let site = Site { base: format!("http://{}", running.address), clock, mailbox, running, dir };
    site.execute("DELETE FROM draws WHERE round IN ('446', '447')").await;
    site
}

/// Draw 446 as published.
fn draw_446() -> serde_json::Value {
    published_draw(&[
        ("drawNumber", "446"),
        ("drawDate", "2026-09-29"),
        ("drawDateFull", "September 29, 2026"),
        ("drawName", "Canadian Experience Class"),
        ("drawText2", "Canadian Experience Class"),
        ("drawSize", "2,000"),
        ("drawCRS", "518"),
        ("drawDateTime", "September 29, 2026 at 10:19:21 UTC"),
    ])
}

/// Draw 447 as published.
fn draw_447() -> serde_json::Value {
    published_draw(&[
        ("drawNumber", "447"),
        ("drawDate", "2026-10-01"),
        ("drawDateFull", "October 1, 2026"),
        ("drawName", "Trades Occupations, 2026-Version 3"),
        ("drawText2", "Federal Skilled Worker, Canadian Experience Class, Federal Skilled Trades"),
        ("drawSize", "3,500"),
        ("drawCRS", "476"),
        ("drawDateTime", "October 01, 2026 at 12:47:55 UTC"),
    ])
}

/// A draw whose tie-break is not yet available.
fn published_draw(values: &[(&str, &str)]) -> serde_json::Value {
    let mut draw = altered_round("437", values);
    for (key, value) in draw.as_object_mut().unwrap() {
        let is_pool = key.strip_prefix("dd").is_some_and(|number| number.parse::<u8>().is_ok());
        if is_pool || key == "drawCutOff" || key == "drawDistributionAsOn" {
            *value = "".into();
        }
    }
    draw
}

/// Inquiries of different kinds, ages and states. Returns the page of an application.
async fn send_inquiries(site: &Site, admin: &Visitor) -> String {
    let message = |name, email, text| [("name", name), ("email", email), ("message", text)];
    send(site, "/contact", &message("Maria Santos", "maria@example.com", "How do I count part-time work?")).await;
    let page = admin.post("/admin/inquiries/1/state", &[("state", "answered")]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    site.advance_hours(2);
    send(site, "/contact", &message("Bilal Ahmed", "bilal@example.com", "Which documents show that I worked abroad?"))
        .await;
    let spam = [
        ("name", "Best SEO"),
        ("email", "seo@example.net"),
        ("message", "First page of every search engine: https://example.net/offer"),
        ("reply_code", "x"),
    ];
    send(site, "/contact", &spam).await;
    site.advance_hours(1);
    let application = [
        ("name", "Ayesha Khan"),
        ("email", "ayesha@example.com"),
        ("phone", "0300 1234567"),
        ("residence", "Pakistan"),
        ("citizenship", "Pakistan"),
        ("age", "29"),
        ("program", "Express Entry"),
        ("occupation", "31301"),
        ("experience_years", "4"),
        ("crs", "471"),
        ("message", "I have worked as a nurse in Lahore for four years. Which draws count for me?"),
        ("consent", "yes"),
    ];
    send(site, "/apply", &application).await;
    site.advance_hours(1);
    let number = site.count("SELECT max(id) FROM inquiries").await;
    format!("/admin/inquiries/{number}")
}

async fn send(site: &Site, path: &str, fields: &[(&str, &str)]) {
    let page = site.visitor().post(path, fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    site.deliver_due().await;
}

/// Publishes a post about draw 447. Returns the page of a draft with a wrong figure.
async fn write_posts(site: &Site, admin: &Visitor) -> String {
    let created = admin.post("/admin/draws/447/posts", &[]).await;
    let path = created.location().to_owned();
    let draft = admin.get(&path).await;
    let body = site.text("SELECT body FROM posts ORDER BY id DESC").await;
    let (before, rest) = body.split_once("{{write:").unwrap();
    let body =
        format!("{before}The cut-off applies to people in these occupations only.{}", rest.split_once("}}").unwrap().1);
    assert_saved(&admin.post(&path, &post_form(&draft, &body, "publish")).await);

    let new = [
        ("title", "What the September draws have in common"),
        ("summary", "Three draws in one week, and what was published about them."),
        (
            "body",
            "Express Entry draw 446 had a CRS cut-off of 581.\n\n## The week at a glance\n\nDraw 447 followed two days later.",
        ),
        ("author", "Amina"),
        ("topics", "Express Entry"),
        ("action", "save"),
    ];
    let saved = admin.post("/admin/posts/new", &new).await;
    assert_saved(&saved);
    saved.location().to_owned()
}

/// Fields of an open post editor, with another text.
fn post_form<'a>(editor: &Page, body: &'a str, action: &'a str) -> Vec<(&'a str, &'a str)> {
    let held = |name: &str| -> &'static str { Box::leak(editor.field_value(name).into_boxed_str()) };
    let kept = ["version", "title", "summary", "author", "topics", "slug"].map(|name| (name, held(name)));
    kept.into_iter().chain([("body", body), ("action", action)]).collect()
}

#[track_caller]
fn assert_saved(page: &Page) {
    assert_eq!(page.status, 303, "{:?}", page.all("[role=alert], .findings"));
}

async fn sign_in(browser: &Browser, site: &Site) {
    open(browser, site, "/admin/sign-in").await;
    browser.fill("E-mail address", ADMIN).await;
    browser.fill("Password", PASSWORD).await;
    browser.click("main button").await;
    browser.expect_heading("Dashboard").await;
}

async fn open(browser: &Browser, site: &Site, path: &str) {
    browser.goto(&format!("{}{path}", site.base)).await;
    browser.find("main h1").await;
}

/// Front page on a desktop and a post on a phone, side by side.
async fn picture_of_public_pages(browser: &Browser, site: &Site) -> Vec<u8> {
    open(browser, site, "/").await;
    let desktop = browser.screenshot(1280, 900).await;
    open(browser, site, FIRST_POST).await;
    let phone = browser.screenshot(390, 844).await;
    let image = |png: &[u8]| format!("<img height=560 src='data:image/png;base64,{}'>", BASE64_STANDARD.encode(png));
    let page = site.dir.path().join("pictures.html");
    let style = "body { margin: 20px; display: flex; gap: 20px; justify-content: center; background: #dfe6e6 }";
    std::fs::write(&page, format!("<style>{style}</style>{}{}", image(&desktop), image(&phone))).unwrap();
    browser.goto(&format!("file://{}", page.display())).await;
    browser.screenshot(1120, 600).await
}

fn save(name: &str, png: &[u8]) {
    assert!(png.len() <= MAX_BYTES, "{name} has {} bytes", png.len());
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
        std::fs::create_dir_all(&images).unwrap();
        std::fs::write(images.join(name), png).unwrap();
    }
}
