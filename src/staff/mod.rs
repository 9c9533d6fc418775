//! Who may sign in: accounts and roles, sign-in and sessions, the guard before every staff page, the audit log.

mod account;
mod accounts;
mod attempt_limit;
mod audit;
mod auth;
mod device_cookie;
mod invitations;
mod member;
mod password;
mod routes;
mod session;
mod sign_in;
mod store;

pub use attempt_limit::AttemptLimiter;
pub use audit::AuditEntry;
pub use auth::{StaffContext, no_store, require_login};
pub use invitations::{first_admin_invite_path, invite};
pub use member::{NewMember, Role, StaffMember};
pub use password::Passwords;
pub use routes::StaffRoutes;
pub use store::{add, admin_addresses, all, audit, count_admins, count_sessions, find_by_email, has_any, revoke_all};

use crate::http::{CacheRule, Routes};

/// What is below it is matched by no public pattern.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Bypass("/admin")];

/// Mounts what somebody who is not signed in needs to become so.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/admin/sign-in", sign_in::show)
        .post("/admin/sign-in", sign_in::submit)
        .get("/admin/set-up/{token}", invitations::show)
        .post("/admin/set-up/{token}", invitations::submit);
}

/// Mounts the staff pages, under `/admin`.
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
        .get("/audit", Role::Admin, audit::show);
}
