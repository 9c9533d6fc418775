//! Plan of an import: everything that it would add. Reading the file makes it, and it waits in the folder of the import.

use std::io::{BufRead, BufReader, BufWriter, Write};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use crate::http::sha256_hex;
use crate::media::PictureProcessor;
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::index::Index;
use crate::wordpress::planned_item::PlannedItem;
use crate::wordpress::planner::Planner;
use crate::wordpress::progress::{Progress, ProgressReporter, Step};
use crate::wordpress::report::Report;
use crate::wordpress::staged_pictures::StagedPicture;
use crate::wordpress::work_folder::{WorkFolder, disk_error};
use crate::wordpress::wxr::WxrEntry;

/// Names of the files in the folder of the import.
const PLAN: &str = "plan";
const ITEMS: &str = "items";

/// Everything that an import would add. Its texts and pictures are in files beside it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    pub report: Report,
    pub(super) pictures: Vec<StagedPicture>,
    /// Old addresses of pictures with the new ones.
    pub(super) picture_paths: Vec<(String, String)>,
    /// Version of the draw record that the texts were compared with.
    pub(super) record_version: String,
}

impl Plan {
    /// Plan in the folder of an import. Fails if another version of the program made it.
    pub fn load(folder: &WorkFolder) -> Result<Self> {
        serde_json::from_reader(BufReader::new(folder.open_file(PLAN)?))
            .context("the plan of the import cannot be read")
    }

    fn store(&self, folder: &WorkFolder) -> Result<()> {
        let mut file = BufWriter::new(folder.create_file(PLAN)?);
        let written = serde_json::to_writer(&mut file, self).map_err(std::io::Error::from);
        written.and_then(|()| file.flush()).map_err(|error| disk_error(error, "cannot write a file of the import"))
    }

    /// Changes when the import would add or report something else.
    pub fn fingerprint(&self) -> String {
        sha256_hex(self.report.lines().join("\n"))
    }

    /// Number of posts and pages to add.
    pub(super) fn item_count(&self) -> usize {
        self.report.posts.total() + self.report.pages.total()
    }
}

/// Items of the plan in a folder, in the order of the file.
pub(super) fn items(folder: &WorkFolder) -> Result<impl Iterator<Item = Result<PlannedItem>>> {
    let lines = BufReader::new(folder.open_file(ITEMS)?).lines();
    Ok(lines.map(|line| serde_json::from_str(&line?).context("the file of texts is damaged")))
}

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
