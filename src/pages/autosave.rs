//! Text of the page editor that is not saved yet.

use crate::editing::{AutosaveTable, AutosavedForm, PAGE_AUTOSAVES};
use crate::pages::page_form::PageForm;

impl AutosavedForm for PageForm {
    const TABLE: AutosaveTable = PAGE_AUTOSAVES;

    fn autosave_and_version(&self) -> (&str, &str) {
        (&self.text.autosave, &self.text.version)
    }

    fn set_autosave_and_version(&mut self, autosave: String, version: String) {
        (self.text.autosave, self.text.version) = (autosave, version);
    }

    fn fields(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }
}
