//! Company settings: name, logo, phone numbers, hours, licence, texts of the front page, and the menu. Style page.

mod admin;
mod cached_firm;
mod load_firm;
mod seed;
mod settings;
mod store;
mod style;
mod weekly_hours;

pub use cached_firm::CachedFirm;
pub use load_firm::load_firm;
pub use seed::{sample_settings, seed};
pub use settings::{MailSettings, SiteSettings};
pub use store::{exists, find as settings};

use crate::staff::{Role, StaffRoutes};

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes.get("/site", Role::Admin, admin::show).post("/site", Role::Admin, admin::save).get(
        "/style",
        Role::Writer,
        style::show,
    );
}
