//! Recurring jobs of the site.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use crate::clock::ClockGuard;
use crate::inquiries::ScheduledJobs;
use crate::jobs::{DueRule, Jobs};
use crate::media;
use crate::seo::CardMaker;
use crate::services::Services;
use crate::wordpress::ImportWorker;
use crate::{editing, pages, posts, staff};

pub fn recurring_jobs(services: &Services, clock_guard: ClockGuard, inquiry_jobs: ScheduledJobs) -> Jobs {
    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let mut jobs = Jobs::new(services.clock.clone(), clock_guard);
    let inquiry_jobs = Arc::new(inquiry_jobs);
    // First at the start, for work that became due while the site was down.
    let due = DueRule { first_after: Duration::ZERO, every: MINUTE, needs_trusted_clock: true };
    jobs.add("inquiries", due, move |now, stop| {
        let inquiry_jobs = inquiry_jobs.clone();
        // Interrupted on shutdown like by a power failure: an uncommitted write is repeated at the next start.
        async move { stop.run_until_cancelled(inquiry_jobs.run_due(now)).await.unwrap_or(Ok(())) }
    });
    let db = services.db.clone();
    let due = DueRule { first_after: MINUTE, every: HOUR, needs_trusted_clock: true };
    jobs.add("media", due, move |now, _| {
        let db = db.clone();
        async move { media::purge_trash(&db, now).await }
    });
    let db = services.db.clone();
    let due = DueRule { first_after: MINUTE, every: HOUR, needs_trusted_clock: true };
    jobs.add("pages", due, move |now, _| {
        let db = db.clone();
        async move { pages::purge_trash(&db, now).await }
    });
    let db = services.db.clone();
    let due = DueRule { first_after: Duration::ZERO, every: MINUTE, needs_trusted_clock: true };
    jobs.add("unsaved text", due, move |now, _| {
        let db = db.clone();
        async move {
            let mut tx = db.begin_write().await?;
            staff::delete_expired_forms(&mut tx, now).await?;
            editing::delete_old_autosaves(&mut tx, now).await?;
            editing::delete_old(&mut tx, now - SignedDuration::from_hours(24)).await?;
            tx.commit().await?;
            Ok(())
        }
    });
    let (db, http, notifier) = (services.db.clone(), services.http.clone(), services.notifier.clone());
    // At the start, for posts that became due while the site was down. A wrong clock is no reason to wait: a post that
    // appears too early can be unpublished, but after a long downtime no clock would be trusted for a day.
    let due = DueRule { first_after: Duration::ZERO, every: Duration::from_secs(2), needs_trusted_clock: false };
    jobs.add("scheduled posts", due, move |now, _| {
        let (db, http, notifier) = (db.clone(), http.clone(), notifier.clone());
        async move { posts::publish_due(&db, &http.base_url, &notifier, now).await }
    });
    let worker = ImportWorker::new(services.db.clone(), services.imports.clone(), services.picture_processor.clone());
    // At the start, to recover from a restart in the middle.
    let due = DueRule { first_after: Duration::ZERO, every: Duration::from_secs(1), needs_trusted_clock: false };
    jobs.add("WordPress import", due, {
        let worker = worker.clone();
        move |now, stop| {
            let worker = worker.clone();
            async move { worker.run_due(now, stop).await }
        }
    });
    let due = DueRule { first_after: MINUTE, every: HOUR, needs_trusted_clock: true };
    jobs.add("WordPress leftovers", due, move |now, _| {
        let worker = worker.clone();
        async move { worker.clean_up(now).await }
    });
    let db = services.db.clone();
    let due = DueRule { first_after: MINUTE, every: HOUR, needs_trusted_clock: true };
    jobs.add("post trash", due, move |now, _| {
        let db = db.clone();
        async move { posts::empty_trash(&db, now).await }
    });
    let card_maker = CardMaker::new(services.db.clone(), services.firm.clone());
    // Not at the start, which drawing would slow down.
    let due = DueRule { first_after: MINUTE, every: Duration::from_secs(2), needs_trusted_clock: false };
    jobs.add("share cards", due, move |_, stop| {
        let card_maker = card_maker.clone();
        async move { card_maker.run(&stop).await }
    });
    if let Some(indexnow) = services.indexnow.clone() {
        let (db, http) = (services.db.clone(), services.http.clone());
        let due = DueRule { first_after: MINUTE, every: 5 * MINUTE, needs_trusted_clock: true };
        jobs.add("search engine reports", due, move |now, _| {
            let (indexnow, db, http) = (indexnow.clone(), db.clone(), http.clone());
            async move { indexnow.report_changes(&db, &http.base_url, now).await }
        });
    }
    let backup_scheduler = services.backup_scheduler.clone();
    // Not at the start, which a backup would slow down. The rotation keeps a number of backups, whatever the clock shows.
    let due = DueRule { first_after: MINUTE, every: MINUTE, needs_trusted_clock: false };
    jobs.add("backups", due, move |_, stop| {
        let backup_scheduler = backup_scheduler.clone();
        async move {
            backup_scheduler.run_due(&stop).await;
            Ok(())
        }
    });
    jobs
}
