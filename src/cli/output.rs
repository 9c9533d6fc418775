//! Output of commands on stdout.

use std::io::Write;

/// Prints a line. A closed pipe must not stop the command.
pub fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
