//! Differences between two versions of a page, field by field.

use anyhow::Result;

use crate::pages::page_form::PageForm;
use crate::posts::{self, FieldChange};

/// Changed fields in the order of the editor.
pub(super) async fn changes(mut old: PageForm, mut new: PageForm) -> Result<Vec<FieldChange>> {
    old.complete(None);
    new.complete(None);
    let labels = (old.menu_label, new.menu_label);
    let mut changed = posts::changes(old.text, new.text).await?;
    if labels.0 != labels.1 {
        changed.push(FieldChange::of("Menu label", &labels.0, &labels.1));
    }
    Ok(changed)
}
