//! Boxes of ISO media files (ISO/IEC 14496-12), and the numbers in them.

/// Maximum number of boxes next to each other. Grids of photos have up to about a hundred tiles.
pub const MAX_BOXES: usize = 4096;

/// Boxes next to each other, with their names.
pub struct Boxes<'a>(pub Vec<(&'a [u8; 4], &'a [u8])>);

impl<'a> Boxes<'a> {
    pub fn read(content: &'a [u8]) -> Option<Self> {
        let (mut reader, mut boxes) = (Reader(content), vec![]);
        while !reader.0.is_empty() {
            if boxes.len() == MAX_BOXES {
                return None;
            }
            let size = reader.u32()?;
            let name = reader.name()?;
            let body = match size {
                0 => reader.split(reader.0.len())?,
                1 => {
                    let size = usize::try_from(reader.u64()?).ok()?;
                    reader.split(size.checked_sub(16)?)?
                }
                _ => reader.split(usize::try_from(size).ok()?.checked_sub(8)?)?,
            };
            boxes.push((name, body));
        }
        Some(Self(boxes))
    }

    pub fn find(&self, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, body)| *body)
    }
}

/// Big-endian numbers at the start of the rest of a box.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    fn split(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        self.split(N)?.first_chunk()
    }

    pub fn name(&mut self) -> Option<&'a [u8; 4]> {
        self.array()
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().copied().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().copied().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().copied().map(u64::from_be_bytes)
    }

    /// Version of a box, before its flags.
    pub fn version(&mut self) -> Option<u8> {
        self.array::<4>().map(|[version, ..]| *version)
    }

    /// ID of an item: two bytes in version 0, four later.
    pub fn id(&mut self, version: u8) -> Option<u32> {
        if version == 0 { self.u16().map(u32::from) } else { self.u32() }
    }

    /// Number of 0, 4 or 8 bytes.
    pub fn number(&mut self, bytes: u8) -> Option<u64> {
        match bytes {
            0 => Some(0),
            4 => self.u32().map(u64::from),
            8 => self.u64(),
            _ => None,
        }
    }
}
