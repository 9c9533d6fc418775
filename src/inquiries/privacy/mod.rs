//! How what visitors send is forgotten: by the clock, by staff, and when the person asks for it.
//!
//! Deleting goes in two steps. What is past its time goes to the bin; what has lain there for seven days is deleted,
//! with its letters. Of what is deleted a keyed digest stays, by which it can be told that it was.

mod erasure;
mod erasures;
mod restore_reconcile;
mod retention;
mod retention_job;
mod store;
mod subject;
mod subject_access;
mod trash;

pub use restore_reconcile::{ReconcileReport, changes_since_backup, reconcile, reserve_ids};
pub use retention::trash_expires_at;
pub use retention_job::Eraser;
pub use trash::RetentionPanel;

use crate::staff::{Role, StaffRoutes};

/// Mounts the staff pages, under `/admin`: to be mounted before the page of one inquiry, whose address takes any word.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/inquiries/trash", Role::Writer, trash::list)
        .get("/inquiries/erasures", Role::Writer, erasures::list)
        .get("/inquiries/people", Role::Writer, subject_access::show)
        .post("/inquiries/people/export", Role::Writer, subject_access::download)
        .get("/inquiries/people/erasure", Role::Admin, erasure::show)
        .post("/inquiries/people/erasure", Role::Admin, erasure::submit)
        .post("/inquiries/{id}/trash", Role::Writer, trash::move_to_trash)
        .post("/inquiries/{id}/restoration", Role::Writer, trash::restore)
        .post("/inquiries/{id}/hold", Role::Writer, trash::set_hold);
}
