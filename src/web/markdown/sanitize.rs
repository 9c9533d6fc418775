//! HTML sanitizer: no scripts, no styles, no unsafe links, nothing from other sites.

use std::borrow::Cow;

use ammonia::Builder;
use pulldown_cmark::{Event, html};

use crate::web::markdown::pictures::PICTURE_ELEMENTS;

/// Renders the events as sanitized HTML.
pub fn sanitize(events: Vec<Event<'_>>) -> String {
    let mut raw = String::new();
    html::push_html(&mut raw, events.into_iter());
    // The content security policy forbids inline styles.
    for side in ["center", "right"] {
        raw = raw.replace(&format!(" style=\"text-align: {side}\""), &format!(" class=\"{side}\""));
    }
    // Feeds are XML, which forbids these characters even as references.
    raw.retain(|c| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}')));
    sanitizer().clean(&raw).to_string()
}

/// Whether elements with this name in an author's HTML are kept.
pub fn is_allowed_element(name: &str) -> bool {
    if PICTURE_ELEMENTS.contains(&name) {
        return false;
    }
    let Some(name) = Some(name).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric())) else { return false };
    sanitizer().clone_tags().contains(name)
}

fn sanitizer() -> Builder<'static> {
    let mut cleaner = Builder::default();
    cleaner
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("h4", ["id"])
        .add_tag_attributes("h5", ["id"])
        .add_tag_attributes("h6", ["id"])
        .add_tag_attributes("a", ["aria-label"])
        .add_tag_attributes("div", ["id", "tabindex", "role", "aria-label"])
        .add_allowed_classes("td", ["center", "right"])
        .add_allowed_classes("th", ["center", "right"])
        .add_allowed_classes("a", ["anchor"])
        .add_allowed_classes("div", ["scroll", "footnote-definition"])
        .add_allowed_classes("dl", ["score"])
        .add_allowed_classes("dd", ["words"])
        .add_allowed_classes("ol", ["occupations"])
        .add_allowed_classes("p", ["small"])
        .add_allowed_classes("span", ["code"])
        .add_tag_attributes("time", ["datetime"])
        .add_allowed_classes("sup", ["footnote-reference", "footnote-definition-label"])
        .add_tags(PICTURE_ELEMENTS)
        .add_tag_attributes("img", ["srcset", "sizes", "loading"])
        .add_tag_attributes("source", ["type", "srcset", "sizes"])
        .attribute_filter(|_, attribute, value| {
            // Pages load nothing from other sites.
            let is_loaded = matches!(attribute, "src" | "srcset");
            let is_ours = || value.split(',').all(|candidate| candidate.trim_start().starts_with("/media/"));
            (!is_loaded || is_ours()).then_some(Cow::Borrowed(value))
        })
        .link_rel(Some("noopener"))
        .url_schemes(["http", "https", "mailto", "tel"].into());
    cleaner
}
