//! Documents as Markdown.

use crate::web::rich_text::document::{Alignment, Block, List, Run, Table};
use crate::web::rich_text::inline_writer::write_runs;

/// Writes a document whose runs are normalized.
pub fn write_markdown(blocks: &[Block]) -> String {
    write_blocks(blocks, "\n\n")
}

fn write_blocks(blocks: &[Block], separator: &str) -> String {
    let mut out = String::new();
    // Whether the list before has the other marker, which keeps two lists apart.
    let mut is_other_marker = false;
    for (index, block) in blocks.iter().enumerate() {
        is_other_marker = match (index.checked_sub(1).map(|before| &blocks[before]), block) {
            (Some(Block::List(before)), Block::List(list)) if before.start.is_some() == list.start.is_some() => {
                !is_other_marker
            }
            _ => false,
        };
        let text = write_block(block, is_other_marker);
        if text.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str(separator);
        }
        out.push_str(&text);
    }
    out
}

fn write_block(block: &Block, is_other_marker: bool) -> String {
    match block {
        Block::Heading(level, runs) => write_heading(*level, &write_runs(runs, " ")),
        Block::Paragraph(runs) => write_runs(runs, "\\\n"),
        Block::Quote(inner) => indent(&write_blocks(inner, "\n\n"), "> ", "> "),
        Block::List(list) => write_list(list, is_other_marker),
        Block::FlatItem(item) => write_blocks(&item.blocks, "\n\n"),
        Block::Table(table) => write_table(table),
        Block::Code(language, text) => write_code(language, text),
        Block::Rule => "***".to_owned(),
        Block::Footnote(label, inner) => indent(&write_blocks(inner, "\n\n"), &format!("[^{label}]: "), "    "),
    }
}

fn write_heading(level: u8, text: &str) -> String {
    // Number signs at the end would be read as the end of the heading.
    let without = text.trim_end_matches('#');
    let is_closed = without.len() < text.len() && (without.is_empty() || without.ends_with(' '));
    let text = if is_closed { format!("{without}\\{}", &text[without.len()..]) } else { text.to_owned() };
    if text.is_empty() { String::new() } else { format!("{} {text}", "#".repeat(level.into())) }
}

fn write_list(list: &List, is_other_marker: bool) -> String {
    let is_tight = list.items.iter().all(|item| is_tight(item));
    let separator = if is_tight { "\n" } else { "\n\n" };
    let mut out: Vec<String> = vec![];
    for (item, offset) in list.items.iter().zip(0..) {
        let marker = match (list.start, is_other_marker) {
            (Some(start), false) => format!("{}. ", start.saturating_add(offset)),
            (Some(start), true) => format!("{}) ", start.saturating_add(offset)),
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
        };
        let text = write_blocks(item, separator);
        out.push(indent(&text, &marker, &" ".repeat(marker.len())));
    }
    out.join(separator)
}

/// Whether an item is one paragraph, and lists that can follow it without an empty line.
fn is_tight(item: &[Block]) -> bool {
    let can_follow = |block: &Block| matches!(block, Block::List(list) if matches!(list.start, None | Some(1)));
    match item {
        [] => true,
        [Block::Paragraph(_), rest @ ..] => rest.len() < 2 && rest.iter().all(can_follow),
        [first, rest @ ..] => rest.is_empty() && matches!(first, Block::Heading(..) | Block::List(_)),
    }
}

/// Adds `first` to the first line and `rest` to the others.
fn indent(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let prefix = if index == 0 { first } else { rest };
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}

fn write_table(table: &Table) -> String {
    let mut lines: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row.iter().map(|cell| write_cell(cell)).collect();
            format!("| {} |", cells.join(" | "))
        })
        .collect();
    let rule: Vec<&str> = table
        .alignments
        .iter()
        .map(|alignment| match alignment {
            Alignment::None => "---",
            Alignment::Center => ":-:",
            Alignment::Right => "--:",
        })
        .collect();
    lines.insert(1, format!("|{}|", rule.join("|")));
    lines.join("\n")
}

fn write_cell(cell: &[Run]) -> String {
    write_runs(cell, "<br>").replace("\\|", "|").replace('|', "\\|")
}

fn write_code(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{text}\n{fence}")
}
