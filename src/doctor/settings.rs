//! Settings that can be read, and still are not what a site on the internet needs.

use crate::config::Config;
use crate::doctor::Finding;

/// Looks at each by itself and at those that must fit each other.
pub fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("settings: all of them can be read")];
    let is_https = config.base_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !is_https && !config.bind.ip().is_loopback() {
        findings.push(Finding::warn(
            format!("settings: the site listens on {} for everybody, and its address is not https", config.bind),
            "set BASE_URL=https://… and put a proxy that ends TLS in front, or BIND to 127.0.0.1",
        ));
    }
    if is_https && config.trusted_proxies.is_empty() {
        findings.push(Finding::warn(
            "settings: BASE_URL is https and no proxy is trusted, so all visitors seem to come from one address",
            "set TRUSTED_PROXIES to the address of the proxy, 127.0.0.1 where it is on this machine",
        ));
    }
    if config.smtp_url.is_none() {
        findings.push(Finding::warn("settings: letters are written as files and reach nobody", "set SMTP_URL"));
    }
    findings
}
