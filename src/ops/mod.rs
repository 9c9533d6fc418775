//! Operations: health checks, the metrics endpoint and the graceful shutdown of connections.

mod health;
mod metrics_allowlist;
mod metrics_endpoint;
mod middleware;
mod shutdown;

pub use metrics_allowlist::MetricsAllowlist;
pub use middleware::{close_connections_on_shutdown, track_requests};
pub use shutdown::{ShutdownFlag, WorkersReady};

use crate::http::{CacheRule, Routes};

pub const CACHE_RULES: [CacheRule; 2] = [CacheRule::Bypass("/health"), CacheRule::Bypass("/metrics")];

pub fn routes(routes: &mut Routes) {
    routes
        .get("/health", health::liveness)
        .get("/health/ready", health::readiness)
        .get("/metrics", metrics_endpoint::metrics);
}
