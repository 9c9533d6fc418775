//! Taking the government's file in in the admin area.

/// Rounds whose published figures change, and what becomes of pages and posts.
mod changed;
/// Files in any encoding, and files that are not the feed.
mod encodings;
/// Draws whose number or date is implausible.
mod implausible;
/// Rounds that are new to the record.
mod new_rounds;
/// Copies of the feed that are older than the record.
mod older;
/// What is not the feed, and who may not hand it in.
mod rejected;
/// Files that say what the record says, however they are written.
mod unchanged;
/// Figures that cannot be, or are so odd that somebody must look.
mod warnings;
