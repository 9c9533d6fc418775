//! Property tests of the code that all pages share.

mod dates;
mod forms;
mod markdown;
