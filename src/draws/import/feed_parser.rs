//! The government's file of draws, read as it is published: in English or French, in any usual encoding, with every
//! value a text that was typed by hand.

use serde_json::{Map, Value};

use crate::draws::draw::{MAX_NAME_LEN, MAX_PROGRAMS_LEN, MAX_TIMESTAMP_LEN};
use crate::draws::import::date_parser::parse_timestamp;
use crate::draws::import::fields::{
    mojibake_error, parse_count, quoted, read_date, read_pool, text_field, unreadable_warning,
};
use crate::draws::pool::BANDS;
use crate::draws::validation::{Warning, is_within_a_day};
use crate::draws::{Draw, DrawNumber};
use crate::web::{decode_text_file, with_thousands};

/// In which language a round was published. Figures are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The feed at `…_en.json`.
    English,
    /// The feed at `…_fr.json`.
    French,
}

/// A round as a file of the feed has it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedRound {
    /// The record it would make, with the name and the programs in the file's language. Category, true figures,
    /// source and notes are ours, and empty here.
    pub draw: Draw,
    /// The language of the name and the programs.
    pub language: Language,
    /// What the file has and leaves empty.
    pub empty_fields: EmptyFields,
    /// What is odd in the file itself and cannot be seen from the record any more.
    pub warnings: Vec<Warning>,
}

/// The fields that a file has for a draw and leaves empty: what was published in them was withdrawn. A copy made by another
/// program may lack a field altogether, which says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmptyFields {
    /// `drawDateTime`
    pub held_at: bool,
    /// `drawCutOff`
    pub tie_break: bool,
    /// `drawText2`
    pub programs: bool,
    /// `dd1` to `dd18`: each is empty or 0.
    pub pool: bool,
}

/// Why a file is not the feed: what was expected, and where it broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FeedError(String);

/// What a file of the feed looks like, for whoever handed in another.
const EXPECTED_FORMAT: &str = "The government’s file of rounds is JSON: an object with a list named “rounds”, in which every round has a \
     “drawNumber”, a “drawDate”, a “drawName”, a “drawSize” and a “drawCRS”. One such round alone can be read too.";

/// More rounds than this are not the feed: it held 438 after eleven years.
const MAX_ROUNDS: usize = 5_000;

/// Reads the whole feed, a list of rounds, or one round.
///
/// UTF-8, UTF-16 or Windows-1252, with or without a byte order mark.
pub fn parse(bytes: &[u8]) -> Result<Vec<FeedRound>, FeedError> {
    let text = decode_text_file(bytes).map_err(|error| FeedError(format!("{error} {EXPECTED_FORMAT}")))?;
    let whole: Value = serde_json::from_str(&text).map_err(|error| json_error(&text, &error))?;
    let rounds = find_rounds(whole)?;
    if rounds.len() > MAX_ROUNDS {
        return Err(FeedError(format!(
            "It holds {} rounds, more than were ever held. {EXPECTED_FORMAT}",
            rounds.len()
        )));
    }
    let mut read: Vec<FeedRound> = vec![];
    let mut faults = vec![];
    for (place, round) in rounds.iter().enumerate() {
        match read_round(round, place + 1) {
            Ok(published) => match read.iter().find(|other| other.draw.round == published.draw.round) {
                None => read.push(published),
                Some(twin) if *twin == published => {}
                Some(_) => {
                    faults.push(format!("Draw {} stands in it twice, with different figures.", published.draw.round))
                }
            },
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        return Ok(read);
    }
    let more = faults.len().saturating_sub(5);
    faults.truncate(5);
    if more > 0 {
        faults.push(format!("And {more} more like these."));
    }
    Err(FeedError(format!("{} {EXPECTED_FORMAT}", faults.join(" "))))
}

/// The error names the line and the column.
fn json_error(text: &str, error: &serde_json::Error) -> FeedError {
    let first_line = text.trim_start().lines().next().unwrap_or_default();
    let is_json = first_line.starts_with(['{', '[']);
    let what = if error.is_eof() && is_json {
        "The file is cut off: it ends in the middle. Download it again."
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
        _ => return Err(FeedError(format!("This is JSON, but holds no “rounds”. {EXPECTED_FORMAT}"))),
    };
    let Value::Array(list) = list else {
        return Err(FeedError(format!("Its “rounds” are not a list. {EXPECTED_FORMAT}")));
    };
    if list.is_empty() {
        return Err(FeedError(format!("Its list of rounds is empty. {EXPECTED_FORMAT}")));
    }
    let object = |(place, item): (usize, Value)| match item {
        Value::Object(object) => Ok(object),
        _ => Err(FeedError(format!("Item {} of its list is not a round. {EXPECTED_FORMAT}", place + 1))),
    };
    list.into_iter().enumerate().map(object).collect()
}

fn read_round(fields: &Map<String, Value>, place: usize) -> Result<FeedRound, String> {
    let number = text_field(fields, "drawNumber");
    let Ok(round) = number.parse::<DrawNumber>() else {
        let number = quoted(&number);
        return Err(format!(
            "Item {place} of its list has the drawNumber {number}, which is not the number of a round."
        ));
    };
    if let Some(fault) = mojibake_error(fields) {
        return Err(format!("Draw {round}: {fault}"));
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
    let fault =
        |key: &str, what: &str| Err(format!("Draw {round}: {key} is {}, {what}.", quoted(&text_field(fields, key))));
    let mut warnings = vec![];
    let Some(date) = read_date(fields, &mut warnings) else {
        return fault("drawDate", "which is not a day");
    };
    let Some(invitations) = parse_count(&text_field(fields, "drawSize")) else {
        return fault("drawSize", "which is not a whole number");
    };
    let Some(crs) = parse_count(&text_field(fields, "drawCRS")) else {
        return fault("drawCRS", "which is not a whole number");
    };
    let name = text_field(fields, "drawName");
    if name.is_empty() {
        return fault("drawName", "but every round has a name");
    }
    let (held_text, tie_text) = (text_field(fields, "drawDateTime"), text_field(fields, "drawCutOff"));
    let mut instant = |key: &str, typed: &str| {
        let read = parse_timestamp(typed, date);
        if read.is_none() && !typed.is_empty() {
            warnings.push(unreadable_warning(format!("{key} is “{typed}”, which cannot be read as an instant.")));
        }
        read
    };
    // What is days away from the round's own day is a slip: its text is kept, but not taken for an instant.
    let held_at = instant("drawDateTime", &held_text).filter(|at| is_within_a_day(*at, date));
    let tie_break = instant("drawCutOff", &tie_text);
    let pool = read_pool(fields, date, &mut warnings);
    let is_emptied = |key: &str| fields.get(key).is_some_and(Value::is_string) && text_field(fields, key).is_empty();
    let emptied = EmptyFields {
        held_at: is_emptied("drawDateTime"),
        tie_break: is_emptied("drawCutOff"),
        programs: is_emptied("drawText2"),
        pool: (1..=BANDS.len()).all(|place| {
            let key = format!("dd{place}");
            is_emptied(&key) || text_field(fields, &key) == "0"
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
    Ok(FeedRound { draw, language: detect_language(fields), empty_fields: emptied, warnings })
}

fn detect_language(fields: &Map<String, Value>) -> Language {
    const FRENCH_MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let addresses = format!("{} {}", text_field(fields, "drawNumberURL"), text_field(fields, "mitext"));
    let day = text_field(fields, "drawDateFull").to_lowercase();
    let has_french_month = day.split(' ').any(|word| FRENCH_MONTHS.contains(&word));
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
        assert!(error_message("{\"a\": 1}").contains("holds no “rounds”"));
        assert!(error_message("{\"rounds\": {}}").contains("not a list"));
        assert!(error_message("[]").contains("empty"));
        assert!(error_message("[3]").contains("Item 1 of its list is not a round"));
        assert!(error_message("[{\"drawNumber\": \"x\"}]").contains("the drawNumber “x”"));
        let size = error_message(
            r#"{"drawNumber": "500", "drawDate": "2026-11-01", "drawName": "General", "drawSize": "many", "drawCRS": "500"}"#,
        );
        assert!(size.contains("Draw 500: drawSize is “many”"), "{size}");
        let many: Vec<Value> = (0..8).map(|_| serde_json::json!({"drawNumber": "0"})).collect();
        assert!(error_message(&Value::Array(many).to_string()).contains("And 3 more"));
    }

    #[test]
    fn duplicate_rounds_must_be_identical() {
        let round = |crs| {
            format!(
                r#"{{"drawNumber": "500", "drawDate": "2026-11-01", "drawName": "General", "drawSize": "5,000", "drawCRS": "{crs}"}}"#
            )
        };
        assert_eq!(parse(format!("[{0},{0}]", round(500)).as_bytes()).unwrap().len(), 1);
        assert!(error_message(&format!("[{},{}]", round(500), round(501))).contains("Draw 500 stands in it twice"));
    }
}
