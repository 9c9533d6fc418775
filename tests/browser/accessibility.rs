//! Automatic WCAG 2.2 A and AA checks of every page, in the light and the dark scheme, on desktops and phones.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::chromium::{Browser, skip};
use crate::page_list::{self, PageVisit};
use crate::support::Site;

#[actix_web::test]
async fn axe_finds_no_violations_on_public_pages() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    let site = Site::start().await;
    assert_no_violations(&axe, &browser, &site, page_list::public_pages(&site).await).await;
}

#[actix_web::test]
async fn axe_finds_no_violations_on_admin_pages() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    assert_no_violations(&axe, &browser, &site, page_list::admin_pages(&site).await).await;
}

#[actix_web::test]
async fn axe_finds_no_violations_in_the_dialogs_of_the_editor() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    for command in ["draw", "occupations", "picture"] {
        browser.goto(&format!("{}/admin/posts/new", site.base)).await;
        browser.click(&format!("[data-command={command}]")).await;
        browser.find("dialog[open]").await;
        for scheme in ["light", "dark"] {
            browser.emulate_color_scheme(scheme).await;
            let found: Vec<String> =
                violations(&axe, &browser).await.into_iter().map(|violation| violation.id).collect();
            assert_eq!(found, Vec::<String>::new(), "{command}, {scheme}");
        }
    }
}

#[actix_web::test]
async fn axe_finds_no_violations_on_a_form_kept_after_sign_out() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    browser.goto(&format!("{}/admin/inquiries/templates/new", site.base)).await;
    browser.fill("Title", "Kept").await;
    site.execute("DELETE FROM staff_sessions").await;
    browser.click("main .actions button").await;
    let mut faults = Faults::default();
    browser.expect_heading("Staff sign-in").await;
    faults.collect(&axe, &browser, "sign-in with a kept form").await;
    page_list::sign_in_again(&browser, &site).await;
    browser.goto(&format!("{}/admin/unsaved-forms/1", site.base)).await;
    browser.find("main h1").await;
    faults.collect(&axe, &browser, "kept form").await;
    faults.assert_none();
}

#[actix_web::test]
async fn axe_finds_no_violations_on_the_pages_of_an_import() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    let site = Site::start().await;
    page_list::sign_in(&browser, &site).await;
    // Held until the page of the progress has been checked.
    let mut lock = site.running.services.db.lock_import().unwrap();
    let file = site.dir.path().join("export.xml");
    std::fs::write(&file, include_str!("../data/wordpress.xml")).unwrap();
    browser.goto(&format!("{}/admin/posts/import", site.base)).await;
    browser.choose_file("File", &file).await;
    browser.click("main .actions button").await;
    let pages = async || vec![PageVisit::page("/admin/posts/import/1"), PageVisit::page("/admin/posts/import")];
    for heading in ["Import in progress", "Import report", "Import complete"] {
        browser.goto(&format!("{}/admin/posts/import/1", site.base)).await;
        browser.expect_heading(heading).await;
        assert_no_violations(&axe, &browser, &site, pages().await).await;
        match heading {
            "Import in progress" => drop(lock.take()),
            "Import report" => {
                browser.goto(&format!("{}/admin/posts/import/1", site.base)).await;
                browser.click("label[for=decision-drafts]").await;
                browser.click("form:not([action$=cancellation]) .actions button").await;
            }
            _ => {}
        }
    }
}

/// Verifies that axe really checks pages.
#[actix_web::test]
async fn axe_reports_violations_on_a_bad_page() {
    let (Some(axe), Some(browser)) = (axe(), Browser::open().await) else { return };
    browser.goto("data:text/html,<title>x</title><html lang=en><main><h1>x</h1><input></main>").await;
    let violations = violations(&axe, &browser).await;
    assert_eq!(violations.iter().map(|violation| violation.id.as_str()).collect::<Vec<_>>(), ["label"]);
}

/// Source of axe-core: the file in `AXE_JS`, or where `.ci/run` installs it.
fn axe() -> Option<String> {
    let usual = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/axe/node_modules/axe-core/axe.min.js");
    let file = std::env::var_os("AXE_JS").map_or(usual, PathBuf::from);
    let Ok(source) = std::fs::read_to_string(&file) else {
        return skip(&format!(
            "axe-core is not at {} (npm install --prefix target/axe axe-core, or set AXE_JS)",
            file.display()
        ));
    };
    Some(source)
}

async fn assert_no_violations(axe: &str, browser: &Browser, site: &Site, stops: Vec<PageVisit>) {
    let mut faults = Faults::default();
    for stop in stops {
        stop.visit(browser, site).await;
        faults.collect(axe, browser, &stop.name()).await;
    }
    faults.assert_none();
}

/// Faults with the pages that have them. A fault of the layout is listed once.
#[derive(Default)]
struct Faults(BTreeMap<String, Vec<String>>);

impl Faults {
    /// Checks the current page in both schemes and widths, without loading it again.
    async fn collect(&mut self, axe: &str, browser: &Browser, name: &str) {
        for (scheme, width) in [("light", 1280), ("dark", 1280), ("dark", 360), ("light", 360)] {
            browser.emulate_color_scheme(scheme).await;
            browser.resize(width).await;
            for violation in violations(axe, browser).await {
                for node in violation.nodes {
                    let selector = node.target.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                    let why = node.failure_summary.replace('\n', " ");
                    let fault = format!("{} at {selector}: {why}", violation.id);
                    self.0.entry(fault).or_default().push(format!("{name} ({scheme}, {width} px)"));
                }
            }
        }
    }

    fn assert_none(self) {
        let report: Vec<String> =
            self.0.iter().map(|(fault, pages)| format!("{fault}\n    on {}", pages.join(", "))).collect();
        assert!(report.is_empty(), "{} violations of WCAG 2.2 A and AA:\n{}", report.len(), report.join("\n"));
    }
}

#[derive(Deserialize)]
struct Violation {
    id: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    target: Vec<serde_json::Value>,
    failure_summary: String,
}

/// Violations that axe finds on the current page. The driver can run scripts despite the page's policy.
async fn violations(axe: &str, browser: &Browser) -> Vec<Violation> {
    if browser.eval("return typeof axe").await == "undefined" {
        browser.eval(axe).await;
    }
    let run = "
        const done = arguments[arguments.length - 1];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
        axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
            .then(found => done({ passed: found.passes.length, violations: found.violations }), error => done(String(error)));";
    let found = browser.eval_async(run).await;
    assert!(found["passed"].as_u64().is_some_and(|passed| passed > 5), "axe did not run: {found}");
    serde_json::from_value(found["violations"].clone()).unwrap()
}
