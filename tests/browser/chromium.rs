//! Chromium driven through chromedriver. Each test has its own browser and profile.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::skip;

/// Maximum time until a page is loaded or changes.
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// Keys without a character, as WebDriver encodes them.
pub const TAB: char = '\u{E004}';
pub const ENTER: char = '\u{E007}';
pub const UP: char = '\u{E013}';
pub const RIGHT: char = '\u{E014}';
pub const ESCAPE: char = '\u{E00C}';
pub const F10: char = '\u{E03A}';
pub const SHIFT: char = '\u{E008}';
pub const CONTROL: char = '\u{E009}';
pub const ALT: char = '\u{E00A}';

/// Prints why a test is skipped, or fails where skipping is forbidden.
pub fn skip<T>(reason: &str) -> Option<T> {
    skip::skip(reason, "BROWSER_TESTS")
}

/// Browser window. Dropping it stops the driver and deletes the profile.
pub struct Browser {
    client: Client,
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window. `None` if Chromium is not installed.
    pub async fn open() -> Option<Self> {
        Self::open_with(json!({})).await
    }

    /// Opens a window with scripts disabled.
    pub async fn open_without_scripts() -> Option<Self> {
        Self::open_with(json!({ "profile.managed_default_content_settings.javascript": 2 })).await
    }

    async fn open_with(preferences: Value) -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (find_program("chromium"), find_program("chromedriver")) else {
            return skip("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)");
        };
        let profile = tempfile::tempdir().unwrap();
        let driver = Driver::start(&chromedriver);
        let options = json!({
            "binary": chromium,
            "prefs": preferences,
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP *.test 127.0.0.1",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1280,900", format!("--user-data-dir={}", profile.path().display()),
            ],
        });
        let capabilities: Capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .unwrap();
        Some(Self { client, _driver: driver, _profile: profile })
    }

    pub async fn goto(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Path of the current page.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// First element that matches `css`. Waits until there is one.
    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(WAIT_TIMEOUT).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} at {}: {error}", self.path().await),
        }
    }

    /// Waits for a first-level heading with this text.
    pub async fn expect_heading(&self, words: &str) {
        let path = format!("//h1[normalize-space(.)=\"{words}\"]");
        if let Err(error) = self.client.wait().at_most(WAIT_TIMEOUT).for_element(Locator::XPath(&path)).await {
            panic!("no heading “{words}” at {}, but {:?}: {error}", self.path().await, self.texts("h1").await);
        }
    }

    /// Visible texts of all elements that match `css`.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = vec![];
        for element in self.client.find_all(Locator::Css(css)).await.unwrap() {
            match element.text().await {
                Ok(text) => texts.push(text),
                // The page has changed since.
                Err(CmdError::Standard(error)) if error.error == ErrorStatus::StaleElementReference => {}
                Err(error) => panic!("{css}: {error}"),
            }
        }
        texts
    }

    /// Visible text of the first element that matches `css`. Waits until there is one.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Waits until an element that matches `css` contains `text`.
    pub async fn wait_for_text(&self, css: &str, text: &str) {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        while !self.texts(css).await.join(" ").contains(text) {
            assert!(Instant::now() < deadline, "no “{text}” in {css}: {:?}", self.texts(css).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn click_link(&self, words: &str) {
        self.client.find(Locator::LinkText(words)).await.unwrap().click().await.unwrap();
    }

    /// Clicks an element. One that the bar of buttons covers is activated by the keyboard, which scrolls to it.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        match element.click().await {
            Err(CmdError::Standard(error)) if error.error == ErrorStatus::ElementClickIntercepted => {
                element.send_keys(&ENTER.to_string()).await.unwrap();
            }
            clicked => clicked.unwrap(),
        }
    }

    /// Replaces the text of the field whose label begins with `label`.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses a file in a file field.
    pub async fn choose_file(&self, label: &str, file: &std::path::Path) {
        self.field(label).await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Scrolls to an image and waits until it is loaded.
    pub async fn wait_until_loaded(&self, css: &str) {
        let css = serde_json::to_string(css).unwrap();
        let script = format!(
            "const image = document.querySelector({css}); image.scrollIntoView();
             return image.complete && image.naturalWidth > 0"
        );
        let started = Instant::now();
        while self.eval(&script).await != true {
            assert!(started.elapsed() < WAIT_TIMEOUT, "{css} is not loaded");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Chooses the first option that begins with `option`.
    pub async fn select_option(&self, label: &str, option: &str) {
        let field = self.field(label).await;
        let path = format!(".//option[starts-with(normalize-space(.), \"{option}\")]");
        field.find(Locator::XPath(&path)).await.unwrap().click().await.unwrap();
    }

    async fn field(&self, label: &str) -> Element {
        let path = format!("//label[starts-with(normalize-space(.), \"{label}\")]");
        let found = self.client.find(Locator::XPath(&path)).await;
        let found = found.unwrap_or_else(|error| panic!("no field “{label}”: {error}"));
        let id = found.attr("for").await.unwrap().unwrap();
        self.client.find(Locator::Id(&id)).await.unwrap()
    }

    pub async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// Presses and releases keys, one after the other.
    pub async fn type_keys(&self, keys: &str) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Presses a key while others are held.
    pub async fn press(&self, held: &[char], key: char) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for value in held.iter().chain([&key]) {
            actions = actions.then(KeyAction::Down { value: *value });
        }
        for value in [&key].into_iter().chain(held.iter().rev()) {
            actions = actions.then(KeyAction::Up { value: *value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// Puts HTML and plain text on the clipboard, as another program does.
    pub async fn copy(&self, html: &str, text: &str) {
        let (html, text) = (json!(html), json!(text));
        let script = format!(
            "document.addEventListener('copy', (event) => {{ \
                 event.clipboardData.setData('text/html', {html}); \
                 event.clipboardData.setData('text/plain', {text}); \
                 event.preventDefault(); \
             }}, {{ once: true }});"
        );
        self.eval(&script).await;
        self.press(&[CONTROL], 'c').await;
    }

    /// Waits until the result of a script is this text.
    pub async fn wait_for(&self, script: &str, expected: &str) {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        loop {
            let result = self.eval(script).await;
            let result = result.as_str().map_or_else(|| result.to_string(), ToOwned::to_owned);
            if result == expected {
                return;
            }
            assert!(Instant::now() < deadline, "expected {expected:?}, not {result:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Result of a script that the driver runs, even if pages cannot run scripts.
    pub async fn eval(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Result of a script that passes it to the function in its last argument.
    pub async fn eval_async(&self, script: &str) -> Value {
        self.client.execute_async(script, vec![]).await.unwrap()
    }

    /// Presses Tab until the element with this ID, or the button or link with this text, has the focus.
    pub async fn tab_to(&self, wanted: &str) {
        for _ in 0..80 {
            self.type_keys(&TAB.to_string()).await;
            let focus =
                self.eval("return [document.activeElement.id, document.activeElement.textContent.trim()]").await;
            if focus[0] == wanted || focus[1] == wanted {
                return;
            }
        }
        panic!("Tab does not reach “{wanted}” at {}", self.path().await);
    }

    /// Sets the width in CSS pixels. Narrow windows get the height of a phone.
    pub async fn resize(&self, width: u32) {
        let height = if width < 600 { 740 } else { 900 };
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        assert_eq!(self.eval("return window.innerWidth").await, width);
    }

    pub async fn emulate_color_scheme(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
        let asked = format!("return matchMedia('(prefers-color-scheme: {scheme})').matches");
        assert_eq!(self.eval(&asked).await, true);
    }

    /// Default font size of the browser in pixels, as visitors set it.
    pub async fn set_font_size(&self, pixels: u32) {
        self.devtools("Page.setFontSizes", json!({ "fontSizes": { "standard": pixels, "fixed": pixels } })).await;
    }

    /// Colours that the visitor forces on all pages, as high-contrast modes do.
    pub async fn emulate_forced_colors(&self) {
        let features = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
        assert_eq!(self.eval("return matchMedia('(forced-colors: active)').matches").await, true);
    }

    /// Picture of the top of the page as a PNG file, `width` × `height` pixels.
    pub async fn screenshot(&self, width: u32, height: u32) -> Vec<u8> {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        self.client.screenshot().await.unwrap()
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        let command = DevTools(json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(command).await.unwrap();
    }
}

/// Command of the Chrome DevTools Protocol.
#[derive(Debug)]
struct DevTools(Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.0.to_string()))
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// Chromedriver on a free port.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start(program: &std::path::Path) -> Self {
        let mut child =
            Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .find_map(|line| line.unwrap().split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .expect("chromedriver names its port");
        // Later output is read and discarded, so that the driver never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    /// Stops the driver and its browsers.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(connection, "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        connection.read_to_end(&mut vec![]).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let is_stopping = self.shut_down().is_ok();
        let deadline = Instant::now() + Duration::from_secs(5);
        while is_stopping && Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
