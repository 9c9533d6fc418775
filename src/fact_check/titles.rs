//! Occupation titles next to a code, in English or French: official, shortened, misspelt or a synonym.
//!
//! Titles are compared by their set of word stems, so that number, gender and order of the words do not matter.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use strsim::osa_distance;

use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::{Token, TokenKind};
use crate::fact_check::word_groups::WORDS;
use crate::noc::Occupation;
use crate::web::{folded_words, is_stop_word, singular};

/// All titles and codes.
pub(super) struct Titles<'r> {
    occupations: &'r [Occupation],
    index: Arc<Index>,
    /// Corrections of unknown words.
    corrections: RefCell<HashMap<String, Option<String>>>,
}

/// Places of occupations by the keys of their titles.
#[derive(Default)]
struct Index {
    whole: HashMap<String, BTreeSet<usize>>,
    /// Parts that are used alone, such as “Dietitians”.
    parts: HashMap<String, BTreeSet<usize>>,
    /// Stems of all titles, and how often each occurs.
    stems: HashMap<String, usize>,
}

/// The last index and its occupations, because each check would need the same one.
static LAST_INDEX: Mutex<Option<(Vec<Occupation>, Arc<Index>)>> = Mutex::new(None);

/// Title in a sentence and the occupations it belongs to.
pub(super) struct Title<'r> {
    pub tokens: Range<usize>,
    pub owners: Vec<&'r Occupation>,
}

/// Common names and former titles of occupations.
#[derive(Default)]
struct Synonyms {
    known: HashSet<String>,
    codes: HashMap<String, BTreeSet<&'static str>>,
    stems: HashMap<&'static str, BTreeSet<String>>,
}

static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(|| {
    let mut synonyms = Synonyms::default();
    let files = [include_str!("../../data/synonyms.csv"), include_str!("../../data/noc2016.csv")];
    for (name, code) in files.iter().flat_map(|file| file.lines().skip(1)).filter_map(|line| line.rsplit_once(',')) {
        // Rows of the second file begin with the old code.
        let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
        synonyms.codes.entry(key(&stems(name).collect::<Vec<_>>())).or_default().insert(code);
        synonyms.known.extend(stems(name));
        synonyms.stems.entry(code).or_default().extend(stems(name));
    }
    synonyms
});

/// The longest title, counted in tokens.
const MAX_TITLE_TOKENS: usize = 40;
/// Unknown words that are compared with all known ones. The limit keeps the check linear.
const MAX_CORRECTIONS: usize = 2_000;

impl Index {
    fn of(occupations: &[Occupation]) -> Self {
        let numbered = || occupations.iter().enumerate();
        let titles =
            || numbered().flat_map(|(place, one)| [(place, &one.title_en, false), (place, &one.title_fr, true)]);
        let mut index = Self::default();
        for (place, title, _) in titles() {
            let stems_of_title: Vec<String> = stems(title).collect();
            index.whole.entry(key(&stems_of_title)).or_default().insert(place);
            // "Electricians (except industrial and power system)" are also called by their first word.
            if let Some((short, _)) = title.split_once(" (") {
                index.whole.entry(key(&stems(short).collect::<Vec<_>>())).or_default().insert(place);
            }
            // Long titles are also known without one of their words.
            let distinct = Vec::from_iter(stems_of_title.iter().cloned().collect::<BTreeSet<_>>());
            for left_out in (0..distinct.len()).filter(|_| distinct.len() > 3) {
                let rest = [&distinct[..left_out], &distinct[left_out + 1..]].concat();
                index.parts.entry(key(&rest)).or_default().insert(place);
            }
            for stem in stems_of_title {
                *index.stems.entry(stem).or_default() += 1;
            }
        }
        for (place, title, is_french) in titles() {
            for part in parts_of(title, is_french) {
                // A word that stands in several titles, such as "managers", says too little.
                let words: Vec<String> = stems(part).collect();
                if !matches!(&words[..], [word] if word.len() < 5 || index.stems[word] > 2) {
                    index.parts.entry(key(&words)).or_default().insert(place);
                }
            }
        }
        index
    }
}

impl<'r> Titles<'r> {
    pub fn of(occupations: &'r [Occupation]) -> Self {
        let mut last = LAST_INDEX.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(known, _)| known != occupations) {
            *last = None;
        }
        let (_, index) = last.get_or_insert_with(|| (occupations.to_vec(), Arc::new(Index::of(occupations))));
        let index = index.clone();
        Self { occupations, index, corrections: RefCell::default() }
    }

    /// The occupation of a code.
    pub fn with_code(&self, code: &str) -> Option<&'r Occupation> {
        let place = self.occupations.binary_search_by(|occupation| occupation.noc.as_str().cmp(code)).ok()?;
        self.occupations.get(place)
    }

    /// The occupations whose whole title this text is.
    pub fn owners(&self, text: &str) -> Vec<&'r Occupation> {
        self.at(self.index.whole.get(&key(&stems(text).collect::<Vec<_>>())))
    }

    fn at(&self, places: Option<&BTreeSet<usize>>) -> Vec<&'r Occupation> {
        places.into_iter().flatten().filter_map(|place| self.occupations.get(*place)).collect()
    }

    /// The title that ends directly before the code at a token: that of the code, or else the longest one.
    pub fn before(&self, sentence: &Sentence, at: usize, code: &str) -> Option<Title<'r>> {
        let mut end = at;
        while end > 0 && at - end < 6 && is_link_before(&sentence.tokens[end - 1]) {
            end -= 1;
        }
        let stop = end.saturating_sub(MAX_TITLE_TOKENS);
        let start = (stop..end).rev().take_while(|at| may_be_in_title(&sentence.tokens[*at])).last()?;
        let firsts = (start..end).filter(|first| self.begins_phrase(sentence, *first));
        self.best(sentence, start..end, firsts.map(|first| first..end), code)
    }

    /// The title that begins directly after the code at a token: that of the code, or else the longest one.
    pub fn after(&self, sentence: &Sentence, at: usize, code: &str) -> Option<Title<'r>> {
        // What follows a comma is the next entry of a list, unless the code is the first thing in it.
        let is_first = sentence.tokens[..at].iter().all(is_link_before);
        let is_link = |token: &Token| is_link_after(token) && (is_first || !token.is_punctuation(','));
        let mut start = at + 1;
        while start - at < 4 && sentence.tokens.get(start).is_some_and(is_link) {
            start += 1;
        }
        let stop = (start + MAX_TITLE_TOKENS).min(sentence.tokens.len());
        let end = (start..stop).take_while(|at| may_be_in_title(&sentence.tokens[*at])).last()? + 1;
        let lasts = (start + 1..=end).rev().filter(|last| ends_phrase(sentence, *last));
        self.best(sentence, start..end, lasts.map(|last| start..last), code)
    }

    /// Among phrases within `all`, one that names the occupation of `code`, or else the first that names another.
    fn best(
        &self,
        sentence: &Sentence,
        all: Range<usize>,
        phrases: impl Iterator<Item = Range<usize>>,
        code: &str,
    ) -> Option<Title<'r>> {
        let text = |at: usize| &sentence.block.text[sentence.tokens[at].range.clone()];
        let words: Vec<Vec<String>> = all.clone().map(|at| stems(text(at)).collect()).collect();
        let mut other = None;
        for tokens in phrases.filter(|tokens| is_phrase(sentence, tokens)) {
            let typed: Vec<String> = words[tokens.start - all.start..tokens.end - all.start].concat();
            let known: Option<Vec<String>> = typed.iter().map(|word| self.corrected(word)).collect();
            let Some(known) = known.filter(|known| !known.is_empty()) else { continue };
            let key = key(&known);
            let titles = self.at(self.index.whole.get(&key));
            let parts = self.at(self.index.parts.get(&key));
            let mut owners: BTreeSet<&str> = titles.iter().chain(&parts).map(|owner| owner.noc.as_str()).collect();
            let is_official = !owners.is_empty();
            owners.extend(SYNONYMS.codes.get(&key).into_iter().flatten());
            if let Some(own) = owners.get(code).and_then(|own| self.with_code(own)) {
                return Some(Title { tokens, owners: vec![own] });
            }
            if other.is_none() {
                let owners = match Vec::from_iter(owners)[..] {
                    _ if known == typed && !titles.is_empty() => titles,
                    [owner] if !self.may_describe(&typed, code, is_official) => Vec::from_iter(self.with_code(owner)),
                    _ => continue,
                };
                other = Some(Title { tokens, owners });
            }
        }
        other
    }

    /// Whether a phrase that is not a whole title may describe the occupation of a code: all of its words if it is
    /// like an official title, or else half of them.
    fn may_describe(&self, typed: &[String], code: &str, is_official: bool) -> bool {
        let mut own: BTreeSet<String> = SYNONYMS.stems.get(code).cloned().unwrap_or_default();
        let titles = self.with_code(code).into_iter().flat_map(|own| [&own.title_en, &own.title_fr]);
        own.extend(titles.flat_map(|title| stems(title)));
        let shared = typed.iter().filter(|word| own.iter().any(|own| is_similar(own, word))).count();
        if is_official { shared == typed.len() } else { 2 * shared >= typed.len() }
    }

    /// A known word as it is, a misspelt word as the only known word that is close to it.
    fn corrected(&self, word: &str) -> Option<String> {
        if self.index.stems.contains_key(word) || SYNONYMS.known.contains(word) {
            return Some(word.to_owned());
        }
        if let Some(known) = self.corrections.borrow().get(word) {
            return known.clone();
        }
        let length = word.chars().count();
        if length < 6 || self.corrections.borrow().len() == MAX_CORRECTIONS {
            return None;
        }
        // The first and the last letter are seldom wrong, and "bakery" is not a misspelt "baker".
        let ends = |word: &str| (word.chars().next(), word.chars().next_back());
        let close =
            self.index.stems.keys().filter(|known| ends(known) == ends(word) && known.len().abs_diff(word.len()) <= 2);
        let max = if length < 9 { 1 } else { 2 };
        let distances = close.map(|known| (osa_distance(known, word), known)).filter(|(distance, _)| *distance <= max);
        let mut distances: Vec<(usize, &String)> = distances.collect();
        distances.sort_unstable();
        let correction = match distances[..] {
            [(first, _), (second, _), ..] if first == second => None,
            [(_, known), ..] => Some(known.clone()),
            [] => None,
        };
        self.corrections.borrow_mut().insert(word.to_owned(), correction.clone());
        correction
    }

    /// Whether a title begins a phrase here: `pastry cooks` is not the title `cooks`.
    fn begins_phrase(&self, sentence: &Sentence, first: usize) -> bool {
        let Some(before) = first.checked_sub(1) else { return true };
        let ends_entry = |at: usize| {
            let token = &sentence.tokens[at];
            token.is_punctuation(')') || token.is_punctuation(',') || token.number().is_some()
        };
        let is_known = |at: usize| stems(sentence.word(at)).any(|stem| self.index.stems.contains_key(&stem));
        match &sentence.tokens[before].kind {
            TokenKind::Word(word) => match word.as_str() {
                // After a code, "and" begins the next entry; otherwise it may join the title to more words.
                "and" | "or" | "et" | "ou" => before.checked_sub(1).is_some_and(ends_entry),
                // "les aides des infirmiers" are no nurses, but "invite des infirmiers" names nurses.
                "des" | "de" | "d'" => before.checked_sub(1).is_none_or(|at| !is_known(at)),
                word => WORDS.has("start", word),
            },
            kind => separates(kind),
        }
    }
}

/// Parts of a title that are used alone: “Butchers” of “Butchers - retail and wholesale”, “Dietitians” of
/// “Dietitians and nutritionists”.
fn parts_of(title: &str, is_french: bool) -> Vec<&str> {
    if let Some((short, _)) = title.split_once(" - ") {
        return vec![short];
    }
    if title.contains('(') || folded_words(title).any(|word| WORDS.has("joint", &word)) {
        return vec![];
    }
    let parts: Vec<&str> =
        title.split(", ").flat_map(|part| part.split(if is_french { " et " } else { " and " })).collect();
    let is_plain = |part: Option<&&str>| part.is_some_and(|part| !part.contains(' '));
    // One word may lack an adjective that all parts share, which stands first in English and last in French.
    let may_be_short = if is_french { is_plain(parts.last()) } else { is_plain(parts.first()) };
    parts.into_iter().filter(|part| part.ends_with('s') && (may_be_short || part.contains(' '))).collect()
}

/// Stems of the words with a meaning, the same for singular and plural, masculine and feminine.
fn stems(text: &str) -> impl Iterator<Item = String> {
    const FEMININE: [(&str, &str); 4] = [("trice", "teur"), ("euse", "eur"), ("enne", "en"), ("onne", "on")];
    folded_words(text).filter(|word| word.len() > 1 && !is_stop_word(word)).map(|word| {
        let one = singular(&word);
        let masculine = FEMININE.iter().find_map(|(end, other)| Some(format!("{}{other}", one.strip_suffix(end)?)));
        masculine.unwrap_or(one).trim_end_matches('e').to_owned()
    })
}

/// Stems in order, each once.
fn key(stems: &[String]) -> String {
    Vec::from_iter(stems.iter().map(String::as_str).collect::<BTreeSet<_>>()).join(" ")
}

/// Whether two stems may belong to the same word or family of words: `accountant` and `accounting`.
fn is_similar(one: &str, other: &str) -> bool {
    let common = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    one == other || common >= 5 || (one.len() > 4 && osa_distance(one, other) <= 2)
}

/// Whether these tokens begin and end with words, brackets aside.
fn is_phrase(sentence: &Sentence, tokens: &Range<usize>) -> bool {
    let last = tokens.end - 1;
    let count = |mark: char| tokens.clone().filter(|at| sentence.is_punctuation(*at, mark)).count();
    !sentence.word(tokens.start).is_empty()
        && (!sentence.word(last).is_empty() || sentence.is_punctuation(last, ')'))
        && count('(') == count(')')
}

fn may_be_in_title(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Word(_) => true,
        TokenKind::Punctuation(mark) => matches!(mark, ',' | '-' | '–' | '/' | '(' | ')' | '&' | '\'' | '’'),
        TokenKind::Number(_) | TokenKind::Placeholder(_) => false,
    }
}

fn is_link_before(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Word(word) => matches!(word.as_str(), "noc" | "cnp" | "code" | "codes"),
        TokenKind::Punctuation(mark) => !matches!(mark, ';' | '.' | ')' | '!' | '?' | '\u{FFFC}'),
        TokenKind::Number(number) => number.digits == "2021",
        TokenKind::Placeholder(_) => false,
    }
}

fn is_link_after(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Punctuation(mark) if !matches!(mark, ';' | '.' | '!' | '?' | '\u{FFFC}'))
}

/// Whether a title ends a phrase here.
fn ends_phrase(sentence: &Sentence, end: usize) -> bool {
    sentence.tokens.get(end).is_none_or(|token| separates(&token.kind) || WORDS.has("end", token.word()))
}

/// Whether a token that is no word separates phrases.
fn separates(kind: &TokenKind) -> bool {
    match kind {
        TokenKind::Word(_) => false,
        TokenKind::Punctuation(mark) => !matches!(mark, '-' | '/' | '&' | '\'' | '’'),
        TokenKind::Number(_) | TokenKind::Placeholder(_) => true,
    }
}
