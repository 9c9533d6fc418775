//! What visitors send: the contact form, the application, the receipt; and the admin area where staff answer.

mod apply;
mod choices;
mod clock_guard;
mod consent;
mod contact;
mod email_typo;
mod emails;
mod field_warnings;
mod form_rate_limit;
mod form_token;
mod gone;
mod inbox;
mod inquiry;
mod intake;
mod jobs;
mod monitoring;
mod numeric_answer;
mod phone;
mod privacy;
#[cfg(test)]
mod proptests;
mod receipts;
mod residence;
mod spam_score;
mod store;
mod submit;

pub use clock_guard::SharedClockGuard;
pub use form_rate_limit::FormRateLimit;
pub use inbox::seed;
pub use inquiry::{Details, Inquiry, InquiryKind, InquiryState};
pub use intake::{IntakeQueue, ReferenceJournal, read_reference_journal, reference_counters};
pub use jobs::ScheduledJobs;
pub use monitoring::inactivity_warning;
pub use phone::warm_up as warm_up_phone_numbers;
pub use privacy::{Eraser, ReconcileReport, changes_since_backup, reconcile, reserve_ids};
pub use store::{count_by_state, count_in_state, oldest_unanswered};

use crate::http::{CacheRule, RedisplayRoutes, Routes};
use crate::staff::StaffRoutes;

/// Each showing of a form is for one visitor.
pub const CACHE_RULES: [CacheRule; 2] = [CacheRule::Bypass("/contact"), CacheRule::Bypass("/apply")];

/// Forms that come from another site, such as a translation service, and are shown again, unsent.
pub const REDISPLAYED_FORMS: RedisplayRoutes =
    RedisplayRoutes(&["/contact", "/apply", "/receipts/{token}/contact", "/receipts/{token}/confirmation"]);

/// Mounts the public pages.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/contact", contact::show)
        .post("/contact", contact::submit)
        .get("/apply", apply::show)
        .post("/apply", apply::submit)
        .get("/receipts/{token}.json", receipts::export)
        .get("/receipts/{token}", receipts::show)
        .post("/receipts/{token}/confirmation", receipts::confirm)
        .post("/receipts/{token}/contact", receipts::correct)
        .post("/receipts/{token}/address", receipts::accept_suggestion)
        .post("/receipts/{token}/occupation", receipts::choose_occupation)
        .post("/receipts/{token}/withdrawal", receipts::withdraw);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    // What names a page comes before what names an inquiry.
    privacy::admin_routes(routes);
    inbox::admin_routes(routes);
}
