//! AVIF pictures. A process of its own decodes them, so that a damaged file cannot affect the site.
//!
//! The decoder rav1d is a translation of dav1d from C. It contains `unsafe` code and may end its process on hostile
//! files. Everything else here is safe code.

mod boxes;
mod colors;
mod container;
mod decoder_process;
mod items;
mod layer;
mod tiles;

use std::path::Path;

use image::{DynamicImage, RgbImage, RgbaImage};

use crate::media::avif::container::AvifFile;
use crate::media::decoded_picture::DecodedPicture;
use crate::media::format::PictureError;

pub use decoder_process::{DECODER_COMMAND, decode_standard_input};

/// Reads a picture. `program` is this program, which is started to decode the pixels.
pub fn decode(content: &[u8], program: &Path) -> Result<DecodedPicture, PictureError> {
    let file = AvifFile::parse(content)?;
    let decoded = decoder_process::run(program, content, &file)?;
    let color_profile = match file.icc_profile {
        Some(profile) => moxcms::ColorProfile::new_from_slice(profile).ok(),
        None => colors::profile(decoded.primaries, decoded.transfer),
    };
    let (width, height) = (file.crop.width, file.crop.height);
    let image = match file.alpha {
        Some(_) => RgbaImage::from_raw(width, height, decoded.pixels).map(DynamicImage::ImageRgba8),
        None => RgbImage::from_raw(width, height, decoded.pixels).map(DynamicImage::ImageRgb8),
    };
    Ok(DecodedPicture {
        image: image.ok_or(PictureError::Damaged)?,
        orientation: file.orientation,
        color_profile,
        is_animated: file.is_animated,
    })
}
