//! Data of the layout template: company details, navigation, canonical URL.

use std::borrow::Borrow;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::http::{BaseUrl, HttpContext, PageError, canonical_path, routed_path};
use crate::web::{
    Business, CardImage, Firm, JsonLd, ListItem, OfficeStatus, ShareCard, Thing, asset_url, office_time_zone,
};

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
    base_url: BaseUrl,
}

/// Languages of the site, with the prefix of their paths. Pages name their translations while there are several.
const LANGUAGES: [(&str, &str); 1] = [("en", "")];

impl Layout {
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let firm = request.extensions().get::<Arc<Firm>>().cloned()?;
        let context = HttpContext::of(request);
        let (path, canonical) =
            (routed_path(request).to_owned(), context.base_url.absolute_url(&canonical_path(request)));
        let now = context.clock.now();
        let year = now.to_zoned(office_time_zone()).year();
        let office_status = firm.opening_hours.status(now);
        Some(Self { firm, canonical, path, year, office_status, base_url: context.base_url.clone() })
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

    /// Absolute URL of a path of the site.
    pub fn absolute_url(&self, path: &str) -> String {
        self.base_url.absolute_url(path)
    }

    /// Languages of this page and the URL of each, for `hreflang`. Empty while the site has one language.
    pub fn alternates(&self) -> Vec<(&'static str, String)> {
        alternates(&LANGUAGES, &self.base_url, &self.path)
    }

    /// Picture for shared links: the card of this list or tool, or else of the site.
    pub fn card(&self) -> CardImage {
        self.card_of(ShareCard::for_path(&self.path).unwrap_or_else(|| ShareCard::of_site(&self.firm.tagline)))
    }

    /// Picture for shared links of a page with a card of its own.
    pub fn card_of(&self, card: impl Borrow<ShareCard>) -> CardImage {
        let card = card.borrow();
        let url = self.absolute_url(&card.path(&self.firm.name));
        CardImage { url, width: ShareCard::WIDTH, height: ShareCard::HEIGHT, alt: card.title.clone() }
    }

    /// Path to this page for search engines: the front page, the list at `path`, and this page.
    pub fn breadcrumbs(&self, path: &str, list: &str, title: impl fmt::Display) -> Result<JsonLd, askama::Error> {
        let pages = [(self.absolute_url("/"), "Home".to_owned()), (self.absolute_url(path), list.to_owned())];
        let all = pages.into_iter().chain([(self.canonical.clone(), title.to_string())]);
        let items = all.enumerate().map(|(index, (item, name))| ListItem { position: index + 1, name, item });
        JsonLd::of(&Thing::BreadcrumbList { items: items.collect() }).map_err(askama::Error::custom)
    }

    /// The company, for search engines.
    pub fn business(&self) -> Result<JsonLd, askama::Error> {
        let business = Business::of(&self.firm, self.absolute_url("/"));
        JsonLd::of(&Thing::ProfessionalService(Box::new(business))).map_err(askama::Error::custom)
    }
}

fn alternates<'a>(languages: &[(&'a str, &str)], base_url: &BaseUrl, path: &str) -> Vec<(&'a str, String)> {
    let [(_, first_prefix), _, ..] = languages else { return vec![] };
    let url = |prefix: &str| base_url.absolute_url(&format!("{prefix}{path}"));
    let all = languages.iter().map(|(language, prefix)| (*language, url(prefix)));
    all.chain([("x-default", url(first_prefix))]).collect()
}

impl FromRequest for Layout {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request).ok_or_else(|| PageError::Internal(anyhow::anyhow!("company details were not loaded"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_translations_once_there_are_several_languages() {
        let base_url = BaseUrl::new("https://example.com/".parse().unwrap());
        assert!(alternates(&LANGUAGES, &base_url, "/draws").is_empty());
        let two = alternates(&[("en", ""), ("ur", "/ur")], &base_url, "/draws");
        let expected = [
            ("en", "https://example.com/draws"),
            ("ur", "https://example.com/ur/draws"),
            ("x-default", "https://example.com/draws"),
        ];
        assert_eq!(two, expected.map(|(language, url)| (language, url.to_owned())));
    }
}
