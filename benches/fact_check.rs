//! Time of the fact check per article.
//!
//! Run with `cargo bench --bench fact_check`. Checks the first post, repeated to about 10 kB, 100 kB and 1 MB, against
//! the whole record.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on must stop")]

mod fixtures;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use immigration_experts::fact_check::{DrawRecord, findings};
use immigration_experts::{categories, draws, occupations};

fn fact_check(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let system = actix_web::rt::System::new();
    let site = system.block_on(fixtures::start(dir.path(), "0"));
    let db = site.services.db.read();
    let (draws, occupations, lists) = system.block_on(async {
        (draws::all(db).await.unwrap(), occupations::all(db).await.unwrap(), categories::dated_lists(db).await.unwrap())
    });
    let record = DrawRecord { draws: &draws, occupations: &occupations, lists: &lists };
    let post = include_str!("../data/first-post.md");
    let mut group = c.benchmark_group("fact check");
    group.sample_size(20);
    for size in [10_000, 100_000, 1_000_000] {
        let text = post.repeat(size / post.len() + 1);
        let text = &text[..text.floor_char_boundary(size)];
        group.throughput(Throughput::Bytes(u64::try_from(size).unwrap()));
        group.bench_function(format!("{} kB", size / 1000), |b| {
            b.iter(|| black_box(findings(&[("body", text)], &record, "2026-11-22".parse().unwrap())));
        });
    }
    group.finish();
    system.block_on(site.stop()).unwrap();
}

criterion_group!(benches, fact_check);
criterion_main!(benches);
