//! What visitors send: the contact form, the application, the receipt; and the desk where staff answer.

mod apply;
mod consent;
mod contact;
mod housekeeping;
mod inbox;
mod inquiry;
mod mail;
mod phone;
mod receipt;
mod receive;
mod store;

pub use housekeeping::Housekeeping;
pub use inbox::seed;
pub use inquiry::{Details, Inquiry, Kind, State};
pub use store::{count_in_state, longest_unanswered};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/contact").get(contact::show).post(contact::submit))
        .service(web::resource("/apply").get(apply::show).post(apply::submit))
        .service(web::resource("/receipts/{token}").get(receipt::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes.configure(inbox::routes);
}
