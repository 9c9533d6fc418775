//! Who has an editor open, so that two people do not change the same text without knowing.

mod presence;
mod store;

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
