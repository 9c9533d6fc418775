//! A round beside the one before it of the same kind: higher or lower, more or fewer, how long between.

use crate::draws::Draw;
use crate::web::{DisplayDate, plural, with_thousands};

/// What changed since the round before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The round before.
    pub round: String,
    /// Its day.
    pub day: DisplayDate,
    /// `14 days earlier` or `the same day`
    pub days_between: String,
    /// `down 11 from 487`, `up 3 from 473` or `the same`
    pub crs: String,
    /// `4,300 fewer than 4,800`, `500 more than 1,000` or `the same`
    pub invitations: String,
}

impl Comparison {
    /// Compares `draw` with the one before it.
    pub fn of(draw: &Draw, before: &Draw) -> Self {
        let higher = draw.crs - before.crs;
        let more = draw.invitations() - before.invitations();
        let days = draw.date.duration_since(before.date).as_hours() / 24;
        let (crs_before, many_before) = (before.crs, before.invitations_text());
        Self {
            round: before.round.to_string(),
            day: before.day(),
            days_between: if days == 0 { "the same day".into() } else { plural(days, "day earlier", "days earlier") },
            crs: match higher {
                0 => "the same".into(),
                1.. => format!("up {higher} from {crs_before}"),
                _ => format!("down {} from {crs_before}", -higher),
            },
            invitations: match more {
                0 => "the same".into(),
                1.. => format!("{} more than {many_before}", with_thousands(more)),
                _ => format!("{} fewer than {many_before}", with_thousands(-more)),
            },
        }
    }
}

/// `Compared with round 252 of June 28, 2023, the cut-off was 13 points lower and 1,000 more people were invited.`
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
        0 => "as many people were invited".to_owned(),
        more if more > 0 => people(more, "more"),
        fewer => people(-fewer, "fewer"),
    };
    format!("Compared with round {} of {}, {score} and {invited}.", before.round, before.day().text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draw_is_compared_with_the_previous_one() {
        let draws = crate::draws::seed::bundled().unwrap();
        let round = |number: &str| draws.iter().find(|draw| draw.round.to_string() == number).unwrap();
        for (draw, before, words) in [
            (
                "255",
                "252",
                "Compared with round 252 of June 28, 2023, the cut-off was 13 points lower and 1,000 more people were invited.",
            ),
            (
                "252",
                "255",
                "Compared with round 255 of July 6, 2023, the cut-off was 13 points higher and 1,000 fewer people were invited.",
            ),
            (
                "252",
                "252",
                "Compared with round 252 of June 28, 2023, the cut-off was the same and as many people were invited.",
            ),
        ] {
            assert_eq!(describe(round(draw), round(before)), words);
        }
        let one = Draw { crs: 477, invitations_published: 501, ..round("252").clone() };
        assert!(
            describe(&one, round("252")).ends_with("the cut-off was 1 point higher and 1 more person was invited.")
        );
    }
}
