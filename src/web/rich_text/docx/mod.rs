//! Reads Word files (.docx): ZIP archives of XML files, in the format of ECMA-376.

mod archive;
mod body;
mod numbering;
mod styles;
#[cfg(test)]
mod tests;
mod xml;

pub use archive::DocxError;

use std::collections::HashMap;

use roxmltree::Node;

use crate::web::rich_text::document::Block;
use crate::web::rich_text::docx::archive::Archive;
use crate::web::rich_text::docx::body::BodyReader;
use crate::web::rich_text::docx::numbering::Numbering;
use crate::web::rich_text::docx::styles::Styles;
use crate::web::rich_text::docx::xml::{LocalNames, with_xml};

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
        let is_note = |note: &Node| note.is_named("footnote") && note.attr("type").is_none();
        let read = |note: Node| (note.attr("id").unwrap_or_default().to_owned(), reader.read_blocks(note));
        root.children().filter(is_note).map(read).collect::<Vec<_>>()
    })?;
    let notes = notes.unwrap_or_default().into_iter().filter(|(_, blocks)| !blocks.is_empty());
    blocks.extend(notes.map(|(label, blocks)| Block::Footnote(label, blocks)));
    Ok(blocks)
}

/// Addresses of links and pictures by their IDs.
fn targets(root: Node) -> HashMap<String, String> {
    let target = |link: Node| Some((link.attr("Id")?.to_owned(), link.attr("Target")?.to_owned()));
    root.children().filter_map(target).collect()
}
