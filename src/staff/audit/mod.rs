//! Audit log: who changed what, when and from where, with the values before and after.
//!
//! Entries are written in the transaction of the change and never altered: triggers of the database refuse it. Secrets
//! and personal data of visitors are not recorded; entries name an inquiry by its reference.

mod changes;
mod entry;
mod export;
mod filter;
mod pages;
mod source;
pub mod store;

/// User of what the site does without a person, such as publishing a scheduled post.
pub const SYSTEM_ACTOR: &str = "system";

pub use changes::AuditChanges;
pub use export::csv;
pub use pages::show;
pub use source::{AuditSource, masked_address};
