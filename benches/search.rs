//! Response times of the search with 10,000 posts, rendered from the database for each request.
//!
//! Run with `cargo bench --bench search`. Sends each query 300 times over HTTP on one connection. Prints the mean and the
//! 99th percentile.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;

use std::time::{Duration, Instant};

#[actix_web::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let site = fixtures::start(dir.path(), "0").await;
    fixtures::fill(&site, 10_000, 10).await;
    let client = reqwest::Client::new();
    for path in [
        "/health",
        "/search?q=express",
        "/search?q=nurse+dentist",
        "/search?q=draw+252",
        "/search?q=healthcare+june+2023",
        "/search?q=zzzz+express",
    ] {
        let address = site.services.http.base_url.absolute_url(path);
        let mut times: Vec<Duration> = vec![];
        for _ in 0..300 {
            let started = Instant::now();
            client.get(&address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        let mean = times.iter().sum::<Duration>() / 300;
        println!("{path:<36} mean {mean:>10.1?}   p99 {:>10.1?}", times[296]);
    }
    site.stop().await.unwrap();
}
