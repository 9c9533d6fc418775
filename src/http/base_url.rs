//! Public base URL of the site.

use url::Url;

#[derive(Clone, Debug)]
pub struct BaseUrl {
    url: Url,
    is_configured: bool,
}

impl BaseUrl {
    /// Base URL from the setting `BASE_URL`.
    pub fn new(base: Url) -> Self {
        Self { url: base, is_configured: true }
    }

    /// Base URL from the address on which the site listens.
    pub fn from_bind_address(base: Url) -> Self {
        Self { url: base, is_configured: false }
    }

    /// Whether `BASE_URL` is set, so that clients use no other URL.
    pub fn is_configured(&self) -> bool {
        self.is_configured
    }

    /// Absolute URL of `path`, which starts with a slash.
    pub fn absolute_url(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Whether clients use HTTPS, so that cookies can require it.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Scheme, host and port as in the `Origin` header.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or("localhost")
    }
}
