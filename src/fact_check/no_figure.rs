//! Numbers that are no figures: parts of a range, of a word, of a time or of an amount of money.

use crate::fact_check::claims::Statement;
use crate::fact_check::tokens::Token;
use crate::fact_check::word_classes::class;

impl Statement<'_, '_> {
    /// Whether a number is part of a range, of a word such as `#crs500` or of a telephone number.
    pub fn is_no_figure(&self, at: usize) -> bool {
        let before = self.sentence.block.text[..self.sentence.tokens[at].range.start].chars().next_back();
        let is_zero_filled = self.sentence.tokens[at].number().is_some_and(|number| number.digits.starts_with('0'));
        // "8 500" is one number, also in a text that is too short to be known as French.
        let previous =
            at.checked_sub(1).map(|at| &self.sentence.tokens[at]).filter(|_| !self.sentence.is_in_date(at - 1));
        let is_second_half = previous.is_some_and(|previous| {
            let digits = |token: &Token| token.number().map_or(0, |number| number.digits.len());
            let token = &self.sentence.tokens[at];
            digits(token) == 3 && (1..=3).contains(&digits(previous)) && previous.range.end + 1 == token.range.start
        });
        // "01:30" is a time.
        let text = &self.sentence.block.text;
        let after = text[self.sentence.tokens[at].range.end..].chars().next();
        let is_time = before == Some(':')
            || after == Some(':')
                && self.sentence.tokens.get(at + 2).is_some_and(|token| {
                    token.number().is_some() && token.range.start == self.sentence.tokens[at].range.end + 1
                });
        let is_mark = |at: Option<usize>| {
            at.is_some_and(|at| ['$', '€', '£', '₹', '%'].iter().any(|mark| self.sentence.is_punctuation(at, *mark)))
        };
        let is_amount = is_mark(at.checked_sub(1)) || is_mark(Some(at + 1));
        is_zero_filled
            || is_time
            || is_amount
            || is_second_half
            || before.is_some_and(char::is_alphanumeric)
            || self.is_half_of_range(at)
    }

    pub fn has_range(&self) -> bool {
        let is_number = |at: &usize| self.sentence.tokens[*at].number().is_some() && !self.sentence.is_in_date(*at);
        (0..self.sentence.tokens.len()).filter(is_number).any(|at| self.is_half_of_range(at))
    }

    /// `450–500`, `450 to 500`; not the second number of "fell from 486 to 476".
    fn is_half_of_range(&self, at: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let is_number = |at: usize| tokens.get(at).is_some_and(|token| token.number().is_some());
        let is_joined = |first: usize| {
            let [one, dash, other] = &tokens[first..first + 3] else { return false };
            let is_tight = one.range.end == dash.range.start && dash.range.end == other.range.start;
            let is_start = first > 0 && matches!(self.sentence.word(first - 1), "from" | "de");
            let is_between = first > 0
                && matches!((self.sentence.word(first - 1), dash.word()), ("between", "and") | ("entre", "et"));
            is_between
                || matches!(dash.word(), "or" | "ou")
                || is_tight && ['-', '–'].iter().any(|mark| dash.is_punctuation(*mark))
                || matches!(dash.word(), "to" | "à") && !(is_start && self.classes.has(class("change")))
        };
        is_number(at + 2) && is_joined(at) || at >= 2 && is_number(at - 2) && is_joined(at - 2)
    }
}
