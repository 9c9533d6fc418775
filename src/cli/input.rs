//! Input of commands.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

/// Reads a file, or standard input for `-`.
pub fn read_file(file: &Path) -> Result<Vec<u8>> {
    let content = if file == Path::new("-") {
        let mut content = vec![];
        std::io::stdin().read_to_end(&mut content).map(|_| content)
    } else {
        std::fs::read(file)
    };
    content.with_context(|| format!("cannot read {}", file.display()))
}
