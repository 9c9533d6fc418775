//! Helpers for unit tests: random input and property checks.

mod arbitrary;

pub use arbitrary::{any_bytes, any_text, check_property, cpu_time, text_from};
