//! XML files of a Word file, without entities.

use roxmltree::{Document, Node, ParsingOptions};

use crate::web::rich_text::docx::archive::DocxError;

/// Maximum number of elements and texts in a file.
const MAX_NODES: u32 = 1_000_000;

/// Calls `read` with the root element of an XML file. `None` if there is no such file.
///
/// Document type declarations are refused, so there are no entities to expand.
pub fn with_xml<T>(xml: &str, read: impl FnOnce(Node) -> T) -> Result<Option<T>, DocxError> {
    if xml.is_empty() {
        return Ok(None);
    }
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => DocxError::TooLarge,
        _ => DocxError::Damaged,
    })?;
    Ok(Some(read(document.root_element())))
}

/// Access to elements and attributes without their namespaces, of which Word has two for each.
pub trait LocalNames<'a> {
    fn is_named(&self, name: &str) -> bool;
    fn child(&self, name: &str) -> Option<Node<'a, 'a>>;
    fn attr(&self, name: &str) -> Option<&'a str>;
    /// The attribute `val` of the child element `name`.
    fn child_value(&self, name: &str) -> Option<&'a str>;
    /// Whether the child element `name` switches a property on.
    fn switch(&self, name: &str) -> Option<bool>;
}

impl<'a> LocalNames<'a> for Node<'a, 'a> {
    fn is_named(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn child(&self, name: &str) -> Option<Node<'a, 'a>> {
        self.children().find(|child| child.is_named(name))
    }

    fn attr(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
    }

    fn child_value(&self, name: &str) -> Option<&'a str> {
        self.child(name)?.attr("val")
    }

    fn switch(&self, name: &str) -> Option<bool> {
        let value = self.child(name)?.attr("val");
        Some(!matches!(value, Some("0" | "false" | "off" | "none")))
    }
}
