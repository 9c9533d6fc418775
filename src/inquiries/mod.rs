//! What visitors send: the contact form, the application, the receipt; and the desk where staff answer.

mod apply;
mod consent;
mod contact;
mod counter;
mod doubt;
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

pub use counter::Counter;
pub use housekeeping::Housekeeping;
pub use inbox::seed;
pub use inquiry::{Details, Inquiry, Kind, State};
pub use phone::prepare as prepare_numbers;
pub use privacy::{Shredder, Since, catch_up, happened_since};
pub use receive::FormLimit;
pub use store::{count_by_state, count_in_state, longest_unanswered};
pub use watch::silence_warning;

use actix_web::web;

use crate::web::{Address, ShownAgain};

/// Each showing of a form is for one visitor.
pub const ADDRESSES: [Address; 2] = [Address::Private("/contact"), Address::Private("/apply")];

/// Forms that come from another site, such as a translation service, and are shown again, unsent.
pub const SHOWN_AGAIN: ShownAgain =
    ShownAgain(&["/contact", "/apply", "/receipts/{token}/contact", "/receipts/{token}/confirmation"]);

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/contact").get(contact::show).post(contact::submit))
        .service(web::resource("/apply").get(apply::show).post(apply::submit))
        .service(web::resource("/receipts/{token}.json").get(receipt::take_copy))
        .service(web::resource("/receipts/{token}").get(receipt::show))
        .service(web::resource("/receipts/{token}/confirmation").post(receipt::confirm))
        .service(web::resource("/receipts/{token}/contact").post(receipt::correct))
        .service(web::resource("/receipts/{token}/address").post(receipt::use_meant_address))
        .service(web::resource("/receipts/{token}/occupation").post(receipt::choose_occupation))
        .service(web::resource("/receipts/{token}/withdrawal").post(receipt::take_back));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    // What names a page comes before what names an inquiry.
    routes.configure(privacy::admin_routes).configure(inbox::routes);
}
