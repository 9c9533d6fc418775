//! Staff: accounts, roles, sign-in, sessions, access control for the admin area, audit log.

mod account;
mod audit;
mod auth;
mod current_password;
mod device_cookie;
mod device_label;
mod invitations;
mod member;
mod password;
mod password_rules;
mod routes;
mod session;
mod sign_in;
mod start_session;
mod store;
mod two_factor;
mod unsaved_forms;

pub use audit::store::{audit, audit_change};
pub use audit::{AuditChanges, SYSTEM_ACTOR};
pub use auth::{StaffContext, no_store, require_login};
pub use invitations::{first_admin_invite_path, invite};
pub use member::{NewMember, Role, StaffMember};
pub use password::Passwords;
pub use routes::StaffRoutes;
pub use store::{
    active_address, add, admin_addresses, all, count_admins, count_sessions, end_all_sessions, find, find_by_email,
    has_any, publisher_addresses, revoke_all, set_active, set_role,
};
pub use two_factor::store::{
    is_required as is_totp_required, keep_recovery_codes, remove as remove_totp, set_required as set_totp_required,
    unused_recovery_codes,
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
        .get("/admin/sign-in/code", two_factor::show_code)
        .post("/admin/sign-in/code", two_factor::submit_code)
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
        .post("/account/sessions/{id}/removal", Role::Writer, account::end_session)
        .get("/account/two-factor", Role::Writer, two_factor::show)
        .post("/account/two-factor", Role::Writer, two_factor::confirm)
        .post("/account/two-factor/set-up", Role::Writer, two_factor::set_up)
        .post("/account/two-factor/recovery-codes", Role::Writer, two_factor::new_recovery_codes)
        .post("/account/two-factor/removal", Role::Writer, two_factor::remove)
        .get("/audit", Role::Admin, audit::show)
        .get("/audit.csv", Role::Admin, audit::csv)
        .get("/unsaved-forms/{id}", Role::Writer, unsaved_forms::show)
        .post("/unsaved-forms/{id}/removal", Role::Writer, unsaved_forms::discard);
}
