//! Proposal to merge two versions that were saved from the same one.

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::posts::admin::changes::{FieldChange, changes};
use crate::posts::post_form::PostForm;
use crate::web::{MergedFields, merge_forms};

/// Merged text that the editor proposes after a concurrent change, with both differences that led to it.
pub struct MergeProposal {
    pub merged: MergedFields,
    /// From the other version to the own text.
    pub differences: Vec<FieldChange>,
    /// From the own text to the merged one.
    pub additions: Vec<FieldChange>,
    /// Current version, which the merged text replaces.
    pub version: i64,
    /// ID of the autosave with the own text.
    pub autosave: String,
}

impl MergeProposal {
    /// Labels of the fields in which both changed the same place.
    pub fn conflicts(&self) -> String {
        let label = |name: &String| match name.as_str() {
            "body" => "Text".to_owned(),
            "slug" => "URL slug".to_owned(),
            "cover" => "Cover picture".to_owned(),
            name => {
                let words = name.replace('_', " ");
                words[..1].to_uppercase() + &words[1..]
            }
        };
        self.merged.conflicts.iter().map(label).collect::<Vec<_>>().join(", ")
    }
}

/// Merges on the blocking thread pool, because long texts take a while.
pub async fn merge<T: Serialize + Send + 'static>(base: T, mine: T, theirs: T) -> Result<MergedFields> {
    let merged = tokio::task::spawn_blocking(move || merge_forms(&base, &mine, &theirs));
    merged.await.context("merge failed")?.context("a form cannot be merged")
}

/// Proposes the changes of both, for a text that is based on `base` while `theirs` was saved.
pub async fn propose(base: PostForm, mine: PostForm, theirs: PostForm, version: i64) -> Result<MergeProposal> {
    let mut merged = merge(base, mine.clone(), theirs.clone()).await?;
    // What the own text is based on, apart from the version.
    for (name, value) in [("staged", &mine.staged), ("scheduled", &mine.scheduled)] {
        merged.fields.push((name.to_owned(), value.clone()));
    }
    let form = form_of(&merged)?;
    Ok(MergeProposal {
        version,
        autosave: mine.autosave.clone(),
        differences: changes(theirs, mine.clone()).await?,
        additions: changes(mine, form).await?,
        merged,
    })
}

/// The merged fields as a form.
pub fn form_of<T: DeserializeOwned>(merged: &MergedFields) -> Result<T> {
    merged.form().context("a merged form cannot be read")
}
