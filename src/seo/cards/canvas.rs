//! Drawing surface of share cards: shapes in a few colours with smooth edges, encoded as PNG with a palette.

use zeno::{Command, Mask};

use crate::web::ShareCard;

/// Colours that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Text,
    Quiet,
    Accent,
}

const BACKGROUND: [u8; 3] = [11, 59, 64];
/// In the order of [`Ink`].
const INKS: [[u8; 3]; 3] = [[242, 248, 247], [169, 200, 197], [246, 181, 159]];
/// Mixtures of the background with each ink, from none to full. More would be smoother, but the files larger.
const LEVELS: u8 = 8;

/// One byte per pixel: the ink times [`LEVELS`], plus its level. Level 0 is the background.
pub struct Canvas {
    pixels: Vec<u8>,
}

const WIDTH: usize = ShareCard::WIDTH as usize;
const HEIGHT: usize = ShareCard::HEIGHT as usize;

impl Canvas {
    pub fn new() -> Self {
        Self { pixels: vec![0; WIDTH * HEIGHT] }
    }

    /// Fills a path. Parts outside the surface are cut off.
    pub fn fill(&mut self, path: &[Command], ink: Ink) {
        let (mask, place) = Mask::new(path).render();
        let width = place.width as usize;
        if width == 0 {
            return;
        }
        for (y, row) in mask.chunks_exact(width).enumerate() {
            for (x, coverage) in row.iter().enumerate() {
                self.paint(place.left, place.top, x, y, *coverage, ink);
            }
        }
    }

    fn paint(&mut self, left: i32, top: i32, x: usize, y: usize, coverage: u8, ink: Ink) {
        let level = coverage / (u8::MAX / (LEVELS - 1));
        let at = |start: i32, offset: usize| usize::try_from(i64::from(start) + offset as i64).ok();
        if let (Some(x), Some(y)) = (at(left, x).filter(|x| *x < WIDTH), at(top, y).filter(|y| *y < HEIGHT)) {
            let pixel = &mut self.pixels[y * WIDTH + x];
            if level > *pixel % LEVELS {
                *pixel = ink as u8 * LEVELS + level;
            }
        }
    }

    pub fn rectangle(&mut self, left: f32, top: f32, width: f32, height: f32, ink: Ink) {
        let (right, bottom) = (left + width, top + height);
        let path = [
            Command::MoveTo((left, top).into()),
            Command::LineTo((right, top).into()),
            Command::LineTo((right, bottom).into()),
            Command::LineTo((left, bottom).into()),
            Command::Close,
        ];
        self.fill(&path, ink);
    }

    pub fn to_png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut content = vec![];
        let mut encoder = png::Encoder::new(&mut content, ShareCard::WIDTH, ShareCard::HEIGHT);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette());
        encoder.set_compression(png::Compression::High);
        // With a palette, differences between neighbours are no smaller than the pixels.
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(content)
    }
}

fn palette() -> Vec<u8> {
    let full = u32::from(LEVELS - 1);
    let mix = |ink: [u8; 3], level: u32| {
        [0, 1, 2].map(|channel| {
            let sum = u32::from(ink[channel]) * level + u32::from(BACKGROUND[channel]) * (full - level);
            u8::try_from(sum / full).unwrap_or(u8::MAX)
        })
    };
    INKS.into_iter().flat_map(|ink| (0..=full).flat_map(move |level| mix(ink, level))).collect()
}
