//! Extracts NOC codes from pasted text or an uploaded file, with or without titles.

use std::collections::HashMap;

use crate::web::{Mojibake, ascii_digits, decode_text_file, find_mojibake};

/// Codes and problems found in a text, each with its line number, starting at 1.
#[derive(Debug, Default, PartialEq)]
pub struct ParsedCodes {
    /// Five-digit numbers in order, without duplicates.
    pub codes: Vec<(usize, String)>,
    /// Repeated five-digit numbers: line, earlier line, number.
    pub duplicates: Vec<(usize, usize, String)>,
    /// Four-digit numbers, the format of NOC 2016 codes.
    pub noc2016: Vec<(usize, String)>,
    /// Words that look like a code but are not one.
    pub invalid: Vec<(usize, String)>,
    /// Lines without any of the above.
    pub ignored_lines: Vec<(usize, String)>,
}

/// Text of an uploaded file, or the message to show.
pub fn decode_file(file: &[u8]) -> Result<String, String> {
    let text = decode_text_file(file).map_err(|error| error.to_string())?;
    match find_mojibake(&text) {
        Some(Mojibake { intended: meant, .. }) if meant.is_empty() => {
            Err("Some characters in the file were lost when it was saved. Save it again as UTF-8.".into())
        }
        Some(Mojibake { found, intended: meant }) => Err(format!(
            "The text in the file was encoded twice: it contains “{found}” instead of “{meant}”. Save it again as UTF-8."
        )),
        None => Ok(text.replace("\r\n", "\n")),
    }
}

pub fn parse_codes(text: &str) -> ParsedCodes {
    let mut found = ParsedCodes::default();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for (index, line) in ascii_digits(text).lines().enumerate() {
        let number = index + 1;
        let mut has_content = false;
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            let word = without_label(word);
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            let is_number = digits == word.len();
            match (is_number, digits) {
                (true, 5) => match lines.get(word) {
                    Some(earlier) => found.duplicates.push((number, *earlier, word.to_owned())),
                    None => {
                        lines.insert(word.to_owned(), number);
                        found.codes.push((number, word.to_owned()));
                    }
                },
                (true, 4) if is_year(word) => continue,
                (true, 4) => found.noc2016.push((number, word.to_owned())),
                (true, 6..) | (false, 4..) => found.invalid.push((number, word.to_owned())),
                _ => continue,
            }
            has_content = true;
        }
        if !has_content && line.chars().any(char::is_alphanumeric) {
            found.ignored_lines.push((number, line.trim().chars().take(120).collect()));
        }
    }
    found
}

/// Removes the label: `NOC31301` becomes `31301`.
fn without_label(word: &str) -> &str {
    match word.get(..3) {
        Some(label) if label.eq_ignore_ascii_case("noc") || label.eq_ignore_ascii_case("cnp") => &word[3..],
        _ => word,
    }
}

/// A number that starts with 19 or 20, which no NOC 2016 code does.
fn is_year(word: &str) -> bool {
    word.starts_with("19") || word.starts_with("20")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        parse_codes(text).codes.into_iter().map(|(_, code)| code).collect()
    }

    #[test]
    fn codes_are_parsed_from_any_text_in_order() {
        for text in [
            "31301\n31302\n00012",
            "31301, 31302;00012",
            "1. Registered nurses (NOC 31301, TEER 1)\r\n2. Nurse practitioners: NOC31302\r\n\r\n3. CNP00012 – Senior managers",
            "category,version,effective_from,effective_to,noc,title_en\nhealth,Version 1,2023-05-31,2025-02-26,31301,\"Nurses, 2 kinds\"\n\
             health,Version 1,2023-05-31,,31302,x\nhealth,Version 1,2023-05-31,,00012,y",
            "۳۱۳۰۱\t31302\u{a0}00012",
        ] {
            let found = parse_codes(text);
            assert_eq!(codes(text), ["31301", "31302", "00012"], "{text}");
            assert!(found.duplicates.is_empty() && found.noc2016.is_empty() && found.invalid.is_empty(), "{found:?}");
        }
        assert_eq!(parse_codes("NOC 2021 code\n31301").ignored_lines, [(1, "NOC 2021 code".to_owned())]);
    }

    #[test]
    fn invalid_codes_are_reported_with_their_line() {
        let found = parse_codes("31301\n3012 Nurses\n31302 31301\n313011\n3130l\n3 nurses");
        assert_eq!(found.noc2016, [(2, "3012".to_owned())]);
        assert_eq!(found.duplicates, [(3, 1, "31301".to_owned())]);
        assert_eq!(found.invalid, [(4, "313011".to_owned()), (5, "3130l".to_owned())]);
        assert_eq!(found.ignored_lines, [(6, "3 nurses".to_owned())]);
    }
}
