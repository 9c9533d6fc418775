//! Text of share cards: fonts, shaping (also of Arabic scripts), direction and line breaks.

use std::ops::Range;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use harfrust::font::glyph::outline::{DrawMemory, DrawOptions, PathElement};
use harfrust::{Buffer, Direction, Font, GlyphId, ShapeOptions, ShaperFont, shape};
use unicode_bidi::{BidiInfo, Level};
use zeno::{Command, Point};

use crate::seo::cards::canvas::{Canvas, Ink};

/// Fonts of the Noto project (`data/fonts/LICENSE.txt`), reduced to the letters of European languages, Arabic and Urdu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

static REGULAR: LazyLock<Option<Font>> =
    LazyLock::new(|| font(include_bytes!("../../../data/fonts/NotoSans-Regular.ttf")));
static BOLD: LazyLock<Option<Font>> = LazyLock::new(|| font(include_bytes!("../../../data/fonts/NotoSans-Bold.ttf")));
static ARABIC: LazyLock<Option<Font>> =
    LazyLock::new(|| font(include_bytes!("../../../data/fonts/NotoNaskhArabic-Bold.ttf")));

fn font(content: &'static [u8]) -> Option<Font> {
    Font::new(content, 0)
}

/// Text in one style.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Pixels per em.
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
}

/// Glyph with its place in pixels, from the start of the line and its baseline.
struct PlacedGlyph {
    font: &'static Font,
    id: GlyphId,
    x: f32,
    y: f32,
}

/// Shaped line.
pub struct ShapedLine {
    glyphs: Vec<PlacedGlyph>,
    /// Pixels.
    pub width: f32,
    pub is_rtl: bool,
}

impl Style {
    /// Shapes a text that fits on one line.
    pub fn line(self, text: &str) -> Result<ShapedLine> {
        let bidi = BidiInfo::new(text, None);
        let mut line = ShapedLine { glyphs: vec![], width: 0.0, is_rtl: false };
        let Some(paragraph) = bidi.paragraphs.first() else { return Ok(line) };
        line.is_rtl = paragraph.level.is_rtl();
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let is_rtl = levels.get(run.start).is_some_and(Level::is_rtl);
            let mut segments = segments(text, run);
            if is_rtl {
                segments.reverse();
            }
            for (segment, is_arabic) in segments {
                self.shape(&text[segment], is_arabic, is_rtl, &mut line)?;
            }
        }
        Ok(line)
    }

    fn shape(self, text: &str, is_arabic: bool, is_rtl: bool, line: &mut ShapedLine) -> Result<()> {
        let loaded = match (is_arabic, self.weight) {
            (true, _) => &*ARABIC,
            (false, Weight::Regular) => &*REGULAR,
            (false, Weight::Bold) => &*BOLD,
        };
        let font = loaded.as_ref().context("a font of the share cards cannot be read")?;
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        shape(&ShaperFont::new(font), &mut buffer, ShapeOptions::new())
            .map_err(|error| anyhow::anyhow!("cannot shape a text: {error:?}"))?;
        let scale = self.size / f32::from(font.units_per_em());
        for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            // Letters without a glyph are left out.
            if info.glyph_id != 0 {
                let (x, y) = (line.width + position.x_offset as f32 * scale, position.y_offset as f32 * scale);
                line.glyphs.push(PlacedGlyph { font, id: GlyphId::new(info.glyph_id), x, y });
                line.width += position.x_advance as f32 * scale;
            }
        }
        Ok(())
    }

    /// Breaks a text into lines of at most `width` pixels. The last line ends with "…" if there is more text.
    pub fn lines(self, text: &str, width: f32, max_lines: usize) -> Result<(Vec<ShapedLine>, bool)> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut lines = vec![];
        let mut start = 0;
        while start < words.len() && lines.len() < max_lines {
            let is_last = lines.len() + 1 == max_lines;
            let mut end = start + 1;
            while end < words.len() && self.line(&words[start..=end].join(" "))?.width <= width {
                end += 1;
            }
            let mut line = words[start..end].join(" ");
            let is_too_long = |line: &str| Ok::<_, anyhow::Error>(self.line(line)?.width > width);
            if is_too_long(&line)? || (is_last && end < words.len()) {
                while !line.is_empty() && is_too_long(&format!("{line}…"))? {
                    line.pop();
                }
                line = format!("{}…", line.trim_end());
            }
            lines.push(self.line(&line)?);
            start = end;
        }
        Ok((lines, start < words.len()))
    }

    /// Draws a line with its baseline at `y`, from `x` or, for right-to-left text, up to `x + width`.
    pub fn draw(self, canvas: &mut Canvas, line: &ShapedLine, x: f32, y: f32, width: f32) {
        let left = if line.is_rtl { x + width - line.width } else { x };
        for glyph in &line.glyphs {
            let outlines = glyph.font.outline_glyphs();
            let mut path: Vec<PathElement> = vec![];
            let options = DrawOptions::new().with_ppem(Some(self.size));
            // A glyph without an outline, such as a space, draws nothing.
            if let Some(outline) = outlines.get(glyph.id)
                && outline.draw(&options, DrawMemory::Scratch, &mut path).is_ok()
            {
                let at = |px: f32, py: f32| Point::new(left + glyph.x + px, y - glyph.y - py);
                let commands: Vec<Command> = path.into_iter().map(|element| command(element, &at)).collect();
                canvas.fill(&commands, self.ink);
            }
        }
    }
}

fn command(element: PathElement, at: &impl Fn(f32, f32) -> Point) -> Command {
    match element {
        PathElement::MoveTo { x, y } => Command::MoveTo(at(x, y)),
        PathElement::LineTo { x, y } => Command::LineTo(at(x, y)),
        PathElement::QuadTo { cx0, cy0, x, y } => Command::QuadTo(at(cx0, cy0), at(x, y)),
        PathElement::CurveTo { cx0, cy0, cx1, cy1, x, y } => Command::CurveTo(at(cx0, cy0), at(cx1, cy1), at(x, y)),
        PathElement::Close => Command::Close,
    }
}

/// Parts of a run, and whether each is written in the Arabic script. Spaces belong to the part before them.
fn segments(text: &str, run: Range<usize>) -> Vec<(Range<usize>, bool)> {
    let mut segments: Vec<(Range<usize>, bool)> = vec![];
    for (offset, c) in text[run.clone()].char_indices() {
        let start = run.start + offset;
        let end = start + c.len_utf8();
        let is_arabic = matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fdf2}' | '\u{fdfc}');
        let is_neutral = c.is_whitespace() || matches!(c, '\u{200c}'..='\u{200f}');
        match segments.last_mut() {
            Some((last, before)) if is_neutral || *before == is_arabic => last.end = end,
            _ => segments.push((start..end, is_arabic)),
        }
    }
    segments
}
