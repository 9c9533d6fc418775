//! Skipping tests when a program is missing. Not allowed in CI.

use std::io::Write;

/// Whether skipping is forbidden: in CI (`CI=true`), or if the variable is `required`.
pub fn is_required(variable: &str) -> bool {
    let is = |variable: &str, value: &str| std::env::var(variable).is_ok_and(|is| is == value);
    is("CI", "true") || is(variable, "required")
}

/// Prints why a test is skipped, or fails if skipping is forbidden.
#[track_caller]
pub fn skip<T>(reason: &str, variable: &str) -> Option<T> {
    assert!(!is_required(variable), "{reason}");
    report(reason);
    None
}

/// Prints despite the test harness, which hides the output of passing tests.
pub fn report(reason: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}
