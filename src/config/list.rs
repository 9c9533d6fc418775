//! Lists in settings, separated by commas.

use std::str::FromStr;

use anyhow::{Context, Result};

/// Parses every item. The error names the setting and says that the item is not `what`.
pub fn parse_list<T: FromStr>(name: &str, text: Option<&str>, what: &str) -> Result<Vec<T>> {
    list_items(text)
        .map(|item| item.parse().ok().with_context(|| format!("{name} contains \"{item}\", which is not {what}")))
        .collect()
}

/// Items without surrounding spaces; empty ones are left out.
pub fn list_items(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
