//! Parser of the government's draw feed: JSON in English or French, with values typed by hand.

use serde_json::{Map, Value};

use crate::draws::draw::{MAX_NAME_LEN, MAX_PROGRAMS_LEN, MAX_TIMESTAMP_LEN};
use crate::draws::import::fields::{
    mojibake_error, parse_count, quoted, read_date, read_pool, text_field, unreadable_warning,
};
use crate::draws::pool::BANDS;
use crate::draws::validation::{Warning, is_within_a_day};
use crate::draws::{Draw, DrawNumber};
use crate::web::{decode_text_file, is_french_month, parse_timestamp, with_thousands};

/// Language of a feed file. Figures are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    French,
}

/// Draw as published in the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedRound {
    /// Name and programs are in the language of the file. Category, corrections, source and notes are empty.
    pub draw: Draw,
    pub language: Language,
    pub empty_fields: EmptyFields,
    /// Warnings about the file that cannot be derived from the draw.
    pub warnings: Vec<Warning>,
}

/// Fields that a file contains but leaves empty: the publisher withdrew their values. A copy made by another
/// program may lack a field altogether, which does not mean that the value was withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmptyFields {
    pub held_at: bool,
    pub tie_break: bool,
    pub programs: bool,
    /// `dd1` to `dd18` are all empty or 0.
    pub pool: bool,
}

/// Parse error with the position and the expected format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FeedError(String);

const EXPECTED_FORMAT: &str = "The government’s file is JSON: an object with a list named “rounds”, in which each draw has a \
     “drawNumber”, “drawDate”, “drawName”, “drawSize” and “drawCRS”. A single draw is accepted as well.";

/// Maximum number of draws in a file. The feed had 438 after eleven years.
const MAX_ROUNDS: usize = 5_000;

/// Parses the whole feed, a list of draws, or a single draw.
///
/// UTF-8, UTF-16 or Windows-1252, with or without a byte order mark.
pub fn parse(bytes: &[u8]) -> Result<Vec<FeedRound>, FeedError> {
    let text = decode_text_file(bytes).map_err(|error| FeedError(format!("{error} {EXPECTED_FORMAT}")))?;
    let whole: Value = serde_json::from_str(&text).map_err(|error| json_error(&text, &error))?;
    let rounds = find_rounds(whole)?;
    if rounds.len() > MAX_ROUNDS {
        return Err(FeedError(format!(
            "The file has {} draws; at most {MAX_ROUNDS} are accepted. {EXPECTED_FORMAT}",
            rounds.len()
        )));
    }
    let mut read: Vec<FeedRound> = vec![];
    let mut errors = vec![];
    for (index, round) in rounds.iter().enumerate() {
        match read_round(round, index + 1) {
            Ok(published) => match read.iter().find(|other| other.draw.round == published.draw.round) {
                None => read.push(published),
                Some(same) if *same == published => {}
                Some(_) => errors.push(format!("Draw {} appears twice with different figures.", published.draw.round)),
            },
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        return Ok(read);
    }
    let more = errors.len().saturating_sub(5);
    errors.truncate(5);
    if more > 0 {
        errors.push(format!("There are {more} more errors."));
    }
    Err(FeedError(format!("{} {EXPECTED_FORMAT}", errors.join(" "))))
}

fn json_error(text: &str, error: &serde_json::Error) -> FeedError {
    let first_line = text.trim_start().lines().next().unwrap_or_default();
    let is_json = first_line.starts_with(['{', '[']);
    let what = if error.is_eof() && is_json {
        "The file is cut off. Download it again."
    } else if !is_json && [',', ';', '\t'].iter().any(|mark| first_line.matches(*mark).count() > 1) {
        "This looks like a table (CSV), not JSON."
    } else {
        "This cannot be read as JSON."
    };
    FeedError(format!("{what} The error is: {error}. {EXPECTED_FORMAT}"))
}

fn find_rounds(whole: Value) -> Result<Vec<Map<String, Value>>, FeedError> {
    let list = match whole {
        Value::Object(mut object) if object.contains_key("rounds") => object.remove("rounds").unwrap_or_default(),
        Value::Object(object) if object.contains_key("drawNumber") => Value::Array(vec![Value::Object(object)]),
        Value::Array(list) => Value::Array(list),
        _ => return Err(FeedError(format!("This is JSON, but has no list named “rounds”. {EXPECTED_FORMAT}"))),
    };
    let Value::Array(list) = list else {
        return Err(FeedError(format!("“rounds” is not a list. {EXPECTED_FORMAT}")));
    };
    if list.is_empty() {
        return Err(FeedError(format!("The list “rounds” is empty. {EXPECTED_FORMAT}")));
    }
    let object = |(index, item): (usize, Value)| match item {
        Value::Object(object) => Ok(object),
        _ => Err(FeedError(format!("Item {} of the list is not a draw. {EXPECTED_FORMAT}", index + 1))),
    };
    list.into_iter().enumerate().map(object).collect()
}

fn read_round(fields: &Map<String, Value>, index: usize) -> Result<FeedRound, String> {
    let number = text_field(fields, "drawNumber");
    let Ok(round) = number.parse::<DrawNumber>() else {
        let number = quoted(&number);
        return Err(format!("Item {index} of the list has the drawNumber {number}, which is not a draw number."));
    };
    if let Some(error) = mojibake_error(fields) {
        return Err(format!("Draw {round}: {error}"));
    }
    let longest = [
        ("drawName", MAX_NAME_LEN),
        ("drawText2", MAX_PROGRAMS_LEN),
        ("drawDateTime", MAX_TIMESTAMP_LEN),
        ("drawCutOff", MAX_TIMESTAMP_LEN),
    ];
    if let Some((key, most)) = longest.into_iter().find(|(key, most)| text_field(fields, key).chars().count() > *most) {
        let length = with_thousands(i64::try_from(text_field(fields, key).chars().count()).unwrap_or(i64::MAX));
        return Err(format!("Draw {round}: {key} has {length} characters; it must have {most} or fewer."));
    }
    let field_error =
        |key: &str, what: &str| Err(format!("Draw {round}: {key} is {}, {what}.", quoted(&text_field(fields, key))));
    let mut warnings = vec![];
    let Some(date) = read_date(fields, &mut warnings) else {
        return field_error("drawDate", "which is not a date");
    };
    let Some(invitations) = parse_count(&text_field(fields, "drawSize")) else {
        return field_error("drawSize", "which is not a whole number");
    };
    let Some(crs) = parse_count(&text_field(fields, "drawCRS")) else {
        return field_error("drawCRS", "which is not a whole number");
    };
    let name = text_field(fields, "drawName");
    if name.is_empty() {
        return field_error("drawName", "but every draw has a name");
    }
    let (held_text, tie_text) = (text_field(fields, "drawDateTime"), text_field(fields, "drawCutOff"));
    let mut instant = |key: &str, typed: &str| {
        let read = parse_timestamp(typed, date);
        if read.is_none() && !typed.is_empty() {
            warnings.push(unreadable_warning(format!("{key} is “{typed}”, which is not a date and time.")));
        }
        read
    };
    // A time that is days away from the date is a mistake: only its text is kept.
    let held_at = instant("drawDateTime", &held_text).filter(|at| is_within_a_day(*at, date));
    let tie_break = instant("drawCutOff", &tie_text);
    let pool = read_pool(fields, date, &mut warnings);
    let is_empty = |key: &str| fields.get(key).is_some_and(Value::is_string) && text_field(fields, key).is_empty();
    let empty_fields = EmptyFields {
        held_at: is_empty("drawDateTime"),
        tie_break: is_empty("drawCutOff"),
        programs: is_empty("drawText2"),
        pool: (1..=BANDS.len()).all(|index| {
            let key = format!("dd{index}");
            is_empty(&key) || text_field(fields, &key) == "0"
        }),
    };
    let draw = Draw {
        round,
        date,
        date_published: None,
        held_at,
        held_at_published: held_text,
        name,
        name_fr: String::new(),
        category: None,
        programs: text_field(fields, "drawText2"),
        invitations_published: invitations,
        invitations_corrected: None,
        crs,
        tie_break,
        tie_break_published: tie_text,
        pool,
        source: String::new(),
        notes: String::new(),
    };
    Ok(FeedRound { draw, language: detect_language(fields), empty_fields, warnings })
}

fn detect_language(fields: &Map<String, Value>) -> Language {
    let addresses = format!("{} {}", text_field(fields, "drawNumberURL"), text_field(fields, "mitext"));
    let day = text_field(fields, "drawDateFull").to_lowercase();
    let has_french_month = day.split(' ').any(is_french_month);
    if addresses.contains("/fr/") || (has_french_month && !addresses.contains("/en/")) {
        Language::French
    } else {
        Language::English
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_message(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn error_names_the_expected_format_and_the_position() {
        let html = error_message("<!doctype html>\n<title>Not found</title>");
        assert!(html.starts_with("This is a web page (HTML)") && html.contains("“rounds”"), "{html}");
        let csv = error_message("round,date,crs\n252,2023-06-28,476");
        assert!(csv.starts_with("This looks like a table (CSV)") && csv.contains("line 1 column"), "{csv}");
        let cut_off = error_message("{\"rounds\": [\n{\"drawNumber\": \"1\",");
        assert!(cut_off.starts_with("The file is cut off") && cut_off.contains("line 2"), "{cut_off}");
        assert!(error_message("").starts_with("The file is empty."));
        assert!(error_message("{\"rounds\": [\n{\"drawNumber\": \"1\",,}]}").contains("line 2"));
        assert!(error_message("{\"a\": 1}").contains("has no list named “rounds”"));
        assert!(error_message("{\"rounds\": {}}").contains("not a list"));
        assert!(error_message("[]").contains("empty"));
        assert!(error_message("[3]").contains("Item 1 of the list is not a draw"));
        assert!(error_message("[{\"drawNumber\": \"x\"}]").contains("the drawNumber “x”"));
        let size = error_message(
            r#"{"drawNumber": "500", "drawDate": "2026-11-01", "drawName": "General", "drawSize": "many", "drawCRS": "500"}"#,
        );
        assert!(size.contains("Draw 500: drawSize is “many”"), "{size}");
        let many: Vec<Value> = (0..8).map(|_| serde_json::json!({"drawNumber": "0"})).collect();
        assert!(error_message(&Value::Array(many).to_string()).contains("There are 3 more"));
    }

    #[test]
    fn duplicate_rounds_must_be_identical() {
        let round = |crs| {
            format!(
                r#"{{"drawNumber": "500", "drawDate": "2026-11-01", "drawName": "General", "drawSize": "5,000", "drawCRS": "{crs}"}}"#
            )
        };
        assert_eq!(parse(format!("[{0},{0}]", round(500)).as_bytes()).unwrap().len(), 1);
        assert!(error_message(&format!("[{},{}]", round(500), round(501))).contains("Draw 500 appears twice"));
    }
}
