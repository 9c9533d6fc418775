//! Addresses that may read the metrics and the details of the health check.

use actix_web::HttpRequest;
use ipnet::IpNet;

use crate::http::verified_client_ip;

/// Networks that may read the metrics, besides the local machine (`METRICS_FROM`).
#[derive(Clone, Debug, Default)]
pub struct MetricsAllowlist(pub Vec<IpNet>);

impl MetricsAllowlist {
    /// Whether the client may read the metrics. A request through an untrusted proxy may not.
    pub fn allows(&self, request: &HttpRequest) -> bool {
        verified_client_ip(request).is_some_and(|address| {
            let address = address.to_canonical();
            address.is_loopback() || self.0.iter().any(|range| range.contains(&address))
        })
    }
}
