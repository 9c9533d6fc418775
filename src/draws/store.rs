//! SQL of the draw record.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{FromRow, Row, SqliteConnection, SqliteExecutor};

use crate::draws::validation::Warning;
use crate::draws::{Correction, Draw, DrawNumber, DrawSummary, Pool};

/// Calls `$macro` with `$arguments` and all columns of `draws` except `round`, the sort key and the recording time.
macro_rules! with_draw_columns {
    ($macro:ident, $($arguments:tt)*) => {
        $macro!(
            $($arguments)* date, date_published, held_at, held_at_published, name, name_fr, category_key, programs,
            invitations, invitations_corrected, crs, tie_break, tie_break_published, pool_as_of, pool, source, notes
        )
    };
}

macro_rules! select_columns {
    ($rest:literal, $($column:ident),*) => {
        concat!("SELECT round", $(", ", stringify!($column),)* " FROM draws ", $rest)
    };
}

/// `SELECT` of whole draws, followed by the rest of the statement.
macro_rules! select_draws {
    ($rest:literal) => {
        with_draw_columns!(select_columns, $rest,)
    };
}

macro_rules! upsert_columns {
    ($($column:ident),*) => {
        concat!(
            "INSERT INTO draws (recorded_at, sort_key, round", $(", ", stringify!($column),)*
            ") SELECT ?, value ->> 'sort_key', value ->> 'round'", $(", value ->> '", stringify!($column), "'",)*
            " FROM json_each(?) WHERE true ON CONFLICT (round) DO UPDATE SET sort_key = excluded.sort_key",
            $(", ", stringify!($column), " = excluded.", stringify!($column),)*
        )
    };
}

/// `SELECT` of corrections, followed by the rest of the statement.
macro_rules! select_corrections {
    ($rest:literal) => {
        concat!(
            "SELECT round, field, before, after, corrected_at, corrected_by, origin, source FROM draw_corrections ",
            $rest
        )
    };
}

impl FromRow<'_, SqliteRow> for Draw {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let instant = |column: &str| -> sqlx::Result<Option<Timestamp>> {
            Ok(row.try_get::<Option<jiff_sqlx::Timestamp>, _>(column)?.map(jiff_sqlx::Timestamp::to_jiff))
        };
        let decode_error = |column: &str, what: &dyn std::fmt::Display| sqlx::Error::ColumnDecode {
            index: column.into(),
            source: what.to_string().into(),
        };
        let as_of = row.try_get::<Option<jiff_sqlx::Date>, _>("pool_as_of")?.map(jiff_sqlx::Date::to_jiff);
        let counts: Option<String> = row.try_get("pool")?;
        let pool = as_of
            .zip(counts)
            .map(|(as_of, json)| {
                Pool::from_json(as_of, &json).ok_or_else(|| decode_error("pool", &"a band is missing"))
            })
            .transpose()?;
        Ok(Self {
            round: row.try_get::<String, _>("round")?.parse().map_err(|error| decode_error("round", &error))?,
            date: row.try_get::<jiff_sqlx::Date, _>("date")?.to_jiff(),
            date_published: row.try_get::<Option<jiff_sqlx::Date>, _>("date_published")?.map(jiff_sqlx::Date::to_jiff),
            held_at: instant("held_at")?,
            held_at_published: row.try_get("held_at_published")?,
            name: row.try_get("name")?,
            name_fr: row.try_get("name_fr")?,
            category: row.try_get("category_key")?,
            programs: row.try_get("programs")?,
            invitations_published: row.try_get("invitations")?,
            invitations_corrected: row.try_get("invitations_corrected")?,
            crs: row.try_get("crs")?,
            tie_break: instant("tie_break")?,
            tie_break_published: row.try_get("tie_break_published")?,
            pool,
            source: row.try_get("source")?,
            notes: row.try_get("notes")?,
        })
    }
}

/// All draws, newest first.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Draw>> {
    sqlx::query_as(select_draws!("ORDER BY sort_key DESC")).fetch_all(db).await
}

/// The newest draws of a category or program (of all if empty).
pub async fn newest(db: impl SqliteExecutor<'_>, category: &str, limit: i64) -> sqlx::Result<Vec<Draw>> {
    sqlx::query_as(select_draws!("WHERE ?1 = '' OR category_key = ?1 ORDER BY sort_key DESC LIMIT ?2"))
        .bind(category)
        .bind(limit)
        .fetch_all(db)
        .await
}

/// Summaries of all draws, newest first.
pub async fn summaries(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<DrawSummary>> {
    let all: Json<Vec<DrawSummary>> = sqlx::query_scalar(
        "SELECT json_group_array(json_object(
                    'round', round, 'date', date, 'name', name, 'category', category_key, 'crs', crs,
                    'invitations', coalesce(invitations_corrected, invitations),
                    'has_wrong_invitations', json(iif(invitations_corrected IS NULL, 'false', 'true')),
                    'has_wrong_date', json(iif(date_published IS NULL, 'false', 'true')),
                    'checked_on', checked_on) ORDER BY sort_key DESC)
         FROM draws",
    )
    .fetch_one(db)
    .await?;
    Ok(all.0)
}

/// Keys of the categories and programs with at least one draw.
pub async fn categories_with_draws(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT DISTINCT category_key FROM draws WHERE category_key IS NOT NULL ORDER BY category_key")
        .fetch_all(db)
        .await
}

/// Numbers of all draws, newest first.
pub async fn all_numbers(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    let all: Json<Vec<String>> =
        sqlx::query_scalar("SELECT json_group_array(round ORDER BY sort_key DESC) FROM draws").fetch_one(db).await?;
    Ok(all.0)
}

pub async fn latest(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("ORDER BY sort_key DESC LIMIT 1")).fetch_optional(db).await
}

pub async fn find(db: impl SqliteExecutor<'_>, round: &DrawNumber) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE round = ?")).bind(round.to_string()).fetch_optional(db).await
}

pub async fn find_many(db: impl SqliteExecutor<'_>, numbers: &BTreeSet<String>) -> sqlx::Result<Vec<Draw>> {
    sqlx::query_as(select_draws!("WHERE round IN (SELECT value FROM json_each(?))"))
        .bind(json!(numbers).to_string())
        .fetch_all(db)
        .await
}

/// Latest draw of a category or program.
pub async fn latest_of_category(db: impl SqliteExecutor<'_>, category: &str) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE category_key = ? ORDER BY sort_key DESC LIMIT 1"))
        .bind(category)
        .fetch_optional(db)
        .await
}

/// Latest draw of a category whose list at that time named an occupation.
pub async fn latest_for_occupation(
    db: impl SqliteExecutor<'_>,
    category: &str,
    noc: &str,
) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!(
        "WHERE round = (SELECT d.round FROM category_draws d JOIN category_occupations m ON m.list_id = d.list_id
                        WHERE d.category_key = ? AND m.noc = ? ORDER BY d.sort_key DESC LIMIT 1)"
    ))
    .bind(category)
    .bind(noc)
    .fetch_optional(db)
    .await
}

/// Previous draw of the same category; `None` for the first, and if `draw` has no category.
pub async fn previous_of_category(db: impl SqliteExecutor<'_>, draw: &Draw) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE category_key = ? AND sort_key < ? ORDER BY sort_key DESC LIMIT 1"))
        .bind(&draw.category)
        .bind(draw.round.sort_key())
        .fetch_optional(db)
        .await
}

/// Next draw of the same category; `None` for the last, and if `draw` has no category.
pub async fn next_of_category(db: impl SqliteExecutor<'_>, draw: &Draw) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE category_key = ? AND sort_key > ? ORDER BY sort_key LIMIT 1"))
        .bind(&draw.category)
        .bind(draw.round.sort_key())
        .fetch_optional(db)
        .await
}

/// Next draw of any category.
pub async fn next(db: impl SqliteExecutor<'_>, round: &DrawNumber) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE sort_key > ? ORDER BY sort_key LIMIT 1"))
        .bind(round.sort_key())
        .fetch_optional(db)
        .await
}

/// Previous draw of any category.
pub async fn previous(db: impl SqliteExecutor<'_>, round: &DrawNumber) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(select_draws!("WHERE sort_key < ? ORDER BY sort_key DESC LIMIT 1"))
        .bind(round.sort_key())
        .fetch_optional(db)
        .await
}

/// Distinct published names, latest first.
pub async fn names_newest_first(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT name FROM draws GROUP BY name ORDER BY max(sort_key) DESC").fetch_all(db).await
}

/// Number of draws and invitations in the year of `draw`, up to and including it.
pub async fn year_to_date(db: impl SqliteExecutor<'_>, draw: &Draw) -> sqlx::Result<(i64, i64)> {
    let first = Date::constant(draw.date.year(), 1, 1);
    sqlx::query_as(
        "SELECT count(*), coalesce(sum(coalesce(invitations_corrected, invitations)), 0) FROM draws
         WHERE date BETWEEN ? AND ? AND sort_key <= ?",
    )
    .bind(first.to_sqlx())
    .bind(draw.date.to_sqlx())
    .bind(draw.round.sort_key())
    .fetch_one(db)
    .await
}

/// Inserts or replaces draws. `now` is the recording time of new ones.
pub async fn upsert(tx: &mut SqliteConnection, draws: &[Draw], now: Timestamp) -> sqlx::Result<()> {
    let rows: Vec<serde_json::Value> = draws
        .iter()
        .map(|draw| {
            json!({
                "round": draw.round.to_string(), "sort_key": draw.round.sort_key(), "date": draw.date,
                "date_published": draw.date_published, "held_at": draw.held_at,
                "held_at_published": draw.held_at_published, "name": draw.name, "name_fr": draw.name_fr, "category_key": draw.category, "programs": draw.programs,
                "invitations": draw.invitations_published, "invitations_corrected": draw.invitations_corrected, "crs": draw.crs,
                "tie_break": draw.tie_break, "tie_break_published": draw.tie_break_published,
                "pool_as_of": draw.pool.as_ref().map(|pool| pool.as_of), "pool": draw.pool.as_ref().map(Pool::to_json),
                "source": draw.source, "notes": draw.notes,
            })
        })
        .collect();
    sqlx::query(with_draw_columns!(upsert_columns,))
        .bind(now.to_sqlx())
        .bind(serde_json::Value::Array(rows).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Stores the day on which these draws were compared with their source.
pub async fn mark_checked(tx: &mut SqliteConnection, numbers: &[String], day: Date) -> sqlx::Result<()> {
    sqlx::query("UPDATE draws SET checked_on = ? WHERE round IN (SELECT value FROM json_each(?))")
        .bind(day.to_sqlx())
        .bind(json!(numbers).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Day on which a draw was last compared with its source; `None` if unknown.
pub async fn checked_on(db: impl SqliteExecutor<'_>, round: &DrawNumber) -> sqlx::Result<Option<Date>> {
    let day: Option<jiff_sqlx::Date> = sqlx::query_scalar("SELECT checked_on FROM draws WHERE round = ?")
        .bind(round.to_string())
        .fetch_one(db)
        .await?;
    Ok(day.map(jiff_sqlx::Date::to_jiff))
}

pub async fn insert_corrections(tx: &mut SqliteConnection, corrections: &[Correction]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO draw_corrections (round, field, before, after, corrected_at, corrected_by, origin, source)
         SELECT value ->> 'round', value ->> 'field', value ->> 'before', value ->> 'after', value ->> 'corrected_at',
                value ->> 'corrected_by', value ->> 'origin', value ->> 'source'
         FROM json_each(?)",
    )
    .bind(json!(corrections).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn acknowledge_warning(
    tx: &mut SqliteConnection,
    round: &DrawNumber,
    warning: &Warning,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO draw_acknowledged_warnings (round, warning_key, reason, acknowledged_at, acknowledged_by) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (round, warning_key) DO UPDATE SET
                reason = excluded.reason, acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by",
    )
    .bind(round.to_string())
    .bind(warning.key())
    .bind(reason)
    .bind(now.to_sqlx())
    .bind(by)
    .execute(tx)
    .await?;
    Ok(())
}

/// Reasons of acknowledged warnings by draw number and warning key.
pub async fn acknowledged_warnings(db: impl SqliteExecutor<'_>) -> sqlx::Result<HashMap<(String, String), String>> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT round, warning_key, reason FROM draw_acknowledged_warnings").fetch_all(db).await?;
    Ok(rows.into_iter().map(|(round, key, reason)| ((round, key), reason)).collect())
}

/// Corrections of a draw, oldest first.
pub async fn corrections(db: impl SqliteExecutor<'_>, round: &DrawNumber) -> sqlx::Result<Vec<Correction>> {
    sqlx::query_as(select_corrections!("WHERE round = ? ORDER BY id")).bind(round.to_string()).fetch_all(db).await
}

/// Corrections of these draws after `since`, oldest first.
pub async fn corrections_since(
    db: impl SqliteExecutor<'_>,
    numbers: &[String],
    since: Timestamp,
) -> sqlx::Result<Vec<Correction>> {
    sqlx::query_as(select_corrections!(
        "WHERE round IN (SELECT value FROM json_each(?)) AND corrected_at > ? ORDER BY id"
    ))
    .bind(json!(numbers).to_string())
    .bind(since.to_sqlx())
    .fetch_all(db)
    .await
}

/// All corrections, oldest first.
pub async fn all_corrections(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Correction>> {
    sqlx::query_as(select_corrections!("ORDER BY id")).fetch_all(db).await
}

/// Published names without a category, each with its number of draws.
pub async fn unmapped_names(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as("SELECT name, count(*) FROM draws WHERE category_key IS NULL GROUP BY name ORDER BY name")
        .fetch_all(db)
        .await
}

/// Number of published names without a category.
pub async fn count_unmapped(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(DISTINCT name) FROM draws WHERE category_key IS NULL").fetch_one(db).await
}

/// Assigns a category to a published name and returns the draws that changed.
pub async fn map_name(tx: &mut SqliteConnection, name: &str, category: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("UPDATE draws SET category_key = ? WHERE name = ? AND category_key IS NULL RETURNING round")
        .bind(category)
        .bind(name)
        .fetch_all(tx)
        .await
}

/// Version of the whole record, which differs after every change.
pub async fn record_version(db: impl SqliteExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM draws) || '.' || (SELECT coalesce(max(id), 0) FROM draw_corrections)",
    )
    .fetch_one(db)
    .await
}

/// Post that mentions one of several draws.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DrawMention {
    pub rounds: String,
    pub path: String,
    pub admin_path: String,
    pub title: String,
    pub is_public: bool,
}

/// Query of [`mentions`].
const MENTIONS: &str = "
    SELECT path, admin_path, title, is_public, group_concat(round, ', ') AS rounds FROM draw_mentions
    WHERE round IN (SELECT value FROM json_each(?)) GROUP BY path ORDER BY max(published_at) DESC, path";

/// Posts that mention any of these draws, newest first. Titles may contain tokens.
pub async fn mentions(db: impl SqliteExecutor<'_>, numbers: &[String]) -> sqlx::Result<Vec<DrawMention>> {
    sqlx::query_as(MENTIONS).bind(json!(numbers).to_string()).fetch_all(db).await
}
