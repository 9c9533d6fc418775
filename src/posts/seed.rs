//! The post that a new site opens with.

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::posts::post::PostForm;
use crate::posts::store;

/// Its address has been the same since it was first published.
const FIRST_POST_SLUG: &str = "canada-invites-500-healthcare-workers-in-express-entry-round-252";

/// Publishes the announcement of round 252, dated as it first was: July 4, 2023, in the firm's offices.
pub async fn seed(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let first_published: Timestamp = "2023-07-04T09:00:00Z".parse()?;
    let form = PostForm {
        title: "Canada invites {{draw 252 invitations}} healthcare workers in Express Entry round 252".into(),
        summary: "The first round ever held for one group of occupations: {{draw 252 invitations}} invitations, a CRS \
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
    store::publish(tx, id, first_published).await?;
    Ok(())
}
