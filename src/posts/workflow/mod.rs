//! Publishing workflow: review by a publisher, scheduled publication, and the trash.

mod emails;
mod jobs;
mod review;
pub mod store;

pub use emails::{queue_for_publishers, queue_for_writer};
pub use jobs::{empty_trash, publish_due};
pub use review::{PostInReview, ReviewEvent, ReviewKind, ScheduledPost, TRASH_DAYS, TrashedPost};
