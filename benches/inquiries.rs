//! Durably accepted inquiries per second, with 1 and 32 clients, compared with the fsync rate of the file system.
//!
//! Run with `cargo bench --bench inquiries`. Requires `taskset`. The site is the real program on the first core. Both
//! rates are measured in turn, three times, on the same disk, because machines are noisy.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;
mod load;

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use load::Running;

const MEASUREMENT_DURATION: Duration = Duration::from_secs(5);

/// Appends of one SQLite page with fsync, per second.
fn fsyncs(dir: &Path) -> f64 {
    let mut file = std::fs::File::create(dir.join("fsync")).unwrap();
    let page = [7_u8; 4096];
    let (started, mut count) = (Instant::now(), 0_u32);
    while started.elapsed() < MEASUREMENT_DURATION {
        file.write_all(&page).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

/// Accepted inquiries per second with this many clients.
async fn accepted_per_second(address: &str, concurrency: usize, run: usize) -> f64 {
    let started = Instant::now();
    let counts = join_all((0..concurrency).map(|sender| async move {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut count = 0_u32;
        while started.elapsed() < MEASUREMENT_DURATION {
            let text = format!("Is my diploma enough? ({run}, {concurrency}, {sender}, {count})");
            let fields = [("name", "Ayesha Khan"), ("email", "ayesha@example.org"), ("message", text.as_str())];
            let answer = client.post(format!("{address}/contact")).form(&fields).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 303);
            count += 1;
        }
        count
    }))
    .await;
    f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64()
}

#[actix_web::main]
async fn main() {
    // Next to the binary, so that the data is on disk and not in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let site = Running::site(dir.path(), &[]);
    println!("per second:   fsyncs   1 client             32 clients");
    for run in 1..=3 {
        let durable = fsyncs(dir.path());
        let (one, many) =
            (accepted_per_second(&site.address, 1, run).await, accepted_per_second(&site.address, 32, run).await);
        println!(
            "run {run}       {durable:>8.0}   {one:>6.0} ({:.2} of it)   {many:>6.0} ({:.2} of it)",
            one / durable,
            many / durable
        );
    }
}
