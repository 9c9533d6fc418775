//! Corrections of all published posts.

use sqlx::SqlitePool;

use crate::draws::TokenValues;
use crate::posts::public::store::{self, PostCorrection};

/// Lines and notes of all published posts, with expanded tokens.
pub async fn corrections(db: &SqlitePool) -> sqlx::Result<Vec<PostCorrection>> {
    let mut all = store::all_corrections(db).await?;
    let texts: Vec<&str> = all.iter().flat_map(|one| [one.title.as_str(), one.text.as_str()]).collect();
    let token_values = TokenValues::for_texts(db, &texts).await?;
    for correction in &mut all {
        correction.title = token_values.expand_line(&correction.title);
        if correction.is_note {
            correction.text = token_values.note_html(&correction.text);
        }
    }
    Ok(all)
}
