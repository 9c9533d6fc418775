//! SQL of bulk actions that can be undone.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::types::Json;

use crate::inquiries::InquiryState;

/// Time for which a bulk action can be undone.
const UNDO_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// Inquiry that a bulk action changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangedInquiry {
    pub id: i64,
    /// Version after the action. With another version, somebody changed the inquiry later.
    pub version: i64,
    /// State before the action.
    pub state: InquiryState,
    /// Owner before the action.
    pub owner_id: Option<i64>,
}

/// Stores what a bulk action changed, and returns its ID. Deletes those that can no longer be undone.
pub async fn insert(
    tx: &mut SqliteConnection,
    staff_id: i64,
    action: &str,
    changed: &[ChangedInquiry],
    now: Timestamp,
) -> sqlx::Result<i64> {
    sqlx::query("DELETE FROM inquiry_batches WHERE at <= ?")
        .bind((now - UNDO_PERIOD).to_sqlx())
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar("INSERT INTO inquiry_batches (staff_id, at, action, changed) VALUES (?, ?, ?, ?) RETURNING id")
        .bind(staff_id)
        .bind(now.to_sqlx())
        .bind(action)
        .bind(Json(changed))
        .fetch_one(tx)
        .await
}

/// Deletes a bulk action of this member and returns what it changed. `None` if it was undone before or is too old.
pub async fn remove(
    tx: &mut SqliteConnection,
    id: i64,
    staff_id: i64,
    now: Timestamp,
) -> sqlx::Result<Option<Vec<ChangedInquiry>>> {
    let changed: Option<Json<Vec<ChangedInquiry>>> =
        sqlx::query_scalar("DELETE FROM inquiry_batches WHERE id = ? AND staff_id = ? AND at > ? RETURNING changed")
            .bind(id)
            .bind(staff_id)
            .bind((now - UNDO_PERIOD).to_sqlx())
            .fetch_optional(tx)
            .await?;
    Ok(changed.map(|changed| changed.0))
}
