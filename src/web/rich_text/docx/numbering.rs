//! Lists of a Word file, and the numbers of their items.

use std::collections::HashMap;

use roxmltree::Node;

use crate::web::rich_text::docx::xml::LocalNames;

/// Number of list levels in Word.
pub const LEVELS: usize = 9;

#[derive(Default)]
pub struct Numbering {
    /// First numbers of the levels of each list. `None` for bullets.
    lists: HashMap<String, [Option<u32>; LEVELS]>,
    /// Last number of each level of each list.
    counters: HashMap<String, [Option<u32>; LEVELS]>,
}

impl Numbering {
    pub fn read(root: Node) -> Self {
        let mut definitions: HashMap<&str, [Option<u32>; LEVELS]> = HashMap::new();
        for definition in root.children().filter(|node| node.is_named("abstractNum")) {
            let mut levels = [None; LEVELS];
            for level in definition.children().filter(|node| node.is_named("lvl")) {
                let Some(index) = level.attr("ilvl").and_then(|index| index.parse::<usize>().ok()) else { continue };
                let is_bullet = matches!(level.child_value("numFmt"), Some("bullet" | "none"));
                let start = level.child_value("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                if let Some(slot) = levels.get_mut(index) {
                    *slot = (!is_bullet).then_some(start);
                }
            }
            if let Some(id) = definition.attr("abstractNumId") {
                definitions.insert(id, levels);
            }
        }
        let list = |node: Node| {
            let levels = definitions.get(node.child_value("abstractNumId")?)?;
            Some((node.attr("numId")?.to_owned(), *levels))
        };
        let lists = root.children().filter(|node| node.is_named("num")).filter_map(list).collect();
        Self { lists, counters: HashMap::new() }
    }

    /// Number of the next item of a list. `None` for a bullet.
    pub fn next_number(&mut self, list: &str, level: usize) -> Option<u32> {
        let start = self.lists.get(list)?.get(level).copied().flatten()?;
        let counters = self.counters.entry(list.to_owned()).or_default();
        let number = counters[level].map_or(start, |last| last.saturating_add(1));
        counters[level] = Some(number);
        counters[level + 1..].fill(None);
        Some(number.min(100_000))
    }
}
