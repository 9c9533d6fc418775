//! Pixels of an AVIF picture that are not decoded yet.

use std::rc::Rc;

/// Pixels of the colours or of the transparency: a grid of one or more tiles of the same size.
#[derive(Debug)]
pub struct Layer<'a> {
    pub width: u32,
    pub height: u32,
    pub columns: u32,
    pub tile_width: u32,
    pub tile_height: u32,
    /// Row by row.
    pub tiles: Vec<Tile<'a>>,
}

#[derive(Debug)]
pub struct Tile<'a> {
    /// AV1 data, in parts of the file. Shared, because a grid may contain a tile many times.
    pub content: Rc<[&'a [u8]]>,
    /// Which of several qualities to decode.
    pub operating_point: u8,
}
