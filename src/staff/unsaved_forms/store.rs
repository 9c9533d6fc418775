//! SQL of forms that were sent without a session.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::staff::unsaved_forms::FORM_TTL;

/// Forms kept for one account. The oldest are deleted first.
const MAX_FORMS_PER_ACCOUNT: i64 = 20;
/// Forms kept without a known account, for each network.
const MAX_FORMS_PER_NETWORK: i64 = 5;
/// Forms kept without a known account in all. Anyone can send these.
const MAX_FORMS: i64 = 500;
/// Size of all forms kept without a known account, in bytes.
const MAX_TOTAL_SIZE: i64 = 8 * 1024 * 1024;

/// A form to be stored.
pub struct NewUnsavedForm {
    pub token_hash: String,
    /// Account of the ended session, if it is known.
    pub staff_id: Option<i64>,
    /// Keyed digest of the client's network; empty for private networks.
    pub network_hash: String,
    pub page: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
    pub file_names: Vec<String>,
}

/// A stored form.
#[derive(Debug, sqlx::FromRow)]
pub struct UnsavedForm {
    pub id: i64,
    /// Path and query of the page with the form.
    pub page: String,
    /// Path and query that the form was sent to.
    pub action: String,
    #[sqlx(json)]
    pub fields: Vec<(String, String)>,
    #[sqlx(json)]
    pub file_names: Vec<String>,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub sent_at: Timestamp,
}

/// Active account of a session that may have ended by itself.
pub async fn session_owner(db: impl SqliteExecutor<'_>, session: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT s.id FROM staff_sessions t JOIN staff s ON s.id = t.staff_id WHERE t.token_hash = ? AND s.active = 1",
    )
    .bind(session)
    .fetch_optional(db)
    .await
}

/// Whether forms are kept under this token.
pub async fn has_token(db: impl SqliteExecutor<'_>, token_hash: &str, now: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM unsaved_forms WHERE token_hash = ? AND sent_at > ?)")
        .bind(token_hash)
        .bind((now - FORM_TTL).to_sqlx())
        .fetch_one(db)
        .await
}

/// Stores a form and returns its ID. A form that was sent twice is stored once.
///
/// `None` if there are too many forms without a known account.
pub async fn insert(tx: &mut SqliteConnection, form: &NewUnsavedForm, now: Timestamp) -> sqlx::Result<Option<i64>> {
    delete_expired(tx, now).await?;
    let fields = Json(&form.fields);
    let repeated: Option<i64> = sqlx::query_scalar(
        "UPDATE unsaved_forms SET sent_at = ? WHERE token_hash = ? AND action = ? AND fields = ? AND staff_id IS ?
         RETURNING id",
    )
    .bind(now.to_sqlx())
    .bind(&form.token_hash)
    .bind(&form.action)
    .bind(fields)
    .bind(form.staff_id)
    .fetch_optional(&mut *tx)
    .await?;
    if repeated.is_some() || (form.staff_id.is_none() && is_full(&mut *tx, &form.network_hash, now).await?) {
        return Ok(repeated);
    }
    let id = sqlx::query_scalar(
        "INSERT INTO unsaved_forms (token_hash, staff_id, network_hash, page, action, fields, file_names, sent_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(&form.token_hash)
    .bind(form.staff_id)
    .bind(&form.network_hash)
    .bind(&form.page)
    .bind(&form.action)
    .bind(fields)
    .bind(Json(&form.file_names))
    .bind(now.to_sqlx())
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM unsaved_forms WHERE staff_id = ?1
         AND id NOT IN (SELECT id FROM unsaved_forms WHERE staff_id = ?1 ORDER BY id DESC LIMIT ?2)",
    )
    .bind(form.staff_id)
    .bind(MAX_FORMS_PER_ACCOUNT)
    .execute(tx)
    .await?;
    Ok(Some(id))
}

/// Whether there is no room for another form without a known account.
pub async fn is_full(db: impl SqliteExecutor<'_>, network_hash: &str, now: Timestamp) -> sqlx::Result<bool> {
    let (from_network, all, size): (i64, i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE network_hash = ? AND network_hash <> ''), count(*),
                coalesce(sum(octet_length(fields) + octet_length(page) + octet_length(action) + octet_length(file_names)), 0)
         FROM unsaved_forms WHERE staff_id IS NULL AND sent_at > ?",
    )
    .bind(network_hash)
    .bind((now - FORM_TTL).to_sqlx())
    .fetch_one(db)
    .await?;
    Ok(from_network >= MAX_FORMS_PER_NETWORK || all >= MAX_FORMS || size >= MAX_TOTAL_SIZE)
}

/// Assigns the forms of a browser without a known account to the account that has signed in.
pub async fn assign(tx: &mut SqliteConnection, token_hash: &str, staff_id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE unsaved_forms SET staff_id = ? WHERE token_hash = ? AND staff_id IS NULL")
        .bind(staff_id)
        .bind(token_hash)
        .execute(tx)
        .await?;
    Ok(())
}

/// The form with this ID, if it belongs to this browser and this account and is not too old.
pub async fn find(
    db: impl SqliteExecutor<'_>,
    id: i64,
    token_hash: &str,
    staff_id: i64,
    now: Timestamp,
) -> sqlx::Result<Option<UnsavedForm>> {
    sqlx::query_as(
        "SELECT id, page, action, fields, file_names, sent_at FROM unsaved_forms
         WHERE id = ? AND token_hash = ? AND staff_id = ? AND sent_at > ?",
    )
    .bind(id)
    .bind(token_hash)
    .bind(staff_id)
    .bind((now - FORM_TTL).to_sqlx())
    .fetch_optional(db)
    .await
}

/// Deletes a form of this browser and this account.
pub async fn delete(tx: &mut SqliteConnection, id: i64, token_hash: &str, staff_id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM unsaved_forms WHERE id = ? AND token_hash = ? AND staff_id = ?")
        .bind(id)
        .bind(token_hash)
        .bind(staff_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes forms older than an hour, and forms from the future, which were stored while the clock was wrong.
pub async fn delete_expired(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM unsaved_forms WHERE sent_at <= ? OR sent_at > ?")
        .bind((now - FORM_TTL).to_sqlx())
        .bind((now + MAX_CLOCK_SKEW).to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}
