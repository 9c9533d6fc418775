//! Pages that come from another site.

use jiff::Timestamp;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::pages::page_form::PageForm;
use crate::pages::slugs::slug_problem;
use crate::pages::store;
use crate::posts::PostForm;

/// The slug of an imported page, with an ending if the slug belongs to another part of the site.
pub fn importable_slug(wanted: &str) -> String {
    match slug_problem(wanted) {
        Some(_) => format!("{wanted}-page"),
        None => wanted.to_owned(),
    }
}

pub async fn is_slug_taken(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<bool> {
    Ok(store::slug_owner(db, slug, 0).await?.is_some())
}

/// Inserts a page outside the menu and the footer, with a slug that no other page has, and returns its ID.
pub async fn insert_imported(
    tx: &mut SqliteConnection,
    text: &PostForm,
    is_public: bool,
    by: &str,
    written_at: Timestamp,
) -> sqlx::Result<i64> {
    let action = if is_public { "publish" } else { "save" };
    let text = PostForm { action: action.to_owned(), ..text.clone() };
    let slug = text.slug.clone();
    let form = PageForm { text, placement: "none".to_owned(), ..PageForm::default() };
    store::create(tx, &form, &slug, by, written_at).await
}
