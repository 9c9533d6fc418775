//! Staff inbox: list, search, reply, assign, merge and export inquiries.

mod actions;
mod batch;
mod eligibility_panel;
mod export;
mod filter;
mod list;
mod merge;
#[cfg(test)]
mod proptests;
mod reply;
mod results;
mod seed;
mod show;
mod spam;
mod staff_action;
mod store;
mod template_variables;
mod templates;
mod view_model;

pub use seed::seed;

use crate::staff::{Role, StaffRoutes};

/// Registers the routes of the inbox, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/inquiries", Role::Writer, list::list)
        .get("/inquiries.csv", Role::Publisher, export::csv)
        .post("/inquiries/batch", Role::Writer, batch::apply)
        .post("/inquiries/undo", Role::Writer, batch::undo)
        .get("/inquiries/templates", Role::Writer, templates::list)
        .get("/inquiries/templates/new", Role::Writer, templates::new)
        .post("/inquiries/templates/new", Role::Writer, templates::create)
        .get("/inquiries/templates/{id}", Role::Writer, templates::edit)
        .post("/inquiries/templates/{id}", Role::Writer, templates::save)
        .post("/inquiries/templates/{id}/archive", Role::Writer, templates::archive)
        .post("/inquiries/templates/{id}/unarchive", Role::Writer, templates::unarchive)
        .get("/inquiries/{id}.json", Role::Writer, export::json)
        .get("/inquiries/{id}", Role::Writer, show::show)
        .post("/inquiries/{id}/state", Role::Writer, actions::set_state)
        .post("/inquiries/{id}/owner", Role::Writer, actions::set_owner)
        .post("/inquiries/{id}/notes", Role::Writer, actions::add_note)
        .post("/inquiries/{id}/occupation", Role::Writer, actions::set_occupation)
        .post("/inquiries/{id}/release", Role::Writer, spam::release)
        .post("/inquiries/{id}/spam", Role::Writer, spam::report)
        .post("/inquiries/{id}/reply", Role::Writer, reply::send)
        .post("/inquiries/{id}/merge", Role::Writer, merge::merge)
        .post("/inquiries/{id}/unmerge", Role::Writer, merge::unmerge);
}
