//! SQL of the reconciliation after a restore.

use sqlx::{SqliteConnection, SqliteExecutor};

/// Highest row ID ever used in each table.
pub async fn last_row_ids(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as("SELECT name, seq FROM sqlite_sequence").fetch_all(db).await
}

/// Makes the row IDs of a table continue after `last`.
pub async fn advance_row_ids(tx: &mut SqliteConnection, table: &str, last: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO sqlite_sequence (name, seq)
         SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1);
         UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
    )
    .bind(table)
    .bind(last)
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Debug, sqlx::FromRow)]
pub struct InquiryContacts {
    pub id: i64,
    pub reference: String,
    /// Current and previous addresses and numbers, one per line.
    pub contacts: String,
}

/// Contacts of the next inquiries after the ID `after`.
pub async fn inquiry_contacts(
    db: impl SqliteExecutor<'_>,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<InquiryContacts>> {
    sqlx::query_as(
        "SELECT id, reference, concat_ws(char(10), email, phone, phone_e164, whatsapp, whatsapp_e164,
                (SELECT group_concat(number, char(10)) FROM contact_numbers WHERE inquiry_id = id AND number LIKE '+%'),
                (SELECT group_concat(iif(e164 = '', contact, e164), char(10)) FROM previous_contacts WHERE inquiry_id = id)) AS contacts
         FROM inquiries WHERE id > ? ORDER BY id LIMIT ?",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}
