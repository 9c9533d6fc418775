//! All SQL that reads posts for visitors: published ones alone.

use sqlx::SqliteExecutor;
use sqlx::types::Json;

use crate::posts::{Post, PostSummary};

/// How many posts visitors may read; of one topic where `topic` is not empty.
pub async fn count_public(db: impl SqliteExecutor<'_>, topic: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(COUNT_PUBLIC).bind(topic).fetch_one(db).await
}

const COUNT_PUBLIC: &str = "SELECT count(*) FROM posts p WHERE state = 'published' AND trashed_at IS NULL
     AND (?1 = '' OR EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ?1))";

/// A part of what visitors may read, newest first; of one topic where `topic` is not empty.
pub async fn newest(
    db: impl SqliteExecutor<'_>,
    topic: &str,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<PostSummary>> {
    sqlx::query_as(NEWEST).bind(topic).bind(limit).bind(offset).fetch_all(db).await
}

const NEWEST: &str = "SELECT id, slug, title, summary, author, published_at, updated_at FROM posts p
     WHERE state = 'published' AND trashed_at IS NULL
     AND (?1 = '' OR EXISTS (SELECT 1 FROM post_topics t WHERE t.post_id = p.id AND t.topic = ?1))
     ORDER BY published_at DESC, id DESC LIMIT ?2 OFFSET ?3";

/// The addresses of all that visitors may read, newest first.
pub async fn slugs(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    let all: Json<Vec<String>> = sqlx::query_scalar(
        "SELECT json_group_array(slug ORDER BY published_at DESC, id DESC) FROM posts
         WHERE state = 'published' AND trashed_at IS NULL",
    )
    .fetch_one(db)
    .await?;
    Ok(all.0)
}

/// The newest posts with their texts, for the feed.
pub async fn newest_full(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Post>> {
    sqlx::query_as(
        "SELECT id, slug, title, summary, author, state, trashed_at IS NOT NULL AS trashed, published_at, updated_at, version,
                (SELECT coalesce(group_concat(topic, ', '), '') FROM post_topics t WHERE t.post_id = p.id) AS topics, body, correction
         FROM posts p WHERE state = 'published' AND trashed_at IS NULL ORDER BY published_at DESC, id DESC LIMIT ?",
    )
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Posts that visitors may read and that were last written before a round they speak of was recorded, or a figure of it
/// corrected.
pub async fn older_than_draw_changes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Post>> {
    sqlx::query_as(
        "SELECT id, slug, title, summary, author, state, trashed_at IS NOT NULL AS trashed, published_at, updated_at, version,
                (SELECT coalesce(group_concat(topic, ', '), '') FROM post_topics t WHERE t.post_id = p.id) AS topics, body, correction
         FROM posts p
         WHERE id IN (SELECT d.post_id FROM draw_corrections c JOIN post_draws d ON d.round = c.round
                      JOIN posts q ON q.id = d.post_id
                      WHERE c.corrected_at >= q.updated_at AND c.origin <> 'reference'
                        AND c.field IN ('date', 'held_at', 'invitations', 'invitations_corrected', 'crs', 'tie_break', 'category_key')
                      UNION
                      SELECT d.post_id FROM draws r JOIN post_draws d ON d.round = r.round
                      JOIN posts q ON q.id = d.post_id WHERE r.recorded_at > q.updated_at)
         AND state = 'published' AND trashed_at IS NULL ORDER BY published_at DESC",
    )
    .fetch_all(db)
    .await
}

/// The post that visitors may read at `slug`.
pub async fn find_public(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<Post>> {
    sqlx::query_as(
        "SELECT id, slug, title, summary, author, state, trashed_at IS NOT NULL AS trashed, published_at, updated_at, version,
                (SELECT coalesce(group_concat(topic, ', '), '') FROM post_topics t WHERE t.post_id = p.id) AS topics, body, correction
         FROM posts p WHERE slug = ? AND state = 'published' AND trashed_at IS NULL",
    )
    .bind(slug)
    .fetch_optional(db)
    .await
}

/// The public posts before and after the one with this number and instant of publication.
pub async fn adjacent_posts(
    db: impl SqliteExecutor<'_>,
    post: &Post,
) -> sqlx::Result<(Option<PostSummary>, Option<PostSummary>)> {
    let both: Vec<PostSummary> = sqlx::query_as(
        "SELECT * FROM (SELECT id, slug, title, summary, author, published_at, updated_at FROM posts
                        WHERE state = 'published' AND trashed_at IS NULL AND (published_at, id) < (?1, ?2)
                        ORDER BY published_at DESC, id DESC LIMIT 1)
         UNION ALL
         SELECT * FROM (SELECT id, slug, title, summary, author, published_at, updated_at FROM posts
                        WHERE state = 'published' AND trashed_at IS NULL AND (published_at, id) > (?1, ?2)
                        ORDER BY published_at, id LIMIT 1)",
    )
    .bind(&post.published_at)
    .bind(post.id)
    .fetch_all(db)
    .await?;
    let (before, after): (Vec<_>, Vec<_>) =
        both.into_iter().partition(|other| (&other.published_at, other.id) < (&post.published_at, post.id));
    Ok((before.into_iter().next(), after.into_iter().next()))
}

/// Where an old address leads: only ever to a post that visitors may read.
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
}
