//! Reads Word files (.docx): ZIP archives of XML files, in the format of ECMA-376.

mod archive;
mod body;
mod numbering;
mod styles;
#[cfg(test)]
mod tests;

pub use archive::DocxError;

use std::collections::HashMap;

use roxmltree::{Document, Node, ParsingOptions};

use crate::web::rich_text::document::Block;
use crate::web::rich_text::docx::archive::Archive;
use crate::web::rich_text::docx::body::BodyReader;
use crate::web::rich_text::docx::numbering::Numbering;
use crate::web::rich_text::docx::styles::Styles;

/// Maximum number of elements and texts in an XML file of the archive.
const MAX_NODES: u32 = 1_000_000;

/// Blocks of a Word file, with its footnotes at the end.
///
/// # Errors
/// A damaged file, another kind of archive, and a file that unpacks to more than the limits.
pub fn read_docx(bytes: &[u8]) -> Result<Vec<Block>, DocxError> {
    let mut archive = Archive::open(bytes)?;
    let body = archive.read("word/document.xml")?.ok_or(DocxError::NotWord)?;
    let mut optional = |name| archive.read(name).map(Option::unwrap_or_default);
    let styles = optional("word/styles.xml")?;
    let numbering = optional("word/numbering.xml")?;
    let links = optional("word/_rels/document.xml.rels")?;
    let notes = optional("word/footnotes.xml")?;
    let note_links = optional("word/_rels/footnotes.xml.rels")?;

    let styles = with_xml(&styles, Styles::read)?.unwrap_or_default();
    let mut numbering = with_xml(&numbering, Numbering::read)?.unwrap_or_default();
    let links = with_xml(&links, targets)?.unwrap_or_default();
    let note_links = with_xml(&note_links, targets)?.unwrap_or_default();
    let mut blocks = with_xml(&body, |root| {
        BodyReader { styles: &styles, numbering: &mut numbering, links: &links }.read_blocks(root)
    })?
    .ok_or(DocxError::NotWord)?;
    let notes = with_xml(&notes, |root| {
        let mut reader = BodyReader { styles: &styles, numbering: &mut numbering, links: &note_links };
        let is_note = |note: &Node| note.has_tag_name_local("footnote") && note.attr("type").is_none();
        let read = |note: Node| (note.attr("id").unwrap_or_default().to_owned(), reader.read_blocks(note));
        root.children().filter(is_note).map(read).collect::<Vec<_>>()
    })?;
    let notes = notes.unwrap_or_default().into_iter().filter(|(_, blocks)| !blocks.is_empty());
    blocks.extend(notes.map(|(label, blocks)| Block::Footnote(label, blocks)));
    Ok(blocks)
}

/// Calls `read` with the root element of an XML file. `None` if there is no such file.
///
/// Document type declarations are refused, so there are no entities to expand.
fn with_xml<T>(xml: &str, read: impl FnOnce(Node) -> T) -> Result<Option<T>, DocxError> {
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

/// Addresses of links and pictures by their IDs.
fn targets(root: Node) -> HashMap<String, String> {
    let target = |link: Node| Some((link.attr("Id")?.to_owned(), link.attr("Target")?.to_owned()));
    root.children().filter_map(target).collect()
}

/// Access to elements and attributes without their namespaces, of which Word has two for each.
trait LocalNames<'a> {
    fn has_tag_name_local(&self, name: &str) -> bool;
    fn child(&self, name: &str) -> Option<Node<'a, 'a>>;
    fn attr(&self, name: &str) -> Option<&'a str>;
    /// The attribute `val` of the child element `name`.
    fn child_value(&self, name: &str) -> Option<&'a str>;
    /// Whether the child element `name` switches a property on.
    fn switch(&self, name: &str) -> Option<bool>;
}

impl<'a> LocalNames<'a> for Node<'a, 'a> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn child(&self, name: &str) -> Option<Node<'a, 'a>> {
        self.children().find(|child| child.has_tag_name_local(name))
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
