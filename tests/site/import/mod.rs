//! Taking the government's file in at the desk.

/// Rounds whose published figures change, and what becomes of pages and posts.
mod changed;
/// Figures that cannot be, or are so odd that somebody must look.
mod doubted;
/// Rounds that are new to the record.
mod fresh;
/// What is not the feed, and who may not hand it in.
mod refused;
/// Files that say what the record says, however they are written.
mod same;
