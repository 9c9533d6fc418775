//! Audit log entry: who did what and when, written in the transaction of the action.

use jiff::Timestamp;

use crate::web::DisplayTime;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// Number of times within one hour.
    pub times: i64,
}

impl AuditEntry {
    pub fn time(&self) -> DisplayTime {
        DisplayTime::in_office(self.at)
    }
}
