//! Addresses of links and pictures in HTML.

use url::Url;

use crate::web::picture::picture_hash;

/// Schemes of links that the site shows.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Address of a link as it is written in Markdown. `None` if it leads nowhere outside of the source document.
pub fn link_address(href: &str) -> Option<String> {
    let href = href.trim();
    // Bookmarks of Word and Google Docs.
    let is_bookmark = ["#_", "#heading=", "#h.", "#bookmark=", "#id."].iter().any(|start| href.starts_with(start));
    if href.is_empty() || href == "#" || is_bookmark {
        return None;
    }
    match Url::parse(href) {
        Ok(url) if !SCHEMES.contains(&url.scheme()) => None,
        Ok(url) => Some(encode(&without_redirect(&url).unwrap_or_else(|| href.to_owned()))),
        Err(url::ParseError::RelativeUrlWithoutBase) => Some(encode(href)),
        Err(_) => None,
    }
}

/// Target of a link through a redirect page of Google or Outlook.
fn without_redirect(url: &Url) -> Option<String> {
    let parameter = match (url.host_str()?, url.path()) {
        ("www.google.com", "/url") => "q",
        (host, _) if host.ends_with(".safelinks.protection.outlook.com") => "url",
        _ => return None,
    };
    let (_, target) = url.query_pairs().find(|(name, _)| name == parameter)?;
    Url::parse(&target).is_ok_and(|target| SCHEMES.contains(&target.scheme())).then(|| target.into_owned())
}

/// Address of a picture in Markdown. Embedded pictures and files of another computer have only a name.
pub fn picture_name(address: &str) -> String {
    match Url::parse(address) {
        // A picture of this site, copied from one of its pages.
        Ok(url) if picture_hash(url.path()).is_some() => url.path().to_owned(),
        Ok(url) if matches!(url.scheme(), "http" | "https") => encode(address),
        Ok(url) if url.scheme() == "file" => encode(url.path().rsplit('/').next().unwrap_or_default()),
        Ok(_) => String::new(),
        Err(_) => encode(address),
    }
}

/// Encodes the characters that end an address in Markdown or have a meaning there.
fn encode(address: &str) -> String {
    let is_balanced = address.matches('(').count() == address.matches(')').count() && !address.contains(")(");
    let mut encoded = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            c if c.is_whitespace() || c.is_control() => encoded.push_str(if c == '\n' { "" } else { "%20" }),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            '\\' => encoded.push_str("%5C"),
            '(' if !is_balanced => encoded.push_str("%28"),
            ')' if !is_balanced => encoded.push_str("%29"),
            '*' => encoded.push_str("%2A"),
            '`' => encoded.push_str("%60"),
            c => encoded.push(c),
        }
    }
    encoded
}
