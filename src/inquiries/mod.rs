//! What visitors send: the contact form, the application, the receipt; and the desk where staff answer.

mod apply;
mod choices;
mod consent;
mod contact;
mod counter;
mod doubt;
mod figure;
mod gone;
mod hints;
mod housekeeping;
mod inbox;
mod inquiry;
mod mail;
mod phone;
mod privacy;
#[cfg(test)]
mod properties;
mod receipt;
mod receive;
mod residence;
mod showing;
mod slip;
mod store;
mod trust;
mod watch;

pub use counter::{Counter, References, noted_references, reference_numbers};
pub use housekeeping::Housekeeping;
pub use inbox::seed;
pub use inquiry::{Details, Inquiry, Kind, State};
pub use phone::prepare as prepare_numbers;
pub use privacy::{Shredder, Since, catch_up, happened_since, leave_out_ids};
pub use receive::FormLimit;
pub use store::{count_by_state, count_in_state, longest_unanswered};
pub use trust::SharedTrust;
pub use watch::silence_warning;

use crate::staff::StaffRoutes;
use crate::web::{Address, Routes, ShownAgain};

/// Each showing of a form is for one visitor.
pub const ADDRESSES: [Address; 2] = [Address::Private("/contact"), Address::Private("/apply")];

/// Forms that come from another site, such as a translation service, and are shown again, unsent.
pub const SHOWN_AGAIN: ShownAgain =
    ShownAgain(&["/contact", "/apply", "/receipts/{token}/contact", "/receipts/{token}/confirmation"]);

/// Mounts the public pages.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/contact", contact::show)
        .post("/contact", contact::submit)
        .get("/apply", apply::show)
        .post("/apply", apply::submit)
        .get("/receipts/{token}.json", receipt::take_copy)
        .get("/receipts/{token}", receipt::show)
        .post("/receipts/{token}/confirmation", receipt::confirm)
        .post("/receipts/{token}/contact", receipt::correct)
        .post("/receipts/{token}/address", receipt::use_meant_address)
        .post("/receipts/{token}/occupation", receipt::choose_occupation)
        .post("/receipts/{token}/withdrawal", receipt::take_back);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    // What names a page comes before what names an inquiry.
    privacy::admin_routes(routes);
    inbox::routes(routes);
}
