//! Set-up checklist: what of a new site is still a sample or missing, in the order in which to complete it.

mod checklist;
mod hint;
mod pages;
mod store;

pub use checklist::{Checklist, load as checklist};
pub use hint::add_next_step;

use crate::staff::{Role, StaffRoutes};

/// Registers the actions of the checklist, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes.post("/onboarding/confirmation", Role::Admin, pages::confirm_all).post(
        "/onboarding/{step}/confirmation",
        Role::Admin,
        pages::confirm,
    );
}
