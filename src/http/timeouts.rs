//! How long the site waits for those who are slow, and how many of them it lets in.

use std::time::Duration;

/// However slow a link is, so many bytes come over it in a second.
const MIN_BYTES_PER_SECOND: u64 = 512;

/// How slow visitors may be. Those on the worst telephones are far from these bounds; whoever goes past them wants to
/// hold the site.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Until the head of a connection's first request has come.
    pub header_timeout: Duration,
    /// Until the next request on a connection begins. Longer than proxies keep theirs, so that it is not we who hang up
    /// on what they are sending.
    pub keep_alive: Duration,
    /// Until the body of a form has come; for staff, a second more for every 512 bytes of it.
    pub body_timeout: Duration,
    /// Until a request has come and its answer is taken, and a second more for every 512 bytes of both; and the longest
    /// that nothing of an answer is taken.
    pub request_timeout: Duration,
    /// Connections that one address (of IPv6: one /64) may hold at once: whole towns come from one address of a carrier.
    /// A /48 may hold eight times as many.
    pub max_connections_per_ip: usize,
    /// Whether this machine and its own network are counted like any other: behind a proxy that is not trusted,
    /// everybody seems to come from there.
    pub limit_private_networks: bool,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            body_timeout: Duration::from_secs(60),
            request_timeout: Duration::from_secs(120),
            max_connections_per_ip: 256,
            limit_private_networks: false,
        }
    }
}

/// How long so many bytes may take over the slowest link there is.
pub(super) fn min_rate_allowance(bytes: usize) -> Duration {
    Duration::from_millis(u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1000) / MIN_BYTES_PER_SECOND)
}
