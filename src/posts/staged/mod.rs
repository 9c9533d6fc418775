//! Staged changes: a new text of a published post that readers do not see yet.

pub mod store;

use jiff::Timestamp;

use crate::posts::post_form::PostForm;
use crate::web::DisplayTime;

#[derive(Debug, sqlx::FromRow)]
pub struct StagedChanges {
    /// Version of the post that the changes are based on.
    pub base_version: i64,
    /// Raised with every save.
    pub save_number: i64,
    #[sqlx(json)]
    pub fields: PostForm,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
    pub saved_by: String,
}

impl StagedChanges {
    pub fn saved(&self) -> DisplayTime {
        DisplayTime::in_office(self.saved_at)
    }

    /// The form with the changed text.
    pub fn form(&self) -> PostForm {
        PostForm { version: self.base_version.to_string(), staged: self.save_number.to_string(), ..self.fields.clone() }
    }
}
