//! How many requests a second each public page bears when the site has grown to 10,000 posts and 100,000 inquiries, as a
//! part of what it bears with 10 and 10: handed out from ready copies, and built from the database each time.
//!
//! Run with `cargo bench --bench growth`. Both sites run in this process; they are asked in turn, on one connection each,
//! and three times over, since machines are noisy.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod grown;

use std::time::{Duration, Instant};

use immigration_experts::app::Running;

/// How often a page is asked for at a stretch.
const AT_A_STRETCH: u32 = 100;
const STRETCHES: u32 = 3;

const PAGES: [&str; 12] = [
    "/",
    "/news",
    "/news?topic=study",
    "/news/post-5",
    "/draws",
    "/draws/252",
    "/occupations?q=nurse",
    "/occupations/31301",
    "/search?q=draw+252",
    "/about",
    "/news/feed.atom",
    "/sitemap.xml",
];

async fn ask(client: &reqwest::Client, site: &Running, path: &str) -> Duration {
    let address = site.site_address.absolute(path);
    let started = Instant::now();
    for _ in 0..AT_A_STRETCH {
        client.get(&address).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap();
    }
    started.elapsed()
}

#[actix_web::main]
async fn main() {
    let client = reqwest::Client::new();
    for (copies, how) in [("16", "from ready copies"), ("0", "built each time")] {
        let (small_dir, large_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let small = grown::start(small_dir.path(), copies).await;
        let large = grown::start(large_dir.path(), copies).await;
        grown::fill(&small, 10, 10).await;
        grown::fill(&large, 10_000, 100_000).await;
        println!("{how:<28} {:>12} {:>12}   grown, as a part of it", "small", "grown");
        for path in PAGES {
            let (mut of_small, mut of_large) = (Duration::ZERO, Duration::ZERO);
            for _ in 0..STRETCHES {
                of_small += ask(&client, &small, path).await;
                of_large += ask(&client, &large, path).await;
            }
            let (each_small, each_large) =
                (of_small / (AT_A_STRETCH * STRETCHES), of_large / (AT_A_STRETCH * STRETCHES));
            let part = of_small.as_secs_f64() / of_large.as_secs_f64();
            println!("{path:<28} {each_small:>12.1?} {each_large:>12.1?}   {part:.2}");
        }
        small.stop().await.unwrap();
        large.stop().await.unwrap();
    }
}
