//! Pasted text and uploaded documents as Markdown for an editor of this site.

use crate::web::file_text::decode_text;
use crate::web::fix_markdown;
use crate::web::picture::picture_hash;
use crate::web::rich_text::document::{
    Block, Content, Image, Run, Script, Style, change_runs, has_formatting, text_of,
};
use crate::web::rich_text::docx::{DocxError, read_docx};
use crate::web::rich_text::html_reader::read_html;
use crate::web::rich_text::runs::paragraphs;
use crate::web::rich_text::writer::write_markdown;

/// Maximum length of the name of a picture, in characters.
const MAX_NAME_LEN: usize = 100;

/// Error message for the person who chose the file.
#[derive(Debug, thiserror::Error)]
pub enum ConversionError {
    #[error("The file is empty.")]
    Empty,
    #[error("This is an old Word file (.doc). Open it in Word, save it as .docx and choose that file.")]
    OldWord,
    #[error("This is a PDF file. Choose the Word file (.docx) or the web page (.html) instead.")]
    Pdf,
    #[error("This is an RTF file. Save it as .docx and choose that file.")]
    Rtf,
    #[error("This file is not a Word file (.docx) or a web page (.html).")]
    Unknown,
    #[error("{0}")]
    Docx(#[from] DocxError),
}

/// Converts what was pasted: HTML, or plain text if the HTML has no formatting or there is none.
///
/// Plain text may already be Markdown. Bullets and tables of word processors in it become Markdown.
pub fn pasted_to_markdown(html: &str, text: &str) -> String {
    let blocks = if html.trim().is_empty() { vec![] } else { read_html(html) };
    if has_formatting(&blocks) || (text.trim().is_empty() && !blocks.is_empty()) {
        return markdown_for_editor(blocks);
    }
    if is_html(text) {
        return markdown_for_editor(read_html(text));
    }
    fix_markdown(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Converts a Word file (.docx), a web page or a plain text, recognized by content.
///
/// # Errors
/// Another format, a damaged file, or a Word file that unpacks to more than the limits.
pub fn file_to_markdown(bytes: &[u8]) -> Result<String, ConversionError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(markdown_for_editor(read_docx(bytes)?));
    }
    match bytes {
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(ConversionError::OldWord),
        [b'%', b'P', b'D', b'F', ..] => return Err(ConversionError::Pdf),
        [b'{', b'\\', b'r', b't', b'f', ..] => return Err(ConversionError::Rtf),
        _ => {}
    }
    let text = decode_text(bytes);
    if text.trim().is_empty() {
        return Err(ConversionError::Empty);
    }
    if text.contains('\0') {
        return Err(ConversionError::Unknown);
    }
    Ok(pasted_to_markdown("", &text))
}

/// Whether a text is HTML source: it begins with a tag, and not with an address in angle brackets.
fn is_html(text: &str) -> bool {
    let start = text.trim_start();
    let is_tag = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        end > 0 && rest[end..].starts_with([' ', '>', '/', '\n', '\r', '\t']) && !rest[end..].starts_with("//")
    };
    match start.strip_prefix('<') {
        Some(rest) => rest.starts_with(['!', '?']) || is_tag(rest),
        None => start.contains("<!--StartFragment"),
    }
}

/// Converts the text of an article, which appears below its title: a heading of level 1 becomes one of level 2, and those
/// below it move down with it.
pub fn article_to_markdown(html: &str) -> String {
    let mut blocks = read_html(html);
    begin_below_title(&mut blocks);
    write_markdown(&blocks)
}

/// The title of a page is its only heading of level 1.
fn begin_below_title(blocks: &mut [Block]) {
    if has_first_level(blocks) {
        lower_headings(blocks);
    }
}

fn has_first_level(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Heading(level, _) => *level == 1,
        Block::Quote(inner) => has_first_level(inner),
        _ => false,
    })
}

fn markdown_for_editor(mut blocks: Vec<Block>) -> String {
    begin_below_title(&mut blocks);
    for block in &mut blocks {
        read_typed_heading(block);
    }
    change_runs(&mut blocks, &mut |runs| {
        runs.iter_mut().for_each(change_run);
        *runs = paragraphs(std::mem::take(runs)).join(&Run::line_break());
    });
    write_markdown(&blocks)
}

/// Turns a paragraph that begins with `##` and a space or no-break space into a heading.
fn read_typed_heading(block: &mut Block) {
    let Block::Paragraph(runs) = block else { return };
    let Some(Run { content: Content::Text(text), style }) = runs.first_mut() else { return };
    let rest = text.trim_start_matches('#');
    let (level, title) = (text.len() - rest.len(), rest.trim_start());
    if !(1..=6).contains(&level) || title.len() == rest.len() {
        return;
    }
    *text = title.to_owned();
    *style = Style { is_bold: false, ..style.clone() };
    if let Ok(level) = u8::try_from(level) {
        *block = Block::Heading(level.max(2), std::mem::take(runs));
    }
}

fn lower_headings(blocks: &mut [Block]) {
    for block in blocks {
        match block {
            Block::Heading(level, _) => *level = (*level + 1).min(6),
            Block::Quote(inner) => lower_headings(inner),
            _ => {}
        }
    }
}

fn change_run(run: &mut Run) {
    let style = &mut run.style;
    match &run.content {
        // "1st" of word processors.
        Content::Text(text) if style.script == Script::Super && matches!(&**text, "st" | "nd" | "rd" | "th") => {
            style.script = Script::Normal;
        }
        Content::Image(image) if picture_hash(&image.address).is_none() => {
            let name = picture_label(image);
            *run = Run::text(format!("{{{{write: add the picture “{name}”}}}}"), &Style::default());
        }
        _ => {}
    }
}

/// Name of a picture that is not in Media.
fn picture_label(image: &Image) -> String {
    let file_name = image.address.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let names = [&*image.alt, &*image.title, file_name];
    let name = names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or("without a name");
    let plain: String = name.chars().filter(|c| !matches!(c, '{' | '}' | '\n')).take(MAX_NAME_LEN).collect();
    let runs = [Run::text(plain, &Style::default())];
    text_of(&paragraphs(runs.to_vec()).pop().unwrap_or_default())
}
