//! The ready copy of one page: its text in each form, made once, and how it is handed out.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, HttpDate,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, SET_COOKIE, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web as pool};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::http::{Encoding, MatchedRoute, REQUEST_ID, SURROGATE_KEY, SURROGATE_KEY_PAGES, Sha256Hex, if_none_match};
use crate::metrics::{Metrics, RouteMetrics};

/// For browsers and for the caches before the site. A browser asks each time whether it still holds, so that nobody reads
/// a figure that was corrected; a shared cache that is told of changes may hand it out for a minute, a minute more while
/// it fetches another, and for a day while the site is down.
pub const CACHE_CONTROL_PUBLIC: HeaderValue =
    HeaderValue::from_static("max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400");
/// Dates are told in whole seconds, and another process may have made its copy half a second after a change: before this
/// time is over, those who go by the date could miss one.
const LAST_MODIFIED_DELAY: SignedDuration = SignedDuration::from_secs(2);
/// What is shorter is not worth compressing.
const MIN_COMPRESS_LEN: usize = 256;

/// One page as it stands in an generation.
pub struct CachedPage {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Where its answers are counted.
    pub route_metrics: RouteMetrics,
    rendered_at: Timestamp,
    /// For feeds and files, whose readers may go by dates. A page has its tag, and a date would make its head longer.
    last_modified: Option<HeaderValue>,
    etags: [HeaderValue; 3],
    plain: Bytes,
    gzip: OnceCell<Option<Bytes>>,
    brotli: OnceCell<Option<Bytes>>,
}

impl CachedPage {
    /// The copy of an answer; the answer itself where it is not the same for everybody.
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
        let (request, answer) = response.into_parts();
        let (answer, body) = answer.into_parts();
        let Ok(plain) = to_bytes(body).await else {
            return Err(ServiceResponse::new(request, HttpResponse::InternalServerError().finish()));
        };
        let per_response = [CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY, REQUEST_ID];
        let mut headers: Vec<_> = answer.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        headers.retain(|(name, _)| !per_response.contains(name));
        headers.extend([
            (CACHE_CONTROL, CACHE_CONTROL_PUBLIC),
            (VARY, HeaderValue::from_static("Accept-Encoding")),
            (SURROGATE_KEY, SURROGATE_KEY_PAGES),
        ]);
        let content_hash = &Sha256Hex::of_bytes(&plain)[..12];
        let etags = [Encoding::Brotli, Encoding::Gzip, Encoding::Identity].map(|form| form.etag(content_hash));
        let (gzip, brotli) = (OnceCell::new(), OnceCell::new());
        let is_page =
            headers.iter().any(|(name, value)| *name == CONTENT_TYPE && value.as_bytes().starts_with(b"text/html"));
        let last_modified = (!is_page).then(|| http_date(now));
        Ok(Self { headers, route_metrics, rendered_at: now, last_modified, etags, plain, gzip, brotli })
    }

    /// How much memory it takes, about, once it was asked for in every form.
    pub fn weight(&self) -> usize {
        self.plain.len() + self.plain.len() / 2 + 2048
    }

    /// The answer at `now` for somebody who sent these headers: the page, or that they have it.
    pub async fn respond(&self, request_headers: &HeaderMap, now: Timestamp) -> HttpResponse {
        let (encoding, body) = self.encoded_body(Encoding::negotiate(request_headers)).await;
        let etag = &self.etags[encoding as usize];
        let last_modified = self.last_modified.as_ref().filter(|_| now >= self.rendered_at + LAST_MODIFIED_DELAY);
        let is_not_modified = if request_headers.contains_key(IF_NONE_MATCH) {
            if_none_match(request_headers, etag)
        } else {
            last_modified.is_some_and(|made_on| request_headers.get(IF_MODIFIED_SINCE) == Some(made_on))
        };
        let mut response = HttpResponse::new(if is_not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        let headers = response.headers_mut();
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        headers.insert(ETAG, etag.clone());
        if let Some(made_on) = last_modified {
            headers.insert(LAST_MODIFIED, made_on.clone());
        }
        if is_not_modified {
            return response;
        }
        if let Some(name) = encoding.name() {
            response.headers_mut().insert(CONTENT_ENCODING, name);
        }
        response.set_body(BoxBody::new(body))
    }

    /// The answer for somebody who asked before it went out of date: to be read, and kept by nobody.
    pub fn respond_uncached(self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::OK);
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response.set_body(BoxBody::new(self.plain))
    }

    /// The text in the form that is wanted, or as it is where that form is no smaller. Each form is made once, beside
    /// those who answer.
    async fn encoded_body(&self, wanted: Encoding) -> (Encoding, Bytes) {
        let cell = match wanted {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Identity => return (Encoding::Identity, self.plain.clone()),
        };
        let compressed = cell.get_or_init(async || {
            if self.plain.len() < MIN_COMPRESS_LEN {
                return None;
            }
            let plain = self.plain.clone();
            pool::block(move || wanted.compress(&plain)).await.ok().flatten()
        });
        match compressed.await {
            Some(bytes) => (wanted, bytes.clone()),
            None => (Encoding::Identity, self.plain.clone()),
        }
    }
}

fn http_date(at: Timestamp) -> HeaderValue {
    let text = HttpDate::from(std::time::SystemTime::from(at)).to_string();
    HeaderValue::from_str(&text).unwrap_or_else(|_| unreachable!("a date is plain letters and digits"))
}
