//! A rank taken for a score. The rank that the government publishes is a place in line: how many were invited.

use crate::draws::Draw;
use crate::posts::check::sentence::{Number, Sentence};
use crate::posts::check::{Found, Mend, Rule};
use crate::web::grouped;

/// A rank that is spoken of as a score; `round` is the round at hand.
pub(super) fn finding(sentence: &Sentence, round: Option<&Draw>) -> Option<Found> {
    if sentence.has(&["place", "places", "placed", "line", "position", "queue", "wrongly", "mistake"]) {
        return None;
    }
    (0..sentence.pieces.len()).find_map(|at| {
        let number = rank_as_score(sentence, at)?;
        Some(report(sentence, at, number, round))
    })
}

/// Where the number stands that is said of the rank at a place.
fn rank_as_score(sentence: &Sentence, rank: usize) -> Option<usize> {
    if sentence.word(rank) != "rank" {
        return None;
    }
    let number = (rank + 1..sentence.pieces.len()).take(14).find(|at| !leads_to_number(sentence, *at))?;
    let value = sentence.pieces[number].number().and_then(Number::plain)?;
    let next = sentence.word(number + 1);
    let is_open = matches!(next, "or" | "and")
        && matches!(sentence.word(number + 2), "above" | "higher" | "more" | "over" | "greater" | "better");
    let is_points = next == "points" || sentence.is_mark(number + 1, '+');
    let before = rank.saturating_sub(5)..rank;
    let is_score =
        sentence.word(rank.wrapping_sub(1)) == "crs" || before.into_iter().any(|at| sentence.word(at) == "score");
    (value > 0 && (is_open || is_points || is_score)).then_some(number)
}

fn leads_to_number(sentence: &Sentence, at: usize) -> bool {
    let is_mark = [':', '|', '(', '=', '–', '—', '“', '”', '"', ','].iter().any(|mark| sentence.is_mark(at, *mark));
    is_mark
        || matches!(
            sentence.word(at),
            "of" | "is"
                | "was"
                | "required"
                | "needed"
                | "to"
                | "be"
                | "invited"
                | "apply"
                | "for"
                | "an"
                | "invitation"
                | "the"
                | "minimum"
                | "at"
                | "least"
                | "about"
                | "in"
                | "this"
                | "round"
                | "draw"
                | "cut-off"
        )
}

fn report(sentence: &Sentence, rank: usize, number: usize, round: Option<&Draw>) -> Found {
    let first = if rank > 0 && sentence.word(rank - 1) == "crs" { rank - 1 } else { rank };
    let opens = matches!(sentence.word(number + 1), "or" | "and");
    let last = if opens { number + 2 } else { number };
    let at = sentence.span(first, last);
    let known = round.map(|draw| {
        let (invited, day) = (grouped(draw.invitations_published), draw.day().text);
        format!(
            " In round {} of {day} the {invited} best placed people were invited; the lowest score among them was {}.",
            draw.round, draw.crs
        )
    });
    let reason = format!("A rank is a place in line, not a score.{}", known.unwrap_or_default());
    let mend = round.map(|draw| mend(sentence, (first, rank, number, last), draw));
    sentence.finding_with(Rule::RankAsScore, at, reason, mend)
}

/// The words between "rank" and the number stay as they are, with their markup.
fn mend(sentence: &Sentence, (first, rank, number, last): (usize, usize, usize, usize), draw: &Draw) -> Mend {
    let block = sentence.block;
    let start = |at: usize| block.source_start(sentence.pieces[at].range.start);
    let end = |at: usize| block.source_end(sentence.pieces[at].range.end);
    let range = start(first)..end(last);
    let (between, after) = (block.source(end(rank)..start(number)), block.source(end(number)..end(last)));
    let replacement = format!("CRS score{between}{{{{draw {} crs}}}}{after}", draw.round);
    Mend { range, replacement }
}
