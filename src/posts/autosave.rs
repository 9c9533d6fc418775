//! Text of the post editor that is not saved yet.

use serde::Serialize;

use crate::editing::{AutosaveTable, AutosavedForm, POST_AUTOSAVES};
use crate::posts::post_form::PostForm;

/// The form as it is stored, with the save number of the staged changes that it is based on.
#[derive(Serialize)]
struct StoredForm<'a> {
    #[serde(flatten)]
    form: &'a PostForm,
    staged: &'a str,
}

impl AutosavedForm for PostForm {
    const TABLE: AutosaveTable = POST_AUTOSAVES;

    fn autosave_and_version(&self) -> (&str, &str) {
        (&self.autosave, &self.version)
    }

    fn set_autosave_and_version(&mut self, autosave: String, version: String) {
        (self.autosave, self.version) = (autosave, version);
    }

    fn fields(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(StoredForm { form: self, staged: &self.staged })
    }
}
