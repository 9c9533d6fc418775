//! Word classes: which words and phrases of a sentence mean "invite", "score", "tie-break" and so on.
//!
//! The words are in `data/fact_check/words.txt`.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fact_check::tokens::{Token, TokenKind};
use crate::web::fold_accents;

/// Set of word classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Classes(u128);

impl Classes {
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What a phrase means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Class(Classes),
    /// Key of a draw category.
    Category(&'static str),
    Number(i64),
}

struct Phrase {
    meaning: Meaning,
    /// Whether the phrase is only the beginning of a word.
    is_prefix: bool,
}

/// The word classes of the data file.
pub(super) struct Words {
    names: Vec<&'static str>,
    entries: Vec<Phrase>,
    automaton: AhoCorasick,
}

/// The meanings of the tokens of a sentence.
#[derive(Default)]
pub(super) struct Meanings {
    /// For each token.
    pub classes: Vec<Classes>,
    /// Draw categories with the tokens that name them, in the order of the text.
    pub categories: Vec<(Range<usize>, &'static str)>,
    /// For each token, the number that it spells: the sum of its parts, as in "thirty-five".
    pub numbers: Vec<Option<i64>>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::parse(include_str!("../../data/fact_check/words.txt")));

/// The class with this name.
///
/// # Panics
/// If the data file has no such class: a test loads it.
pub(super) fn class(name: &str) -> Classes {
    let place = WORDS.names.iter().position(|known| *known == name);
    Classes(1 << place.unwrap_or_else(|| panic!("no word class {name}")))
}

impl Words {
    fn parse(file: &'static str) -> Self {
        let (mut names, mut entries, mut patterns): (Vec<&str>, Vec<Phrase>, Vec<String>) = (vec![], vec![], vec![]);
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, phrases)) = line.split_once(": ") else { continue };
            let meaning = match name.split_once(' ') {
                Some(("type", key)) => Meaning::Category(key),
                Some(("number", value)) => Meaning::Number(value.parse().unwrap_or_default()),
                _ => {
                    let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    });
                    Meaning::Class(Classes(1 << place))
                }
            };
            for phrase in phrases.split(',') {
                let phrase = phrase.trim();
                let is_prefix = phrase.ends_with('*');
                patterns.push(format!(" {}", plain(phrase.trim_end_matches('*'))));
                entries.push(Phrase { meaning, is_prefix });
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .unwrap_or_else(|error| panic!("{error}"));
        Self { names, entries, automaton }
    }
}

/// The meanings of these tokens.
pub(super) fn meanings(tokens: &[Token]) -> Meanings {
    let mut text = String::new();
    // For each word of the plain text: where it begins, and its token.
    let mut starts: Vec<(usize, usize)> = vec![];
    for (at, token) in tokens.iter().enumerate() {
        let TokenKind::Word(word) = &token.kind else {
            // Phrases do not run across numbers and marks.
            text.push_str(" \u{FFFC}");
            continue;
        };
        for part in plain(word).split(' ').filter(|part| !part.is_empty()) {
            starts.push((text.len(), at));
            text.push(' ');
            text.push_str(part);
        }
    }
    text.push(' ');
    let mut found = Meanings {
        classes: vec![Classes::default(); tokens.len()],
        categories: vec![],
        numbers: vec![None; tokens.len()],
    };
    let token_at = |place: usize| starts[starts.partition_point(|(start, _)| *start <= place) - 1].1;
    for matched in WORDS.automaton.find_overlapping_iter(&text) {
        let entry = &WORDS.entries[matched.pattern()];
        let is_whole = text.as_bytes().get(matched.end()).is_none_or(|next| *next == b' ');
        if !entry.is_prefix && !is_whole {
            continue;
        }
        let range = token_at(matched.start())..token_at(matched.end() - 1) + 1;
        match entry.meaning {
            Meaning::Class(class) => range.for_each(|at| found.classes[at].add(class)),
            Meaning::Category(key) => found.categories.push((range, key)),
            Meaning::Number(number) => {
                found.numbers[range.start] = Some(found.numbers[range.start].unwrap_or(0) + number)
            }
        }
    }
    let ignored = class("ignored");
    found.classes.iter_mut().filter(|classes| classes.has(ignored)).for_each(|classes| *classes = ignored);
    found.categories.sort_by_key(|(range, _)| range.start);
    found
}

/// Lower case without accents, with a space in place of hyphens and apostrophes.
fn plain(word: &str) -> String {
    let folded = if word.is_ascii() { word.to_lowercase() } else { fold_accents(word) };
    folded.replace(['-', '\'', '’'], " ").trim().to_owned()
}
