//! Reads an uploaded picture: pixels, orientation and colour profile.

use std::io::Cursor;
use std::path::Path;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use moxcms::ColorProfile;

use crate::media::avif;
use crate::media::decoded_picture::DecodedPicture;
use crate::media::format::{MAX_PIXELS, PictureError, PictureFormat, check_size};

/// Maximum bytes of the pixels of one picture: four for each pixel.
const MAX_DECODED_BYTES: u64 = 4 * MAX_PIXELS;
/// Maximum bytes of everything before the pixels, such as a compressed colour profile.
const MAX_HEADER_BYTES: u64 = 8 * 1024 * 1024;

/// Reads a picture in any of the formats. Its size is checked before memory for its pixels is allocated. `program` is
/// this program, which decodes AVIF in a process of its own.
pub fn decode(content: &[u8], program: &Path) -> Result<DecodedPicture, PictureError> {
    let format = match PictureFormat::of(content)? {
        PictureFormat::Jpeg => ImageFormat::Jpeg,
        PictureFormat::Png => ImageFormat::Png,
        PictureFormat::WebP => ImageFormat::WebP,
        PictureFormat::Gif => ImageFormat::Gif,
        PictureFormat::Avif => return avif::decode(content, program),
    };
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    reader.limits(max_memory(MAX_HEADER_BYTES));
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return Err(PictureError::TooManyPixels(width, height));
    }
    decoder.set_limits(max_memory(MAX_DECODED_BYTES)).map_err(damaged)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    let color_profile = profile.and_then(|profile| ColorProfile::new_from_slice(&profile).ok());
    let image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    Ok(DecodedPicture { image, orientation, color_profile, is_animated: is_animated(content, format) })
}

fn max_memory(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

fn damaged(error: image::ImageError) -> PictureError {
    tracing::debug!("cannot read an uploaded picture: {error}");
    PictureError::Damaged
}

fn is_animated(content: &[u8], format: ImageFormat) -> bool {
    let file = Cursor::new(content);
    match format {
        ImageFormat::Gif => has_two_gif_frames(content),
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(file, max_memory(MAX_HEADER_BYTES));
            decoder.and_then(|decoder| decoder.is_apng()).unwrap_or(false)
        }
        ImageFormat::WebP => WebPDecoder::new(file).is_ok_and(|decoder| decoder.has_animation()),
        _ => false,
    }
}

fn has_two_gif_frames(content: &[u8]) -> bool {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let Ok(mut decoder) = options.read_info(content) else { return false };
    (0..2).all(|_| matches!(decoder.next_frame_info(), Ok(Some(_))))
}
