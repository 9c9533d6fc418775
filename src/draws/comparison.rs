//! A round beside the one before it of the same kind: higher or lower, more or fewer, how long between.

use crate::draws::Draw;
use crate::web::{Day, grouped, plural};

/// What changed since the round before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The round before.
    pub round: String,
    /// Its day.
    pub day: Day,
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
                1.. => format!("{} more than {many_before}", grouped(more)),
                _ => format!("{} fewer than {many_before}", grouped(-more)),
            },
        }
    }
}
