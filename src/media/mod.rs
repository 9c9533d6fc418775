//! Pictures: upload, processing, library, trash, and the files that the site serves.

mod admin;
mod avif;
mod decode;
mod decoded_picture;
mod encode;
mod format;
mod jobs;
mod processor;
mod serve;
mod store;

pub use avif::{DECODER_COMMAND, decode_standard_input};
pub use encode::{PictureFile, ProcessedPicture};
pub use jobs::purge_trash;
pub use processor::PictureProcessor;
pub use store::{
    AddResult, MediaItem, add as add_picture, delete_unused_pictures, find_pictures, has_picture, newest_addresses,
    pictures_in, restore_picture, set_alt,
};

use crate::http::Routes;
use crate::staff::{Role, StaffRoutes};

pub fn routes(routes: &mut Routes) {
    routes.get("/media/{hash}-{width}.{format}", serve::show);
}

/// Registers the admin pages, under `/admin`. Writers may add pictures.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/media", Role::Writer, admin::list)
        .post("/media", Role::Writer, admin::upload)
        .get("/media/{id}", Role::Writer, admin::show)
        .post("/media/{id}", Role::Writer, admin::save)
        .get("/media/{id}/preview", Role::Writer, admin::preview)
        .post("/media/{id}/trash", Role::Writer, admin::trash)
        .post("/media/{id}/restoration", Role::Writer, admin::restore);
}
