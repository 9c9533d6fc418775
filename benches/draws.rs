//! Response times of draw pages, rendered from the database for each request, and of an import preview.
//!
//! Run with `cargo bench`. Requests go over HTTP on one connection to a site started as `main` does it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on must stop")]

mod fixtures;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use immigration_experts::draws;
use serde_json::{Value, json};

/// Converts the record to the format of the government's feed.
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

fn draw_pages(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let system = actix_web::rt::System::new();
    let site = system.block_on(fixtures::start(dir.path(), "0"));
    let client = reqwest::Client::new();
    let get = |path: &str| {
        let request = client.get(site.services.http.base_url.absolute_url(path));
        async { request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap() }
    };
    let pages = [
        ("/draws, all 448 draws", "/draws"),
        ("/draws, one draw type", "/draws?category=healthcare"),
        ("/draws/252", "/draws/252"),
        ("a post with 25 tokens", "/news/canada-invites-500-healthcare-workers-in-express-entry-draw-252"),
        ("an empty response", "/health"),
    ];
    for (name, path) in pages {
        c.bench_function(name, |b| b.iter(|| black_box(system.block_on(get(path)))));
    }
    let file = feed(std::str::from_utf8(&system.block_on(get("/draws.json"))).unwrap());
    let today = "2026-11-22".parse().unwrap();
    c.bench_function("import preview of 448 draws", |b| {
        b.iter(|| {
            system.block_on(async {
                let mut db = site.services.db.read().acquire().await.unwrap();
                let published = draws::parse_feed(black_box(&file)).unwrap();
                let plan = draws::plan(&mut db, published, "a file", today).await.unwrap();
                assert_eq!(plan.unchanged, 448);
            });
        });
    });
    system.block_on(site.stop()).unwrap();
}

criterion_group!(benches, draw_pages);
criterion_main!(benches);
