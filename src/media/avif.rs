//! Reads AVIF pictures: the container, one AV1 frame, and its conversion to RGB.

use image::metadata::Orientation;
use image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Decoder, PixelLayout, PlanarImageComponent, Plane, Settings};

use crate::media::format::{MAX_PIXELS, PictureError, check_size};

/// Reads an AVIF picture, and how to turn it upright. Its size is checked before it is decoded.
pub fn decode(content: &[u8]) -> Result<(DynamicImage, Orientation), PictureError> {
    let file = avif_parse::read_avif(&mut &*content).map_err(|_| PictureError::Damaged)?;
    let size = file.primary_item_metadata().map_err(|_| PictureError::Damaged)?;
    check_size(size.max_frame_width.get(), size.max_frame_height.get())?;
    let colors = rgb(&decode_frame(file.primary_item.to_vec())?)?;
    let image = match file.alpha_item {
        Some(alpha) => with_alpha(&colors, &decode_frame(alpha.to_vec())?)?,
        None => DynamicImage::ImageRgb8(colors),
    };
    Ok((image, orientation(content)))
}

/// A decoded frame with its planes.
struct Frame {
    width: u32,
    height: u32,
    layout: PixelLayout,
    luma: Samples,
    /// Blue and red difference; `None` for a frame without colours.
    chroma: Option<[Samples; 2]>,
    matrix: MatrixCoefficients,
    range: YUVRange,
}

/// Samples of one plane.
struct Samples {
    plane: Plane,
    /// Bytes per row.
    stride: usize,
    /// 8, 10 or 12.
    bits: u32,
}

impl Samples {
    /// A sample, from 0 to 1 over the full range of its bits.
    fn at(&self, x: u32, y: u32) -> f32 {
        let row = y as usize * self.stride;
        let value = if self.bits == 8 {
            self.plane.get(row + x as usize).copied().map_or(0, u16::from)
        } else {
            let start = row + 2 * x as usize;
            self.plane.get(start..start + 2).map_or(0, |pair| u16::from_ne_bytes([pair[0], pair[1]]))
        };
        f32::from(value) / f32::from(u16::MAX >> (16 - self.bits))
    }
}

fn decode_frame(data: Vec<u8>) -> Result<Frame, PictureError> {
    let damaged = |_| PictureError::Damaged;
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(MAX_PIXELS).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(damaged)?;
    match decoder.send_data(data, None, None, None) {
        Ok(()) => {}
        Err(error) if error.is_again() => {}
        Err(error) => return Err(damaged(error)),
    }
    let picture = decoder.get_picture().map_err(damaged)?;
    let bits = picture.bits_per_component().map_or(8, |bits| u32::try_from(bits.0).unwrap_or(8));
    let samples =
        |component| Samples { plane: picture.plane(component), stride: picture.stride(component) as usize, bits };
    let layout = picture.pixel_layout();
    let has_colors = layout != PixelLayout::I400;
    Ok(Frame {
        width: picture.width(),
        height: picture.height(),
        layout,
        luma: samples(PlanarImageComponent::Y),
        chroma: has_colors.then(|| [samples(PlanarImageComponent::U), samples(PlanarImageComponent::V)]),
        matrix: picture.matrix_coefficients(),
        range: picture.color_range(),
    })
}

impl Frame {
    /// Luma of a pixel, from 0 to 1.
    fn luma(&self, x: u32, y: u32) -> f32 {
        match self.range {
            YUVRange::Full => self.luma.at(x, y),
            _ => (self.luma.at(x, y) * 255.0 - 16.0) / 219.0,
        }
    }

    /// Blue and red difference of a pixel, from -0.5 to 0.5.
    fn chroma(&self, planes: &[Samples; 2], x: u32, y: u32) -> [f32; 2] {
        let (x, y) = match self.layout {
            PixelLayout::I420 => (x / 2, y / 2),
            PixelLayout::I422 => (x / 2, y),
            _ => (x, y),
        };
        [&planes[0], &planes[1]].map(|plane| {
            let value = plane.at(x, y) * 255.0 - 128.0;
            if self.range == YUVRange::Full { value / 255.0 } else { value / 224.0 }
        })
    }
}

/// Converts a frame to RGB (ITU-T H.273, section 8.3).
fn rgb(frame: &Frame) -> Result<RgbImage, PictureError> {
    check_size(frame.width, frame.height)?;
    // Weights of red and blue in the luma.
    let (red_weight, blue_weight) = match frame.matrix {
        MatrixCoefficients::BT709 => (0.2126, 0.0722),
        MatrixCoefficients::BT2020NonConstantLuminance => (0.2627, 0.0593),
        _ => (0.299, 0.114),
    };
    let green_weight = 1.0 - red_weight - blue_weight;
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    Ok(RgbImage::from_fn(frame.width, frame.height, |x, y| {
        let luma = frame.luma(x, y);
        let Some(planes) = &frame.chroma else { return Rgb([byte(luma); 3]) };
        if frame.matrix == MatrixCoefficients::Identity {
            // The planes contain green, blue and red.
            let [blue, red] = [&planes[0], &planes[1]].map(|plane| plane.at(x, y));
            return Rgb([byte(red), byte(luma), byte(blue)]);
        }
        let [blue_difference, red_difference] = frame.chroma(planes, x, y);
        let red = luma + 2.0 * (1.0 - red_weight) * red_difference;
        let blue = luma + 2.0 * (1.0 - blue_weight) * blue_difference;
        let green = (luma - red_weight * red - blue_weight * blue) / green_weight;
        Rgb([byte(red), byte(green), byte(blue)])
    }))
}

/// Adds the alpha channel, which is the luma of a second frame.
fn with_alpha(colors: &RgbImage, alpha: &Frame) -> Result<DynamicImage, PictureError> {
    if (alpha.width, alpha.height) != colors.dimensions() {
        return Err(PictureError::Damaged);
    }
    let image = RgbaImage::from_fn(alpha.width, alpha.height, |x, y| {
        let Rgb([red, green, blue]) = *colors.get_pixel(x, y);
        image::Rgba([red, green, blue, (alpha.luma(x, y).clamp(0.0, 1.0) * 255.0).round() as u8])
    });
    Ok(DynamicImage::ImageRgba8(image))
}

/// How to turn the picture upright, from its properties `irot` and `imir` (ISO/IEC 23008-12, sections 6.5.10 and 6.5.12).
fn orientation(content: &[u8]) -> Orientation {
    let properties = find_box(content, b"meta")
        // `meta` starts with its version and flags.
        .and_then(|meta| find_box(meta.get(4..)?, b"iprp"))
        .and_then(|properties| find_box(properties, b"ipco"))
        .unwrap_or_default();
    let first_byte = |name| find_box(properties, name).and_then(|property| property.first().copied());
    // Quarter turns against the clock, then the axis of the reflection.
    let (turns, axis) = (first_byte(b"irot").map_or(0, |byte| byte & 3), first_byte(b"imir").map(|byte| byte & 1));
    match (turns, axis) {
        (0, None) => Orientation::NoTransforms,
        (1, None) => Orientation::Rotate270,
        (2, None) => Orientation::Rotate180,
        (_, None) => Orientation::Rotate90,
        (0, Some(1)) | (2, Some(0)) => Orientation::FlipHorizontal,
        (0, Some(_)) | (2, Some(_)) => Orientation::FlipVertical,
        (1, Some(0)) | (3, Some(1)) => Orientation::Rotate90FlipH,
        (_, Some(_)) => Orientation::Rotate270FlipH,
    }
}

/// Content of the first box with this type.
fn find_box<'a>(mut boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    while let Some((header, _)) = boxes.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]);
        let length = if length == 0 { boxes.len() } else { usize::try_from(length).ok()? };
        let content = boxes.get(8..length)?;
        if header[4..] == kind[..] {
            return Some(content);
        }
        boxes = &boxes[length..];
    }
    None
}
