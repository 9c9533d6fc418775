//! Checks of valid settings that are unsuitable for a site on the internet.

use url::{Host, Url};

use crate::config::Config;
use crate::doctor::{DoctorContext, Finding};
use crate::mail;

pub fn check(context: &DoctorContext) -> Vec<Finding> {
    let config = &context.config;
    let mut findings = vec![];
    let smtp = config.smtp_url.as_ref().map(|url| mail::smtp_warning(url.reveal())).transpose();
    let (odd_smtp, refused) = match smtp {
        Ok(odd) => (odd.flatten(), None),
        Err(error) => (None, Some(error)),
    };
    match refused {
        None => findings.push(Finding::ok("settings: valid")),
        Some(error) => findings.push(Finding::fail(format!("settings: {error:#}"), "fix it: the site does not start")),
    }
    for warning in config.warnings.iter().chain(&odd_smtp).chain(&context.misspelt_settings) {
        findings.push(Finding::warn(format!("settings: {warning}"), "fix it, then restart the site"));
    }
    let is_https = config.base_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if !is_https && !config.bind.ip().is_loopback() {
        findings.push(Finding::warn(
            format!("settings: the site listens publicly on {}, but its address is not https", config.bind),
            "set BASE_URL=https://… and use a proxy that terminates TLS, or set BIND to 127.0.0.1",
        ));
    }
    if is_https && config.trusted_proxies.is_empty() {
        findings.push(Finding::warn(
            "settings: BASE_URL is https but no proxy is trusted, so all visitors seem to have the same address",
            "set TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1",
        ));
    }
    if config.smtp_url.is_none() {
        findings.push(Finding::warn("settings: e-mails are only written to files", "set SMTP_URL"));
    } else if links_only_work_locally(config) {
        findings.push(Finding::warn(
            "settings: links in e-mails only work on this machine (BASE_URL)",
            "set BASE_URL to the public address of the site",
        ));
    }
    findings
}

/// Whether links in e-mails work on this machine only. Without `BASE_URL` they contain the listen address.
fn links_only_work_locally(config: &Config) -> bool {
    match &config.base_url {
        Some(url) => is_loopback(url),
        None => config.bind.ip().is_loopback() || config.bind.ip().is_unspecified(),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost") || name.ends_with(".localdomain")
        }
        Some(Host::Ipv4(v4)) => v4.is_loopback() || v4.is_unspecified(),
        Some(Host::Ipv6(v6)) => {
            let is_here = |v4: std::net::Ipv4Addr| v4.is_loopback() || v4.is_unspecified();
            v6.is_loopback() || v6.is_unspecified() || v6.to_ipv4_mapped().is_some_and(is_here)
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_are_recognised_in_every_spelling() {
        let is = |text: &str| is_loopback(&text.parse().unwrap());
        for here in [
            "http://localhost:8080",
            "http://site.localhost",
            "https://127.0.0.1",
            "http://127.1",
            "http://0.0.0.0",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is(here), "{here}");
        }
        for there in
            ["https://example.com", "http://192.168.1.5", "http://[2001:db8::1]", "https://localhost.example.com"]
        {
            assert!(!is(there), "{there}");
        }
    }
}
