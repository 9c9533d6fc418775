//! Taking in the government's file: first what it would do, then all of it or nothing.

mod names;
pub(super) mod plan;
pub(super) mod published;
pub(super) mod written;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqliteConnection;

use crate::draws::change::Words;
use crate::draws::check::Rule;
use crate::draws::import::plan::{Known, NewRound, Plan};
use crate::draws::import::published::NotTheFeed;
use crate::draws::{Correction, Draw, store};
use crate::staff;
use crate::web::plural;

/// Why a file cannot be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not the feed.
    #[error(transparent)]
    NotTheFeed(#[from] NotTheFeed),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Compares a file with the record as it stands now. `source` says where the file comes from.
pub async fn plan(db: &mut SqliteConnection, file: &[u8], source: &str, today: Date) -> Result<Plan, ImportError> {
    let published = published::read(file)?;
    let known = Known { draws: store::all(&mut *db).await?, corrections: store::all_corrections(&mut *db).await? };
    Ok(Plan::new(published, &known, source, today))
}

/// Why a plan may not be carried out as it is; `None` where it may.
pub fn refusal(plan: &Plan, reason: &str) -> Option<String> {
    if let Some((draw, doubt)) = plan.doubted().find(|(_, doubt)| doubt.rule.is_impossible()) {
        return Some(format!("Round {} cannot be recorded so. {}", draw.round, doubt.sentence));
    }
    let doubts = i64::try_from(plan.doubted().count()).unwrap_or(i64::MAX);
    (doubts > 0 && reason.trim().is_empty()).then(|| {
        format!(
            "The checks doubt {}. Say why they are right, and they can be taken in.",
            plural(doubts, "figure", "figures")
        )
    })
}

/// Carries out a plan that [`refusal`] lets pass, in the transaction of its caller: every change of a published field is
/// kept as a correction, and every doubt that was let stand with its reason.
pub async fn apply(
    tx: &mut SqliteConnection,
    plan: &Plan,
    by: &str,
    source: &str,
    reason: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    let changed = plan.changed.iter().filter(|round| !round.changes.is_empty());
    let draws: Vec<Draw> =
        plan.new.iter().map(|round| &round.draw).chain(changed.clone().map(|round| &round.draw)).cloned().collect();
    store::put(tx, &draws).await?;
    let corrections: Vec<Correction> = changed
        .flat_map(|round| round.changes.iter().map(move |change| (round, change)))
        .map(|(round, change)| Correction {
            round: round.draw.round.to_string(),
            field: change.field.into(),
            before: change.before.clone(),
            after: change.after.clone(),
            corrected_at: now,
            corrected_by: by.to_owned(),
            source: source.to_owned(),
        })
        .collect();
    store::keep_corrections(tx, &corrections).await?;
    confirm_all(tx, plan.doubted().map(|(draw, doubt)| (draw, doubt.rule)), reason, by, now).await?;
    staff::audit(tx, now, by, "imported rounds", &format!("{} from {source}", summary(plan))).await
}

/// Notes why doubts were let stand.
pub async fn confirm_all<'a>(
    tx: &mut SqliteConnection,
    doubts: impl Iterator<Item = (&'a Draw, Rule)>,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    for (draw, rule) in doubts {
        store::confirm(tx, &draw.round, rule, reason, by, now).await?;
        let subject = format!("round {}, {}: {reason}", draw.round, rule.key());
        staff::audit(tx, now, by, "let a doubted figure stand", &subject).await?;
    }
    Ok(())
}

/// A plan for a terminal: a line for each thing it would do, or that is to be looked at before.
pub fn plan_in_lines(plan: &Plan) -> Vec<String> {
    let mut lines = vec![];
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
        for change in &round.changes {
            let Words { field, before, after } = change.in_words();
            lines.push(format!("changed  {number}: {field}, {before} -> {after}"));
        }
        for change in &round.held_back {
            let Words { field, before, after } = change.in_words();
            lines.push(format!("kept     {number}: {field} stays {before}; {after} is older than our correction"));
        }
    }
    lines.extend(plan.doubted().map(|(draw, doubt)| format!("doubted  {}: {}", draw.round, doubt.sentence)));
    let unmapped = plan.unmapped.iter();
    lines.extend(unmapped.map(|(name, rounds)| format!("unmapped {}: {name}", rounds.join(", "))));
    lines
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
