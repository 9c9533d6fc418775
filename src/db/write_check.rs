//! Readiness check by a test write, at most every ten seconds; the result is cached in between.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

/// Validity of a result.
const RESULT_TTL: SignedDuration = SignedDuration::from_secs(10);
/// Maximum wait for a result. A longer check continues in the background.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
const SLOW: &str = "writes wait too long for their turn";
const FAILED: &str = "the database is not writable";

/// Latest result. Clones share it, so that only one check runs at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteCheck(Arc<Mutex<Option<CheckResult>>>);

#[derive(Clone, Copy, Debug)]
struct CheckResult {
    at: Timestamp,
    problem: Option<&'static str>,
}

impl WriteCheck {
    /// Why `test_write` failed when it was last run; `None` if writing works.
    ///
    /// It runs as a task of its own, so that a cancelled caller or a slow disk leaves nothing half done.
    pub(super) async fn problem(
        &self,
        now: Timestamp,
        test_write: impl Future<Output = sqlx::Result<()>> + Send + 'static,
    ) -> Option<&'static str> {
        let Ok(mut cached) = self.0.clone().try_lock_owned() else {
            return match tokio::time::timeout(CHECK_TIMEOUT, self.0.lock()).await {
                Ok(known) => known.map_or(Some(SLOW), |checked| checked.problem),
                Err(_) => Some(SLOW),
            };
        };
        // A clock that was set back would keep an old result valid.
        if let Some(checked) = *cached
            && now >= checked.at
            && now.duration_since(checked.at) < RESULT_TTL
        {
            return checked.problem;
        }
        let check = tokio::spawn(async move {
            let problem = test_write.await.err().map(|error| {
                tracing::warn!("readiness check failed: {error} (DATA_DIR)");
                FAILED
            });
            *cached = Some(CheckResult { at: now, problem });
            problem
        });
        match tokio::time::timeout(CHECK_TIMEOUT, check).await {
            Ok(Ok(refusal)) => refusal,
            Ok(Err(_)) => Some(FAILED),
            Err(_) => Some(SLOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Executor, Row};

    use super::*;
    use crate::db::open;

    #[actix_web::test]
    async fn the_write_check_runs_at_most_every_ten_seconds_and_keeps_the_page_cache() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let is_written = async || {
            let row = db.read().fetch_one("SELECT length(content) > 0 FROM write_check").await.unwrap();
            row.get::<i64, _>(0)
        };
        let reset = async || {
            let mut write = db.begin_write().await.unwrap();
            write.execute("UPDATE write_check SET content = x''").await.unwrap();
            write.commit().await.unwrap();
        };
        let (version, start) =
            (db.content_version().await.unwrap(), "2026-11-22T09:00:00Z".parse::<Timestamp>().unwrap());
        for (seconds, expected) in [(0, 1), (1, 0), (9, 0), (10, 1), (11, 0), (-60, 1), (-55, 0)] {
            reset().await;
            assert_eq!(db.write_problem(start + SignedDuration::from_secs(seconds)).await, None);
            assert_eq!(is_written().await, expected, "after {seconds} s");
        }
        assert_eq!(db.content_version().await.unwrap(), version);
    }

    #[actix_web::test]
    async fn a_failed_write_check_is_reported_until_one_succeeds() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let run = async |sql: &'static str| {
            let mut write = db.begin_write().await.unwrap();
            write.execute(sql).await.unwrap();
            write.commit().await.unwrap();
        };
        let start = "2026-11-22T09:00:00Z".parse::<Timestamp>().unwrap();
        run("CREATE TRIGGER full BEFORE UPDATE ON write_check BEGIN SELECT RAISE(FAIL, 'the disk is full'); END").await;
        assert_eq!(db.write_problem(start).await, Some(FAILED));
        run("DROP TRIGGER full").await;
        assert_eq!(db.write_problem(start + SignedDuration::from_secs(9)).await, Some(FAILED), "remembered");
        assert_eq!(db.write_problem(start + SignedDuration::from_secs(10)).await, None);
    }
}
