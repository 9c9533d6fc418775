//! Rules that decide which URLs are cacheable, and their cache keys.

use actix_web::dev::ResourceDef;

/// Cache rule of a route.
#[derive(Clone, Copy, Debug)]
pub enum CacheRule {
    /// Route pattern of pages that are the same for all clients, with the query parameters that select the page.
    Cacheable(&'static str, &'static [&'static str]),
    /// Route of private pages that a cacheable pattern would match too.
    Bypass(&'static str),
}

/// Cache rules of all routes, in order of precedence.
pub struct CacheRules(Vec<(ResourceDef, Option<&'static [&'static str]>)>);

impl CacheRules {
    /// Compiles the rules. The first match of a path applies.
    pub fn new(rules: impl IntoIterator<Item = CacheRule>) -> Self {
        let compile = |rule| match rule {
            CacheRule::Cacheable(pattern, parameters) => (ResourceDef::new(pattern), Some(parameters)),
            CacheRule::Bypass(pattern) => (ResourceDef::new(pattern), None),
        };
        Self(rules.into_iter().map(compile).collect())
    }

    /// Canonical URL of the page at `path`, with its relevant query parameters in a fixed order.
    ///
    /// `None` if the page is not cacheable or the URL is not spelled like a link of the site.
    pub fn cache_key(&self, path: &str, query: &str) -> Option<String> {
        // Paths with capital letters or escapes are redirected, and the redirect keeps the whole query.
        let is_misspelt = path.bytes().any(|byte| byte == b'%' || byte.is_ascii_uppercase());
        if path.len() + query.len() > MAX_KEY_LEN || is_misspelt {
            return None;
        }
        let (_, parameters) = self.0.iter().find(|(pattern, _)| pattern.is_match(path))?;
        let mut kept = form_urlencoded::Serializer::new(String::new());
        for name in (*parameters)? {
            // The last of repeated parameters applies, as in forms.
            let value = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).last();
            if let Some((_, value)) = value.filter(|(_, value)| !value.is_empty()) {
                kept.append_pair(name, &value);
            }
        }
        let kept = kept.finish();
        let canonical = if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") };
        // Escaping can make the query up to three times as long.
        (canonical.len() <= MAX_KEY_LEN).then_some(canonical)
    }
}

/// No page of the site links to a longer URL.
const MAX_KEY_LEN: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_rules() -> CacheRules {
        CacheRules::new([
            CacheRule::Cacheable("/draws", &["year", "category"]),
            CacheRule::Cacheable("/draws/{number}", &[]),
            CacheRule::Bypass("/contact"),
            CacheRule::Cacheable("/{page}", &[]),
        ])
    }

    #[test]
    fn equivalent_urls_have_one_cache_key() {
        for (path, query, canonical) in [
            ("/draws", "", "/draws"),
            ("/draws", "utm_source=x&category=health+care&year=2023", "/draws?year=2023&category=health+care"),
            ("/draws", "category=health%20care&year=2023&year=", "/draws?category=health+care"),
            ("/draws", "year=2022&year=2023", "/draws?year=2023"),
            ("/draws/252", "year=2023", "/draws/252"),
            ("/about", "fbclid=1", "/about"),
        ] {
            assert_eq!(cache_rules().cache_key(path, query).as_deref(), Some(canonical), "{path}?{query}");
        }
    }

    #[test]
    fn an_overlong_url_has_no_cache_key() {
        let canonical = |letters| cache_rules().cache_key("/draws", &format!("category={}", "é".repeat(letters)));
        assert!(canonical(80).is_some());
        assert_eq!(canonical(100), None);
    }

    #[test]
    fn bypassed_routes_have_no_cache_key() {
        let long = format!("year={}", "9".repeat(600));
        for (path, query) in [("/contact", ""), ("/receipts/1", ""), ("/", ""), ("/%64raws", ""), ("/draws", &*long)] {
            assert_eq!(cache_rules().cache_key(path, query), None, "{path}?{query}");
        }
    }
}
