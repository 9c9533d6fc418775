//! Deletion of personal data: retention periods, trash, legal hold, erasure and subject access requests.
//!
//! Expired inquiries are moved to the trash. After seven days there they are deleted with their e-mails. The erasure log
//! keeps a keyed hash, which can prove that something was erased.

mod erasure_log;
mod erasures;
mod restore_reconcile;
mod retention;
mod retention_job;
mod store;
mod subject;
mod subject_access;
mod subject_erasure;
mod trash;

pub use restore_reconcile::{ReconcileReport, changes_since_backup, reconcile, reserve_ids};
pub use retention::trash_expires_at;
pub use retention_job::Eraser;
pub use trash::{RetentionPanel, restore_from_trash, trash_by_staff};

use crate::staff::{Role, StaffRoutes};

/// Registers the staff pages, under `/admin`. Call before the inbox routes: `/inquiries/{id}` matches any segment.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/inquiries/trash", Role::Writer, trash::list)
        .get("/inquiries/erasures", Role::Writer, erasure_log::list)
        .get("/inquiries/people", Role::Writer, subject_access::show)
        .post("/inquiries/people/export", Role::Writer, subject_access::download)
        .get("/inquiries/people/erasure", Role::Admin, subject_erasure::show)
        .post("/inquiries/people/erasure", Role::Admin, subject_erasure::submit)
        .post("/inquiries/{id}/trash", Role::Writer, trash::move_to_trash)
        .post("/inquiries/{id}/restoration", Role::Writer, trash::restore)
        .post("/inquiries/{id}/hold", Role::Writer, trash::set_hold);
}
