//! Schema version of a database compared with this program.

use anyhow::Result;
use sqlx::migrate::Migrate;
use sqlx::migrate::Migrator;
use sqlx::{Executor, SqliteConnection};

/// All migrations.
pub static MIGRATOR: Migrator = sqlx::migrate!();

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// No tables yet.
    None,
    /// Current version.
    Current(i64),
    /// Older version, with the missing migrations.
    Behind(i64, Vec<String>),
    /// Newer version than this program.
    Newer(i64),
    /// A migration differs from that of this program.
    Changed(i64),
}

impl Schema {
    /// Reads the version without changing anything.
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

    /// Version of the last migration; 0 without any.
    pub fn version(&self) -> i64 {
        match self {
            Self::None => 0,
            Self::Current(version) | Self::Behind(version, _) | Self::Newer(version) | Self::Changed(version) => {
                *version
            }
        }
    }

    /// Why this program must not use the database, as a sentence.
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
