//! Validation of URLs in settings.

use anyhow::{Context, Result, bail, ensure};
use hyper::Uri;
use url::Url;

use crate::config::list::{list_items, parse_list};

const PURGE_URL_FORMAT: &str = "the address of a cache, such as http://127.0.0.1:6081/";

/// Parses `BASE_URL`. Only scheme and host are allowed: the site must be at the root of a host.
pub fn parse_base_url(text: &str) -> Result<Url> {
    let refused = || format!("BASE_URL is \"{text}\", which is not an address such as https://example.com");
    let url = Url::parse(text).ok().with_context(refused)?;
    ensure!(matches!(url.scheme(), "http" | "https") && url.host().is_some() && text.contains("://"), refused());
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "BASE_URL contains a user name or password; remove it"
    );
    ensure!(
        url.path() == "/" && url.query().is_none() && url.fragment().is_none(),
        "BASE_URL is \"{text}\"; remove everything after the host, since the site must be at its root"
    );
    Ok(url)
}

/// Validates `DATABASE_URL`. The only parameter allowed is `mode=rwc`: others are ignored or prevent writing.
pub fn check_database_url(url: String) -> Result<String> {
    let example = "such as sqlite://var/site.db";
    let path = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    let (path, parameters) = path.map(|path| path.split_once('?').unwrap_or((path, ""))).unwrap_or_default();
    ensure!(
        !path.is_empty() && !path.contains(":memory:"),
        "DATABASE_URL must be the address of a SQLite file, {example}"
    );
    ensure!(
        matches!(parameters, "" | "mode=rwc"),
        "DATABASE_URL has the parameters \"{parameters}\", which are not supported; remove the question mark and \
         everything after it ({example})"
    );
    Ok(url)
}

/// Parses `PURGE_URL`. Messages never repeat a password.
pub fn parse_purge_urls(text: Option<&str>) -> Result<Vec<Uri>> {
    let is_hidden = text.is_some_and(|text| text.contains('@'));
    ensure!(!is_hidden, "PURGE_URL contains a user name or password, which is not supported; remove it");
    if let Some(item) = list_items(text).find(|item| item.contains('#')) {
        bail!("PURGE_URL contains \"{}\"; remove the part from # on", item);
    }
    let urls: Vec<Uri> = parse_list("PURGE_URL", text, PURGE_URL_FORMAT)?;
    for url in &urls {
        let is_http = url.scheme_str() == Some("http") && url.host().is_some();
        ensure!(is_http, "PURGE_URL contains \"{url}\", which is not {PURGE_URL_FORMAT}");
    }
    Ok(urls)
}
/// Parses `INDEXNOW`.
pub fn parse_indexnow(text: &str) -> Result<Uri> {
    let url = text.parse::<Uri>().ok();
    let is_endpoint = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some();
    url.filter(is_endpoint).with_context(|| {
        format!("INDEXNOW is \"{text}\", which is not an address such as https://api.indexnow.org/indexnow")
    })
}
