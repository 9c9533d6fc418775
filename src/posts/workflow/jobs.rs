//! Recurring jobs of posts: publishes scheduled posts, and empties the trash.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::draws::{self, TokenValues};
use crate::fact_check::Severity;
use crate::http::BaseUrl;
use crate::mail::Notifier;
use crate::posts::post::{Post, PostState};
use crate::posts::post_form::PostForm;
use crate::posts::stale_posts::RecordSnapshot;
use crate::posts::workflow::{ReviewEvent, ReviewKind, TRASH_DAYS, queue_for_publishers, store};
use crate::staff::{self, SYSTEM_ACTOR};

/// Problems that are listed when a post is held back.
const MAX_LISTED: usize = 10;

/// Publishes the posts that are due, including those that became due while the site was down.
///
/// The rules of publication apply again, because the record may have changed. A post that breaks one goes back to review,
/// and the publishers are notified. Two processes do not publish a post twice. Returns the first failure; the next run
/// tries again.
pub async fn publish_due(db: &Database, site: &BaseUrl, notifier: &Notifier, now: Timestamp) -> Result<()> {
    let mut result = Ok(());
    for post in store::due(db.read(), now).await? {
        let published = publish_or_hold(db, site, &post, now).await;
        notifier.notify();
        result = result.and(published);
    }
    result
}

async fn publish_or_hold(db: &Database, site: &BaseUrl, post: &Post, now: Timestamp) -> Result<()> {
    let form = PostForm::of(post);
    let texts: Vec<&str> = form.texts().into_iter().map(|(_, text)| text).chain([form.cover.as_str()]).collect();
    let token_values = TokenValues::for_texts(db.read(), &texts).await?;
    let record = RecordSnapshot::load(db.read()).await?;
    let due_at = post.scheduled_for.map_or(now, |at| at.to_jiff());
    let problems = problems(db, post, &form, &token_values, &record, due_at).await?;
    let title = token_values.expand_line(&post.title);
    let mut tx = db.begin_write().await?;
    // Another process was faster, a member changed the schedule, or the record has changed. The next run checks again.
    if draws::record_version(&mut *tx).await? != record.version
        || !store::is_current(&mut tx, post, post.version).await?
    {
        return Ok(tx.rollback().await?);
    }
    if problems.is_empty() {
        let published_at = form.published_at(post.first_published(), due_at);
        crate::posts::store::publish(&mut tx, post.id, Some(post.version), published_at).await?;
        staff::audit(&mut tx, now, SYSTEM_ACTOR, "published a scheduled post", &title).await?;
        tx.commit().await?;
        tracing::info!(post = post.id, "scheduled post published");
        return Ok(());
    }
    let more = problems.len().saturating_sub(MAX_LISTED);
    let mut note = problems.into_iter().take(MAX_LISTED).collect::<Vec<_>>().join("\n");
    if more > 0 {
        note += &format!("\nand {more} more");
    }
    let event = ReviewEvent { kind: ReviewKind::Held, note, actor: SYSTEM_ACTOR.to_owned(), at: now };
    store::set_state(&mut tx, post.id, PostState::InReview, None).await?;
    store::insert_review(&mut tx, post.id, None, &event).await?;
    queue_for_publishers(&mut tx, (post.id, &title), &event, None, site).await?;
    staff::audit(&mut tx, now, SYSTEM_ACTOR, "held back a scheduled post", &title).await?;
    tx.commit().await?;
    tracing::warn!(post = post.id, "scheduled post held back: the fact check or a rule of publication found a problem");
    Ok(())
}

/// Reasons not to publish the post, each as a line of text.
async fn problems(
    db: &Database,
    post: &Post,
    form: &PostForm,
    token_values: &TokenValues,
    record: &RecordSnapshot,
    due_at: Timestamp,
) -> Result<Vec<String>> {
    let mut problems: Vec<String> =
        form.errors(token_values, true).iter().map(|(_, sentence)| sentence.clone()).collect();
    let accepted = crate::posts::store::accepted_findings(db.read(), post.id).await?;
    let findings = record.findings(form, Some(post), due_at).await?;
    let new = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error && !accepted.contains(&finding.key()));
    problems.extend(new.map(|finding| format!("“{}” {}", finding.sentence, finding.reason)));
    Ok(problems)
}

/// Deletes the posts that have been in the trash for `TRASH_DAYS` days. For a trusted clock.
pub async fn empty_trash(db: &Database, now: Timestamp) -> Result<()> {
    let before = now - SignedDuration::from_hours(24 * TRASH_DAYS);
    let trashed = store::trashed(db.read()).await?.into_iter().filter(|post| post.trashed_at <= before);
    let titles: Vec<String> = trashed.map(|post| post.title).collect();
    if titles.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin_write().await?;
    store::delete_trashed_before(&mut tx, before).await?;
    for title in titles {
        staff::audit(&mut tx, now, SYSTEM_ACTOR, "deleted a post after 30 days in the trash", &title).await?;
    }
    Ok(tx.commit().await?)
}
