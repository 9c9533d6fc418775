//! Result of converting a text of WordPress, and the pictures that it refers to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::wordpress::html_tags::regex;

static SIZE_SUFFIX: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:-\d+x\d+|-scaled|-rotated)(\.[A-Za-z]+)$"));

/// Picture in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureReference {
    pub address: String,
    /// ID of its attachment.
    pub attachment_id: Option<i64>,
    pub alt: String,
}

impl PictureReference {
    /// Address of the original file, without the suffix of a smaller size.
    pub fn original_address(&self) -> String {
        original_address(self.address.split(['?', '#']).next().unwrap_or_default())
    }

    /// File name for the report.
    pub fn file_name(&self) -> &str {
        self.address.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default()
    }
}

/// Address of the original file: `a.jpg` for `a-300x200.jpg`.
pub fn original_address(address: &str) -> String {
    SIZE_SUFFIX.replace(address, "$1").into_owned()
}

/// Address and alternative text of an imported picture.
pub type KnownPicture = (String, String);

/// Result of a conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvertedText {
    pub markdown: String,
    /// Names of shortcodes and blocks that stay as text, with their numbers.
    pub shortcodes: BTreeMap<String, usize>,
    /// Names of shortcodes that only arranged their content, with their numbers.
    pub layout: BTreeMap<String, usize>,
    /// Names of files on the old site to which the text links.
    pub files: Vec<String>,
    /// Their addresses.
    pub file_addresses: Vec<String>,
    /// Embedded content, such as videos, that became links.
    pub embedded: usize,
    /// File names of pictures that were not found.
    pub missing: Vec<String>,
}
