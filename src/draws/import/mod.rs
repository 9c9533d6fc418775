//! Import of the government's file in two steps: plan the changes, then apply all of them.

pub(super) mod admin;
mod category_names;
pub(super) mod feed_parser;
pub(super) mod field_change;
pub(super) mod fields;
mod merge;
mod older_file;
pub(super) mod plan;
#[cfg(test)]
mod proptests;
#[cfg(test)]
mod replay;
mod store;

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
use crate::draws::{Correction, CorrectionOrigin, Draw, store as record};
use crate::staff::{self, AuditChanges};
use crate::web::{DisplayDate, office_date, one_line, plural_len, single_line};

/// Compares a file with the current record. `source` is shown to readers.
pub async fn plan(
    db: &mut SqliteConnection,
    published: Vec<FeedRound>,
    source: &str,
    today: Date,
) -> sqlx::Result<Plan> {
    let known =
        CurrentRecord { draws: record::all(&mut *db).await?, corrections: record::all_corrections(&mut *db).await? };
    Ok(Plan::new(published, &known, source, today))
}

/// Source of an imported draw or correction, shown to readers.
pub fn source(received_at: Timestamp) -> String {
    format!("The government’s file of draws, imported on {}", DisplayDate::in_office(received_at).text)
}

/// Reasons for ignoring warnings: one per warning, or one for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WarningReasons {
    #[serde(deserialize_with = "one_line", rename = "reason")]
    default_reason: String,
    #[serde(flatten)]
    by_field: BTreeMap<String, String>,
}

impl WarningReasons {
    pub fn same_for_all(reason: &str) -> Self {
        Self { default_reason: single_line(reason), by_field: BTreeMap::new() }
    }

    /// Form field with the reason for importing an older copy.
    pub const OLDER_FILE_FIELD: &str = "reason-older";

    /// Reason for going back to older values; empty if missing.
    pub fn for_older_file(&self) -> String {
        self.reason_for_field(Self::OLDER_FILE_FIELD)
    }

    /// Form field with the reason for a warning.
    pub fn field_name(draw: &Draw, warning: &Warning) -> String {
        format!("reason-{}-{}", draw.round, warning.key())
    }

    /// Reason for a warning; empty if missing.
    pub fn for_warning(&self, draw: &Draw, warning: &Warning) -> String {
        self.reason_for_field(&Self::field_name(draw, warning))
    }

    fn reason_for_field(&self, field: &str) -> String {
        let own = self.by_field.get(field).map(|typed| single_line(typed)).unwrap_or_default();
        let reason = if own.is_empty() { self.default_reason.clone() } else { own };
        reason.chars().take(500).collect()
    }
}

/// Reason why a plan cannot be applied; `None` if it can.
pub fn rejection_reason(plan: &Plan, reasons: &WarningReasons) -> Option<String> {
    if let Some((draw, warning)) = plan.warnings().find(|(_, warning)| warning.rule.is_error()) {
        return Some(format!("Draw {} cannot be recorded. {}", draw.round, warning.sentence));
    }
    if let Some(older) =
        plan.older.as_ref().filter(|_| plan.count_reverted() > 0 && reasons.for_older_file().is_empty())
    {
        return Some(format!(
            "{} It would change {} back to older values. Enter a reason to import it.",
            older.sentence(),
            plural_len(plan.count_reverted(), "field", "fields")
        ));
    }
    let open = plan.warnings().filter(|(draw, warning)| reasons.for_warning(draw, warning).is_empty()).count();
    (open > 0).then(|| {
        let warnings = plural_len(open, "warning has", "warnings have");
        format!("{warnings} no reason. Enter a reason for each warning to import the file.")
    })
}

/// Applies a plan that [`rejection_reason`] accepts, in the caller's transaction. Stores each changed field as a
/// correction, and each acknowledged warning with its reason.
pub async fn apply(
    tx: &mut SqliteConnection,
    plan: &Plan,
    by: &str,
    source: &str,
    reasons: &WarningReasons,
    now: Timestamp,
) -> sqlx::Result<()> {
    let changed = plan.changed.iter().filter(|changed| !changed.changes.is_empty());
    let draws: Vec<Draw> =
        plan.new.iter().map(|new| &new.draw).chain(changed.clone().map(|changed| &changed.draw)).cloned().collect();
    record::upsert(tx, &draws, now).await?;
    record_check(tx, plan, office_date(now)).await?;
    let corrections: Vec<Correction> = changed
        .flat_map(|changed| changed.changes.iter().map(move |change| (changed, change)))
        .map(|(changed, change)| {
            change.to_correction(&changed.draw.round.to_string(), now, by, CorrectionOrigin::Import, source)
        })
        .collect();
    record::insert_corrections(tx, &corrections).await?;
    for (draw, warning) in plan.warnings() {
        acknowledge_warning(tx, draw, warning, &reasons.for_warning(draw, warning), by, now).await?;
    }
    if let Some(older) = plan.older.as_ref().filter(|_| plan.count_reverted() > 0) {
        let fields = plural_len(plan.count_reverted(), "field", "fields");
        let subject = format!("{} {fields} changed back. Reason: {}", older.sentence(), reasons.for_older_file());
        staff::audit(tx, now, by, "imported an older file", &subject).await?;
    }
    let changed = corrections.iter().fold(AuditChanges::default(), |changes, correction| {
        changes.field(&format!("draw {} {}", correction.round, correction.field), &correction.before, &correction.after)
    });
    staff::audit_change(tx, now, by, "imported draws", &summary(plan), &changed).await
}

/// Stores the day on which the draws of the file were compared with it, also if nothing changed.
pub async fn record_check(tx: &mut SqliteConnection, plan: &Plan, day: Date) -> sqlx::Result<()> {
    record::mark_checked(tx, &plan.checked(), day).await
}

/// Stores the reason for ignoring a warning and adds it to the audit log.
pub async fn acknowledge_warning(
    tx: &mut SqliteConnection,
    draw: &Draw,
    warning: &Warning,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    record::acknowledge_warning(tx, &draw.round, warning, reason, by, now).await?;
    let subject = format!("draw {}: {} Reason: {reason}", draw.round, warning.sentence);
    staff::audit(tx, now, by, "acknowledged a warning", &subject).await
}

/// Lines of a plan for the terminal.
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
    for changed in &plan.changed {
        let number = &changed.draw.round;
        for change in changed.visible_changes() {
            let ChangeText { field, before, after } = change.describe();
            let back = plan.outcome(changed, change).strip_prefix("changes: ");
            let back = back.map(|back| format!(" ({back})")).unwrap_or_default();
            lines.push(format!("changed  {number}: {field}, {before} -> {after}{back}"));
        }
        for change in &changed.kept_local {
            let ChangeText { field, before, after } = change.describe();
            lines.push(format!(
                "kept     {number}: {field} stays {before}; {after} in the file is older than our correction"
            ));
        }
    }
    lines.extend(plan.warnings().map(|(draw, warning)| format!("warning  {}: {}", draw.round, warning.sentence)));
    let unmapped = plan.unmapped.iter();
    lines
        .extend(unmapped.map(|(name, numbers)| format!("category {}: {name} has no category yet", numbers.join(", "))));
    for post in mentions_of(db, &plan.draw_numbers()).await? {
        lines.push(format!("post     {} mentions {}: {}", post.path, post.rounds, post.title));
    }
    Ok(lines)
}

/// `2 new draws (448, 449), 1 changed draw (445), 436 unchanged`
pub fn summary(plan: &Plan) -> String {
    let listed = |numbers: Vec<String>, one: &str, many: &str| {
        let mut list = numbers.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
        if numbers.len() > 12 {
            list += ", …";
        }
        let count = plural_len(numbers.len(), one, many);
        if numbers.is_empty() { count } else { format!("{count} ({list})") }
    };
    let new = plan.new.iter().map(|new| new.draw.round.to_string()).collect();
    let changed = plan
        .changed
        .iter()
        .filter(|changed| !changed.changes.is_empty())
        .map(|changed| changed.draw.round.to_string())
        .collect();
    format!(
        "{}, {}, {} unchanged",
        listed(new, "new draw", "new draws"),
        listed(changed, "changed draw", "changed draws"),
        plan.unchanged
    )
}
