//! SQL of the set-up checklist.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Keys of the steps that an admin has confirmed.
pub async fn confirmed(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT step FROM setup_confirmations").fetch_all(db).await
}

/// Records that an admin has confirmed these steps.
pub async fn confirm(tx: &mut SqliteConnection, steps: &[&str], by: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO setup_confirmations (step, confirmed_by, confirmed_at)
         SELECT value, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(by)
    .bind(now.to_sqlx())
    .bind(json!(steps).to_string())
    .execute(tx)
    .await?;
    Ok(())
}
