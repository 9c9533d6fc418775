//! Prometheus metrics. Requests are labelled with the route pattern, never with the path, which may contain a secret.

mod gauges;
mod process;

pub use gauges::Snapshot;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use actix_web::http::StatusCode;
use jiff::Timestamp;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::db::{Database, latency_buckets};
use crate::metrics::gauges::Gauges;
use crate::metrics::process::ProcessCollector;

/// Label of responses without a route.
const UNMATCHED_ROUTE: &str = "unmatched";

/// Registry of one running site. Clones share it.
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
    pub fn new(db: &Database, started: Timestamp) -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        registry.register("http_requests", "Responses by route and status", requests.clone());
        let seconds = Family::new_with_constructor(request_histogram as fn() -> Histogram);
        let help = "Time from request head to response head, by route";
        registry.register("http_request_duration_seconds", help, seconds.clone());
        let in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests in progress", in_flight.clone());
        let times = db.write_metrics();
        let help = "Time a write transaction waited for the write connection";
        registry.register("db_write_wait_seconds", help, times.wait.clone());
        let help = "Duration of write transactions";
        registry.register("db_write_duration_seconds", help, times.duration.clone());
        let gauges = Gauges::register(&mut registry);
        let started_at: Gauge = Gauge::default();
        started_at.set(started.as_second());
        registry.register("process_start_time_seconds", "Start time of the process, in seconds since 1970", started_at);
        registry.register("site_build", "Program version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register_collector(Box::new(ProcessCollector));
        Self(Arc::new(Inner { registry: Mutex::new(registry), requests, durations: seconds, in_flight, gauges }))
    }

    /// Gives access to the registry, for metrics of other modules.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.0.registry.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Encodes all metrics as OpenMetrics text, with the gauges of `snapshot`.
    pub fn encode(&self, snapshot: &Snapshot) -> Result<String, std::fmt::Error> {
        // Locked until encoding ends, so that concurrent scrapes do not mix their gauges.
        let registry = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.gauges.set(snapshot);
        let mut text = String::new();
        text::encode(&mut text, &registry)?;
        Ok(text)
    }

    /// Handles of one route, for the page cache: saves the lookup per response.
    pub fn for_route(&self, route: Arc<str>) -> RouteMetrics {
        let of = |status: StatusCode| ResponseLabels { route: route.clone(), status: status.as_u16() };
        RouteMetrics {
            ok: self.0.requests.get_or_create_owned(&of(StatusCode::OK)),
            not_modified: self.0.requests.get_or_create_owned(&of(StatusCode::NOT_MODIFIED)),
            seconds: self.0.durations.get_or_create_owned(&RouteLabels { route }),
        }
    }

    /// Counts a request as in flight until the guard is dropped.
    pub fn begin_request(&self) -> InFlightGuard {
        self.0.in_flight.inc();
        InFlightGuard(self.0.in_flight.clone())
    }

    /// Counts and times one response. `route` is `None` if no route matched.
    pub fn observe_response(&self, route: Option<Arc<str>>, status: StatusCode, started: Instant) {
        let route = route.filter(|route| !route.is_empty()).unwrap_or_else(|| UNMATCHED_ROUTE.into());
        let by_route = RouteLabels { route };
        self.0.durations.get_or_create(&by_route).observe(started.elapsed().as_secs_f64());
        self.0.requests.get_or_create(&ResponseLabels { route: by_route.route, status: status.as_u16() }).inc();
    }
}

/// Metrics of cached responses of one route.
pub struct RouteMetrics {
    ok: Counter,
    not_modified: Counter,
    seconds: Histogram,
}

impl RouteMetrics {
    pub fn observe_response(&self, status: StatusCode, started: Instant) {
        if status == StatusCode::NOT_MODIFIED { &self.not_modified } else { &self.ok }.inc();
        self.seconds.observe(started.elapsed().as_secs_f64());
    }
}

fn request_histogram() -> Histogram {
    Histogram::new(latency_buckets())
}

/// Counts a request in progress until dropped, even if the request is cancelled.
pub struct InFlightGuard(Gauge);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
