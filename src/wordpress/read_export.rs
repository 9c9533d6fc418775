//! Reads an export and makes the plan of its import.

use std::io::{BufWriter, Write};

use anyhow::{Result, ensure};
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::media::PictureProcessor;
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::index::Index;
use crate::wordpress::plan::{ITEMS, Plan};
use crate::wordpress::planner::Planner;
use crate::wordpress::progress::{Progress, ProgressReporter, Step};
use crate::wordpress::work_folder::{WorkFolder, disk_error};
use crate::wordpress::wxr::WxrEntry;

/// Reads and checks a file, and stores the plan in the folder. Changes nothing on the site.
///
/// Memory depends on the number of items, not on the length of their texts.
pub async fn plan(
    db: &SqlitePool,
    export: &mut ExportFile,
    folder: &WorkFolder,
    processor: &PictureProcessor,
    now: Timestamp,
    report: ProgressReporter<'_>,
) -> Result<Plan> {
    let total = export.len;
    let index = Index::read(export, &mut |position| report(Progress::of(Step::Reading, position, total)))?;
    report(Progress::of(Step::Reading, total, total))?;
    ensure!(!index.site.is_empty(), "The file does not name its site (wp:base_blog_url).");
    let mut planner = Planner::new(db, folder, processor, now, index).await?;
    let mut items = BufWriter::new(folder.create_file(ITEMS)?);
    let mut entries = export.entries()?;
    while let Some(entry) = entries.next_entry()? {
        if let WxrEntry::Item(item) = entry
            && let Some(planned) = planner.plan_item(&item, export).await?
        {
            let line = serde_json::to_string(&planned)? + "\n";
            items.write_all(line.as_bytes()).map_err(|error| disk_error(error, "cannot write a file of the import"))?;
        }
        report(planner.progress(entries.position(), total))?;
    }
    items.flush().map_err(|error| disk_error(error, "cannot write a file of the import"))?;
    let plan = planner.finish();
    plan.store(folder)?;
    Ok(plan)
}
