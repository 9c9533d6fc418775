//! Comparison of a draw with the previous draw of the same type.

use crate::draws::Draw;
use crate::web::{DisplayDate, plural, with_thousands};

/// Comparison with the previous draw, formatted for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub round: String,
    pub day: DisplayDate,
    pub days_between: String,
    pub crs: String,
    pub invitations: String,
}

impl Comparison {
    pub fn of(draw: &Draw, before: &Draw) -> Self {
        let days = draw.date.duration_since(before.date).as_hours() / 24;
        Self {
            round: before.round.to_string(),
            day: before.day(),
            days_between: if days == 0 { "the same day".into() } else { plural(days, "day earlier", "days earlier") },
            crs: change(draw.crs, before.crs, |crs| crs.to_string()),
            invitations: change(draw.invitations(), before.invitations(), with_thousands),
        }
    }
}

/// `476, down 11 from 487`, `3,500, up 500 from 3,000` or `476, unchanged`
fn change(value: i64, before: i64, text: impl Fn(i64) -> String) -> String {
    match value - before {
        0 => format!("{}, unchanged", text(value)),
        up @ 1.. => format!("{}, up {} from {}", text(value), text(up), text(before)),
        down => format!("{}, down {} from {}", text(value), text(-down), text(before)),
    }
}

/// `Compared with draw 252 of June 28, 2023, the cut-off was 13 points lower and 1,000 more people were invited.`
pub fn describe(draw: &Draw, before: &Draw) -> String {
    let score = match draw.crs - before.crs {
        0 => "the cut-off was the same".to_owned(),
        up if up > 0 => format!("the cut-off was {} higher", plural(up, "point", "points")),
        down => format!("the cut-off was {} lower", plural(-down, "point", "points")),
    };
    let people = |count: i64, more: &str| match count {
        1 => format!("1 {more} person was invited"),
        count => format!("{} {more} people were invited", with_thousands(count)),
    };
    let invited = match draw.invitations() - before.invitations() {
        0 => "the same number of people were invited".to_owned(),
        more if more > 0 => people(more, "more"),
        fewer => people(-fewer, "fewer"),
    };
    format!("Compared with draw {} of {}, {score} and {invited}.", before.round, before.day().text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_is_compared_with_the_previous_one() {
        let draws = crate::draws::seed::bundled().unwrap();
        let round = |number: &str| draws.iter().find(|draw| draw.round.to_string() == number).unwrap();
        for (draw, before, text) in [
            (
                "255",
                "252",
                "Compared with draw 252 of June 28, 2023, the cut-off was 13 points lower and 1,000 more people were invited.",
            ),
            (
                "252",
                "255",
                "Compared with draw 255 of July 6, 2023, the cut-off was 13 points higher and 1,000 fewer people were invited.",
            ),
            (
                "252",
                "252",
                "Compared with draw 252 of June 28, 2023, the cut-off was the same and the same number of people were invited.",
            ),
        ] {
            assert_eq!(describe(round(draw), round(before)), text);
        }
        let one = Draw { crs: 477, invitations_published: 501, ..round("252").clone() };
        assert!(
            describe(&one, round("252")).ends_with("the cut-off was 1 point higher and 1 more person was invited.")
        );
    }
}
