//! Answering from a ready copy; where there is none, having it made once, however many ask for it at the same time.

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

use crate::page_cache::cached_page::CachedPage;
use crate::page_cache::{Generation, PageCache};
use crate::services::Services;

type ServiceResult = Result<ServiceResponse<BoxBody>, actix_web::Error>;

/// Middleware, before all that make pages: answers from the ready copy of the current generation.
pub async fn serve_cached(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> ServiceResult {
    let started = Instant::now();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let cache = Services::of(request.request()).page_cache.clone();
    if !is_read || cache.is_shut_down.load(Ordering::Relaxed) {
        return call_next(request, next).await;
    }
    let now = cache.clock.now();
    let Ok(generation) = cache.current_generation(now).await else {
        // Whoever makes pages says what is wrong.
        return call_next(request, next).await;
    };
    let requested = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    if let Some(page) = generation.pages.get(requested).await {
        cache.cache_metrics.hits.inc();
        let response = page.respond(request.headers(), now).await;
        page.route_metrics.observe_response(response.status(), started);
        return Ok(request.into_response(response));
    }
    match cache.cache_rules.cache_key(request.path(), request.query_string()) {
        // Aside, since those who find a copy need not carry what it takes to make one.
        Some(key) => Box::pin(CacheMiss { cache, key, now, started }.render_once(generation, request, next)).await,
        None => call_next(request, next).await,
    }
}

async fn call_next(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> ServiceResult {
    Box::pin(next.call(request)).await.map(ServiceResponse::map_into_boxed_body)
}

/// Why a page is not kept.
#[derive(Clone, Copy, Debug)]
enum Uncacheable {
    /// It is not the same for everybody, or no page at all.
    NotPublic,
    /// What it shows changed while it was made.
    Stale,
}

/// Somebody asks for a page that there is no copy of.
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
        // Those of the request change when the page is made.
        let request_headers = request.headers().clone();
        let mut waiting = Some((request, next));
        loop {
            let (mut rendered_for, mut uncacheable) = (None, None);
            let rendering = generation.pages.try_get_with_by_ref(&self.key, async {
                // One of those who ask comes here, and the others wait; should that one go away, the next one does.
                let Some((request, next)) = waiting.take() else { return Err(Uncacheable::Stale) };
                match self.render(&generation, request, next).await {
                    Ok((request, ready)) => {
                        rendered_for = Some(request);
                        Ok(Arc::new(ready))
                    }
                    Err((answer, why)) => {
                        uncacheable = Some(answer);
                        Err(why)
                    }
                }
            });
            let rendered = rendering.await;
            if let Some(answer) = uncacheable {
                return answer;
            }
            match (rendered, waiting.take()) {
                (Ok(ready), Some((request, _))) => {
                    self.cache.cache_metrics.hits.inc();
                    let answer = ready.respond(&request_headers, self.now).await;
                    ready.route_metrics.observe_response(answer.status(), self.started);
                    return Ok(request.into_response(answer));
                }
                (Ok(ready), None) => {
                    let answer = ready.respond(&request_headers, self.now).await;
                    let Some(request) = rendered_for else { unreachable!("whoever had it made asked for it") };
                    return Ok(ServiceResponse::new(request, answer));
                }
                (Err(why), Some((request, next))) => {
                    self.now = self.cache.clock.now();
                    match (*why, self.cache.current_generation(self.now).await) {
                        (Uncacheable::Stale, Ok(newer)) => {
                            generation = newer;
                            waiting = Some((request, next));
                        }
                        _ => return call_next(request, next).await,
                    }
                }
                (Err(_), None) => unreachable!("whoever had it made has an answer"),
            }
        }
    }

    /// Has the page made as if its one address had been asked for, whatever else stood in the query.
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
        // It is made once, and as it is; its other forms are made of that.
        request.head_mut().method = Method::GET;
        request.headers_mut().remove(ACCEPT_ENCODING);
        let response = match call_next(request, next).await {
            Ok(answer) => answer,
            Err(error) => return Err((Err(error), Uncacheable::NotPublic)),
        };
        let request = response.request().clone();
        let page = match CachedPage::from_response(response, self.now, &self.cache.metrics).await {
            Ok(ready) => ready,
            Err(answer) => return Err((Ok(answer), Uncacheable::NotPublic)),
        };
        self.cache.cache_metrics.misses.inc();
        let current = self.cache.current_generation(self.cache.clock.now()).await;
        if current.is_ok_and(|still| still.version == generation.version) {
            generation.pages.run_pending_tasks().await;
            let bytes = generation.pages.weighted_size();
            self.cache.cache_metrics.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
            return Ok((request, page));
        }
        // Whoever asked before the change may read it; whoever asks from now on may not.
        let answer = page.respond_uncached();
        Err((Ok(ServiceResponse::new(request, answer)), Uncacheable::Stale))
    }
}
