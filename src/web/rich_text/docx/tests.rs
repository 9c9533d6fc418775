//! Tests of Word files: a complete one, and damaged and hostile ones.

use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::test_support::{any_bytes, check_property, text_from};
use crate::web::rich_text::document::Block;
use crate::web::rich_text::docx::{DocxError, read_docx};
use crate::web::{file_to_markdown, markdown_issues};

const FILE: &[u8] = include_bytes!("../../../../tests/data/clipboard/word.docx");

/// A ZIP archive with these files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A Word file with this body.
fn word_file(body: &str) -> Vec<u8> {
    let xml = format!("<w:document xmlns:w='w' xmlns:r='r'><w:body>{body}</w:body></w:document>");
    archive(&[("word/document.xml", xml.as_bytes())])
}

#[test]
fn word_file_becomes_the_expected_markdown() {
    let markdown = file_to_markdown(FILE).unwrap();
    assert_eq!(markdown, include_str!("../../../../tests/data/clipboard/docx.md").trim_end(), "{markdown}");
    assert_eq!(markdown_issues(&markdown), []);
}

#[test]
fn archive_that_unpacks_to_gigabytes_is_refused() {
    let zeros = vec![b' '; 64 * 1024 * 1024];
    assert_eq!(read_docx(&archive(&[("word/document.xml", &zeros)])), Err(DocxError::TooLarge));
    let many: Vec<String> = (0..6_000).map(|number| format!("word/{number}.xml")).collect();
    let files: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert_eq!(read_docx(&archive(&files)), Err(DocxError::TooLarge));
    let elements = word_file(&"<w:p/>".repeat(1_100_000));
    assert_eq!(read_docx(&elements), Err(DocxError::TooLarge));
}

#[test]
fn entities_and_document_types_are_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><x>&b;</x>";
    let external = "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>";
    for xml in [bomb, external, "<x>&unknown;</x>", "<x", ""] {
        let file = archive(&[("word/document.xml", xml.as_bytes())]);
        let expected = if xml.is_empty() { DocxError::NotWord } else { DocxError::Damaged };
        assert_eq!(read_docx(&file), Err(expected), "{xml}");
    }
}

#[test]
fn other_files_are_refused_with_their_type() {
    for (bytes, words) in [
        (archive(&[("xl/workbook.xml", b"<x/>")]), "not a Word file"),
        (FILE[..FILE.len() / 2].to_vec(), "damaged"),
        (b"PK\x03\x04".to_vec(), "damaged"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "save it as .docx"),
        (b"%PDF-1.7".to_vec(), "PDF"),
        (b"{\\rtf1".to_vec(), "RTF"),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), "not a Word file (.docx) or a web page"),
        (b" \n".to_vec(), "The file is empty."),
    ] {
        let error = file_to_markdown(&bytes).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn deep_elements_do_not_exhaust_the_stack() {
    for element in ["w:sdt", "w:tbl><w:tr><w:tc", "w:p", "w:p><w:r"] {
        let file = word_file(&open_and_close(element, 20_000));
        let _ = read_docx(&file);
    }
    let file = word_file("<w:p><w:r><w:t>text</w:t></w:r></w:p>");
    assert!(matches!(read_docx(&file).as_deref(), Ok([Block::Paragraph(_)])));
}

fn open_and_close(element: &str, count: usize) -> String {
    let close: String = element.rsplit("><").map(|name| format!("</{name}>")).collect();
    format!("{}{}", format!("<{element}>").repeat(count), close.repeat(count))
}

#[test]
fn any_bytes_and_any_xml_can_be_read() {
    const PIECES: &[&str] = &[
        "<w:p>",
        "</w:p>",
        "<w:r>",
        "</w:r>",
        "<w:t>a</w:t>",
        "<w:tbl>",
        "</w:tbl>",
        "<w:tr>",
        "</w:tr>",
        "<w:tc>",
        "</w:tc>",
        "<w:fldChar w:fldCharType='begin'/>",
        "<w:fldChar w:fldCharType='end'/>",
        "<w:br/>",
        "<w:pPr><w:numPr><w:ilvl w:val='99'/><w:numId w:val='1'/></w:numPr></w:pPr>",
        "<w:footnoteReference/>",
        "<w:drawing/>",
        "<w:hyperlink r:id='x'>",
        "</w:hyperlink>",
        "&amp;",
        "&#8217;",
    ];
    check_property(200, (any_bytes(200), text_from(PIECES, 20), any::<u16>()), |(bytes, body, at)| {
        let _ = read_docx(&[b"PK\x03\x04", &bytes[..]].concat());
        let _ = read_docx(&word_file(&body));
        let mut damaged = FILE.to_vec();
        let at = usize::from(at) % damaged.len();
        damaged[at] ^= 0x55;
        let _ = read_docx(&damaged);
    });
}
