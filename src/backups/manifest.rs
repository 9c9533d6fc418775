//! The manifest of a backup: when it was made, by which version, and the digest of every file.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the manifest in the archive. It is the last entry.
pub const NAME: &str = "manifest.json";
/// Incremented when older programs could misread the format.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// When the backup started. Everything committed earlier is in it.
    pub made_at: Timestamp,
    /// Program version.
    pub program: String,
    /// Schema version.
    pub schema: i64,
    /// Row counts of the most important tables.
    pub rows: BTreeMap<String, i64>,
    /// All other entries, in archive order.
    pub files: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Path below `DATA_DIR`.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unreadable = "its manifest cannot be read";
        let Format { format } = serde_json::from_slice(bytes).context(unreadable)?;
        ensure!(format <= FORMAT, "it was made by a newer version of this program");
        serde_json::from_slice(bytes).context(unreadable)
    }

    pub fn to_json(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec_pretty(self)?)
    }

    /// Total size of the files in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
