//! Phrases: patterns of words that the checks look for, from `data/fact_check/phrases.txt` and `promises.txt`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::fact_check::tokens::{Token, TokenKind};

/// Any word or number, or a comma: what may stand in a gap.
const ANY_WORD: &str = r" [^ .:;!?|/()–—-][^ ]* ";

static PHRASES: LazyLock<HashMap<&str, Regex>> = LazyLock::new(|| {
    let mut patterns: HashMap<&str, String> = HashMap::new();
    let files = [include_str!("../../data/fact_check/phrases.txt"), include_str!("../../data/fact_check/promises.txt")];
    for line in files.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#')) {
        let Some((name, phrases)) = line.split_once(": ") else { continue };
        for phrase in phrases.split(", ") {
            let phrase: String = phrase.split(' ').map(|element| pattern(element, &patterns)).collect();
            let all = patterns.entry(name).or_default();
            *all = if all.is_empty() { phrase } else { format!("{all}|{phrase}") };
        }
    }
    patterns.iter().map(|(name, pattern)| (*name, regex(pattern))).collect()
});

/// A regular expression of the program or its data files, which the tests check.
pub(super) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"))
}

/// Regular expression of an element of a phrase. The comment at the top of `phrases.txt` explains the elements.
fn pattern(element: &str, known: &HashMap<&str, String>) -> String {
    let group = |name: &str| known.get(name).unwrap_or_else(|| panic!("no phrase {name}")).clone();
    if let Some(gap) = element.strip_prefix("..") {
        return match gap.split_once('<') {
            Some((most, name)) => format!("(?:{}){{0,{most}}}", group(name.trim_end_matches('>'))),
            None => format!("(?:{ANY_WORD}){{0,{gap}}}?"),
        };
    }
    let word = |word: &str| match word.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
        Some(name) => group(name),
        None => format!(" {} ", regex::escape(word).replace(r"\*", "[^ ]*")),
    };
    match element {
        "^" | "$" => element.to_owned(),
        "N" => " [0-9]+ ".to_owned(),
        "|" => word(element),
        _ => format!("(?:{})", element.split('|').map(word).collect::<Vec<_>>().join("|")),
    }
}

/// The phrases of this name.
///
/// # Panics
/// If the data files have no such phrases: the tests use all of them.
pub(super) fn phrase(name: &str) -> &'static Regex {
    PHRASES.get(name).unwrap_or_else(|| panic!("no phrase {name}"))
}

/// A sentence as the phrases see it: each word, number and mark in small letters between two spaces.
pub(super) struct PlainText {
    text: String,
    /// Where each token begins, and the end.
    starts: Vec<usize>,
}

impl PlainText {
    pub fn of(tokens: &[Token]) -> Self {
        let (mut text, mut starts) = (String::new(), vec![0]);
        for token in tokens {
            text.push(' ');
            match &token.kind {
                TokenKind::Word(word) => text.push_str(word),
                TokenKind::Number(number) if number.value.is_some() => text.extend([&*number.digits, &*number.suffix]),
                TokenKind::Number(_) | TokenKind::Placeholder(_) => text.push('.'),
                TokenKind::Punctuation(mark) => text.push(*mark),
            }
            text.push(' ');
            starts.push(text.len());
        }
        Self { text, starts }
    }

    /// The text of these tokens, as far as they exist.
    pub fn part(&self, tokens: Range<usize>) -> &str {
        let place = |token: usize| self.starts[token.min(self.starts.len() - 1)];
        &self.text[place(tokens.start)..place(tokens.end)]
    }

    /// Whether it has one of the phrases of this name.
    pub fn has(&self, name: &str) -> bool {
        phrase(name).is_match(&self.text)
    }

    /// Tokens of each phrase of this name.
    pub fn find(&self, name: &str) -> impl Iterator<Item = Range<usize>> {
        let token = |place: usize| self.starts.partition_point(|start| *start < place);
        phrase(name).find_iter(&self.text).map(move |found| token(found.start())..token(found.end()))
    }
}
