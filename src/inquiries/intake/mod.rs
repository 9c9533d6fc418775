//! Intake of submitted forms: queue, group commit, deduplication, reference numbers.

mod dedup;
mod queue;
mod reference_journal;
mod resubmission;
pub mod spam_score;
mod store;
mod submission;

pub use queue::{IntakeQueue, IntakeResult};
pub use reference_journal::{ReferenceJournal, read_reference_journal};
pub use submission::Submission;
