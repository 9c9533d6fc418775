//! Paragraphs, tables and pictures of a Word file.

use std::collections::HashMap;

use roxmltree::Node;

use crate::web::rich_text::addresses::{link_address, picture_name};
use crate::web::rich_text::document::{
    Block, Content, FlatItem, Image, Run, Style, Table, inline_of_blocks, nest_items,
};
use crate::web::rich_text::docx::numbering::{LEVELS, Numbering};
use crate::web::rich_text::docx::styles::{Format, Styles};
use crate::web::rich_text::docx::xml::LocalNames;
use crate::web::rich_text::runs::{one_line, one_paragraph, paragraphs, without_full_bold};

/// Deepest element that is read.
const MAX_DEPTH: usize = 150;

pub struct BodyReader<'a> {
    pub styles: &'a Styles,
    pub numbering: &'a mut Numbering,
    /// Addresses of links and pictures by their IDs.
    pub links: &'a HashMap<String, String>,
}

/// Text of a paragraph while it is read.
#[derive(Default)]
struct Text {
    runs: Vec<Run>,
    /// Blocks in text boxes of the paragraph.
    boxes: Vec<Block>,
    /// Open fields, such as a link or a page number.
    fields: Vec<Field>,
}

#[derive(Default)]
struct Field {
    instruction: String,
    /// Whether the result of the field has begun.
    has_result: bool,
}

impl BodyReader<'_> {
    /// Blocks in the children of an element.
    pub fn read_blocks(&mut self, parent: Node) -> Vec<Block> {
        let mut blocks = vec![];
        self.read_children(parent, &mut blocks, 0);
        nest_items(blocks)
    }

    fn read_children(&mut self, parent: Node, blocks: &mut Vec<Block>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "p" => self.read_paragraph(node, blocks, depth + 1),
                "tbl" => self.read_table(node, blocks, depth + 1),
                "sectPr" | "Fallback" | "moveFrom" | "del" => {}
                // Content controls, inserted text and others are transparent.
                _ => self.read_children(node, blocks, depth + 1),
            }
        }
    }

    fn read_paragraph(&mut self, node: Node, blocks: &mut Vec<Block>, depth: usize) {
        let mut text = Text::default();
        self.read_inline(node, &mut text, &Style::default(), depth);
        let properties = node.child("pPr");
        let style_id = properties.and_then(|properties| properties.child_value("pStyle")).unwrap_or_default();
        let outline = properties.and_then(|properties| properties.child_value("outlineLvl")?.parse::<u8>().ok());
        let heading = match outline {
            Some(level) => (level < 9).then_some((level + 1).min(6)),
            None => self.styles.heading_level(style_id),
        };
        if let Some(level) = heading {
            let runs = without_full_bold(one_line(text.runs));
            blocks.extend((!runs.is_empty()).then_some(Block::Heading(level, runs)));
            blocks.append(&mut text.boxes);
            return;
        }
        let lines: Vec<Block> = paragraphs(text.runs).into_iter().map(Block::Paragraph).collect();
        if lines.is_empty() {
            blocks.append(&mut text.boxes);
            return;
        }
        if let Some((list, level)) = self.list_place(properties, style_id) {
            let number = self.numbering.next_number(&list, level);
            blocks.push(Block::FlatItem(FlatItem { level: level + 1, number, list, blocks: lines }));
        } else if self.styles.is_quote(style_id) {
            match blocks.last_mut() {
                Some(Block::Quote(quote)) => quote.extend(lines),
                _ => blocks.push(Block::Quote(lines)),
            }
        } else {
            blocks.extend(lines);
        }
        blocks.append(&mut text.boxes);
    }

    /// List of a paragraph, and its level from 0.
    fn list_place(&self, properties: Option<Node>, style_id: &str) -> Option<(String, usize)> {
        let own = properties.and_then(|properties| properties.child("numPr"));
        let of_style = self.styles.numbering(style_id);
        let list = own.and_then(|own| own.child_value("numId")).map(ToOwned::to_owned);
        let list = list.or_else(|| of_style.clone().map(|(list, _)| list)).filter(|list| list != "0")?;
        let level = own.and_then(|own| own.child_value("ilvl")?.parse().ok());
        let level = level.or_else(|| of_style.and_then(|(_, level)| level)).unwrap_or(0);
        Some((list, level.min(LEVELS - 1)))
    }

    fn read_inline(&mut self, parent: Node, text: &mut Text, style: &Style, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "pPr" | "rPr" | "Fallback" | "moveFrom" | "del" | "delText" => {}
                "r" => self.read_run(node, text, style, depth + 1),
                "hyperlink" => {
                    let target = node.attr("id").and_then(|id| self.links.get(id));
                    let link = target.and_then(|target| link_address(target));
                    self.read_inline(node, text, &Style { link, ..style.clone() }, depth + 1);
                }
                "fldSimple" => {
                    let link = node.attr("instr").and_then(field_link);
                    self.read_inline(node, text, &Style { link, ..style.clone() }, depth + 1);
                }
                _ => self.read_inline(node, text, style, depth + 1),
            }
        }
    }

    fn read_run(&mut self, run: Node, text: &mut Text, style: &Style, depth: usize) {
        let mut style = style.clone();
        if let Some(id) = run.child("rPr").and_then(|properties| properties.child_value("rStyle")) {
            self.styles.apply(id, &mut style);
        }
        let format = Format::read(run);
        format.apply(&mut style);
        if format.is_hidden == Some(true) {
            return;
        }
        self.read_run_content(run, text, &style, depth);
    }

    fn read_run_content(&mut self, parent: Node, text: &mut Text, style: &Style, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "t" => text.push(node.text().unwrap_or_default(), style),
                "tab" | "ptab" => text.push(" ", style),
                "noBreakHyphen" => text.push("\u{2011}", style),
                "br" if node.attr("type").is_none_or(|kind| kind == "textWrapping") => {
                    text.runs.push(Run::line_break())
                }
                "cr" => text.runs.push(Run::line_break()),
                "fldChar" => text.read_field_mark(node.attr("fldCharType").unwrap_or_default()),
                "instrText" => {
                    if let Some(field) = text.fields.last_mut().filter(|field| !field.has_result) {
                        field.instruction.push_str(node.text().unwrap_or_default());
                    }
                }
                "footnoteReference" => {
                    let label = node.attr("id").unwrap_or_default().to_owned();
                    text.runs.push(Run { content: Content::FootnoteReference(label), style: Style::default() });
                }
                "drawing" | "pict" | "object" => self.read_drawing(node, text, style, depth + 1),
                "Fallback" | "rPr" | "delText" => {}
                // Alternative content and others are transparent.
                _ => self.read_run_content(node, text, style, depth + 1),
            }
        }
    }

    /// Reads pictures and text boxes.
    fn read_drawing(&mut self, drawing: Node, text: &mut Text, style: &Style, depth: usize) {
        let find = |name: &str| drawing.descendants().find(|node| node.is_named(name));
        let content: Vec<Node> = drawing.descendants().filter(|node| node.is_named("txbxContent")).collect();
        // A text box within a text box is read with the outer one.
        if let Some(outer) = content.first() {
            let mut blocks = vec![];
            self.read_children(*outer, &mut blocks, depth + 1);
            text.boxes.append(&mut blocks);
            return;
        }
        let picture = find("blip").and_then(|blip| blip.attr("embed").or(blip.attr("link")));
        let picture = picture.or_else(|| find("imagedata")?.attr("id"));
        let Some(picture) = picture else { return };
        let address = self.links.get(picture).map(|target| picture_name(target)).unwrap_or_default();
        let about = find("docPr");
        let alt = about.and_then(|about| about.attr("descr").or(about.attr("title"))).unwrap_or_default();
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
        let image = Image { address, alt, title: String::new() };
        text.runs.push(Run { content: Content::Image(image), style: style.clone() });
    }

    fn read_table(&mut self, node: Node, blocks: &mut Vec<Block>, depth: usize) {
        let mut rows: Vec<Vec<Vec<Block>>> = vec![];
        for row in node.children().filter(|child| child.is_named("tr")) {
            let mut cells = vec![];
            for cell in row.children().filter(|child| child.is_named("tc")) {
                let mut inner = vec![];
                self.read_children(cell, &mut inner, depth + 1);
                cells.push(nest_items(inner));
                let span = cell.child("tcPr").and_then(|properties| properties.child_value("gridSpan")?.parse().ok());
                cells.resize(cells.len() + span.unwrap_or(1_usize).clamp(1, 50) - 1, vec![]);
            }
            rows.push(cells);
        }
        let is_table = |block: &Block| matches!(block, Block::Table(_));
        let is_layout = rows.iter().all(|row| row.len() < 2) || rows.iter().flatten().flatten().any(is_table);
        if is_layout {
            blocks.extend(rows.into_iter().flatten().flatten());
            return;
        }
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut table = Table { alignments: vec![Default::default(); columns], ..Table::default() };
        for row in rows {
            let mut cells: Vec<Vec<Run>> = row.into_iter().map(|cell| one_paragraph(inline_of_blocks(cell))).collect();
            cells.resize(columns, vec![]);
            if table.rows.is_empty() {
                cells = cells.into_iter().map(without_full_bold).collect();
            }
            if cells.iter().any(|cell| !cell.is_empty()) {
                table.rows.push(cells);
            }
        }
        blocks.extend((!table.rows.is_empty()).then_some(Block::Table(table)));
    }
}

impl Text {
    fn push(&mut self, text: &str, style: &Style) {
        if self.fields.iter().any(|field| !field.has_result) {
            return;
        }
        let link = self.fields.iter().find_map(|field| field_link(&field.instruction));
        let style = Style { link: style.link.clone().or(link), ..style.clone() };
        self.runs.push(Run::text(text, &style));
    }

    fn read_field_mark(&mut self, mark: &str) {
        match mark {
            "begin" if self.fields.len() < MAX_DEPTH => self.fields.push(Field::default()),
            "separate" => self.fields.iter_mut().rev().take(1).for_each(|field| field.has_result = true),
            "end" => drop(self.fields.pop()),
            _ => {}
        }
    }
}

/// Address in the instruction of a field, such as `HYPERLINK "https://example.com"`.
fn field_link(instruction: &str) -> Option<String> {
    let rest = instruction.trim().strip_prefix("HYPERLINK")?.trim_start();
    link_address(rest.strip_prefix('"')?.split('"').next()?)
}
