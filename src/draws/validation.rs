//! Validation of draws: errors, and warnings that staff must acknowledge before publication.

mod rule;
mod sequence;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::draws::Draw;
use crate::draws::pool::WrongSum;
use crate::web::{DisplayDate, DisplayTime, parse_timestamp, with_thousands};

pub use rule::{Neighbours, Rule, Warning};

/// Profiles stay in the pool for at most one year.
const MAX_TIE_BREAK_AGE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The largest draw so far invited 27,332 people.
const MAX_PLAUSIBLE_INVITATIONS: i64 = 50_000;
/// Days between the pool count and the draw; at most 20 so far.
const MAX_POOL_AGE_DAYS: i32 = 45;

/// Returns the warnings about `draw`, given its neighbours in the record.
pub fn validate(draw: &Draw, around: Neighbours, today: Date) -> Vec<Warning> {
    let mut found = sequence::validate(draw, around);
    found.extend(tie_break(draw));
    found.extend(days_apart(draw));
    if let Some(pool) = &draw.pool {
        found.extend(pool.wrong_sums().into_iter().map(wrong_sum));
        found.extend((pool.as_of > draw.date).then(|| pool_after_draw(pool.as_of, draw.date)));
        found.extend(pool_long_before(pool.as_of, draw));
    }
    if !(1..=1200).contains(&draw.crs) {
        let sentence = format!("A CRS cut-off of {} is not possible: scores range from 1 to 1,200.", draw.crs);
        found.push(Warning { rule: Rule::CrsOutOfRange, sentence });
    }
    if draw.invitations_published < 1 || draw.invitations() < 1 {
        let sentence = "A draw invites at least one person.".into();
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
    // `today` is the date in the office time zone, which may be one day off the date in Canada.
    if draw.date.year() < 2015 || draw.date > today.saturating_add(1.day()) {
        let day = draw.day().text;
        let sentence = format!("The draw is dated {day}. The date must be between January 2015 and today.");
        // An impossible date is reported once.
        found.retain(|warning| !matches!(warning.rule, Rule::OutOfOrder | Rule::FarAfter));
        found.push(Warning { rule: Rule::OutOfTime, sentence });
    }
    found
}

/// Compares times, not dates: a tie-break may equal the time of the draw to the second (draw 139).
fn tie_break(draw: &Draw) -> Option<Warning> {
    let tie_break = draw.tie_break?;
    let text = DisplayTime::utc(tie_break).text;
    let warning = |rule, sentence| Some(Warning { rule, sentence });
    // Without a time, the draw was over by the end of the next day in UTC.
    let over = || draw.date.saturating_add(2.days()).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let held = draw.held_at.or_else(over)?;
    if tie_break > held {
        let when = draw.instant().map_or_else(|| draw.day().text, |instant| instant.text);
        return warning(Rule::TieBreakAfterDraw, format!("The tie-break ({text}) is later than the draw ({when})."));
    }
    if held.duration_since(tie_break) > MAX_TIE_BREAK_AGE {
        return warning(
            Rule::TieBreakOld,
            format!("The tie-break ({text}) is more than 365 days before the draw. Profiles expire after a year."),
        );
    }
    None
}

fn days_apart(draw: &Draw) -> Option<Warning> {
    // An impossible time is stored only as text.
    let held = draw.held_at.or_else(|| parse_timestamp(&draw.held_at_published, draw.date))?;
    let (day, instant) = (draw.day().text, DisplayTime::utc(held).text);
    let sentence = format!("The draw is dated {day}, but its time is {instant}: more than a day apart.");
    (!is_within_a_day(held, draw.date)).then_some(Warning { rule: Rule::DaysApart, sentence })
}

fn wrong_sum(sum: WrongSum) -> Warning {
    let (published, added) = (with_thousands(sum.published), with_thousands(sum.computed));
    let sentence = format!("In the pool, {} is given as {published}, but its parts add up to {added}.", sum.band.label);
    Warning { rule: Rule::WrongSum, sentence }
}

pub fn pool_after_draw(as_of: Date, round_day: Date) -> Warning {
    let (counted, held) = (DisplayDate::from(as_of).text, DisplayDate::from(round_day).text);
    let sentence = format!("The pool is dated {counted}, after the draw of {held}.");
    Warning { rule: Rule::PoolAfterDraw, sentence }
}

fn pool_long_before(as_of: Date, draw: &Draw) -> Option<Warning> {
    let days = (draw.date - as_of).get_days();
    let counted = DisplayDate::from(as_of).text;
    let sentence = format!("The pool is dated {counted}, {days} days before the draw of {}.", draw.day().text);
    (days > MAX_POOL_AGE_DAYS).then_some(Warning { rule: Rule::PoolLongBefore, sentence })
}

/// Round numbers such as 3,000 were repeated for months. Other numbers, and whole draws, are not repeated.
fn same_as_before(draw: &Draw, before: &Draw) -> Option<Warning> {
    let is_same = draw.invitations() == before.invitations_published && draw.category == before.category;
    let sentence = format!(
        "The number of invitations ({}) is the same as in the previous draw, {}: the row may have been copied by mistake.",
        draw.invitations_text(),
        before.round
    );
    if is_same && draw.invitations() % 50 != 0 {
        return Some(Warning { rule: Rule::SameAsBefore, sentence });
    }
    let is_equal = (draw.date, draw.crs, draw.invitations()) == (before.date, before.crs, before.invitations());
    let sentence = format!(
        "Date, invitations and CRS cut-off are the same as in the previous draw, {}: this may be a duplicate.",
        before.round
    );
    is_equal.then_some(Warning { rule: Rule::SameAsBefore, sentence })
}

/// Whether the UTC date of `instant` is at most one day from the date in Canada.
pub fn is_within_a_day(instant: Timestamp, day: Date) -> bool {
    let apart = instant.to_zoned(TimeZone::UTC).date().duration_since(day);
    apart.abs() <= SignedDuration::from_hours(24)
}
