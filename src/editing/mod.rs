//! Open editors: the text that is not saved yet, and who else has the same editor open.

mod autosaves;
mod presence;
mod store;

pub use autosaves::{
    Autosave, AutosaveTable, AutosavedForm, PAGE_AUTOSAVES, POST_AUTOSAVES, delete_autosave, delete_old_autosaves,
    find_autosave, save_autosave, stored_autosaves,
};
pub use presence::{OpenEditor, open_editor};
pub use store::delete_old;

use crate::staff::{Role, StaffRoutes};

/// Registers what the script of an open editor sends, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes.post("/editors/{kind}/{id}", Role::Writer, presence::report).post(
        "/editors/{kind}/{id}/closing",
        Role::Writer,
        presence::close,
    );
}
