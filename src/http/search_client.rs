//! Extractor that counts searches per client.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::http::{HttpContext, PageError, client_ip, network_prefix};

/// The client of a request, for the search rate limit.
#[derive(Clone)]
pub struct SearchClient {
    context: Data<HttpContext>,
    /// `None` for private addresses: behind an untrusted proxy, every client seems to come from there.
    ip: Option<IpAddr>,
}

impl std::fmt::Debug for SearchClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchClient").finish_non_exhaustive()
    }
}

impl SearchClient {
    pub fn of(request: &HttpRequest) -> Self {
        let address = client_ip(request);
        Self { context: HttpContext::of(request).clone(), ip: network_prefix(address).map(|_| address) }
    }

    /// Counts a search. The error is the number of seconds to wait.
    pub fn check_rate(&self) -> Result<(), i64> {
        self.ip.map_or(Ok(()), |address| self.context.search_rate_limit.check_ip(address))
    }
}

impl FromRequest for SearchClient {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
