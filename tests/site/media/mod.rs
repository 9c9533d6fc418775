//! Pictures: upload, hostile files, library, trash, and their use in posts and pages.

mod avif;
mod files;
mod hostile;
mod library;
mod posts;
mod upload;
