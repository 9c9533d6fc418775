//! How fast the search answers when the site has grown to 10,000 posts.
//!
//! Run with `cargo bench --bench search`. Each question is asked 300 times over HTTP on one connection; told are the mean
//! and the slowest of a hundred.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

use std::time::{Duration, Instant};

use clap::Parser;
use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::config::Settings;
use immigration_experts::mail::{Mailbag, Transport};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

const POSTS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO posts (slug, title, summary, author, state, published_at, created_at, updated_at, body)
    SELECT 'post-' || i, 'Express Entry news ' || i, 'What happened in week ' || i || '.', 'Bench', 'published',
           '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z',
           replace(hex(zeroblob(40)), '00', 'Candidates with a nurse or a dentist in the family asked about round ' || i || '. ')
    FROM n";

async fn start(dir: &std::path::Path) -> Running {
    let line = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()];
    let config = Line::parse_from(line).settings.check().unwrap();
    let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
    let site = app::start(config, clock, Transport::Memory(Mailbag::default())).await.unwrap();
    let mut tx = site.db.begin_write().await.unwrap();
    sqlx::query(POSTS).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    site
}

#[actix_web::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let site = start(dir.path()).await;
    let client = reqwest::Client::new();
    for path in [
        "/health",
        "/search?q=express",
        "/search?q=nurse+dentist",
        "/search?q=draw+252",
        "/search?q=healthcare+june+2023",
        "/search?q=zzzz+express",
    ] {
        let address = site.site_address.absolute(path);
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
