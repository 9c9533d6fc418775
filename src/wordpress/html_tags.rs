//! Attributes and entities of HTML as WordPress writes them.

use std::sync::LazyLock;

use regex::Regex;

static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?is)([a-z][a-z0-9_:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#));

/// Compiles a pattern of this feature; the tests use every pattern.
pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"))
}

/// Value of an attribute, with the entities of HTML that WordPress writes.
pub fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let found = ATTRIBUTE.captures_iter(tag).find(|found| found[1].eq_ignore_ascii_case(wanted))?;
    let value = found.get(2).or(found.get(3)).or(found.get(4))?.as_str();
    Some(unescape(value))
}

pub fn unescape(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#039;", "'").replace("&#8217;", "’").replace("&nbsp;", " ");
    let text = text.replace("&hellip;", "…").replace("&ndash;", "–").replace("&mdash;", "—").replace("&#8211;", "–");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&#038;", "&").replace("&amp;", "&")
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
