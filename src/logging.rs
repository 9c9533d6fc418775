//! Log output as text or JSON, with the request ID on every line.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Installs the subscriber. `filter` is a level or a filter by module.
pub fn init(filter: &str, json: bool) -> Result<()> {
    // Malformed requests would fill the log at the default levels of these crates. LOG can override them.
    let filter: EnvFilter = format!("actix_server=warn,actix_http=off,{filter}").parse().context("invalid LOG")?;
    let started = if json {
        // Flat objects: `timestamp`, `level`, `target`, `message`, `request_id` and event fields.
        let lines = json_subscriber::layer()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .flatten_span_list_on_top_level(true);
        tracing_subscriber::registry().with(filter).with(lines).try_init()
    } else {
        let lines = tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal());
        tracing_subscriber::registry().with(filter).with(lines).try_init()
    };
    started.context("cannot start logging")
}
