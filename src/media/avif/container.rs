//! Structure of an AVIF file: items, tiles, turn, crop and colours.
//!
//! Follows ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items) and the AVIF specification. The parsers on crates.io do not
//! read grids with transparency or files whose main brand is another, or need `unsafe` to read sizes and colours.

use image::metadata::Orientation;

use crate::media::avif::boxes::{Boxes, Reader};
use crate::media::avif::items::Meta;
use crate::media::avif::layer::Layer;
use crate::media::format::{PictureError, check_size};

/// An AVIF picture. The content of its tiles is not decoded yet.
#[derive(Debug)]
pub struct AvifFile<'a> {
    pub color: Layer<'a>,
    pub alpha: Option<Layer<'a>>,
    /// Whether the colours were multiplied by the transparency.
    pub is_premultiplied: bool,
    /// Part of the picture that is shown, before it is turned.
    pub crop: Crop,
    pub orientation: Orientation,
    pub icc_profile: Option<&'a [u8]>,
    /// Colours according to the container, which override those of the tiles.
    pub colors: Option<Colors>,
    /// Whether the file also contains an image sequence.
    pub is_animated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// Meaning of the colour values, in the numbers of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colors {
    pub primaries: u8,
    pub transfer: u8,
    pub matrix: u8,
    pub is_full_range: bool,
}

impl<'a> AvifFile<'a> {
    /// Reads the structure, and refuses pictures that are too large.
    pub fn parse(content: &'a [u8]) -> Result<Self, PictureError> {
        let file = Boxes::read(content).ok_or(PictureError::Damaged)?;
        let Some(meta) = file.find(b"meta") else {
            let is_sequence = file.find(b"moov").is_some();
            return Err(if is_sequence { PictureError::UnsupportedAvif } else { PictureError::Damaged });
        };
        let meta = Meta::parse(content, meta).ok_or(PictureError::Damaged)?;
        let primary = meta.primary;
        let color = meta.layer(primary)?;
        check_size(color.width, color.height)?;
        let alpha_item = meta.alpha_of(primary);
        let alpha = alpha_item.map(|item| meta.layer(item)).transpose()?;
        if let Some(alpha) = &alpha {
            let grid = |layer: &Layer| (layer.width, layer.height, layer.columns, layer.tile_width, layer.tile_height);
            if grid(alpha) != grid(&color) {
                return Err(PictureError::UnsupportedAvif);
            }
        }
        let turn = meta.property(primary, b"irot").and_then(|body| body.first()).map_or(0, |angle| angle & 3);
        let mirror = meta.property(primary, b"imir").and_then(|body| body.first()).map(|axis| axis & 1);
        let crop = match meta.property(primary, b"clap") {
            Some(body) => clean_aperture(body, color.width, color.height).ok_or(PictureError::Damaged)?,
            None => Crop { left: 0, top: 0, width: color.width, height: color.height },
        };
        let profiles = || meta.properties(primary, b"colr");
        Ok(Self {
            is_premultiplied: alpha_item.is_some_and(|alpha| meta.refers(b"prem", primary, alpha)),
            color,
            alpha,
            crop,
            orientation: orientation(turn, mirror),
            icc_profile: profiles().find_map(|body| body.strip_prefix(b"prof").or_else(|| body.strip_prefix(b"rICC"))),
            colors: profiles().find_map(Colors::parse),
            is_animated: file.find(b"moov").is_some(),
        })
    }
}

impl Colors {
    /// Colours of a box `colr`, if it contains numbers and not a profile.
    fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body.strip_prefix(b"nclx")?);
        // Larger numbers are not defined; 2 means "unspecified".
        let mut number = || reader.u16().map(|number| u8::try_from(number).unwrap_or(2));
        let (primaries, transfer, matrix) = (number()?, number()?, number()?);
        Some(Self { primaries, transfer, matrix, is_full_range: reader.u8()? & 0x80 != 0 })
    }
}

/// Orientation after a turn by quarters against the clock, and then mirroring: 0 top and bottom, 1 left and right.
fn orientation(quarters: u8, mirror: Option<u8>) -> Orientation {
    // Turning by a half exchanges the two ways to mirror.
    match (quarters, mirror) {
        (0, None) => Orientation::NoTransforms,
        (1, None) => Orientation::Rotate270,
        (2, None) => Orientation::Rotate180,
        (_, None) => Orientation::Rotate90,
        (0, Some(0)) | (2, Some(1)) => Orientation::FlipVertical,
        (0, Some(_)) | (2, Some(_)) => Orientation::FlipHorizontal,
        (1, Some(0)) | (3, Some(1)) => Orientation::Rotate90FlipH,
        _ => Orientation::Rotate270FlipH,
    }
}

/// The visible part of a picture. `None` if it is not inside of the picture.
fn clean_aperture(body: &[u8], width: u32, height: u32) -> Option<Crop> {
    let mut reader = Reader(body);
    let mut fraction = || {
        let (numerator, denominator) = (reader.u32()?, reader.u32()?);
        // Offsets are signed.
        (denominator != 0).then(|| f64::from(numerator.cast_signed()) / f64::from(denominator.cast_signed()))
    };
    let (shown_width, shown_height, right, down) = (fraction()?, fraction()?, fraction()?, fraction()?);
    let range = |full: u32, shown: f64, offset: f64| {
        let start = ((f64::from(full) - shown) / 2.0 + offset).round();
        let is_inside = start >= 0.0 && shown >= 1.0 && start + shown.floor() <= f64::from(full);
        // Within the size of the picture.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
        is_inside.then(|| (start as u32, shown.floor() as u32))
    };
    let ((left, width), (top, height)) = (range(width, shown_width, right)?, range(height, shown_height, down)?);
    Some(Crop { left, top, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_and_mirrors_are_one_orientation() {
        // The table of libavif for EXIF orientations.
        for (exif, quarters, mirror) in [
            (1, 0, None),
            (2, 0, Some(1)),
            (3, 2, None),
            (4, 0, Some(0)),
            (5, 1, Some(0)),
            (6, 3, None),
            (7, 3, Some(0)),
            (8, 1, None),
            // The same in other words.
            (4, 2, Some(1)),
            (2, 2, Some(0)),
            (7, 1, Some(1)),
            (5, 3, Some(1)),
        ] {
            assert_eq!(orientation(quarters, mirror).to_exif(), exif, "{quarters} {mirror:?}");
        }
    }

    #[test]
    fn visible_part_must_be_inside_of_the_picture() {
        let aperture = |numbers: [i32; 8]| {
            let body: Vec<u8> = numbers.into_iter().flat_map(i32::to_be_bytes).collect();
            clean_aperture(&body, 100, 50).map(|crop| (crop.left, crop.top, crop.width, crop.height))
        };
        assert_eq!(aperture([80, 1, 40, 1, 0, 1, 0, 1]), Some((10, 5, 80, 40)));
        assert_eq!(aperture([160, 2, 40, 1, -10, 1, 5, 1]), Some((0, 10, 80, 40)));
        for outside in [
            [101, 1, 40, 1, 0, 1, 0, 1],
            [80, 1, 40, 1, 11, 1, 0, 1],
            [80, 1, 40, 1, 0, 1, -6, 1],
            [80, 0, 40, 1, 0, 1, 0, 1],
            [0, 1, 40, 1, 0, 1, 0, 1],
            [-80, 1, 40, 1, 0, 1, 0, 1],
        ] {
            assert_eq!(aperture(outside), None, "{outside:?}");
        }
        assert_eq!(clean_aperture(&[0; 12], 100, 50), None);
    }
    /// The parser runs in the site itself.
    #[test]
    fn damage_anywhere_is_an_error_and_never_a_panic() {
        let mut refused = 0;
        for content in [
            &include_bytes!("../../../tests/data/avif/grid-alpha.avif")[..],
            include_bytes!("../../../tests/data/avif/turned-mirrored.avif"),
            include_bytes!("../../../tests/data/avif/photo.avif"),
        ] {
            assert!(AvifFile::parse(content).is_ok());
            for at in 0..content.len() {
                refused += usize::from(AvifFile::parse(&content[..at]).is_err());
                for value in [0, 1, 0x7F, 0x80, 0xFF] {
                    let mut damaged = content.to_vec();
                    damaged[at] = value;
                    refused += usize::from(AvifFile::parse(&damaged).is_err());
                }
            }
        }
        assert!(refused > 1000, "{refused} were refused");
    }
    /// Content that consists of parts is not copied, or a small file could take any amount of memory.
    #[test]
    fn overlapping_and_countless_parts_are_refused() {
        let plain = &include_bytes!("../../../tests/data/avif/plain.avif")[..];
        let at = plain.windows(4).position(|part| part == b"iloc").unwrap();
        // Box, version, sizes of 0 bytes for offset and length, one item with this many parts: each is the whole file.
        let with_parts = |parts: u16| {
            let body = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0][..], &parts.to_be_bytes(), &[0; 8]].concat();
            assert_eq!(body.len(), 22);
            [&plain[..at + 4], &body, &plain[at + 4 + 22..]].concat()
        };
        assert!(AvifFile::parse(&with_parts(1)).is_ok());
        for parts in [2, 4096, u16::MAX] {
            assert_eq!(AvifFile::parse(&with_parts(parts)).unwrap_err(), PictureError::Damaged, "{parts}");
        }
        // More items than there are entries to look at.
        let mut items = plain.to_vec();
        items[at + 10..at + 12].copy_from_slice(&[0xFF, 0xFF]);
        assert_eq!(AvifFile::parse(&items).unwrap_err(), PictureError::Damaged);
    }
}
