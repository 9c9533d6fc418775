//! Text of uploaded files in any common encoding, with clear errors for other files.

use std::char::REPLACEMENT_CHARACTER;

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Error message for the person who chose the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FileTextError(String);

/// First bytes of binary files, with their name and what to do.
const BINARY_SIGNATURES: [(&[u8], &str); 18] = [
    (b"\x1F\x8B", "a gzip file. Unpack it and choose the file inside."),
    (b"PK\x03\x04", "a ZIP archive or an Office document. Unpack it, or save it as plain text, and choose that file."),
    (b"PK\x05\x06", "an empty ZIP archive."),
    (b"BZh", "a bzip2 file. Unpack it and choose the file inside."),
    (b"\xFD7zXZ\0", "an xz file. Unpack it and choose the file inside."),
    (b"\x28\xB5\x2F\xFD", "a Zstandard file. Unpack it and choose the file inside."),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive. Unpack it and choose the file inside."),
    (b"Rar!\x1A\x07", "a RAR archive. Unpack it and choose the file inside."),
    (b"%PDF-", "a PDF document. Choose the data file instead."),
    (b"{\\rtf", "an RTF document. Save it as plain text and choose that file."),
    (b"\xD0\xCF\x11\xE0", "an Office document. Save it as plain text and choose that file."),
    (b"SQLite format 3\0", "an SQLite database. Choose the data file instead."),
    (b"\x89PNG\r\n", "a PNG image. Choose the data file instead."),
    (b"\xFF\xD8\xFF", "a JPEG image. Choose the data file instead."),
    (b"GIF8", "a GIF image. Choose the data file instead."),
    (b"\x7FELF", "a program. Choose the data file instead."),
    (b"\xFF\xFE\0\0", "text in UTF-32. Save it as UTF-8 and choose that file."),
    (b"\0\0\xFE\xFF", "text in UTF-32. Save it as UTF-8 and choose that file."),
];

/// Decodes an uploaded file: UTF-8 or UTF-16, with or without a byte order mark, or Windows-1252.
///
/// In UTF-8, bytes that are invalid are read as Windows-1252, one by one, so that the rest of the file stays intact.
///
/// # Errors
/// An empty file, and one that is not plain text, such as an archive, a PDF, a web page or XML.
pub fn decode_text_file(bytes: &[u8]) -> Result<String, FileTextError> {
    if bytes.is_empty() {
        return Err(FileTextError("The file is empty.".into()));
    }
    if let Some((_, what)) = BINARY_SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(FileTextError(format!("This is {what}")));
    }
    let text = decode_text(bytes);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'));
    if start.is_empty() {
        return Err(FileTextError("The file is empty: it contains no text.".into()));
    }
    if text.contains('\0') {
        return Err(FileTextError("This is not a text file.".into()));
    }
    match detect_markup(start) {
        Some(what) => {
            Err(FileTextError(format!("This is {what}, not the data file. Download the file itself and choose it.")))
        }
        None => Ok(text),
    }
}

/// Decodes UTF-8, UTF-16 or Windows-1252, like [`decode_text_file`].
pub fn decode_text(bytes: &[u8]) -> String {
    let without_mark = match (bytes, detect_utf_16(bytes)) {
        ([0xFF, 0xFE, rest @ ..], _) => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        ([0xFE, 0xFF, rest @ ..], _) => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        (_, Some(encoding)) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        _ => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
            }
            text
        }
    };
    without_mark.trim_start_matches('\u{feff}').to_owned()
}

/// UTF-16 without a byte order mark: these files begin with ASCII characters, each beside a zero byte.
fn detect_utf_16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn detect_markup(start: &str) -> Option<&'static str> {
    if !start.starts_with('<') {
        return None;
    }
    let head: String = start.chars().take(1000).collect::<String>().to_lowercase();
    let is_html = ["<!doctype html", "<html", "<head", "<body", "<title", "<div", "<p>", "<script"];
    Some(if is_html.iter().any(|tag| head.contains(tag)) { "a web page (HTML)" } else { "an XML file" })
}

/// Characters that were lost or encoded twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mojibake {
    /// The characters in the text: `Ã©`.
    pub found: String,
    /// The intended characters; empty if they are lost.
    pub intended: String,
}

/// Finds UTF-8 that was read as Windows-1252 or ISO 8859-1 and saved as UTF-8 again (“Ã©” for “é”), and U+FFFD.
pub fn find_mojibake(text: &str) -> Option<Mojibake> {
    if text.is_ascii() {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    if chars.contains(&REPLACEMENT_CHARACTER) {
        return Some(Mojibake { found: REPLACEMENT_CHARACTER.into(), intended: String::new() });
    }
    (0..chars.len()).find_map(|start| {
        (2..=3).find_map(|length| {
            let found = chars.get(start..start + length)?;
            let bytes = found.iter().map(|c| single_byte(*c)).collect::<Option<Vec<u8>>>()?;
            let meant = std::str::from_utf8(&bytes).ok()?;
            let mut decoded = meant.chars();
            let is_one = decoded.next().is_some_and(is_common_char) && decoded.next().is_none();
            is_one.then(|| Mojibake { found: found.iter().collect(), intended: meant.to_owned() })
        })
    })
}

/// Byte of a non-ASCII character in Windows-1252 or ISO 8859-1.
fn single_byte(c: char) -> Option<u8> {
    if c.is_ascii() {
        return None;
    }
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    let mut one = [0; 4];
    let (bytes, _, is_unknown) = WINDOWS_1252.encode(c.encode_utf8(&mut one));
    bytes.first().copied().filter(|_| !is_unknown && bytes.len() == 1)
}

/// Characters of English and French texts. Correct sequences, such as “é »” with a no-break space, decode to none of them.
fn is_common_char(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{17f}' | '\u{2010}'..='\u{203a}' | '€' | '™' | '\u{feff}' | REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_decoded() {
        let text = "{\"name\": \"Compétence linguistique – « été »\"}";
        let utf_16 = |to: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            format!("\u{feff}\u{feff}{text}").into_bytes(),
            WINDOWS_1252.encode(text).0.into_owned(),
            utf_16(u16::to_le_bytes, &format!("\u{feff}{text}")),
            utf_16(u16::to_be_bytes, &format!("\u{feff}{text}")),
            utf_16(u16::to_le_bytes, text),
            utf_16(u16::to_be_bytes, text),
        ] {
            assert_eq!(decode_text_file(&bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_invalid_byte_is_read_as_windows_1252() {
        let bytes = b"caf\xE9, \xC3\xA9t\xC3\xA9, \x93quoted\x94 \xE2\x80\x93 M\xC3\xA9tiers";
        assert_eq!(decode_text_file(bytes).unwrap(), "café, été, “quoted” – Métiers");
    }

    #[test]
    fn a_binary_file_is_rejected_with_its_type() {
        for (bytes, words) in [
            (&b""[..], "The file is empty."),
            (b" \r\n\t", "contains no text"),
            (b"\xEF\xBB\xBF", "contains no text"),
            (b"\0\0\0\0\0\0\0\0", "contains no text"),
            (b"\x1F\x8B\x08\0\0\0", "a gzip file"),
            (b"PK\x03\x04\x14\0", "a ZIP archive"),
            (b"%PDF-1.7\n", "a PDF"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1", "an Office document"),
            (b"\n<!DOCTYPE html><title>x", "a web page (HTML)"),
            (b"\xEF\xBB\xBF<html lang=en>", "a web page (HTML)"),
            (b"<!-- saved --><html>", "a web page (HTML)"),
            (b"<?xml version='1.0'?><rounds/>", "an XML file"),
            (b"abc\0def", "not a text file"),
        ] {
            let error = decode_text_file(bytes).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn mojibake_is_detected() {
        for (garbled_text, meant) in [
            ("CompÃ©tence", "é"),
            ("Ã©tÃ©", "é"),
            ("PriÃ¨re Ã\u{a0} tous", "è"),
            ("lâ€™expÃ©rience", "’"),
            ("l\u{e2}\u{80}\u{99}exp", "’"),
            ("Å“uvre", "œ"),
            ("5Â\u{a0}000", "\u{a0}"),
            ("ï»¿{}", "\u{feff}"),
        ] {
            assert_eq!(
                find_mojibake(garbled_text).map(|found| found.intended).as_deref(),
                Some(meant),
                "{garbled_text}"
            );
        }
        assert_eq!(find_mojibake("Comp\u{fffd}tence").unwrap().intended, "");
        for good in [
            "",
            "Healthcare",
            "Compétence linguistique en français",
            "Catégorie de l’expérience canadienne – « qualifié\u{a0}»",
            "À À ÊTRE, Île-des-Chênes, Œuvre, naïve, Ångström",
            "« à\u{a0}» 20\u{a0}784 5\u{202f}000 €",
            "اردو میں",
        ] {
            assert_eq!(find_mojibake(good), None, "{good}");
        }
    }
}
