//! Taking the government's file in at the desk.

/// Rounds whose published figures change, and what becomes of pages and posts.
mod changed;
/// Figures that cannot be, or are so odd that somebody must look.
mod doubted;
/// Files in any encoding, and files that are not the feed.
mod encodings;
/// Rounds that are new to the record.
mod fresh;
/// Draws whose number or date is implausible.
mod implausible;
/// Copies of the feed that are older than the record.
mod older;
/// What is not the feed, and who may not hand it in.
mod refused;
/// Files that say what the record says, however they are written.
mod same;
