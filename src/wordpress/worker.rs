//! Background task of imports in the admin area: reads an uploaded file, and imports what was confirmed.

use std::time::Duration;

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::db::{Database, WriteTx};
use crate::http::write_failure_in_chain;
use crate::media::PictureProcessor;
use crate::wordpress::apply::{ErrorDecision, apply};
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::plan::Plan;
use crate::wordpress::progress::{Cancelled, Imports, Outdated, Progress, Step};
use crate::wordpress::read_export::plan;
use crate::wordpress::staged_pictures::delete_pending;
use crate::wordpress::store::{self, Import, ImportState};
use crate::wordpress::work_folder::{DiskFull, WorkFolder, delete_leftovers};
use crate::wordpress::wxr::WxrError;

/// How often to check whether the import was cancelled.
const CANCEL_INTERVAL: Duration = Duration::from_millis(500);
/// Interruptions after which a file is not read again, because it may be the cause.
const MAX_INTERRUPTIONS: i64 = 2;
/// Days after which a report that nobody confirmed is deleted with its file.
const MAX_READY_DAYS: i64 = 7;

/// Works on the one import that is open. Clones share the progress.
#[derive(Clone)]
pub struct ImportWorker {
    db: Database,
    imports: Imports,
    processor: PictureProcessor,
}

impl ImportWorker {
    pub fn new(db: Database, imports: Imports, processor: PictureProcessor) -> Self {
        Self { db, imports, processor }
    }

    /// Reads or imports what is waiting. A lock makes sure that only one process does so.
    pub async fn run_due(&self, now: Timestamp, stop: CancellationToken) -> Result<()> {
        if self.waiting().await?.is_none() {
            return Ok(());
        }
        let Some(_lock) = self.db.lock_import()? else { return Ok(()) };
        // Another process may have finished it before its lock was free.
        let Some(import) = self.waiting().await? else { return Ok(()) };
        if import.is_started {
            return self.recover(&import, now).await;
        }
        let first = if import.state == ImportState::Importing { Step::AddingPictures } else { Step::Reading };
        self.imports.set_progress(Some(Progress::of(first, 0, 1)));
        let mut tx = self.db.begin_write().await?;
        store::start(&mut tx, import.id).await?;
        tx.commit().await?;
        let done = self.work(&import, now, &stop).await;
        self.imports.set_progress(None);
        match done {
            // The next start of the site says what happened.
            Err(_) if stop.is_cancelled() => Ok(()),
            Err(error) => self.fail(&import, &error, now).await,
            Ok(()) => Ok(()),
        }
    }

    async fn waiting(&self) -> sqlx::Result<Option<Import>> {
        Ok(store::find_open(self.db.read()).await?.filter(|import| import.state != ImportState::Ready))
    }

    /// Works on another thread, because reading and converting would hold up all other tasks.
    async fn work(&self, import: &Import, now: Timestamp, stop: &CancellationToken) -> Result<()> {
        let cancelled = stop.child_token();
        let mut work = spawn_blocking({
            let (worker, import, cancelled) = (self.clone(), import.clone(), cancelled.clone());
            move || {
                let imports = worker.imports.clone();
                let mut report = |progress: Progress| {
                    imports.set_progress(Some(progress));
                    ensure!(!cancelled.is_cancelled(), Cancelled);
                    Ok(())
                };
                Handle::current().block_on(async {
                    match import.state {
                        ImportState::Importing => worker.import(&import, now, &mut report).await,
                        _ => worker.read(&import, now, &mut report).await,
                    }
                })
            }
        });
        loop {
            tokio::select! {
                done = &mut work => return done?,
                () = tokio::time::sleep(CANCEL_INTERVAL) => {
                    let current = store::find_import(self.db.read(), import.id).await;
                    if matches!(current, Ok(Some(current)) if current.state != import.state) {
                        cancelled.cancel();
                    }
                }
            }
        }
    }

    async fn read(
        &self,
        import: &Import,
        now: Timestamp,
        report: &mut (dyn FnMut(Progress) -> Result<()> + Send),
    ) -> Result<()> {
        let folder = WorkFolder::open(&self.imports.folder, &import.folder);
        let mut export = ExportFile::open(&folder.upload(), None, &folder)?;
        plan(self.db.read(), &mut export, &folder, &self.processor, now, report).await?;
        let mut tx = self.db.begin_write().await?;
        let states = (ImportState::Reading, ImportState::Ready);
        ensure!(store::change_state(&mut tx, import.id, states, &import.notice).await?, Cancelled);
        tx.commit().await?;
        Ok(())
    }

    async fn import(
        &self,
        import: &Import,
        now: Timestamp,
        report: &mut (dyn FnMut(Progress) -> Result<()> + Send),
    ) -> Result<()> {
        let folder = WorkFolder::open(&self.imports.folder, &import.folder);
        let Ok(plan) = Plan::load(&folder) else { return Err(Outdated("The site was updated.").into()) };
        let decision = match import.decision.as_str() {
            "keep" => ErrorDecision::Keep(import.reason.clone()),
            "drafts" => ErrorDecision::Drafts,
            _ => ErrorDecision::Open,
        };
        let summary = plan.report.summary();
        let by = (&decision, import.confirmed_by.as_str());
        apply(&self.db, &plan, &folder, by, now, report, async |tx| {
            let states = (Some(ImportState::Importing), ImportState::Imported);
            ensure!(store::end(tx, import.id, states, &summary, now).await?, Cancelled);
            Ok(())
        })
        .await?;
        folder.delete();
        Ok(())
    }

    /// After a crash or a restart in the middle: nothing has been imported.
    async fn recover(&self, import: &Import, now: Timestamp) -> Result<()> {
        delete_pending(&self.db).await?;
        let mut tx = self.db.begin_write().await?;
        if import.state == ImportState::Importing {
            let notice = "The site was restarted during the import. Nothing was imported. Choose Import to try again.";
            store::change_state(&mut tx, import.id, (ImportState::Importing, ImportState::Ready), notice).await?;
        } else if import.interruptions < MAX_INTERRUPTIONS {
            let notice = "The site was restarted while it read the file, so it began again.";
            store::add_interruption(&mut tx, import.id, notice).await?;
        } else {
            let notice = "The site was restarted three times while it read the file. Nothing was imported. Tell the person \
                          who runs the server: the file may be the cause.";
            store::end(&mut tx, import.id, (None, ImportState::Failed), notice, now).await?;
            tx.commit().await?;
            WorkFolder::open(&self.imports.folder, &import.folder).delete();
            return Ok(());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn fail(&self, import: &Import, error: &anyhow::Error, now: Timestamp) -> Result<()> {
        delete_pending(&self.db).await?;
        let mut tx = self.db.begin_write().await?;
        if let Some(outdated) = error.downcast_ref::<Outdated>() {
            let notice = format!(
                "{} Nothing was imported, and the file was read again. Check the new report, then choose Import.",
                outdated.0
            );
            let states = (ImportState::Importing, ImportState::Reading);
            store::change_state(&mut tx, import.id, states, &notice).await?;
            tx.commit().await?;
            return Ok(());
        }
        // A cancelled import has this state already.
        if store::end(&mut tx, import.id, (None, ImportState::Failed), &sentence(error), now).await? {
            tracing::warn!("an import from WordPress failed: {error:#}");
        }
        commit_and_delete(tx, WorkFolder::open(&self.imports.folder, &import.folder)).await
    }

    /// Deletes reports that nobody confirmed for a week, and files of uploads and commands that were killed.
    pub async fn clean_up(&self, now: Timestamp) -> Result<()> {
        let before = now - SignedDuration::from_hours(24 * MAX_READY_DAYS);
        for import in store::abandoned(self.db.read(), before).await? {
            let mut tx = self.db.begin_write().await?;
            let notice = format!("Nobody confirmed the import within {MAX_READY_DAYS} days. Nothing was imported.");
            store::end(&mut tx, import.id, (Some(ImportState::Ready), ImportState::Cancelled), &notice, now).await?;
            commit_and_delete(tx, WorkFolder::open(&self.imports.folder, &import.folder)).await?;
        }
        let Some(_lock) = self.db.lock_import()? else { return Ok(()) };
        delete_pending(&self.db).await?;
        let open = store::find_open(self.db.read()).await?;
        let kept: Vec<String> = open.into_iter().map(|import| import.folder).collect();
        delete_leftovers(&self.imports.folder, &kept)
    }
}

async fn commit_and_delete(tx: WriteTx, folder: WorkFolder) -> Result<()> {
    tx.commit().await?;
    folder.delete();
    Ok(())
}

/// What a member of staff is told about an error.
fn sentence(error: &anyhow::Error) -> String {
    if let Some(full) = error.downcast_ref::<DiskFull>() {
        return full.to_string();
    }
    if let Some(failure) = write_failure_in_chain(error) {
        return format!(
            "Nothing was imported, because {failure}. Tell the person who runs the server, then try again."
        );
    }
    let is_about_the_file = error.downcast_ref::<WxrError>().is_some() || error.to_string().ends_with('.');
    match is_about_the_file {
        true => format!("{error} Nothing was imported."),
        false => "Nothing was imported, because of an error of the site. Tell the person who runs the server: the log \
                  says what happened."
            .to_owned(),
    }
}
