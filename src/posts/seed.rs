//! The first post of a new site.

use anyhow::Result;
use jiff::Timestamp;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::post_form::PostForm;
use crate::posts::store;

const FIRST_POST_SLUG: &str = "canada-invites-500-healthcare-workers-in-express-entry-draw-252";

/// Publishes the post about draw 252 with its original publication date, July 4, 2023.
pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let first_published: Timestamp = "2023-07-04T09:00:00Z".parse()?;
    let form = PostForm {
        title: "Canada invites {{draw 252 invitations}} healthcare workers in Express Entry draw 252".into(),
        summary: "The first draw ever held for one group of occupations: {{draw 252 invitations}} invitations, a CRS \
                  cut-off of {{draw 252 crs}}, and {{occupations healthcare on 2023-06-28 count}} eligible healthcare \
                  occupations."
            .into(),
        author: "Sheraz".into(),
        topics: "express entry, healthcare".into(),
        body: include_str!("../../data/first-post.md").trim().into(),
        correction: include_str!("../../data/first-post-correction.md").trim().into(),
        ..PostForm::default()
    };
    let id = store::create(tx, &form, FIRST_POST_SLUG, &form.author, now).await?;
    store::publish(tx, id, None, first_published).await?;
    Ok(())
}

/// ID of the post of a new site, while it is public and unchanged.
pub async fn sample_post(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<i64>> {
    store::find_unchanged(db, FIRST_POST_SLUG).await
}
