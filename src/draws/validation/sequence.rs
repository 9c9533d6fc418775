//! Validation of a draw's number and date against the neighbouring draws.

use crate::draws::Draw;
use crate::draws::validation::rule::{Neighbours, Rule, Warning};
use crate::web::plural;

/// Longest pause between two draws so far, in days: from draw 236 to draw 237.
const LONGEST_PAUSE_DAYS: i32 = 49;

pub fn validate(draw: &Draw, around: Neighbours) -> Vec<Warning> {
    let neighbours = [around.previous, around.next].into_iter().flatten();
    let shared = neighbours.filter(|other| draw.round.conflicts_with(&other.round)).map(|other| {
        let sentence = format!("The number {} is already used by draw {}.", draw.round.number(), other.round);
        Warning { rule: Rule::SharedNumber, sentence }
    });
    let mut found: Vec<Warning> = shared.collect();
    if let Some(before) = around.previous {
        found.extend(gap(draw, before));
        found.extend(date_order(draw, before));
    }
    if let Some(after) = around.next.filter(|after| draw.date > after.date) {
        let sentence = format!(
            "The draw is dated {}, after draw {} of {}, which has the higher number.",
            draw.day().text,
            after.round,
            after.day().text
        );
        found.push(Warning { rule: Rule::OutOfOrder, sentence });
    }
    found
}

fn gap(draw: &Draw, before: &Draw) -> Option<Warning> {
    let (first, last) = (before.round.number() + 1, draw.round.number().saturating_sub(1));
    let missing = if first == last { format!("draw {first} is") } else { format!("draws {first} to {last} are") };
    let sentence = format!("The number leaves a gap: {missing} missing after draw {}.", before.round);
    (first <= last).then_some(Warning { rule: Rule::Gap, sentence })
}

fn date_order(draw: &Draw, before: &Draw) -> Option<Warning> {
    let (day, round, earlier) = (draw.day().text, &before.round, before.day().text);
    let days = (draw.date - before.date).get_days();
    if days < 0 {
        let sentence =
            format!("The draw is dated {day}, before draw {round} of {earlier}, which has the lower number.");
        return Some(Warning { rule: Rule::OutOfOrder, sentence });
    }
    // Draws that are not consecutive may have one pause per number.
    let steps = draw.round.number().saturating_sub(before.round.number()).max(1);
    let most = i32::try_from(steps).unwrap_or(i32::MAX).saturating_mul(LONGEST_PAUSE_DAYS + 1);
    let sentence = format!(
        "The draw is dated {day}, {} after draw {round} of {earlier}: the longest pause between two draws was \
         {LONGEST_PAUSE_DAYS} days.",
        plural(i64::from(days), "day", "days")
    );
    (days > most).then_some(Warning { rule: Rule::FarAfter, sentence })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::draws::{bundled, validation};

    fn record() -> Vec<Draw> {
        bundled().unwrap()
    }

    fn messages(draw: &Draw, before: Option<&Draw>, after: Option<&Draw>) -> Vec<String> {
        validate(draw, Neighbours { previous: before, next: after })
            .into_iter()
            .map(|warning| warning.sentence)
            .collect()
    }

    #[test]
    fn no_draw_of_the_record_has_an_implausible_number_or_date() {
        let all = record();
        for (index, draw) in all.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| &all[before]);
            assert_eq!(messages(draw, before, all.get(index + 1)), Vec::<String>::new(), "{}", draw.round);
            let found = validation::validate(
                draw,
                Neighbours { previous: before, next: all.get(index + 1) },
                date(2026, 11, 22),
            );
            let known = ["2", "247", "357"].contains(&&*draw.round.to_string());
            assert_eq!(!found.is_empty(), known, "{}: {found:?}", draw.round);
        }
    }

    #[test]
    fn draws_of_a_partial_record_are_in_order() {
        let all = record();
        for step in [2, 5, 50, 400] {
            for pair in all.iter().step_by(step).collect::<Vec<_>>().windows(2) {
                let found = validate(pair[1], Neighbours { previous: Some(pair[0]), next: None });
                assert!(found.iter().all(|warning| warning.rule == Rule::Gap), "{found:?}");
            }
        }
    }

    #[test]
    fn implausible_number_or_date_gives_a_warning() {
        let all = record();
        let last = all.last().unwrap();
        let next = |round: &str, day| Draw { round: round.parse().unwrap(), date: day, ..last.clone() };
        let day = date(2026, 10, 15);
        for (draw, sentence) in [
            (next("448", day), None),
            (next("448", last.date), None),
            (next("449", day), Some("The number leaves a gap: draw 448 is missing after draw 447.")),
            (next("480", day), Some("The number leaves a gap: draws 448 to 479 are missing after draw 447.")),
            (next("447a", day), Some("The number 447 is already used by draw 447.")),
            (
                next("448", date(2026, 9, 30)),
                Some(
                    "The draw is dated September 30, 2026, before draw 447 of October 1, 2026, which has the lower number.",
                ),
            ),
            (
                next("448", date(2026, 11, 22)),
                Some(
                    "The draw is dated November 22, 2026, 52 days after draw 447 of October 1, 2026: the longest pause \
                     between two draws was 49 days.",
                ),
            ),
        ] {
            assert_eq!(messages(&draw, Some(last), None), sentence.into_iter().collect::<Vec<_>>());
        }
        let index = all.iter().position(|draw| draw.round.to_string() == "300").unwrap();
        let moved = Draw { date: date(2025, 6, 24), ..all[index].clone() };
        let found = messages(&moved, Some(&all[index - 1]), Some(&all[index + 1]));
        assert!(found.iter().any(|sentence| sentence.contains("after draw 301 of")), "{found:?}");
    }
}
