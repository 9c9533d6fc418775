//! The checks of a draw: what in a record cannot be, or is so odd that staff must look before readers see it.

mod sequence;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::draws::Draw;
use crate::draws::import::date_parser::parse_timestamp;
use crate::draws::pool::WrongSum;
use crate::http::Sha256Hex;
use crate::web::{DisplayDate, DisplayTime, with_thousands};

/// What a warning rests on.
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
    /// Rounds are held since January 2015, and what has not been held yet has no figures.
    OutOfTime,
    /// The file gives two dates for one draw.
    DatesDiffer,
    /// Draws are numbered in the order in which they are held.
    OutOfOrder,
    /// The longest pause between two draws was 49 days.
    FarAfter,
    /// Every number is used: one that is left out belongs to a draw that is missing.
    Gap,
    /// A number is used once; only 91 was given twice, as 91a and 91b.
    SharedNumber,
    /// The largest draw invited 27,332 people.
    ManyInvited,
    /// The pool is counted in the weeks before the draw: at most 20 days so far.
    PoolLongBefore,
    /// A value that stood here before may come from an old copy of the file.
    StoodBefore,
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
            Self::OutOfTime => "out_of_time",
            Self::DatesDiffer => "dates_differ",
            Self::OutOfOrder => "out_of_order",
            Self::FarAfter => "far_after",
            Self::Gap => "gap",
            Self::SharedNumber => "shared_number",
            Self::ManyInvited => "many_invited",
            Self::PoolLongBefore => "pool_long_before",
            Self::StoodBefore => "stood_before",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether no reason could make the record true, so that it cannot be kept at all.
    pub fn is_error(self) -> bool {
        matches!(self, Self::CrsOutOfRange | Self::NobodyInvited | Self::OutOfTime)
    }
}

/// Something in a record that somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Which rule.
    pub rule: Rule,
    /// What is odd, and why, in a sentence.
    pub sentence: String,
}

impl Warning {
    /// Stands for the rule and the figures that were doubted: other figures are another warning.
    pub fn key(&self) -> String {
        format!("{}-{}", self.rule.key(), &Sha256Hex::of(&self.sentence)[..8])
    }
}

/// The longest a profile stays in the pool: one year.
const MAX_TIE_BREAK_AGE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// More people than this in one draw are more likely a slip.
const MAX_PLAUSIBLE_INVITATIONS: i64 = 50_000;
/// More days than this between the pool count and the draw are more likely a slip.
const MAX_POOL_AGE_DAYS: i32 = 45;

/// The draws next to one in the record, by number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Neighbours<'a> {
    /// The draw with the next lower number.
    pub previous: Option<&'a Draw>,
    /// The draw with the next higher number.
    pub next: Option<&'a Draw>,
}

/// What is to be doubted about `draw` among the draws around it. `today` is the present day.
pub fn validate(draw: &Draw, around: Neighbours, today: Date) -> Vec<Warning> {
    let mut found = sequence::validate(draw, around);
    found.extend(tie_break(draw));
    found.extend(days_apart(draw));
    if let Some(pool) = &draw.pool {
        found.extend(pool.wrong_sums().into_iter().map(wrong_sum));
        found.extend((pool.as_of > draw.date).then(|| pool_after_round(pool.as_of, draw.date)));
        found.extend(pool_long_before(pool.as_of, draw));
    }
    if !(1..=1200).contains(&draw.crs) {
        let sentence = format!("A CRS cut-off of {} cannot be: scores run from 1 to 1,200.", draw.crs);
        found.push(Warning { rule: Rule::CrsOutOfRange, sentence });
    }
    if draw.invitations_published < 1 || draw.invitations() < 1 {
        let sentence = "A round invites at least one person.".into();
        found.push(Warning { rule: Rule::NobodyInvited, sentence });
    }
    if draw.invitations() > MAX_PLAUSIBLE_INVITATIONS {
        let sentence = format!(
            "{} invitations are more than in any draw: the largest so far invited 27,332 people.",
            draw.invitations_text()
        );
        found.push(Warning { rule: Rule::ManyInvited, sentence });
    }
    found.extend(around.previous.and_then(|before| same_as_before(draw, before)));
    // It may be tomorrow already where the draw is read about, never where it is held.
    if draw.date.year() < 2015 || draw.date > today.saturating_add(1.day()) {
        let day = draw.day().text;
        let sentence = format!(
            "The round is dated {day}: rounds are held since January 2015, and none is known before it is held."
        );
        // A date that cannot be is told once.
        found.retain(|warning| !matches!(warning.rule, Rule::OutOfOrder | Rule::FarAfter));
        found.push(Warning { rule: Rule::OutOfTime, sentence });
    }
    found
}

/// Instants are compared, not days: a tie-break may be that of the round itself, to the second (round 139).
fn tie_break(draw: &Draw) -> Option<Warning> {
    let tie_break = draw.tie_break?;
    let text = DisplayTime::utc(tie_break).text;
    let warning = |rule, sentence| Some(Warning { rule, sentence });
    // Without an instant, the round was over at the end of the day after its own, in UTC.
    let over = || draw.date.saturating_add(2.days()).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let held = draw.held_at.or_else(over)?;
    if tie_break > held {
        let when = draw.instant().map_or_else(|| draw.day().text, |instant| instant.text);
        return warning(
            Rule::TieBreakAfterRound,
            format!("The tie-break ({text}) lies after the round itself ({when}): it cannot be."),
        );
    }
    if held.duration_since(tie_break) > MAX_TIE_BREAK_AGE {
        return warning(
            Rule::TieBreakOld,
            format!("The tie-break ({text}) is more than 365 days before the round: profiles expire after a year."),
        );
    }
    None
}

fn days_apart(draw: &Draw) -> Option<Warning> {
    // An instant that cannot be is kept as it was typed, and as nothing else.
    let held = draw.held_at.or_else(|| parse_timestamp(&draw.held_at_published, draw.date))?;
    let (day, instant) = (draw.day().text, DisplayTime::utc(held).text);
    let sentence = format!("The round is dated {day} and timed {instant}: more than a day apart.");
    (!is_within_a_day(held, draw.date)).then_some(Warning { rule: Rule::DaysApart, sentence })
}

fn wrong_sum(sum: WrongSum) -> Warning {
    let (published, added) = (with_thousands(sum.published), with_thousands(sum.computed));
    let sentence = format!("In the pool, {} is given as {published}, but its parts add up to {added}.", sum.band.label);
    Warning { rule: Rule::WrongSum, sentence }
}

/// The warning about a pool that is dated after its round.
pub fn pool_after_round(as_of: Date, round_day: Date) -> Warning {
    let (counted, held) = (DisplayDate::from(as_of).text, DisplayDate::from(round_day).text);
    let sentence = format!("The pool is dated {counted}, after the round of {held}.");
    Warning { rule: Rule::PoolAfterRound, sentence }
}

fn pool_long_before(as_of: Date, draw: &Draw) -> Option<Warning> {
    let days = (draw.date - as_of).get_days();
    let counted = DisplayDate::from(as_of).text;
    let sentence = format!("The pool is dated {counted}, {days} days before the draw of {}.", draw.day().text);
    (days > MAX_POOL_AGE_DAYS).then_some(Warning { rule: Rule::PoolLongBefore, sentence })
}

/// Round numbers such as 3,000 were repeated for months; uneven ones are not, and no two draws of one day are the same.
fn same_as_before(draw: &Draw, before: &Draw) -> Option<Warning> {
    let is_same = draw.invitations() == before.invitations_published && draw.category == before.category;
    let sentence = format!(
        "{} invitations are exactly as many as in round {} before it: this may be a line copied by mistake.",
        draw.invitations_text(),
        before.round
    );
    if is_same && draw.invitations() % 50 != 0 {
        return Some(Warning { rule: Rule::SameAsBefore, sentence });
    }
    let is_twin = (draw.date, draw.crs, draw.invitations()) == (before.date, before.crs, before.invitations());
    let sentence = format!(
        "Date, invitations and CRS cut-off are those of draw {} before it: this may be the same draw twice.",
        before.round
    );
    is_twin.then_some(Warning { rule: Rule::SameAsBefore, sentence })
}

/// Whether an instant can belong to this day in Canada: the day itself, or the one next to it in UTC.
pub fn is_within_a_day(instant: Timestamp, day: Date) -> bool {
    let apart = instant.to_zoned(TimeZone::UTC).date().duration_since(day);
    apart.abs() <= SignedDuration::from_hours(24)
}
