//! How fast the pages of rounds are, built anew from the database for every request, and how fast a file is taken in.
//!
//! Run with `cargo bench`. Requests go over HTTP on one connection to a site started as `main` does it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on must stop")]

use std::hint::black_box;

use clap::Parser;
use criterion::{Criterion, criterion_group, criterion_main};
use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::config::Settings;
use immigration_experts::draws;
use immigration_experts::mail::{Mailbag, Transport};
use serde_json::{Value, json};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

async fn start(dir: &std::path::Path) -> Running {
    let line = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()];
    let config = Line::parse_from(line).settings.check().unwrap();
    let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
    app::start(config, clock, Transport::Memory(Mailbag::default())).await.unwrap()
}

/// The record in the shape of the government's file.
fn feed(record: &str) -> Vec<u8> {
    let record: Value = serde_json::from_str(record).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace("null", "");
    let rounds: Vec<Value> = record["rounds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|round| {
            json!({
                "drawNumber": text(&round["round"]), "drawDate": text(&round["date"]), "drawName": text(&round["name"]),
                "drawSize": text(&round["invitations_published"]), "drawCRS": text(&round["crs"]),
                "drawDateTime": text(&round["held_at_published"]), "drawCutOff": text(&round["tie_break_published"]),
                "drawText2": text(&round["programs"]),
            })
        })
        .collect();
    json!({"classes": "wb-tables", "rounds": rounds}).to_string().into_bytes()
}

fn rounds(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let system = actix_web::rt::System::new();
    let site = system.block_on(start(dir.path()));
    let client = reqwest::Client::new();
    let get = |path: &str| {
        let request = client.get(site.site_address.absolute(path));
        async { request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap() }
    };
    let pages = [
        ("/draws, all 448 rounds", "/draws"),
        ("/draws, one kind", "/draws?category=healthcare"),
        ("/draws/252", "/draws/252"),
        ("a post with 25 tokens", "/news/canada-invites-500-healthcare-workers-in-express-entry-round-252"),
        ("an empty answer", "/health"),
    ];
    for (name, path) in pages {
        c.bench_function(name, |b| b.iter(|| black_box(system.block_on(get(path)))));
    }
    let file = feed(std::str::from_utf8(&system.block_on(get("/draws.json"))).unwrap());
    let today = "2026-11-22".parse().unwrap();
    c.bench_function("preview of an import of 448 rounds", |b| {
        b.iter(|| {
            system.block_on(async {
                let mut db = site.db.read().acquire().await.unwrap();
                let published = draws::read_file(black_box(&file)).unwrap();
                let plan = draws::plan(&mut db, published, "a file", today).await.unwrap();
                assert_eq!(plan.unchanged, 448);
            });
        });
    });
    system.block_on(site.stop()).unwrap();
}

criterion_group!(benches, rounds);
criterion_main!(benches);
