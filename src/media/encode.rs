//! Makes the files that the site serves from a picture: upright, without metadata, in several widths and formats.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, Rgba, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::http::sha256_hex;
use crate::media::decode::decode;
use crate::media::decoded_picture::DecodedPicture;
use crate::media::format::PictureError;
use crate::web::{PICTURE_HASH_LEN, Picture};

const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 78.0;

/// A picture with its files, ready to be stored.
pub struct ProcessedPicture {
    pub picture: Picture,
    pub files: Vec<PictureFile>,
    /// Whether frames after the first one were left out.
    pub is_animated: bool,
}

pub struct PictureFile {
    pub width: u32,
    /// `webp` or `jpg`.
    pub format: &'static str,
    pub content: Vec<u8>,
}

/// Reads an uploaded picture and makes its files. Takes up to a few seconds.
pub fn process(content: &[u8], program: &Path) -> Result<ProcessedPicture, PictureError> {
    let DecodedPicture { image, orientation, color_profile, is_animated } = decode(content, program)?;
    let mut largest = upright(image, orientation);
    if let Some(profile) = color_profile {
        largest = to_srgb(largest, &profile);
    }
    let (width, height) = (largest.width(), largest.height());
    let mut files = vec![];
    let mut image = largest;
    // From the largest to the smallest, each made from the previous one.
    for width in Picture::widths_up_to(width).into_iter().rev() {
        image = shrink(image, width);
        files.push(PictureFile { width, format: "webp", content: encode_webp(&image)? });
        files.push(PictureFile { width, format: "jpg", content: encode_jpeg(image.clone())? });
    }
    let all: Vec<u8> = files.iter().flat_map(|file| file.content.iter().copied()).collect();
    let hash = sha256_hex(&all)[..PICTURE_HASH_LEN].to_owned();
    Ok(ProcessedPicture { picture: Picture { hash, width, height }, files, is_animated })
}

/// Turns a picture upright, at most [`Picture::MAX_WIDTH`] wide. Shrinks it first, because that needs less memory.
fn upright(image: DynamicImage, orientation: Orientation) -> DynamicImage {
    let is_turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let mut image = if is_turned && image.height() > Picture::MAX_WIDTH {
        let width = scaled(image.width(), Picture::MAX_WIDTH, image.height());
        shrink_to(image, width, Picture::MAX_WIDTH)
    } else if is_turned {
        image
    } else {
        shrink(image, Picture::MAX_WIDTH)
    };
    image.apply_orientation(orientation);
    match image.color().has_alpha() {
        true => with_alpha(image.into_rgba8()),
        false => DynamicImage::ImageRgb8(image.into_rgb8()),
    }
}

/// Without its alpha channel if every pixel is opaque.
fn with_alpha(image: RgbaImage) -> DynamicImage {
    let is_opaque = image.pixels().all(|Rgba([.., alpha])| *alpha == u8::MAX);
    let image = DynamicImage::ImageRgba8(image);
    if is_opaque { DynamicImage::ImageRgb8(image.into_rgb8()) } else { image }
}

/// Shrinks a picture to a width. A narrower picture stays as it is.
fn shrink(image: DynamicImage, width: u32) -> DynamicImage {
    if image.width() <= width {
        return image;
    }
    let height = scaled(image.height(), width, image.width());
    shrink_to(image, width, height)
}

fn shrink_to(image: DynamicImage, width: u32, height: u32) -> DynamicImage {
    // Averaging is much faster than the filter, and as good as long as the filter does the last step.
    let image = if image.width() > 4 * width { image.thumbnail_exact(2 * width, 2 * height) } else { image };
    image.resize_exact(width, height, FilterType::CatmullRom)
}

/// `length * numerator / denominator`, at least 1.
fn scaled(length: u32, numerator: u32, denominator: u32) -> u32 {
    let scaled = (u64::from(length) * u64::from(numerator) + u64::from(denominator) / 2) / u64::from(denominator);
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// Converts the colours to sRGB, the colour space of pictures without a profile. Ignores profiles of other kinds.
fn to_srgb(image: DynamicImage, profile: &ColorProfile) -> DynamicImage {
    if profile.color_space != DataColorSpace::Rgb {
        return image;
    }
    let layout = if image.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else {
        return image;
    };
    let mut converted = vec![0; image.as_bytes().len()];
    if transform.transform(image.as_bytes(), &mut converted).is_err() {
        return image;
    }
    let (width, height) = (image.width(), image.height());
    let converted = match layout {
        Layout::Rgba => RgbaImage::from_raw(width, height, converted).map(DynamicImage::ImageRgba8),
        _ => RgbImage::from_raw(width, height, converted).map(DynamicImage::ImageRgb8),
    };
    converted.unwrap_or(image)
}

fn encode_webp(image: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let (width, height, pixels) = (image.width(), image.height(), image.as_bytes());
    let encoder = match image.color().has_alpha() {
        true => webp::Encoder::from_rgba(pixels, width, height),
        false => webp::Encoder::from_rgb(pixels, width, height),
    };
    let encoded = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| PictureError::Damaged)?;
    Ok(encoded.to_vec())
}

/// Encodes a picture as JPEG, on white where it is transparent.
fn encode_jpeg(image: DynamicImage) -> Result<Vec<u8>, PictureError> {
    let opaque = match image {
        DynamicImage::ImageRgba8(image) => on_white(&image),
        image => image.into_rgb8(),
    };
    let mut encoded = vec![];
    JpegEncoder::new_with_quality(&mut encoded, JPEG_QUALITY)
        .encode_image(&opaque)
        .map_err(|_| PictureError::Damaged)?;
    Ok(encoded)
}

fn on_white(image: &RgbaImage) -> RgbImage {
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (target, Rgba([red, green, blue, alpha])) in opaque.pixels_mut().zip(image.pixels()) {
        let alpha = u32::from(*alpha);
        target.0 = [*red, *green, *blue].map(|value| {
            let blended = (u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255;
            u8::try_from(blended).unwrap_or(u8::MAX)
        });
    }
    opaque
}
