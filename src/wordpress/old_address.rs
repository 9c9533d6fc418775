//! Addresses of the old site, as they are stored in the table of redirects.

use percent_encoding::percent_decode_str;
use url::Url;

/// Maximum length of an address that is redirected, in bytes.
const MAX_LEN: usize = 512;

/// Path of an old address: decoded, in lower case and without a slash at its end. `None` for the front page.
pub fn old_path(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    // `/?p=12`
    if url.query().is_some() && url.path() == "/" {
        return None;
    }
    normalized(url.path()).filter(|path| path != "/")
}

/// Path as it is compared with the stored ones.
pub fn normalized(path: &str) -> Option<String> {
    if path.len() > MAX_LEN {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
    Some(format!("/{}", segments.join("/").to_lowercase()))
}

/// Path without the endings that WordPress adds to every address: pages of a list, feeds and other formats.
///
/// The second value tells whether the address is a feed.
pub fn without_ending(path: &str) -> (String, bool) {
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let [.., "feed", "rss" | "rss2" | "atom" | "rdf"] = segments.as_slice() {
        segments.pop();
    }
    let is_feed = segments.last() == Some(&"feed");
    match segments.as_slice() {
        [.., "page", number] if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            segments.truncate(segments.len() - 2);
        }
        [.., "feed" | "amp"] => {
            segments.pop();
        }
        _ => {}
    }
    (format!("/{}", segments.join("/")), is_feed)
}

/// Closest page for a list of the old site that nothing was stored for: of an author, a time, a topic or a page of a list.
///
/// The path is a normalized one.
pub fn old_path_target(path: &str) -> Option<String> {
    let (path, _) = without_ending(path);
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_number = |text: &str, len: usize| text.len() <= len && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = |text: &str| text.len() == 4 && is_number(text, 4);
    match segments.as_slice() {
        // `/page/2`, whose ending was removed.
        [] | ["blog"] | ["author" | "category" | "tag" | "type", _, ..] => Some("/news".to_owned()),
        [year] if is_year(year) => Some("/news".to_owned()),
        [year, month] if is_year(year) && is_number(month, 2) => Some("/news".to_owned()),
        [year, month, day] if is_year(year) && is_number(month, 2) && is_number(day, 2) => Some("/news".to_owned()),
        ["index.php" | "home"] => Some("/".to_owned()),
        ["search", words] => Some(search(words)),
        _ => None,
    }
}

/// Closest page for a parameter of the old front page, if nothing was stored for its value: the outer value is `None` for a
/// parameter that WordPress does not have, the inner one if there is no such page.
#[expect(clippy::option_option, reason = "two different answers")]
pub fn old_query_target(name: &str, value: &str) -> Option<Option<String>> {
    match name {
        "p" | "page_id" | "attachment_id" => Some(None),
        "cat" | "tag" | "author" | "author_name" | "m" | "paged" | "category_name" => Some(Some("/news".to_owned())),
        "feed" => Some(Some("/news/feed.atom".to_owned())),
        "s" => Some(Some(search(value))),
        _ => None,
    }
}

fn search(words: &str) -> String {
    let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
    format!("/search?q={words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_the_old_site_lead_to_the_closest_page() {
        for path in ["/author/sheraz", "/author/sheraz/page/2", "/2023", "/2023/07", "/2023/07/04", "/tag/x", "/page/2"]
        {
            assert_eq!(old_path_target(path).as_deref(), Some("/news"), "{path}");
        }
        assert_eq!(old_path_target("/search/two words&x").as_deref(), Some("/search?q=two+words%26x"));
        for path in ["/2023/07/a-post", "/20234", "/2023/777", "/about", "/wp-login.php", "/author", "/xmlrpc.php"] {
            assert_eq!(old_path_target(path), None, "{path}");
        }
    }

    #[test]
    fn queries_of_the_old_site_lead_to_paths_of_this_site() {
        assert_eq!(
            old_query_target("s", "https://evil.example"),
            Some(Some("/search?q=https%3A%2F%2Fevil.example".into()))
        );
        assert_eq!(old_query_target("feed", "rss2"), Some(Some("/news/feed.atom".into())));
        assert_eq!(old_query_target("p", "1"), Some(None));
        assert_eq!(old_query_target("utm_source", "x"), None);
    }

    #[test]
    fn addresses_are_compared_without_case_slashes_and_escapes() {
        for (link, path) in [
            ("https://old.example/2023/07/A-Slug/", Some("/2023/07/a-slug")),
            ("https://old.example/blog//%D8%A8%D8%AA/", Some("/blog/بت")),
            ("https://old.example/about", Some("/about")),
            ("https://old.example/", None),
            ("https://old.example/?p=12", None),
            ("not an address", None),
        ] {
            assert_eq!(old_path(link).as_deref(), path, "{link}");
        }
    }

    #[test]
    fn endings_of_wordpress_are_removed() {
        for (path, expected) in [
            ("/category/news/page/2", ("/category/news", false)),
            ("/category/news/feed", ("/category/news", true)),
            ("/feed", ("/", true)),
            ("/feed/atom", ("/", true)),
            ("/2023/07/a/amp", ("/2023/07/a", false)),
            ("/2023/07/a", ("/2023/07/a", false)),
        ] {
            assert_eq!(without_ending(path), (expected.0.to_owned(), expected.1), "{path}");
        }
    }
}
