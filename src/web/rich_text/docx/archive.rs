//! Files in a ZIP archive, with limits on what is unpacked.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::web::file_text::decode_text;

/// Maximum bytes of all unpacked files together. A post has at most 150,000 characters.
const MAX_UNPACKED_BYTES: usize = 24 * 1024 * 1024;
/// Maximum number of files in the archive.
const MAX_FILES: usize = 5_000;

/// Error message for the person who chose the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocxError {
    #[error("The Word file is damaged. Open it in Word, save it again and choose the new file.")]
    Damaged,
    #[error("This archive is not a Word file (.docx).")]
    NotWord,
    #[error("The Word file is too large. Split it into several files.")]
    TooLarge,
    #[error("The Word file is protected with a password. Save it without one and choose the new file.")]
    Encrypted,
}

pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    bytes_left: usize,
}

impl<'a> Archive<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, DocxError> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| DocxError::Damaged)?;
        if zip.len() > MAX_FILES {
            return Err(DocxError::TooLarge);
        }
        Ok(Self { zip, bytes_left: MAX_UNPACKED_BYTES })
    }

    /// Text of a file. `None` if the archive does not contain it.
    ///
    /// The limit counts the bytes that are unpacked, not the size that the archive claims.
    pub fn read(&mut self, name: &str) -> Result<Option<String>, DocxError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => return Err(DocxError::Encrypted),
            Err(_) => return Err(DocxError::Damaged),
        };
        let limit = u64::try_from(self.bytes_left).unwrap_or_default();
        let mut content = vec![];
        file.take(limit + 1).read_to_end(&mut content).map_err(|_| DocxError::Damaged)?;
        self.bytes_left = self.bytes_left.checked_sub(content.len()).ok_or(DocxError::TooLarge)?;
        Ok(Some(decode_text(&content)))
    }
}
