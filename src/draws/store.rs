//! All SQL about rounds of invitations.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::draws::{Correction, Draw, Round};

/// Every round, newest first.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Draw>> {
    sqlx::query_as(
        "SELECT round, date, held_at, name, category_key, programs, invitations AS invitations_published,
                invitations_true, crs, tie_break, notes
         FROM draws ORDER BY sort_key DESC",
    )
    .fetch_all(db)
    .await
}

/// The number of every round, newest first.
pub async fn rounds(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT round FROM draws ORDER BY sort_key DESC").fetch_all(db).await
}

/// The newest round.
pub async fn latest(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(
        "SELECT round, date, held_at, name, category_key, programs, invitations AS invitations_published,
                invitations_true, crs, tie_break, notes
         FROM draws ORDER BY sort_key DESC LIMIT 1",
    )
    .fetch_optional(db)
    .await
}

/// The round with this number.
pub async fn find(db: impl SqliteExecutor<'_>, round: &Round) -> sqlx::Result<Option<Draw>> {
    sqlx::query_as(
        "SELECT round, date, held_at, name, category_key, programs, invitations AS invitations_published,
                invitations_true, crs, tie_break, notes
         FROM draws WHERE round = ?",
    )
    .bind(round.to_string())
    .fetch_optional(db)
    .await
}

/// Numbers of the rounds before and after, in the order they were held.
pub async fn neighbours(db: impl SqliteExecutor<'_>, round: &Round) -> sqlx::Result<(Option<String>, Option<String>)> {
    sqlx::query_as(
        "SELECT (SELECT round FROM draws WHERE sort_key < ?1 ORDER BY sort_key DESC LIMIT 1),
                (SELECT round FROM draws WHERE sort_key > ?1 ORDER BY sort_key LIMIT 1)",
    )
    .bind(round.sort_key())
    .fetch_one(db)
    .await
}

/// Writes rounds, given as a JSON array of objects named like the columns of the table.
pub async fn insert(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "INSERT INTO draws (round, sort_key, date, held_at, held_at_published, name, name_fr, kind, category_key, programs,
                            invitations, invitations_true, crs, tie_break, tie_break_published, pool_as_of, pool, source, notes)
         SELECT value ->> 'round', value ->> 'sort_key', value ->> 'date', value ->> 'held_at',
                value ->> 'held_at_published', value ->> 'name', value ->> 'name_fr', value ->> 'kind',
                value ->> 'category_key', value ->> 'programs', value ->> 'invitations', value ->> 'invitations_true',
                value ->> 'crs', value ->> 'tie_break', value ->> 'tie_break_published', value ->> 'pool_as_of',
                value -> 'pool', value ->> 'source', value ->> 'notes'
         FROM json_each(?)",
    )
    .bind(json)
    .execute(&mut *tx)
    .await?;
    Ok(done.rows_affected())
}

/// Notes a correction for every round whose true figure is known to differ from the published one.
pub async fn insert_known_corrections(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO draw_corrections (round, field, before, after, corrected_at, corrected_by, source)
         SELECT round, 'invitations', invitations, invitations_true, ?, 'reference facts', notes
         FROM draws WHERE invitations_true IS NOT NULL",
    )
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// The corrections of a round, oldest first.
pub async fn corrections(db: impl SqliteExecutor<'_>, round: &Round) -> sqlx::Result<Vec<Correction>> {
    sqlx::query_as(
        "SELECT field, before, after, corrected_at, source FROM draw_corrections WHERE round = ? ORDER BY id",
    )
    .bind(round.to_string())
    .fetch_all(db)
    .await
}
