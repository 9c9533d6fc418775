//! Reads a WordPress export file entry by entry, in memory that does not depend on the length of the file.

use std::io::BufRead;
use std::mem::take;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::wordpress::limited_input::LimitedInput;
use crate::wordpress::wxr::{Author, Category, Item, ItemTopic, MAX_TEXT_BYTES, WxrEntry, WxrError};

/// Maximum depth of elements. An export has six levels.
const MAX_DEPTH: usize = 32;

/// Custom fields whose values are read.
const META_KEYS: [&str; 6] = [
    "_thumbnail_id",
    "_wp_attachment_image_alt",
    "_yoast_wpseo_title",
    "_yoast_wpseo_metadesc",
    "rank_math_title",
    "rank_math_description",
];

/// Pull parser. Expands no entities but the five of XML itself and numbers, and refuses document types.
pub struct WxrReader<R: BufRead> {
    xml: Reader<LimitedInput<R>>,
    buffer: Vec<u8>,
    /// Names of the open elements, with their prefixes.
    open: Vec<String>,
    text: String,
    item: Item,
    /// Bytes of the texts of the item.
    item_bytes: usize,
    meta: (String, String),
    author: Author,
    category: Category,
    is_wxr: bool,
}

impl<R: BufRead> WxrReader<R> {
    pub fn new(input: R) -> Self {
        let mut xml = Reader::from_reader(LimitedInput::new(input));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self {
            xml,
            buffer: vec![],
            open: vec![],
            text: String::new(),
            item: Item::default(),
            item_bytes: 0,
            meta: Default::default(),
            author: Author::default(),
            category: Category::default(),
            is_wxr: false,
        }
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.xml.buffer_position()
    }

    /// The next entry, or `None` at the end of the file.
    pub fn next_entry(&mut self) -> Result<Option<WxrEntry>, WxrError> {
        loop {
            self.buffer.clear();
            // A large text must not keep its memory until the end of the file.
            self.buffer.shrink_to(64 * 1024);
            let mut buffer = take(&mut self.buffer);
            self.xml.get_mut().allow(MAX_TEXT_BYTES);
            let event = match self.xml.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.error(error)),
            };
            let entry = match event {
                Event::Start(tag) => self.start(&tag).map(|()| None),
                Event::End(_) => self.end(),
                Event::Text(text) => self.add_text(&String::from_utf8_lossy(&text)).map(|()| None),
                Event::CData(text) => self.add_text(&String::from_utf8_lossy(&text)).map(|()| None),
                Event::GeneralRef(entity) => self.add_text(&entity_text(&entity)).map(|()| None),
                Event::DocType(_) => Err(WxrError::DocumentType),
                Event::Decl(declaration) => match declaration.encoding() {
                    Some(Ok(name)) if !name.eq_ignore_ascii_case(b"utf-8") => {
                        Err(WxrError::Encoding(String::from_utf8_lossy(&name).into_owned()))
                    }
                    _ => Ok(None),
                },
                Event::Eof if !self.open.is_empty() => Err(WxrError::Incomplete),
                Event::Eof if !self.is_wxr => Err(WxrError::NotWxr),
                Event::Eof => return Ok(None),
                _ => Ok(None),
            };
            self.buffer = buffer;
            if let Some(entry) = entry? {
                return Ok(Some(entry));
            }
        }
    }

    fn error(&mut self, error: quick_xml::Error) -> WxrError {
        let position = self.position();
        match error {
            quick_xml::Error::Io(_) if self.xml.get_mut().is_used_up() => WxrError::TooLarge(position),
            quick_xml::Error::Io(error) => std::io::Error::new(error.kind(), error.to_string()).into(),
            quick_xml::Error::Syntax(_) if !self.open.is_empty() => WxrError::Incomplete,
            _ if self.open.is_empty() => WxrError::NotWxr,
            error => WxrError::Damaged(position, error.to_string()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), WxrError> {
        let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
        if self.open.is_empty() && name != "rss" {
            return Err(WxrError::NotWxr);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(WxrError::Damaged(self.position(), "too many elements inside each other".to_owned()));
        }
        self.text.clear();
        match (self.open.len(), name.as_str()) {
            (2, "item") if !self.is_wxr => return Err(WxrError::NotWxr),
            (2, "item") => {
                self.item = Item::default();
                self.item_bytes = 0;
            }
            (2, "wp:author") => self.author = Author::default(),
            (2, "wp:category" | "wp:tag") => self.category = Category::default(),
            (3, "wp:postmeta") => self.meta = Default::default(),
            (3, "category") => self.item.topics.extend(item_topic(tag)),
            _ => {}
        }
        self.open.push(name);
        Ok(())
    }

    fn add_text(&mut self, text: &str) -> Result<(), WxrError> {
        let is_open = |depth: usize, name: &str| self.open.get(depth).is_some_and(|open| open == name);
        // Comments are only counted. Page builders store megabytes in fields of their own.
        if is_open(3, "wp:comment") || (is_open(4, "wp:meta_value") && !META_KEYS.contains(&&*self.meta.0)) {
            return Ok(());
        }
        // Control characters have no place in XML, but WordPress writes them.
        let text = text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t'), "");
        if is_open(2, "item") {
            self.item_bytes += text.len();
        }
        if self.text.len() + text.len() > MAX_TEXT_BYTES || self.item_bytes > 2 * MAX_TEXT_BYTES {
            return Err(WxrError::TooLarge(self.position()));
        }
        self.text.push_str(&text);
        Ok(())
    }

    fn end(&mut self) -> Result<Option<WxrEntry>, WxrError> {
        // The parser checks that the names of the tags match.
        let Some(name) = self.open.pop() else { return Ok(None) };
        let text = take(&mut self.text);
        let parent = self.open.last().cloned().unwrap_or_default();
        match (self.open.len(), parent.as_str(), name.as_str()) {
            (2, _, "wp:wxr_version") => self.is_wxr = true,
            // Replaced by the address of the blog, if the file contains it.
            (2, _, "wp:base_blog_url" | "link") => return Ok(Some(WxrEntry::Site(text.trim().to_owned()))),
            (2, _, "wp:author") => return Ok(Some(WxrEntry::Author(take(&mut self.author)))),
            (2, _, "wp:category" | "wp:tag") => {
                self.category.is_tag = name == "wp:tag";
                return Ok(Some(WxrEntry::Category(take(&mut self.category))));
            }
            (2, _, "item") => return Ok(Some(WxrEntry::Item(Box::new(take(&mut self.item))))),
            (3, "wp:author", "wp:author_login") => self.author.login = text,
            (3, "wp:author", "wp:author_display_name") => self.author.display_name = text,
            (3, "wp:category", "wp:category_nicename") | (3, "wp:tag", "wp:tag_slug") => self.category.slug = text,
            (3, "wp:category" | "wp:tag", "wp:term_id") => self.category.id = text.trim().parse().unwrap_or_default(),
            (3, "wp:category", "wp:category_parent") => self.category.parent = text,
            (3, "wp:category", "wp:cat_name") | (3, "wp:tag", "wp:tag_name") => self.category.name = text,
            (3, "item", _) => self.set_field(&name, text),
            (4, "wp:postmeta", "wp:meta_key") => self.meta.0 = text,
            (4, "wp:postmeta", "wp:meta_value") => self.meta.1 = text,
            _ => {}
        }
        Ok(None)
    }

    fn set_field(&mut self, name: &str, text: String) {
        let item = &mut self.item;
        match name {
            "title" => item.title = text.trim().to_owned(),
            "link" => item.link = text.trim().to_owned(),
            "dc:creator" => item.author = text.trim().to_owned(),
            "content:encoded" => item.content = text,
            "excerpt:encoded" => item.excerpt = text,
            "wp:post_id" => item.id = text.trim().parse().unwrap_or_default(),
            "wp:post_type" => item.kind = text.trim().to_owned(),
            "wp:status" => item.status = text.trim().to_owned(),
            "wp:post_name" => item.slug = text.trim().to_owned(),
            "wp:post_date" => item.date = text.trim().to_owned(),
            "wp:post_date_gmt" => item.date_gmt = text.trim().to_owned(),
            "wp:post_password" => item.is_protected = !text.is_empty(),
            "wp:post_parent" => item.parent = text.trim().parse().unwrap_or_default(),
            "wp:is_sticky" => item.is_sticky = text.trim() == "1",
            "wp:attachment_url" => item.file_url = text.trim().to_owned(),
            "wp:comment" => item.comments += 1,
            "category" => {
                if let Some(topic) = item.topics.last_mut().filter(|topic| topic.name.is_empty()) {
                    topic.name = text.trim().to_owned();
                }
            }
            "wp:postmeta" => {
                let (key, value) = take(&mut self.meta);
                match key.as_str() {
                    "_thumbnail_id" => item.thumbnail_id = value.trim().parse().ok(),
                    "_wp_attachment_image_alt" => item.alt = value,
                    "_yoast_wpseo_title" | "rank_math_title" => item.search_title = value,
                    "_yoast_wpseo_metadesc" | "rank_math_description" => item.search_description = value,
                    // Names that begin with an underscore belong to WordPress and its plugins.
                    key if !key.starts_with('_') => item.other_fields += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Category or tag of an item, whose name follows as text. Other domains, such as post formats, are not topics.
fn item_topic(tag: &BytesStart<'_>) -> Option<ItemTopic> {
    let attribute = |wanted: &[u8]| {
        let mut attributes = tag.attributes();
        let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == wanted)?;
        Some(String::from_utf8_lossy(&found.value).into_owned())
    };
    let is_tag = match attribute(b"domain")?.as_str() {
        "category" => false,
        "post_tag" | "tag" => true,
        _ => return None,
    };
    // The first version of the format repeats each topic without its slug.
    Some(ItemTopic { is_tag, slug: attribute(b"nicename")?, name: String::new() })
}

/// Character of a reference. Other entities are not expanded: their names stay in the text.
fn entity_text(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        return c.to_string();
    }
    match &**entity {
        b"amp" => "&".to_owned(),
        b"lt" => "<".to_owned(),
        b"gt" => ">".to_owned(),
        b"quot" => "\"".to_owned(),
        b"apos" => "'".to_owned(),
        other => format!("&{};", String::from_utf8_lossy(other)),
    }
}

#[cfg(test)]
mod tests;
