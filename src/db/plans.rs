//! For tests: how SQLite would go about a statement.

use sqlx::{AssertSqlSafe, Executor, Row};

/// The steps, separated by semicolons. What is sorted apart or read from end to end stands in it.
pub async fn plan(sql: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let db = super::open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
    let steps = db.read().fetch_all(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).await.unwrap();
    let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
    steps.join("; ")
}
