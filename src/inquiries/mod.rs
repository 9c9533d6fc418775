//! Inquiries: public forms, receipts, and the inbox where staff answer.

mod choices;
mod consent;
mod emails;
mod form_rate_limit;
mod forms;
mod gone;
mod inbox;
mod inquiry;
mod intake;
mod jobs;
mod monitoring;
mod notifications;
mod numeric_answer;
mod phone;
mod privacy;
mod receipts;
mod replies;
mod reply_address;
mod residence;
mod store;

pub use form_rate_limit::FormRateLimit;
pub use inbox::seed;
pub use inquiry::{Details, Inquiry, InquiryKind, InquiryState};
pub use intake::{IntakeQueue, ReferenceJournal, read_reference_journal};
pub use jobs::ScheduledJobs;
pub use monitoring::inactivity_warning;
pub use phone::warm_up as warm_up_phone_numbers;
pub use privacy::{Eraser, ReconcileReport, changes_since_backup, reconcile, reserve_ids};
pub use replies::{Received, Receiver, Refusal};
pub use store::{count_by_state, count_in_state, has_any, latest_timestamp, oldest_unanswered, reference_counters};

use crate::http::{CacheRule, RedisplayRoutes, Routes};
use crate::staff::StaffRoutes;

/// Each displayed form has its own token.
pub const CACHE_RULES: [CacheRule; 3] =
    [CacheRule::Bypass("/contact"), CacheRule::Bypass("/apply"), CacheRule::Bypass("/receipts")];

/// Forms that are displayed again, not rejected, if another site such as a translation service submits them.
pub const REDISPLAYED_FORMS: RedisplayRoutes = RedisplayRoutes(&[
    "/contact",
    "/apply",
    "/receipts",
    "/receipts/{token}/contact",
    "/receipts/{token}/confirmation",
]);

pub fn routes(routes: &mut Routes) {
    routes
        .get("/contact", forms::contact::show)
        .post("/contact", forms::contact::submit)
        .get("/apply", forms::apply::show)
        .post("/apply", forms::apply::submit)
        .get("/receipts", receipts::show_lookup)
        .post("/receipts", receipts::find)
        .get("/receipts/{token}.json", receipts::export)
        .get("/receipts/{token}", receipts::show)
        .post("/receipts/{token}/confirmation", receipts::confirm)
        .post("/receipts/{token}/contact", receipts::correct)
        .post("/receipts/{token}/address", receipts::accept_suggestion)
        .post("/receipts/{token}/occupation", receipts::choose_occupation)
        .post("/receipts/{token}/withdrawal", receipts::withdraw);
}

/// Routes under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    // First, because `/inquiries/{id}` of the inbox matches these paths, too.
    privacy::admin_routes(routes);
    inbox::admin_routes(routes);
}
