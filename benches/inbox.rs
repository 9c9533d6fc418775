//! Exports of 100,000 inquiries: time until the first byte and in total, size, and memory use.
//!
//! Run with `cargo bench --bench inbox`. Requests each export once over HTTP, signed in. The bench `admin` measures the
//! pages.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;

use std::time::Instant;

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
    let client = fixtures::sign_in(&site).await;
    fixtures::fill(&site, 10_000, 100_000).await;
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
