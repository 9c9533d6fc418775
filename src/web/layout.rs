//! Data of the layout template: company details, navigation, canonical URL.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::http::{HttpContext, PageError, canonical_path, routed_path};
use crate::web::{Firm, OfficeStatus, asset_url, office_time_zone};

/// Request extension with an urgent warning for all admin pages.
#[derive(Clone, Debug)]
pub struct AlertBanner(pub String);

/// Request extension with the next step of the set-up, for admins.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// Such as "4 of 13 steps done".
    pub progress: String,
    pub label: &'static str,
    pub href: String,
}

#[derive(Clone, Debug)]
pub struct Layout {
    pub firm: Arc<Firm>,
    /// Absolute URL of the page, without its query.
    pub canonical: String,
    /// Path of the page, to mark it in the navigation.
    pub path: String,
    /// Current year, for the footer.
    pub year: i16,
    /// Whether the offices are open; `None` if no opening hours are set.
    pub office_status: Option<OfficeStatus>,
}

impl Layout {
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let firm = request.extensions().get::<Arc<Firm>>().cloned()?;
        let context = HttpContext::of(request);
        let (path, canonical) =
            (routed_path(request).to_owned(), context.base_url.absolute_url(&canonical_path(request)));
        let now = context.clock.now();
        let year = now.to_zoned(office_time_zone()).year();
        let office_status = firm.opening_hours.status(now);
        Some(Self { firm, canonical, path, year, office_status })
    }

    /// Entries of the menu: path and label.
    pub fn menu(&self) -> Vec<(&str, &str)> {
        let pages = self.firm.linked_pages.iter().filter(|page| page.is_in_menu);
        [("/news", "News"), ("/draws", "Draws"), ("/occupations", "Occupations")]
            .into_iter()
            .chain(pages.map(|page| (page.path.as_str(), page.menu_label.as_str())))
            .chain([("/contact", "Contact")])
            .collect()
    }

    /// Domain of the site: `example.com`.
    pub fn domain(&self) -> &str {
        let (_, rest) = self.canonical.split_once("://").unwrap_or_default();
        rest.split(['/', ':']).next().unwrap_or_default()
    }

    /// Whether the navigation entry `path` is the current one.
    pub fn is_in(&self, path: &str) -> bool {
        self.path == path || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    pub fn asset(&self, name: &str) -> String {
        asset_url(name)
    }
}

impl FromRequest for Layout {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| PageError::Internal(anyhow::anyhow!("company details were not loaded"))))
    }
}
