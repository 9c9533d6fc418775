//! Who may sign in: accounts and roles, sign-in and sessions, the guard before every staff page, the audit log.

mod account;
mod accounts;
mod audit;
mod browser;
mod guard;
mod member;
mod password;
mod routes;
mod session;
mod set_up;
mod sign_in;
mod store;
mod throttle;

pub use audit::Entry as AuditEntry;
pub use guard::{Desk, nothing_stored, staff_only};
pub use member::{Member, NewMember, Role};
pub use password::Passwords;
pub use routes::StaffRoutes;
pub use set_up::{first_account_address, invite};
pub use store::{
    add, admin_addresses, all, anyone, count_admins, count_sessions, end_everything, find_by_email, note as audit,
};
pub use throttle::SignInThrottle;

use crate::web::{Address, Routes};

/// What is below it is matched by no public pattern.
pub const ADDRESSES: [Address; 1] = [Address::Private("/admin")];

/// Mounts what somebody who is not signed in needs to become so.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/admin/sign-in", sign_in::show)
        .post("/admin/sign-in", sign_in::submit)
        .get("/admin/set-up/{token}", set_up::show)
        .post("/admin/set-up/{token}", set_up::submit);
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
        .post("/staff/{id}/invitation", Role::Admin, accounts::invite_again)
        .get("/audit", Role::Admin, audit::show);
}
