//! What every page shares, and nothing else: the firm's head and foot, errors, forms, paging, Markdown,
//! dates, security headers and static files.

mod advice;
#[cfg(test)]
mod arbitrary;
mod assets;
mod body;
mod body_memory;
mod cache_rules;
mod canonical_redirect;
mod client_ip;
mod connection_limit;
mod content_encoding;
mod csrf;
mod email;
mod error;
mod eviction;
mod file_text;
mod form;
mod format;
mod invisible;
mod layout;
mod markdown;
mod pagination;
mod placeholders;
#[cfg(test)]
mod proptests;
mod rate_limit;
mod request_id;
mod response;
mod routes;
mod secret;
mod server;
mod slow_client;
/// Texts for the cells of a spreadsheet.
pub mod spreadsheet;
mod timeouts;
mod upload;

pub use advice::find_advice_offer;
#[cfg(test)]
pub use arbitrary::{any_bytes, any_text, check_property, cpu_time, text_from};
pub use assets::{asset, asset_url};
pub use body_memory::{BodyMemory, FromStaff};
pub use cache_rules::{CacheRule, CacheRules};
pub use canonical_redirect::redirect_to_canonical_path;
pub use client_ip::{TrustedProxies, client_ip, ip_or_prefix64, network_prefix, verified_client_ip};
pub use content_encoding::{Encoding, if_none_match, vary_by_encoding};
pub use csrf::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, RedisplayRoutes, reject_cross_origin, security_headers};
pub use email::{EmailAddress, SMTPUTF8_MESSAGE, mask_email, needs_smtputf8};
pub use error::{PageError, PageResult, render_error_pages, write_failure};
pub use eviction::evict_if_full;
pub use file_text::{FileTextError, Mojibake, decode_text_file, find_mojibake};
pub use form::{FieldErrors, Form, Query, email_line, multi_line, not_blank, one_line, single_line};
pub use format::{
    DisplayDate, DisplayTime, ascii_digits, office_time_zone, plural, relative_age, slug, with_thousands,
};
pub use invisible::visible_only;
pub use layout::{AlertBanner, BaseUrl, Firm, Layout, Licence, Phone, RetentionPeriods};
pub use markdown::{
    Issue, find_placeholders, fix_markdown, markdown_issues, no_replacement, plain_line_issue, plain_text,
    render_markdown, render_note,
};
pub use pagination::Pagination;
pub use placeholders::{Placeholder, Replacement, TitleRenderer, expand_line, find_placeholders_in_line};
pub use rate_limit::{SearchClient, SearchRateLimit};
pub use request_id::{MatchedRoute, REQUEST_ID, RequestId, canonical_path, route_pattern, routed_path, trace_request};
pub use response::{
    SURROGATE_KEY, SURROGATE_KEY_PAGES, html, moved_permanently, moved_permanently_private, see_other, xml,
};
pub use routes::Routes;
pub use secret::{Sha256Hex, SiteSecret, random_token};
pub use server::serve;
pub use timeouts::ServerLimits;
pub use upload::Upload;
