//! Requests per second of each public page with 10,000 posts and 100,000 inquiries, relative to 10 and 10. Measured from
//! the page cache with 32 connections, and rendered from the database with one connection.
//!
//! Run with `cargo bench --bench growth`. Requires `wrk` and `taskset`. Both sites are the real program on the first core;
//! the load comes from the second, in turn.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a measurement speaks to who asked for it")]

mod fixtures;
mod load;

use load::{Running, SECONDS, alternate, wrk};

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

#[actix_web::main]
async fn main() {
    let (small_data, large_data) = (load::site_data(10, 10).await, load::site_data(10_000, 100_000).await);
    for (cache_mb, connections, how) in
        [("16", 32, "from the cache, 32 connections"), ("0", 1, "rendered, 1 connection")]
    {
        // Otherwise the nightly backup of the large site would run at the same time.
        let settings = [("PAGE_CACHE_MB", cache_mb), ("BACKUPS", "off")];
        let small = Running::site(small_data.path(), &settings);
        let large = Running::site(large_data.path(), &settings);
        println!("{how:<32} {:>8} {:>8}   ratio", "large", "small");
        for path in PAGES {
            let ask = |site: &Running| {
                let measured = wrk(&format!("{}{path}", site.address), connections, SECONDS, None);
                assert_eq!(measured.refused, 0, "{path}");
                measured.requests_per_second
            };
            let (of_large, of_small, part) = alternate(|| ask(&large), || ask(&small));
            println!("{path:<32} {of_large:>8.0} {of_small:>8.0}   {part:.2}");
        }
    }
}
