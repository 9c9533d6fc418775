//! Links without an address, which a reader cannot follow.

use pulldown_cmark::{Event, Parser, Tag};

use crate::web::markdown::options::text_options;

/// Beginnings of an address that lead nowhere on their own.
const EMPTY_ADDRESSES: [&str; 6] = ["", "#", "http://", "https://", "mailto:", "tel:"];

/// Lines of the links without an address, from 1.
pub fn find_empty_links(markdown: &str) -> Vec<usize> {
    let is_empty = |event: &Event| matches!(event, Event::Start(Tag::Link { dest_url, .. }) if EMPTY_ADDRESSES.contains(&dest_url.trim()));
    let links = Parser::new_ext(markdown, text_options()).into_offset_iter().filter(|(event, _)| is_empty(event));
    let (mut counted, mut line) = (0, 1);
    links
        .map(|(_, range)| {
            let start = range.start.max(counted);
            line += markdown[counted..start].matches('\n').count();
            counted = start;
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_without_an_address_are_found() {
        let text = "[one](https://)\n\n[two](https://canada.ca) and [three]()\n\n`[code](https://)` [four](mailto:)";
        assert_eq!(find_empty_links(text), [1, 3, 5]);
    }
}
