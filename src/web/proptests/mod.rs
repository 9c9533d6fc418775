//! What must hold of everything that is shared by all pages, whatever is sent.

mod dates;
mod forms;
mod markdown;
