//! Starts the site like `main`, with its own database, and acts as a visitor or as staff.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

/// Reading during changes.
pub mod coherence;
/// Feeds of draws.
pub mod feeds;
/// Picture files.
pub mod pictures;
/// Routes of the site.
pub mod routes;
/// Skipped tests.
pub mod skip;
pub mod smtp;

use std::cell::OnceCell;
use std::time::Duration;

use clap::Parser;
use immigration_experts::app::{self, Application};
use immigration_experts::clock::Clock;
use immigration_experts::config::{Config, Settings};
use immigration_experts::http::ServerLimits;
use immigration_experts::mail::{Delivered, MemoryMailbox, Transport};
use immigration_experts::staff::{self, NewMember, Role};
use jiff::SignedDuration;
use reqwest::header::HeaderMap;
use scraper::{Html, Selector};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Password of every test account.
pub const PASSWORD: &str = "a short sentence";

/// First post of a new site.
pub const FIRST_POST: &str = "/news/canada-invites-500-healthcare-workers-in-express-entry-draw-252";

/// One public page of every kind.
pub const PUBLIC_PAGES: [&str; 24] = [
    "/",
    "/news",
    FIRST_POST,
    "/draws",
    "/draws?category=healthcare",
    "/draws/data",
    "/draws/252",
    "/draws/91a",
    "/occupations",
    "/occupations/31301",
    "/occupations/41320",
    "/categories",
    "/categories/healthcare",
    "/categories/french",
    "/categories/transport",
    "/tools/crs",
    "/tools/past-draws",
    "/tools/embed",
    "/contact",
    "/apply",
    "/about",
    "/privacy",
    "/follow",
    "/corrections",
];

/// One admin page of every kind, available once there is one inquiry.
pub const STAFF_PAGES: [&str; 43] = [
    "/admin",
    "/admin/posts",
    "/admin/posts/new",
    "/admin/posts/import",
    "/admin/posts/1",
    "/admin/media",
    "/admin/media?show=trash",
    "/admin/draws",
    "/admin/draws/new",
    "/admin/draws/252",
    "/admin/draws/import",
    "/admin/occupations",
    "/admin/occupations/lists/new",
    "/admin/occupations/lists/new?category=healthcare",
    "/admin/occupations/lists/1",
    "/admin/occupations/lists/3/correction",
    "/admin/occupations/synonyms",
    "/admin/occupations/synonyms?noc=31301",
    "/admin/inquiries",
    "/admin/inquiries?state=quarantined",
    "/admin/inquiries/1",
    "/admin/inquiries/1?template=1",
    "/admin/inquiries/templates",
    "/admin/inquiries/templates/new",
    "/admin/inquiries/templates/1",
    "/admin/inquiries/trash",
    "/admin/inquiries/erasures?q=IE-2026-000001",
    "/admin/inquiries/people",
    "/admin/inquiries/people?q=visitor@example.com",
    "/admin/inquiries/people/erasure?q=visitor@example.com",
    "/admin/mail",
    "/admin/mail/1",
    "/admin/site",
    "/admin/style",
    "/admin/pages",
    "/admin/pages/new",
    "/admin/pages/new?outline=fees",
    "/admin/pages/1",
    "/admin/staff",
    "/admin/audit",
    "/admin/audit?q=signed&from=2026-01-01",
    "/admin/account",
    "/admin/account/two-factor",
];

/// A running site with a manual clock.
pub struct Site {
    pub base: String,
    pub clock: Clock,
    pub mailbox: MemoryMailbox,
    pub running: Application,
    pub dir: TempDir,
}

#[derive(Parser)]
struct TestArgs {
    #[command(flatten)]
    settings: Settings,
}

/// Lock of the sender on the database in `data`, or `None` while a sender holds it.
pub fn lock_sender(data: &std::path::Path) -> Option<std::fs::File> {
    let mut options = std::fs::File::options();
    let file = options.read(true).write(true).create(true).truncate(false).open(data.join("site.db-sender")).unwrap();
    file.try_lock().is_ok().then_some(file)
}

/// Settings of a site in `dir` on a free port.
pub fn config(dir: &TempDir, flags: &[&str]) -> Config {
    let dir = dir.path().join("data");
    let own = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()];
    let config = TestArgs::parse_from([&own, flags].concat()).settings.check().unwrap();
    // The test is another program, which cannot decode pictures.
    Config { program: env!("CARGO_BIN_EXE_immigration-experts").into(), ..config }
}

impl Site {
    /// New site with e-mails in memory and the inbox `inbox@example.com`.
    pub async fn start() -> Self {
        Self::start_with(&["--staff-inbox", "inbox@example.com"]).await
    }

    pub async fn start_with(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// Site with the data in `dir`.
    pub async fn start_in(dir: TempDir, flags: &[&str]) -> Self {
        let mailbox = MemoryMailbox::default();
        let transport = Transport::Memory(mailbox.clone());
        Self::start_with_transport(dir, flags, transport, mailbox).await
    }

    /// Site that sends e-mails to `smtp_url`.
    pub async fn start_with_smtp(smtp_url: &str) -> Self {
        let flags = ["--staff-inbox", "inbox@example.com"];
        let transport = Transport::smtp(smtp_url).unwrap().with_timeout(Duration::from_secs(2));
        Self::start_with_transport(tempfile::tempdir().unwrap(), &flags, transport, MemoryMailbox::default()).await
    }

    /// Site without a mail server, which writes e-mails to files.
    pub async fn start_with_file_drop() -> Self {
        let (dir, flags) = (tempfile::tempdir().unwrap(), ["--staff-inbox", "inbox@example.com"]);
        let transport = app::transport(&config(&dir, &flags)).unwrap();
        Self::start_with_transport(dir, &flags, transport, MemoryMailbox::default()).await
    }

    /// New site with other server limits.
    pub async fn start_with_limits(flags: &[&str], server_limits: ServerLimits) -> Self {
        let mailbox = MemoryMailbox::default();
        let transport = Transport::Memory(mailbox.clone());
        Self::start_configured(tempfile::tempdir().unwrap(), flags, transport, mailbox, server_limits).await
    }

    /// Site with the data in `dir` and a given transport.
    pub async fn start_with_transport(
        dir: TempDir,
        flags: &[&str],
        transport: Transport,
        mailbox: MemoryMailbox,
    ) -> Self {
        Self::start_configured(dir, flags, transport, mailbox, ServerLimits::default()).await
    }

    async fn start_configured(
        dir: TempDir,
        flags: &[&str],
        transport: Transport,
        mailbox: MemoryMailbox,
        server_limits: ServerLimits,
    ) -> Self {
        let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
        let running =
            Application::build_with_limits(config(&dir, flags), clock.clone(), transport, server_limits).await.unwrap();
        Self { base: format!("http://{}", running.address), clock, mailbox, running, dir }
    }

    /// Stops the site and keeps its data.
    pub async fn stop(self) -> TempDir {
        self.running.stop().await.unwrap();
        self.dir
    }

    /// Visitor without a session.
    pub fn visitor(&self) -> Visitor {
        let client =
            reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Visitor { client, base: self.base.clone() }
    }

    /// Staff member with this role.
    pub async fn staff(&self, role: Role) -> Visitor {
        let email = format!("{role}@example.com");
        self.account(&email, role).await;
        self.sign_in(&email).await
    }

    /// Browser signed in with this account.
    pub async fn sign_in(&self, email: &str) -> Visitor {
        let visitor = self.visitor();
        let page = visitor.post("/admin/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        visitor
    }

    /// Creates an account and sets its password with the set-up link.
    pub async fn account(&self, email: &str, role: Role) {
        let new = NewMember { email: email.parse().unwrap(), name: format!("Test {role}"), role };
        let mut tx = self.running.services.db.begin_write().await.unwrap();
        let id = staff::add(&mut tx, &new, self.clock.now()).await.unwrap().unwrap();
        let path = staff::invite(&mut tx, id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let page = self.visitor().post(&path, &[("password", PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        // The link also signs in, in a browser that is closed now.
        self.execute(&format!("DELETE FROM staff_sessions WHERE staff_id = {id}")).await;
    }

    /// Attempts to send every e-mail that is due.
    pub async fn deliver_due(&self) {
        self.running.sender.deliver_due(&CancellationToken::new()).await.unwrap();
    }

    /// Sends what is due and returns all sent e-mails.
    pub async fn emails(&self) -> Vec<Delivered> {
        self.deliver_due().await;
        self.mailbox.emails()
    }

    /// One column of the e-mail to `recipient`: `body_text`, `body_html` or `subject`.
    pub async fn body(&self, column: &str, recipient: &str) -> String {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM outbox WHERE recipient = ? ORDER BY id DESC"));
        sqlx::query_scalar(sql).bind(recipient).fetch_one(self.running.services.db.read()).await.unwrap()
    }

    /// Takes the lock of the sender as another process does, or returns `None` while a sender works.
    pub fn lock_sender(&self) -> Option<std::fs::File> {
        lock_sender(&self.dir.path().join("data"))
    }

    /// Changes the database directly.
    pub async fn execute(&self, sql: &str) {
        let mut tx = self.running.services.db.begin_write().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Response to raw bytes, which no client library would send.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut socket = tokio::net::TcpStream::connect(self.running.address).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let mut answer = vec![];
        socket.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn advance_hours(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.running.services.db.read()).await.unwrap()
    }

    /// One text from the database.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(self.running.services.db.read()).await.unwrap()
    }
}

/// Browser without JavaScript.
pub struct Visitor {
    pub client: reqwest::Client,
    pub base: String,
}

impl Visitor {
    /// `GET` without following redirects.
    pub async fn get(&self, path: &str) -> Page {
        Page::from_response(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// `HEAD`.
    pub async fn head(&self, path: &str) -> Page {
        Page::from_response(self.client.head(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// `GET` with additional headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let request = self.client.get(format!("{}{path}", self.base));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Page::from_response(request.send().await.unwrap()).await
    }

    /// `POST` of a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_with(path, fields, &[]).await
    }

    /// `POST` of a form with additional headers.
    pub async fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let request = self.client.post(format!("{}{path}", self.base)).form(fields);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Page::from_response(request.send().await.unwrap()).await
    }

    /// `POST` of a raw body.
    pub async fn post_body(&self, path: &str, content_type: &str, body: Vec<u8>) -> Page {
        let request = self.client.post(format!("{}{path}", self.base)).header("content-type", content_type).body(body);
        Page::from_response(request.send().await.unwrap()).await
    }

    /// `POST` of a form, following the redirect.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.post(path, fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        self.get(page.location()).await
    }
}

/// Response with its parsed document.
pub struct Page {
    /// Path of the request.
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    document: OnceCell<Html>,
}

impl Page {
    pub async fn from_response(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let path = response.url().path().to_owned();
        Self { status, headers, ..Self::from_text(path, response.text().await.unwrap()) }
    }

    /// Parses a document from another source.
    pub fn from_text(path: impl Into<String>, text: String) -> Self {
        Self { path: path.into(), status: 200, headers: HeaderMap::new(), text, document: OnceCell::new() }
    }

    fn document(&self) -> &Html {
        self.document.get_or_init(|| Html::parse_document(&self.text))
    }

    /// Header `Location`.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Texts of all elements that match `selector`, with single spaces.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let words = |element: scraper::ElementRef| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.document().select(&selector).map(words).collect()
    }

    /// Text of the first element that matches `selector`.
    pub fn first(&self, selector: &str) -> String {
        self.all(selector).into_iter().next().unwrap_or_else(|| panic!("no {selector} in {}", self.text))
    }

    /// An attribute of all elements that match `selector`.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        self.document().select(&selector).filter_map(|element| element.attr(name).map(str::to_owned)).collect()
    }
    /// NOC codes of the occupations in a table of the directory, in order.
    pub fn listed_codes(&self) -> Vec<String> {
        let links = self.attributes("table tbody th a", "href");
        links.iter().map(|link| link.trim_start_matches("/occupations/").to_owned()).collect()
    }

    /// Value of a form field.
    pub fn field_value(&self, name: &str) -> String {
        let value = self.attributes(&format!("input[name={name}]"), "value").into_iter().next();
        let chosen = || self.attributes(&format!("select[name={name}] option[selected]"), "value").into_iter().next();
        let chosen_words = || self.all(&format!("select[name={name}] option[selected]")).into_iter().next();
        let area = || self.all(&format!("textarea[name={name}]")).into_iter().next();
        value.or_else(chosen).or_else(chosen_words).or_else(area).unwrap_or_default()
    }

    /// Fails unless this is a complete page with the site's header and footer, without scripts or external resources.
    #[track_caller]
    pub fn assert_page_layout(&self) {
        let path = &self.path;
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8", "{path}: {}", self.text);
        assert_eq!(self.first("header .brand"), "Immigration Experts", "{path}");
        assert_eq!(self.first("header .experts span"), "Talk to expert", "{path}");
        assert_eq!(
            self.attributes("header .experts a", "href"),
            ["tel:+924235911332", "tel:+92518439995"],
            "{path}: both numbers"
        );
        assert_eq!(self.all("header .experts a"), ["042 35911332", "051 8439995"], "{path}");
        assert_eq!(self.first("header a[href='/apply']"), "Apply Now", "{path}");
        let navigation = ["/news", "/draws", "/occupations", "/about", "/contact"];
        assert_eq!(self.attributes("header nav a", "href"), navigation, "{path}");
        assert_eq!(self.attributes("footer nav a[href='/apply'], footer nav a[href='/privacy']", "href").len(), 2);
        let foot = self.first("footer");
        assert!(foot.contains("Business Phone: 051 8439995, 042 35911332"), "{path}: {foot}");
        assert!(foot.contains("Contact Time: Mon–Sat 10.00–18.00"), "{path}: {foot}");
        assert_eq!(
            self.attributes("footer a[href^='tel:']", "href"),
            ["tel:+92518439995", "tel:+924235911332"],
            "{path}"
        );
        assert_eq!(self.all("h1").len(), 1, "{path}: {:?}", self.all("h1"));
        let scripts = self.attributes("script", "type");
        assert_eq!(self.all("script").len(), scripts.len(), "{path}: public pages have no scripts");
        assert!(scripts.iter().all(|kind| kind == "application/ld+json"), "{path}: {scripts:?}");
        assert!(!self.first("h1").is_empty() && self.first("title").ends_with(" – Immigration Experts"), "{path}");
        self.assert_no_active_content();
    }

    /// Fails if the page contains a script, an inline style or an external resource.
    #[track_caller]
    pub fn assert_no_active_content(&self) {
        // Admin pages load the site's own scripts.
        let none = "script:not([src^='/static/'], [type='application/ld+json']), style, iframe, object, embed, base, [style], [onload], [onerror], [onclick], \
                    [http-equiv], [href^='javascript:'], [href^='data:']";
        assert_eq!(self.all(none), Vec::<String>::new(), "{}", self.path);
        let fetched = [("[src]", "src"), ("[srcset]", "srcset"), ("link[rel=stylesheet], link[rel=icon]", "href")];
        for (selector, attribute) in fetched {
            for address in self.attributes(selector, attribute) {
                assert!(address.starts_with('/') && !address.starts_with("//"), "{}: {address}", self.path);
            }
        }
        for address in self.attributes("form", "action") {
            assert!(address.starts_with('/') && !address.starts_with("//"), "{}: {address}", self.path);
        }
    }
}

/// Fails unless `document` is well-formed XML, as far as the site's own documents need it.
#[track_caller]
pub fn assert_well_formed(document: &str) {
    let body = document.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("an XML declaration");
    let mut open = vec![];
    let mut parts = body.trim().split('<');
    assert_eq!(parts.next(), Some(""), "text before the first element");
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("<{part} is never closed"));
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> does not match the open element");
        } else if !empty {
            assert!(name.chars().all(char::is_alphanumeric) && !name.is_empty(), "<{name}>");
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        for reference in tag.split('&').skip(1).chain(text.split('&').skip(1)) {
            let (name, _) = reference.split_once(';').unwrap_or_else(|| panic!("&{reference}"));
            let numbered = name.strip_prefix('#').is_some_and(|digits| digits.parse::<u32>().is_ok());
            assert!(numbered || ["amp", "lt", "gt", "quot", "apos"].contains(&name), "&{name};");
        }
        assert!(!part.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')), "a control character in {part}");
    }
    assert_eq!(open, Vec::<&str>::new(), "elements are not closed");
}
