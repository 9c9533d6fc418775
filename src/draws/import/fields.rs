//! The fields of one draw in the government's file: texts, dates, numbers and the pool.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::draws::Pool;
use crate::draws::check::{Doubt, Rule, pool_after_round};
use crate::draws::import::written::day_in;
use crate::draws::pool::BANDS;
use crate::web::{Day, garbled, single_line};

/// The day of a draw, which the file gives twice: `2026-08-07` and `August 7, 2026`.
pub fn read_date(fields: &Map<String, Value>, odd: &mut Vec<Doubt>) -> Option<Date> {
    let (typed, full) = (text(fields, "drawDate"), text(fields, "drawDateFull"));
    let unread = |key: &str, typed: &str| unreadable(format!("{key} is {}, which is not a day.", quoted(typed)));
    match (day_in(&typed), day_in(&full)) {
        (Some(day), Some(other)) if day != other => {
            let (day_text, other_text) = (Day::from(day).text, Day::from(other).text);
            let sentence = format!("drawDate is {day_text}, but drawDateFull is {other_text}. {day_text} is used.");
            odd.push(Doubt { rule: Rule::DatesDiffer, sentence });
            Some(day)
        }
        (Some(day), None) => {
            odd.extend((!full.is_empty()).then(|| unread("drawDateFull", &full)));
            Some(day)
        }
        (None, Some(day)) => {
            odd.extend((!typed.is_empty()).then(|| unread("drawDate", &typed)));
            Some(day)
        }
        (day, _) => day,
    }
}

/// What is wrong with the characters of a value, where they were lost or encoded twice.
pub fn garbled_in(fields: &Map<String, Value>) -> Option<String> {
    let texts = fields.iter().filter_map(|(key, value)| value.as_str().map(|typed| (key, typed)));
    texts.filter(|(_, typed)| !typed.is_ascii()).find_map(|(key, typed)| {
        let signs = garbled(typed)?;
        let what = if signs.meant.is_empty() {
            "holds characters that were lost when the file was saved".to_owned()
        } else {
            format!("was encoded twice: it holds “{}” where “{}” is meant", signs.found, signs.meant)
        };
        Some(format!("{key} {what}. Download the file again without opening and saving it."))
    })
}

/// A value between quotation marks, shortened where it is long.
pub fn quoted(typed: &str) -> String {
    const MOST: usize = 100;
    let shown: String = typed.chars().take(MOST).collect();
    let more = if typed.chars().count() > MOST { "…" } else { "" };
    format!("“{shown}{more}”")
}

pub fn unreadable(sentence: String) -> Doubt {
    Doubt { rule: Rule::Unreadable, sentence }
}

/// All zeros stand for a count that was not published.
pub fn read_pool(fields: &Map<String, Value>, round_day: Date, odd: &mut Vec<Doubt>) -> Option<Pool> {
    let mut counts = [0; 18];
    for (place, (into, band)) in counts.iter_mut().zip(BANDS).enumerate() {
        let key = format!("dd{}", place + 1);
        let typed = text(fields, &key);
        match count(&typed) {
            Some(read) => *into = read,
            None if typed.is_empty() => {}
            None => {
                let typed = quoted(&typed);
                odd.push(unreadable(format!("{key} (the pool’s {}) is {typed}, not a number.", band.label)));
            }
        }
    }
    let typed = text(fields, "drawDistributionAsOn");
    let as_of = day_in(&typed);
    if counts.iter().all(|count| *count == 0) {
        // Nothing is kept of such a pool, so that its date can only be doubted here.
        if let Some(as_of) = as_of.filter(|as_of| *as_of > round_day) {
            odd.push(pool_after_round(as_of, round_day));
        }
        return None;
    }
    if as_of.is_none() {
        let typed = quoted(&typed);
        odd.push(unreadable(format!(
            "drawDistributionAsOn is {typed}, which is not a day; the day of the draw would be used instead."
        )));
    }
    Some(Pool { as_of: as_of.unwrap_or(round_day), counts })
}

/// A value as a text on one line with single spaces. Copies of the feed that were written by other programs may hold numbers.
pub fn text(fields: &Map<String, Value>, key: &str) -> String {
    let typed = match fields.get(key) {
        Some(Value::String(typed)) => typed.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    single_line(&typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `5,000`, `5 000` or `5000`; `None` for anything else. Where thousands are parted, all of them are, in the same way:
/// `1,50` is a slip, and nobody knows of what.
pub fn count(typed: &str) -> Option<i64> {
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
    fn thousands_are_grouped_in_both_languages() {
        for (typed, number) in
            [("5,000", 5000), ("20 784", 20784), ("20\u{a0}784", 20784), ("20\u{202f}784", 20784), ("0", 0)]
        {
            assert_eq!(count(typed), Some(number), "{typed}");
        }
        for bad in ["", "5.000", "-5", "5k", "12345678901"] {
            assert_eq!(count(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_slip_among_the_digits_is_refused_and_never_read_as_another_number() {
        for slip in ["1,50", "47,6", ",500", "5,", "1,,500", "1,2345", "20 784,000", "1500,000", "0,500", "007"] {
            assert_eq!(count(slip), None, "{slip}");
        }
    }
}
