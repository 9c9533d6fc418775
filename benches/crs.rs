//! Evaluations of the Comprehensive Ranking System: a million generated profiles on one core.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on must stop")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use immigration_experts::crs::{Education, FirstLanguage, Language, LanguageLevels, Profile, Score, Spouse};

/// Profiles that differ in every answer.
fn profiles() -> Vec<Profile> {
    let profile = |seed: u8| Profile {
        on: jiff::civil::date(2026, 11, 29),
        age: 17 + seed % 30,
        spouse: seed.is_multiple_of(3).then_some(Spouse {
            education: Education::ALL[usize::from(seed % 8)],
            levels: Some(LanguageLevels::new([seed % 11; 4])),
            canadian_work: seed % 6,
        }),
        education: Education::ALL[usize::from(seed % 7)],
        first_language: FirstLanguage { language: Language::English, levels: LanguageLevels::new([4 + seed % 7; 4]) },
        second_language: seed.is_multiple_of(2).then_some(LanguageLevels::new([seed % 11; 4])),
        canadian_work: seed % 6,
        foreign_work: seed % 4,
        trade_certificate: seed.is_multiple_of(5),
        nomination: seed.is_multiple_of(9),
        sibling: seed.is_multiple_of(4),
        canadian_credential: None,
        job_offer: None,
    };
    (0..250).map(profile).collect()
}

fn evaluations(c: &mut Criterion) {
    let profiles = profiles();
    let mut group = c.benchmark_group("crs");
    group.sample_size(10).throughput(Throughput::Elements(1_000_000));
    group.bench_function("a million evaluations", |bencher| {
        bencher.iter(|| {
            let totals =
                (0..4000).flat_map(|_| black_box(&profiles)).map(|profile| u64::from(Score::of(profile).total()));
            black_box(totals.sum::<u64>())
        });
    });
    group.finish();
}

criterion_group!(benches, evaluations);
criterion_main!(benches);
