//! Check for ranks given as scores. The published rank is the number of people invited.

use crate::draws::Draw;
use crate::fact_check::finding::{Finding, RawFinding, Rule, Severity, SuggestedFix};
use crate::fact_check::phrases::phrase;
use crate::fact_check::sentence::Sentence;
use crate::web::with_thousands;

/// A rank that is spoken of as a score; `draw` is the draw at hand.
///
/// “Rank required: 500 or above” is a label of the government, so it is a hint unless it is called a score.
pub(super) fn finding(sentence: &Sentence, draw: Option<&Draw>) -> Option<RawFinding> {
    let plain = &sentence.plain;
    let find = |name, severity| Some((plain.find(name).next()?, severity));
    let (found, severity) = find("score rank", Severity::Error).or_else(|| find("open rank", Severity::Hint))?;
    if plain.has("place") {
        return None;
    }
    let rank = found.clone().rfind(|at| sentence.word(*at) == "rank")?;
    let number = found.clone().rfind(|at| sentence.tokens[*at].number().is_some())?;
    let first = if found.start + 1 == rank && sentence.word(found.start) == "crs" { found.start } else { rank };
    let truth = draw.map(|draw| {
        let (round, day, crs) = (&draw.round, draw.day().text, draw.crs);
        let invited = with_thousands(draw.invitations_published);
        format!(
            " In draw {round} of {day}, the {invited} people with the highest scores were invited. The lowest score was \
             {crs}."
        )
    });
    let reason = format!("A rank is not a score.{}", truth.unwrap_or_default());
    let is_open = phrase("or_more").is_match(plain.part(number + 1..number + 3));
    let last = if is_open { number + 2 } else { number };
    let suggested_fix = draw.map(|draw| suggested_fix(sentence, [first, rank, number, last], draw));
    let (start, finding) = sentence.finding_with(Rule::RankAsScore, sentence.span(first, last), reason, suggested_fix);
    Some((start, Finding { severity, ..finding }))
}

/// The words between "rank" and the number stay as they are, with their markup.
fn suggested_fix(sentence: &Sentence, [first, rank, number, last]: [usize; 4], draw: &Draw) -> SuggestedFix {
    let block = sentence.block;
    let start = |at: usize| block.source_start(sentence.tokens[at].range.start);
    let end = |at: usize| block.source_end(sentence.tokens[at].range.end);
    let (between, after) = (block.source(end(rank)..start(number)), block.source(end(number)..end(last)));
    let replacement = format!("CRS score{between}{{{{draw {} crs}}}}{after}", draw.round);
    let corrected_sentence = Some(sentence.with_replacement(&sentence.span(first, last), &replacement));
    SuggestedFix { range: start(first)..end(last), replacement, corrected_sentence }
}
