//! Words that mark a sentence as being about something other than the current draw.

use crate::fact_check::draw_mentions::is_people;
use crate::fact_check::sentence::{Sentence, SentenceCache};

/// Another round than the one named, wherever they stand nearer to the figure than the name does.
const OTHER_DRAW_WORDS: [&str; 12] = [
    "next",
    "previous",
    "last",
    "earlier",
    "other",
    "others",
    "than",
    "preceding",
    "later",
    "following",
    "former",
    "prior",
];

/// The same for a tie-break, of which "earlier than" is said anyway.
const OTHER_TIE_BREAK_WORDS: [&str; 4] = ["next", "previous", "preceding", "other"];

/// What makes a sentence that names no round speak of another one, of several, or of none in particular.
const UNSPECIFIC_WORDS: [&str; 44] = [
    "another",
    "further",
    "additional",
    "second",
    "new",
    "will",
    "would",
    "could",
    "might",
    "if",
    "example",
    "average",
    "typical",
    "typically",
    "usually",
    "every",
    "each",
    "per",
    "year",
    "years",
    "annual",
    "annually",
    "month",
    "months",
    "expected",
    "expects",
    "planned",
    "plan",
    "target",
    "since",
    "far",
    "altogether",
    "compared",
    "larger",
    "smaller",
    "bigger",
    "both",
    "rounds",
    "draws",
    "suppose",
    "record",
    "together",
    "combined",
    "sum",
];

/// Provinces and their programs, which hold draws of their own.
const PROVINCE_WORDS: [&str; 23] = [
    "ontario",
    "oinp",
    "alberta",
    "aaip",
    "saskatchewan",
    "sinp",
    "manitoba",
    "mpnp",
    "columbia",
    "bcpnp",
    "scotia",
    "nspnp",
    "brunswick",
    "edward",
    "newfoundland",
    "labrador",
    "yukon",
    "quebec",
    "québec",
    "arrima",
    "territories",
    "nunavut",
    "pei",
];

/// Whether the sentence is about a province’s own draw.
pub(super) fn is_provincial(sentence: &Sentence) -> bool {
    sentence.has(&PROVINCE_WORDS)
}

/// Whether a sentence that names no round may speak of anything but the round at hand.
pub(super) fn is_unspecific(sentence: &Sentence) -> bool {
    *sentence.cache.is_unspecific.get_or_init(|| has_unspecific_words(sentence))
}

fn has_unspecific_words(sentence: &Sentence) -> bool {
    let is_bare_year = |at: usize| {
        let year = sentence.tokens[at].number().and_then(|number| number.year());
        year.is_some() && !sentence.is_in_date(at) && !matches!(sentence.word(at.wrapping_sub(1)), "noc")
    };
    let adds = |at: usize| sentence.word(at) == "more" && (at == 0 || sentence.word(at - 1) != "or");
    let sums_up = |at: usize| sentence.word(at) == "in" && sentence.word(at + 1) == "total";
    sentence.has(&UNSPECIFIC_WORDS)
        || !others(sentence, false).is_empty()
        || (0..sentence.tokens.len()).any(|at| is_bare_year(at) || adds(at) || sums_up(at))
}

/// Whether a sentence that names no round gives the tie-break of another one.
pub(super) fn is_other_tie_break(sentence: &Sentence) -> bool {
    !others(sentence, true).is_empty()
}

/// How many tokens lie between a place and the nearest word that turns to another round.
pub(super) fn distance_to_other(sentence: &Sentence, place: usize, is_tie_break: bool) -> Option<usize> {
    let others = others(sentence, is_tie_break);
    let next = others.partition_point(|at| *at < place);
    let beside = others[next.saturating_sub(1)..].iter().take(2);
    beside.map(|at| at.abs_diff(place)).min()
}

/// The places of words that turn to another round.
fn others<'s>(sentence: &'s Sentence, is_tie_break: bool) -> &'s [usize] {
    let SentenceCache { others, others_of_tie_break, .. } = &sentence.cache;
    if is_tie_break {
        others_of_tie_break.get_or_init(|| places(sentence, &OTHER_TIE_BREAK_WORDS).collect())
    } else {
        others.get_or_init(|| places(sentence, &OTHER_DRAW_WORDS).collect())
    }
}

fn places(sentence: &Sentence, words: &[&str]) -> impl Iterator<Item = usize> {
    // The last person invited is of this round.
    let is_person = |at: usize| {
        let next = sentence.word(at + 1);
        sentence.word(at) == "last" && (is_people(next) || matches!(next, "person" | "candidate" | "applicant"))
    };
    (0..sentence.tokens.len()).filter(move |at| words.contains(&sentence.word(*at)) && !is_person(*at))
}
