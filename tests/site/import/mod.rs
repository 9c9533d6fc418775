//! Import of the government's file in the admin area.

/// Changed figures, and their effect on pages and posts.
mod changed;
/// File encodings, and files of other types.
mod encodings;
/// Implausible numbers and dates.
mod implausible;
/// New draws.
mod new_rounds;
/// Files that are older than the record.
mod older;
/// Rejected files, and permissions.
mod rejected;
/// Files without changes, in all formats.
mod unchanged;
/// Impossible and implausible figures.
mod warnings;
