//! All SQL of the inbox.
//!
//! Lists and counts are made from two indexes that hold all an inbox is narrowed by; of 100,000 inquiries only those on
//! the page are read.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::inbox::filter::SqlFilter;
use crate::inquiries::store::inquiries;
use crate::inquiries::{Inquiry, InquiryState};

/// What a list is narrowed by, its states aside. They are looked at in this order: what leaves out most comes first.
macro_rules! filter_conditions {
    () => {
        "(?5 = '[]' OR program COLLATE NOCASE IN (SELECT value FROM json_each(?5))) AND (?4 = -1 OR coalesce(owner_id, 0) = ?4) AND (?3 = '' OR kind = ?3)
         AND (?6 = '[]' OR iif(noc = '', occupation, noc) IN (SELECT value FROM json_each(?6)))
         AND received_at >= ?1 AND received_at <= ?2"
    };
}

/// Fills the first six places of a query.
macro_rules! bind_filter {
    ($query:expr, $sql_filter:expr) => {
        $query
            .bind($sql_filter.from.to_sqlx())
            .bind($sql_filter.to.to_sqlx())
            .bind($sql_filter.kind)
            .bind($sql_filter.owner)
            .bind(&$sql_filter.programs)
            .bind(&$sql_filter.codes)
    };
}

/// In which order a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest,
    /// What has waited longest first.
    LongestWaiting,
}

/// A part of a list by one index.
macro_rules! list_query {
    ($index:literal, $state:literal, $order:literal) => {
        concat!(
            "SELECT id FROM inquiries INDEXED BY ",
            $index,
            " WHERE trashed_at IS NULL AND merged_into IS NULL AND state ",
            $state,
            " AND ",
            filter_conditions!(),
            " ORDER BY ",
            $order,
            " LIMIT ?8 OFFSET ?9"
        )
    };
}

/// Numbers of a part of the inquiries that a list of `total` shows. What lies past its middle is looked for from its end:
/// all that is passed by must be read.
pub async fn list_ids(
    db: impl SqliteExecutor<'_>,
    sql_filter: &SqlFilter,
    state: Option<InquiryState>,
    order: Order,
    limit: i64,
    offset: i64,
    total: i64,
) -> sqlx::Result<Vec<i64>> {
    let shown = limit.min(total - offset).max(0);
    let from_end = total - offset - shown;
    let is_reversed = from_end < offset;
    let newest_first = (order == Order::Newest) != is_reversed;
    let sql = match (newest_first, state, order) {
        (true, None, Order::Newest) => {
            list_query!("inquiries_in_inbox", "IN (SELECT value FROM json_each(?7))", "received_at DESC, id DESC")
        }
        (false, None, Order::Newest) => {
            list_query!("inquiries_in_inbox", "IN (SELECT value FROM json_each(?7))", "received_at, id")
        }
        (true, Some(_), Order::Newest) => list_query!("inquiries_by_state", "= ?7 ->> 0", "received_at DESC, id DESC"),
        (false, Some(_), Order::Newest) => list_query!("inquiries_by_state", "= ?7 ->> 0", "received_at, id"),
        (true, _, Order::LongestWaiting) => {
            list_query!("inquiries_by_state", "IN (SELECT value FROM json_each(?7))", "received_at DESC, id DESC")
        }
        (false, _, Order::LongestWaiting) => {
            list_query!("inquiries_by_state", "IN (SELECT value FROM json_each(?7))", "received_at, id")
        }
    };
    let query = bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).bind(shown);
    let mut ids: Vec<i64> = query.bind(if is_reversed { from_end } else { offset }).fetch_all(db).await?;
    if is_reversed {
        ids.reverse();
    }
    Ok(ids)
}

/// How many inquiries of each state there are among those that fit, whatever states the list is narrowed to.
pub async fn count_by_state(
    db: impl SqliteExecutor<'_>,
    sql_filter: &SqlFilter,
) -> sqlx::Result<Vec<(InquiryState, i64)>> {
    let sql = concat!(
        "SELECT state, count(*) FROM inquiries INDEXED BY inquiries_by_state
         WHERE trashed_at IS NULL AND merged_into IS NULL AND ",
        filter_conditions!(),
        " GROUP BY state"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter).fetch_all(db).await
}

/// How many inquiries of each state there are.
pub async fn count_all_by_state(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(InquiryState, i64)>> {
    sqlx::query_as(
        "SELECT state, count(*) FROM inquiries INDEXED BY inquiries_by_state
         WHERE trashed_at IS NULL AND merged_into IS NULL GROUP BY state",
    )
    .fetch_all(db)
    .await
}

/// How many inquiries fit, where they are few of all: those that wait for an answer.
pub async fn count(db: impl SqliteExecutor<'_>, sql_filter: &SqlFilter) -> sqlx::Result<i64> {
    let sql = concat!(
        "SELECT count(*) FROM inquiries INDEXED BY inquiries_by_state
         WHERE trashed_at IS NULL AND merged_into IS NULL AND state IN (SELECT value FROM json_each(?7)) AND ",
        filter_conditions!()
    );
    bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).fetch_one(db).await
}

/// Inquiries that hold the words that were looked for, as many as are alike.
#[derive(sqlx::FromRow)]
pub struct HitGroup {
    /// How far staff are with them.
    pub state: InquiryState,
    /// Whether they have waited for an answer since before the instant that was asked about.
    pub waits: bool,
    /// Whether they fit what the list is narrowed by, their states aside.
    pub fits: bool,
    /// How many they are.
    pub count: i64,
    /// Their numbers, in one text: there may be thousands.
    pub ids: String,
}

/// The newest `most` inquiries that hold the words. Those answered in another are among them.
pub async fn search_hits(
    db: impl SqliteExecutor<'_>,
    words: &str,
    sql_filter: &SqlFilter,
    limit: i64,
    waiting_since: Timestamp,
) -> sqlx::Result<Vec<HitGroup>> {
    let sql = concat!(
        "WITH hits (id) AS MATERIALIZED (
             SELECT rowid FROM inquiries_fts WHERE inquiries_fts MATCH ?7 ORDER BY rowid DESC LIMIT ?8),
         alike (id, state, waits, fits) AS (
             SELECT h.id, i.state, i.state IN ('new', 'reading') AND i.merged_into IS NULL AND i.received_at <= ?9, ",
        filter_conditions!(),
        " FROM hits h CROSS JOIN inquiries i ON i.id = h.id WHERE i.trashed_at IS NULL)
         SELECT state, waits, fits, count(*) AS count, group_concat(id, ' ') AS ids FROM alike GROUP BY state, waits, fits"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter)
        .bind(words)
        .bind(limit)
        .bind(waiting_since.to_sqlx())
        .fetch_all(db)
        .await
}

/// The inquiries with these numbers, in this order.
pub async fn by_ids(db: impl SqliteExecutor<'_>, ids: &[i64]) -> sqlx::Result<Vec<Inquiry>> {
    let sql = inquiries!("WHERE inquiries.id IN (SELECT value FROM json_each(?))");
    let mut found: Vec<Inquiry> = sqlx::query_as(sql).bind(json!(ids).to_string()).fetch_all(db).await?;
    found.sort_by_key(|inquiry| ids.iter().position(|id| *id == inquiry.id));
    Ok(found)
}

/// The next inquiries that fit after the one with the number `last`, in the order they came.
pub async fn filtered_after(
    db: impl SqliteExecutor<'_>,
    sql_filter: &SqlFilter,
    last: i64,
    limit: i64,
) -> sqlx::Result<Vec<Inquiry>> {
    let sql = inquiries!(
        "WHERE inquiries.id > ?8 AND trashed_at IS NULL AND merged_into IS NULL
           AND state IN (SELECT value FROM json_each(?7)) AND ",
        filter_conditions!(),
        " ORDER BY inquiries.id LIMIT ?9"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter).bind(&sql_filter.states).bind(last).bind(limit).fetch_all(db).await
}

/// Numbers of the next inquiries that hold the words after the one with the number `last`, in the order they came.
pub async fn search_ids_after(
    db: impl SqliteExecutor<'_>,
    words: &str,
    last: i64,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT rowid FROM inquiries_fts WHERE inquiries_fts MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?",
    )
    .bind(words)
    .bind(last)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Those of these inquiries that fit, in the order they came.
pub async fn filtered_by_ids(
    db: impl SqliteExecutor<'_>,
    sql_filter: &SqlFilter,
    ids: &[i64],
) -> sqlx::Result<Vec<Inquiry>> {
    let sql = inquiries!(
        "WHERE inquiries.id IN (SELECT value FROM json_each(?8)) AND trashed_at IS NULL
           AND state IN (SELECT value FROM json_each(?7)) AND ",
        filter_conditions!(),
        " ORDER BY inquiries.id"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter)
        .bind(&sql_filter.states)
        .bind(json!(ids).to_string())
        .fetch_all(db)
        .await
}

/// Other inquiries of the same person, by address or by number, in any way the number can be read: those answered in this
/// one first, then newest first.
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

/// Gives an inquiry to a member of staff, or to nobody.
pub async fn set_owner(tx: &mut SqliteConnection, id: i64, owner: Option<i64>) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET owner_id = ?, version = version + 1 WHERE id = ?")
        .bind(owner)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Says that an inquiry is answered in another, or in itself again.
pub async fn set_merged(tx: &mut SqliteConnection, id: i64, into: Option<i64>) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET merged_into = ?, version = version + 1 WHERE id = ?")
        .bind(into)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// What staff answer again and again.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct ReplyTemplate {
    /// Its number.
    pub id: i64,
    /// What staff call it.
    pub title: String,
    /// The text, with tokens.
    pub body: String,
    /// Whether it is no longer offered.
    pub archived: bool,
    /// Rises with every change.
    pub version: i64,
    /// Who changed it last.
    pub updated_by: String,
}

/// Every template, those that are offered first, by title.
pub async fn templates(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<ReplyTemplate>> {
    sqlx::query_as(
        "SELECT id, title, body, archived, version, updated_by FROM answer_templates ORDER BY archived, title, id",
    )
    .fetch_all(db)
    .await
}

/// The template with this number.
pub async fn template(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<ReplyTemplate>> {
    sqlx::query_as("SELECT id, title, body, archived, version, updated_by FROM answer_templates WHERE id = ?")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Keeps a new template; its number.
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

/// Puts another text into a template; false where somebody changed it since this version.
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

/// Takes a template out of what is offered, or brings it back; false where that is so already.
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
