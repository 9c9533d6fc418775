//! SQL of the inbox: inquiries of a person, owners, merges, reply templates.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::Inquiry;
use crate::inquiries::store::inquiries;

/// Inquiries with these IDs, in this order.
pub async fn by_ids(db: impl SqliteExecutor<'_>, ids: &[i64]) -> sqlx::Result<Vec<Inquiry>> {
    let sql = inquiries!("WHERE inquiries.id IN (SELECT value FROM json_each(?))");
    let mut found: Vec<Inquiry> = sqlx::query_as(sql).bind(json!(ids).to_string()).fetch_all(db).await?;
    found.sort_by_key(|inquiry| ids.iter().position(|id| *id == inquiry.id));
    Ok(found)
}

/// Other inquiries with the same e-mail address or phone number, in any reading of the number. Inquiries merged into this
/// one come first, then the newest.
pub async fn by_same_person(db: impl SqliteExecutor<'_>, inquiry: &Inquiry) -> sqlx::Result<Vec<Inquiry>> {
    sqlx::query_as(inquiries!(
        "WHERE inquiries.id IN (
             SELECT id FROM inquiries WHERE email = ?1 COLLATE NOCASE AND email <> ''
             UNION SELECT id FROM inquiries WHERE phone_e164 IN (?2, ?3) AND phone_e164 <> ''
             UNION SELECT id FROM inquiries WHERE whatsapp_e164 IN (?2, ?3) AND whatsapp_e164 <> ''
             UNION SELECT other.inquiry_id FROM contact_numbers own JOIN contact_numbers other ON other.number = own.number
                   WHERE own.inquiry_id = ?4 AND own.is_current AND other.is_current AND own.number NOT LIKE 'n%'
             UNION SELECT id FROM inquiries WHERE merged_into = ?4
             UNION SELECT merged_into FROM inquiries WHERE id = ?4)
           AND inquiries.id <> ?4 AND trashed_at IS NULL
         ORDER BY merged_into IS ?4 DESC, received_at DESC, inquiries.id DESC LIMIT 50"
    ))
    .bind(&inquiry.details.email)
    .bind(&inquiry.phone_e164)
    .bind(&inquiry.whatsapp_e164)
    .bind(inquiry.id)
    .fetch_all(db)
    .await
}

pub async fn set_owner(tx: &mut SqliteConnection, id: i64, owner: Option<i64>) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET owner_id = ?, version = version + 1 WHERE id = ?")
        .bind(owner)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn set_merged(tx: &mut SqliteConnection, id: i64, into: Option<i64>) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET merged_into = ?, version = version + 1 WHERE id = ?")
        .bind(into)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct ReplyTemplate {
    pub id: i64,
    pub title: String,
    /// May contain variables such as `{{name}}`.
    pub body: String,
    pub archived: bool,
    pub version: i64,
    pub updated_by: String,
}

macro_rules! templates {
    ($rest:literal) => {
        concat!("SELECT id, title, body, archived, version, updated_by FROM answer_templates ", $rest)
    };
}

/// All templates by title, archived ones last.
pub async fn templates(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<ReplyTemplate>> {
    sqlx::query_as(templates!("ORDER BY archived, title, id")).fetch_all(db).await
}

pub async fn template(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<ReplyTemplate>> {
    sqlx::query_as(templates!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// Adds a template and returns its ID.
pub async fn add_template(
    tx: &mut SqliteConnection,
    title: &str,
    body: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "INSERT INTO answer_templates (title, body, updated_at, updated_by) VALUES (?, ?, ?, ?) RETURNING id",
    )
    .bind(title)
    .bind(body)
    .bind(now.to_sqlx())
    .bind(by)
    .fetch_one(tx)
    .await
}

/// Saves title and body. Returns false if the stored version is not `template.version`.
pub async fn replace_template(
    tx: &mut SqliteConnection,
    template: &ReplyTemplate,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE answer_templates SET title = ?, body = ?, updated_at = ?, updated_by = ?, version = version + 1
         WHERE id = ? AND version = ?",
    )
    .bind(&template.title)
    .bind(&template.body)
    .bind(now.to_sqlx())
    .bind(by)
    .bind(template.id)
    .bind(template.version)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Archives or restores a template. Returns false if nothing changed.
pub async fn set_archived(
    tx: &mut SqliteConnection,
    id: i64,
    archived: bool,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE answer_templates SET archived = ?1, updated_at = ?2, updated_by = ?3, version = version + 1
         WHERE id = ?4 AND archived <> ?1",
    )
    .bind(archived)
    .bind(now.to_sqlx())
    .bind(by)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
