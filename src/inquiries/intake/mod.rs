//! Intake of submitted forms: queue, group commit, deduplication, reference numbers.

mod dedup;
pub mod notifications;
mod queue;
mod reference_journal;
mod resubmission;
mod store;
mod submission;

pub use queue::{IntakeQueue, IntakeResult};
pub use reference_journal::{ReferenceJournal, read_reference_journal};
pub use store::{raise_reference_counter, reference_counters};
pub use submission::Submission;
