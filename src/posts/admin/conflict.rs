//! Conflicts of a save: a slug that another post has, and a version that another member saved.

use actix_web::http::StatusCode;

use crate::http::PageResult;
use crate::posts::admin::edit::{EditPage, find};
use crate::posts::admin::merge::propose;
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;

/// The entered slug, or `None` if it is taken; without one, a unique slug made from the title.
pub(super) async fn choose_slug(
    tx: &mut sqlx::SqliteConnection,
    form: &PostForm,
    wanted: &str,
    post_id: i64,
) -> sqlx::Result<Option<String>> {
    if !form.slug.is_empty() && store::is_slug_taken(&mut *tx, wanted, post_id).await? {
        return Ok(None);
    }
    store::unique_slug(tx, wanted, post_id).await.map(Some)
}

/// Shows both texts after a concurrent change. The next save overwrites the other version.
pub(super) async fn conflict(mut page: EditPage, id: i64, services: &Services) -> PageResult {
    let db = &services.db;
    let post = find(db, id).await?;
    // With the version that the text is based on, so that the editor can name the newer one when it is opened again.
    page.store_autosave(db).await;
    let base = page.form.version.parse().unwrap_or_default();
    page.form.version = post.version.to_string();
    page.record_version.clear();
    page.conflict = store::revision(db.read(), id, post.version).await?;
    if let Some(base) = store::revision(db.read(), id, base).await? {
        let mut base = PostForm::of_revision(base);
        if base.slug.is_empty() {
            base.slug.clone_from(&post.slug);
        }
        let mut mine = page.form.clone();
        if mine.slug.is_empty() {
            mine.slug.clone_from(&base.slug);
        }
        page.proposal = Some(propose(base, mine, PostForm::of(&post), post.version).await?);
    }
    page.post = Some(post);
    page.respond(StatusCode::CONFLICT, services).await
}
