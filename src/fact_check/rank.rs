//! Check for ranks given as scores. The published rank is the number of people invited.

use std::ops::Range;

use crate::draws::Draw;
use crate::fact_check::finding::{Finding, RawFinding, Rule, Severity, SuggestedFix};
use crate::fact_check::sentence::Sentence;
use crate::web::with_thousands;

/// A rank that is spoken of as a score; `draw` is the draw at hand.
///
/// “Rank required: 500 or above” is a label of the government, so it is a hint unless it is called a score.
pub(super) fn finding(sentence: &Sentence, draw: Option<&Draw>) -> Option<RawFinding> {
    let plain = &sentence.plain;
    let find = |name, severity| Some((plain.find(name).next()?, severity));
    let (phrase, severity) = find("score rank", Severity::Error).or_else(|| find("open rank", Severity::Hint))?;
    if plain.has("place") {
        return None;
    }
    let rank = phrase.clone().rfind(|at| sentence.word(*at) == "rank")?;
    let number = phrase.clone().rfind(|at| sentence.tokens[*at].number().is_some())?;
    let first = if phrase.start + 1 == rank && sentence.word(phrase.start) == "crs" { phrase.start } else { rank };
    let truth = draw.map(|draw| {
        let (round, day, crs) = (&draw.round, draw.day().text, draw.crs);
        let invited = with_thousands(draw.invitations_published);
        format!(
            " In draw {round} of {day}, the {invited} people with the highest scores were invited. The lowest score was \
             {crs}."
        )
    });
    let reason = format!("A rank is not a score.{}", truth.unwrap_or_default());
    let suggested_fix = draw.map(|draw| suggested_fix(sentence, first..rank + 1, number, draw));
    let (start, finding) =
        sentence.finding_with(Rule::RankAsScore, sentence.span(first, number), reason, suggested_fix);
    Some((start, Finding { severity, ..finding }))
}

/// The words between "rank" and the number stay as they are, with their markup.
fn suggested_fix(sentence: &Sentence, rank: Range<usize>, number: usize, draw: &Draw) -> SuggestedFix {
    let source = |tokens: Range<usize>| {
        let text = sentence.span(tokens.start, tokens.end - 1);
        sentence.block.source_start(text.start)..sentence.block.source_end(text.end)
    };
    let range = source(rank.start..number + 1);
    let between = sentence.block.source(source(rank.clone()).end..source(number..number + 1).start);
    let replacement = format!("CRS score{between}{{{{draw {} crs}}}}", draw.round);
    let corrected_sentence = Some(sentence.with_replacement(&sentence.span(rank.start, number), &replacement));
    SuggestedFix { range, replacement, corrected_sentence }
}
