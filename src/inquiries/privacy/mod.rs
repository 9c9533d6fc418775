//! How what visitors send is forgotten: by the clock, by staff, and when the person asks for it.
//!
//! Deleting goes in two steps. What is past its time goes to the bin; what has lain there for seven days is deleted,
//! with its letters. Of what is deleted a keyed digest stays, by which it can be told that it was.

mod again;
mod erasure;
mod erasures;
mod keeping;
mod person;
mod retention;
mod shredder;
mod store;
mod subject;

pub use again::{Since, catch_up, happened_since, leave_out_ids};
pub use keeping::Keeping;
pub use retention::deleted_at;
pub use shredder::Shredder;

use actix_web::web;

/// Mounts the staff pages, under `/admin`: to be mounted before the page of one inquiry, whose address takes any word.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/inquiries/bin").get(keeping::bin))
        .service(web::resource("/inquiries/erasures").get(erasures::list))
        .service(web::resource("/inquiries/people").get(person::show))
        .service(web::resource("/inquiries/people/copy").post(person::take_away))
        .service(web::resource("/inquiries/people/erasure").get(erasure::show).post(erasure::submit))
        .service(web::resource("/inquiries/{id}/bin").post(keeping::put_in_bin))
        .service(web::resource("/inquiries/{id}/restoration").post(keeping::restore))
        .service(web::resource("/inquiries/{id}/hold").post(keeping::hold));
}
