//! Reads HTML, also as Word, Google Docs, LibreOffice and Gmail write it.

use std::mem::take;

use ego_tree::NodeRef;
use scraper::node::Element;
use scraper::{Html, Node};

use crate::web::rich_text::addresses::{link_address, picture_name};
use crate::web::rich_text::css::Css;
use crate::web::rich_text::document::{
    Block, Content, FlatItem, Image, List, Run, Script, Style, inline_of_blocks, nest_items, text_of,
};
use crate::web::rich_text::html_footnotes::{footnote_definition, footnote_reference, is_back_link};
use crate::web::rich_text::html_table::{is_layout, read_table, rows};
use crate::web::rich_text::runs::{one_line, paragraphs, without_full_bold};
use crate::web::rich_text::word::{heading_level, list_place, marker_number, without_bullet};

/// Deepest element that is read with its structure. Deeper ones are read as text.
const MAX_DEPTH: usize = 150;

/// Elements that are not part of the text. Their content is dropped.
const UNWANTED_ELEMENTS: [&str; 19] = [
    "title", "script", "style", "noscript", "template", "iframe", "svg", "math", "nav", "footer", "aside", "button",
    "select", "textarea", "object", "audio", "video", "canvas", "xml",
];

/// Elements within a line of text. All others are blocks.
const INLINE_ELEMENTS: [&str; 43] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "o:p", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "br", "input",
];

/// Blocks of a document or a part of one.
pub fn read_html(html: &str) -> Vec<Block> {
    let page = Html::parse_document(html);
    read_blocks(page.tree.root(), &Style::default(), 0)
}

/// Blocks in the children of an element.
pub fn read_blocks(parent: NodeRef<'_, Node>, style: &Style, depth: usize) -> Vec<Block> {
    let mut reader = Reader { blocks: vec![], runs: vec![] };
    reader.read_children(parent, style, depth);
    reader.finish()
}

struct Reader {
    blocks: Vec<Block>,
    /// Text of the paragraph that is being read.
    runs: Vec<Run>,
}

impl Reader {
    fn finish(mut self) -> Vec<Block> {
        self.end_paragraph();
        nest_items(self.blocks)
    }

    fn end_paragraph(&mut self) {
        for runs in paragraphs(take(&mut self.runs)) {
            let block = match bullet_item(&runs) {
                Some(item) => Block::FlatItem(item),
                None => Block::Paragraph(runs),
            };
            self.blocks.push(block);
        }
    }

    fn push(&mut self, block: Block) {
        self.end_paragraph();
        self.blocks.push(block);
    }

    fn read_children(&mut self, parent: NodeRef<'_, Node>, style: &Style, depth: usize) {
        let has_lines = has_lines(parent);
        for child in parent.children() {
            match child.value() {
                Node::Text(text) => self.runs.push(Run::text(&**text, style)),
                Node::Element(_) if depth >= MAX_DEPTH => {
                    let texts = child.descendants().filter_map(|node| node.value().as_text());
                    self.runs.extend(texts.map(|text| Run::text(&**text, style)));
                }
                // Mail programs make each line an element, with an empty one between paragraphs.
                Node::Element(element) if has_lines && element.name() == "div" && is_line(child) => {
                    if !self.runs.is_empty() {
                        self.runs.push(Run::line_break());
                    }
                    self.read_element(child, element, style, depth, true);
                }
                Node::Element(element) => self.read_element(child, element, style, depth, false),
                _ => {}
            }
        }
    }

    fn read_element(&mut self, node: NodeRef<'_, Node>, element: &Element, style: &Style, depth: usize, as_line: bool) {
        let css = Css::of(element);
        if is_unwanted(element, &css) {
            return;
        }
        let mut style = style.clone();
        apply_element(element, &mut style);
        css.apply(&mut style);
        let depth = depth + 1;
        let name = element.name();
        if let Some(label) = footnote_reference(node, element) {
            self.runs.push(Run { content: Content::FootnoteReference(label), style: Style::default() });
            return;
        }
        if let Some(label) = footnote_definition(node, element) {
            let mut blocks = read_blocks(node, &style, depth);
            blocks.retain(|block| !matches!(block, Block::Rule));
            self.push(Block::Footnote(label, blocks));
            return;
        }
        if as_line {
            self.read_children(node, &style, depth);
            return;
        }
        match name {
            "br" => self.read_line_break(&css),
            "img" => self.read_image(element, &style),
            "hr" if !is_note_separator(node) => self.push(Block::Rule),
            "pre" => self.read_code(node),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.as_bytes()[1] - b'0';
                self.read_heading(node, level, &Style { is_bold: false, ..style }, depth);
            }
            "ul" | "ol" | "menu" => self.read_list(node, element, &style, depth),
            "blockquote" if !is_indent(&css) => {
                let blocks = read_blocks(node, &style, depth);
                self.push(Block::Quote(blocks));
            }
            "table" => self.read_table(node, &style, depth),
            "figure" => self.read_figure(node, &style, depth),
            "dt" => {
                self.end_paragraph();
                self.read_children(node, &Style { is_bold: true, ..style }, depth);
                self.end_paragraph();
            }
            name if INLINE_ELEMENTS.contains(&name) || name.contains(':') => self.read_children(node, &style, depth),
            _ => self.read_container(node, element, &style, depth),
        }
    }

    /// Reads a paragraph or another block without a meaning of its own.
    fn read_container(&mut self, node: NodeRef<'_, Node>, element: &Element, style: &Style, depth: usize) {
        self.end_paragraph();
        if let Some(place) = list_place(element) {
            let marker = list_marker(node);
            let blocks = read_blocks(node, style, depth);
            let number = marker_number(&marker);
            self.blocks.push(Block::FlatItem(FlatItem { level: place.level, number, list: place.list, blocks }));
            return;
        }
        if let Some(level) = heading_level(element).filter(|_| element.name() != "li") {
            self.read_heading(node, level, style, depth);
            return;
        }
        self.read_children(node, style, depth);
        self.end_paragraph();
    }

    fn read_line_break(&mut self, css: &Css) {
        if css.get("page-break-before") == "always" {
            self.end_paragraph();
        } else {
            self.runs.push(Run::line_break());
        }
    }

    fn read_image(&mut self, element: &Element, style: &Style) {
        let size = |name| element.attr(name).and_then(|size| size.trim_end_matches("px").parse::<f32>().ok());
        // Counting pixels of newsletters.
        if size("width").is_some_and(|width| width <= 2.0) || size("height").is_some_and(|height| height <= 2.0) {
            return;
        }
        let address = element.attr("src").or(element.attr("data-src")).unwrap_or_default().trim();
        let alt = element.attr("alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let title = element.attr("title").unwrap_or_default().trim().to_owned();
        let address = picture_name(address);
        if !address.is_empty() || !alt.is_empty() {
            self.runs.push(Run { content: Content::Image(Image { address, alt, title }), style: style.clone() });
        }
    }

    /// Reads a picture with its caption.
    fn read_figure(&mut self, node: NodeRef<'_, Node>, style: &Style, depth: usize) {
        self.end_paragraph();
        let is_caption = |child: &NodeRef<'_, Node>| {
            child.value().as_element().is_some_and(|element| element.name() == "figcaption")
        };
        let caption = node.children().find(is_caption);
        let caption = caption.map(|caption| text_of(&one_line(inline(caption, style, depth)))).unwrap_or_default();
        let start = self.blocks.len();
        for child in node.children().filter(|child| !is_caption(child)) {
            if let Node::Element(element) = child.value() {
                self.read_element(child, element, style, depth, false);
            }
        }
        self.end_paragraph();
        if let [Block::Paragraph(runs)] = &mut self.blocks[start..]
            && let [Run { content: Content::Image(image), .. }] = runs.as_mut_slice()
        {
            image.title = caption;
        } else if !caption.is_empty() {
            self.blocks.push(Block::Paragraph(vec![Run::text(caption, &Style::default())]));
        }
    }

    fn read_code(&mut self, node: NodeRef<'_, Node>) {
        let mut text = String::new();
        let mut language = String::new();
        for inner in node.descendants() {
            match inner.value() {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) if element.name() == "br" => text.push('\n'),
                Node::Element(element) => {
                    let class = element.classes().find_map(|class| class.strip_prefix("language-"));
                    language = class.map_or(language, ToOwned::to_owned);
                }
                _ => {}
            }
        }
        let text = text.trim_matches('\n').to_owned();
        if !text.trim().is_empty() {
            self.push(Block::Code(language, text));
        }
    }

    fn read_heading(&mut self, node: NodeRef<'_, Node>, level: u8, style: &Style, depth: usize) {
        self.end_paragraph();
        let runs = without_full_bold(one_line(inline(node, style, depth)));
        if !runs.is_empty() {
            self.blocks.push(Block::Heading(level, runs));
        }
    }

    fn read_list(&mut self, node: NodeRef<'_, Node>, list: &Element, style: &Style, depth: usize) {
        self.end_paragraph();
        let start = list.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1_u32);
        let start = (list.name() == "ol").then_some(start.min(100_000));
        let mut items: Vec<Vec<Block>> = vec![];
        for child in node.children() {
            let Node::Element(element) = child.value() else { continue };
            let mut item = read_item(child, element, style, depth);
            match element.name() {
                // Word for the web makes each item a list of its own, with its level.
                "li" if element.attr("data-aria-level").is_some() => {
                    let level = element.attr("data-aria-level").and_then(|level| level.parse().ok()).unwrap_or(1);
                    let list = element.attr("data-listid").unwrap_or_default().to_owned();
                    let number = start.is_some().then(|| {
                        let place = element.attr("data-aria-posinset").and_then(|place| place.parse().ok());
                        place.unwrap_or(1).min(100_000)
                    });
                    let level = usize::clamp(level, 1, 9);
                    self.blocks.push(Block::FlatItem(FlatItem { level, number, list, blocks: item }));
                }
                // Google Docs puts an inner list beside the item to which it belongs.
                "ul" | "ol" => match items.last_mut() {
                    Some(last) => last.append(&mut item),
                    None => items.push(item),
                },
                _ if item.is_empty() => {}
                _ => items.push(item),
            }
        }
        if !items.is_empty() {
            self.blocks.push(Block::List(List { start, items }));
        }
    }

    fn read_table(&mut self, node: NodeRef<'_, Node>, style: &Style, depth: usize) {
        self.end_paragraph();
        let rows = rows(node);
        if is_layout(&rows) {
            for cell in rows.into_iter().flatten() {
                self.blocks.extend(read_blocks(cell, style, depth));
            }
            return;
        }
        let table = read_table(&rows, &|cell| inline_of_blocks(read_blocks(cell, style, depth)));
        self.blocks.extend(table.map(Block::Table));
    }
}

fn read_item(node: NodeRef<'_, Node>, element: &Element, style: &Style, depth: usize) -> Vec<Block> {
    let mut reader = Reader { blocks: vec![], runs: vec![] };
    let mut style = style.clone();
    if element.name() == "li" {
        Css::of(element).apply(&mut style);
        reader.read_children(node, &style, depth + 1);
    } else {
        reader.read_element(node, element, &style, depth, false);
    }
    reader.finish()
}

/// Text of an element whose blocks are not kept.
fn inline(node: NodeRef<'_, Node>, style: &Style, depth: usize) -> Vec<Run> {
    inline_of_blocks(read_blocks(node, style, depth))
}

fn is_unwanted(element: &Element, css: &Css) -> bool {
    let has_class = |name: &str| element.classes().any(|class| class == name);
    UNWANTED_ELEMENTS.contains(&element.name())
        || css.is_hidden()
        || element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        // The marker of a list item in Word is read by `list_marker`.
        || css.get("mso-list") == "ignore"
        || css.get("mso-element").starts_with("comment")
        || ["anchor", "MsoCommentReference", "footnote-definition-label"].into_iter().any(has_class)
        // Deleted text of a document with tracked changes.
        || (element.name() == "del" && element.attr("cite").is_some())
        || is_back_link(element)
}

/// Applies the formatting that an element has by its name.
fn apply_element(element: &Element, style: &mut Style) {
    match element.name() {
        "b" | "strong" => style.is_bold = true,
        "i" | "em" | "cite" | "dfn" | "var" => style.is_italic = true,
        "s" | "strike" | "del" => style.is_struck = true,
        "code" | "kbd" | "samp" | "tt" => style.is_code = true,
        "sub" => style.script = Script::Sub,
        "sup" => style.script = Script::Super,
        "a" => style.link = element.attr("href").and_then(link_address).or_else(|| style.link.take()),
        _ => {}
    }
}

/// Whether a line stands between the text and its footnotes.
fn is_note_separator(node: NodeRef<'_, Node>) -> bool {
    let parent = node.parent().and_then(|parent| parent.value().as_element());
    parent.is_some_and(|parent| Css::of(parent).get("mso-element").ends_with("note-list"))
}

/// The marker of a list item of Word, such as `1.` or a bullet.
fn list_marker(node: NodeRef<'_, Node>) -> String {
    let is_marker = |node: &NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| Css::of(element).get("mso-list") == "ignore")
    };
    let marker = node.descendants().find(is_marker);
    let texts = marker.into_iter().flat_map(|marker| marker.descendants().filter_map(|node| node.value().as_text()));
    texts.map(|text| &**text).collect()
}

/// A paragraph that begins with a typed bullet, as a list item.
fn bullet_item(runs: &[Run]) -> Option<FlatItem> {
    let [Run { content: Content::Text(text), style }, rest @ ..] = runs else { return None };
    let text = without_bullet(text).or_else(|| {
        // The bullet has another format than the text.
        (without_bullet(&format!("{text} x")) == Some("x") && !rest.is_empty()).then_some("")
    })?;
    let first = (!text.is_empty()).then(|| Run::text(text, style));
    let runs = paragraphs(first.into_iter().chain(rest.iter().cloned()).collect()).pop()?;
    Some(FlatItem { level: 1, number: None, list: "typed".into(), blocks: vec![Block::Paragraph(runs)] })
}

/// Whether an element contains lines of a mail: some of its children are empty lines.
fn has_lines(parent: NodeRef<'_, Node>) -> bool {
    let is_empty_line = |child: NodeRef<'_, Node>| {
        let mut inner = child.children();
        let is_div = child.value().as_element().is_some_and(|element| element.name() == "div");
        let is_break = |node: NodeRef<'_, Node>| node.value().as_element().is_some_and(|inner| inner.name() == "br");
        is_div && inner.next().is_some_and(is_break) && inner.next().is_none()
    };
    parent.children().any(is_empty_line)
}

/// Whether an element contains no blocks.
fn is_line(node: NodeRef<'_, Node>) -> bool {
    let is_inline = |node: NodeRef<'_, Node>| {
        node.value().as_element().is_none_or(|element| INLINE_ELEMENTS.contains(&element.name()))
    };
    node.descendants().skip(1).all(is_inline)
}

/// Whether a quote only indents its content, as in Gmail.
fn is_indent(css: &Css) -> bool {
    css.get("border").starts_with("none") || css.get("border") == "medium"
}
