//! SQL of the public pages: reads published posts only.

use jiff::Timestamp;
use sqlx::SqliteExecutor;

use crate::posts::post::{Post, PostSummary};
use crate::posts::store::{select_posts, select_summaries};

/// Number of published posts, with `topic` unless it is empty.
pub async fn count_public(db: impl SqliteExecutor<'_>, topic: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(COUNT_PUBLIC).bind(topic).fetch_one(db).await
}

const COUNT_PUBLIC: &str = "SELECT count(*) FROM posts p WHERE state = 'published' AND trashed_at IS NULL
     AND (?1 = '' OR EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ?1))";

/// Published posts with `topic` (all if empty), newest first.
pub async fn newest(
    db: impl SqliteExecutor<'_>,
    topic: &str,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<PostSummary>> {
    sqlx::query_as(NEWEST).bind(topic).bind(limit).bind(offset).fetch_all(db).await
}

const NEWEST: &str = select_summaries!(
    "WHERE state = 'published' AND trashed_at IS NULL
     AND (?1 = '' OR EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ?1))
     ORDER BY published_at DESC, id DESC LIMIT ?2 OFFSET ?3"
);

/// Topics of the published posts, those of most posts first.
pub async fn topics(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT topic FROM post_topics t JOIN posts p ON p.id = t.post_id
         WHERE state = 'published' AND trashed_at IS NULL GROUP BY topic ORDER BY count(*) DESC, topic LIMIT 50",
    )
    .fetch_all(db)
    .await
}

/// The newest published posts with `topic` (all if empty), with their texts.
pub async fn newest_full(db: impl SqliteExecutor<'_>, topic: &str, limit: i64) -> sqlx::Result<Vec<Post>> {
    sqlx::query_as(select_posts!(
        "WHERE state = 'published' AND trashed_at IS NULL
         AND (?1 = '' OR EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ?1))
         ORDER BY published_at DESC, id DESC LIMIT ?2"
    ))
    .bind(topic)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Query of [`older_than_draw_changes`]. CROSS JOIN starts with the draws, because few of them are newer than the oldest
/// text.
const OLDER_THAN_DRAW_CHANGES: &str = select_posts!(
    "WHERE id IN (SELECT d.post_id FROM draw_corrections c CROSS JOIN post_draws d ON d.round = c.round
                  CROSS JOIN posts q ON q.id = d.post_id
                  WHERE c.corrected_at >= q.updated_at AND c.origin <> 'reference'
                    AND c.field IN ('date', 'held_at', 'invitations', 'invitations_corrected', 'crs', 'tie_break', 'category_key')
                  UNION
                  SELECT d.post_id FROM draws r CROSS JOIN post_draws d ON d.round = r.round
                  CROSS JOIN posts q ON q.id = d.post_id
                  WHERE r.recorded_at > (SELECT min(updated_at) FROM posts) AND r.recorded_at > q.updated_at)
     AND state = 'published' AND trashed_at IS NULL ORDER BY published_at DESC"
);

/// Published posts not updated since a draw that they mention was added or corrected, newest first.
pub async fn older_than_draw_changes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Post>> {
    sqlx::query_as(OLDER_THAN_DRAW_CHANGES).fetch_all(db).await
}

pub async fn find_public(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<Post>> {
    sqlx::query_as(select_posts!("WHERE slug = ? AND state = 'published' AND trashed_at IS NULL"))
        .bind(slug)
        .fetch_optional(db)
        .await
}

/// The published posts directly before and after `post`.
pub async fn adjacent_posts(
    db: impl SqliteExecutor<'_>,
    post: &Post,
) -> sqlx::Result<(Option<PostSummary>, Option<PostSummary>)> {
    let adjacent: Vec<PostSummary> = sqlx::query_as(select_summaries!(
        "WHERE id IN (SELECT * FROM (SELECT id FROM posts
                                     WHERE state = 'published' AND trashed_at IS NULL AND (published_at, id) < (?1, ?2)
                                     ORDER BY published_at DESC, id DESC LIMIT 1)
                      UNION ALL
                      SELECT * FROM (SELECT id FROM posts
                                     WHERE state = 'published' AND trashed_at IS NULL AND (published_at, id) > (?1, ?2)
                                     ORDER BY published_at, id LIMIT 1))"
    ))
    .bind(&post.published_at)
    .bind(post.id)
    .fetch_all(db)
    .await?;
    let is_older = |other: &PostSummary| (&other.published_at, other.id) < (&post.published_at, post.id);
    let (older, newer): (Vec<_>, Vec<_>) = adjacent.into_iter().partition(is_older);
    Ok((older.into_iter().next(), newer.into_iter().next()))
}

/// Published posts about the same draws or with the same topics, those with most in common first.
pub async fn related(db: impl SqliteExecutor<'_>, id: i64, limit: i64) -> sqlx::Result<Vec<PostSummary>> {
    sqlx::query_as(RELATED).bind(id).bind(limit).fetch_all(db).await
}

const RELATED: &str = select_summaries!(
    "JOIN (SELECT post_id, sum(weight) AS weight
           FROM (SELECT o.post_id, 3 AS weight FROM post_draws d JOIN post_draws o ON o.round = d.round
                 WHERE d.post_id = ?1
                 UNION ALL
                 SELECT o.post_id, 1 FROM post_topics t JOIN post_topics o ON o.topic = t.topic WHERE t.post_id = ?1)
           WHERE post_id <> ?1 GROUP BY post_id) ON post_id = p.id
     WHERE state = 'published' AND trashed_at IS NULL
     ORDER BY weight DESC, published_at DESC, id DESC LIMIT ?2"
);

/// When the correction note of a post was first saved as it is now.
pub async fn correction_saved_at(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Timestamp>> {
    let saved: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT min(r.saved_at) FROM post_revisions r JOIN posts p ON p.id = r.post_id AND p.correction = r.correction
         WHERE r.post_id = ?",
    )
    .bind(id)
    .fetch_one(db)
    .await?;
    Ok(saved.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Correction of a published post.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostCorrection {
    pub slug: String,
    pub title: String,
    /// Line of text, or sanitized HTML of a correction note.
    pub text: String,
    pub is_note: bool,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
}

/// Lines and notes of corrections in all published posts.
pub async fn all_corrections(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<PostCorrection>> {
    sqlx::query_as(
        "SELECT slug, title, line AS text, false AS is_note, corrected_at AS at
         FROM post_corrections c JOIN posts p ON p.id = c.post_id WHERE state = 'published' AND trashed_at IS NULL
         UNION ALL
         SELECT slug, p.title, p.correction, true,
                coalesce((SELECT min(saved_at) FROM post_revisions r
                          WHERE r.post_id = p.id AND r.correction = p.correction), p.updated_at)
         FROM posts p WHERE state = 'published' AND trashed_at IS NULL AND p.correction <> ''",
    )
    .fetch_all(db)
    .await
}

/// What a share card shows of a published post.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CardPost {
    pub id: i64,
    pub title: String,
    /// UTC, as text.
    pub published_at: Option<String>,
}

/// All published posts, newest first.
pub async fn card_posts(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CardPost>> {
    sqlx::query_as(
        "SELECT id, title, published_at FROM posts WHERE state = 'published' AND trashed_at IS NULL
         ORDER BY published_at DESC, id DESC",
    )
    .fetch_all(db)
    .await
}

/// Target of an old address, if it is a published post.
pub async fn find_redirect(db: impl SqliteExecutor<'_>, path: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT to_path FROM redirects JOIN posts ON to_path = '/news/' || slug
         WHERE from_path = ? AND state = 'published' AND trashed_at IS NULL",
    )
    .bind(path)
    .fetch_optional(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn public_list_and_count_use_the_index() {
        for sql in [COUNT_PUBLIC, NEWEST] {
            let plan = db::QueryPlan::explain(sql).await;
            assert!(!plan.has_full_scan() && plan.uses("posts_public") && !plan.scans("t"), "{plan:?}");
        }
    }
    #[tokio::test]
    async fn outdated_posts_are_found_without_reading_all_posts() {
        let plan = db::QueryPlan::explain(OLDER_THAN_DRAW_CHANGES).await;
        assert!(!plan.scans("q") && !plan.scans("d") && plan.uses("posts_by_update"), "{plan:?}");
    }
}
