//! Invisible characters: detection and removal from typed text.

use icu_properties::CodePointMapData;
use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};

/// Joins letters and the parts of an emoji.
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Separates letters in compound words of Persian and Urdu.
const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';

/// Removes invisible characters, including joiners, from an e-mail address.
///
/// White space inside becomes a plain space, so that a mistyped address does not turn into another valid one.
pub fn visible_only(typed: &str) -> String {
    let spaced = typed.chars().map(|c| if is_blank(c) { ' ' } else { c });
    spaced.filter(|c| !is_invisible(*c)).collect::<String>().trim().to_owned()
}

/// Removes invisible characters except joiners inside a non-ASCII word.
///
/// Converts white space to plain spaces and trims the result.
pub fn without_invisible(typed: &str) -> String {
    let spaced = typed.chars().map(|c| if is_blank(c) { ' ' } else { c });
    let kept: Vec<char> = spaced.filter(|c| is_joiner(*c) || !is_invisible(*c)).collect();
    let is_joined = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_joiner(c));
    let mut clean = String::with_capacity(typed.len());
    for (place, c) in kept.iter().enumerate() {
        let next = || kept[place..].iter().copied().find(|c| !is_joiner(*c));
        if !is_joiner(*c) || (is_joined(clean.chars().next_back()) && is_joined(next())) {
            clean.push(*c);
        }
    }
    clean.trim().to_owned()
}

/// Whether `typed` contains a visible character. Combining marks alone do not count.
pub fn has_visible(typed: &str) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new();
    typed.chars().any(|c| {
        let is_mark = matches!(
            category.get(c),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark | GeneralCategory::SpacingMark
        );
        !is_blank(c) && !is_invisible(c) && !is_mark
    })
}

/// Whether a character is a line break in Unicode, or one of the ASCII separators that programs use as line breaks.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a character must not be in any text: controls, noncharacters, and direction overrides.
pub fn is_disallowed_char(c: char) -> bool {
    c.is_control()
        // The last two code points of each plane are noncharacters. XML forbids them.
        || (u32::from(c) & 0xFFFE) == 0xFFFE
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether a character is invisible: default-ignorable in Unicode, such as direction marks and fillers.
fn is_invisible(c: char) -> bool {
    is_disallowed_char(c)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        // Interlinear annotation anchors.
        || matches!(c, '\u{FFF9}'..='\u{FFFB}')
}

/// Whether a character is white space, an ASCII separator, or the blank Braille pattern.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_line_break(c) || c == '\u{1f}' || c == '\u{2800}'
}

fn is_joiner(c: char) -> bool {
    matches!(c, ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters from reports of broken forms.
    const INVISIBLE: [char; 24] = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2063}',
        '\u{2066}',
        '\u{2069}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{e0001}',
    ];

    #[test]
    fn invisible_characters_are_removed() {
        for c in INVISIBLE {
            for typed in
                [format!("{c}Ali Khan"), format!("Ali{c} Khan"), format!("Ali Khan{c}"), format!("A{c}li Khan")]
            {
                assert_eq!(without_invisible(&typed), "Ali Khan", "U+{:04X}", u32::from(c));
            }
            assert_eq!(
                visible_only(&format!(" {c}ali@{c}example.com{c} ")),
                "ali@example.com",
                "U+{:04X}",
                u32::from(c)
            );
            assert!(!has_visible(&format!(" {c}{c}\u{2800}\u{301} ")), "U+{:04X}", u32::from(c));
        }
        assert!(has_visible("\u{200b}علی") && has_visible("e\u{301}"));
    }

    #[test]
    fn joiners_stay_only_inside_words_and_emoji() {
        for (typed, kept) in [
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("\u{200c}علی\u{200d} رضا\u{200c}", "علی رضا"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("👩\u{200d}⚕\u{fe0f}", "👩\u{200d}⚕"),
            ("می\u{200c}\u{200b}\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(without_invisible(typed), kept);
            assert_eq!(without_invisible(kept), kept);
        }
    }
}
