//! How the log is written: a line for people, or JSON for machines, each with the id of the request it belongs to.

use std::io::IsTerminal;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log. `filter` is a level, or a filter by module.
pub fn init(filter: &str, json: bool) -> Result<()> {
    // The server's own greetings would hide ours, and whoever sends it nonsense would fill the log; a LOG that names them
    // still has its way.
    let filter: EnvFilter =
        format!("actix_server=warn,actix_http=off,{filter}").parse().context("LOG cannot be read")?;
    let started = if json {
        // Everything on one level: `timestamp`, `level`, `target`, `message`, `request_id` and what else is said.
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
    started.context("the log cannot be started")
}
