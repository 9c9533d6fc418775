//! Response times of the admin area with 100,000 inquiries, 200,000 e-mails and 10,000 posts.
//!
//! Run with `cargo bench --bench inbox`. Requests each page 100 times over HTTP on one connection, signed in. Prints the
//! mean and the slowest; for the export, also its size and memory use.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;

use std::time::{Duration, Instant};

use immigration_experts::app::Application;
use immigration_experts::staff::{self, NewMember, Role};

const PASSWORD: &str = "a short sentence";

/// HTTP client with an admin session.
async fn sign_in(site: &Application) -> reqwest::Client {
    let now = "2026-11-22T09:00:00Z".parse().unwrap();
    let new = NewMember { email: "bench@example.com".parse().unwrap(), name: "Bench".into(), role: Role::Admin };
    let mut tx = site.services.db.begin_write().await.unwrap();
    let id = staff::add(&mut tx, &new, now).await.unwrap().unwrap();
    let path = staff::invite(&mut tx, id, now).await.unwrap();
    tx.commit().await.unwrap();
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().cookie_store(true).redirect(policy).build().unwrap();
    let password = [("password", PASSWORD)];
    client.post(site.services.http.base_url.absolute_url(&path)).form(&password).send().await.unwrap();
    let fields = [("email", "bench@example.com"), ("password", PASSWORD)];
    client.post(site.services.http.base_url.absolute_url("/admin/sign-in")).form(&fields).send().await.unwrap();
    client
}

/// Peak memory of this process, in kilobytes.
fn peak_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[actix_web::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let site = fixtures::start(dir.path(), "16").await;
    let client = sign_in(&site).await;
    fixtures::fill(&site, 10_000, 100_000).await;
    for path in [
        "/health",
        "/admin",
        "/admin/inquiries",
        "/admin/inquiries?page=1900",
        "/admin/inquiries?state=new",
        "/admin/inquiries?state=answered&page=900",
        "/admin/inquiries?state=withdrawn",
        "/admin/inquiries?age=24h",
        "/admin/inquiries?owner=me&kind=apply&age=older",
        "/admin/inquiries?program=Express+Entry&category=healthcare",
        "/admin/inquiries?q=zaynab+khan",
        "/admin/inquiries?q=nurse&state=new",
        "/admin/inquiries?q=IE-2026-050000",
        "/admin/inquiries?q=0300+0012345",
        "/admin/inquiries?q=visitor12345@example.com",
        "/admin/inquiries?q=0300-001",
        "/admin/inquiries?q=zaynap",
        "/admin/inquiries?sort=name&page=1000",
        "/admin/inquiries?sort=score&owner=me",
        "/admin/inquiries?from=2026-06-01&to=2026-06-30",
        "/admin/inquiries/50000?list=sort%3Dname",
        "/admin/inquiries/50000",
        "/admin/inquiries/50000.json",
        "/admin/inquiries/people?q=visitor12345@example.com",
        "/admin/mail",
        "/admin/mail?page=4000",
        "/admin/posts",
        "/admin/audit",
        "/health/ready",
        "/metrics",
    ] {
        let address = site.services.http.base_url.absolute_url(path);
        let mut times: Vec<Duration> = vec![];
        for _ in 0..100 {
            let started = Instant::now();
            client.get(&address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        let mean = times.iter().sum::<Duration>() / 100;
        println!("{path:<60} mean {mean:>10.1?}   slowest {:>10.1?}", times[99]);
    }
    for path in ["/admin/inquiries.csv", "/admin/inquiries.csv?for=spreadsheet", "/admin/inquiries.csv?q=nurse"] {
        let (before, started) = (peak_memory_kb(), Instant::now());
        let mut answer = client
            .get(site.services.http.base_url.absolute_url(path))
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        let (mut first, mut bytes) = (None, 0);
        while let Some(part) = answer.chunk().await.unwrap() {
            first.get_or_insert_with(|| started.elapsed());
            bytes += part.len();
        }
        let (first, whole, grown) = (first.unwrap(), started.elapsed(), peak_memory_kb() - before);
        println!("{path:<60} first byte {first:.1?}, {bytes} bytes in {whole:.1?}, peak memory +{grown} kB");
    }
    site.stop().await.unwrap();
}
