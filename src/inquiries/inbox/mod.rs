//! The staff inbox: find an inquiry, see all that is known of it, answer it, hand it on, take it away.

mod answer;
mod batch;
mod beside;
mod change;
mod fill;
mod filter;
mod list;
mod merge;
#[cfg(test)]
mod properties;
mod seed;
mod show;
mod store;
mod take_away;
mod templates;
mod work;

pub use seed::seed;

use crate::staff::{Role, StaffRoutes};

/// Mounts the inbox, under `/admin`.
pub fn routes(routes: &mut StaffRoutes) {
    routes
        .get("/inquiries", Role::Writer, list::list)
        .get("/inquiries.csv", Role::Publisher, take_away::csv)
        .post("/inquiries/batch", Role::Writer, batch::change)
        .get("/inquiries/templates", Role::Writer, templates::list)
        .get("/inquiries/templates/new", Role::Writer, templates::new)
        .post("/inquiries/templates/new", Role::Writer, templates::create)
        .get("/inquiries/templates/{id}", Role::Writer, templates::edit)
        .post("/inquiries/templates/{id}", Role::Writer, templates::save)
        .post("/inquiries/templates/{id}/retirement", Role::Writer, templates::retire)
        .post("/inquiries/templates/{id}/return", Role::Writer, templates::bring_back)
        .get("/inquiries/{id}.json", Role::Writer, take_away::json)
        .get("/inquiries/{id}", Role::Writer, show::show)
        .post("/inquiries/{id}/state", Role::Writer, change::state)
        .post("/inquiries/{id}/owner", Role::Writer, change::owner)
        .post("/inquiries/{id}/notes", Role::Writer, change::note)
        .post("/inquiries/{id}/occupation", Role::Writer, change::occupation)
        .post("/inquiries/{id}/release", Role::Writer, change::release)
        .post("/inquiries/{id}/answer", Role::Writer, answer::send)
        .post("/inquiries/{id}/merge", Role::Writer, merge::merge)
        .post("/inquiries/{id}/unmerge", Role::Writer, merge::separate);
}
