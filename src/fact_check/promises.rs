//! Check for promises of an outcome, with the phrases of `data/fact_check/promises.txt`.

use std::cmp::Reverse;
use std::ops::Range;

use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::phrases::phrase;
use crate::fact_check::sentence::Sentence;

/// Promises, wherever they stand.
pub(super) fn findings(sentences: &[Sentence]) -> Vec<RawFinding> {
    let each = |sentence| promises(sentence).into_iter().map(move |promise| report(sentence, &promise));
    sentences.iter().flat_map(each).take(MAX_FINDINGS + 1).collect()
}

/// Tokens of the promises of a sentence.
fn promises(sentence: &Sentence) -> Vec<Range<usize>> {
    let plain = &sentence.plain;
    let refunds = plain.find("refund").filter(|_| !plain.has("fees"));
    let shares = plain.find("share").filter(|_| !plain.has("part of all"));
    let deniable = plain.find("promise").chain(refunds).chain(shares);
    let denied = deniable.filter(|promise| !is_denied(sentence, promise));
    let mut found: Vec<Range<usize>> = denied.chain(plain.find("sure promise")).collect();
    found.sort_by_key(|promise| (promise.start, Reverse(promise.end)));
    found.dedup_by(|next, last| next.start < last.end);
    found
}

/// Whether the sentence says that there is no such promise, warns of it, or only asks.
fn is_denied(sentence: &Sentence, promise: &Range<usize>) -> bool {
    /// Tokens between a denial and the promise.
    const MAX_DISTANCE: usize = 7;
    let plain = &sentence.plain;
    let before = plain.part(promise.start.saturating_sub(MAX_DISTANCE)..promise.start);
    let clause = phrase("denial end").find_iter(before).last().map_or(before, |end| &before[end.end()..]);
    let first_word = sentence.tokens.iter().position(|token| !token.word().is_empty()).unwrap_or_default();
    let starts_with = |name: &str| phrase(name).is_match(plain.part(first_word..first_word + 1));
    phrase("denial").is_match(clause)
        || phrase("denial after").is_match(plain.part(promise.end..promise.end + 1))
        || plain.has("warning")
        || plain.has("own duty")
        || starts_with("nobody") && !plain.has("us")
        || starts_with("question") && sentence.text().ends_with('?')
}

fn report(sentence: &Sentence, promise: &Range<usize>) -> RawFinding {
    let place = sentence.span(promise.start, promise.end - 1);
    let words = &sentence.block.text[place.clone()];
    let reason = format!(
        "“{words}”: a licensed consultant must not promise an outcome. Describe the service or the requirements instead."
    );
    sentence.finding(Rule::ForbiddenWord, place, reason, None)
}
