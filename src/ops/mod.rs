//! Operations: health checks, the metrics endpoint and the graceful shutdown of connections.

mod health;
mod metrics_endpoint;

pub use health::{ShutdownFlag, WorkersReady, close_connections_on_shutdown};
pub use metrics_endpoint::MetricsAllowlist;

use crate::http::{CacheRule, Routes};

pub const CACHE_RULES: [CacheRule; 2] = [CacheRule::Bypass("/health"), CacheRule::Bypass("/metrics")];

pub fn routes(routes: &mut Routes) {
    routes
        .get("/health", health::liveness)
        .get("/health/ready", health::readiness)
        .get("/metrics", metrics_endpoint::metrics);
}
