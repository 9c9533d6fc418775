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

#[cfg(test)]
mod tests {
    use super::*;

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
