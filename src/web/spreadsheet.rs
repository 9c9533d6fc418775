//! CSV cells that Excel, LibreOffice and Google Sheets do not change.
//!
//! Spreadsheets evaluate formulas and convert numbers and dates: `00012` becomes 12, `1-2` becomes January 2. A leading tab
//! keeps a cell as text. Excel and LibreOffice do not show it, and programs that trim cells read the value unchanged.
//! Formulas get a visible apostrophe, because a tab before them is not safe everywhere.

use jiff::Timestamp;
use phonenumber::Mode;

use crate::web::office_time_zone;

/// Maximum length of a text that a spreadsheet could convert, in characters.
const MAX_CONVERTIBLE_LEN: usize = 40;

/// Words that occur in dates, times and numbers.
const NUMBER_WORDS: &[&str] = &[
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "am",
    "pm",
    "a",
    "p",
    "e",
    "t",
    "z",
    "usd",
    "cad",
    "pkr",
    "rs",
];

/// Cell with a text.
pub fn text(text: &str) -> String {
    split_phone(text, false).unwrap_or_else(|| escape_cell(text))
}

/// Cell with a phone number. Spaces between its groups keep it a text with its `+` and its zeros.
pub fn phone(text: &str) -> String {
    split_phone(text, true).unwrap_or_else(|| escape_cell(text))
}

/// Cell with a time in the office time zone, in a format that spreadsheets recognise.
pub fn local_time(utc: &str) -> String {
    utc.parse::<Timestamp>()
        .map_or_else(|_| text(utc), |at| at.to_zoned(office_time_zone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn escape_cell(text: &str) -> String {
    let begins = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(begins) {
        format!("'{text}")
    } else if would_convert(text) {
        format!("\t{text}")
    } else {
        text.to_owned()
    }
}

/// Whether a spreadsheet could convert a text to a number, date, time or Boolean.
fn would_convert(text: &str) -> bool {
    let plain = text.trim().to_lowercase();
    if matches!(plain.as_str(), "true" | "false") {
        return true;
    }
    let mut words = plain.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    plain.chars().count() <= MAX_CONVERTIBLE_LEN
        && plain.contains(|c: char| c.is_numeric())
        && words.all(|word| NUMBER_WORDS.contains(&word))
}

/// Groups the digits of a phone number. `None` for other texts.
fn split_phone(text: &str, is_phone_column: bool) -> Option<String> {
    let is_one = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_international = text.starts_with('+') && !text[1..].contains('+');
    if !is_one || digits.len() < 7 || !(is_international || (is_phone_column && !text.contains('+'))) {
        return None;
    }
    if !is_international {
        return Some(format!("{} {}", &digits[..4], &digits[4..]));
    }
    let known = phonenumber::parse(None, text).ok().filter(phonenumber::is_valid);
    let grouped = known.map(|number| number.format().mode(Mode::International).to_string().replace('-', " "));
    Some(grouped.unwrap_or_else(|| format!("+{} {}", &digits[..2], &digits[2..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_escaped() {
        for (typed, shown) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1+1", "'+1+1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("plain = text", "plain = text"),
            ("", ""),
        ] {
            assert_eq!(text(typed), shown);
        }
    }

    #[test]
    fn convertible_values_stay_text() {
        for typed in [
            "00012",
            "31301",
            "1-2",
            "1/2",
            "3.5",
            "1E5",
            "TRUE",
            "12:30",
            "5 pm",
            "May 5",
            "5 march 2020",
            "50%",
            "$5",
            "٣",
        ] {
            assert_eq!(text(typed), format!("\t{typed}"));
        }
        for typed in ["2 children", "IELTS 7.5", "a@example.com", "IE-2026-000001", "nurse", "Bachelor’s degree"] {
            assert_eq!(text(typed), typed);
        }
    }

    #[test]
    fn times_are_in_the_office_time_zone() {
        assert_eq!(local_time("2026-11-22T20:30:00Z"), "2026-11-23 01:30:00");
        assert_eq!(local_time("soon"), "soon");
    }

    #[test]
    fn phone_numbers_stay_text() {
        for (typed, shown) in [
            ("+923001234567", "+92 300 1234567"),
            ("+92 300 1234567", "+92 300 1234567"),
            ("+92-300-1234567", "+92 300 1234567"),
            ("+92 (300) 1234567", "+92 300 1234567"),
            ("+16045551234", "+1 604 555 1234"),
            ("+9999999999999", "+99 99999999999"),
            ("03001234567", "0300 1234567"),
            ("0300-1234567", "0300 1234567"),
            ("+92 300 1234567+1", "'+92 300 1234567+1"),
            ("-03001234567", "0300 1234567"),
            ("my brother's", "my brother's"),
        ] {
            assert_eq!(phone(typed), shown, "{typed}");
        }
        assert_eq!(text("+923001234567"), "+92 300 1234567");
    }
}
