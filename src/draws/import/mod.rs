//! Taking in the government's file: first what it would do, then all of it or nothing.

mod category_names;
pub(super) mod date_parser;
pub(super) mod feed_parser;
pub(super) mod fields;
pub(super) mod merge;
mod older_file;
pub(super) mod plan;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod replay;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{SqliteConnection, SqlitePool};

use crate::draws::correction_text::ChangeText;
use crate::draws::import::feed_parser::FeedRound;
use crate::draws::import::plan::{CurrentRecord, NewDraw, Plan};
use crate::draws::tokens::mentions_of;
use crate::draws::validation::Warning;
use crate::draws::{Correction, CorrectionOrigin, Draw, store};
use crate::staff;
use crate::web::{DisplayDate, one_line, plural, single_line};

/// Compares what a file says with the record as it stands now. `source` says for readers where it comes from.
pub async fn plan(
    db: &mut SqliteConnection,
    published: Vec<FeedRound>,
    source: &str,
    today: Date,
) -> sqlx::Result<Plan> {
    let known =
        CurrentRecord { draws: store::all(&mut *db).await?, corrections: store::all_corrections(&mut *db).await? };
    Ok(Plan::new(published, &known, source, today))
}

/// For readers: where a round or a change of one comes from.
pub fn source(received_at: Timestamp) -> String {
    format!("The government’s file of rounds, taken in on {}", DisplayDate::in_office(received_at).text)
}

/// Why what the checks doubt is right: a reason for each warning, or one for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WarningReasons {
    #[serde(deserialize_with = "one_line", rename = "reason")]
    default_reason: String,
    #[serde(flatten)]
    by_field: BTreeMap<String, String>,
}

impl WarningReasons {
    /// One reason for all.
    pub fn same_for_all(reason: &str) -> Self {
        Self { default_reason: single_line(reason), by_field: BTreeMap::new() }
    }

    /// The field of a form in which the reason for taking in an old copy is typed.
    pub const OLDER_FILE_FIELD: &str = "reason-older";

    /// Why the record should go back to an old copy of the file; empty where no reason was given.
    pub fn for_older_file(&self) -> String {
        self.reason_for_field(Self::OLDER_FILE_FIELD)
    }

    /// The field of a form in which the reason for a warning is typed.
    pub fn field_name(draw: &Draw, warning: &Warning) -> String {
        format!("reason-{}-{}", draw.round, warning.key())
    }

    /// The reason for a warning; empty where there is none.
    pub fn for_warning(&self, draw: &Draw, warning: &Warning) -> String {
        self.reason_for_field(&Self::field_name(draw, warning))
    }

    fn reason_for_field(&self, field: &str) -> String {
        let own = self.by_field.get(field).map(|typed| single_line(typed)).unwrap_or_default();
        let reason = if own.is_empty() { self.default_reason.clone() } else { own };
        reason.chars().take(500).collect()
    }
}

/// Why a plan may not be carried out as it is; `None` where it may.
pub fn rejection_reason(plan: &Plan, reasons: &WarningReasons) -> Option<String> {
    if let Some((draw, warning)) = plan.warnings().find(|(_, warning)| warning.rule.is_error()) {
        return Some(format!("Round {} cannot be recorded so. {}", draw.round, warning.sentence));
    }
    if let Some(older) =
        plan.older.as_ref().filter(|_| plan.count_reverted() > 0 && reasons.for_older_file().is_empty())
    {
        return Some(format!(
            "{} It would set {} back to an older state. Say why, and the file can be taken in.",
            older.sentence(),
            count(plan.count_reverted(), "field", "fields")
        ));
    }
    let open = plan.warnings().filter(|(draw, warning)| reasons.for_warning(draw, warning).is_empty()).count();
    (open > 0).then(|| {
        let figures = count(open, "figure", "figures");
        format!("The checks doubt {figures}. Say of each why it is right, and the file can be taken in.")
    })
}

fn count(number: usize, one: &str, many: &str) -> String {
    plural(i64::try_from(number).unwrap_or(i64::MAX), one, many)
}

/// Carries out a plan that [`rejection_reason`] lets pass, in the transaction of its caller: every change of a published field is
/// kept as a correction, and every warning that was let stand with its reason.
pub async fn apply(
    tx: &mut SqliteConnection,
    plan: &Plan,
    by: &str,
    source: &str,
    reasons: &WarningReasons,
    now: Timestamp,
) -> sqlx::Result<()> {
    let changed = plan.changed.iter().filter(|round| !round.changes.is_empty());
    let draws: Vec<Draw> =
        plan.new.iter().map(|round| &round.draw).chain(changed.clone().map(|round| &round.draw)).cloned().collect();
    store::upsert(tx, &draws, now).await?;
    let corrections: Vec<Correction> = changed
        .flat_map(|round| round.changes.iter().map(move |change| (round, change)))
        .map(|(round, change)| change.to_correction(&round.draw, now, by, CorrectionOrigin::Import, source))
        .collect();
    store::insert_corrections(tx, &corrections).await?;
    for (draw, warning) in plan.warnings() {
        acknowledge_warning(tx, draw, warning, &reasons.for_warning(draw, warning), by, now).await?;
    }
    if let Some(older) = plan.older.as_ref().filter(|_| plan.count_reverted() > 0) {
        let fields = count(plan.count_reverted(), "field", "fields");
        let subject = format!("{} {fields} set back. Reason: {}", older.sentence(), reasons.for_older_file());
        staff::audit(tx, now, by, "imported an older file", &subject).await?;
    }
    staff::audit(tx, now, by, "imported rounds", &summary(plan)).await
}

/// Notes why a warning was let stand.
pub async fn acknowledge_warning(
    tx: &mut SqliteConnection,
    draw: &Draw,
    warning: &Warning,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    store::acknowledge_warning(tx, &draw.round, warning, reason, by, now).await?;
    let subject = format!("round {}: {} Reason: {reason}", draw.round, warning.sentence);
    staff::audit(tx, now, by, "let a doubted figure stand", &subject).await
}

/// A plan for a terminal: a line for each thing it would do, or that is to be looked at before or after.
pub async fn render_plan(db: &SqlitePool, plan: &Plan) -> sqlx::Result<Vec<String>> {
    let mut lines: Vec<String> = plan.older.iter().map(|older| format!("older    {}", older.sentence())).collect();
    for NewDraw { draw, .. } in &plan.new {
        let (round, day, name) = (&draw.round, draw.date, &draw.name);
        lines.push(format!(
            "new      {round} of {day}: {name}, {} invitations, CRS {}",
            draw.invitations_text(),
            draw.crs
        ));
    }
    for round in &plan.changed {
        let number = &round.draw.round;
        for change in round.visible_changes() {
            let ChangeText { field, before, after } = change.describe();
            let back = plan.outcome(round, change).strip_prefix("changes: ");
            let back = back.map(|back| format!(" ({back})")).unwrap_or_default();
            lines.push(format!("changed  {number}: {field}, {before} -> {after}{back}"));
        }
        for change in &round.kept_local {
            let ChangeText { field, before, after } = change.describe();
            lines.push(format!("kept     {number}: {field} stays {before}; {after} is older than our correction"));
        }
    }
    lines.extend(plan.warnings().map(|(draw, warning)| format!("doubted  {}: {}", draw.round, warning.sentence)));
    let unmapped = plan.unmapped.iter();
    lines.extend(unmapped.map(|(name, rounds)| format!("unmapped {}: {name}", rounds.join(", "))));
    for post in mentions_of(db, &plan.draw_numbers()).await? {
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
