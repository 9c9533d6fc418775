//! Decodes the tiles of a picture and puts them together, one row of tiles at a time.

use std::io::Write;

use re_rav1d::dav1d::pixel::YUVRange;
use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Plane, Settings};

use crate::media::avif::colors::{ColorConversion, Yuv, to_byte};
use crate::media::avif::container::{AvifFile, Colors};
use crate::media::avif::layer::{Layer, Tile};
use crate::media::format::PictureError;

/// Decodes a picture and writes it. See the module `decoder_process` for the format.
pub fn decode(file: &AvifFile, output: &mut impl Write) -> Result<(), PictureError> {
    let (crop, columns) = (file.crop, usize_of(file.color.columns));
    let (tile_width, tile_height) = (file.color.tile_width, file.color.tile_height);
    let mut is_started = false;
    let mut line = vec![];
    for (row, tiles) in (0..).zip(file.color.tiles.chunks(columns)) {
        let top = row * tile_height;
        // Of this row of tiles.
        let shown = crop.top.max(top)..(crop.top + crop.height).min(top + tile_height);
        if shown.is_empty() {
            continue;
        }
        let color = tiles.iter().map(|tile| Frame::decode(tile, &file.color)).collect::<Result<Vec<_>, _>>()?;
        let alpha = match &file.alpha {
            None => vec![],
            Some(layer) => {
                let tiles = layer.tiles.chunks(columns).nth(usize_of(row)).unwrap_or_default();
                tiles.iter().map(|tile| Frame::decode(tile, layer)).collect::<Result<Vec<_>, _>>()?
            }
        };
        let first = color.first().ok_or(PictureError::Damaged)?;
        let colors = file.colors.unwrap_or(first.colors);
        let conversion = ColorConversion::new(colors).ok_or(PictureError::UnsupportedAvif)?;
        if !is_started {
            is_started = true;
            output.write_all(&[colors.primaries, conversion.transfer()]).map_err(|_| PictureError::Damaged)?;
        }
        for y in shown {
            line.clear();
            for x in crop.left..crop.left + crop.width {
                let (at, x, y) = (usize_of(x / tile_width), usize_of(x % tile_width), usize_of(y - top));
                let opacity = alpha.get(at).map(|frame| frame.opacity(x, y));
                let divisor = opacity.filter(|opacity| file.is_premultiplied && *opacity > 0.0).unwrap_or(1.0);
                let frame = color.get(at).ok_or(PictureError::Damaged)?;
                let yuv = frame.yuv(x, y, colors.is_full_range, conversion.is_rgb());
                line.extend(conversion.rgb(yuv, divisor));
                line.extend(opacity.map(to_byte));
            }
            output.write_all(&line).map_err(|_| PictureError::Damaged)?;
        }
    }
    if is_started { Ok(()) } else { Err(PictureError::Damaged) }
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A decoded tile.
struct Frame {
    luma: Samples,
    /// Blue and red difference, and by how many bits their coordinates are shifted.
    chroma: Option<(Samples, Samples, u32, u32)>,
    bits: u32,
    /// According to the tile itself.
    colors: Colors,
}

impl Frame {
    fn decode(tile: &Tile, layer: &Layer) -> Result<Self, PictureError> {
        let mut settings = Settings::new();
        // In this thread.
        settings.set_n_threads(1);
        settings.set_max_frame_delay(1);
        settings.set_all_layers(false);
        settings.set_operating_point(tile.operating_point.min(31).into());
        settings.set_frame_size_limit(layer.tile_width.saturating_mul(layer.tile_height));
        let mut decoder = Decoder::with_settings(&settings).map_err(|_| PictureError::Damaged)?;
        match decoder.send_data(tile.content.concat(), None, None, None) {
            Err(error) if !error.is_again() => return Err(PictureError::Damaged),
            _ => {}
        }
        // The second time, the decoder no longer waits for more layers.
        let picture = decoder.get_picture().or_else(|_| decoder.get_picture()).map_err(|_| PictureError::Damaged)?;
        if (picture.width(), picture.height()) != (layer.tile_width, layer.tile_height) {
            return Err(PictureError::Damaged);
        }
        Ok(Self::new(&picture))
    }

    fn new(picture: &Picture) -> Self {
        let samples = |component| Samples::new(picture, component);
        let shifts = match picture.pixel_layout() {
            PixelLayout::I400 => None,
            PixelLayout::I420 => Some((1, 1)),
            PixelLayout::I422 => Some((1, 0)),
            PixelLayout::I444 => Some((0, 0)),
        };
        let chroma = shifts
            .map(|(across, down)| (samples(PlanarImageComponent::U), samples(PlanarImageComponent::V), across, down));
        let colors = Colors {
            primaries: picture.color_primaries() as u8,
            transfer: picture.transfer_characteristic() as u8,
            matrix: picture.matrix_coefficients() as u8,
            is_full_range: picture.color_range() == YUVRange::Full,
        };
        let bits = u32::try_from(picture.bit_depth()).unwrap_or(8);
        Self { luma: samples(PlanarImageComponent::Y), chroma, bits, colors }
    }

    /// Colour at a place. `is_rgb`: the planes are not brightness and differences, but green, blue and red.
    fn yuv(&self, x: usize, y: usize, is_full_range: bool, is_rgb: bool) -> Yuv {
        let max = f32::from(u16::MAX >> (16 - self.bits));
        // Black is 16 and white 235 in pictures of 8 bits that do not use the full range.
        let unit = f32::from(1_u16 << (self.bits - 8));
        let level = |sample: f32| if is_full_range { sample / max } else { (sample - 16.0 * unit) / (219.0 * unit) };
        let difference = |sample: f32| (sample - 128.0 * unit) / if is_full_range { max } else { 224.0 * unit };
        let chroma = self.chroma.as_ref().map(|(blue, red, across, down)| {
            let (blue, red) = (blue.between(x, y, *across, *down), red.between(x, y, *across, *down));
            if is_rgb { (level(blue), level(red)) } else { (difference(blue), difference(red)) }
        });
        Yuv { luma: level(self.luma.at(x, y)), chroma }
    }

    /// From 0, transparent, to 1.
    fn opacity(&self, x: usize, y: usize) -> f32 {
        self.yuv(x, y, self.colors.is_full_range, false).luma.clamp(0.0, 1.0)
    }
}

/// Values of one plane.
struct Samples {
    plane: Plane,
    /// Bytes per row.
    stride: usize,
    is_wide: bool,
    /// Last column and row.
    last: (usize, usize),
}

impl Samples {
    fn new(picture: &Picture, component: PlanarImageComponent) -> Self {
        let (stride, height) = picture.plane_data_geometry(component);
        let is_halved = component != PlanarImageComponent::Y
            && matches!(picture.pixel_layout(), PixelLayout::I420 | PixelLayout::I422);
        let width = if is_halved { picture.width().div_ceil(2) } else { picture.width() };
        let last = (usize_of(width.saturating_sub(1)), usize_of(height.saturating_sub(1)));
        let is_wide = picture.bit_depth() > 8;
        Self { plane: picture.plane(component), stride: usize_of(stride), is_wide, last }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let row = y.min(self.last.1) * self.stride;
        let x = x.min(self.last.0);
        if self.is_wide {
            let pair = self.plane.get(row + 2 * x..).and_then(|rest| rest.first_chunk());
            pair.map_or(0.0, |pair| u16::from_ne_bytes(*pair).into())
        } else {
            self.plane.get(row + x).map_or(0.0, |&byte| byte.into())
        }
    }

    /// Value at a place of a larger plane, between the nearest values.
    fn between(&self, x: usize, y: usize, across: u32, down: u32) -> f32 {
        let neighbour = |at: usize, shift: u32| match (shift, at & 1) {
            (0, _) => at,
            (_, 0) => (at >> 1).saturating_sub(1),
            _ => (at >> 1) + 1,
        };
        let (near_x, far_x) = (x >> across, neighbour(x, across));
        let row = |y: usize| {
            let near = self.at(near_x, y);
            if across == 0 { near } else { 0.75 * near + 0.25 * self.at(far_x, y) }
        };
        let near = row(y >> down);
        if down == 0 { near } else { 0.75 * near + 0.25 * row(neighbour(y, down)) }
    }
}
