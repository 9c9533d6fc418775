//! Plan of an import: everything that it would add. Reading the file makes it, and it waits in the folder of the import.

use std::io::{BufRead, BufReader, BufWriter, Write};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::http::sha256_hex;
use crate::wordpress::planned_item::PlannedItem;
use crate::wordpress::report::Report;
use crate::wordpress::staged_pictures::StagedPicture;
use crate::wordpress::work_folder::{WorkFolder, disk_error};

/// Names of the files in the folder of the import.
const PLAN: &str = "plan";
pub(super) const ITEMS: &str = "items";

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

    pub(super) fn store(&self, folder: &WorkFolder) -> Result<()> {
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
