//! Whether the database could keep an inquiry now, and the room it takes and has.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sqlx::{Executor, Row};

use crate::db::Database;
use crate::db::disk::{Disk, LEAST_FREE};
use crate::db::schema::MIGRATOR;

/// What the database takes and has, in bytes; `None` where the machine does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    /// The file itself.
    pub database: Option<u64>,
    /// Its write-ahead log.
    pub log: Option<u64>,
    /// What is free for us on its disk.
    pub free: Option<u64>,
}

impl Room {
    /// Whether there is too little left for anything more to be sent here.
    pub fn is_short(&self) -> bool {
        self.free.is_some_and(|free| free < LEAST_FREE)
    }
}

impl Database {
    /// How much room it takes and has.
    pub fn room(&self) -> Room {
        let options = self.write.connect_options();
        let file = options.get_filename();
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        let size = |path: &Path| std::fs::metadata(path).ok().map(|file| file.len());
        Room { database: size(file), log: size(&PathBuf::from(log)).or(Some(0)), free: free_beside(file) }
    }

    /// Why nothing could be kept now, where that is so, in words for the operator.
    pub async fn unfit(&self, now: Timestamp) -> Option<&'static str> {
        let read = self.read.fetch_one("SELECT max(version) FROM _sqlx_migrations").await;
        let Ok(version) = read.and_then(|row| row.try_get::<i64, _>(0)) else {
            return Some("the database cannot be read");
        };
        if MIGRATOR.iter().map(|migration| migration.version).max() != Some(version) {
            return Some("the database was brought up to date by another version of the program");
        }
        if self.room().is_short() {
            return Some("the disk is full");
        }
        self.write_refusal(now).await
    }
}

fn free_beside(file: &Path) -> Option<u64> {
    let directory = file.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Disk::at(directory).ok().map(|disk| disk.free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::open;

    #[actix_web::test]
    async fn a_database_in_order_is_fit_and_one_of_another_version_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let now = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(db.unfit(now).await, None);
        let room = db.room();
        assert!(room.database.unwrap() >= 4096 && room.log.unwrap() > 0 && room.free.unwrap() > 0, "{room:?}");
        let mut write = db.begin_write().await.unwrap();
        write
            .execute(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', 1, x'', 0)",
            )
            .await
            .unwrap();
        write.commit().await.unwrap();
        assert!(db.unfit(now).await.unwrap().contains("another version"));
    }

    #[test]
    fn a_disk_is_full_before_the_last_byte() {
        let room = |free| Room { free, ..Room::default() };
        assert!(room(Some(0)).is_short() && room(Some(LEAST_FREE - 1)).is_short());
        assert!(!room(Some(LEAST_FREE)).is_short() && !room(None).is_short());
    }
}
