//! Comprehensive Ranking System (CRS): score calculator and past-draw checker.

mod answers;
mod language_tests;
mod partial_profile;
mod profile;
mod score;
mod tables;
#[cfg(test)]
mod tests;
