//! What is counted and timed while the site runs, and the text in which machines read it.
//!
//! Requests are named by the pattern of their route and never by their address, which may hold a secret.

mod gauges;
mod process;

pub use gauges::Snapshot;

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

use crate::db::{Database, latency_buckets};
use crate::http::MatchedRoute;
use crate::metrics::gauges::Gauges;
use crate::metrics::process::ProcessCollector;

/// What an answer is counted under that came from no route.
const UNMATCHED_ROUTE: &str = "unmatched";

/// Everything that one running site counts. Copies count together.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    requests: Family<ResponseLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    gauges: Gauges,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResponseLabels {
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: Arc<str>,
}

impl Metrics {
    /// For a site that starts now.
    pub fn new(db: &Database, started: Timestamp) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("http_requests", "Answers, by route and status", requests.clone());
        let seconds = Family::new_with_constructor(request_histogram as fn() -> Histogram);
        let help = "Time from the head of a request to the head of its answer, by route";
        registry.register("http_request_duration_seconds", help, seconds.clone());
        let under_way = Gauge::default();
        registry.register("http_requests_in_flight", "Requests that are being answered", under_way.clone());
        let times = db.write_metrics();
        let help = "Time a write waited for its turn on the one writing connection";
        registry.register("db_write_wait_seconds", help, times.wait.clone());
        let help = "Time from the beginning of a write to its end, while others waited";
        registry.register("db_write_duration_seconds", help, times.duration.clone());
        let gauges = Gauges::register(&mut registry);
        let started_at: Gauge = Gauge::default();
        started_at.set(started.as_second());
        registry.register("process_start_time_seconds", "When the process started", started_at);
        registry.register("site_build", "Which program it is", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register_collector(Box::new(ProcessCollector));
        Self(Arc::new(Inner {
            registry: Mutex::new(registry),
            requests,
            durations: seconds,
            in_flight: under_way,
            gauges,
        }))
    }

    /// Lets another part of the site register what it counts, under names that begin with `site_`.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Everything in the text form of OpenMetrics, which Prometheus reads; `facts` are those of this moment.
    pub fn encode(&self, snapshot: &Snapshot) -> Result<String, std::fmt::Error> {
        // Held until the text is made, so that what two ask for at once is not mixed.
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.gauges.set(snapshot);
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }

    /// Where answers of one route are counted that need not be looked for each time.
    pub fn for_route(&self, route: Arc<str>) -> RouteMetrics {
        let of = |status: StatusCode| ResponseLabels { route: route.clone(), status: status.as_u16() };
        RouteMetrics {
            ok: self.0.requests.get_or_create_owned(&of(StatusCode::OK)),
            not_modified: self.0.requests.get_or_create_owned(&of(StatusCode::NOT_MODIFIED)),
            seconds: self.0.durations.get_or_create_owned(&RouteLabels { route }),
        }
    }

    fn observe_response(&self, route: Arc<str>, status: StatusCode, started: Instant) {
        let by_route = RouteLabels { route };
        self.0.durations.get_or_create(&by_route).observe(started.elapsed().as_secs_f64());
        self.0.requests.get_or_create(&ResponseLabels { route: by_route.route, status: status.as_u16() }).inc();
    }
}

/// What is counted of one route's answers from ready copies.
pub struct RouteMetrics {
    ok: Counter,
    not_modified: Counter,
    seconds: Histogram,
}

impl RouteMetrics {
    /// Counts an answer: the page, or that it has not changed.
    pub fn observe_response(&self, status: StatusCode, started: Instant) {
        if status == StatusCode::NOT_MODIFIED { &self.not_modified } else { &self.ok }.inc();
        self.seconds.observe(started.elapsed().as_secs_f64());
    }
}

fn request_histogram() -> Histogram {
    Histogram::new(latency_buckets())
}

/// A request under way, also where it breaks off.
struct InFlightGuard(Gauge);

impl InFlightGuard {
    fn begin(metrics: &Metrics) -> Self {
        let gauge = metrics.0.in_flight.clone();
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Middleware, before all that make answers: counts and times every one that is made. What is answered from a ready copy
/// is counted there.
pub async fn track_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let Some(metrics) = request.app_data::<Data<Metrics>>().cloned() else {
        return next.call(request).await;
    };
    let _under_way = InFlightGuard::begin(&metrics);
    let answered = next.call(request).await;
    let (route, status) = match &answered {
        Ok(response) => {
            (response.response().extensions().get::<MatchedRoute>().map(|route| route.0.clone()), response.status())
        }
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let route = route.filter(|route| !route.is_empty()).unwrap_or_else(|| UNMATCHED_ROUTE.into());
    metrics.observe_response(route, status, started);
    answered
}
