//! The checks of a round: what in a record cannot be, or is so odd that somebody must look before readers see it.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::draws::Draw;
use crate::draws::written::instant_in;
use crate::web::{Day, Instant, grouped};

/// What a doubt rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A tie-break settles who among those already in the pool is invited: it cannot lie after the round.
    TieBreakAfterRound,
    /// Profiles live for a year, so an older tie-break would separate nobody.
    TieBreakOld,
    /// The day and the instant are of one event.
    DaysApart,
    /// A sub-total or the total of the pool is not the sum of its parts.
    WrongSum,
    /// Scores run from 1 to 1200.
    CrsOutOfRange,
    /// The pool is counted before the invitations go out.
    PoolAfterRound,
    /// An uneven number of invitations repeated to the last digit is usually a line copied by mistake.
    SameAsBefore,
    /// A round needs somebody invited.
    NobodyInvited,
    /// What has not been held yet has no figures.
    InTheFuture,
    /// A field of the record that cannot be read.
    Unreadable,
}

impl Rule {
    /// Its name in the database and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::TieBreakAfterRound => "tie_break_after_round",
            Self::TieBreakOld => "tie_break_old",
            Self::DaysApart => "days_apart",
            Self::WrongSum => "wrong_sum",
            Self::CrsOutOfRange => "crs_out_of_range",
            Self::PoolAfterRound => "pool_after_round",
            Self::SameAsBefore => "same_as_before",
            Self::NobodyInvited => "nobody_invited",
            Self::InTheFuture => "in_the_future",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether no reason could make the record true, so that it cannot be kept at all.
    pub fn is_impossible(self) -> bool {
        matches!(self, Self::CrsOutOfRange | Self::NobodyInvited)
    }
}

/// Something in a record that somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Which rule.
    pub rule: Rule,
    /// What is odd, and why, in a sentence.
    pub sentence: String,
}

/// The longest a profile stays in the pool: one year.
const LONGEST_TIE_BREAK: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What is to be doubted about `draw`. `before` is the round held before it, `today` the present day.
pub fn doubts(draw: &Draw, before: Option<&Draw>, today: jiff::civil::Date) -> Vec<Doubt> {
    let mut found = vec![];
    let mut doubt = |rule, sentence: String| found.push(Doubt { rule, sentence });
    if let (Some(held), Some(tie_break)) = (draw.held_at, draw.tie_break) {
        let (held_text, tie_text) = (Instant::utc(held).text, Instant::utc(tie_break).text);
        if tie_break > held {
            doubt(
                Rule::TieBreakAfterRound,
                format!("The tie-break ({tie_text}) lies after the round itself ({held_text}): it cannot be."),
            );
        } else if held.duration_since(tie_break) > LONGEST_TIE_BREAK {
            doubt(
                Rule::TieBreakOld,
                format!(
                    "The tie-break ({tie_text}) is more than 365 days before the round: profiles expire after a year."
                ),
            );
        }
    } else if let Some(tie_break) = draw.tie_break.filter(|at| at.to_zoned(TimeZone::UTC).date() > draw.date) {
        let text = Instant::utc(tie_break).text;
        doubt(
            Rule::TieBreakAfterRound,
            format!("The tie-break ({text}) lies after the day of the round ({}): it cannot be.", draw.day().text),
        );
    }
    // An instant that cannot be is kept as it was typed, and as nothing else.
    let held = draw.held_at.or_else(|| instant_in(&draw.held_at_published, draw.date));
    if let Some(held) = held
        && !is_about(held, draw.date)
    {
        doubt(
            Rule::DaysApart,
            format!(
                "The round is dated {} and timed {}: more than a day apart.",
                draw.day().text,
                Instant::utc(held).text
            ),
        );
    }
    if let Some(pool) = &draw.pool {
        for sum in pool.wrong_sums() {
            doubt(
                Rule::WrongSum,
                format!(
                    "In the pool, {} is given as {}, but its parts add up to {}.",
                    sum.band.label,
                    grouped(sum.published),
                    grouped(sum.added)
                ),
            );
        }
        if pool.as_of > draw.date {
            let counted = Day::from(pool.as_of).text;
            doubt(
                Rule::PoolAfterRound,
                format!("The pool is dated {counted}, after the round of {}.", draw.day().text),
            );
        }
    }
    if !(1..=1200).contains(&draw.crs) {
        doubt(Rule::CrsOutOfRange, format!("A CRS cut-off of {} cannot be: scores run from 1 to 1,200.", draw.crs));
    }
    if draw.invitations() < 1 {
        doubt(Rule::NobodyInvited, "A round invites at least one person.".into());
    }
    if let Some(before) = before
        && draw.invitations() == before.invitations_published
        && draw.category == before.category
        && draw.invitations() % 50 != 0
    {
        doubt(
            Rule::SameAsBefore,
            format!(
                "{} invitations are exactly as many as in round {} before it: this may be a line copied by mistake.",
                draw.invitations_text(),
                before.round
            ),
        );
    }
    if draw.date > today {
        doubt(Rule::InTheFuture, format!("The round is dated {}, which is still to come.", draw.day().text));
    }
    found
}

/// Whether an instant can belong to this day in Canada: the day itself, or the one next to it in UTC.
pub fn is_about(instant: jiff::Timestamp, day: jiff::civil::Date) -> bool {
    let apart = instant.to_zoned(TimeZone::UTC).date().duration_since(day);
    apart.abs() <= SignedDuration::from_hours(24)
}
