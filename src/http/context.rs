//! Data that request handling needs on every request.

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::clock::Clock;
use crate::http::{BaseUrl, BodyMemory, SearchRateLimit, ServerLimits, TrustedProxies};

/// Settings and counters that `http` and `web` read from a request. They must not import features, so they cannot
/// use `Services`.
pub struct HttpContext {
    pub base_url: BaseUrl,
    pub clock: Clock,
    pub trusted_proxies: TrustedProxies,
    pub limits: ServerLimits,
    pub body_memory: BodyMemory,
    pub search_rate_limit: SearchRateLimit,
    pub redisplay_routes: RedisplayRoutes,
}

impl HttpContext {
    pub fn new(
        base_url: BaseUrl,
        clock: Clock,
        trusted_proxies: TrustedProxies,
        limits: ServerLimits,
        redisplay_routes: RedisplayRoutes,
    ) -> Self {
        let search_rate_limit = SearchRateLimit::new(clock.clone());
        let body_memory = BodyMemory::default();
        Self { base_url, clock, trusted_proxies, limits, body_memory, search_rate_limit, redisplay_routes }
    }

    /// The context of the site that received this request. `Application::build` registers it for all routes.
    pub fn of(request: &HttpRequest) -> &Data<Self> {
        request.app_data().unwrap_or_else(|| unreachable!("Application::build registers HttpContext"))
    }

    #[cfg(test)]
    pub fn for_tests() -> Self {
        let base_url = BaseUrl::new("http://localhost".parse().unwrap());
        let limits = ServerLimits::default();
        Self::new(base_url, Clock::system(), TrustedProxies::default(), limits, RedisplayRoutes(&[]))
    }
}

/// Route patterns whose handlers show a cross-origin form again, filled in, without processing it.
///
/// All other routes reject such a request.
#[derive(Clone, Copy, Debug)]
pub struct RedisplayRoutes(pub &'static [&'static str]);
