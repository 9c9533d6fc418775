//! Response times of every admin page with 10,000 posts, 100,000 inquiries, 200,000 e-mails and 5,000 pictures.
//!
//! Run with `cargo bench --bench admin`. Requests each list and detail page over HTTP on one connection, signed in, one
//! page after the other in several rounds. Prints the median and the slowest response, slowest pages first, and fails if
//! a median is 50 ms or more.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;

use std::time::{Duration, Instant};

/// Other load on the machine affects only some of the rounds.
const ROUNDS: usize = 21;
const TARGET: Duration = Duration::from_millis(50);

/// Lists, their last pages, filters and searches, and one page of every kind.
const PAGES: [&str; 83] = [
    "/admin",
    "/admin/posts",
    "/admin/posts?page=100",
    "/admin/posts?q=week",
    "/admin/posts/new",
    "/admin/posts/import",
    "/admin/posts/5000",
    "/admin/posts/5000/revisions/2",
    "/admin/posts/tokens?q=252",
    "/admin/posts/pictures?q=fair",
    "/admin/media",
    "/admin/media?page=200",
    "/admin/media?q=city+4999",
    "/admin/media?q=photo",
    "/admin/media?show=unused",
    "/admin/media?show=trash",
    "/admin/media/2500",
    "/admin/media/2500/preview",
    "/admin/pages",
    "/admin/pages/new",
    "/admin/pages/1",
    "/admin/draws",
    "/admin/draws/252",
    "/admin/draws/new",
    "/admin/draws/import",
    "/admin/occupations",
    "/admin/occupations/lists/new",
    "/admin/occupations/lists/1",
    "/admin/occupations/lists/3/correction",
    "/admin/occupations/synonyms",
    "/admin/occupations/synonyms?noc=31301",
    "/admin/inquiries",
    "/admin/inquiries?page=1900",
    "/admin/inquiries?state=new",
    "/admin/inquiries?state=answered&page=900",
    "/admin/inquiries?state=quarantined",
    "/admin/inquiries?state=withdrawn",
    "/admin/inquiries?age=24h",
    "/admin/inquiries?owner=me&kind=apply&age=older",
    "/admin/inquiries?program=Express+Entry&category=healthcare",
    "/admin/inquiries?q=zaynab+khan",
    "/admin/inquiries?q=nurse&state=new",
    "/admin/inquiries?q=IE-2026-050000",
    "/admin/inquiries?q=0300+0012345",
    "/admin/inquiries?q=visitor12345@example.com",
    "/admin/inquiries?q=0300-001",
    "/admin/inquiries?q=zaynap",
    "/admin/inquiries?q=zaynap+kahn",
    "/admin/inquiries?q=visiter12345@example.com",
    "/admin/inquiries?q=fatema",
    "/admin/inquiries?q=quresi+aplly",
    "/admin/inquiries?q=wrok+canadda",
    "/admin/inquiries?sort=name&page=1000",
    "/admin/inquiries?sort=score&page=1000",
    "/admin/inquiries?sort=score&owner=me",
    "/admin/inquiries?from=2026-06-01&to=2026-06-30",
    "/admin/inquiries/50000",
    "/admin/inquiries/50000?list=sort%3Dname",
    "/admin/inquiries/50000?list=q%3Dzaynab",
    "/admin/inquiries/50000?template=1",
    "/admin/inquiries/50000.json",
    "/admin/inquiries/templates",
    "/admin/inquiries/templates/new",
    "/admin/inquiries/templates/1",
    "/admin/inquiries/trash",
    "/admin/inquiries/erasures",
    "/admin/inquiries/people",
    "/admin/inquiries/people?q=visitor12345@example.com",
    "/admin/inquiries/people/erasure?q=visitor12345@example.com",
    "/admin/mail",
    "/admin/mail?page=4000",
    "/admin/mail/100000",
    "/admin/site",
    "/admin/staff",
    "/admin/audit",
    "/admin/audit?page=1000",
    "/admin/audit?q=answered",
    "/admin/audit?q=inquiry+5000",
    "/admin/audit?actor=Bench",
    "/admin/audit?from=2026-01-01&to=2026-12-31",
    "/admin/account",
    "/admin/account/two-factor",
    "/health/ready",
];

#[actix_web::main]
async fn main() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let site = fixtures::start(dir.path(), "16").await;
    let client = fixtures::sign_in(&site).await;
    fixtures::fill(&site, 10_000, 100_000).await;
    fixtures::fill_media(&site, 5_000).await;
    let mut times = vec![vec![]; PAGES.len()];
    for _ in 0..ROUNDS {
        for (page, times) in PAGES.iter().zip(&mut times) {
            let started = Instant::now();
            let request = client.get(site.services.http.base_url.absolute_url(page)).send().await.unwrap();
            request.error_for_status().unwrap().bytes().await.unwrap();
            times.push(started.elapsed());
        }
    }
    let mut pages: Vec<(Duration, Duration, &str)> = vec![];
    for (page, mut times) in PAGES.into_iter().zip(times) {
        times.sort();
        pages.push((times[ROUNDS / 2], times[ROUNDS - 1], page));
    }
    pages.sort();
    pages.reverse();
    for (median, slowest, page) in &pages {
        println!("{page:<64} median {median:>10.1?}   slowest {slowest:>10.1?}");
    }
    site.stop().await.unwrap();
    let slow: Vec<&str> = pages.iter().filter(|page| page.0 >= TARGET).map(|page| page.2).collect();
    assert!(slow.is_empty(), "50 ms or more: {slow:?}");
}
