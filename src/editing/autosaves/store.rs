//! SQL of autosaves. Each belongs to one staff member, and to one document or to a new one.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Time after which an autosave is deleted.
const AUTOSAVE_TTL: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Autosaves of one document by one staff member, for several tabs and devices. The oldest are deleted first.
const MAX_AUTOSAVES_PER_EDITOR: i64 = 10;

/// Text that was typed and not saved.
#[derive(Debug)]
pub struct Autosave<F> {
    pub id: i64,
    /// Version of the document that the editor was opened with.
    pub base_version: i64,
    pub fields: F,
    pub saved_at: Timestamp,
}

/// Table of the autosaves of one kind of document, with its SQL.
pub struct AutosaveTable {
    update: &'static str,
    insert: &'static str,
    delete_surplus: &'static str,
    select: &'static str,
    select_one: &'static str,
    delete: &'static str,
    delete_old: &'static str,
}

macro_rules! autosave_table {
    ($table:literal, $document:literal) => {
        AutosaveTable {
            update: concat!(
                "UPDATE ",
                $table,
                " SET fields = ?, base_version = ?, saved_at = ?
                 WHERE id = ? AND staff_id = ? AND ",
                $document,
                " IS ? RETURNING id"
            ),
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (",
                $document,
                ", staff_id, base_version, fields, saved_at)
                 VALUES (?, ?, ?, ?, ?) RETURNING id"
            ),
            delete_surplus: concat!(
                "DELETE FROM ",
                $table,
                " WHERE staff_id = ?1 AND ",
                $document,
                " IS ?2 AND id NOT IN (
                     SELECT id FROM ",
                $table,
                " WHERE staff_id = ?1 AND ",
                $document,
                " IS ?2
                     ORDER BY saved_at DESC, id DESC LIMIT ?3)"
            ),
            select: concat!(
                "SELECT id, base_version, fields, saved_at FROM ",
                $table,
                "
                 WHERE staff_id = ? AND ",
                $document,
                " IS ? AND saved_at > ? ORDER BY saved_at DESC, id DESC"
            ),
            select_one: concat!(
                "SELECT id, base_version, fields, saved_at FROM ",
                $table,
                " WHERE id = ? AND ",
                $document,
                " IS ?
                 AND staff_id = ?"
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE id = ? AND staff_id = ? RETURNING ", $document),
            delete_old: concat!("DELETE FROM ", $table, " WHERE saved_at <= ?"),
        }
    };
}

pub const POST_AUTOSAVES: AutosaveTable = autosave_table!("post_autosaves", "post_id");
pub const PAGE_AUTOSAVES: AutosaveTable = autosave_table!("page_autosaves", "page_id");

/// Form of an editor whose text is stored.
pub trait AutosavedForm: DeserializeOwned + Send + Unpin + 'static {
    const TABLE: AutosaveTable;

    /// ID of its autosave and version of the document, as the form sends them.
    fn autosave_and_version(&self) -> (&str, &str);

    fn set_autosave_and_version(&mut self, autosave: String, version: String);

    /// Fields that hold text, as JSON.
    ///
    /// # Errors
    /// Never for forms with named fields.
    fn fields(&self) -> serde_json::Result<serde_json::Value>;
}

type Row<F> = (i64, i64, Json<F>, jiff_sqlx::Timestamp);

impl<F: AutosavedForm> Autosave<F> {
    fn of((id, base_version, Json(fields), saved_at): Row<F>) -> Self {
        Self { id, base_version, fields, saved_at: saved_at.to_jiff() }
    }

    /// The form with this text, based on the version that the editor was opened with.
    pub fn into_form(self) -> F {
        let mut form = self.fields;
        form.set_autosave_and_version(self.id.to_string(), self.base_version.to_string());
        form
    }
}

/// Stores the text of an editor and returns the ID of the autosave.
///
/// Replaces the autosave that the form names, if it is one of this editor. Otherwise it adds one, so that two tabs do
/// not overwrite each other.
pub async fn save_autosave<F: AutosavedForm>(
    tx: &mut SqliteConnection,
    document: Option<i64>,
    staff_id: i64,
    form: &F,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let (autosave, version) = form.autosave_and_version();
    let (autosave, base_version) = (autosave.parse::<i64>(), version.parse::<i64>().unwrap_or_default());
    let fields = form.fields().map_err(|error| sqlx::Error::Encode(error.into()))?;
    let updated = sqlx::query_scalar(F::TABLE.update)
        .bind(&fields)
        .bind(base_version)
        .bind(now.to_sqlx())
        .bind(autosave.unwrap_or_default())
        .bind(staff_id)
        .bind(document)
        .fetch_optional(&mut *tx)
        .await?;
    if let Some(id) = updated {
        return Ok(id);
    }
    let id = sqlx::query_scalar(F::TABLE.insert)
        .bind(document)
        .bind(staff_id)
        .bind(base_version)
        .bind(&fields)
        .bind(now.to_sqlx())
        .fetch_one(&mut *tx)
        .await?;
    let surplus = sqlx::query(F::TABLE.delete_surplus).bind(staff_id).bind(document);
    surplus.bind(MAX_AUTOSAVES_PER_EDITOR).execute(tx).await?;
    Ok(id)
}

/// Autosaves of a document, or of new ones, by this staff member, newest first.
pub async fn stored_autosaves<F: AutosavedForm>(
    db: impl SqliteExecutor<'_>,
    document: Option<i64>,
    staff_id: i64,
    now: Timestamp,
) -> sqlx::Result<Vec<Autosave<F>>> {
    let rows = sqlx::query_as(F::TABLE.select).bind(staff_id).bind(document).bind((now - AUTOSAVE_TTL).to_sqlx());
    Ok(rows.fetch_all(db).await?.into_iter().map(Autosave::of).collect())
}

/// An autosave of this staff member for this document, or for a new one.
pub async fn find_autosave<F: AutosavedForm>(
    db: impl SqliteExecutor<'_>,
    id: i64,
    document: Option<i64>,
    staff_id: i64,
) -> sqlx::Result<Option<Autosave<F>>> {
    let row = sqlx::query_as(F::TABLE.select_one).bind(id).bind(document).bind(staff_id);
    Ok(row.fetch_optional(db).await?.map(Autosave::of))
}

/// Deletes an autosave of this staff member. Returns the ID of its document; the outer `None` means that there was none.
pub async fn delete_autosave<F: AutosavedForm>(
    tx: &mut SqliteConnection,
    id: i64,
    staff_id: i64,
) -> sqlx::Result<Option<Option<i64>>> {
    sqlx::query_scalar(F::TABLE.delete).bind(id).bind(staff_id).fetch_optional(tx).await
}

/// Deletes autosaves after 30 days.
pub async fn delete_old_autosaves(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    for table in [POST_AUTOSAVES, PAGE_AUTOSAVES] {
        sqlx::query(table.delete_old).bind((now - AUTOSAVE_TTL).to_sqlx()).execute(&mut *tx).await?;
    }
    Ok(())
}
