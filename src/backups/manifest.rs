//! What a backup says of itself: when it was made, by which version, and what every file in it must be.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What it is called in the backup, where it comes last.
pub const NAME: &str = "manifest.json";
/// Rises when backups are written in a way that older programs would misread.
pub const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How it is written.
    pub format: u32,
    /// When it was begun: what was kept before then is in it.
    pub made_at: Timestamp,
    /// The version of the program that made it.
    pub program: String,
    /// The version of the tables.
    pub schema: i64,
    /// How many rows the tables have that matter most.
    pub rows: BTreeMap<String, i64>,
    /// Every other file in the backup, in its order.
    pub files: Vec<Member>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Path below `DATA_DIR`.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Of its content, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads what [`Manifest::written`] wrote.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let foreign = "it does not say what is in it";
        let Format { format } = serde_json::from_slice(bytes).context(foreign)?;
        ensure!(format <= FORMAT, "it was made by a newer version of this program");
        serde_json::from_slice(bytes).context(foreign)
    }

    /// As it stands in the backup.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// How many bytes its files take together.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
