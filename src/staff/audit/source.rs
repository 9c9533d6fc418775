//! Account and network of the request that is being handled, for its audit log entries.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::http::{client_ip, network_prefix};

tokio::task_local! {
    static SOURCE: AuditSource;
}

/// Where a change comes from. Entries outside of a request, such as those of commands, have an empty one.
#[derive(Clone, Debug, Default)]
pub struct AuditSource {
    pub staff_id: Option<i64>,
    /// Network of the client.
    pub address: String,
}

impl AuditSource {
    pub fn of(request: &HttpRequest, staff_id: i64) -> Self {
        Self { staff_id: Some(staff_id), address: masked_address(client_ip(request)) }
    }

    /// Runs `work` with this source for all entries that it writes.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        SOURCE.scope(self, work).await
    }

    pub(super) fn current() -> Self {
        SOURCE.try_with(Self::clone).unwrap_or_default()
    }
}

/// Network of an address, such as `203.0.113.0/24`. Private addresses are kept, because they identify a device only in its own network.
pub fn masked_address(address: IpAddr) -> String {
    network_prefix(address).unwrap_or_else(|| address.to_string())
}
