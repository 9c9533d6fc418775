//! A round beside the one before it of the same kind: higher or lower, more or fewer, how long between.

use crate::draws::Draw;
use crate::web::{Day, grouped, plural};

/// What changed since the round before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The round before.
    pub round: String,
    /// Its cut-off.
    pub crs: i64,
    /// Its invitations.
    pub invitations: String,
    /// Its day.
    pub day: Day,
    /// `down 11`, `up 3` or `the same`
    pub crs_change: String,
    /// `4,300 fewer`, `500 more` or `the same`
    pub invitations_change: String,
    /// `14 days later` or `the same day`
    pub days_between: String,
}

impl Comparison {
    /// Compares `draw` with the one before it.
    pub fn of(draw: &Draw, before: &Draw) -> Self {
        let higher = draw.crs - before.crs;
        let more = draw.invitations() - before.invitations();
        let days = draw.date.duration_since(before.date).as_hours() / 24;
        Self {
            round: before.round.to_string(),
            crs: before.crs,
            invitations: before.invitations_text(),
            day: before.day(),
            crs_change: match higher {
                0 => "the same".into(),
                1.. => format!("up {higher}"),
                _ => format!("down {}", -higher),
            },
            invitations_change: match more {
                0 => "the same".into(),
                1.. => format!("{} more", grouped(more)),
                _ => format!("{} fewer", grouped(-more)),
            },
            days_between: if days == 0 { "the same day".into() } else { plural(days, "day later", "days later") },
        }
    }
}
