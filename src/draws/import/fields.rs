//! Fields of one draw in the feed: texts, dates, numbers and the pool.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::draws::Pool;
use crate::draws::pool::BANDS;
use crate::draws::validation::{Rule, Warning, pool_after_draw};
use crate::web::{DisplayDate, find_mojibake, parse_date, single_line};

/// Date of a draw, which the file contains twice: `2026-08-07` and `August 7, 2026`.
pub fn read_date(fields: &Map<String, Value>, warnings: &mut Vec<Warning>) -> Option<Date> {
    let (typed, full) = (text_field(fields, "drawDate"), text_field(fields, "drawDateFull"));
    let unread =
        |key: &str, typed: &str| unreadable_warning(format!("{key} is {}, which is not a date.", quoted(typed)));
    match (parse_date(&typed), parse_date(&full)) {
        (Some(day), Some(other)) if day != other => {
            let (day_text, other_text) = (DisplayDate::from(day).text, DisplayDate::from(other).text);
            let sentence = format!("drawDate is {day_text}, but drawDateFull is {other_text}. {day_text} is used.");
            warnings.push(Warning { rule: Rule::DatesDiffer, sentence });
            Some(day)
        }
        (Some(day), None) => {
            warnings.extend((!full.is_empty()).then(|| unread("drawDateFull", &full)));
            Some(day)
        }
        (None, Some(day)) => {
            warnings.extend((!typed.is_empty()).then(|| unread("drawDate", &typed)));
            Some(day)
        }
        (day, _) => day,
    }
}

/// Error for a value whose characters were lost or encoded twice.
pub fn mojibake_error(fields: &Map<String, Value>) -> Option<String> {
    let texts = fields.iter().filter_map(|(key, value)| value.as_str().map(|typed| (key, typed)));
    texts.filter(|(_, typed)| !typed.is_ascii()).find_map(|(key, typed)| {
        let signs = find_mojibake(typed)?;
        let what = if signs.intended.is_empty() {
            "contains characters that were lost when the file was saved".to_owned()
        } else {
            format!("was encoded twice: it contains “{}” instead of “{}”", signs.found, signs.intended)
        };
        Some(format!("{key} {what}. Download the file again, and do not open and save it."))
    })
}

/// Quotes a value and truncates it if it is long.
pub fn quoted(typed: &str) -> String {
    const MAX_CHARS: usize = 100;
    let shown: String = typed.chars().take(MAX_CHARS).collect();
    let more = if typed.chars().count() > MAX_CHARS { "…" } else { "" };
    format!("“{shown}{more}”")
}

pub fn unreadable_warning(sentence: String) -> Warning {
    Warning { rule: Rule::Unreadable, sentence }
}

/// Parses the pool. All zeros mean that no count was published.
pub fn read_pool(fields: &Map<String, Value>, draw_date: Date, warnings: &mut Vec<Warning>) -> Option<Pool> {
    let mut counts = [0; 18];
    for (index, (into, band)) in counts.iter_mut().zip(BANDS).enumerate() {
        let key = format!("dd{}", index + 1);
        let typed = text_field(fields, &key);
        match parse_count(&typed) {
            Some(read) => *into = read,
            None if typed.is_empty() => {}
            None => {
                let typed = quoted(&typed);
                warnings.push(unreadable_warning(format!(
                    "{key} (pool, {}) is {typed}, which is not a whole number.",
                    band.label
                )));
            }
        }
    }
    let typed = text_field(fields, "drawDistributionAsOn");
    let as_of = parse_date(&typed);
    if counts.iter().all(|count| *count == 0) {
        // Such a pool is not stored, so that its date must be checked here.
        if let Some(as_of) = as_of.filter(|as_of| *as_of > draw_date) {
            warnings.push(pool_after_draw(as_of, draw_date));
        }
        return None;
    }
    if as_of.is_none() {
        let typed = quoted(&typed);
        warnings.push(unreadable_warning(format!(
            "drawDistributionAsOn is {typed}, which is not a date. The date of the draw is used instead."
        )));
    }
    Some(Pool { as_of: as_of.unwrap_or(draw_date), counts })
}

/// Value of a field as one line with single spaces. Copies made by other programs may contain JSON numbers.
pub fn text_field(fields: &Map<String, Value>, key: &str) -> String {
    let typed = match fields.get(key) {
        Some(Value::String(typed)) => typed.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    single_line(&typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Parses `5,000`, `5 000` or `5000`. If there are thousands separators, all of them must be present and equal:
/// `1,50` is an error.
pub fn parse_count(typed: &str) -> Option<i64> {
    let mark = typed.chars().find(|c| matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}'));
    let groups: Vec<&str> = mark.map_or_else(|| vec![typed], |mark| typed.split(mark).collect());
    let (first, rest) = groups.split_first()?;
    let is_parted = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    let digits = groups.concat();
    let is_plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let is_whole = digits == "0" || !digits.starts_with('0');
    if is_parted && is_plain && is_whole { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_separators_of_both_languages_are_accepted() {
        for (typed, number) in
            [("5,000", 5000), ("20 784", 20784), ("20\u{a0}784", 20784), ("20\u{202f}784", 20784), ("0", 0)]
        {
            assert_eq!(parse_count(typed), Some(number), "{typed}");
        }
        for bad in ["", "5.000", "-5", "5k", "12345678901"] {
            assert_eq!(parse_count(bad), None, "{bad}");
        }
    }

    #[test]
    fn malformed_numbers_are_rejected() {
        for slip in ["1,50", "47,6", ",500", "5,", "1,,500", "1,2345", "20 784,000", "1500,000", "0,500", "007"] {
            assert_eq!(parse_count(slip), None, "{slip}");
        }
    }
}
