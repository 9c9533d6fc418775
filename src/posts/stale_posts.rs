//! Published posts that the current draw record contradicts.

use std::sync::{Arc, LazyLock};

use anyhow::{Context, Result};
use jiff::Timestamp;
use moka::future::Cache;
use sqlx::SqlitePool;
use tokio::sync::Semaphore;

use crate::categories::{self, DatedList};
use crate::draws::{self, Draw, TokenValues};
use crate::fact_check::{self, DrawRecord, Finding, Severity};
use crate::noc::Occupation;
use crate::occupations;
use crate::posts::post::{Post, PostSummary};
use crate::posts::post_form::PostForm;
use crate::posts::{public, store};
use crate::web::office_date;

/// All draws, occupations and category lists, loaded once to check several texts.
pub struct RecordSnapshot {
    draws: Arc<[Draw]>,
    occupations: Arc<[Occupation]>,
    lists: Arc<[DatedList]>,
    /// Content version of the record when it was loaded.
    pub version: String,
}

impl RecordSnapshot {
    pub async fn load(db: &SqlitePool) -> sqlx::Result<Self> {
        // Read the version first, so that a concurrent change makes this snapshot outdated.
        let version = draws::record_version(db).await?;
        Ok(Self {
            version,
            draws: draws::all(db).await?.into(),
            occupations: occupations::all(db).await?.into(),
            lists: categories::dated_lists(db).await?.into(),
        })
    }

    /// Checks the texts of a form; texts that are too long to be saved have no findings.
    ///
    /// Dates without a year are resolved relative to the publish date, the publication of `post`, or else to `now`.
    ///
    /// Runs on the blocking thread pool, one text at a time, so that long texts do not delay other requests.
    pub async fn findings(&self, form: &PostForm, post: Option<&Post>, now: Timestamp) -> Result<Vec<Finding>> {
        self.findings_at(form, form.published_at(post.and_then(Post::first_published), now)).await
    }

    /// Checks the texts of a form, like [`findings`](Self::findings). Dates without a year are resolved relative to `at`.
    pub async fn findings_at(&self, form: &PostForm, at: Timestamp) -> Result<Vec<Finding>> {
        static CHECK_SEMAPHORE: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));
        if form.is_too_long() {
            return Ok(vec![]);
        }
        let day = office_date(at);
        let texts = form.texts().map(|(field, text)| (field, text.to_owned()));
        let (draws, occupations, lists) = (self.draws.clone(), self.occupations.clone(), self.lists.clone());
        let permit = CHECK_SEMAPHORE.clone().acquire_owned().await?;
        let checked = tokio::task::spawn_blocking(move || {
            let record = DrawRecord { draws: &draws, occupations: &occupations, lists: &lists };
            let found =
                fact_check::findings(&texts.each_ref().map(|(field, text)| (*field, text.as_str())), &record, day);
            // Held by the blocking task, because the request may have been cancelled.
            drop(permit);
            found
        });
        checked.await.context("fact check failed")
    }
}

/// Keys of the errors in published posts, so that each version of a post is checked once for each version of the record.
///
/// In memory: there is one process, a check takes milliseconds, and a new version of the program starts without results of
/// the old one.
#[derive(Clone)]
pub struct CheckedPosts(Cache<(i64, i64, String), Arc<[String]>>);

impl Default for CheckedPosts {
    fn default() -> Self {
        Self(Cache::new(10_000))
    }
}

/// Published posts that a later addition or correction of a draw has made wrong.
///
/// A post is stale if one of its tokens no longer has a value or the fact check reports an error that was not accepted.
pub async fn stale_posts(db: &SqlitePool, checked: &CheckedPosts, now: Timestamp) -> Result<Vec<PostSummary>> {
    let posts = public::older_than_draw_changes(db).await?;
    if posts.is_empty() {
        return Ok(vec![]);
    }
    let version = draws::record_version(db).await?;
    let forms: Vec<PostForm> = posts.iter().map(PostForm::of).collect();
    let texts: Vec<&str> = forms.iter().flat_map(|form| form.texts().map(|(_, text)| text)).collect();
    let token_values = TokenValues::for_texts(db, &texts).await?;
    let (mut record, mut stale) = (None, vec![]);
    for (post, form) in posts.into_iter().zip(&forms) {
        let errors = match checked.0.get(&(post.id, post.version, version.clone())).await {
            Some(errors) => errors,
            None => {
                let record = match &record {
                    Some(record) => record,
                    None => record.insert(RecordSnapshot::load(db).await?),
                };
                let found = record.findings(form, Some(&post), now).await?;
                let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
                let errors: Arc<[String]> = errors.map(Finding::key).collect();
                checked.0.insert((post.id, post.version, record.version.clone()), errors.clone()).await;
                errors
            }
        };
        let has_token_errors = !form.errors(&token_values, false).is_empty();
        if has_token_errors || has_open_error(db, post.id, &errors).await? {
            stale.push(post.into());
        }
    }
    Ok(public::with_token_values(db, stale).await?)
}

async fn has_open_error(db: &SqlitePool, post_id: i64, errors: &[String]) -> sqlx::Result<bool> {
    if errors.is_empty() {
        return Ok(false);
    }
    let accepted = store::accepted_findings(db, post_id).await?;
    Ok(errors.iter().any(|key| !accepted.contains(key)))
}
