//! Query plans for tests: whether a statement uses an index or reads everything.

use sqlx::{AssertSqlSafe, Executor, Row};

/// Steps of a query plan.
#[derive(Debug)]
pub struct QueryPlan(Vec<String>);

impl QueryPlan {
    /// Explains a statement on an empty database of the current version.
    pub async fn explain(sql: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = super::open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let steps = db.read().fetch_all(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        assert!(!steps.is_empty(), "{sql}");
        Self(steps)
    }

    /// Whether a table is read completely without an index, or rows are sorted before the first is returned.
    pub fn has_full_scan(&self) -> bool {
        let is_scan =
            |step: &str| step.starts_with("SCAN ") && !step.contains(" INDEX ") && step != "SCAN CONSTANT ROW";
        self.0.iter().any(|step| is_scan(step) || step.contains("TEMP B-TREE"))
    }

    /// Whether a table is read completely, with an index or without. Named as in the statement.
    pub fn scans(&self, table: &str) -> bool {
        self.0.iter().any(|step| step.split(' ').take(2).eq(["SCAN", table]))
    }

    /// Whether a table is read completely without an index. Named as in the statement.
    pub fn scans_without_index(&self, table: &str) -> bool {
        self.0.iter().any(|step| step.split(' ').take(2).eq(["SCAN", table]) && !step.contains(" INDEX "))
    }

    /// Whether rows are sorted before the first is returned.
    pub fn sorts(&self) -> bool {
        self.0.iter().any(|step| step.contains("TEMP B-TREE"))
    }

    pub fn uses(&self, index: &str) -> bool {
        self.0.iter().any(|step| step.split(' ').any(|word| word == index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn full_scans_are_detected() {
        for all in
            ["SELECT * FROM outbox", "SELECT * FROM outbox WHERE subject = 'x'", "SELECT * FROM draws ORDER BY name"]
        {
            assert!(QueryPlan::explain(all).await.has_full_scan(), "{all}");
        }
        let one = QueryPlan::explain("SELECT * FROM outbox WHERE id = 1").await;
        assert!(!one.has_full_scan() && !one.scans("outbox"), "{one:?}");
    }
}
