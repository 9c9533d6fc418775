//! The real program without a proxy, while 1,000 slow clients of each kind hold connections open.
//!
//! `cargo bench --bench slow_clients` measures the speed for other clients.

use crate::program::Home;
use crate::slow_connections::{MAX_FDS, SlowConnections, SlowPhase};

const MEGABYTE: u64 = 1024 * 1024;

#[actix_web::test]
async fn thousand_slow_clients_of_each_kind_do_not_block_others() {
    rlimit::increase_nofile_limit(MAX_FDS).unwrap();
    let home = Home::new();
    let site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
    let address = site.address.strip_prefix("http://").unwrap().parse().unwrap();
    let visitor = site.visitor();
    let paths = ["/", "/news", "/draws/252", "/draws.json", "/occupations?q=nurse", "/health"];
    for path in paths {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let at_rest = site.memory();
    let mut slow = SlowConnections::open(address, &SlowPhase::ALL, 1_000).await;
    let (mut most_open, mut most_memory) = ([0; 4], 0);
    for round in 0..10 {
        for path in paths {
            assert_eq!(site.visitor().get(path).await.status, 200, "{path}");
        }
        let message = format!("Is my diploma enough? ({round})");
        let fields = [("name", "Amina"), ("email", "visitor@example.com"), ("message", &*message)];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
        for (most, kind) in most_open.iter_mut().zip(SlowPhase::ALL) {
            *most = slow.count_open(kind).max(*most);
        }
        most_memory = site.memory().max(most_memory);
        slow.send_more();
    }
    println!("{most_open:?} connections of {:?}; {at_rest} bytes at rest, {most_memory} at most", SlowPhase::ALL);
    for (most, kind) in most_open.into_iter().zip(SlowPhase::ALL) {
        // The limit of memory for request bodies ends the oldest of them.
        let expected = if kind == SlowPhase::RequestBody { 100 } else { 900 };
        assert!(most >= expected, "only {most} connections of {kind:?} were open");
    }
    let growth = most_memory.saturating_sub(at_rest);
    assert!(growth < 200 * MEGABYTE, "the memory grew by {growth} bytes");
}
