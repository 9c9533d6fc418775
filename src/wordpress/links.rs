//! Links to the old site: to its texts, its pictures, and files that are not imported.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use url::Url;

use crate::wordpress::converted_text::{ConvertedText, KnownPicture, PictureReference};
use crate::wordpress::html_tags::{escape, regex, unescape};

static LINK: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?is)(<a\b[^>]*?\bhref\s*=\s*)(?:"([^"]*)"|'([^']*)')"#));
/// Endings of files that WordPress offers for download.
const FILE_ENDINGS: [&str; 22] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "rtf", "txt", "csv", "zip", "mp3", "m4a", "wav",
    "ogg", "mp4", "mov", "webm", "svg", "epub",
];
const PICTURE_ENDINGS: [&str; 7] = ["jpg", "jpeg", "png", "webp", "gif", "avif", "heic"];

/// Address of a link as a path of the old site; `None` for other sites and places within the page.
fn local_path(address: &str, site: &str) -> Option<String> {
    if address.starts_with('/') && !address.starts_with("//") {
        return Some(address.to_owned());
    }
    let address = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    let (url, site) = (Url::parse(&address).ok()?, Url::parse(site).ok()?);
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
    if !matches!(url.scheme(), "http" | "https") || host(&url) != host(&site) || url.port() != site.port() {
        return None;
    }
    let rest = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = url.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
    Some(format!("{}{rest}{fragment}", url.path()))
}

/// Whether an address belongs to the servers on which WordPress.com and Jetpack keep copies of the pictures.
fn is_on_picture_server(address: &str) -> bool {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host.ends_with(".files.wordpress.com")
        || matches!(host.as_str(), "i0.wp.com" | "i1.wp.com" | "i2.wp.com" | "i3.wp.com")
}

fn ending(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn is_file(path: &str) -> bool {
    path.contains("/wp-content/") || FILE_ENDINGS.contains(&ending(path).as_str())
}

/// Pictures of the old site to which a text links without showing them.
pub fn linked_pictures<'a>(html: &'a str, site: &'a str) -> impl Iterator<Item = PictureReference> + 'a {
    LINK.captures_iter(html).filter_map(move |link| {
        let address = unescape(link.get(2).or(link.get(3))?.as_str());
        let is_copy = is_on_picture_server(&address);
        let path = if is_copy { address.clone() } else { local_path(&address, site)? };
        let is_picture = PICTURE_ENDINGS.contains(&ending(&path).as_str());
        is_picture.then(|| PictureReference { address, ..PictureReference::default() })
    })
}

/// Turns links to texts of the old site into paths, which redirect to the new addresses, and links to its pictures into
/// their new addresses. Other files stay where they are; their names are recorded.
pub fn change_links(
    html: &str,
    site: &str,
    find: &dyn Fn(&PictureReference) -> Option<KnownPicture>,
    converted: &mut ConvertedText,
) -> String {
    let changed = LINK.replace_all(html, |link: &Captures<'_>| {
        let address = unescape(link.get(2).or(link.get(3)).map_or("", |found| found.as_str()));
        let is_copy = is_on_picture_server(&address);
        let path = if is_copy { Some(address.clone()) } else { local_path(address.trim(), site) };
        let Some(path) = path else { return link[0].to_owned() };
        let new = if !is_copy && !is_file(&path) && !PICTURE_ENDINGS.contains(&ending(&path).as_str()) {
            path
        } else if let Some((new, _)) = find(&PictureReference { address: address.clone(), ..Default::default() }) {
            new
        } else {
            let name = path.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            if !converted.files.iter().any(|known| known == name) {
                converted.files.push(name.to_owned());
                converted.file_addresses.push(address.clone());
            }
            if address.starts_with('/') && !address.starts_with("//") { origin(site) + &address } else { address }
        };
        format!("{}\"{}\"", &link[1], escape(&new))
    });
    changed.into_owned()
}

/// `https://old.example` of `https://old.example/blog`.
fn origin(site: &str) -> String {
    Url::parse(site).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(html: &str) -> (String, Vec<String>) {
        let mut converted = ConvertedText::default();
        let find = |picture: &PictureReference| {
            picture
                .address
                .ends_with("/known.jpg")
                .then(|| ("/media/0123456789abcdef-800.jpg".to_owned(), String::new()))
        };
        let html = change_links(html, "https://www.old.example/blog", &find, &mut converted);
        (html, converted.files)
    }

    #[test]
    fn links_to_texts_become_paths_and_links_to_files_stay() {
        for (address, expected) in [
            ("https://old.example/2023/07/a/?x=1&amp;y=2#z", "/2023/07/a/?x=1&amp;y=2#z"),
            ("http://www.old.example/blog/a", "/blog/a"),
            ("//old.example/a", "/a"),
            ("/a", "/a"),
            ("https://old.example.evil.example/a", "https://old.example.evil.example/a"),
            ("https://other.example/fees.pdf", "https://other.example/fees.pdf"),
            ("mailto:a@old.example", "mailto:a@old.example"),
            ("#top", "#top"),
            ("https://old.example/wp-content/uploads/2023/07/known.jpg", "/media/0123456789abcdef-800.jpg"),
            ("https://old.files.wordpress.com/2023/07/known.jpg", "/media/0123456789abcdef-800.jpg"),
        ] {
            let (html, files) = change(&format!("<a class='x' href=\"{address}\">a</a>"));
            assert_eq!(html, format!("<a class='x' href=\"{expected}\">a</a>"));
            assert!(files.is_empty(), "{files:?}");
        }
        for (address, expected) in [
            ("https://old.example/wp-content/uploads/fees.pdf?x", "https://old.example/wp-content/uploads/fees.pdf?x"),
            ("/wp-content/uploads/fees.pdf", "https://www.old.example/wp-content/uploads/fees.pdf"),
            ("/forms/fees.pdf", "https://www.old.example/forms/fees.pdf"),
            (
                "https://i0.wp.com/old.files.wordpress.com/fees.pdf",
                "https://i0.wp.com/old.files.wordpress.com/fees.pdf",
            ),
        ] {
            let (html, files) = change(&format!("<a href='{address}'>a</a> <a href='{address}'>b</a>"));
            assert_eq!(html.matches(&format!("href=\"{expected}\"")).count(), 2, "{html}");
            assert_eq!(files, ["fees.pdf"]);
        }
    }

    #[test]
    fn pictures_that_are_only_linked_are_found() {
        let html =
            "<a href=\"https://old.example/wp-content/uploads/a.PNG\">a</a> <a href=\"https://x.example/b.png\">b</a>";
        let found: Vec<_> = linked_pictures(html, "https://old.example").map(|picture| picture.address).collect();
        assert_eq!(found, ["https://old.example/wp-content/uploads/a.PNG"]);
    }
}
