//! SQL of two-factor authentication.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::staff::two_factor::recovery_code;
use crate::staff::two_factor::totp::TotpSecret;

/// Second factor of an account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StaffTotp {
    /// In base32.
    pub secret: String,
    /// `None` while it is being set up.
    pub confirmed_at: Option<jiff_sqlx::Timestamp>,
    /// Step of the last accepted code.
    pub last_step: i64,
}

pub async fn find(db: impl SqliteExecutor<'_>, staff_id: i64) -> sqlx::Result<Option<StaffTotp>> {
    sqlx::query_as("SELECT secret, confirmed_at, last_step FROM staff_totp WHERE staff_id = ?")
        .bind(staff_id)
        .fetch_optional(db)
        .await
}

/// Whether sign-in asks this account for a code.
pub async fn is_enabled(db: impl SqliteExecutor<'_>, staff_id: i64) -> sqlx::Result<bool> {
    Ok(find(db, staff_id).await?.is_some_and(|totp| totp.confirmed_at.is_some()))
}

/// Stores the secret of a set-up in progress. Returns false if the account already has a second factor.
pub async fn begin_set_up(tx: &mut SqliteConnection, staff_id: i64, secret: &TotpSecret) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO staff_totp (staff_id, secret) VALUES (?, ?)
         ON CONFLICT (staff_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE confirmed_at IS NULL",
    )
    .bind(staff_id)
    .bind(secret.base32())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Accepts a code if it is right and was not used before.
pub async fn accept_code(tx: &mut SqliteConnection, staff_id: i64, code: &str, now: Timestamp) -> sqlx::Result<bool> {
    let Some(totp) = find(&mut *tx, staff_id).await? else { return Ok(false) };
    let secret = TotpSecret::parse(&totp.secret);
    let Some(step) = secret.and_then(|secret| secret.matching_step(code, now, totp.last_step)) else {
        return Ok(false);
    };
    sqlx::query("UPDATE staff_totp SET last_step = ?, confirmed_at = coalesce(confirmed_at, ?) WHERE staff_id = ?")
        .bind(step)
        .bind(now.to_sqlx())
        .bind(staff_id)
        .execute(tx)
        .await?;
    Ok(true)
}

/// Accepts a recovery code that was not used before.
pub async fn accept_recovery_code(
    tx: &mut SqliteConnection,
    staff_id: i64,
    code: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE staff_recovery_codes SET used_at = ? WHERE staff_id = ? AND code_hash = ? AND used_at IS NULL",
    )
    .bind(now.to_sqlx())
    .bind(staff_id)
    .bind(recovery_code::hash(code))
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Number of recovery codes that were not used.
pub async fn count_recovery_codes(db: impl SqliteExecutor<'_>, staff_id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM staff_recovery_codes WHERE staff_id = ? AND used_at IS NULL")
        .bind(staff_id)
        .fetch_one(db)
        .await
}

/// Replaces all recovery codes. Only their hashes are stored.
pub async fn replace_recovery_codes(tx: &mut SqliteConnection, staff_id: i64, codes: &[String]) -> sqlx::Result<()> {
    delete_recovery_codes(&mut *tx, staff_id).await?;
    let hashes: Vec<String> = codes.iter().map(|code| recovery_code::hash(code)).collect();
    sqlx::query("INSERT INTO staff_recovery_codes (staff_id, code_hash) SELECT ?, value FROM json_each(?)")
        .bind(staff_id)
        .bind(json!(hashes).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Hashes of all recovery codes that were not used.
pub async fn unused_recovery_codes(db: &mut SqliteConnection) -> sqlx::Result<Vec<String>> {
    if !has_recovery_codes(&mut *db).await? {
        return Ok(vec![]);
    }
    sqlx::query_scalar("SELECT code_hash FROM staff_recovery_codes WHERE used_at IS NULL").fetch_all(db).await
}

/// Deletes unused recovery codes except those with these hashes. Returns the number of accounts that lost some.
pub async fn keep_recovery_codes(tx: &mut SqliteConnection, hashes: &[String]) -> sqlx::Result<usize> {
    if !has_recovery_codes(&mut *tx).await? {
        return Ok(0);
    }
    let accounts: Vec<i64> = sqlx::query_scalar(
        "DELETE FROM staff_recovery_codes
         WHERE used_at IS NULL AND code_hash NOT IN (SELECT value FROM json_each(?)) RETURNING staff_id",
    )
    .bind(json!(hashes).to_string())
    .fetch_all(tx)
    .await?;
    Ok(accounts.into_iter().collect::<HashSet<i64>>().len())
}

/// Whether the database has recovery codes: a backup of an older version has no such table.
async fn has_recovery_codes(db: &mut SqliteConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'staff_recovery_codes')")
        .fetch_one(db)
        .await
}

async fn delete_recovery_codes(tx: &mut SqliteConnection, staff_id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM staff_recovery_codes WHERE staff_id = ?").bind(staff_id).execute(tx).await?;
    Ok(())
}

/// Removes the second factor and the recovery codes. Returns false if the account had none.
pub async fn remove(tx: &mut SqliteConnection, staff_id: i64) -> sqlx::Result<bool> {
    delete_recovery_codes(&mut *tx, staff_id).await?;
    let removed: Option<Option<String>> =
        sqlx::query_scalar("DELETE FROM staff_totp WHERE staff_id = ? RETURNING confirmed_at")
            .bind(staff_id)
            .fetch_optional(tx)
            .await?;
    Ok(removed.flatten().is_some())
}

/// Whether every account must have a second factor.
pub async fn is_required(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT totp_required FROM staff_policy").fetch_one(db).await
}

pub async fn set_required(tx: &mut SqliteConnection, required: bool) -> sqlx::Result<()> {
    sqlx::query("UPDATE staff_policy SET totp_required = ?").bind(required).execute(tx).await?;
    Ok(())
}
