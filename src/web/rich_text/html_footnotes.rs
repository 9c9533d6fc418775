//! Footnotes in HTML of Word, Google Docs, LibreOffice and this site.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use regex::Regex;
use scraper::Node;
use scraper::node::Element;

/// Targets of links to footnotes and endnotes: Word, Google Docs and LibreOffice.
static REFERENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"#(?:_ftn|_edn|ftnt|sdfootnote|sdendnote)(\d+)(?:sym)?$").ok());
/// Targets of links from footnotes to the text.
static BACK_LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"#(?:_ftnref\d+|_ednref\d+|ftnt_ref\d+|sdfootnote\d+anc|sdendnote\d+anc)$").ok());
/// IDs of the elements that contain footnotes.
static DEFINITION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:ftn|edn|sdfootnote|sdendnote)(\d+)$").ok());

/// Label of the footnote to which a link or its superscript refers.
pub fn footnote_reference(node: NodeRef<'_, Node>, element: &Element) -> Option<String> {
    if element.classes().any(|class| class == "footnote-reference") {
        let link = node.children().find_map(|child| child.value().as_element()?.attr("href"))?;
        return link.strip_prefix('#').map(ToOwned::to_owned);
    }
    if element.name() != "a" {
        return None;
    }
    let found = REFERENCE.as_ref()?.captures(element.attr("href")?)?;
    Some(found[1].to_owned())
}

/// Whether an element is the link from a footnote back to the text.
pub fn is_back_link(element: &Element) -> bool {
    let is_back = |href| BACK_LINK.as_ref().is_some_and(|pattern| pattern.is_match(href));
    element.name() == "a" && element.attr("href").is_some_and(is_back)
}

/// Label of the footnote whose text is in this element.
pub fn footnote_definition(node: NodeRef<'_, Node>, element: &Element) -> Option<String> {
    if let Some(id) = element.attr("id") {
        if element.classes().any(|class| class == "footnote-definition") {
            return Some(id.to_owned());
        }
        return Some(DEFINITION.as_ref()?.captures(id)?[1].to_owned());
    }
    // Google Docs has the ID in the link at the start of the paragraph.
    let first = node.first_child().filter(|_| element.name() == "p")?.value().as_element()?;
    first.attr("id")?.strip_prefix("ftnt").filter(|label| label.parse::<u32>().is_ok()).map(ToOwned::to_owned)
}
