//! The staff inbox: find an inquiry, see all that is known of it, answer it, hand it on, take it away.

mod answer;
mod batch;
mod beside;
mod change;
mod fill;
mod filter;
mod list;
mod merge;
#[cfg(test)]
mod properties;
mod seed;
mod show;
mod store;
mod take_away;
mod templates;
mod work;

pub use seed::seed;

use actix_web::web;

/// Mounts the inbox, under `/admin`.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/inquiries").get(list::list))
        .service(web::resource("/inquiries.csv").get(take_away::csv))
        .service(web::resource("/inquiries/batch").post(batch::change))
        .service(web::resource("/inquiries/templates").get(templates::list))
        .service(web::resource("/inquiries/templates/new").get(templates::new).post(templates::create))
        .service(web::resource("/inquiries/templates/{id}").get(templates::edit).post(templates::save))
        .service(web::resource("/inquiries/templates/{id}/retirement").post(templates::retire))
        .service(web::resource("/inquiries/templates/{id}/return").post(templates::bring_back))
        .service(web::resource("/inquiries/{id}.json").get(take_away::json))
        .service(web::resource("/inquiries/{id}").get(show::show))
        .service(web::resource("/inquiries/{id}/state").post(change::state))
        .service(web::resource("/inquiries/{id}/owner").post(change::owner))
        .service(web::resource("/inquiries/{id}/notes").post(change::note))
        .service(web::resource("/inquiries/{id}/occupation").post(change::occupation))
        .service(web::resource("/inquiries/{id}/release").post(change::release))
        .service(web::resource("/inquiries/{id}/answer").post(answer::send))
        .service(web::resource("/inquiries/{id}/merge").post(merge::merge))
        .service(web::resource("/inquiries/{id}/unmerge").post(merge::separate));
}
