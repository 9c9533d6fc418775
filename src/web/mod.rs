//! What every page shares, and nothing else: the firm's head and foot, errors, forms, paging, Markdown,
//! dates, security headers and static files.

mod address;
mod advice;
mod assets;
mod body;
mod body_memory;
mod canonical;
mod client;
mod connection;
mod crowd;
mod email;
mod encoding;
mod error;
mod eviction;
mod file_text;
mod form;
mod invisible;
mod layout;
mod markdown;
#[cfg(test)]
mod odd;
mod page;
mod paging;
mod patience;
mod placeholder;
#[cfg(test)]
mod properties;
mod request;
mod routes;
mod search_limit;
mod security;
mod serve;
/// Texts for the cells of a spreadsheet.
pub mod spreadsheet;
mod text;
mod token;
mod upload;

pub use address::{Address, Addresses};
pub use advice::offered_advice;
pub use assets::{asset, asset_url};
pub use body_memory::{BodyMemory, FromStaff};
pub use canonical::one_spelling;
pub use client::{TrustedProxies, certain_address, client_address, household_of, network_of};
pub use email::{EmailAddress, NO_SMTPUTF8, masked, needs_smtputf8};
pub use encoding::{Encoding, knows_tag, vary_by_encoding};
pub use error::{PageError, PageResult, cannot_write, show_errors};
pub use eviction::make_room;
pub use file_text::{Garbled, NotText, file_text, garbled};
pub use form::{FieldErrors, Form, Query, address_line, filled, one_line, paragraphs, single_line};
pub use invisible::visible_only;
pub use layout::{Alarm, Firm, Keeping, Layout, Licence, Phone, SiteAddress};
pub use markdown::{
    Issue, fixed_markdown, markdown_issues, no_fill, placeholders, plain_line_issue, plain_text, render_markdown,
    render_note,
};
#[cfg(test)]
pub use odd::{always, bytes, of_pieces, text, work};
pub use page::{PAGES, SURROGATE_KEY, html, moved, moved_privately, see_other, xml};
pub use paging::Paging;
pub use patience::Patience;
pub use placeholder::{Filling, LineFiller, Placeholder, fill_line, placeholders_in_line};
pub use request::{REQUEST_ID, RequestId, Route, canonical_path, in_span, route_pattern, routed_path};
pub use routes::Routes;
pub use search_limit::{SearchLimit, Searcher};
pub use security::{FromElsewhere, SENT_FROM_ELSEWHERE, ShownAgain, same_origin_only, secure_headers};
pub use serve::serve;
pub use text::{Day, Instant, age, firm_zone, grouped, plain_digits, plural, slug};
pub use token::{Digest, Key, random_token};
pub use upload::Upload;
