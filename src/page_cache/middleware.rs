//! Middleware that answers requests from the page cache.
//!
//! A page that is not cached is rendered once, however many requests for it arrive at the same time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use jiff::Timestamp;

use crate::page_cache::cached_page::{CachedPage, ClientHeaders};
use crate::page_cache::{Generation, PageCache};
use crate::services::Services;

type ServiceResult = Result<ServiceResponse<BoxBody>, actix_web::Error>;

/// Middleware before all others: answers with the page of the current cache generation.
pub async fn serve_cached(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> ServiceResult {
    let started = Instant::now();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let cache = Services::of(request.request()).page_cache.clone();
    if !is_read || cache.is_shut_down.load(Ordering::Relaxed) {
        return call_next(request, next).await;
    }
    let now = cache.clock.now();
    let Ok(generation) = cache.current_generation(now).await else {
        // The handler reports the error of the database.
        return call_next(request, next).await;
    };
    let url = request.uri().path_and_query().map_or("/", |url| url.as_str());
    if let Some(page) = generation.pages.get(url).await {
        cache.cache_metrics.hits.inc();
        let response = page.respond(&ClientHeaders::of(&request), now).await;
        page.route_metrics.observe_response(response.status(), started);
        return Ok(request.into_response(response));
    }
    match cache.cache_rules.cache_key(request.path(), request.query_string()) {
        // Boxed, so that the large future of a cache miss does not slow down cache hits.
        Some(key) => Box::pin(CacheMiss { cache, key, now, started }.render_once(generation, request, next)).await,
        None => call_next(request, next).await,
    }
}

async fn call_next(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> ServiceResult {
    Box::pin(next.call(request)).await.map(ServiceResponse::map_into_boxed_body)
}

/// Reason for which a rendered page is not cached.
#[derive(Clone, Copy, Debug)]
enum Uncacheable {
    /// Error or private page.
    NotPublic,
    /// The content changed during rendering.
    Stale,
}

/// A request for a page that is not cached.
struct CacheMiss {
    cache: Arc<PageCache>,
    key: String,
    now: Timestamp,
    started: Instant,
}

impl CacheMiss {
    async fn render_once(
        mut self,
        mut generation: Arc<Generation>,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> ServiceResult {
        // Rendering changes the headers of the request.
        let client = ClientHeaders::of(&request);
        let mut waiting = Some((request, next));
        loop {
            let (mut rendered_for, mut uncacheable) = (None, None);
            let rendering = generation.pages.try_get_with_by_ref(&self.key, async {
                // One request runs this and the others wait. If its client disconnects, the next request takes over.
                let Some((request, next)) = waiting.take() else { return Err(Uncacheable::Stale) };
                match self.render(&generation, request, next).await {
                    Ok((request, page)) => {
                        rendered_for = Some(request);
                        Ok(Arc::new(page))
                    }
                    Err((response, reason)) => {
                        uncacheable = Some(response);
                        Err(reason)
                    }
                }
            });
            let rendered = rendering.await;
            if let Some(response) = uncacheable {
                return response;
            }
            match (rendered, waiting.take()) {
                (Ok(page), Some((request, _))) => {
                    self.cache.cache_metrics.hits.inc();
                    let response = page.respond(&client, self.now).await;
                    page.route_metrics.observe_response(response.status(), self.started);
                    return Ok(request.into_response(response));
                }
                (Ok(page), None) => {
                    let response = page.respond(&client, self.now).await;
                    let Some(request) = rendered_for else { unreachable!("this request was rendered") };
                    return Ok(ServiceResponse::new(request, response));
                }
                (Err(reason), Some((request, next))) => {
                    self.now = self.cache.clock.now();
                    match (*reason, self.cache.current_generation(self.now).await) {
                        (Uncacheable::Stale, Ok(newer)) => {
                            generation = newer;
                            waiting = Some((request, next));
                        }
                        _ => return call_next(request, next).await,
                    }
                }
                (Err(_), None) => unreachable!("this request has a response"),
            }
        }
    }

    /// Renders the page of the cache key. Other query parameters of the request are ignored.
    async fn render(
        &self,
        generation: &Generation,
        mut request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<(HttpRequest, CachedPage), (ServiceResult, Uncacheable)> {
        if let Ok(uri) = self.key.parse::<Uri>() {
            request.match_info_mut().get_mut().update(&uri);
            request.head_mut().uri = uri;
        }
        // The cache compresses the uncompressed body of a GET request.
        request.head_mut().method = Method::GET;
        request.headers_mut().remove(ACCEPT_ENCODING);
        let response = match call_next(request, next).await {
            Ok(response) => response,
            Err(error) => return Err((Err(error), Uncacheable::NotPublic)),
        };
        let request = response.request().clone();
        let page = match CachedPage::from_response(response, self.now, &self.cache.metrics).await {
            Ok(page) => page,
            Err(response) => return Err((Ok(response), Uncacheable::NotPublic)),
        };
        self.cache.cache_metrics.misses.inc();
        let current = self.cache.current_generation(self.cache.clock.now()).await;
        if current.is_ok_and(|current| current.version == generation.version) {
            generation.pages.run_pending_tasks().await;
            let bytes = generation.pages.weighted_size();
            self.cache.cache_metrics.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
            return Ok((request, page));
        }
        // This request arrived before the change and may get the page. Later requests may not.
        let response = page.respond_uncached();
        Err((Ok(ServiceResponse::new(request, response)), Uncacheable::Stale))
    }
}
