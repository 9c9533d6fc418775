//! Import of a WordPress export: posts, pages, pictures and old addresses. A report first, then everything or nothing.

mod admin;
mod apply;
mod content;
mod converted_text;
mod export_file;
mod html_tags;
mod index;
mod limited_input;
mod links;
mod old_address;
mod paragraphs;
mod picture_files;
mod plan;
mod planned_item;
mod planner;
mod progress;
mod read_export;
mod redirect;
mod report;
mod shortcodes;
mod staged_pictures;
mod store;
mod work_folder;
mod worker;
mod wxr;
mod wxr_reader;

pub use apply::{ErrorDecision, apply, rejection_reason};
pub use export_file::ExportFile;
pub use plan::Plan;
pub use progress::{Imports, Progress, Step};
pub use read_export::plan;
pub use redirect::redirect_old_addresses;
pub use work_folder::WorkFolder;
pub use worker::ImportWorker;

use crate::staff::{Role, StaffRoutes};

/// Registers the admin pages, under `/admin`. The paths also match the pattern of a post, so they come before it.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/posts/import", Role::Publisher, admin::new)
        .post("/posts/import", Role::Publisher, admin::upload)
        .get("/posts/import/{id}", Role::Publisher, admin::show)
        .post("/posts/import/{id}", Role::Publisher, admin::import)
        .post("/posts/import/{id}/cancellation", Role::Publisher, admin::cancel)
        .get("/posts/import/{id}/report.txt", Role::Publisher, admin::download);
}
