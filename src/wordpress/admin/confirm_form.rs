//! Form with which the report of an import is confirmed.

use serde::Deserialize;

use crate::web::one_line;
use crate::wordpress::apply::ErrorDecision;

/// Fingerprint of the report that was shown, and what to do with texts that have possible errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    pub fingerprint: String,
    /// `keep` or `drafts`.
    pub decision: String,
    #[serde(deserialize_with = "one_line")]
    pub reason: String,
}

impl ConfirmForm {
    pub fn decision(&self) -> ErrorDecision {
        match (self.decision.as_str(), self.reason.as_str()) {
            ("drafts", _) => ErrorDecision::Drafts,
            ("keep", reason) if !reason.is_empty() => ErrorDecision::Keep(reason.chars().take(500).collect()),
            _ => ErrorDecision::Open,
        }
    }
}
