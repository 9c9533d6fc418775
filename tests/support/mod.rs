//! Starts the site as `main` does, on a database of its own, and speaks to it as a visitor or as staff would.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::time::Duration;

use clap::Parser;
use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::config::{Config, Settings};
use immigration_experts::mail::{Delivered, Mailbag, Transport};
use immigration_experts::staff::{self, NewMember, Role};
use jiff::SignedDuration;
use scraper::{Html, Selector};
use tempfile::TempDir;
use tokio::sync::watch;

/// The password of every account that a test makes.
pub const PASSWORD: &str = "a short sentence";

/// A running site with a clock that stands still until it is moved.
pub struct Site {
    pub base: String,
    pub clock: Clock,
    pub mailbag: Mailbag,
    pub running: Running,
    pub dir: TempDir,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

/// The settings of a site whose data are in `dir`, on a port that is free.
pub fn config(dir: &TempDir, flags: &[&str]) -> Config {
    let dir = dir.path().join("data");
    let own = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()];
    Line::parse_from([&own, flags].concat()).settings.check().unwrap()
}

impl Site {
    /// A new site: letters stay in memory, inquiries go to `inbox@example.com`.
    pub async fn start() -> Self {
        Self::start_with(&["--staff-inbox", "inbox@example.com"]).await
    }

    /// A new site with other settings.
    pub async fn start_with(flags: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), flags).await
    }

    /// A site on the data that are in `dir`.
    pub async fn start_in(dir: TempDir, flags: &[&str]) -> Self {
        let mailbag = Mailbag::default();
        let transport = Transport::Memory(mailbag.clone());
        Self::start_sending(dir, flags, transport, mailbag).await
    }

    /// A site that sends its letters by `smtp_url`.
    pub async fn start_by_smtp(smtp_url: &str) -> Self {
        let flags = ["--staff-inbox", "inbox@example.com"];
        let transport = Transport::smtp(smtp_url).unwrap().with_patience(Duration::from_secs(2));
        Self::start_sending(tempfile::tempdir().unwrap(), &flags, transport, Mailbag::default()).await
    }

    async fn start_sending(dir: TempDir, flags: &[&str], transport: Transport, mailbag: Mailbag) -> Self {
        let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
        let running = app::start(config(&dir, flags), clock.clone(), transport).await.unwrap();
        Self { base: format!("http://{}", running.address), clock, mailbag, running, dir }
    }

    /// Stops the site and leaves its data.
    pub async fn stop(self) -> TempDir {
        self.running.stop().await.unwrap();
        self.dir
    }

    /// Somebody who is not signed in.
    pub fn visitor(&self) -> Visitor {
        let client =
            reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Visitor { client, base: self.base.clone() }
    }

    /// Somebody signed in with this role.
    pub async fn staff(&self, role: Role) -> Visitor {
        let email = format!("{role}@example.com");
        self.account(&email, role).await;
        let visitor = self.visitor();
        let page = visitor.post("/admin/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        visitor
    }

    /// Makes an account and sets its password at the one-time address.
    pub async fn account(&self, email: &str, role: Role) {
        let new = NewMember { email: email.parse().unwrap(), name: format!("Test {role}"), role };
        let mut tx = self.running.db.begin_write().await.unwrap();
        let id = staff::add(&mut tx, &new, self.clock.now()).await.unwrap().unwrap();
        let path = staff::invite(&mut tx, id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let page = self.visitor().post(&path, &[("password", PASSWORD)]).await;
        assert_eq!(page.status, 303, "{}", page.text);
    }

    /// Waits until every letter that is due now was tried.
    pub async fn try_letters(&self) {
        let (_keep, stop) = watch::channel(false);
        self.running.sender.deliver_due(&stop).await.unwrap();
    }

    /// Every letter that went out, after trying those that are due.
    pub async fn letters(&self) -> Vec<Delivered> {
        self.try_letters().await;
        self.mailbag.letters()
    }

    /// Moves the clock forward.
    pub fn pass_hours(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
    }

    /// One figure from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.running.db.read()).await.unwrap()
    }

    /// One text from the database.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(self.running.db.read()).await.unwrap()
    }
}

/// A browser without scripts.
pub struct Visitor {
    pub client: reqwest::Client,
    pub base: String,
}

impl Visitor {
    /// Asks for a page; redirections are not followed.
    pub async fn get(&self, path: &str) -> Page {
        Page::of(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        Page::of(self.client.post(format!("{}{path}", self.base)).form(fields).send().await.unwrap()).await
    }

    /// Sends a form and follows where it leads.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.post(path, fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        self.get(page.location()).await
    }
}

/// An answer.
pub struct Page {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of every element that `selector` finds, with single spaces.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let words = |element: scraper::ElementRef| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        Html::parse_document(&self.text).select(&selector).map(words).collect()
    }

    /// The text of the first element that `selector` finds.
    pub fn first(&self, selector: &str) -> String {
        self.all(selector).into_iter().next().unwrap_or_else(|| panic!("no {selector} in {}", self.text))
    }

    /// An attribute of every element that `selector` finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.text)
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }
}
