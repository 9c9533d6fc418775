//! What visitors send: the contact form, the application, the receipt; and the desk where staff answer.

mod admin;
mod apply;
mod contact;
mod inquiry;
mod mail;
mod receipt;
mod receive;
mod store;

pub use admin::age;
pub use inquiry::{Details, Inquiry, Kind, State};
pub use store::{count_in_state, longest_unanswered};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/contact").get(contact::show).post(contact::submit))
        .service(web::resource("/apply").get(apply::show).post(apply::submit))
        .route("/receipts/{token}", web::get().to(receipt::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/inquiries", web::get().to(admin::list))
        .route("/inquiries/{id}", web::get().to(admin::show))
        .route("/inquiries/{id}/state", web::post().to(admin::change_state))
        .route("/inquiries/{id}/notes", web::post().to(admin::add_note));
}
