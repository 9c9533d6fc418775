//! Staff: accounts, roles, sign-in, sessions, access control for the admin area, audit log.

mod account;
mod accounts;
mod audit;
mod audit_entry;
mod auth;
mod device_cookie;
mod invitations;
mod member;
mod password;
mod routes;
mod session;
mod sign_in;
mod store;
mod unsaved_forms;

pub use audit_entry::AuditEntry;
pub use auth::{StaffContext, no_store, require_login};
pub use invitations::{first_admin_invite_path, invite};
pub use member::{NewMember, Role, StaffMember};
pub use password::Passwords;
pub use routes::StaffRoutes;
pub use store::{
    active_address, add, admin_addresses, all, audit, count_admins, count_sessions, find_by_email, has_any,
    publisher_addresses, revoke_all,
};
pub use unsaved_forms::store::delete_expired as delete_expired_forms;

use crate::http::{CacheRule, Routes};

/// The admin area is never cached.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Bypass("/admin")];

/// Registers the pages that need no session.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/admin/sign-in", sign_in::show)
        .post("/admin/sign-in", sign_in::submit)
        .get("/admin/set-up/{token}", invitations::show)
        .post("/admin/set-up/{token}", invitations::submit);
}

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .post("/sign-out", Role::Writer, sign_in::sign_out)
        .post("/sign-out-everywhere", Role::Writer, sign_in::sign_out_everywhere)
        .get("/account", Role::Writer, account::show)
        .post("/account", Role::Writer, account::change_password)
        .get("/staff", Role::Admin, accounts::list)
        .post("/staff", Role::Admin, accounts::add)
        .post("/staff/{id}/role", Role::Admin, accounts::change_role)
        .post("/staff/{id}/deactivation", Role::Admin, accounts::deactivate)
        .post("/staff/{id}/activation", Role::Admin, accounts::activate)
        .post("/staff/{id}/invitation", Role::Admin, accounts::resend_invitation)
        .get("/audit", Role::Admin, audit::show)
        .get("/unsaved-forms/{id}", Role::Writer, unsaved_forms::show)
        .post("/unsaved-forms/{id}/removal", Role::Writer, unsaved_forms::discard);
}
