//! Outlines of common pages, with places to fill in, from which staff can start.

use crate::pages::page_form::PageForm;
use crate::posts::PostForm;

/// Outlines by their slug, in the order of the list.
const OUTLINES: [(&str, &str); 4] = [
    ("services", include_str!("../../data/outlines/services.md")),
    ("fees", include_str!("../../data/outlines/fees.md")),
    ("faq", include_str!("../../data/outlines/faq.md")),
    ("team", include_str!("../../data/outlines/team.md")),
];

/// Slugs and titles of all outlines.
pub fn outlines() -> impl Iterator<Item = (&'static str, &'static str)> {
    OUTLINES.iter().filter_map(|(slug, text)| Some((*slug, split_page(text)?.0)))
}

/// A form with the outline of this slug, or an empty one.
pub fn outline(slug: &str) -> PageForm {
    let text = OUTLINES.iter().find(|(known, _)| *known == slug).and_then(|(_, text)| split_page(text));
    let (title, summary, body) = text.unwrap_or_default();
    let slug = if title.is_empty() { "" } else { slug };
    let text = PostForm {
        title: title.into(),
        slug: slug.into(),
        summary: summary.into(),
        body: body.into(),
        ..PostForm::default()
    };
    // The title is too long for the menu.
    let menu_label = if slug == "faq" { "FAQ" } else { "" };
    PageForm { text, menu_label: menu_label.into(), placement: "menu".into() }
}

/// Splits a page into title (first-level heading), summary (first paragraph) and body.
pub fn split_page(text: &str) -> Option<(&str, &str, &str)> {
    let (title, rest) = text.strip_prefix("# ")?.split_once("\n\n")?;
    let (summary, body) = rest.split_once("\n\n")?;
    Some((title.trim(), summary.trim(), body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::TokenValues;
    use crate::web::{find_advice_offer, markdown_issues};

    #[test]
    fn every_outline_can_be_saved_but_not_published_before_it_is_filled_in() {
        for (slug, title) in outlines() {
            let mut form = outline(slug);
            form.complete(None);
            assert_eq!(form.text.title, title);
            assert!(form.errors(&TokenValues::default(), false).is_empty(), "{slug}");
            let errors = form.errors(&TokenValues::default(), true);
            assert!(errors.for_field("body").contains("{{write:"), "{slug}");
            assert!(errors.for_field("menu_label").is_empty(), "{slug}");
            assert!(markdown_issues(&form.text.body).is_empty(), "{slug}");
            for (_, text) in form.text.texts() {
                assert_eq!(find_advice_offer(text), None, "{slug}");
            }
        }
        assert_eq!(outline("unknown").text.title, "");
    }
}
