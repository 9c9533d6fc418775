//! Names of occupations next to a code, in English or French: official, shortened, misspelt or a synonym.
//!
//! Names are compared by their set of word stems, so that number, gender and order of the words do not matter.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use strsim::jaro_winkler;

use crate::fact_check::phrases::phrase;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::{Token, TokenKind};
use crate::web::{closest_term, normalized_name};

/// Codes of occupations that have the same name.
pub(super) type Codes = BTreeSet<String>;

/// Stems of the words of a name.
type Stems = BTreeSet<String>;

/// Name of an occupation in a sentence.
pub(super) struct Title {
    pub tokens: Range<usize>,
    pub codes: Codes,
}

type Owners = BTreeMap<String, NameKind>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameKind {
    Synonym,
    PartOfTitle,
    Title,
}

/// All names of occupations.
#[derive(Default)]
struct Names {
    /// For each set of stems, the occupations with that name, and what it is for them.
    owners: HashMap<Stems, Owners>,
    /// Number of names with each stem.
    stems: BTreeMap<String, i64>,
    /// Stems of all names of an occupation.
    of_code: HashMap<String, Stems>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    let mut read = |file: &str, code: usize, name: usize, kind: NameKind| {
        for row in csv::Reader::from_reader(file.as_bytes()).into_records().flatten() {
            names.add(&row[name], &row[code], kind);
        }
    };
    let titles = include_str!("../../data/noc2021.csv");
    read(titles, 0, 1, NameKind::Title);
    read(titles, 0, 2, NameKind::Title);
    read(include_str!("../../data/fact_check/short_titles.csv"), 1, 0, NameKind::PartOfTitle);
    read(include_str!("../../data/synonyms.csv"), 1, 0, NameKind::Synonym);
    read(include_str!("../../data/noc2016.csv"), 2, 1, NameKind::Synonym);
    names
});

/// The longest title, counted in tokens.
const MAX_TITLE_TOKENS: usize = 40;
/// The longest link between a title and its code, such as `: NOC 2021 code`.
const MAX_LINK_TOKENS: usize = 6;

impl Names {
    fn add(&mut self, name: &str, code: &str, kind: NameKind) {
        let mut add = |stems: Stems, kind: NameKind| {
            let known = self.owners.entry(stems).or_default().entry(code.to_owned()).or_insert(kind);
            *known = kind.max(*known);
        };
        let stems = stems(name);
        add(stems.clone(), kind);
        if kind == NameKind::Title {
            // "Electricians (except industrial and power system)" are also called by their first word.
            if let Some((short, _)) = name.split_once(" (") {
                add(self::stems(short), kind);
            }
            // Long titles are also known without one of their words.
            for left_out in stems.iter().filter(|_| stems.len() > 3) {
                let rest = stems.iter().filter(|stem| *stem != left_out).cloned();
                add(rest.collect(), NameKind::PartOfTitle);
            }
        }
        for stem in stems {
            *self.stems.entry(stem.clone()).or_default() += 1;
            self.of_code.entry(code.to_owned()).or_default().insert(stem);
        }
    }

    /// A known word as it is, a misspelt word as the known word that is closest to it.
    fn corrected(&self, word: &str) -> Option<String> {
        const MIN_LENGTH: usize = 6;
        if self.stems.contains_key(word) {
            return Some(word.to_owned());
        }
        // The first and the last letter are seldom wrong, and "bakery" is not a misspelt "baker".
        let (first, last) = (word.chars().next()?, word.chars().next_back()?);
        let similar = self.stems.range(first.to_string()..).take_while(|(stem, _)| stem.starts_with(first));
        let similar = similar.filter(|(stem, _)| stem.ends_with(last) && stem.len().abs_diff(word.len()) <= 2);
        (word.len() >= MIN_LENGTH)
            .then(|| closest_term(word, similar.map(|(stem, count)| (stem.clone(), *count))))
            .flatten()
    }

    /// Whether a name of other occupations may describe the occupation of a code: all of its words do if it is
    /// official, or else half of them. `accounting` is similar to `accountant`.
    fn may_describe(&self, typed: &Stems, code: &str, is_official: bool) -> bool {
        const MIN_SIMILARITY: f64 = 0.87;
        let Some(own) = self.of_code.get(code) else { return false };
        let is_own = |word: &&String| own.iter().any(|own| jaro_winkler(own, word) >= MIN_SIMILARITY);
        let shared = typed.iter().filter(is_own).count();
        if is_official { shared == typed.len() } else { 2 * shared >= typed.len() }
    }
}

/// Codes of the occupations with this official title.
pub(super) fn with_title(text: &str) -> Codes {
    NAMES.owners.get(&stems(text)).map(titled).unwrap_or_default()
}

fn titled(owners: &Owners) -> Codes {
    owners.iter().filter(|(_, kind)| **kind == NameKind::Title).map(|(code, _)| code.clone()).collect()
}

/// The name that ends directly before the code at a token: that of its occupation, or else the longest one.
pub(super) fn before(sentence: &Sentence, at: usize, code: &str) -> Option<Title> {
    let end = at - (0..at).rev().take(MAX_LINK_TOKENS).take_while(|at| links(sentence, *at)).count();
    let length = (0..end).rev().take(MAX_TITLE_TOKENS).take_while(|at| sentence.tokens[*at].number().is_none()).count();
    best(sentence, (end - length..end).filter(|first| begins_phrase(sentence, *first)).map(|first| first..end), code)
}

/// The name that begins directly after the code at a token: that of its occupation, or else the longest one.
pub(super) fn after(sentence: &Sentence, at: usize, code: &str) -> Option<Title> {
    // What follows a comma is the next entry of a list, unless the code is the first thing in it.
    let is_first = (0..at).all(|at| links(sentence, at));
    let stops = if is_first { ";.!?\u{FFFC}" } else { ",;.!?\u{FFFC}" };
    let following = &sentence.tokens[at + 1..];
    let marks = following.iter().take(MAX_LINK_TOKENS).take_while(|token| is_mark_except(token, stops)).count();
    let words = following[marks..].iter().take(MAX_TITLE_TOKENS).take_while(|token| token.number().is_none()).count();
    let start = at + 1 + marks;
    let ends = (start + 1..=start + words).rev().filter(|end| ends_phrase(sentence, *end));
    best(sentence, ends.map(|end| start..end), code)
}

/// Among these phrases, one that names the occupation of `code`, or else the first that names another.
fn best(sentence: &Sentence, phrases: impl Iterator<Item = Range<usize>>, code: &str) -> Option<Title> {
    let mut other = None;
    for tokens in phrases.filter(|tokens| !sentence.word(tokens.start).is_empty()) {
        let text = &sentence.block.text[sentence.span(tokens.start, tokens.end - 1)];
        if text.matches('(').count() != text.matches(')').count() {
            continue;
        }
        let typed = stems(text);
        let known: Option<Stems> = typed.iter().map(|word| NAMES.corrected(word)).collect();
        let Some((known, owners)) = known.and_then(|known| NAMES.owners.get_key_value(&known)) else { continue };
        if owners.contains_key(code) {
            return Some(Title { tokens, codes: Codes::from([code.to_owned()]) });
        }
        let mut codes = titled(owners);
        let is_certain = !codes.is_empty() && *known == typed;
        if !is_certain {
            codes = owners.keys().cloned().collect();
        }
        let is_official = owners.values().any(|kind| *kind != NameKind::Synonym);
        let is_other = || codes.len() == 1 && !NAMES.may_describe(&typed, code, is_official);
        if other.is_none() && (is_certain || is_other()) {
            other = Some(Title { tokens, codes });
        }
    }
    other
}

/// Whether a token may stand between a name and the code after it.
fn links(sentence: &Sentence, at: usize) -> bool {
    is_mark_except(&sentence.tokens[at], ";.)!?\u{FFFC}") || phrase("link").is_match(sentence.plain.part(at..at + 1))
}

/// Whether a name begins a phrase here: `pastry cooks` is not the name `cooks`.
fn begins_phrase(sentence: &Sentence, first: usize) -> bool {
    first == 0
        || separates(&sentence.tokens[first - 1])
        || phrase("title start").is_match(sentence.plain.part(first.saturating_sub(2)..first))
}

/// Whether a name ends a phrase here.
fn ends_phrase(sentence: &Sentence, end: usize) -> bool {
    sentence.tokens.get(end).is_none_or(separates) || phrase("title end").is_match(sentence.plain.part(end..end + 1))
}

/// Whether a token separates phrases.
fn separates(token: &Token) -> bool {
    is_mark_except(token, "-/&'’") || matches!(token.kind, TokenKind::Number(_) | TokenKind::Placeholder(_))
}

fn is_mark_except(token: &Token, others: &str) -> bool {
    matches!(token.kind, TokenKind::Punctuation(mark) if !others.contains(mark))
}

/// Stems of the words with a meaning, the same for singular and plural, masculine and feminine.
fn stems(text: &str) -> Stems {
    const FEMININE: [(&str, &str); 4] = [("trice", "teur"), ("euse", "eur"), ("enne", "en"), ("onne", "on")];
    let stem = |word: String| {
        let masculine = FEMININE.iter().find_map(|(end, other)| Some(format!("{}{other}", word.strip_suffix(end)?)));
        masculine.unwrap_or(word).trim_end_matches('e').to_owned()
    };
    normalized_name(text).into_iter().filter(|word| word.len() > 1).map(stem).collect()
}
