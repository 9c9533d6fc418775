//! Pages that come from another site.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::pages::page_form::PageForm;
use crate::pages::slugs::slug_problem;
use crate::pages::store;
use crate::posts::PostForm;

/// Inserts a page outside the menu and the footer, and returns its ID and slug.
///
/// A slug that belongs to another part of the site or to another page gets an ending.
pub async fn insert_imported(
    tx: &mut SqliteConnection,
    text: &PostForm,
    is_public: bool,
    by: &str,
    written_at: Timestamp,
) -> sqlx::Result<(i64, String)> {
    let wanted = match slug_problem(&text.slug) {
        Some(_) => format!("{}-page", text.slug),
        None => text.slug.clone(),
    };
    let (mut slug, mut number) = (wanted.clone(), 1);
    while store::slug_owner(&mut *tx, &slug, 0).await?.is_some() {
        number += 1;
        slug = format!("{wanted}-{number}");
    }
    let action = if is_public { "publish" } else { "save" };
    let text = PostForm { slug: slug.clone(), action: action.to_owned(), ..text.clone() };
    let form = PageForm { text, placement: "none".to_owned(), ..PageForm::default() };
    let id = store::create(tx, &form, &slug, by, written_at).await?;
    Ok((id, slug))
}
