//! Readiness of the database and its disk usage.

use std::path::Path;

use jiff::Timestamp;
use sqlx::{Executor, Row};

use crate::db::Database;
use crate::db::disk::{DiskSpace, MIN_FREE_BYTES};
use crate::db::process_lock::sibling_path;
use crate::db::schema::MIGRATOR;

/// Disk usage in bytes; `None` if the system does not report it.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskUsage {
    pub database: Option<u64>,
    pub wal: Option<u64>,
    /// Free space on the disk of the database.
    pub free: Option<u64>,
}

impl DiskUsage {
    /// Whether too little space is left.
    pub fn is_low(&self) -> bool {
        self.free.is_some_and(|free| free < MIN_FREE_BYTES)
    }
}

impl Database {
    pub fn disk_usage(&self) -> DiskUsage {
        let options = self.write.connect_options();
        let file = options.get_filename();
        let size = |path: &Path| std::fs::metadata(path).ok().map(|file| file.len());
        DiskUsage { database: size(file), wal: size(&sibling_path(file, "-wal")).or(Some(0)), free: free_space(file) }
    }

    /// Reason for which no inquiry could be stored, for the operator; `None` if the database is ready.
    pub async fn readiness_problem(&self, now: Timestamp) -> Option<&'static str> {
        let read = self.read.fetch_one("SELECT max(version) FROM _sqlx_migrations").await;
        let Ok(version) = read.and_then(|row| row.try_get::<i64, _>(0)) else {
            return Some("the database cannot be read");
        };
        if MIGRATOR.iter().map(|migration| migration.version).max() != Some(version) {
            return Some("the database was migrated by another version of the program");
        }
        if self.disk_usage().is_low() {
            return Some("the disk is full");
        }
        self.write_problem(now).await
    }

    /// Why nothing can be written; `None` if writing works.
    pub(super) async fn write_problem(&self, now: Timestamp) -> Option<&'static str> {
        let db = self.clone();
        self.write_check.problem(now, async move { db.test_write().await }).await
    }

    /// Writes as much as a long inquiry, then runs a checkpoint.
    async fn test_write(&self) -> sqlx::Result<()> {
        let mut write = self.begin_write().await?;
        write.execute("UPDATE write_check SET content = zeroblob(65536)").await?;
        write.commit().await?;
        // A passive checkpoint does not wait for readers.
        let row = self.checkpoint.fetch_one("PRAGMA wal_checkpoint(PASSIVE)").await?;
        row.try_get::<i64, _>(0).map(|_| ())
    }
}

fn free_space(file: &Path) -> Option<u64> {
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DiskSpace::at(directory).ok().map(|disk| disk.free_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::open;

    #[actix_web::test]
    async fn a_database_of_another_version_is_not_ready() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(db.readiness_problem(now).await, None);
        let room = db.disk_usage();
        assert!(room.database.unwrap() >= 4096 && room.wal.unwrap() > 0 && room.free.unwrap() > 0, "{room:?}");
        let mut write = db.begin_write().await.unwrap();
        write
            .execute(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', 1, x'', 0)",
            )
            .await
            .unwrap();
        write.commit().await.unwrap();
        assert!(db.readiness_problem(now).await.unwrap().contains("another version"));
    }

    #[test]
    fn disk_space_is_low_below_the_minimum() {
        let room = |free| DiskUsage { free, ..DiskUsage::default() };
        assert!(room(Some(0)).is_low() && room(Some(MIN_FREE_BYTES - 1)).is_low());
        assert!(!room(Some(MIN_FREE_BYTES)).is_low() && !room(None).is_low());
    }
}
