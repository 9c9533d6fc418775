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
use actix_web::web::Data;
use jiff::Timestamp;

use crate::editions::ready::Ready;
use crate::editions::{Edition, Editions};

type Answer = Result<ServiceResponse<BoxBody>, actix_web::Error>;

/// Middleware, before all that make pages: answers from the ready copy of the current edition.
pub async fn answer(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Answer {
    let started = Instant::now();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let editions = request.app_data::<Data<Editions>>().filter(|_| is_read).cloned();
    let Some(editions) = editions.filter(|editions| !editions.has_ended.load(Ordering::Relaxed)) else {
        return pass(request, next).await;
    };
    let now = editions.clock.now();
    let Ok(edition) = editions.current(now).await else {
        // Whoever makes pages says what is wrong.
        return pass(request, next).await;
    };
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    if let Some(ready) = edition.copies.get(asked).await {
        editions.counted.handed_out.inc();
        let answer = ready.answer(request.headers(), now).await;
        ready.counted.answered(answer.status(), started);
        return Ok(request.into_response(answer));
    }
    match editions.addresses.canonical(request.path(), request.query_string()) {
        // Aside, since those who find a copy need not carry what it takes to make one.
        Some(address) => Box::pin(Asking { editions, address, now, started }.have_made(edition, request, next)).await,
        None => pass(request, next).await,
    }
}

async fn pass(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Answer {
    Box::pin(next.call(request)).await.map(ServiceResponse::map_into_boxed_body)
}

/// Why a page is not kept.
#[derive(Clone, Copy, Debug)]
enum NotKept {
    /// It is not the same for everybody, or no page at all.
    NotPublic,
    /// What it shows changed while it was made.
    OutOfDate,
}

/// Somebody asks for a page that there is no copy of.
struct Asking {
    editions: Data<Editions>,
    address: String,
    now: Timestamp,
    started: Instant,
}

impl Asking {
    async fn have_made(
        mut self,
        mut edition: Arc<Edition>,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Answer {
        // Those of the request change when the page is made.
        let asked = request.headers().clone();
        let mut waiting = Some((request, next));
        loop {
            let (mut made_for, mut not_kept) = (None, None);
            let ready = edition.copies.try_get_with_by_ref(&self.address, async {
                // One of those who ask comes here, and the others wait; should that one go away, the next one does.
                let Some((request, next)) = waiting.take() else { return Err(NotKept::OutOfDate) };
                match self.make(&edition, request, next).await {
                    Ok((request, ready)) => {
                        made_for = Some(request);
                        Ok(Arc::new(ready))
                    }
                    Err((answer, why)) => {
                        not_kept = Some(answer);
                        Err(why)
                    }
                }
            });
            let ready = ready.await;
            if let Some(answer) = not_kept {
                return answer;
            }
            match (ready, waiting.take()) {
                (Ok(ready), Some((request, _))) => {
                    self.editions.counted.handed_out.inc();
                    let answer = ready.answer(&asked, self.now).await;
                    ready.counted.answered(answer.status(), self.started);
                    return Ok(request.into_response(answer));
                }
                (Ok(ready), None) => {
                    let answer = ready.answer(&asked, self.now).await;
                    let Some(request) = made_for else { unreachable!("whoever had it made asked for it") };
                    return Ok(ServiceResponse::new(request, answer));
                }
                (Err(why), Some((request, next))) => {
                    self.now = self.editions.clock.now();
                    match (*why, self.editions.current(self.now).await) {
                        (NotKept::OutOfDate, Ok(newer)) => {
                            edition = newer;
                            waiting = Some((request, next));
                        }
                        _ => return pass(request, next).await,
                    }
                }
                (Err(_), None) => unreachable!("whoever had it made has an answer"),
            }
        }
    }

    /// Has the page made as if its one address had been asked for, whatever else stood in the query.
    async fn make(
        &self,
        edition: &Edition,
        mut request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<(HttpRequest, Ready), (Answer, NotKept)> {
        if let Ok(uri) = self.address.parse::<Uri>() {
            request.match_info_mut().get_mut().update(&uri);
            request.head_mut().uri = uri;
        }
        // It is made once, and as it is; its other forms are made of that.
        request.head_mut().method = Method::GET;
        request.headers_mut().remove(ACCEPT_ENCODING);
        let answer = match pass(request, next).await {
            Ok(answer) => answer,
            Err(error) => return Err((Err(error), NotKept::NotPublic)),
        };
        let request = answer.request().clone();
        let ready = match Ready::of(answer, self.now, &self.editions.metrics).await {
            Ok(ready) => ready,
            Err(answer) => return Err((Ok(answer), NotKept::NotPublic)),
        };
        self.editions.counted.made.inc();
        let still = self.editions.current(self.editions.clock.now()).await;
        if still.is_ok_and(|still| still.number == edition.number) {
            edition.copies.run_pending_tasks().await;
            let bytes = edition.copies.weighted_size();
            self.editions.counted.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
            return Ok((request, ready));
        }
        // Whoever asked before the change may read it; whoever asks from now on may not.
        let answer = ready.answer_once();
        Err((Ok(ServiceResponse::new(request, answer)), NotKept::OutOfDate))
    }
}
