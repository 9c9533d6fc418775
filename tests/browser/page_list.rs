//! List of all public and admin pages, with content, for tests that check every page.

use immigration_experts::staff::Role;

use crate::chromium::Browser;
use crate::support::feeds::{altered_round, file, import_rounds, new_round, paste, published};
use crate::support::{PASSWORD, STAFF_PAGES, Site, Visitor, pictures, routes};

/// Page, and the button that leads to it, if any.
pub struct PageVisit {
    path: String,
    press: Option<&'static str>,
}

impl PageVisit {
    pub fn page(path: impl Into<String>) -> Self {
        Self { path: path.into(), press: None }
    }

    /// Page that appears after a click on the button at `css`.
    fn after_click(path: impl Into<String>, css: &'static str) -> Self {
        Self { path: path.into(), press: Some(css) }
    }

    /// Whether this is a page of the route with this pattern. IDs contain a digit.
    fn is_of(&self, pattern: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let (mut parts, mut expected) = (path.split('/'), pattern.split('/'));
        let fits = |part: &str, expected: &str| match expected.starts_with('{') {
            true => part.contains(|c: char| c.is_ascii_digit()),
            false => part == expected,
        };
        expected.by_ref().all(|expected| parts.next().is_some_and(|part| fits(part, expected)))
            && parts.next().is_none()
    }

    pub fn name(&self) -> String {
        match self.press {
            None => self.path.clone(),
            Some(button) => format!("{} after a click on {button}", self.path),
        }
    }

    pub async fn visit(&self, browser: &Browser, site: &Site) {
        browser.goto(&format!("{}{}", site.base, self.path)).await;
        if let Some(button) = self.press {
            browser.click(button).await;
            browser.find(".summary, .preview, #same").await;
        }
        browser.find("main h1").await;
    }
}

/// Sends an inquiry. Its acknowledgement is sent, and the e-mail to staff fails. Returns the path of the receipt.
pub async fn send_inquiry(site: &Site) -> String {
    let fields = [
        ("name", "Ayesha Khan"),
        ("email", "ayesha@example.org"),
        ("phone", "0300 1234567"),
        ("message", "Is NOC 31301 still on the list?\n\nMy score is 471."),
    ];
    let page = site.visitor().post("/contact", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    site.deliver_due().await;
    let mut tx = site.running.services.db.begin_write().await.unwrap();
    sqlx::query("UPDATE outbox SET state = 'failed', attempts = 17, last_error = 'no such mailbox' WHERE id = 1")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    page.location().to_owned()
}

/// Sends an inquiry that is quarantined.
pub async fn send_spam(site: &Site) {
    let fields = [
        ("name", "Best SEO"),
        ("email", "seo@example.net"),
        ("message", "Backlinks: https://example.net/a-long-address-without-any-break-as-pasted-by-a-visitor-here"),
        ("reply_code", "x"),
    ];
    assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
}

/// Sends an application with long values, from a person with an earlier inquiry.
async fn send_long_application(site: &Site) {
    let fields = [
        ("name", "Muhammad Abdullah Zulfiqar-ur-Rehman Chaudhry the Younger of Sheikhupura"),
        ("email", "a.very.long.address.with.many.parts@a-subdomain.of-a-very-long-company-name.example.com"),
        ("phone", "0300 1234567"),
        ("residence", "Pakistan"),
        ("program", "Express Entry"),
        ("occupation", "staff nurse"),
        ("crs", "470"),
        ("consent", "yes"),
    ];
    let page = site.visitor().post("/apply", &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
}

/// Every public page.
pub async fn public_pages(site: &Site) -> Vec<PageVisit> {
    let receipt = send_inquiry(site).await;
    let post = site.text("SELECT slug FROM posts WHERE state = 'published'").await;
    let paths = [
        "/",
        "/?crs=471",
        "/?crs=many",
        "/news",
        "/draws",
        "/draws?category=healthcare",
        "/draws/data",
        "/draws/252",
        "/draws/447",
        "/draws?year=all",
        "/occupations",
        "/occupations?q=nurse",
        "/occupations?q=nothing+has+this+name",
        "/occupations/31301",
        "/occupations/63200",
        "/categories",
        "/categories/healthcare",
        "/categories/healthcare?version=Version+1",
        "/categories/french",
        "/tools/crs",
        "/tools/crs?age=33&spouse=accompanying&education=masters_or_professional&l1_test=ielts&l1_listening=8.5&l1_reading=8\
         &l1_writing=7.5&l1_speaking=7.5&canadian_work=0&foreign_work=6&spouse_education=secondary&spouse_canadian_work=0",
        "/tools/crs?age=29&l1_test=ielts&l1_reading=6.25",
        "/tools/past-draws",
        "/tools/past-draws?crs=515&noc=31301&program=cec",
        "/tools/past-draws?noc=nurse",
        "/tools/embed",
        "/search",
        "/search?q=healthcare+476",
        "/search?q=nothing+has+this+name",
        "/contact",
        "/apply",
        "/about",
        "/follow",
        "/corrections",
        "/privacy",
        "/nothing-is-here",
        "/admin/sign-in",
        "/admin/set-up/expired",
    ];
    let mut stops: Vec<PageVisit> = paths.into_iter().map(PageVisit::page).collect();
    stops.push(PageVisit::page(format!("/news/{post}")));
    stops.push(PageVisit::page(receipt));
    stops.push(PageVisit::page("/receipts?reference=IE-2026-000001"));
    stops.push(PageVisit::page(site.running.first_account.clone().unwrap()));
    stops.push(PageVisit::after_click("/contact", "main .actions button"));
    stops.push(PageVisit::after_click("/apply", "main button.send"));
    stops.push(PageVisit::after_click("/admin/sign-in", "main .actions button"));
    stops
}

/// Uploads a feed file whose preview shows every kind of change, and makes a post stale. Returns the path of the preview.
pub async fn upload_feed_file(site: &Site) -> String {
    let publisher = site.staff(Role::Publisher).await;
    let typed = [
        ("title", "The cut-off as typed"),
        ("author", "Test publisher"),
        ("summary", "Typed, not referred to."),
        ("body", "Round 252 had a CRS cut-off of 476."),
        ("action", "publish"),
    ];
    assert_eq!(publisher.post("/admin/posts/new", &typed).await.status, 303);
    site.advance_hours(1);
    let unmapped = new_round("448", &[("drawName", "Handlers of dogs and other animals, 2026-Version 1")]);
    import_rounds(&publisher, &[unmapped, altered_round("252", &[("drawCRS", "475")])]).await;
    let rounds = [
        published("252"),
        altered_round("437", &[("drawCutOff", "March 2, 2026 at 18:34:05 UTC"), ("dd4", "1")]),
        new_round("449", &[("drawName", "Keepers of bees"), ("drawCutOff", "October 16, 2026 at 10:00:00 UTC")]),
    ];
    let page = paste(&publisher, &file(&rounds)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// Posts in several states, with their notes, preview links and unpublished changes. Returns their pages.
async fn workflow_posts(site: &Site, writer: &Visitor) -> [String; 4] {
    let email = "second.publisher@example.com";
    site.account(email, Role::Publisher).await;
    let publisher = site.sign_in(email).await;
    let post = |title, action| {
        [("title", title), ("summary", "S."), ("body", "Text."), ("author", "Test writer"), ("action", action)]
    };
    let note = [("review_note", "Please check the second paragraph.")];
    let in_review = [&post("A post in review", "submit")[..], &note].concat();
    let in_review = writer.post("/admin/posts/new", &in_review).await.location().to_owned();
    assert_eq!(writer.post(&format!("{in_review}/preview-links"), &[]).await.status, 303);
    let link = writer.get(&in_review).await.attributes(".links li > a", "href").remove(0);
    let time = [("schedule_date", "2026-12-01"), ("schedule_time", "09:30")];
    let scheduled = [&post("A scheduled post", "schedule")[..], &time].concat();
    let scheduled = publisher.post("/admin/posts/new", &scheduled).await.location().to_owned();
    let changed = [&post("Changed title", "stage")[..], &[("version", "1")]].concat();
    let changes = publisher.post("/admin/posts/1", &changed).await.location().to_owned();
    [in_review, scheduled, changes, link.replace(&site.base, "")]
}

/// Uploads an export from WordPress. Returns the path of the report.
async fn wordpress_report(site: &Site) -> String {
    let email = "third.publisher@example.com";
    site.account(email, Role::Publisher).await;
    let publisher = site.sign_in(email).await;
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"export.xml\"\r\n\r\n";
    let body = [head, include_str!("../data/wordpress.xml"), "\r\n--x--\r\n"].concat();
    let page = publisher.post_body("/admin/posts/import", "multipart/form-data; boundary=x", body.into_bytes()).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location().to_owned()
}

/// All admin pages, for a browser signed in as an admin.
pub async fn admin_pages(site: &Site) -> Vec<PageVisit> {
    send_inquiry(site).await;
    send_spam(site).await;
    send_long_application(site).await;
    let writer = site.staff(Role::Writer).await;
    let draft =
        [("title", "A draft that waits"), ("author", "Test writer"), ("body", "## Soon\n\nMore."), ("action", "save")];
    assert_eq!(writer.post("/admin/posts/new", &draft).await.status, 303);
    let trashed = [("title", "A draft in the trash"), ("author", "Test writer"), ("action", "save")];
    let page = writer.post("/admin/posts/new", &trashed).await;
    assert_eq!(writer.post(&format!("{}/trash", page.location()), &[]).await.status, 303);
    let (picture, markdown) = pictures::add(&writer, "chart.jpg", &pictures::jpeg(900, 600), "Two halves").await;
    let (trashed, _) = pictures::add(&writer, "old.png", &pictures::jpeg(300, 600), "").await;
    assert_eq!(writer.post(&format!("{trashed}/trash"), &[]).await.status, 303);
    let draft =
        [("title", "A draft with a picture"), ("author", "Test writer"), ("body", &*markdown), ("action", "save")];
    assert_eq!(
        writer.post("/admin/posts/new", &[draft.as_slice(), &[("cover", &*markdown)]].concat()).await.status,
        303
    );
    let posts = workflow_posts(site, &writer).await;
    let preview = upload_feed_file(site).await;
    let mut stops: Vec<PageVisit> = STAFF_PAGES.into_iter().map(PageVisit::page).collect();
    stops.push(PageVisit::page("/admin/inquiries/2"));
    stops.push(PageVisit::page("/admin/inquiries/people?q=ayesha@example.org"));
    stops.push(PageVisit::after_click("/admin/inquiries/people/erasure?q=ayesha@example.org", "main .actions button"));
    stops.push(PageVisit::page("/admin/inquiries/3"));
    stops.push(PageVisit::after_click("/admin/inquiries/3", "form[action$='/reply'] button"));
    stops.push(PageVisit::after_click("/admin/inquiries/templates/new", "main .actions button"));
    stops.push(PageVisit::page("/admin/posts/2"));
    stops.push(PageVisit::page("/admin/posts/1/revisions/1"));
    stops.push(PageVisit::page(wordpress_report(site).await));
    stops.push(PageVisit::page("/admin/posts/5"));
    stops.extend(posts.into_iter().map(PageVisit::page));
    stops.push(PageVisit::after_click("/admin/posts/new", "button[value=schedule]"));
    stops.push(PageVisit::after_click("/admin/posts/4", "button[value=preview]"));
    let draft = [("title", "A draft page"), ("body", "In draft 252"), ("action", "save")];
    assert_eq!(writer.post("/admin/pages/new", &draft).await.status, 303);
    let gone = [("title", "An old page"), ("action", "save")];
    assert_eq!(writer.post("/admin/pages/new", &gone).await.status, 303);
    assert_eq!(writer.post("/admin/pages/4/trash", &[]).await.status, 303);
    stops.push(PageVisit::page("/admin/pages/3"));
    stops.push(PageVisit::page("/admin/pages/3/trash"));
    stops.push(PageVisit::page("/admin/pages/1/revisions/1"));
    stops.push(PageVisit::after_click("/admin/pages/3", "button[value=preview]"));
    stops.push(PageVisit::after_click("/admin/pages/new", ".actions button[value=publish]"));
    stops.push(PageVisit::page("/admin/media?show=unused"));
    stops.push(PageVisit::page(picture));
    stops.push(PageVisit::page(trashed));
    stops.push(PageVisit::after_click("/admin/media", "main .actions button"));
    stops.push(PageVisit::page("/admin/draws/247"));
    stops.push(PageVisit::after_click(preview.clone(), "main .actions button"));
    stops.push(PageVisit::page(preview));
    stops.push(PageVisit::after_click("/admin/draws/import", "main .actions button"));
    stops.push(PageVisit::after_click("/admin/draws/new", "main .actions button"));
    stops.push(PageVisit::after_click("/admin/posts/1", "button[value=preview]"));
    stops.push(PageVisit::after_click("/admin/posts/new", ".actions button[value=save]"));
    stops.push(PageVisit::after_click("/admin/occupations/lists/new", "main .actions button"));
    stops.push(PageVisit::after_click("/admin/occupations/lists/3/correction", "main .actions button"));
    stops.push(PageVisit::after_click("/admin/account", "main .actions button"));
    stops.push(PageVisit::page("/admin/audit?from=yesterday"));
    // With a key, and with an incorrect code.
    site.execute(
        "INSERT INTO staff_totp (staff_id, secret)
         SELECT id, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' FROM staff WHERE email = 'admin@example.com'",
    )
    .await;
    stops.push(PageVisit::after_click("/admin/account/two-factor", "main form .actions button"));
    stops
}

/// Routes of the admin area that send no page: files, and parts of pages for scripts. A form kept after sign-out needs the
/// browser that sent it, and has tests of its own.
const NOT_LISTED: [&str; 8] = [
    "/admin/audit.csv",
    "/admin/inquiries.csv",
    "/admin/inquiries/{id}.json",
    "/admin/media/{id}/preview",
    "/admin/posts/import/{id}/report.txt",
    "/admin/posts/pictures",
    "/admin/posts/tokens",
    "/admin/unsaved-forms/{id}",
];

#[actix_web::test]
async fn list_contains_every_admin_page() {
    let site = Site::start().await;
    let pages = admin_pages(&site).await;
    let patterns =
        routes::admin_routes().into_iter().filter(|(method, ..)| method == "GET").map(|(_, pattern, ..)| pattern);
    let missing: Vec<String> = patterns
        .filter(|pattern| !NOT_LISTED.contains(&pattern.as_str()) && !pages.iter().any(|page| page.is_of(pattern)))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// Signs in as a new admin.
pub async fn sign_in(browser: &Browser, site: &Site) {
    site.account("admin@example.com", Role::Admin).await;
    sign_in_again(browser, site).await;
}

/// Signs in with the account that [`sign_in`] has created.
pub async fn sign_in_again(browser: &Browser, site: &Site) {
    browser.goto(&format!("{}/admin", site.base)).await;
    browser.expect_heading("Staff sign-in").await;
    browser.fill("E-mail address", "admin@example.com").await;
    browser.fill("Password", PASSWORD).await;
    browser.click("main button").await;
    browser.expect_heading("Dashboard").await;
}
