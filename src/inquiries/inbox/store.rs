//! SQL of the inbox.
//!
//! Lists and counts use two covering indexes with all filter columns, so that only the rows of one page are read.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::inbox::filter::SqlFilter;
use crate::inquiries::store::inquiries;
use crate::inquiries::{Inquiry, InquiryState};

/// Filter conditions without the state, most selective first.
macro_rules! filter_conditions {
    () => {
        "(?5 = '[]' OR program COLLATE NOCASE IN (SELECT value FROM json_each(?5))) AND (?4 = -1 OR coalesce(owner_id, 0) = ?4) AND (?3 = '' OR kind = ?3)
         AND (?6 = '[]' OR iif(noc = '', occupation, noc) IN (SELECT value FROM json_each(?6)))
         AND received_at >= ?1 AND received_at <= ?2"
    };
}

/// Binds parameters ?1 to ?6 of [`filter_conditions`].
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Newest,
    LongestWaiting,
}

macro_rules! list_query {
    ($index:literal, $state:literal, $newest_first:ident) => {
        if $newest_first {
            list_query!($index, $state, "received_at DESC, id DESC")
        } else {
            list_query!($index, $state, "received_at, id")
        }
    };
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

/// IDs on one page of a list of `total`. Pages in the second half are read from the end, to skip fewer rows.
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
    let sql = match (order, state) {
        (Order::Newest, None) => {
            list_query!("inquiries_in_inbox", "IN (SELECT value FROM json_each(?7))", newest_first)
        }
        (Order::Newest, Some(_)) => list_query!("inquiries_by_state", "= ?7 ->> 0", newest_first),
        (Order::LongestWaiting, _) => {
            list_query!("inquiries_by_state", "IN (SELECT value FROM json_each(?7))", newest_first)
        }
    };
    let query = bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).bind(shown);
    let mut ids: Vec<i64> = query.bind(if is_reversed { from_end } else { offset }).fetch_all(db).await?;
    if is_reversed {
        ids.reverse();
    }
    Ok(ids)
}

/// Counts per state, ignoring the states of the filter.
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

pub async fn count_all_by_state(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(InquiryState, i64)>> {
    sqlx::query_as(
        "SELECT state, count(*) FROM inquiries INDEXED BY inquiries_by_state
         WHERE trashed_at IS NULL AND merged_into IS NULL GROUP BY state",
    )
    .fetch_all(db)
    .await
}

/// Number of matching inquiries. Only fast for few states, such as the unanswered ones.
pub async fn count(db: impl SqliteExecutor<'_>, sql_filter: &SqlFilter) -> sqlx::Result<i64> {
    let sql = concat!(
        "SELECT count(*) FROM inquiries INDEXED BY inquiries_by_state
         WHERE trashed_at IS NULL AND merged_into IS NULL AND state IN (SELECT value FROM json_each(?7)) AND ",
        filter_conditions!()
    );
    bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).fetch_one(db).await
}

/// Group of search results with the same state and flags.
#[derive(sqlx::FromRow)]
pub struct HitGroup {
    pub state: InquiryState,
    /// Unanswered since before `waiting_since`.
    pub waits: bool,
    /// Matches the filter, states ignored.
    pub fits: bool,
    pub count: i64,
    /// IDs separated by spaces; there may be thousands.
    pub ids: String,
}

/// The newest `limit` matches of an FTS5 query, merged inquiries included.
pub async fn search_hits(
    db: impl SqliteExecutor<'_>,
    fts_query: &str,
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
        .bind(fts_query)
        .bind(limit)
        .bind(waiting_since.to_sqlx())
        .fetch_all(db)
        .await
}

/// Inquiries with these IDs, in this order.
pub async fn by_ids(db: impl SqliteExecutor<'_>, ids: &[i64]) -> sqlx::Result<Vec<Inquiry>> {
    let sql = inquiries!("WHERE inquiries.id IN (SELECT value FROM json_each(?))");
    let mut found: Vec<Inquiry> = sqlx::query_as(sql).bind(json!(ids).to_string()).fetch_all(db).await?;
    found.sort_by_key(|inquiry| ids.iter().position(|id| *id == inquiry.id));
    Ok(found)
}

/// Next matching inquiries after the ID `last`, in order of ID.
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

/// IDs of the next matches of an FTS5 query after the ID `last`, in order of ID.
pub async fn search_ids_after(
    db: impl SqliteExecutor<'_>,
    fts_query: &str,
    last: i64,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT rowid FROM inquiries_fts WHERE inquiries_fts MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?",
    )
    .bind(fts_query)
    .bind(last)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Those of the given inquiries that match the filter, in order of ID.
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
