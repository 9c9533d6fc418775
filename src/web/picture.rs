//! Pictures in texts and on pages: addresses, sizes and markup.
//!
//! `media` stores and serves them. They are defined here because `web` imports no feature.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use askama::filters::HtmlSafe;

/// Start of the address of every picture.
const PATH_PREFIX: &str = "/media/";
/// Hexadecimal digits of the content hash in an address.
pub const PICTURE_HASH_LEN: usize = 16;
/// Widths in pixels in which a picture is stored. A smaller picture is also stored in its own width.
const WIDTHS: [u32; 3] = [480, 960, 1600];
/// Width of a picture in a text: the line length (about 40rem), or the whole width of a phone.
const TEXT_SIZES: &str = "(min-width: 42rem) 40rem, calc(100vw - 2rem)";

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Picture {
    pub hash: String,
    /// Width in pixels of the largest stored size.
    pub width: u32,
    /// Height in pixels of the largest stored size.
    pub height: u32,
}

impl Picture {
    /// Width in pixels of the largest size that is made.
    pub const MAX_WIDTH: u32 = WIDTHS[WIDTHS.len() - 1];

    /// Widths in which a picture with this largest width is stored, in ascending order.
    pub fn widths_up_to(width: u32) -> Vec<u32> {
        WIDTHS.into_iter().filter(|smaller| *smaller < width).chain([width]).collect()
    }

    fn path(&self, width: u32, extension: &str) -> String {
        format!("{PATH_PREFIX}{}-{width}.{extension}", self.hash)
    }

    /// Address of the largest JPEG.
    pub fn address(&self) -> String {
        self.path(self.width, "jpg")
    }

    /// Address of the smallest JPEG.
    pub fn smallest_address(&self) -> String {
        self.path(Self::widths_up_to(self.width)[0], "jpg")
    }

    /// Addresses of all sizes in a format, for `srcset`.
    fn srcset(&self, extension: &str) -> String {
        let size = |width: u32| format!("{} {width}w", self.path(width, extension));
        Self::widths_up_to(self.width).into_iter().map(size).collect::<Vec<_>>().join(", ")
    }

    /// Markup of the picture in a text, loaded when it comes near the screen if `is_lazy`.
    pub fn in_text<'a>(&'a self, alt: &'a str, is_lazy: bool) -> PictureMarkup<'a> {
        PictureMarkup { picture: self, alt, sizes: TEXT_SIZES, is_lazy }
    }

    /// Markup of the picture as a thumbnail in a list.
    pub fn thumbnail<'a>(&'a self, alt: &'a str) -> PictureMarkup<'a> {
        PictureMarkup { picture: self, alt, sizes: "10rem", is_lazy: true }
    }

    /// Markup of the picture as the logo in the header.
    pub fn logo<'a>(&'a self, alt: &'a str) -> PictureMarkup<'a> {
        PictureMarkup { picture: self, alt, sizes: "12rem", is_lazy: false }
    }

    /// Markdown that shows the picture.
    pub fn markdown(&self, alt: &str) -> String {
        let alt = alt.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        format!("![{alt}]({})", self.address())
    }
}

/// HTML of a picture: WebP with a JPEG fallback, in all sizes.
#[derive(Template)]
#[template(path = "shared/picture.html")]
pub struct PictureMarkup<'a> {
    picture: &'a Picture,
    alt: &'a str,
    sizes: &'static str,
    is_lazy: bool,
}

/// Templates print it without escaping.
impl HtmlSafe for PictureMarkup<'_> {}

/// Hash in the address of a picture, such as `/media/0123456789abcdef-960.jpg`.
pub fn picture_hash(address: &str) -> Option<&str> {
    let (hash, rest) = address.strip_prefix(PATH_PREFIX)?.split_at_checked(PICTURE_HASH_LEN)?;
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    (is_hash && rest.starts_with('-')).then_some(hash)
}

/// Address of a picture in a text, such as its Markdown; the text itself if it contains none.
pub fn picture_address(text: &str) -> &str {
    match text.find(PATH_PREFIX) {
        Some(start) => text[start..].split([')', ' ']).next().unwrap_or_default(),
        None => text,
    }
}

/// Hashes of all pictures whose addresses are in a text.
pub fn picture_hashes(text: &str) -> BTreeSet<&str> {
    text.match_indices(PATH_PREFIX).filter_map(|(start, _)| picture_hash(&text[start..])).collect()
}

/// The stored pictures that a set of texts shows.
#[derive(Clone, Debug, Default)]
pub struct Pictures(HashMap<String, Picture>);

impl Pictures {
    pub fn new(pictures: impl IntoIterator<Item = Picture>) -> Self {
        Self(pictures.into_iter().map(|picture| (picture.hash.clone(), picture)).collect())
    }

    /// The picture at an address. Any size stands for the picture.
    pub fn find(&self, address: &str) -> Option<&Picture> {
        self.0.get(picture_hash(address)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_stored_in_the_standard_widths_up_to_its_own() {
        for (width, widths) in
            [(1600, vec![480, 960, 1600]), (1000, vec![480, 960, 1000]), (480, vec![480]), (20, vec![20])]
        {
            assert_eq!(Picture::widths_up_to(width), widths);
        }
    }

    #[test]
    fn addresses_are_found_in_a_text() {
        let text = "![a](/media/0123456789abcdef-960.jpg) [b](/media/fedcba9876543210-480.webp) /media/x /media/\
                    0123456789ABCDEF-960.jpg /media/0123456789abcdef";
        assert_eq!(picture_hashes(text), BTreeSet::from(["0123456789abcdef", "fedcba9876543210"]));
        assert_eq!(picture_hash("/media/0123456789abcdéf-960.jpg"), None);
    }

    #[test]
    fn brackets_in_the_alternative_text_do_not_end_it() {
        let picture = Picture { hash: "0123456789abcdef".into(), width: 20, height: 10 };
        assert_eq!(picture.markdown("a [b] \\"), "![a \\[b\\] \\\\](/media/0123456789abcdef-20.jpg)");
    }
}
