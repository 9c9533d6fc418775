//! Check for ranks given as scores. The published rank is the number of people invited.

use crate::draws::Draw;
use crate::fact_check::finding::{Finding, RawFinding, Rule, Severity, SuggestedFix};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::Number;
use crate::fact_check::word_groups::WORDS;
use crate::web::with_thousands;

/// A rank that is spoken of as a score; `round` is the round at hand.
pub(super) fn finding(sentence: &Sentence, round: Option<&Draw>) -> Option<RawFinding> {
    if sentence.tokens.iter().any(|token| WORDS.has("place", token.word())) {
        return None;
    }
    (0..sentence.tokens.len()).find_map(|at| {
        let (number, severity) = rank_as_score(sentence, at)?;
        let (start, finding) = report(sentence, at, number, round);
        Some((start, Finding { severity, ..finding }))
    })
}

/// Where the number stands that is said of the rank at a place.
///
/// “Rank required: 500 or above” is a label of the government, so it is a hint unless it is called a score.
fn rank_as_score(sentence: &Sentence, rank: usize) -> Option<(usize, Severity)> {
    if sentence.word(rank) != "rank" {
        return None;
    }
    let number = (rank + 1..sentence.tokens.len()).take(14).find(|at| !leads_to_number(sentence, *at))?;
    let value = sentence.tokens[number].number().and_then(Number::plain)?;
    let next = sentence.word(number + 1);
    let is_open = matches!(next, "or" | "and") && WORDS.has("more", sentence.word(number + 2));
    let is_points = next == "points" || sentence.is_punctuation(number + 1, '+');
    let before = rank.saturating_sub(5)..rank;
    let is_score =
        sentence.word(rank.wrapping_sub(1)) == "crs" || before.into_iter().any(|at| sentence.word(at) == "score");
    // "To rank 500 universities" is a verb.
    let is_noun = number > rank + 1 || is_score;
    let severity = if is_points || is_score { Severity::Error } else { Severity::Hint };
    (value > 0 && is_noun && (is_open || is_points || is_score)).then_some((number, severity))
}

fn leads_to_number(sentence: &Sentence, at: usize) -> bool {
    ":|(=–—“”\",".chars().any(|mark| sentence.is_punctuation(at, mark)) || WORDS.has("rank", sentence.word(at))
}

fn report(sentence: &Sentence, rank: usize, number: usize, round: Option<&Draw>) -> RawFinding {
    let first = if rank > 0 && sentence.word(rank - 1) == "crs" { rank - 1 } else { rank };
    let opens = matches!(sentence.word(number + 1), "or" | "and");
    let last = if opens { number + 2 } else { number };
    let at = sentence.span(first, last);
    let known = round.map(|draw| {
        let (invited, day) = (with_thousands(draw.invitations_published), draw.day().text);
        format!(
            " In draw {} of {day}, the {invited} people with the highest scores were invited. The lowest score was {}.",
            draw.round, draw.crs
        )
    });
    let reason = format!("A rank is not a score.{}", known.unwrap_or_default());
    let suggested_fix = round.map(|draw| suggested_fix(sentence, (first, rank, number, last), draw));
    sentence.finding_with(Rule::RankAsScore, at, reason, suggested_fix)
}

/// The words between "rank" and the number stay as they are, with their markup.
fn suggested_fix(
    sentence: &Sentence,
    (first, rank, number, last): (usize, usize, usize, usize),
    draw: &Draw,
) -> SuggestedFix {
    let block = sentence.block;
    let start = |at: usize| block.source_start(sentence.tokens[at].range.start);
    let end = |at: usize| block.source_end(sentence.tokens[at].range.end);
    let range = start(first)..end(last);
    let (between, after) = (block.source(end(rank)..start(number)), block.source(end(number)..end(last)));
    let replacement = format!("CRS score{between}{{{{draw {} crs}}}}{after}", draw.round);
    let corrected_sentence = Some(sentence.with_replacement(&sentence.span(first, last), &replacement));
    SuggestedFix { range, replacement, corrected_sentence }
}

#[cfg(test)]
mod tests {
    use crate::fact_check::tests::{findings_in, reason, rules_found, with_fixes_applied};
    use crate::fact_check::{Rule, Severity};

    #[test]
    fn rank_used_as_score_is_reported() {
        for (text, right) in [
            (
                "In round 252 candidates needed a minimum rank of 500 or above.",
                "In round 252 candidates needed a minimum CRS score of {{draw 252 crs}} or above.",
            ),
            ("Round 252 had a CRS rank of 500.", "Round 252 had a CRS score of {{draw 252 crs}}."),
            (
                "# Round 252\n\n- **Rank required to be invited to apply:** 500 or above",
                "# Round 252\n\n- **CRS score required to be invited to apply:** {{draw 252 crs}} or above",
            ),
            (
                "# Round 252\n\nRank required: 500 or above",
                "# Round 252\n\nCRS score required: {{draw 252 crs}} or above",
            ),
            ("Round 252: a rank of *500* points", "Round 252: a CRS score of *{{draw 252 crs}}* points"),
            (
                "# Round 252\n\nIt took a score of rank 500.",
                "# Round 252\n\nIt took a score of CRS score {{draw 252 crs}}.",
            ),
        ] {
            assert_eq!(rules_found(text), [Rule::RankAsScore], "{text}");
            assert_eq!(with_fixes_applied(text), right);
        }
        assert_eq!(with_fixes_applied("A rank of 500 or more was needed."), "A rank of 500 or more was needed.");
        let reason = reason("In round 252 candidates needed a rank of 500 or higher.");
        assert!(
            reason.contains("the 500 people with the highest scores") && reason.ends_with("The lowest score was 476."),
            "{reason}"
        );
    }

    #[test]
    fn label_of_the_government_is_only_a_hint() {
        for (text, severity) in [
            ("Rank required to be invited to apply: 500 or above", Severity::Hint),
            ("Candidates needed a rank of 500 or higher.", Severity::Hint),
            ("A CRS rank of 500 or above was needed.", Severity::Error),
            ("The score was a rank of 500 or above.", Severity::Error),
            ("They needed a minimum rank of 500 points.", Severity::Error),
            ("The minimum rank was 500 points or above.", Severity::Error),
        ] {
            let found = findings_in(&[("body", text)]);
            assert_eq!(found.iter().map(|finding| finding.severity).collect::<Vec<_>>(), [severity], "{text}");
        }
    }

    #[test]
    fn correct_use_of_rank_is_not_reported() {
        for fine in [
            "# Round 252\n\nRank required to be invited to apply: 500",
            "# Round 252\n\nThe rank needed was the 500th place or better.",
            "“Rank required: 500 or above” means a place in line, not a score.",
            "Candidates ranked 500 or above were invited in round 252.",
            "Canada does not rank 500 or more universities.",
        ] {
            let rules = rules_found(fine);
            assert!(rules.is_empty(), "{fine}: {rules:?}");
        }
    }
}
