//! Occupation titles next to a code: English or French, singular or plural.

use std::collections::HashMap;
use std::ops::Range;

use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::{Token, TokenKind};
use crate::noc::Occupation;
use crate::web::{folded_words, singular};

/// All titles, and all codes.
pub(super) struct Titles<'r> {
    by_words: HashMap<String, Vec<&'r Occupation>>,
    by_code: HashMap<&'r str, &'r Occupation>,
}

/// A title in a sentence, and whose it is.
pub(super) struct Title<'r> {
    pub tokens: Range<usize>,
    pub owners: Vec<&'r Occupation>,
}

/// The longest title, counted in tokens.
const MAX_TITLE_TOKENS: usize = 40;

impl<'r> Titles<'r> {
    pub fn of(occupations: &'r [Occupation]) -> Self {
        let mut by_words: HashMap<String, Vec<&Occupation>> = HashMap::new();
        for occupation in occupations {
            for title in [&occupation.title_en, &occupation.title_fr] {
                // "Electricians (except industrial and power system)" are also called by their first word.
                let short = title.split(" (").next().unwrap_or(title);
                let mut names = vec![plain(title), plain(short)];
                names.dedup();
                for name in names {
                    by_words.entry(name).or_default().push(occupation);
                }
            }
        }
        by_words.values_mut().for_each(|owners| owners.dedup_by_key(|owner| owner.noc.clone()));
        let by_code = occupations.iter().map(|occupation| (occupation.noc.as_str(), occupation)).collect();
        Self { by_words, by_code }
    }

    /// The occupation of a code.
    pub fn with_code(&self, code: &str) -> Option<&'r Occupation> {
        self.by_code.get(code).copied()
    }

    /// Whose title a text is, letter case, punctuation and plurals aside.
    pub fn owners(&self, text: &str) -> &[&'r Occupation] {
        self.by_words.get(&plain(text)).map_or(&[], Vec::as_slice)
    }

    /// The longest title that ends directly before a code.
    pub fn before(&self, sentence: &Sentence, code: usize) -> Option<Title<'r>> {
        let mut end = code;
        while end > 0 && code - end < 6 && is_link_before(&sentence.tokens[end - 1]) {
            end -= 1;
        }
        let stop = end.saturating_sub(MAX_TITLE_TOKENS);
        let start = (stop..end).rev().take_while(|at| may_be_in_title(&sentence.tokens[*at])).last()?;
        let words = plain_words(sentence, start..end);
        (start..end).find_map(|first| {
            let title = self.title(sentence, first..end, &words[first - start..])?;
            begins_phrase(sentence, first).then_some(title)
        })
    }

    /// The longest title that begins directly after a code.
    pub fn after(&self, sentence: &Sentence, code: usize) -> Option<Title<'r>> {
        let mut start = code + 1;
        while start - code < 4 && sentence.tokens.get(start).is_some_and(is_link_after) {
            start += 1;
        }
        let stop = (start + MAX_TITLE_TOKENS).min(sentence.tokens.len());
        let end = (start..stop).take_while(|at| may_be_in_title(&sentence.tokens[*at])).last()? + 1;
        let words = plain_words(sentence, start..end);
        (start + 1..=end).rev().find_map(|last| {
            let title = self.title(sentence, start..last, &words[..last - start])?;
            ends_phrase(sentence, last).then_some(title)
        })
    }

    /// The title that these tokens are; `words` are their plain words.
    fn title(&self, sentence: &Sentence, tokens: Range<usize>, words: &[String]) -> Option<Title<'r>> {
        let (first, last) = (tokens.start, tokens.end - 1);
        if sentence.word(first).is_empty() || (sentence.word(last).is_empty() && !sentence.is_punctuation(last, ')')) {
            return None;
        }
        let count = |mark: char| tokens.clone().filter(|at| sentence.is_punctuation(*at, mark)).count();
        if count('(') != count(')') {
            return None;
        }
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let owners: &[&Occupation] = self.by_words.get(&words.join(" ")).map_or(&[], Vec::as_slice);
        (!owners.is_empty()).then(|| Title { tokens, owners: owners.to_vec() })
    }
}

/// A title as words in small letters, without punctuation and the plural’s `s`.
fn plain(title: &str) -> String {
    folded_words(&title.replace('&', " and ")).map(|word| singular(&word)).collect::<Vec<_>>().join(" ")
}

/// Plain words of each of these tokens: none for punctuation.
fn plain_words(sentence: &Sentence, tokens: Range<usize>) -> Vec<String> {
    sentence.tokens[tokens].iter().map(|token| plain(&sentence.block.text[token.range.clone()])).collect()
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

/// Whether a title begins a phrase here: `pastry cooks` is not the title `cooks`.
fn begins_phrase(sentence: &Sentence, first: usize) -> bool {
    let Some(before) = first.checked_sub(1) else { return true };
    match &sentence.tokens[before].kind {
        TokenKind::Word(word) => match word.as_str() {
            // After a code, "and" begins the next entry; otherwise it may join the title to more words.
            "and" | "or" => before.checked_sub(1).is_some_and(|at| {
                sentence.is_punctuation(at, ')')
                    || sentence.is_punctuation(at, ',')
                    || sentence.tokens[at].number().is_some()
            }),
            "for" | "as" | "with" | "the" | "a" | "an" | "of" | "to" | "in" | "are" | "is" | "like" | "including"
            | "namely" | "by" | "from" | "example" | "occupation" | "title" | "noc" => true,
            _ => false,
        },
        TokenKind::Punctuation(mark) => !matches!(mark, '-' | '/' | '&' | '\'' | '’'),
        TokenKind::Number(_) | TokenKind::Placeholder(_) => true,
    }
}

/// Whether a title ends a phrase here.
fn ends_phrase(sentence: &Sentence, end: usize) -> bool {
    let Some(token) = sentence.tokens.get(end) else { return true };
    match &token.kind {
        TokenKind::Word(word) => matches!(
            word.as_str(),
            "are" | "is" | "was" | "were" | "who" | "have" | "has" | "can" | "may" | "must" | "noc" | "at" | "under"
        ),
        TokenKind::Punctuation(mark) => !matches!(mark, '-' | '/' | '&' | '\'' | '’'),
        TokenKind::Number(_) | TokenKind::Placeholder(_) => true,
    }
}
