//! Validation of `LOG`: a level, or a level for each module.

use anyhow::{Result, bail};
use tracing_subscriber::EnvFilter;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Crates that write to the log. A filter for any other name would match nothing.
const CRATES: [&str; 19] = [
    "immigration_experts",
    "actix_codec",
    "actix_http",
    "actix_multipart",
    "actix_router",
    "actix_server",
    "actix_web",
    "h2",
    "html5ever",
    "hyper",
    "hyper_util",
    "lettre",
    "markup5ever",
    "mio",
    "rustls",
    "sqlx",
    "sqlx_core",
    "sqlx_sqlite",
    "tokio",
];

/// Validates a filter and removes spaces, which the library does not accept.
///
/// The library would read a misspelt level as the name of a module and log nothing.
pub fn check(filter: &str) -> Result<String> {
    let directives: Vec<&str> = filter.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
    for directive in &directives {
        let (target, level) = match directive.rfind('=').filter(|at| directive.rfind(']').is_none_or(|end| end < *at)) {
            Some(at) => (&directive[..at], Some(&directive[at + 1..])),
            None => (*directive, None),
        };
        let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
        let is_sound = match level {
            Some(level) => is_level(level.trim()) && is_target(target),
            None => is_level(target) || is_target(target),
        };
        if !is_sound {
            bail!(
                "LOG contains \"{directive}\"; use a level ({}), or a filter by module such as \
                 info,immigration_experts::mail=debug",
                LEVELS.join(", ")
            );
        }
    }
    let plain = directives.join(",");
    if plain.parse::<EnvFilter>().is_err() {
        bail!("LOG is \"{filter}\", which is neither a level ({}) nor a filter by module", LEVELS.join(", "));
    }
    Ok(plain)
}

/// Whether `target` is a module of a known crate, a span in brackets, or both.
fn is_target(target: &str) -> bool {
    let (module, span) = match target.split_once('[') {
        Some((module, span)) => (module, Some(span)),
        None => (target, None),
    };
    let is_span = span.is_none_or(|span| span.ends_with(']'));
    let root = module.split("::").next().unwrap_or_default();
    is_span && (CRATES.contains(&root) || (module.is_empty() && span.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_module_filters_are_accepted() {
        for good in [
            "info",
            "INFO",
            "off",
            "info,immigration_experts::mail=debug",
            "warn, sqlx=off ,immigration_experts=TRACE,",
            "immigration_experts::mail",
            "info,[in_span{id=7}]=debug",
            "immigration_experts[in_span]=debug",
        ] {
            assert!(check(good).is_ok_and(|plain| !plain.contains(' ')), "{good}");
        }
    }

    #[test]
    fn misspelt_level_or_module_is_rejected_with_the_valid_values() {
        for bad in [
            "inof",
            "warning",
            "info,imigration_experts=debug",
            "immigration_experts=debg",
            "a=b=c",
            "info debug",
            "=info",
        ] {
            let refused = check(bad).unwrap_err().to_string();
            assert!(
                refused.starts_with("LOG ") && refused.contains("off, error, warn, info, debug, trace"),
                "{refused}"
            );
        }
    }
}
