//! Recognises the format of an uploaded file by its content, and names what is refused.

use crate::web::{UploadedFiles, with_thousands};

/// Maximum width and height in pixels. WebP allows 16,383.
pub const MAX_SIDE: u32 = 16_000;
/// Maximum number of pixels: those of most telephones. A picture takes four bytes of memory per pixel.
pub const MAX_PIXELS: u64 = 40_000_000;

/// Format that the site reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    Jpeg,
    Png,
    WebP,
    Gif,
    Avif,
}

/// Why a file is refused. The text continues "The file a.jpg …".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("is empty. Choose it again, or export it again from the program that made it.")]
    Empty,
    #[error("is larger than {} MB. Upload a smaller copy.", UploadedFiles::MAX_FILE_BYTES / 1024 / 1024)]
    TooManyBytes,
    #[error(
        "has {} × {} pixels. A picture may have at most {} megapixels and {} pixels per side. Upload a smaller copy.",
        with_thousands(i64::from(*.0)),
        with_thousands(i64::from(*.1)),
        MAX_PIXELS / 1_000_000,
        with_thousands(i64::from(MAX_SIDE))
    )]
    TooManyPixels(u32, u32),
    #[error("is an SVG or HTML file, which can contain scripts. Save it as PNG and upload that.")]
    Document,
    #[error("is a HEIC picture, which browsers cannot show. Save it as JPEG and upload that.")]
    Heic,
    #[error("is an AVIF picture of a kind that the site cannot read. Save it as JPEG, PNG or WebP and upload that.")]
    UnsupportedAvif,
    #[error("is an AVIF picture, which the site cannot read at the moment. Save it as JPEG or PNG and upload that.")]
    NoDecoder,
    #[error("is not a picture in a format that the site reads. Use JPEG, PNG, WebP, GIF or AVIF.")]
    UnknownFormat,
    #[error("is damaged or incomplete. Open it in a picture program, save it as JPEG or PNG, and upload that.")]
    Damaged,
}

impl PictureFormat {
    /// The format of a file according to its first bytes. The name of the file does not matter.
    pub fn of(content: &[u8]) -> Result<Self, PictureError> {
        if content.is_empty() {
            return Err(PictureError::Empty);
        }
        match content {
            [0xFF, 0xD8, 0xFF, ..] => return Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => return Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => return Ok(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => return Ok(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => return Self::of_brands(brand),
            _ => {}
        }
        let start = String::from_utf8_lossy(&content[..content.len().min(1024)]).to_ascii_lowercase();
        let is_document = ["<svg", "<html", "<!doctype", "<?xml", "<script"].iter().any(|tag| start.contains(tag));
        Err(if is_document { PictureError::Document } else { PictureError::UnknownFormat })
    }

    /// The format according to the brands of an ISO media file: the main brand, a version, and the compatible brands.
    fn of_brands(brands: &[u8]) -> Result<Self, PictureError> {
        let mut brands = brands.chunks_exact(4).take(16);
        if brands.clone().any(|brand| matches!(brand, b"avif" | b"avis")) {
            return Ok(Self::Avif);
        }
        let is_heic = brands.any(|brand| matches!(brand, b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1"));
        Err(if is_heic { PictureError::Heic } else { PictureError::UnknownFormat })
    }
}

/// Refuses too large a picture. Called before memory for its pixels is allocated.
pub fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    let is_too_large = width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS;
    match (width, height) {
        (0, _) | (_, 0) => Err(PictureError::Damaged),
        _ if is_too_large => Err(PictureError::TooManyPixels(width, height)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_recognised_by_content() {
        for (content, expected) in [
            (&b"\xff\xd8\xff\xe0JFIF"[..], Ok(PictureFormat::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Ok(PictureFormat::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Ok(PictureFormat::WebP)),
            (b"GIF89a", Ok(PictureFormat::Gif)),
            (b"\0\0\0\x1cftypavif\0\0\0\0mif1", Ok(PictureFormat::Avif)),
            (b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1", Ok(PictureFormat::Avif)),
            (b"\0\0\0\x1cftypheic\0\0\0\0mif1", Err(PictureError::Heic)),
            (b"\0\0\0\x1cftypisom\0\0\0\0mp41", Err(PictureError::UnknownFormat)),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", Err(PictureError::Document)),
            (b" \n<!-- --><HTML>", Err(PictureError::Document)),
            (b"RIFF\0\0\0\0WAVE", Err(PictureError::UnknownFormat)),
            (b"BM", Err(PictureError::UnknownFormat)),
            (b"%PDF-1.7", Err(PictureError::UnknownFormat)),
            (b"", Err(PictureError::Empty)),
        ] {
            assert_eq!(PictureFormat::of(content), expected, "{content:?}");
        }
    }

    #[test]
    fn sides_and_pixels_are_limited() {
        assert_eq!(check_size(8_000, 5_000), Ok(()));
        for (width, height) in [(8_000, 5_001), (16_001, 10), (u32::MAX, u32::MAX)] {
            assert_eq!(check_size(width, height), Err(PictureError::TooManyPixels(width, height)));
        }
        assert_eq!(check_size(0, 10), Err(PictureError::Damaged));
    }
}
