//! How what visitors send is forgotten: by the clock, by staff, and when the person asks for it.
//!
//! Deleting goes in two steps. What is past its time goes to the bin; what has lain there for seven days is deleted,
//! with its letters. Of what is deleted a keyed digest stays, by which it can be told that it was.

mod again;
mod erasure;
mod erasures;
mod keeping;
mod person;
mod retention;
mod shredder;
mod store;
mod subject;

pub use again::{Since, catch_up, happened_since, leave_out_ids};
pub use keeping::Keeping;
pub use retention::deleted_at;
pub use shredder::Shredder;

use crate::staff::{Role, StaffRoutes};

/// Mounts the staff pages, under `/admin`: to be mounted before the page of one inquiry, whose address takes any word.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/inquiries/bin", Role::Writer, keeping::bin)
        .get("/inquiries/erasures", Role::Writer, erasures::list)
        .get("/inquiries/people", Role::Writer, person::show)
        .post("/inquiries/people/copy", Role::Writer, person::take_away)
        .get("/inquiries/people/erasure", Role::Admin, erasure::show)
        .post("/inquiries/people/erasure", Role::Admin, erasure::submit)
        .post("/inquiries/{id}/bin", Role::Writer, keeping::put_in_bin)
        .post("/inquiries/{id}/restoration", Role::Writer, keeping::restore)
        .post("/inquiries/{id}/hold", Role::Writer, keeping::hold);
}
