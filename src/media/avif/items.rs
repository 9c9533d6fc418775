//! Items of an AVIF file (ISO/IEC 23008-12): their kinds, contents, properties and references.

use std::rc::Rc;

use crate::media::avif::boxes::{Boxes, MAX_BOXES, Reader};
use crate::media::avif::layer::{Layer, Tile};
use crate::media::format::{PictureError, check_size};

/// Contents of the box `meta`.
pub struct Meta<'a> {
    pub primary: u32,
    items: Vec<Item<'a>>,
    references: Vec<Reference>,
    properties: Vec<(&'a [u8; 4], &'a [u8])>,
}

#[derive(Default)]
struct Item<'a> {
    id: u32,
    kind: [u8; 4],
    /// Parts of the file or of the box `idat`; `None` if it is elsewhere.
    content: Option<Rc<[&'a [u8]]>>,
    /// Indexes of its properties.
    properties: Vec<usize>,
    /// Whether a property that the site does not know is needed to show it.
    needs_unknown: bool,
}

struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

/// Properties that are read here or do not matter. An item that needs others cannot be shown.
const KNOWN: [&[u8; 4]; 13] = [
    b"av1C", b"ispe", b"pixi", b"colr", b"irot", b"imir", b"clap", b"pasp", b"auxC", b"a1op", b"a1lx", b"clli", b"mdcv",
];

impl<'a> Meta<'a> {
    pub fn parse(file: &'a [u8], body: &'a [u8]) -> Option<Self> {
        let boxes = Boxes::read(body.get(4..)?)?;
        let mut reader = Reader(boxes.find(b"pitm")?);
        let version = reader.version()?;
        let primary = reader.id(version)?;
        let stored = boxes.find(b"idat").unwrap_or_default();
        let mut items = item_infos(boxes.find(b"iinf")?)?;
        add_contents(&mut items, boxes.find(b"iloc")?, file, stored)?;
        let properties = Boxes::read(boxes.find(b"iprp")?)?;
        let list = Boxes::read(properties.find(b"ipco")?)?.0;
        for (_, body) in properties.0.iter().filter(|(name, _)| *name == b"ipma") {
            add_properties(&mut items, body, &list)?;
        }
        let references = boxes.find(b"iref").map_or(Some(vec![]), references)?;
        Some(Self { primary, items, references, properties: list })
    }

    fn item(&self, id: u32) -> Option<&Item<'a>> {
        self.items.iter().find(|item| item.id == id)
    }

    pub fn properties(&self, id: u32, name: &'static [u8; 4]) -> impl Iterator<Item = &'a [u8]> {
        let indexes = self.item(id).map(|item| item.properties.as_slice()).unwrap_or_default();
        let all = indexes.iter().filter_map(|&index| self.properties.get(index));
        all.filter(move |(other, _)| *other == name).map(|(_, body)| *body)
    }

    pub fn property(&self, id: u32, name: &'static [u8; 4]) -> Option<&'a [u8]> {
        self.properties(id, name).next()
    }

    pub fn refers(&self, kind: &[u8; 4], from: u32, to: u32) -> bool {
        self.references
            .iter()
            .any(|reference| &reference.kind == kind && reference.from == from && reference.to.contains(&to))
    }

    /// Item with the transparency of an item.
    pub fn alpha_of(&self, id: u32) -> Option<u32> {
        let candidates =
            self.references.iter().filter(|reference| &reference.kind == b"auxl" && reference.to.contains(&id));
        candidates.map(|reference| reference.from).find(|&item| {
            let kind = self.property(item, b"auxC").and_then(|body| body.get(4..)).unwrap_or_default();
            let kind = kind.split(|&byte| byte == 0).next().unwrap_or_default();
            kind == b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || kind == b"urn:mpeg:hevc:2015:auxid:1"
        })
    }

    fn size(&self, id: u32) -> Option<(u32, u32)> {
        let mut reader = Reader(self.property(id, b"ispe")?.get(4..)?);
        Some((reader.u32()?, reader.u32()?))
    }

    pub fn layer(&self, id: u32) -> Result<Layer<'a>, PictureError> {
        let item = self.item(id).ok_or(PictureError::Damaged)?;
        match &item.kind {
            b"av01" => {
                let (width, height) = self.size(id).ok_or(PictureError::Damaged)?;
                let tiles = vec![self.tile(id)?];
                Ok(Layer { width, height, columns: 1, tile_width: width, tile_height: height, tiles })
            }
            b"grid" => self.grid(item),
            _ => Err(PictureError::UnsupportedAvif),
        }
    }

    fn tile(&self, id: u32) -> Result<Tile<'a>, PictureError> {
        let item = self.item(id).ok_or(PictureError::Damaged)?;
        if item.needs_unknown || &item.kind != b"av01" {
            return Err(PictureError::UnsupportedAvif);
        }
        let content = item.content.clone().filter(|content| !content.is_empty()).ok_or(PictureError::Damaged)?;
        let operating_point = self.property(id, b"a1op").and_then(|body| body.first().copied()).unwrap_or(0);
        Ok(Tile { content, operating_point })
    }

    fn grid(&self, item: &Item<'a>) -> Result<Layer<'a>, PictureError> {
        if item.needs_unknown {
            return Err(PictureError::UnsupportedAvif);
        }
        let content = item.content.as_ref().and_then(|content| content.first()).ok_or(PictureError::Damaged)?;
        let (rows, columns, width, height) = grid_size(content).ok_or(PictureError::Damaged)?;
        // Before anything that takes memory.
        check_size(width, height)?;
        let reference =
            self.references.iter().find(|reference| &reference.kind == b"dimg" && reference.from == item.id);
        let ids = reference.map(|reference| reference.to.as_slice()).unwrap_or_default();
        let first = ids.first().ok_or(PictureError::Damaged)?;
        let (tile_width, tile_height) = self.size(*first).ok_or(PictureError::Damaged)?;
        check_size(tile_width, tile_height)?;
        // Every tile must be visible.
        let fits = |full: u32, tile: u32, count: u32| {
            let (full, tile, count) = (u64::from(full), u64::from(tile), u64::from(count));
            tile * count >= full && tile * (count - 1) < full
        };
        if ids.len() > MAX_BOXES {
            return Err(PictureError::UnsupportedAvif);
        }
        let is_complete = u64::try_from(ids.len()) == Ok(u64::from(rows) * u64::from(columns));
        if !is_complete || !fits(width, tile_width, columns) || !fits(height, tile_height, rows) {
            return Err(PictureError::Damaged);
        }
        if ids.iter().any(|id| self.size(*id) != Some((tile_width, tile_height))) {
            return Err(PictureError::Damaged);
        }
        let tiles = ids.iter().map(|id| self.tile(*id)).collect::<Result<_, _>>()?;
        Ok(Layer { width, height, columns, tile_width, tile_height, tiles })
    }
}

/// Rows, columns, width and height of a grid.
fn grid_size(content: &[u8]) -> Option<(u32, u32, u32, u32)> {
    let mut reader = Reader(content);
    let (_version, flags) = (reader.u8()?, reader.u8()?);
    let (rows, columns) = (u32::from(reader.u8()?) + 1, u32::from(reader.u8()?) + 1);
    let mut length = || if flags & 1 == 0 { reader.u16().map(u32::from) } else { reader.u32() };
    Some((rows, columns, length()?, length()?))
}

fn item_infos(body: &[u8]) -> Option<Vec<Item<'_>>> {
    let mut reader = Reader(body);
    let _count = if reader.version()? == 0 { reader.u16()?.into() } else { reader.u32()? };
    let mut items = vec![];
    for (name, body) in Boxes::read(reader.0)?.0 {
        let mut reader = Reader(body);
        let version = reader.version()?;
        if name == b"infe" && version >= 2 {
            let id = reader.id(version - 2)?;
            let _protection = reader.u16()?;
            items.push(Item { id, kind: *reader.name()?, ..Item::default() });
        }
    }
    Some(items)
}

/// Adds the content of the items, which is in the file or in the box `idat`.
fn add_contents<'a>(items: &mut [Item<'a>], body: &'a [u8], file: &'a [u8], stored: &'a [u8]) -> Option<()> {
    let mut reader = Reader(body);
    let version = reader.version()?;
    let (sizes, more) = (reader.u8()?, reader.u8()?);
    let (offset_size, length_size, base_size) = (sizes >> 4, sizes & 15, more >> 4);
    let index_size = if version == 0 { 0 } else { more & 15 };
    let count = if version < 2 { reader.u16()?.into() } else { reader.u32()? };
    let mut parts_left = MAX_BOXES;
    for _ in 0..limited(count)? {
        let id = reader.id(u8::from(version >= 2))?;
        let source = if version == 0 { 0 } else { reader.u16()? & 15 };
        let _data_reference = reader.u16()?;
        let base = reader.number(base_size)?;
        let (mut content, mut total) = (vec![], 0);
        for _ in 0..reader.u16()? {
            let _index = reader.number(index_size)?;
            let (offset, length) = (reader.number(offset_size)?, reader.number(length_size)?);
            let source = if source == 0 { file } else { stored };
            let rest = source.get(usize::try_from(base.checked_add(offset)?).ok()?..)?;
            let length = usize::try_from(length).ok()?;
            let part = if length == 0 { rest } else { rest.get(..length)? };
            // Parts may overlap, and there may be thousands of empty ones.
            parts_left = parts_left.checked_sub(1)?;
            total += part.len();
            if total > file.len() {
                return None;
            }
            content.push(part);
        }
        if let Some(item) = items.iter_mut().find(|item| item.id == id && source < 2) {
            item.content = Some(content.into());
        }
    }
    Some(())
}

/// A number of entries, unless there are too many to look at each.
fn limited(count: u32) -> Option<u32> {
    usize::try_from(count).is_ok_and(|count| count <= MAX_BOXES).then_some(count)
}

fn add_properties(items: &mut [Item], body: &[u8], list: &[(&[u8; 4], &[u8])]) -> Option<()> {
    let mut reader = Reader(body);
    let [version, _, _, flags] = *reader.array()?;
    for _ in 0..limited(reader.u32()?)? {
        let id = reader.id(version)?;
        let mut item = items.iter_mut().find(|item| item.id == id);
        for _ in 0..reader.u8()? {
            let (is_essential, index) = if flags & 1 == 0 {
                let number = reader.u8()?;
                (number & 0x80 != 0, usize::from(number & 0x7F))
            } else {
                let number = reader.u16()?;
                (number & 0x8000 != 0, usize::from(number & 0x7FFF))
            };
            // 0 means none.
            let Some(index) = index.checked_sub(1) else { continue };
            let (name, _) = list.get(index)?;
            if let Some(item) = &mut item {
                item.needs_unknown |= is_essential && !KNOWN.contains(name);
                if item.properties.len() < MAX_BOXES {
                    item.properties.push(index);
                }
            }
        }
    }
    Some(())
}

fn references(body: &[u8]) -> Option<Vec<Reference>> {
    let mut reader = Reader(body);
    let version = reader.version()?;
    let mut references = vec![];
    for (name, body) in Boxes::read(reader.0)?.0 {
        let mut reader = Reader(body);
        let from = reader.id(version)?;
        let count = reader.u16()?;
        let to = (0..count).map(|_| reader.id(version)).collect::<Option<_>>()?;
        references.push(Reference { kind: *name, from, to });
    }
    Some(references)
}
