//! Splits the text of a phone field into groups of digits.

use crate::web::ascii_digit;

/// Digits without anything between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitGroup {
    pub digits: String,
    pub has_plus: bool,
    /// Whether it follows a slash, comma or similar, which may separate two numbers.
    pub follows_separator: bool,
}

/// Runs of digit groups. Words and characters that no phone number contains end a run.
pub fn digit_runs(text: &str) -> Vec<Vec<DigitGroup>> {
    let mut runs = vec![vec![]];
    let empty = DigitGroup { digits: String::new(), has_plus: false, follows_separator: false };
    let mut group = empty.clone();
    for c in text.chars().chain([' ']) {
        if let Some(digit) = ascii_digit(c) {
            group.digits.push(digit);
            continue;
        }
        if !group.digits.is_empty()
            && let Some(run) = runs.last_mut()
        {
            run.push(std::mem::replace(&mut group, empty.clone()));
        }
        match c {
            '+' | '＋' | '﹢' => group.has_plus = true,
            // These do not reset `has_plus`: a bracket may follow the plus.
            '-'
            | ' '
            | '('
            | ')'
            | '['
            | ']'
            | '.'
            | '·'
            | '\t'
            | '\u{a0}'
            | '\u{ad}'
            | '\u{2009}'
            | '\u{202f}'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '（'
            | '）'
            | '－'
            | '\u{3000}' => {}
            '/' | ',' | ';' | '|' | '\\' | '&' | '\n' | '،' | '؛' | '／' | '，' => group.follows_separator = true,
            _ => {
                runs.push(vec![]);
                group = empty.clone();
            }
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// All digits of a text, as ASCII.
pub fn digits(text: &str) -> String {
    text.chars().filter_map(ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_separate_numbers_and_punctuation_does_not() {
        let shown = |text: &str| {
            let group = |group: &DigitGroup| {
                format!(
                    "{}{}{}",
                    if group.follows_separator { "/" } else { "" },
                    if group.has_plus { "+" } else { "" },
                    group.digits
                )
            };
            let run = |run: &Vec<DigitGroup>| run.iter().map(group).collect::<Vec<_>>().join(" ");
            digit_runs(text).iter().map(run).collect::<Vec<_>>().join(" | ")
        };
        for (text, groups) in [
            ("0300 1234567 call after 6pm", "0300 1234567 | 6"),
            ("+92 (0)300-123.45.67", "+92 0 300 123 45 67"),
            ("(+971) 50 123 4567", "+971 50 123 4567"),
            ("0300 1234567 / 0321 7654321", "0300 1234567 /0321 7654321"),
            ("۰۳۰۰ ۱۲۳۴۵۶۷", "0300 1234567"),
            ("०३०० １２３４５６７", "0300 1234567"),
            ("ask my brother", ""),
        ] {
            assert_eq!(shown(text), groups, "{text}");
        }
    }
}
