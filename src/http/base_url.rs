//! The public address of the site.

use url::Url;

/// The public address of the site.
#[derive(Clone, Debug)]
pub struct BaseUrl {
    url: Url,
    is_configured: bool,
}

impl BaseUrl {
    /// Takes the root address of the site, as the operator named it.
    pub fn new(base: Url) -> Self {
        Self { url: base, is_configured: true }
    }

    /// Takes the root address of a site of which the operator did not say how visitors reach it.
    pub fn from_bind_address(base: Url) -> Self {
        Self { url: base, is_configured: false }
    }

    /// Whether the operator said that visitors come by this address, and so by no other.
    pub fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// The absolute address of `path`, which starts with a slash.
    pub fn absolute_url(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Whether visitors come by https, so that cookies may insist on it.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Scheme, host and port, as a browser sends them in `Origin`.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("localhost")
    }
}
