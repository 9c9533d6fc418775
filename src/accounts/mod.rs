//! Staff page for admins: accounts, roles, second factors, and set-up links, which are also sent by e-mail.
//!
//! Sign-in itself is in `staff`, which needs no mail.

mod admin;
mod emails;
mod set_up_link;

pub use set_up_link::{SetUpLink, send as send_set_up_link};

use crate::staff::{Role, StaffRoutes};

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/staff", Role::Admin, admin::list)
        .post("/staff", Role::Admin, admin::add)
        .post("/staff/two-factor", Role::Admin, admin::require_two_factor)
        .post("/staff/{id}/role", Role::Admin, admin::change_role)
        .post("/staff/{id}/deactivation", Role::Admin, admin::deactivate)
        .post("/staff/{id}/activation", Role::Admin, admin::activate)
        .post("/staff/{id}/invitation", Role::Admin, admin::resend_invitation)
        .post("/staff/{id}/two-factor/removal", Role::Admin, admin::reset_two_factor);
}
