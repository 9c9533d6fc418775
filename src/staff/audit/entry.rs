//! Audit log entry.

use jiff::Timestamp;

use crate::staff::audit::changes::AuditChanges;
use crate::web::DisplayTime;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    pub id: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// Name of the staff member, "command line" or "anonymous".
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// Number of times within one hour.
    pub times: i64,
    /// Network of the client; empty for commands.
    pub address: String,
    #[sqlx(json)]
    pub changes: AuditChanges,
}

impl AuditEntry {
    pub fn time(&self) -> DisplayTime {
        DisplayTime::in_office(self.at)
    }
}
