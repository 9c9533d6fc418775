//! Import from WordPress in a browser: from the file to the imported post.

use crate::chromium::Browser;
use crate::page_list;
use crate::support::Site;
use crate::support::pictures::jpeg;

const EXPORT: &str = include_str!("../data/wordpress.xml");

#[actix_web::test]
async fn wordpress_export_is_imported() {
    let Some(browser) = Browser::open().await else { return };
    import(&browser, &Site::start().await).await;
}

#[actix_web::test]
async fn wordpress_export_is_imported_on_a_phone_without_javascript() {
    let Some(browser) = Browser::open_without_scripts().await else { return };
    browser.resize(360).await;
    import(&browser, &Site::start().await).await;
}

async fn import(browser: &Browser, site: &Site) {
    page_list::sign_in(browser, site).await;
    let file = site.dir.path().join("site.zip");
    std::fs::write(&file, zip()).unwrap();
    browser.click_link("Posts").await;
    browser.click_link("Import from WordPress").await;
    browser.expect_heading("Import from WordPress").await;
    browser.choose_file("File", &file).await;
    let lock = site.running.services.db.lock_import().unwrap();
    browser.click("main .actions button").await;
    browser.expect_heading("Import in progress").await;
    assert_eq!(browser.text("[role=status]").await, "Waiting to start reading the file.");
    drop(lock);
    // The page changes by itself.
    browser.expect_heading("Import report").await;
    assert!(browser.text(".lead").await.ends_with("1 picture."));
    let lock = site.running.services.db.lock_import().unwrap();
    browser.click("label[for=decision-drafts]").await;
    browser.click("form:not([action$=cancellation]) .actions button").await;
    browser.expect_heading("Import in progress").await;
    drop(lock);
    browser.expect_heading("Import complete").await;
    browser.click_link("posts").await;
    browser.expect_heading("Posts").await;
    browser.click_link("A plain post").await;
    browser.expect_heading("Edit post").await;
    browser.goto(&format!("{}/2022/01/plain/", site.base)).await;
    browser.expect_heading("A plain post").await;
    assert!(browser.text("article").await.contains("First paragraph."));
}

/// The export with its picture.
fn zip() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    for (name, content) in [("export.xml", EXPORT.as_bytes()), ("uploads/2023/07/chart.jpg", &jpeg(600, 400))] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
