//! Rules for the addresses of pages: names that belong to other parts of the site, and fixed addresses.

/// First path segments of all other addresses, now and planned, and names that visitors expect to mean something else.
///
/// A test compares the list with the registered routes.
const RESERVED: [&str; 51] = [
    "account",
    "admin",
    "alerts",
    "api",
    "apply",
    "assets",
    "author",
    "blog",
    "cards",
    "categories",
    "category",
    "comments",
    "contact",
    "corrections",
    "draws",
    "favicon",
    "feed",
    "feeds",
    "files",
    "follow",
    "health",
    "home",
    "images",
    "index",
    "login",
    "logout",
    "manifest",
    "media",
    "metrics",
    "new",
    "news",
    "occupations",
    "page",
    "pages",
    "posts",
    "preview",
    "previews",
    "receipts",
    "robots",
    "rss",
    "search",
    "sign-in",
    "sitemap",
    "static",
    "tag",
    "tags",
    "tools",
    "wp-admin",
    "wp-content",
    "wp-json",
    "wp-login",
];

/// Pages to which forms, the footer and other sites link. Their address cannot change, and they stay public.
const FIXED: [&str; 2] = ["about", "privacy"];

/// Whether the page with this slug must keep its address and stay public.
pub fn is_fixed(slug: &str) -> bool {
    FIXED.contains(&slug)
}

/// Why a page cannot have this slug.
pub fn slug_problem(slug: &str) -> Option<String> {
    if RESERVED.contains(&slug) {
        return Some(format!("/{slug} belongs to another part of the site. Enter a different URL slug."));
    }
    if slug.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Some("The URL slug must contain at least one letter.".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_and_numbers_are_refused() {
        for slug in ["news", "admin", "tools", "wp-login", "2023", "1-2", "-"] {
            assert!(slug_problem(slug).is_some(), "{slug}");
        }
        for slug in ["services", "fees-2027", "about", "newsroom"] {
            assert_eq!(slug_problem(slug), None, "{slug}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_contains_no_fixed_page() {
        assert!(RESERVED.is_sorted() && !RESERVED.into_iter().any(is_fixed));
    }
}
