//! Tests that are left out where this machine lacks something: said aloud, and never on the build machine.

use std::io::Write;

/// Whether nothing may be left out: on the build machine (`CI=true`), or where this variable says `required`.
pub fn is_required(variable: &str) -> bool {
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|is| is == value);
    is("CI", "true") || is(variable, "required")
}

/// Says why a test is left out, or fails where it must not be.
#[track_caller]
pub fn skip<T>(reason: &str, variable: &str) -> Option<T> {
    assert!(!is_required(variable), "{reason}");
    report(reason);
    None
}

/// Says it past the harness, which shows nothing that a passing test prints.
pub fn report(reason: &str) {
    // Who cannot be told is not told.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}
