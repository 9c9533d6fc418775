//! Recognition of numbers that count invitations: `500 invitations`, `invited 500 people`.

use crate::fact_check::draw_mentions::is_people;
use crate::fact_check::sentence::Sentence;

/// Whether the number at a place is given as the number of people invited.
pub(super) fn is_invitations(sentence: &Sentence, at: usize, number: i64, skips: impl Fn(usize) -> bool) -> bool {
    if number == 0 || is_about(sentence, at) {
        return false;
    }
    let noun = skip_modifiers(sentence, at + 1);
    is_invitation(sentence.word(noun))
        || is_people(sentence.word(noun)) && are_invited(sentence, noun)
        || invites(sentence, at) && ends_count(sentence, noun)
        || are_counted(sentence, at, skips) && ends_count(sentence, noun)
        || number >= 50 && is_elliptic(sentence, at)
}

/// Whether the number is not meant exactly, or is a part of another.
fn is_about(sentence: &Sentence, at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map_or("", |place| sentence.word(place));
    let is_loose = matches!(
        before(1),
        "over"
            | "about"
            | "around"
            | "nearly"
            | "almost"
            | "approximately"
            | "roughly"
            | "some"
            | "least"
            | "under"
            | "by"
            | "from"
            | "first"
            | "remaining"
            | "than"
            | "most"
    );
    let is_mark = at > 0
        && ['~', '$', '€', '£', '≈', '<', '>', '+', '-'].iter().any(|mark| sentence.is_punctuation(at - 1, *mark));
    is_loose
        || is_mark
        || (before(2), before(1)) == ("up", "to")
        || (before(2), before(1)) == ("of", "the")
        || (before(1) == "to" && sentence.has(&["from"]))
        || sentence.is_punctuation(at + 1, '+')
        || sentence.is_punctuation(at + 1, '%')
}

/// Skips words between a number and what it counts: `500 new healthcare invitations`.
fn skip_modifiers(sentence: &Sentence, start: usize) -> usize {
    let is_modifier = |at: usize| {
        let word = sentence.word(at);
        matches!(
            word,
            "more"
                | "new"
                | "further"
                | "additional"
                | "healthcare"
                | "health"
                | "care"
                | "express"
                | "entry"
                | "skilled"
                | "eligible"
                | "qualified"
                | "stem"
                | "french"
                | "language"
                | "trade"
                | "trades"
                | "transport"
                | "agriculture"
                | "education"
                | "physician"
                | "provincial"
                | "official"
                | "foreign"
                | "other"
                | "pnp"
                | "cec"
                | "top"
                | "category"
                | "based"
                | "best"
                | "general"
                | "individual"
                | "successful"
                | "economic"
        ) || ["-based", "-speaking", "-language", "-ranked", "-ranking"].iter().any(|end| word.ends_with(end))
    };
    (start..start + 4).find(|at| !is_modifier(*at)).unwrap_or(start + 4)
}

pub(super) fn is_invitation(word: &str) -> bool {
    matches!(word, "invitation" | "invitations" | "ita" | "itas")
}

/// `… candidates were invited`, `… nurses received invitations`
fn are_invited(sentence: &Sentence, noun: usize) -> bool {
    let words = (noun + 1..noun + 7).map_while(|at| sentence.tokens.get(at)).map_while(|token| {
        let is_end = token.number().is_some()
            || token.is_punctuation(',')
            || token.is_punctuation(';')
            || token.is_punctuation('.');
        (!is_end).then(|| token.word())
    });
    let words: Vec<&str> = words.collect();
    let has_verb = words.iter().any(|word| {
        matches!(*word, "were" | "was" | "been" | "got" | "are" | "being" | "received" | "receive" | "get")
    });
    has_verb && words.iter().any(|word| *word == "invited" || is_invitation(word)) && !words.contains(&"not")
}

/// `invited exactly 500 …`
fn invites(sentence: &Sentence, at: usize) -> bool {
    let mut before = at;
    while before > 0 && at - before < 5 {
        before -= 1;
        match sentence.word(before) {
            "invited" | "invites" | "invite" | "inviting" => return true,
            "another" | "a" | "total" | "of" | "exactly" | "only" | "just" | "further" | "the" | "top" | "an"
            | "best" => {}
            _ => return false,
        }
    }
    false
}

/// `invitations issued: 500`, `the number of invitations was 500`
fn are_counted(sentence: &Sentence, at: usize, skips: impl Fn(usize) -> bool) -> bool {
    let mut is_joined = false;
    for before in (at.saturating_sub(16)..at).rev() {
        let token = &sentence.tokens[before];
        if skips(before) {
            continue;
        }
        match token.word() {
            word if is_invitation(word) => return is_joined,
            "was" | "were" | "is" | "stood" | "reached" | "totalled" => is_joined = true,
            "issued" | "to" | "apply" | "of" | "in" | "this" | "round" | "draw" | "sent" | "at" | "just" | "only"
            | "the" => {}
            "" if [':', '=', '–', '—', '('].iter().any(|mark| token.is_punctuation(*mark)) => is_joined = true,
            "" if token.is_punctuation(')') => {}
            _ => return false,
        }
    }
    false
}

/// Whether nothing follows that would make the number count something else.
fn ends_count(sentence: &Sentence, at: usize) -> bool {
    let Some(token) = sentence.tokens.get(at) else { return true };
    let word = token.word();
    if word.is_empty() {
        return token.number().is_none() && !token.is_punctuation('%') && !token.is_punctuation(':');
    }
    is_people(word) || matches!(word, "to" | "in" | "on" | "under" | "through" | "for" | "and" | "with" | "when" | "as")
}

/// `500 invitations now and 1,500 on July 5`
fn is_elliptic(sentence: &Sentence, at: usize) -> bool {
    let on = if sentence.word(at + 1) == "more" { at + 2 } else { at + 1 };
    let is_date = (on + 1..on + 5).any(|place| sentence.starts_date(place));
    let speaks_of_invitations = sentence.has(&["invitation", "invitations", "ita", "itas", "invited"]);
    matches!(sentence.word(on), "on" | "for") && is_date && speaks_of_invitations
}
