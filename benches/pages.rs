//! Performance of public pages: from the page cache compared with a bare actix-web handler that returns the same bytes,
//! while staff publish, rendered from the database (also with 10,000 posts and 100,000 inquiries), and mixed with forms.
//! Also memory use and start-up time.
//!
//! Run with `cargo bench --bench pages`, or one part of it: `cargo bench --bench pages -- ready`. Requires `wrk` and
//! `taskset`. The site is the real program on the first core; the load comes from the second. Compared values are
//! measured in turn, several times, in one run.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;
mod load;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{App, HttpResponse, HttpServer, web};

use load::{PAIRS, Running, SECONDS, WrkResult, alternate, median, pinned_to_core, wrk};

const POST: &str = "/news/canada-invites-500-healthcare-workers-in-express-entry-draw-252";
const PAGES: [&str; 4] = ["/", POST, "/draws", "/occupations?q=nurse"];

/// Serves the head and body in a file at any path, as fast as actix-web can.
async fn serve_bare(file: &str) -> std::io::Result<()> {
    let stored = std::fs::read(file)?;
    let end = stored.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(stored[..end].to_vec()).unwrap();
    let headers: Vec<(HeaderName, HeaderValue)> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let body = Bytes::from(stored[end + 4..].to_vec());
    let server = HttpServer::new(move || {
        let (headers, body) = (headers.clone(), body.clone());
        App::new().default_service(web::to(move || {
            let mut answer = HttpResponse::Ok();
            for header in &headers {
                answer.append_header(header.clone());
            }
            let body = body.clone();
            async move { answer.body(body) }
        }))
    })
    .bind("127.0.0.1:0")?;
    println!("bare at http://{}", server.addrs()[0]);
    server.run().await
}

/// Bare server with the site's response at `path`.
async fn bare(dir: &Path, site: &Running, path: &str) -> Running {
    let client = reqwest::Client::new();
    let answer = client.get(format!("{}{path}", site.address)).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    let own = ["date", "content-length"];
    let head = answer.headers().iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut stored: Vec<u8> =
        head.flat_map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()).into_bytes()).collect();
    stored.extend(b"\r\n");
    stored.extend(answer.bytes().await.unwrap());
    let file = dir.join("bare");
    std::fs::File::create(&file).unwrap().write_all(&stored).unwrap();
    let mut command = pinned_to_core(0, std::env::current_exe().unwrap());
    command.arg("bare").arg(&file);
    Running::start(command, "bare at ")
}

async fn ready(dir: &Path) {
    println!("\nPage cache compared with a bare handler returning the same bytes (requests per second):");
    let site = Running::site(dir, &[]);
    for path in PAGES {
        let bare = bare(dir, &site, path).await;
        for connections in [1, 32, 256] {
            let mut last = None;
            let (ours, theirs, ratio) = alternate(
                || {
                    let measured = wrk(&format!("{}{path}", site.address), connections, SECONDS, None);
                    assert_eq!(measured.refused, 0, "{path}");
                    let requests_per_second = measured.requests_per_second;
                    last = Some(measured);
                    requests_per_second
                },
                || wrk(&bare.address, connections, SECONDS, None).requests_per_second,
            );
            let last = last.unwrap();
            println!(
                "{path:<74} {connections:>3} at once: {ours:>7.0} / {theirs:>7.0} = {ratio:.2}   p50 {} p99 {}",
                last.middle, last.slowest
            );
        }
    }
}

/// HTTP client with the session of a new admin account.
async fn sign_in(dir: &Path, site: &Running) -> reqwest::Client {
    let added = Command::new(env!("CARGO_BIN_EXE_immigration-experts"))
        .args(["staff", "add", "bench@example.com", "--name", "Bench", "--role", "admin"])
        .current_dir(dir)
        .env_clear()
        .env("DATA_DIR", "data")
        .output()
        .unwrap();
    let output = String::from_utf8(added.stdout).unwrap();
    let path = output.trim().split("/admin/").nth(1).unwrap().to_owned();
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().cookie_store(true).redirect(policy).build().unwrap();
    let fields = [("email", "bench@example.com"), ("password", "a short sentence")];
    client.post(format!("{}/admin/{path}", site.address)).form(&fields[1..]).send().await.unwrap();
    let signed_in = client.post(format!("{}/admin/sign-in", site.address)).form(&fields).send().await.unwrap();
    assert_eq!(signed_in.status().as_u16(), 303);
    client
}

/// Changes the about page and asserts that the next request sees the change.
async fn publish(client: &reqwest::Client, site: &Running, number: usize) {
    let (path, text) = ("/admin/pages/1", format!("This is text {number}, and it is new."));
    let version = number.to_string();
    let fields = [("title", "About us"), ("summary", "Who we are."), ("body", &*text), ("version", &*version)];
    let saved = client.post(format!("{}{path}", site.address)).form(&fields).send().await.unwrap();
    assert_eq!(saved.status().as_u16(), 303, "change {number}");
    let page = client.get(format!("{}/about", site.address)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(&text), "change {number} is not shown");
}

/// Longer, so that each run includes more than one change.
const SECONDS_PUBLISHING: u64 = 3 * SECONDS;

async fn publishing(dir: &Path) {
    println!("\nThe same while staff publish, each change visible to the next request (32 connections):");
    let site = Running::site(dir, &[]);
    let client = sign_in(dir, &site).await;
    let mut number = 0;
    for (every, words) in [(1000, "once a second"), (100, "ten times a second")] {
        for path in ["/", POST, "/draws"] {
            let address = format!("{}{path}", site.address);
            let (mut quiet, mut busy) = (vec![], vec![]);
            for _ in 0..PAIRS {
                quiet.push(wrk(&address, 32, SECONDS_PUBLISHING, None).requests_per_second);
                let loaded = address.clone();
                let load = std::thread::spawn(move || wrk(&loaded, 32, SECONDS_PUBLISHING, None));
                // Not while the load starts.
                tokio::time::sleep(Duration::from_millis(every / 2)).await;
                while !load.is_finished() {
                    number += 1;
                    let started = Instant::now();
                    publish(&client, &site, number).await;
                    tokio::time::sleep(Duration::from_millis(every).saturating_sub(started.elapsed())).await;
                }
                let measured = load.join().unwrap();
                assert_eq!(measured.refused, 0);
                busy.push(measured.requests_per_second);
            }
            let ratio = median(quiet.iter().zip(&busy).map(|(quiet, busy)| busy / quiet).collect());
            println!("{path:<74} {words}: {:>7.0} / {:>7.0} = {ratio:.2}", median(busy), median(quiet));
        }
    }
}

const UNCACHED: [&str; 12] = [
    "/health",
    "/",
    "/news",
    POST,
    "/draws",
    "/draws/252",
    "/occupations",
    "/occupations?q=nurse",
    "/occupations/31301",
    "/categories/healthcare",
    "/search?q=healthcare",
    "/about",
];

fn uncached(small: &Path, large: &Path) {
    println!("\nRendered from the database, one connection (requests per second, p50, p99):");
    for (dir, words) in [(small, "new site"), (large, "grown site")] {
        let site = Running::site(dir, &[("PAGE_CACHE_MB", "0")]);
        for path in UNCACHED {
            let measured = wrk(&format!("{}{path}", site.address), 1, SECONDS, None);
            let WrkResult { requests_per_second, middle, slowest, refused } = measured;
            assert_eq!(refused, 0, "{path}");
            println!("{words:<11} {path:<74} {requests_per_second:>7.0}   {middle:>8}   {slowest:>8}");
        }
    }
}

/// Page views, with a form submission for one in twenty.
const MIXED: &str = r#"
local pages = {"/", "/draws", "/occupations?q=nurse", "/news", "/draws/252", "/occupations/31301", "/contact"}
local count = 0
request = function()
  count = count + 1
  if count % 20 == 0 then
    local body = "name=Ayesha+Khan&email=ayesha%40example.org&message=Is+my+diploma+enough+" .. count .. "+" .. math.random(1e9)
    return wrk.format("POST", "/contact", {["Content-Type"] = "application/x-www-form-urlencoded"}, body)
  end
  return wrk.format("GET", pages[count % #pages + 1], {["Accept-Encoding"] = "gzip"})
end
"#;

fn mixed(dir: &Path) {
    println!("\nPage views with one form submission in twenty (requests per second):");
    let site = Running::site(dir, &[]);
    let script = dir.join("mixed.lua");
    std::fs::write(&script, MIXED).unwrap();
    for connections in [1, 32, 256] {
        let WrkResult { requests_per_second, middle, slowest, refused } =
            wrk(&site.address, connections, 2 * SECONDS, Some(&script));
        println!(
            "{connections:>3} at once: {requests_per_second:>7.0}   p50 {middle} p99 {slowest}   refused {refused}"
        );
    }
}

fn memory_and_start(small: &Path, large: &Path) {
    println!("\nMemory, and time from start to first response:");
    for (dir, words) in [(small, "new site"), (large, "grown site")] {
        let mut starts = vec![];
        for _ in 0..5 {
            let started = Instant::now();
            let site = Running::site(dir, &[]);
            let answered = Command::new("curl").args(["-sf", "-o", "/dev/null", &site.address]).status().unwrap();
            assert!(answered.success());
            starts.push(started.elapsed().as_secs_f64() * 1000.0);
        }
        let site = Running::site(dir, &[]);
        wrk(&site.address, 1, 1, None);
        let rest = site.memory("VmRSS");
        for path in PAGES {
            wrk(&format!("{}{path}", site.address), 256, 2, None);
        }
        println!(
            "{words:<11} first answer after {:.0} ms (slowest of five {:.0} ms); {rest:.0} MB at rest, at most {:.0} MB under 256 connections",
            median(starts.clone()),
            starts.iter().copied().fold(0.0, f64::max),
            site.memory("VmHWM")
        );
    }
}

#[actix_web::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [word, file] = &arguments[..]
        && word == "bare"
    {
        return serve_bare(file).await.unwrap();
    }
    let is_selected = |part: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == part);
    let small = load::site_data(0, 0).await;
    if is_selected("ready") {
        ready(small.path()).await;
    }
    if is_selected("publishing") {
        publishing(small.path()).await;
    }
    if is_selected("mixed") {
        mixed(small.path());
    }
    let large = load::site_data(10_000, 100_000).await;
    if is_selected("memory") {
        memory_and_start(small.path(), large.path());
    }
    if is_selected("uncached") {
        uncached(small.path(), large.path());
    }
}
