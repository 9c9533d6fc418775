//! Progress of an import, for the terminal and the admin area.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

/// What an import does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// First reading: authors, categories and attachments.
    Reading,
    /// Second reading: converts and checks every text, and processes the pictures.
    Checking,
    AddingPictures,
    AddingTexts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub step: Step,
    /// Of `total`, in the unit of the step: bytes of the file, pictures or texts.
    pub done: u64,
    pub total: u64,
    pub posts: usize,
    pub pages: usize,
    pub pictures: usize,
}

/// Receives the progress. An error ends the import.
pub type ProgressReporter<'a> = &'a mut (dyn FnMut(Progress) -> Result<()> + Send);

/// The import was cancelled, or the site is shutting down.
#[derive(Debug, thiserror::Error)]
#[error("the import was cancelled")]
pub struct Cancelled;

/// The site changed after the file was read, so that the report is no longer true.
#[derive(Debug, thiserror::Error)]
#[error("{0} Read the file again, and check the new report.")]
pub struct Outdated(pub &'static str);

impl Progress {
    /// Progress of a step without counts.
    pub fn of(step: Step, done: u64, total: u64) -> Self {
        Self { step, done, total, posts: 0, pages: 0, pictures: 0 }
    }

    pub fn percent(&self) -> u64 {
        self.done.saturating_mul(100).checked_div(self.total).unwrap_or(100).min(100)
    }
}

impl Step {
    pub fn text(self) -> &'static str {
        match self {
            Self::Reading => "reading the file",
            Self::Checking => "checking the texts and pictures",
            Self::AddingPictures => "adding the pictures to Media",
            Self::AddingTexts => "adding the posts and pages",
        }
    }

    /// Place among the two steps of reading, or of importing.
    pub fn number(self) -> u8 {
        match self {
            Self::Reading | Self::AddingPictures => 1,
            Self::Checking | Self::AddingTexts => 2,
        }
    }
}

/// Folder of the imports in the admin area, and the progress of the one that this process works on.
#[derive(Clone, Debug)]
pub struct Imports {
    pub folder: PathBuf,
    current: Arc<Mutex<Option<Progress>>>,
}

impl Imports {
    pub fn new(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("wordpress"), current: Arc::default() }
    }

    /// `None` if this process does not work on an import.
    pub fn progress(&self) -> Option<Progress> {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_progress(&self, progress: Option<Progress>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_never_above_100() {
        for (done, total, percent) in [(0, 10, 0), (5, 10, 50), (11, 10, 100), (0, 0, 100), (u64::MAX, 2, 100)] {
            assert_eq!(Progress::of(Step::Reading, done, total).percent(), percent, "{done} of {total}");
        }
    }
}
