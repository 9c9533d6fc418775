//! Taking in the government's file: first what it would do, then all of it or nothing.

pub(super) mod fields;
pub(super) mod merge;
mod names;
mod older;
pub(super) mod plan;
#[cfg(test)]
mod properties;
pub(super) mod published;
#[cfg(test)]
mod replay;
pub(super) mod written;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{SqliteConnection, SqlitePool};

use crate::draws::change::Words;
use crate::draws::check::Doubt;
use crate::draws::import::plan::{Known, NewRound, Plan};
use crate::draws::import::published::Published;
use crate::draws::tokens::speaking_of;
use crate::draws::{Correction, Draw, Origin, store};
use crate::staff;
use crate::web::{Day, one_line, plural, single_line};

/// Compares what a file says with the record as it stands now. `source` says for readers where it comes from.
pub async fn plan(
    db: &mut SqliteConnection,
    published: Vec<Published>,
    source: &str,
    today: Date,
) -> sqlx::Result<Plan> {
    let known = Known { draws: store::all(&mut *db).await?, corrections: store::all_corrections(&mut *db).await? };
    Ok(Plan::new(published, &known, source, today))
}

/// For readers: where a round or a change of one comes from.
pub fn source(received_at: Timestamp) -> String {
    format!("The government’s file of rounds, taken in on {}", Day::in_office(received_at).text)
}

/// Why what the checks doubt is right: a reason for each doubt, or one for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reasons {
    #[serde(deserialize_with = "one_line", rename = "reason")]
    all: String,
    #[serde(flatten)]
    each: BTreeMap<String, String>,
}

impl Reasons {
    /// One reason for all.
    pub fn one(reason: &str) -> Self {
        Self { all: single_line(reason), each: BTreeMap::new() }
    }

    /// The field of a form in which the reason for taking in an old copy is typed.
    pub const OLDER: &str = "reason-older";

    /// Why the record should go back to an old copy of the file; empty where no reason was given.
    pub fn of_older(&self) -> String {
        self.typed(Self::OLDER)
    }

    /// The field of a form in which the reason for a doubt is typed.
    pub fn field(draw: &Draw, doubt: &Doubt) -> String {
        format!("reason-{}-{}", draw.round, doubt.key())
    }

    /// The reason for a doubt; empty where there is none.
    pub fn of(&self, draw: &Draw, doubt: &Doubt) -> String {
        self.typed(&Self::field(draw, doubt))
    }

    fn typed(&self, field: &str) -> String {
        let own = self.each.get(field).map(|typed| single_line(typed)).unwrap_or_default();
        let reason = if own.is_empty() { self.all.clone() } else { own };
        reason.chars().take(500).collect()
    }
}

/// Why a plan may not be carried out as it is; `None` where it may.
pub fn refusal(plan: &Plan, reasons: &Reasons) -> Option<String> {
    if let Some((draw, doubt)) = plan.doubted().find(|(_, doubt)| doubt.rule.is_impossible()) {
        return Some(format!("Round {} cannot be recorded so. {}", draw.round, doubt.sentence));
    }
    if let Some(older) = plan.older.as_ref().filter(|_| plan.set_back() > 0 && reasons.of_older().is_empty()) {
        return Some(format!(
            "{} It would set {} back to an older state. Say why, and the file can be taken in.",
            older.sentence(),
            count(plan.set_back(), "field", "fields")
        ));
    }
    let open = plan.doubted().filter(|(draw, doubt)| reasons.of(draw, doubt).is_empty()).count();
    (open > 0).then(|| {
        let figures = count(open, "figure", "figures");
        format!("The checks doubt {figures}. Say of each why it is right, and the file can be taken in.")
    })
}

fn count(number: usize, one: &str, many: &str) -> String {
    plural(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

/// Carries out a plan that [`refusal`] lets pass, in the transaction of its caller: every change of a published field is
/// kept as a correction, and every doubt that was let stand with its reason.
pub async fn apply(
    tx: &mut SqliteConnection,
    plan: &Plan,
    by: &str,
    source: &str,
    reasons: &Reasons,
    now: Timestamp,
) -> sqlx::Result<()> {
    let changed = plan.changed.iter().filter(|round| !round.changes.is_empty());
    let draws: Vec<Draw> =
        plan.new.iter().map(|round| &round.draw).chain(changed.clone().map(|round| &round.draw)).cloned().collect();
    store::put(tx, &draws, now).await?;
    let corrections: Vec<Correction> = changed
        .flat_map(|round| round.changes.iter().map(move |change| (round, change)))
        .map(|(round, change)| change.kept(&round.draw, now, by, Origin::Import, source))
        .collect();
    store::keep_corrections(tx, &corrections).await?;
    for (draw, doubt) in plan.doubted() {
        confirm(tx, draw, doubt, &reasons.of(draw, doubt), by, now).await?;
    }
    if let Some(older) = plan.older.as_ref().filter(|_| plan.set_back() > 0) {
        let fields = count(plan.set_back(), "field", "fields");
        let subject = format!("{} {fields} set back. Reason: {}", older.sentence(), reasons.of_older());
        staff::audit(tx, now, by, "imported an older file", &subject).await?;
    }
    staff::audit(tx, now, by, "imported rounds", &summary(plan)).await
}

/// Notes why a doubt was let stand.
pub async fn confirm(
    tx: &mut SqliteConnection,
    draw: &Draw,
    doubt: &Doubt,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    store::confirm(tx, &draw.round, doubt, reason, by, now).await?;
    let subject = format!("round {}: {} Reason: {reason}", draw.round, doubt.sentence);
    staff::audit(tx, now, by, "let a doubted figure stand", &subject).await
}

/// A plan for a terminal: a line for each thing it would do, or that is to be looked at before or after.
pub async fn plan_in_lines(db: &SqlitePool, plan: &Plan) -> sqlx::Result<Vec<String>> {
    let mut lines: Vec<String> = plan.older.iter().map(|older| format!("older    {}", older.sentence())).collect();
    for NewRound { draw, .. } in &plan.new {
        let (round, day, name) = (&draw.round, draw.date, &draw.name);
        lines.push(format!(
            "new      {round} of {day}: {name}, {} invitations, CRS {}",
            draw.invitations_text(),
            draw.crs
        ));
    }
    for round in &plan.changed {
        let number = &round.draw.round;
        for change in round.shown() {
            let Words { field, before, after } = change.in_words();
            let back = plan.outcome(round, change).strip_prefix("changes: ");
            let back = back.map(|back| format!(" ({back})")).unwrap_or_default();
            lines.push(format!("changed  {number}: {field}, {before} -> {after}{back}"));
        }
        for change in &round.held_back {
            let Words { field, before, after } = change.in_words();
            lines.push(format!("kept     {number}: {field} stays {before}; {after} is older than our correction"));
        }
    }
    lines.extend(plan.doubted().map(|(draw, doubt)| format!("doubted  {}: {}", draw.round, doubt.sentence)));
    let unmapped = plan.unmapped.iter();
    lines.extend(unmapped.map(|(name, rounds)| format!("unmapped {}: {name}", rounds.join(", "))));
    for post in speaking_of(db, &plan.rounds()).await? {
        lines.push(format!("post     {} speaks of {}: {}", post.path, post.rounds, post.title));
    }
    Ok(lines)
}

/// `2 new rounds (448, 449), 1 round changed (445), 436 as they were`
pub fn summary(plan: &Plan) -> String {
    let named = |rounds: Vec<String>, words: (&str, &str)| {
        let mut listed = rounds.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
        if rounds.len() > 12 {
            listed += ", …";
        }
        let count = plural(i64::try_from(rounds.len()).unwrap_or(i64::MAX), words.0, words.1);
        if rounds.is_empty() { count } else { format!("{count} ({listed})") }
    };
    let new = plan.new.iter().map(|round| round.draw.round.to_string()).collect();
    let changed = plan
        .changed
        .iter()
        .filter(|round| !round.changes.is_empty())
        .map(|round| round.draw.round.to_string())
        .collect();
    format!(
        "{}, {}, {} as they were",
        named(new, ("new round", "new rounds")),
        named(changed, ("round changed", "rounds changed")),
        plan.unchanged
    )
}
