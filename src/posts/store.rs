//! SQL of the admin area: writes posts and reads them in any state.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::post::{HistoryEntry, Post, PostSummary, Revision};
use crate::posts::post_form::PostForm;
use crate::posts::staged;

/// Topics of the post `p`, separated by commas.
macro_rules! topics {
    () => {
        "(SELECT coalesce(group_concat(topic, ', '), '') FROM post_topics t WHERE t.post_id = p.id)"
    };
}
pub(super) use topics;

/// Query for [`Post`] rows; the argument continues it after `FROM posts p`.
macro_rules! select_posts {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, title, summary, author, state, trashed_at IS NOT NULL AS trashed, published_at, scheduled_for, ",
            "publish_date, updated_at, version, ",
            $crate::posts::store::topics!(),
            " AS topics, body, correction, cover, cover_alt, search_title, search_description FROM posts p ",
            $rest
        )
    };
}
pub(super) use select_posts;

/// Query for [`PostSummary`] rows; the argument continues it after `FROM posts p`.
macro_rules! select_summaries {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, title, summary, author, published_at, updated_at, cover, cover_alt FROM posts p ",
            $rest
        )
    };
}
pub(super) use select_summaries;

/// Query for [`Revision`] rows; the argument continues it after `FROM post_revisions`.
macro_rules! select_revisions {
    ($rest:literal) => {
        concat!(
            "SELECT version, saved_at, saved_by, title, slug, summary, author, topics, body, correction, cover, cover_alt, ",
            "search_title, search_description, publish_date FROM post_revisions ",
            $rest
        )
    };
}

/// All drafts, most recently changed first.
pub async fn drafts(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<PostSummary>> {
    sqlx::query_as(DRAFTS).fetch_all(db).await
}

const DRAFTS: &str =
    select_summaries!("WHERE state = 'draft' AND trashed_at IS NULL ORDER BY updated_at DESC, id DESC");

/// All unpublished posts, most recently changed first.
pub async fn unpublished(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<PostSummary>> {
    sqlx::query_as(UNPUBLISHED).fetch_all(db).await
}

const UNPUBLISHED: &str =
    select_summaries!("WHERE state = 'unpublished' AND trashed_at IS NULL ORDER BY updated_at DESC, id DESC");

/// The post with this ID, in any state.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Post>> {
    sqlx::query_as(select_posts!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// Whether a post other than `except_id` has this slug.
pub async fn is_slug_taken(db: impl SqliteExecutor<'_>, slug: &str, except_id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM posts WHERE slug = ? AND id <> ?)")
        .bind(slug)
        .bind(except_id)
        .fetch_one(db)
        .await
}

/// `wanted`, with a number appended if another post has that slug.
pub async fn unique_slug(tx: &mut SqliteConnection, wanted: &str, except_id: i64) -> sqlx::Result<String> {
    let mut slug = wanted.to_owned();
    let mut number = 1;
    while is_slug_taken(&mut *tx, &slug, except_id).await? {
        number += 1;
        slug = format!("{wanted}-{number}");
    }
    Ok(slug)
}

/// Inserts a draft and its first revision, and returns its ID.
pub async fn create(
    tx: &mut SqliteConnection,
    form: &PostForm,
    slug: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let id = sqlx::query_scalar(
        "INSERT INTO posts (slug, title, summary, author, state, created_at, updated_at, body, correction, cover, cover_alt,
                            search_title, search_description, publish_date)
         VALUES (?, ?, ?, ?, 'draft', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(slug)
    .bind(&form.title)
    .bind(&form.summary)
    .bind(&form.author)
    .bind(now.to_sqlx())
    .bind(now.to_sqlx())
    .bind(&form.body)
    .bind(&form.correction)
    .bind(&form.cover)
    .bind(&form.cover_alt)
    .bind(&form.search_title)
    .bind(&form.search_description)
    .bind(form.stored_publish_date())
    .fetch_one(&mut *tx)
    .await?;
    set_references(tx, id, form).await?;
    insert_revision(tx, id, by, None).await?;
    Ok(id)
}

/// Updates the text and adds a revision, or returns `false` if another request changed the post first.
///
/// `restored_from` is the version whose text is restored, if any.
///
/// If the slug of a published post changes, the old address redirects to the new one.
pub async fn update(
    tx: &mut SqliteConnection,
    post: &Post,
    form: &PostForm,
    slug: &str,
    by: &str,
    restored_from: Option<i64>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let result = sqlx::query(
        "UPDATE posts SET slug = ?, title = ?, summary = ?, author = ?, body = ?, correction = ?, cover = ?, cover_alt = ?,
                search_title = ?, search_description = ?, publish_date = ?, published_at = ?, updated_at = ?, version = version + 1
         WHERE id = ? AND version = ? AND state = ? AND (trashed_at IS NOT NULL) = ?",
    )
    .bind(slug)
    .bind(&form.title)
    .bind(&form.summary)
    .bind(&form.author)
    .bind(&form.body)
    .bind(&form.correction)
    .bind(&form.cover)
    .bind(&form.cover_alt)
    .bind(&form.search_title)
    .bind(&form.search_description)
    .bind(form.stored_publish_date())
    .bind(post.first_published().map(|current| form.published_at(Some(current), now).to_sqlx()))
    .bind(now.to_sqlx())
    .bind(post.id)
    .bind(form.version.parse::<i64>().unwrap_or_default())
    .bind(post.state)
    .bind(post.trashed)
    .execute(&mut *tx)
    .await?;
    if result.rows_affected() == 0 {
        return Ok(false);
    }
    set_references(tx, post.id, form).await?;
    insert_revision(tx, post.id, by, restored_from).await?;
    if post.slug != slug && post.published_at.is_some() {
        add_redirect(tx, &format!("/news/{}", post.slug), &format!("/news/{slug}")).await?;
    }
    Ok(true)
}

/// Replaces the topics of a post and the draws, occupations, category lists and pictures that it mentions.
///
/// Pictures of staged changes count, so that nobody deletes them before the changes are published.
async fn set_references(tx: &mut SqliteConnection, id: i64, form: &PostForm) -> sqlx::Result<()> {
    set_pictures(tx, id, form).await?;
    for (delete, insert, values) in [
        (
            "DELETE FROM post_topics WHERE post_id = ?",
            "INSERT INTO post_topics (post_id, topic) SELECT ?, value FROM json_each(?)",
            json!(form.topic_list()),
        ),
        (
            "DELETE FROM post_draws WHERE post_id = ?",
            "INSERT INTO post_draws (post_id, round) SELECT ?, value FROM json_each(?)",
            json!(form.draw_numbers()),
        ),
        (
            "DELETE FROM post_occupations WHERE post_id = ?",
            "INSERT INTO post_occupations (post_id, noc) SELECT ?, value FROM json_each(?)",
            json!(form.noc_codes()),
        ),
        (
            "DELETE FROM post_lists WHERE post_id = ?",
            "INSERT INTO post_lists (post_id, category_key, day) SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)",
            json!(form.category_lists()),
        ),
    ] {
        sqlx::query(delete).bind(id).execute(&mut *tx).await?;
        sqlx::query(insert).bind(id).bind(values.to_string()).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn set_pictures(tx: &mut SqliteConnection, id: i64, form: &PostForm) -> sqlx::Result<()> {
    let staged = staged::store::find(&mut *tx, id).await?;
    let mut hashes = form.picture_hashes();
    hashes.extend(staged.iter().flat_map(|staged| staged.fields.picture_hashes()));
    sqlx::query("DELETE FROM post_media WHERE post_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO post_media (post_id, hash) SELECT ?, value FROM json_each(?)")
        .bind(id)
        .bind(json!(hashes).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Records the pictures of a post again, after its staged changes were saved or deleted.
pub async fn refresh_pictures(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    match find(&mut *tx, id).await? {
        Some(post) => set_pictures(tx, id, &PostForm::of(&post)).await,
        None => Ok(()),
    }
}

async fn insert_revision(tx: &mut SqliteConnection, id: i64, by: &str, restored_from: Option<i64>) -> sqlx::Result<()> {
    sqlx::query(concat!(
        "INSERT INTO post_revisions (post_id, version, saved_at, saved_by, restored_from, title, slug, summary, author,
                                     topics, body, correction, cover, cover_alt, search_title, search_description, publish_date)
         SELECT id, version, updated_at, ?, ?, title, slug, summary, author, ",
        topics!(),
        ", body, correction, cover, cover_alt, search_title, search_description, publish_date FROM posts p WHERE id = ?"
    ))
    .bind(by)
    .bind(restored_from)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Redirects an old address to a new one, and the addresses that redirected to the old one.
pub async fn add_redirect(tx: &mut SqliteConnection, from: &str, to: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM redirects WHERE from_path = ?").bind(to).execute(&mut *tx).await?;
    sqlx::query("UPDATE redirects SET to_path = ? WHERE to_path = ?").bind(to).bind(from).execute(&mut *tx).await?;
    sqlx::query(
        "INSERT INTO redirects (from_path, to_path) VALUES (?1, ?2) ON CONFLICT (from_path) DO UPDATE SET to_path = ?2",
    )
    .bind(from)
    .bind(to)
    .execute(tx)
    .await?;
    Ok(())
}

/// Publishes a post, or returns `false` if `version` is given and is not the current version.
pub async fn publish(
    tx: &mut SqliteConnection,
    id: i64,
    version: Option<i64>,
    published_at: Timestamp,
) -> sqlx::Result<bool> {
    let result = sqlx::query(
        "UPDATE posts SET state = 'published', trashed_at = NULL, scheduled_for = NULL, published_at = ?
         WHERE id = ? AND version = coalesce(?, version)",
    )
    .bind(published_at.to_sqlx())
    .bind(id)
    .bind(version)
    .execute(tx)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn unpublish(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE posts SET state = 'unpublished' WHERE id = ? AND state = 'published'")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Moves a post to the trash, unless it is there already. Restored posts are drafts.
pub async fn trash(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE posts SET state = 'draft', scheduled_for = NULL, trashed_at = ? WHERE id = ? AND trashed_at IS NULL",
    )
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn restore(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE posts SET trashed_at = NULL WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Version history, newest first.
pub async fn revisions(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<HistoryEntry>> {
    sqlx::query_as(
        "SELECT version, saved_at, saved_by, title, restored_from, coalesce(length(body) - lag(length(body)) OVER w, 0) AS growth,
                CASE WHEN lag(version) OVER w IS NOT NULL THEN rtrim(
                    iif(title <> lag(title) OVER w, 'Title, ', '') || iif(summary <> lag(summary) OVER w, 'Summary, ', '') ||
                    iif(body <> lag(body) OVER w, 'Text, ', '') ||
                    iif(correction <> lag(correction) OVER w, 'Correction note, ', '') ||
                    iif(author <> lag(author) OVER w, 'Author, ', '') || iif(topics <> lag(topics) OVER w, 'Topics, ', '') ||
                    iif(cover <> lag(cover) OVER w OR cover_alt <> lag(cover_alt) OVER w, 'Cover picture, ', '') ||
                    iif(publish_date <> lag(publish_date) OVER w, 'Publish date, ', '') ||
                    iif(search_title <> lag(search_title) OVER w, 'Search title, ', '') ||
                    iif(search_description <> lag(search_description) OVER w, 'Search description, ', '') ||
                    iif(slug <> lag(slug) OVER w AND lag(slug) OVER w <> '', 'URL slug, ', ''), ', ') END AS changed_fields
         FROM post_revisions WHERE post_id = ? WINDOW w AS (ORDER BY version) ORDER BY version DESC",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

pub async fn revision(db: impl SqliteExecutor<'_>, id: i64, version: i64) -> sqlx::Result<Option<Revision>> {
    sqlx::query_as(select_revisions!("WHERE post_id = ? AND version = ?"))
        .bind(id)
        .bind(version)
        .fetch_optional(db)
        .await
}

/// The newest version before this one.
pub async fn previous_revision(db: impl SqliteExecutor<'_>, id: i64, version: i64) -> sqlx::Result<Option<Revision>> {
    sqlx::query_as(select_revisions!("WHERE post_id = ? AND version < ? ORDER BY version DESC LIMIT 1"))
        .bind(id)
        .bind(version)
        .fetch_optional(db)
        .await
}

/// ID of the post with this slug, if its first version is public.
pub async fn find_unchanged(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT id FROM posts WHERE slug = ? AND version = 1 AND state = 'published' AND trashed_at IS NULL",
    )
    .bind(slug)
    .fetch_optional(db)
    .await
}

/// Keys of the findings that staff decided to keep, with a reason, when publishing this post.
pub async fn accepted_findings(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT finding FROM accepted_findings WHERE post_id = ?").bind(id).fetch_all(db).await
}

/// Records which findings were accepted on publication, and why.
pub async fn accept_findings(
    tx: &mut SqliteConnection,
    id: i64,
    findings: &[&str],
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO accepted_findings (post_id, finding, reason, accepted_by, accepted_at)
         SELECT ?, value, ?, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(reason)
    .bind(by)
    .bind(now.to_sqlx())
    .bind(json!(findings).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn drafts_and_unpublished_posts_are_read_from_their_indexes() {
        // Partial indexes: each contains only the posts of its query.
        for (sql, index) in [(DRAFTS, "posts_drafts"), (UNPUBLISHED, "posts_unpublished")] {
            let plan = db::QueryPlan::explain(sql).await;
            assert!(!plan.has_full_scan() && plan.uses(index), "{plan:?}");
        }
    }
}
