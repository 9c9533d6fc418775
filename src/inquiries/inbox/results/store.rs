//! SQL of the lists of the inbox.
//!
//! Lists and counts use covering indexes with all filter columns, so that only the rows of one page are read.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::SqliteExecutor;

use crate::inquiries::inbox::filter::SqlFilter;
use crate::inquiries::inbox::results::query::SearchText;
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

macro_rules! sorted_query {
    ($order:literal) => {
        concat!("SELECT id FROM inquiries WHERE id IN (SELECT value FROM json_each(?)) ORDER BY ", $order)
    };
}

/// Statement of one page of a list. `$rows` is an additional condition.
macro_rules! list_query {
    ($index:literal, $state:literal, $rows:literal, $key:literal, $direction:literal) => {
        concat!(
            "SELECT id FROM inquiries INDEXED BY ",
            $index,
            " WHERE trashed_at IS NULL AND merged_into IS NULL AND state ",
            $state,
            $rows,
            " AND ",
            filter_conditions!(),
            " ORDER BY ",
            $key,
            $direction,
            " LIMIT ?8 OFFSET ?9"
        )
    };
}

/// [`list_query`] in one of both directions.
macro_rules! directed_query {
    ($index:literal, $state:literal, $rows:literal, $key:literal, $is_ascending:expr) => {
        if $is_ascending {
            list_query!($index, $state, $rows, $key, ", id")
        } else {
            list_query!($index, $state, $rows, $key, " DESC, id DESC")
        }
    };
}

/// Order of a list: by which column, and whether the smallest value is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub key: SortKey,
    pub is_ascending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    Received,
    Name,
    Score,
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
    let sql = page_statement(sql_filter, state, order.key, order.is_ascending != is_reversed);
    let query = bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).bind(shown);
    let mut ids: Vec<i64> = query.bind(if is_reversed { from_end } else { offset }).fetch_all(db).await?;
    if is_reversed {
        ids.reverse();
    }
    Ok(ids)
}

fn page_statement(
    sql_filter: &SqlFilter,
    state: Option<InquiryState>,
    key: SortKey,
    is_ascending: bool,
) -> &'static str {
    macro_rules! statement {
        ($index_of_all:literal, $rows:literal) => {{
            macro_rules! in_any_state {
                ($index:literal, $key:literal) => {
                    directed_query!($index, "IN (SELECT value FROM json_each(?7))", $rows, $key, is_ascending)
                };
            }
            match (key, state) {
                (SortKey::Name, _) => in_any_state!("inquiries_by_name", "name COLLATE NOCASE"),
                (SortKey::Score, _) => in_any_state!("inquiries_by_score", "coalesce(crs, 0)"),
                (SortKey::Received, Some(_)) => {
                    directed_query!("inquiries_by_state", "= ?7 ->> 0", $rows, "received_at", is_ascending)
                }
                (SortKey::Received, None) => in_any_state!($index_of_all, "received_at"),
            }
        }};
    }
    if sql_filter.is_unanswered {
        // Few inquiries are unanswered.
        statement!("inquiries_by_state", " AND (visitor_replied_at IS NULL OR visitor_replied_at <= ?2)")
    } else {
        statement!("inquiries_in_inbox", "")
    }
}

/// ID of the inquiry after this one in a list, or before it if `is_backward`. The inquiry itself need not be in the list.
pub async fn neighbour(
    db: impl SqliteExecutor<'_>,
    sql_filter: &SqlFilter,
    order: Order,
    inquiry: &Inquiry,
    is_backward: bool,
) -> sqlx::Result<Option<i64>> {
    let is_ascending = order.is_ascending != is_backward;
    let sql = neighbour_statement(order.key, is_ascending);
    let query = bind_filter!(sqlx::query_scalar(sql), sql_filter).bind(&sql_filter.states).bind(1).bind(0);
    let query = match order.key {
        SortKey::Received => query.bind(inquiry.received_at.to_sqlx()),
        SortKey::Name => query.bind(inquiry.details.name.clone()),
        SortKey::Score => query.bind(inquiry.details.crs.unwrap_or(0)),
    };
    query.bind(inquiry.id).fetch_optional(db).await
}

fn neighbour_statement(key: SortKey, is_ascending: bool) -> &'static str {
    macro_rules! either {
        ($index:literal, $key:literal, $after:literal, $before:literal) => {
            if is_ascending {
                list_query!($index, "IN (SELECT value FROM json_each(?7))", $after, $key, ", id")
            } else {
                list_query!($index, "IN (SELECT value FROM json_each(?7))", $before, $key, " DESC, id DESC")
            }
        };
    }
    match key {
        SortKey::Received => either!(
            "inquiries_in_inbox",
            "received_at",
            " AND received_at >= ?10 AND (received_at > ?10 OR id > ?11)",
            " AND received_at <= ?10 AND (received_at < ?10 OR id < ?11)"
        ),
        SortKey::Name => either!(
            "inquiries_by_name",
            "name COLLATE NOCASE",
            " AND name COLLATE NOCASE >= ?10 AND (name COLLATE NOCASE > ?10 OR id > ?11)",
            " AND name COLLATE NOCASE <= ?10 AND (name COLLATE NOCASE < ?10 OR id < ?11)"
        ),
        SortKey::Score => either!(
            "inquiries_by_score",
            "coalesce(crs, 0)",
            " AND coalesce(crs, 0) >= ?10 AND (coalesce(crs, 0) > ?10 OR id > ?11)",
            " AND coalesce(crs, 0) <= ?10 AND (coalesce(crs, 0) < ?10 OR id < ?11)"
        ),
    }
}

/// These IDs in the order of a list.
pub async fn sorted(db: impl SqliteExecutor<'_>, ids: &[i64], order: Order) -> sqlx::Result<Vec<i64>> {
    let sql = match (order.key, order.is_ascending) {
        (SortKey::Received, true) => sorted_query!("received_at, id"),
        (SortKey::Received, false) => sorted_query!("received_at DESC, id DESC"),
        (SortKey::Name, _) => sorted_query!("name COLLATE NOCASE, id"),
        (SortKey::Score, _) => sorted_query!("coalesce(crs, 0) DESC, id DESC"),
    };
    sqlx::query_scalar(sql).bind(json!(ids).to_string()).fetch_all(db).await
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
         WHERE trashed_at IS NULL AND merged_into IS NULL AND state IN (SELECT value FROM json_each(?7))
           AND (?8 = 0 OR visitor_replied_at IS NULL OR visitor_replied_at <= ?2) AND ",
        filter_conditions!()
    );
    bind_filter!(sqlx::query_scalar(sql), sql_filter)
        .bind(&sql_filter.states)
        .bind(sql_filter.is_unanswered)
        .fetch_one(db)
        .await
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

/// The newest `limit` matches of a search, merged inquiries included.
pub async fn search_hits(
    db: impl SqliteExecutor<'_>,
    search: &SearchText,
    sql_filter: &SqlFilter,
    limit: i64,
    waiting_since: Timestamp,
) -> sqlx::Result<Vec<HitGroup>> {
    let sql = concat!(
        "WITH hits (id) AS MATERIALIZED (
             SELECT rowid FROM (SELECT * FROM (SELECT rowid FROM inquiries_fts WHERE inquiries_fts MATCH ?7
                                               ORDER BY rowid DESC LIMIT ?8)
                                UNION SELECT * FROM (SELECT rowid FROM inquiry_numbers_fts
                                                     WHERE inquiry_numbers_fts MATCH ?10 ORDER BY rowid DESC LIMIT ?8))
             ORDER BY rowid DESC LIMIT ?8),
         alike (id, state, waits, fits) AS (
             SELECT h.id, i.state, i.state IN ('new', 'reading') AND i.merged_into IS NULL AND coalesce(i.visitor_replied_at, i.received_at) <= ?9, ",
        filter_conditions!(),
        " FROM hits h CROSS JOIN inquiries i ON i.id = h.id WHERE i.trashed_at IS NULL)
         SELECT state, waits, fits, count(*) AS count, group_concat(id, ' ') AS ids FROM alike GROUP BY state, waits, fits"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter)
        .bind(&search.words)
        .bind(limit)
        .bind(waiting_since.to_sqlx())
        .bind(&search.digits)
        .fetch_all(db)
        .await
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
           AND state IN (SELECT value FROM json_each(?7))
           AND (?10 = 0 OR visitor_replied_at IS NULL OR visitor_replied_at <= ?2) AND ",
        filter_conditions!(),
        " ORDER BY inquiries.id LIMIT ?9"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter)
        .bind(&sql_filter.states)
        .bind(last)
        .bind(limit)
        .bind(sql_filter.is_unanswered)
        .fetch_all(db)
        .await
}

/// IDs of the next matches of a search after the ID `last`, in order of ID.
pub async fn search_ids_after(
    db: impl SqliteExecutor<'_>,
    search: &SearchText,
    last: i64,
    limit: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT rowid FROM (SELECT * FROM (SELECT rowid FROM inquiries_fts
                                           WHERE inquiries_fts MATCH ?1 AND rowid > ?2 ORDER BY rowid LIMIT ?3)
                            UNION SELECT * FROM (SELECT rowid FROM inquiry_numbers_fts
                                                 WHERE inquiry_numbers_fts MATCH ?4 AND rowid > ?2 ORDER BY rowid LIMIT ?3))
         ORDER BY rowid LIMIT ?3",
    )
    .bind(&search.words)
    .bind(last)
    .bind(limit)
    .bind(&search.digits)
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
           AND state IN (SELECT value FROM json_each(?7))
           AND (?9 = 0 OR visitor_replied_at IS NULL OR visitor_replied_at <= ?2) AND ",
        filter_conditions!(),
        " ORDER BY inquiries.id"
    );
    bind_filter!(sqlx::query_as(sql), sql_filter)
        .bind(&sql_filter.states)
        .bind(json!(ids).to_string())
        .bind(sql_filter.is_unanswered)
        .fetch_all(db)
        .await
}

/// Indexed terms that start with `prefix` and have a length in the given range.
pub async fn terms(db: impl SqliteExecutor<'_>, prefix: &str, min_len: i64, max_len: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT term FROM inquiries_terms
         WHERE term >= ?1 AND term < ?1 || char(1114111) AND length(term) BETWEEN ?2 AND ?3",
    )
    .bind(prefix)
    .bind(min_len)
    .bind(max_len)
    .fetch_all(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::QueryPlan;
    use crate::inquiries::inbox::filter::Filter;

    #[tokio::test]
    async fn lists_and_neighbours_are_read_from_an_index_in_order() {
        let everything = Filter::default().to_sql(None, Timestamp::UNIX_EPOCH);
        for (key, index) in [
            (SortKey::Received, "inquiries_in_inbox"),
            (SortKey::Name, "inquiries_by_name"),
            (SortKey::Score, "inquiries_by_score"),
        ] {
            for is_ascending in [true, false] {
                let page = QueryPlan::explain(page_statement(&everything, None, key, is_ascending)).await;
                let next = QueryPlan::explain(neighbour_statement(key, is_ascending)).await;
                assert!(!next.scans("inquiries"), "{next:?}");
                for plan in [page, next] {
                    assert!(plan.uses(index) && !plan.sorts(), "{plan:?}");
                }
            }
        }
        let sql = page_statement(&everything, Some(InquiryState::New), SortKey::Received, false);
        let plan = QueryPlan::explain(sql).await;
        assert!(plan.uses("inquiries_by_state") && !plan.sorts(), "{plan:?}");
    }
}
