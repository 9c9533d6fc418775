//! Response times of the occupation directory, rendered from the database for each request.
//!
//! Run with `cargo bench --bench directory`. Requests go over HTTP on one connection to a site started as `main` does
//! it. Prints the 99th percentile after criterion's means.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on must stop")]
#![allow(clippy::print_stdout, reason = "the figures are what it is run for")]

mod fixtures;

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};

const REQUESTS: usize = 2000;

fn directory(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let system = actix_web::rt::System::new();
    let site = system.block_on(fixtures::start(dir.path(), "0"));
    let client = reqwest::Client::new();
    let get = |path: &str| {
        let request = client.get(site.services.http.base_url.absolute_url(path));
        async { request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap() }
    };
    let pages = [
        "/occupations?q=a",
        "/occupations?q=31301",
        "/occupations?q=registered+nurse",
        "/occupations?q=regstered+nruse",
        "/occupations",
        "/occupations/31301",
        "/health",
    ];
    for path in pages {
        c.bench_function(path, |b| b.iter(|| black_box(system.block_on(get(path)))));
    }
    for path in pages {
        let mut times: Vec<_> = (0..REQUESTS)
            .map(|_| {
                let started = Instant::now();
                black_box(system.block_on(get(path)));
                started.elapsed()
            })
            .collect();
        times.sort();
        println!("{path}: p99 {:?}, p50 {:?}", times[REQUESTS * 99 / 100], times[REQUESTS / 2]);
    }
    system.block_on(site.stop()).unwrap();
}

criterion_group!(benches, directory);
criterion_main!(benches);
