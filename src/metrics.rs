//! What is counted and timed while the site runs, and the text in which machines read it.
//!
//! Requests are named by the pattern of their route and never by their address, which may hold a secret.

mod facts;
mod process;

pub use facts::Facts;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Data;
use jiff::Timestamp;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::db::{Database, time_buckets};
use crate::metrics::facts::FactGauges;
use crate::metrics::process::Process;
use crate::web::Route;

/// What an answer is counted under that came from no route.
const NO_ROUTE: &str = "none";

/// Everything that one running site counts. Copies count together.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    requests: Family<Answer, Counter>,
    seconds: Family<ByRoute, Histogram, fn() -> Histogram>,
    under_way: Gauge,
    facts: FactGauges,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    route: Arc<str>,
}

impl Metrics {
    /// For a site that starts now.
    pub fn new(db: &Database, started: Timestamp) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("site_requests", "Answers, by route and status", requests.clone());
        let seconds = Family::new_with_constructor(request_histogram as fn() -> Histogram);
        let help = "Time from the head of a request to the head of its answer, by route";
        registry.register("site_request_seconds", help, seconds.clone());
        let under_way = Gauge::default();
        registry.register("site_requests_under_way", "Requests that are being answered", under_way.clone());
        let times = db.write_times();
        let help = "Time a write waited for its turn on the one writing connection";
        registry.register("site_database_write_wait_seconds", help, times.waited.clone());
        let help = "Time from the beginning of a write to its end, while others waited";
        registry.register("site_database_write_held_seconds", help, times.held.clone());
        let facts = FactGauges::in_registry(&mut registry);
        let started_at: Gauge = Gauge::default();
        started_at.set(started.as_second());
        registry.register("process_start_time_seconds", "When the process started", started_at);
        registry.register("site_build", "Which program it is", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register_collector(Box::new(Process));
        Self(Arc::new(Inner { registry: Mutex::new(registry), requests, seconds, under_way, facts }))
    }

    /// Lets another part of the site register what it counts, under names that begin with `site_`.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Everything in the text form of OpenMetrics, which Prometheus reads; `facts` are those of this moment.
    pub fn text(&self, facts: &Facts) -> Result<String, std::fmt::Error> {
        // Held until the text is made, so that what two ask for at once is not mixed.
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.facts.set(facts);
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }

    /// Where answers of one route are counted that need not be looked for each time.
    pub fn of_route(&self, route: Arc<str>) -> OfRoute {
        let of = |status: StatusCode| Answer { route: route.clone(), status: status.as_u16() };
        OfRoute {
            ok: self.0.requests.get_or_create_owned(&of(StatusCode::OK)),
            unchanged: self.0.requests.get_or_create_owned(&of(StatusCode::NOT_MODIFIED)),
            seconds: self.0.seconds.get_or_create_owned(&ByRoute { route }),
        }
    }

    fn answered(&self, route: Arc<str>, status: StatusCode, started: Instant) {
        let by_route = ByRoute { route };
        self.0.seconds.get_or_create(&by_route).observe(started.elapsed().as_secs_f64());
        self.0.requests.get_or_create(&Answer { route: by_route.route, status: status.as_u16() }).inc();
    }
}

/// What is counted of one route's answers from ready copies.
pub struct OfRoute {
    ok: Counter,
    unchanged: Counter,
    seconds: Histogram,
}

impl OfRoute {
    /// Counts an answer: the page, or that it has not changed.
    pub fn answered(&self, status: StatusCode, started: Instant) {
        if status == StatusCode::NOT_MODIFIED { &self.unchanged } else { &self.ok }.inc();
        self.seconds.observe(started.elapsed().as_secs_f64());
    }
}

fn request_histogram() -> Histogram {
    Histogram::new(time_buckets())
}

/// A request under way, also where it breaks off.
struct UnderWay(Gauge);

impl UnderWay {
    fn begin(metrics: &Metrics) -> Self {
        let gauge = metrics.0.under_way.clone();
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Middleware, before all that make answers: counts and times every one that is made. What is answered from a ready copy
/// is counted there.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let Some(metrics) = request.app_data::<Data<Metrics>>().cloned() else {
        return next.call(request).await;
    };
    let _under_way = UnderWay::begin(&metrics);
    let answered = next.call(request).await;
    let (route, status) = match &answered {
        Ok(response) => {
            (response.response().extensions().get::<Route>().map(|route| route.0.clone()), response.status())
        }
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let route = route.filter(|route| !route.is_empty()).unwrap_or_else(|| NO_ROUTE.into());
    metrics.answered(route, status, started);
    answered
}
