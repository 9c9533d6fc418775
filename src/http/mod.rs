//! HTTP server and request handling: limits, client IP, body, security headers, CSRF, caching, encodings.

mod attempt_limit;
mod base_url;
mod body;
mod body_memory;
mod cache_rules;
mod canonical_redirect;
mod client_ip;
mod content_encoding;
mod context;
mod csrf;
mod error;
mod eviction;
mod matched_route;
mod networks;
#[cfg(test)]
mod proptests;
mod rate_limit;
mod request_id;
mod response;
mod routes;
mod search_client;
mod secret;
mod security_headers;
mod server;

pub use attempt_limit::AttemptLimiter;
pub use base_url::BaseUrl;
pub use body::{FormBody, TimedPayload, payload_error};
pub use body_memory::{BodyMemory, FromStaff};
pub use cache_rules::{CacheRule, CacheRules};
pub use canonical_redirect::redirect_to_canonical_path;
pub use client_ip::{client_ip, verified_client_ip};
pub use content_encoding::{Encoding, is_not_modified, vary_by_encoding};
pub use context::{HttpContext, RedisplayRoutes};
pub use csrf::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, reject_cross_origin};
pub use error::{PageError, PageResult, write_failure, write_failure_in_chain};
pub use eviction::evict_if_full;
pub use matched_route::{MatchedRoute, canonical_path, route_pattern, routed_path};
pub use networks::{TrustedProxies, ip_or_prefix64, network_prefix};
pub use rate_limit::SearchRateLimit;
pub use request_id::{REQUEST_ID, RequestId, trace_request};
pub use response::{
    SURROGATE_KEY, SURROGATE_KEY_PAGES, html, moved_permanently, moved_permanently_private, see_other, xml,
};
pub use routes::Routes;
pub use search_client::SearchClient;
pub use secret::{SiteSecret, hex, random_token, sha256_hex};
pub use security_headers::security_headers;
pub use server::{SHUTDOWN_TIMEOUT_SECS, ServerLimits, listen, max_connections, set_write_timeout};
