//! Recognition of numbers that are the cut-off of a draw, not a personal score or a difference.

use crate::fact_check::draw_mentions::is_people;
use crate::fact_check::invitations::is_invitation;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::Token;

/// Whether the number is given as the score of the last person invited.
pub(super) fn is_crs(sentence: &Sentence, at: usize, number: i64, skips: impl Fn(usize) -> bool) -> bool {
    let next = sentence.word(at + 1);
    let is_other = is_people(next)
        || is_invitation(next)
        || matches!(
            next,
            "lower" | "less" | "more" | "higher" | "fewer" | "out" | "percent" | "days" | "months" | "years"
        )
        || ['%', ':', '/'].iter().any(|mark| sentence.is_punctuation(at + 1, *mark));
    if !(1..=1200).contains(&number) || is_other {
        return false;
    }
    let is_points = next == "points" || (next == "crs" && sentence.word(at + 2) == "points");
    if is_points && is_difference(sentence.word(at + if next == "points" { 2 } else { 3 })) {
        return false;
    }
    is_score(sentence, at, skips) || stops_at(sentence, at) || (is_points && is_last_score(sentence, at))
}

fn is_difference(word: &str) -> bool {
    matches!(
        word,
        "lower"
            | "less"
            | "more"
            | "higher"
            | "fewer"
            | "above"
            | "below"
            | "than"
            | "under"
            | "over"
            | "short"
            | "apart"
            | "each"
            | "for"
            | "from"
            | "to"
            | "away"
            | "behind"
            | "ahead"
            | "extra"
            | "additional"
            | "out"
            | "between"
    )
}

/// Reads backwards from the number to the words that say which score it is.
fn is_score(sentence: &Sentence, at: usize, skips: impl Fn(usize) -> bool) -> bool {
    let mut words: Vec<&str> = vec![];
    let mut stop = 0;
    for before in (at.saturating_sub(24)..at).rev() {
        let token = &sentence.tokens[before];
        if skips(before) || leads_to_score(token) {
            words.push(token.word());
        } else {
            stop = before + 1;
            break;
        }
    }
    let has = |word: &str| words.contains(&word);
    let is_cut_off = has("cut-off") || has("cutoff") || (has("cut") && has("off"));
    let is_lowest = ["minimum", "lowest", "lowest-ranked", "required", "invited"].iter().any(|word| has(word));
    // "Scores of at least 501" may also be of the pool.
    let is_least = (has("least") || has("low"))
        && sentence.has(&["invited", "invitation", "invitations", "itas", "inviting", "invites", "round", "draw"])
        && !sentence.has(&["pool", "profiles"]);
    let is_named = is_cut_off || ((is_lowest || is_least) && (has("score") || has("scores") || has("crs")));
    let is_plain = has("crs") && !is_advice(sentence, at);
    let is_someones = (stop.saturating_sub(3)..stop).any(|before| {
        matches!(
            sentence.word(before),
            "maximum"
                | "highest"
                | "average"
                | "median"
                | "mean"
                | "your"
                | "his"
                | "her"
                | "their"
                | "my"
                | "own"
                | "full"
                | "perfect"
                | "possible"
                | "previous"
                | "rank"
                | "french"
                | "ielts"
                | "language"
        )
    });
    (is_named || is_plain) && !is_someones
}

fn leads_to_score(token: &Token) -> bool {
    let is_mark = [':', '(', ')', '=', '–', '—', '“', '"', '|', ','].iter().any(|mark| token.is_punctuation(*mark));
    is_mark
        || matches!(
            token.word(),
            "of" | "was"
                | "is"
                | "were"
                | "at"
                | "to"
                | "the"
                | "a"
                | "an"
                | "stood"
                | "set"
                | "reached"
                | "came"
                | "just"
                | "only"
                | "exactly"
                | "score"
                | "scores"
                | "least"
                | "cut-off"
                | "cutoff"
                | "cut"
                | "off"
                | "required"
                | "needed"
                | "candidate"
                | "candidates"
                | "lowest-ranked"
                | "lowest"
                | "ranked"
                | "invited"
                | "for"
                | "in"
                | "this"
                | "that"
                | "round"
                | "draw"
                | "person"
                | "last"
                | "with"
                | "crs"
                | "comprehensive"
                | "ranking"
                | "system"
                | "minimum"
                | "points"
                | "be"
                | "dropped"
                | "fell"
                | "rose"
                | "down"
                | "up"
                | "as"
                | "low"
                | "being"
                | "it"
                | "on"
                | "had"
                | "has"
        )
}

/// Advice on which score to aim for is no claim about a draw.
fn is_advice(sentence: &Sentence, at: usize) -> bool {
    let speaks_to_reader = sentence.has(&[
        "you", "your", "if", "aim", "should", "would", "could", "example", "improve", "imagine", "suppose", "i", "my",
        "someone", "anyone", "profile", "profiles",
    ]);
    let is_open = matches!(sentence.word(at + 1), "or" | "and")
        && matches!(sentence.word(at + 2), "above" | "higher" | "more" | "over" | "better" | "up");
    let is_of_round = sentence.has(&["invited", "invitation", "invitations", "itas"]);
    speaks_to_reader || sentence.is_punctuation(at + 1, '+') || (is_open && !is_of_round)
}

/// `had stopped at 486`
fn stops_at(sentence: &Sentence, at: usize) -> bool {
    at >= 2
        && sentence.word(at - 1) == "at"
        && matches!(sentence.word(at - 2), "stopped" | "closed" | "ended" | "settled" | "stops" | "bottomed")
        && !is_people(sentence.word(at + 1))
}

/// `people with exactly 476 points`, in a sentence about a cut-off or the last people invited.
fn is_last_score(sentence: &Sentence, at: usize) -> bool {
    let leads = matches!(
        sentence.word(at.wrapping_sub(1)),
        "at" | "with" | "exactly" | "of" | "was" | "is" | "needed" | "required" | "had" | "minimum"
    );
    let is_of_round = sentence.has(&["cut-off", "cutoff", "lowest", "invited", "round", "draw", "tie-break"]);
    let is_grid = sentence.has(&[
        "grid",
        "language",
        "ielts",
        "clb",
        "factors",
        "nomination",
        "education",
        "section",
        "your",
        "you",
        "additional",
    ]);
    let is_rank = (at.saturating_sub(4)..at).any(|before| sentence.word(before) == "rank");
    leads && is_of_round && !is_grid && !is_rank
}
