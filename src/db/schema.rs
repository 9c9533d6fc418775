//! How the tables of a database stand to those this program knows.

use anyhow::Result;
use sqlx::migrate::Migrate;
use sqlx::migrate::Migrator;
use sqlx::{Executor, SqliteConnection};

/// Every step by which the tables came to be what they are.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// How the tables stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// There are none yet.
    None,
    /// As this program knows them; the version.
    Current(i64),
    /// Older: the version, and what the next start will add.
    Behind(i64, Vec<String>),
    /// Made by a newer version of this program.
    Newer(i64),
    /// This step was another one where the database was made.
    Changed(i64),
}

impl Schema {
    /// Reads it; nothing is changed.
    pub async fn of(db: &mut SqliteConnection) -> Result<Self> {
        if db.fetch_optional("PRAGMA table_info(_sqlx_migrations)").await?.is_none() {
            return Ok(Self::None);
        }
        let applied = db.list_applied_migrations(&MIGRATOR.table_name).await?;
        let Some(version) = applied.iter().map(|step| step.version).max() else { return Ok(Self::None) };
        let known = |version: i64| MIGRATOR.iter().find(|step| step.version == version);
        for step in &applied {
            match known(step.version) {
                None => return Ok(Self::Newer(version)),
                Some(known) if known.checksum != step.checksum => return Ok(Self::Changed(step.version)),
                Some(_) => {}
            }
        }
        let missing = MIGRATOR.iter().filter(|step| applied.iter().all(|done| done.version != step.version));
        let missing: Vec<String> = missing.map(|step| format!("{:04} {}", step.version, step.description)).collect();
        Ok(if missing.is_empty() { Self::Current(version) } else { Self::Behind(version, missing) })
    }

    /// The version of the newest step, 0 where there is none.
    pub fn version(&self) -> i64 {
        match self {
            Self::None => 0,
            Self::Current(version) | Self::Behind(version, _) | Self::Newer(version) | Self::Changed(version) => {
                *version
            }
        }
    }

    /// Why this program must not work on them, in a sentence.
    pub fn incompatibility(&self) -> Option<String> {
        let known = MIGRATOR.iter().map(|step| step.version).max().unwrap_or_default();
        match self {
            Self::None | Self::Current(_) | Self::Behind(..) => None,
            Self::Newer(version) => Some(format!(
                "the data belong to a newer version of this program (their tables are version {version}, this program \
                 knows {known}): run that version, or restore a backup that was made before it was installed"
            )),
            Self::Changed(version) => Some(format!(
                "the data were made by another build of this program (step {version} of their tables is not the one this \
                 program knows): run the build that made them; nothing was changed"
            )),
        }
    }
}
