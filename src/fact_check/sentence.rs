//! Sentences of a block, with their tokens and dates.

use std::ops::Range;

use crate::fact_check::date_parser::dates;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::finding::{Finding, RawFinding, Rule, Severity, SuggestedFix};
use crate::fact_check::phrases::PlainText;
use crate::fact_check::text_block::{Block, BlockKind};
use crate::fact_check::tokens::{Token, TokenKind, tokenize};
use crate::web::month_number;

/// A sentence, or a whole row of a table.
pub(super) struct Sentence<'a> {
    pub block: &'a Block<'a>,
    pub range: Range<usize>,
    pub tokens: Vec<Token>,
    pub dates: Vec<ParsedDate>,
    pub plain: PlainText,
    /// For each token, whether it belongs to a date.
    in_date: Vec<bool>,
}

impl<'a> Sentence<'a> {
    /// The sentences of a block.
    pub fn all_of(block: &'a Block<'a>) -> Vec<Self> {
        let whole = 0..block.text.len();
        let ranges =
            if matches!(block.kind, BlockKind::Row { .. }) { vec![whole] } else { split_sentences(&block.text) };
        let read = |range: Range<usize>| {
            let tokens = tokenize(&block.text, range.clone(), block.is_french);
            let dates = dates(&tokens, &block.text, block.is_french);
            let mut in_date = vec![false; tokens.len()];
            for date in &dates {
                in_date[date.tokens.clone()].fill(true);
            }
            let plain = PlainText::of(&tokens);
            Self { block, range, tokens, dates, plain, in_date }
        };
        ranges.into_iter().map(read).collect()
    }

    pub fn text(&self) -> &'a str {
        self.block.text[self.range.clone()].trim()
    }

    /// The word at a place; empty where none is.
    pub fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", Token::word)
    }

    /// The token at a place as it was typed.
    pub fn typed(&self, at: usize) -> &'a str {
        &self.block.text[self.tokens[at].range.clone()]
    }

    pub fn is_punctuation(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_punctuation(mark))
    }

    /// Whether it has one of these words.
    pub fn has(&self, words: &[&str]) -> bool {
        self.tokens.iter().any(|token| words.contains(&token.word()))
    }

    /// Whether a token belongs to a date.
    pub fn is_in_date(&self, at: usize) -> bool {
        self.in_date.get(at).copied().unwrap_or(false)
    }

    /// Whether a token stands in round brackets.
    pub fn is_in_brackets(&self, at: usize) -> bool {
        let is_bracket = |token: &&Token| token.is_punctuation('(') || token.is_punctuation(')');
        self.tokens[..at].iter().rev().find(is_bracket).is_some_and(|token| token.is_punctuation('('))
    }

    /// Months that it names, except in dates.
    pub fn months(&self) -> Vec<i8> {
        let open = (0..self.tokens.len()).filter(|at| !self.is_in_date(*at));
        // "mid-December"
        let last_part = |at: usize| self.word(at).rsplit('-').next().unwrap_or_default();
        open.filter_map(|at| month_number(last_part(at))).collect()
    }

    /// Whether a token is written like a name: "Amira", not "IRCC" and no month.
    pub fn is_name(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at).filter(|token| matches!(token.kind, TokenKind::Word(_))) else {
            return false;
        };
        let typed = &self.block.text[token.range.clone()];
        let mut letters = typed.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.any(char::is_lowercase)
            && month_number(token.word()).is_none()
            && !matches!(token.word(), "canada" | "ottawa" | "it" | "this" | "that" | "they" | "we" | "you" | "il")
    }

    /// The part of the text from one token to another, both included.
    pub fn span(&self, first: usize, last: usize) -> Range<usize> {
        self.tokens[first].range.start..self.tokens[last].range.end
    }

    /// The tokens that begin within a part of the text.
    pub fn tokens_in(&self, text: &Range<usize>) -> Range<usize> {
        let place = |text: usize| self.tokens.partition_point(|token| token.range.start < text);
        place(text.start)..place(text.end)
    }

    /// Finding about a part of the text, with its replacement.
    pub fn finding(&self, rule: Rule, at: Range<usize>, reason: String, replacement: Option<String>) -> RawFinding {
        let suggested_fix = replacement.and_then(|replacement| self.fix(&at, replacement));
        self.finding_with(rule, at, reason, suggested_fix)
    }

    /// Fix that replaces a part of the text, unless that would break markup.
    pub fn fix(&self, at: &Range<usize>, replacement: String) -> Option<SuggestedFix> {
        let range = self.block.replaceable(at)?;
        let corrected_sentence = Some(self.with_replacement(at, &replacement));
        Some(SuggestedFix { range, replacement, corrected_sentence })
    }

    /// The sentence, or its excerpt, after a replacement.
    pub fn with_replacement(&self, at: &Range<usize>, replacement: &str) -> String {
        let (mut text, words) = self.excerpt(at);
        text.replace_range(words, replacement);
        text
    }

    /// Finding about a part of the text with a fix that the caller has made.
    pub fn finding_with(
        &self,
        rule: Rule,
        at: Range<usize>,
        reason: String,
        suggested_fix: Option<SuggestedFix>,
    ) -> RawFinding {
        let (sentence, words) = self.excerpt(&at);
        let (severity, field) = (Severity::Error, self.block.field);
        let finding = Finding { rule, severity, field, line: 0, sentence, words, reason, suggested_fix };
        (self.block.source_start(at.start), finding)
    }

    /// The sentence, or the part of a very long one around a place of the text, with the range of that place.
    fn excerpt(&self, at: &Range<usize>) -> (String, Range<usize>) {
        let Range { mut start, mut end } = self.range;
        let text = &self.block.text;
        let (mut before, mut after) = ("", "");
        if end - start > MAX_EXCERPT_LEN {
            let from = text.floor_char_boundary(at.start.saturating_sub(MAX_EXCERPT_LEN / 2).max(start));
            let to = text.ceil_char_boundary((from + MAX_EXCERPT_LEN).min(end));
            (before, after) = (if from > start { "… " } else { "" }, if to < end { " …" } else { "" });
            (start, end) = (from, to);
        }
        let part = &text[start..end];
        let offset = start + part.len() - part.trim_start().len();
        let excerpt = format!("{before}{}{after}", part.trim());
        let place = |at: usize| (at.saturating_sub(offset) + before.len()).min(excerpt.len() - after.len());
        let words = place(at.start)..place(at.end);
        (excerpt, words)
    }
}

/// Where the sentences of a text begin and end.
fn split_sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c == '\n' || (matches!(c, '.' | '!' | '?' | '…') && is_boundary(text, at, end)) {
            found.push(start..end);
            start = end;
        }
    }
    found.push(start..text.len());
    let mut found: Vec<Range<usize>> = found.into_iter().flat_map(|range| split_overlong(text, range)).collect();
    found.retain(|range| text[range.clone()].chars().any(char::is_alphanumeric));
    found
}

/// Nobody writes a longer sentence, in bytes.
const MAX_SENTENCE_LEN: usize = 4_000;
/// A finding repeats so much of its sentence at most, in bytes.
const MAX_EXCERPT_LEN: usize = 600;

/// What is too long to be a sentence, in parts that are not.
fn split_overlong(text: &str, mut range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = vec![];
    while range.len() > MAX_SENTENCE_LEN {
        let most = text.floor_char_boundary(range.start + MAX_SENTENCE_LEN);
        let part = &text[range.start..most];
        // Not between the word "round" and its number, if possible.
        let comma = part.rfind([',', ';']).map(|comma| comma + 1).filter(|comma| *comma > MAX_SENTENCE_LEN / 2);
        let space = || part.rfind(char::is_whitespace).filter(|space| *space > 0);
        let end = comma.or_else(space).map_or(most, |end| range.start + end);
        parts.push(range.start..end);
        range.start = end;
    }
    parts.push(range);
    parts
}

/// Words of a question that a number answers.
const MAX_QUESTION_WORDS: usize = 4;

/// Whether the mark between `at` and `end` ends a sentence.
fn is_boundary(text: &str, at: usize, end: usize) -> bool {
    let closing = |c: char| matches!(c, ')' | ']' | '"' | '”' | '’' | '»' | '\'');
    let rest = text[end..].trim_start_matches(closing);
    if !rest.starts_with(char::is_whitespace) {
        return rest.is_empty();
    }
    let next = rest.trim_start().trim_start_matches(['"', '“', '‘', '«', '(', '[']);
    let Some(first) = next.chars().next() else { return true };
    if first.is_lowercase() {
        return false;
    }
    if &text[at..end] == "?" && first.is_ascii_digit() {
        // "The cut-off? 490." is a label and its figure.
        let question = text[..at].rsplit(['.', '!', '?', '…', '\n']).next().unwrap_or_default();
        return question.split_whitespace().count() > MAX_QUESTION_WORDS;
    }
    if &text[at..end] != "." {
        return true;
    }
    let last = text[..at].rsplit(|c: char| c.is_whitespace() || "([“\"".contains(c)).next().unwrap_or_default();
    let last = last.to_lowercase();
    let is_before_number = first.is_ascii_digit() || first == '#';
    match last.as_str() {
        "e.g" | "i.e" | "mr" | "mrs" | "ms" | "dr" | "st" | "vs" | "approx" | "cf" | "incl" => false,
        "no" | "nos" | "num" | "art" | "sec" => !is_before_number,
        "jan" | "feb" | "mar" | "apr" | "jun" | "jul" | "aug" | "sep" | "sept" | "oct" | "nov" | "dec" => {
            !is_before_number
        }
        "a.m" | "p.m" => {
            let word: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
            // A time is followed by its zone.
            word.len() > 4 || !word.chars().all(char::is_uppercase)
        }
        // An initial, as in "J. Smith" or "U.S. Canada".
        initials => {
            let is_letter = initials.chars().count() == 1 && initials.chars().all(char::is_alphabetic);
            !(is_letter || initials.ends_with(".s"))
        }
    }
}

#[cfg(test)]
#[path = "tests/sentence.rs"]
mod tests;
