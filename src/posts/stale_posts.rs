//! A post held against the record: what the checks find in it, and which public posts the record now contradicts.

use std::sync::{Arc, LazyLock};

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::SqlitePool;
use tokio::sync::Semaphore;

use crate::draws::{self, Draw, TokenValues};
use crate::fact_check::{self, DrawRecord, Finding};
use crate::noc::Occupation;
use crate::occupations;
use crate::posts::post::PostForm;
use crate::posts::{Post, PostSummary, public, store};
use crate::web::office_time_zone;

/// The whole record, to hold several texts against.
pub struct RecordSnapshot {
    draws: Arc<[Draw]>,
    occupations: Arc<[Occupation]>,
    /// Stands for the record as it was read.
    pub version: String,
}

impl RecordSnapshot {
    /// Reads it.
    pub async fn load(db: &SqlitePool) -> sqlx::Result<Self> {
        // The version first: what changes while the rest is read makes it an older one.
        let version = draws::record_version(db).await?;
        Ok(Self { version, draws: draws::all(db).await?.into(), occupations: occupations::all(db).await?.into() })
    }

    /// What the checks find in a text: nothing in one that is too long to be saved. A date without a year is taken for one
    /// of the year of `post`, or of `now`.
    ///
    /// The checks run beside the threads that answer requests, one text at a time: a long text keeps nobody else waiting.
    pub async fn findings(&self, form: &PostForm, post: Option<&Post>, now: Timestamp) -> Result<Vec<Finding>> {
        static CHECK_SEMAPHORE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));
        if form.is_too_long() {
            return Ok(vec![]);
        }
        let published = post.and_then(|post| post.published_at.as_deref()?.parse::<Timestamp>().ok());
        let day = published.unwrap_or(now).to_zoned(office_time_zone()).date();
        let texts = form.texts().map(|(field, text)| (field, text.to_owned()));
        let (draws, occupations) = (self.draws.clone(), self.occupations.clone());
        let permit = CHECK_SEMAPHORE.clone().acquire_owned().await?;
        let checked = tokio::task::spawn_blocking(move || {
            let record = DrawRecord { draws: &draws, occupations: &occupations };
            let found =
                fact_check::findings(&texts.each_ref().map(|(field, text)| (*field, text.as_str())), &record, day);
            // Kept by the work itself: who asked for it may have gone.
            drop(permit);
            found
        });
        checked.await.context("the checks of a text broke down")
    }
}

/// Posts that readers see and that say what the record says no longer: a round they speak of was recorded or corrected
/// after they were last written, and a token lost its value or the checks find something that nobody let stand.
pub async fn stale_posts(db: &SqlitePool, now: Timestamp) -> Result<Vec<PostSummary>> {
    let posts = public::older_than_draw_changes(db).await?;
    if posts.is_empty() {
        return Ok(vec![]);
    }
    let record = RecordSnapshot::load(db).await?;
    let mut stale = vec![];
    for post in posts {
        let form = PostForm::of(&post);
        let accepted = store::accepted_findings(db, post.id).await?;
        let found = record.findings(&form, Some(&post), now).await?;
        let token_values = TokenValues::for_texts(db, &form.texts().map(|(_, text)| text)).await?;
        let has_token_errors = !form.errors(&token_values, false).is_empty();
        if has_token_errors || found.iter().any(|finding| !accepted.contains(&finding.key())) {
            stale.push(PostSummary::of(post));
        }
    }
    Ok(public::with_token_values(db, stale).await?)
}
