//! Differences between two versions of a post, field by field.

use anyhow::{Context, Result};

use crate::posts::post_form::PostForm;
use crate::web::{DiffRow, text_diff};

/// Changed field of a post.
pub struct FieldChange {
    pub label: &'static str,
    pub rows: Vec<DiffRow>,
}

impl FieldChange {
    pub fn of(label: &'static str, old: &str, new: &str) -> Self {
        Self { label, rows: text_diff(old, new) }
    }
}

/// Changed fields in the order of the editor. Runs on the blocking thread pool, because long texts take a while.
pub async fn changes(old: PostForm, new: PostForm) -> Result<Vec<FieldChange>> {
    tokio::task::spawn_blocking(move || {
        let pairs = fields(&old).into_iter().zip(fields(&new));
        let changed = pairs.filter(|((label, old), (_, new))| {
            // Versions from before the slug was recorded have none.
            old != new && !(*label == "URL slug" && (old.is_empty() || new.is_empty()))
        });
        changed.map(|((label, old), (_, new))| FieldChange::of(label, &old, &new)).collect()
    })
    .await
    .context("comparison failed")
}

/// Whether two texts differ in a field that is saved.
pub fn has_changes(old: &PostForm, new: &PostForm) -> bool {
    fields(old) != fields(new)
}

fn fields(form: &PostForm) -> [(&'static str, String); 12] {
    let mut topics = form.topic_list();
    topics.sort();
    [
        ("Title", form.title.clone()),
        ("Summary", form.summary.clone()),
        ("Text", form.body.clone()),
        ("Correction note", form.correction.clone()),
        ("Author", form.author.clone()),
        ("Topics", topics.join(", ")),
        ("URL slug", form.slug.clone()),
        ("Cover picture", form.cover.clone()),
        ("Alternative text of the cover picture", form.cover_alt.clone()),
        ("Publish date", form.stored_publish_date()),
        ("Search title", form.search_title.clone()),
        ("Search description", form.search_description.clone()),
    ]
}
