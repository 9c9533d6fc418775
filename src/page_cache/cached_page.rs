//! A cached page: its body in each content encoding, and the responses made from it.

use actix_web::HttpMessage;
use actix_web::HttpResponse;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EntityTag, HeaderName, HeaderValue, HttpDate,
    IF_MODIFIED_SINCE, IfNoneMatch, LAST_MODIFIED, SET_COOKIE, TryIntoHeaderValue, VARY,
};
use actix_web::web::{Bytes, block};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::http::{
    Encoding, MatchedRoute, REQUEST_ID, SURROGATE_KEY, SURROGATE_KEY_PAGES, is_not_modified, sha256_hex,
};
use crate::metrics::{Metrics, RouteMetrics};

/// Cache policy of public pages.
///
/// Browsers revalidate every time, so that nobody reads a figure that was corrected. Shared caches, which are purged on
/// changes, may serve a page for a minute, for one more minute while they fetch a new one, and for a day while the site
/// is down.
pub const CACHE_CONTROL_PUBLIC: HeaderValue =
    HeaderValue::from_static("max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400");
/// Time before a page sends `Last-Modified`.
///
/// HTTP dates have whole seconds, and another process may have cached its page half a second after a change. A client
/// that revalidates by date could otherwise miss that change.
const LAST_MODIFIED_DELAY: SignedDuration = SignedDuration::from_secs(2);
/// Minimum size of a compressed body, in bytes.
const MIN_COMPRESS_LEN: usize = 256;

/// What a client accepts and already has, according to its request headers.
#[derive(Clone)]
pub struct ClientHeaders {
    encoding: Encoding,
    if_none_match: Option<IfNoneMatch>,
    if_modified_since: Option<HeaderValue>,
}

impl ClientHeaders {
    pub fn of(request: &impl HttpMessage) -> Self {
        Self {
            encoding: Encoding::negotiate(request),
            if_none_match: request.get_header(),
            if_modified_since: request.headers().get(IF_MODIFIED_SINCE).cloned(),
        }
    }
}

/// A page of one cache generation.
pub struct CachedPage {
    headers: Vec<(HeaderName, HeaderValue)>,
    pub route_metrics: RouteMetrics,
    rendered_at: Timestamp,
    /// `None` for HTML pages: they have an ETag, and the date would make their head longer.
    last_modified: Option<HeaderValue>,
    /// In the order of [`Encoding::ALL`].
    etags: [(EntityTag, HeaderValue); 3],
    plain: Bytes,
    gzip: OnceCell<Option<Bytes>>,
    brotli: OnceCell<Option<Bytes>>,
}

impl CachedPage {
    /// Makes a cached page from a response. Returns the response itself if it is not the same for all clients.
    pub async fn from_response(
        response: ServiceResponse<BoxBody>,
        now: Timestamp,
        metrics: &Metrics,
    ) -> Result<Self, ServiceResponse<BoxBody>> {
        let is_no_store =
            response.headers().get_all(CACHE_CONTROL).any(|value| value.as_bytes().starts_with(b"no-store"));
        if response.status() != StatusCode::OK || is_no_store || response.headers().contains_key(SET_COOKIE) {
            return Err(response);
        }
        let route = response.response().extensions().get::<MatchedRoute>().cloned();
        let route_metrics = metrics.for_route(route.map_or_else(|| "unmatched".into(), |route| route.0));
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let Ok(plain) = to_bytes(body).await else {
            return Err(ServiceResponse::new(request, HttpResponse::InternalServerError().finish()));
        };
        let per_response = [CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY, REQUEST_ID];
        let mut headers: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        headers.retain(|(name, _)| !per_response.contains(name));
        headers.extend([
            (CACHE_CONTROL, CACHE_CONTROL_PUBLIC),
            (VARY, HeaderValue::from_static("Accept-Encoding")),
            (SURROGATE_KEY, SURROGATE_KEY_PAGES),
        ]);
        let content_hash = &sha256_hex(&plain)[..12];
        let etags = Encoding::ALL.map(|encoding| {
            let etag = encoding.etag(content_hash);
            (etag.clone(), header_value(etag))
        });
        let (gzip, brotli) = (OnceCell::new(), OnceCell::new());
        let is_page =
            headers.iter().any(|(name, value)| *name == CONTENT_TYPE && value.as_bytes().starts_with(b"text/html"));
        let last_modified = (!is_page).then(|| header_value(HttpDate::from(std::time::SystemTime::from(now))));
        Ok(Self { headers, route_metrics, rendered_at: now, last_modified, etags, plain, gzip, brotli })
    }

    /// Estimated memory in bytes, with all encodings.
    pub fn weight(&self) -> usize {
        self.plain.len() + self.plain.len() / 2 + 2048
    }

    /// The response at `now` to a client: the page, or 304 if the client has it.
    pub async fn respond(&self, client: &ClientHeaders, now: Timestamp) -> HttpResponse {
        let (encoding, body) = self.encoded_body(client.encoding).await;
        let (etag, etag_value) = &self.etags[encoding as usize];
        let last_modified = self.last_modified.as_ref().filter(|_| now >= self.rendered_at + LAST_MODIFIED_DELAY);
        let is_not_modified = match &client.if_none_match {
            Some(condition) => is_not_modified(condition, etag),
            None => last_modified.is_some() && client.if_modified_since.as_ref() == last_modified,
        };
        let mut response = HttpResponse::new(if is_not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        let headers = response.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        headers.insert(ETAG, etag_value.clone());
        if let Some(date) = last_modified {
            headers.insert(LAST_MODIFIED, date.clone());
        }
        if is_not_modified {
            return response;
        }
        if let Some(name) = encoding.name() {
            response.headers_mut().insert(CONTENT_ENCODING, name);
        }
        response.set_body(BoxBody::new(body))
    }

    /// The response to a request that arrived before the page became stale. No cache may store it.
    pub fn respond_uncached(self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::OK);
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response.set_body(BoxBody::new(self.plain))
    }

    /// The body in an encoding, or uncompressed if that is not larger. Compresses once, on the blocking thread pool.
    async fn encoded_body(&self, encoding: Encoding) -> (Encoding, Bytes) {
        let cell = match encoding {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Identity => return (Encoding::Identity, self.plain.clone()),
        };
        let compressed = cell.get_or_init(async || {
            if self.plain.len() < MIN_COMPRESS_LEN {
                return None;
            }
            let plain = self.plain.clone();
            block(move || encoding.compress(&plain)).await.ok().flatten()
        });
        match compressed.await {
            Some(bytes) => (encoding, bytes.clone()),
            None => (Encoding::Identity, self.plain.clone()),
        }
    }
}

fn header_value(value: impl TryIntoHeaderValue) -> HeaderValue {
    value.try_into_value().unwrap_or_else(|_| unreachable!("ETags and dates are visible ASCII"))
}
