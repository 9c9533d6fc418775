//! Sitemap (sitemaps.org) with the last change of each page. Large sites have an index of several files.

use actix_web::web::{Data, Path};
use askama::Template;

use crate::http::{PageError, PageResult, xml};
use crate::seo::store::{self, SitemapEntry};
use crate::services::Services;
use crate::web::{Layout, office_date};

/// Entries per file. The format allows 50,000.
const MAX_ENTRIES: usize = 10_000;

#[derive(Template)]
#[template(path = "seo/sitemap.xml")]
struct Sitemap<'a> {
    entries: &'a [SitemapEntry],
}

#[derive(Template)]
#[template(path = "seo/sitemap_index.xml")]
struct SitemapIndex {
    parts: Vec<SitemapEntry>,
}

/// `GET /sitemap.xml`: all pages, or an index if there are too many for one file.
pub async fn index(layout: Layout, services: Data<Services>) -> PageResult {
    let entries = all_entries(&layout, &services).await?;
    let parts = parts(&entries, MAX_ENTRIES, |number| layout.absolute_url(&format!("/sitemap-{number}.xml")));
    match parts.is_empty() {
        true => xml(CONTENT_TYPE, &Sitemap { entries: &entries }),
        false => xml(CONTENT_TYPE, &SitemapIndex { parts }),
    }
}

const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// `GET /sitemap-{part}.xml`: a part of the index, from 1.
pub async fn part(part: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let number = part.parse::<usize>().ok().filter(|number| number.to_string() == *part && *number > 0);
    let entries = all_entries(&layout, &services).await?;
    let wanted = number.and_then(|number| entries.chunks(MAX_ENTRIES).nth(number - 1)).ok_or(PageError::NotFound)?;
    // A site without an index has no parts.
    if entries.len() <= MAX_ENTRIES {
        return Err(PageError::NotFound);
    }
    xml(CONTENT_TYPE, &Sitemap { entries: wanted })
}

async fn all_entries(layout: &Layout, services: &Services) -> Result<Vec<SitemapEntry>, PageError> {
    let today = office_date(services.clock.now());
    let mut entries = store::entries(services.db.read(), today).await?;
    for entry in &mut entries {
        entry.address = layout.absolute_url(&entry.address);
    }
    Ok(entries)
}

/// Files of an index with the newest change in each; empty if one file is enough.
fn parts(entries: &[SitemapEntry], max_entries: usize, url: impl Fn(usize) -> String) -> Vec<SitemapEntry> {
    if entries.len() <= max_entries {
        return vec![];
    }
    let file = |(index, part): (usize, &[SitemapEntry])| SitemapEntry {
        address: url(index + 1),
        changed: part.iter().filter_map(|entry| entry.changed.clone()).max(),
    };
    entries.chunks(max_entries).enumerate().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_names_files_with_their_newest_change() {
        let entry = |number: usize| SitemapEntry {
            address: format!("/news/{number}"),
            changed: (number != 3).then(|| format!("2026-11-0{number}")),
        };
        let entries: Vec<SitemapEntry> = (1..=5).map(entry).collect();
        let url = |number: usize| format!("/sitemap-{number}.xml");
        assert!(parts(&entries, 5, url).is_empty(), "one file is enough");
        let files: Vec<(String, Option<String>)> =
            parts(&entries, 2, url).into_iter().map(|part| (part.address, part.changed)).collect();
        let expected = [("1", Some("2")), ("2", Some("4")), ("3", Some("5"))];
        assert_eq!(
            files,
            expected.map(|(file, day)| (format!("/sitemap-{file}.xml"), day.map(|day| format!("2026-11-0{day}"))))
        );
        let xml = SitemapIndex { parts: parts(&entries, 2, url) }.render().unwrap();
        assert!(xml.contains("<sitemap><loc>/sitemap-1.xml</loc><lastmod>2026-11-02</lastmod></sitemap>"), "{xml}");
    }
}
