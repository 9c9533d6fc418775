//! Who may sign in: accounts and roles, sign-in and sessions, the guard before every staff page, the audit log.

mod account;
mod accounts;
mod audit;
mod guard;
mod member;
mod password;
mod session;
mod set_up;
mod sign_in;
mod store;
mod throttle;

pub use audit::Entry as AuditEntry;
pub use guard::{Desk, nothing_stored, staff_only};
pub use member::{Member, NewMember, Role};
pub use password::prepare as prepare_sign_in;
pub use set_up::{first_account_address, invite};
pub use store::{
    add, admin_addresses, all, anyone, count_admins, count_sessions, end_everything, find_by_email, note as audit,
};
pub use throttle::SignInThrottle;

use actix_web::web;

use crate::web::Address;

/// What is below it is matched by no public pattern.
pub const ADDRESSES: [Address; 1] = [Address::Private("/admin")];

/// Mounts what somebody who is not signed in needs to become so.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/admin/sign-in").get(sign_in::show).post(sign_in::submit))
        .service(web::resource("/admin/set-up/{token}").get(set_up::show).post(set_up::submit));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/sign-out").post(sign_in::sign_out))
        .service(web::resource("/sign-out-everywhere").post(sign_in::sign_out_everywhere))
        .service(web::resource("/account").get(account::show).post(account::change_password))
        .service(web::resource("/staff").get(accounts::list).post(accounts::add))
        .service(web::resource("/staff/{id}/role").post(accounts::change_role))
        .service(web::resource("/staff/{id}/deactivation").post(accounts::deactivate))
        .service(web::resource("/staff/{id}/activation").post(accounts::activate))
        .service(web::resource("/staff/{id}/invitation").post(accounts::invite_again))
        .service(web::resource("/audit").get(audit::show));
}
