//! Requests per second while 1,000 slow clients of each kind hold connections open, compared with none.
//!
//! Run with `cargo bench --bench slow_clients`. It needs `wrk` and `taskset`. The real program runs on the first core
//! without a proxy; `wrk` and the slow clients run on the second. Both measurements alternate.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement reports to the person who runs it")]

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

mod fixtures;
mod load;
#[path = "../tests/support/slow_connections.rs"]
mod slow_connections;

use load::{Running, SECONDS, median, wrk};
use slow_connections::{MAX_FDS, SlowConnections, SlowPhase};

const PAIRS: usize = 5;

#[actix_web::main]
async fn main() {
    rlimit::increase_nofile_limit(MAX_FDS).unwrap();
    let own_id = std::process::id().to_string();
    assert!(Command::new("taskset").args(["-a", "-cp", "1", &own_id]).output().unwrap().status.success());
    let data = load::site_data(0, 0).await;
    let site = Running::site(data.path(), &[("BACKUPS", "off")]);
    let address: SocketAddr = site.address.strip_prefix("http://").unwrap().parse().unwrap();
    println!("{:<44} {:>6} {:>8} {:>8} {:>6} {:>9}", "slow clients", "open", "req/s", "normal", "ratio", "memory");
    let rows = SlowPhase::ALL.map(|kind| vec![kind]).into_iter().chain([SlowPhase::ALL.to_vec()]);
    for kinds in rows {
        let (mut loaded, mut normal, mut open, mut memory) = (vec![], vec![], usize::MAX, 0.0_f64);
        for _ in 0..PAIRS {
            normal.push(requests_per_second(&site, &mut SlowConnections::default()).await);
            let mut slow = SlowConnections::open(address, &kinds, 1_000).await;
            // The site answers the first requests.
            tokio::time::sleep(Duration::from_secs(3)).await;
            loaded.push(requests_per_second(&site, &mut slow).await);
            open = open.min(kinds.iter().map(|kind| slow.count_open(*kind)).sum());
            memory = memory.max(site.memory("VmRSS"));
            drop(slow);
            // The site closes its side.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let ratio = median(loaded.iter().zip(&normal).map(|(loaded, normal)| loaded / normal).collect());
        let (loaded, normal) = (median(loaded), median(normal));
        let kinds = format!("{kinds:?}");
        println!("{kinds:<44} {open:>6} {loaded:>8.0} {normal:>8.0} {ratio:>6.2} {memory:>6.0} MB");
    }
}

/// Measures the front page while the slow clients send or read a byte every half second.
async fn requests_per_second(site: &Running, slow: &mut SlowConnections) -> f64 {
    let address = site.address.clone();
    let measured = actix_web::rt::task::spawn_blocking(move || wrk(&format!("{address}/"), 32, SECONDS * 2, None));
    let drip = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            slow.send_more();
        }
    };
    tokio::select! {
        measured = measured => {
            let measured = measured.unwrap();
            assert_eq!(measured.refused, 0);
            measured.requests_per_second
        }
        () = drip => unreachable!(),
    }
}
