//! Tokenizer: splits text into words, numbers, marks and placeholders.

use std::ops::Range;

/// A word, a number or a mark, with its place in the block's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub range: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// In small letters, compounds in one, without `’s`.
    Word(String),
    Number(Number),
    Punctuation(char),
    /// What stands between `{{` and `}}`.
    Placeholder(String),
}

/// A number as typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Number {
    /// `None` where it has a fraction or is too large to be anything here.
    pub value: Option<i64>,
    /// The digits alone.
    pub digits: String,
    /// Whether its thousands are set apart.
    pub is_grouped: bool,
    /// Letters right behind it, in small: `nd`, `th`, `a`.
    pub suffix: String,
}

impl Token {
    /// The word; empty where it is none.
    pub fn word(&self) -> &str {
        if let TokenKind::Word(word) = &self.kind { word } else { "" }
    }

    pub fn number(&self) -> Option<&Number> {
        if let TokenKind::Number(number) = &self.kind { Some(number) } else { None }
    }

    pub fn is_punctuation(&self, mark: char) -> bool {
        self.kind == TokenKind::Punctuation(mark)
    }
}

impl Number {
    /// The number where it is plain: no letters behind it.
    pub fn plain(&self) -> Option<i64> {
        self.value.filter(|_| self.suffix.is_empty())
    }

    /// A number of four digits that reads as a year of our time.
    pub fn year(&self) -> Option<i16> {
        let year = self.plain().filter(|year| !self.is_grouped && (1990..=2050).contains(year))?;
        i16::try_from(year).ok()
    }
}

/// The tokens of a part of a text.
pub(super) fn tokenize(text: &str, range: Range<usize>, is_french: bool) -> Vec<Token> {
    let mut found = vec![];
    // Where no token can begin any more.
    let last_end = text[range.clone()].rfind("}}").map_or(0, |end| range.start + end);
    let mut at = range.start;
    while let Some(first) = text[at..range.end].chars().next() {
        let rest = &text[at..range.end];
        let (what, length) = if let Some((token, length)) = (at < last_end).then(|| placeholder(rest)).flatten() {
            (Some(TokenKind::Placeholder(token)), length)
        } else if first.is_ascii_digit() {
            let (number, length) = number(rest, is_french);
            (Some(TokenKind::Number(number)), length)
        } else if first.is_alphabetic() {
            let (word, length) = word(rest);
            (Some(TokenKind::Word(word)), length)
        } else {
            (Some(TokenKind::Punctuation(first)).filter(|_| !first.is_whitespace()), first.len_utf8())
        };
        if let Some(what) = what {
            found.push(Token { kind: what, range: at..at + length });
        }
        at += length;
    }
    found
}

fn placeholder(rest: &str) -> Option<(String, usize)> {
    let inside = rest.strip_prefix("{{")?;
    let end = inside.find("}}")?;
    Some((inside[..end].trim().to_lowercase(), end + 4))
}

/// French texts set thousands apart by a space: `1 750`.
fn number(rest: &str, is_french: bool) -> (Number, usize) {
    let run = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = run(0);
    let mut is_grouped = false;
    let mut has_fraction = false;
    if end <= 3 {
        let separators: &[&str] =
            if is_french { &[",", "\u{A0}", "\u{202F}", " "] } else { &[",", "\u{A0}", "\u{202F}"] };
        for separator in separators.iter().copied() {
            while rest[end..].starts_with(separator) && run(end + separator.len()) == 3 {
                end += separator.len() + 3;
                is_grouped = true;
            }
        }
    }
    if rest[end..].starts_with('.') && run(end + 1) > 0 {
        end += 1 + run(end + 1);
        has_fraction = true;
    }
    let digits: String = rest[..end].chars().filter(char::is_ascii_digit).collect();
    let suffix: String = rest[end..].chars().take_while(|c| c.is_alphabetic()).collect();
    let value = if has_fraction { None } else { digits.parse().ok() };
    let length = end + suffix.len();
    (Number { value, digits, is_grouped, suffix: suffix.to_lowercase() }, length)
}

fn word(rest: &str) -> (String, usize) {
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        // "l’invitation" is two words.
        if is_apostrophe(c) && is_elided(&rest[..at]) {
            end = at + c.len_utf8();
            break;
        }
        let joins = (is_apostrophe(c) || matches!(c, '-' | '\u{2010}' | '\u{2011}'))
            && rest[at + c.len_utf8()..].chars().next().is_some_and(char::is_alphabetic);
        if !(c.is_alphabetic() || joins) {
            break;
        }
        end = at + c.len_utf8();
    }
    let plain = rest[..end].to_lowercase().replace('’', "'").replace(['\u{2010}', '\u{2011}'], "-");
    (plain.strip_suffix("'s").unwrap_or(&plain).to_owned(), end)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Whether a word before an apostrophe is a French one without its vowel, as in `l’invitation`.
fn is_elided(before: &str) -> bool {
    let elided = ["l", "d", "qu", "n", "s", "j", "c", "m", "t", "jusqu", "lorsqu", "puisqu"];
    elided.iter().any(|word| before.eq_ignore_ascii_case(word))
}

#[cfg(test)]
#[path = "tests/tokens.rs"]
mod tests;
