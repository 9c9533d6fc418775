//! Which addresses give the same page to everybody, so that one copy of it serves all.

use actix_web::dev::ResourceDef;

/// Addresses as a feature mounts them.
#[derive(Clone, Copy, Debug)]
pub enum Address {
    /// The pattern of a route whose pages are the same for everybody, and the parameters of its query that matter.
    Public(&'static str, &'static [&'static str]),
    /// A route that a pattern of the public ones would match too, and that is for one visitor alone.
    Private(&'static str),
}

/// The public addresses of a whole site.
pub struct Addresses(Vec<(ResourceDef, Option<&'static [&'static str]>)>);

impl Addresses {
    /// Of several that match the same address, the first one counts.
    pub fn new(addresses: impl IntoIterator<Item = Address>) -> Self {
        let known = |address| match address {
            Address::Public(pattern, parameters) => (ResourceDef::new(pattern), Some(parameters)),
            Address::Private(pattern) => (ResourceDef::new(pattern), None),
        };
        Self(addresses.into_iter().map(known).collect())
    }

    /// The one address of the page at `path`, with the parameters that matter in their order. `None` where that page is
    /// not the same for everybody, or where the address is spelled as none of ours is.
    pub fn canonical(&self, path: &str, query: &str) -> Option<String> {
        // None of ours has capital letters: such a spelling is answered with a redirect, which keeps the whole query.
        let is_misspelt = path.bytes().any(|byte| byte == b'%' || byte.is_ascii_uppercase());
        if path.len() + query.len() > LONGEST || is_misspelt {
            return None;
        }
        let (_, parameters) = self.0.iter().find(|(pattern, _)| pattern.is_match(path))?;
        let mut kept = form_urlencoded::Serializer::new(String::new());
        for name in (*parameters)? {
            // As a form is read: of repeated ones the last counts.
            let value = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).last();
            if let Some((_, value)) = value.filter(|(_, value)| !value.is_empty()) {
                kept.append_pair(name, &value);
            }
        }
        let kept = kept.finish();
        let canonical = if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") };
        // Escaped, what came as it was is up to three times as long.
        (canonical.len() <= LONGEST).then_some(canonical)
    }
}

/// No page of ours links to a longer address.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses::new([
            Address::Public("/draws", &["year", "category"]),
            Address::Public("/draws/{round}", &[]),
            Address::Private("/contact"),
            Address::Public("/{page}", &[]),
        ])
    }

    #[test]
    fn one_page_has_one_address() {
        for (path, query, canonical) in [
            ("/draws", "", "/draws"),
            ("/draws", "utm_source=x&category=health+care&year=2023", "/draws?year=2023&category=health+care"),
            ("/draws", "category=health%20care&year=2023&year=", "/draws?category=health+care"),
            ("/draws", "year=2022&year=2023", "/draws?year=2023"),
            ("/draws/252", "year=2023", "/draws/252"),
            ("/about", "fbclid=1", "/about"),
        ] {
            assert_eq!(addresses().canonical(path, query).as_deref(), Some(canonical), "{path}?{query}");
        }
    }

    #[test]
    fn an_address_that_is_too_long_once_it_is_escaped_has_none() {
        let canonical = |letters| addresses().canonical("/draws", &format!("category={}", "é".repeat(letters)));
        assert!(canonical(80).is_some());
        assert_eq!(canonical(100), None);
    }

    #[test]
    fn what_is_for_one_visitor_has_none() {
        let long = format!("year={}", "9".repeat(600));
        for (path, query) in [("/contact", ""), ("/receipts/1", ""), ("/", ""), ("/%64raws", ""), ("/draws", &*long)] {
            assert_eq!(addresses().canonical(path, query), None, "{path}?{query}");
        }
    }
}
