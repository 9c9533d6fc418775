//! Tables in HTML.

use ego_tree::NodeRef;
use scraper::Node;

use crate::web::rich_text::css::alignment;
use crate::web::rich_text::document::{Run, Table};
use crate::web::rich_text::runs::{one_paragraph, without_full_bold};

/// Most columns and rows that one cell can cover.
const MAX_SPAN: usize = 50;

/// Cells of each row, without those of tables in a cell.
pub fn rows(table: NodeRef<'_, Node>) -> Vec<Vec<NodeRef<'_, Node>>> {
    let name = |node: &NodeRef<'_, Node>| node.value().as_element().map(|element| element.name().to_owned());
    let is_group = |node: &NodeRef<'_, Node>| matches!(name(node).as_deref(), Some("thead" | "tbody" | "tfoot"));
    let is_row = |node: &NodeRef<'_, Node>| name(node).as_deref() == Some("tr");
    let is_cell = |node: &NodeRef<'_, Node>| matches!(name(node).as_deref(), Some("td" | "th"));
    let groups = table.children().filter(is_group).flat_map(|group| group.children());
    let direct = table.children();
    groups.chain(direct).filter(is_row).map(|row| row.children().filter(is_cell).collect()).collect()
}

/// Whether a table only arranges other content: it has one column, or tables in its cells.
pub fn is_layout(rows: &[Vec<NodeRef<'_, Node>>]) -> bool {
    let is_table = |node: NodeRef<'_, Node>| node.value().as_element().is_some_and(|element| element.name() == "table");
    rows.iter().all(|row| row.len() < 2) || rows.iter().flatten().any(|cell| cell.descendants().any(is_table))
}

/// Reads the rows. A cell that covers several columns or rows is followed by empty ones.
pub fn read_table(rows: &[Vec<NodeRef<'_, Node>>], read_cell: &dyn Fn(NodeRef<'_, Node>) -> Vec<Run>) -> Option<Table> {
    let mut table = Table::default();
    // For each column, the number of following rows that a cell above covers.
    let mut covered: Vec<usize> = vec![];
    for cells in rows {
        let mut row: Vec<Vec<Run>> = vec![];
        for cell in cells {
            skip_covered(&mut row, &mut covered);
            let span = |name| {
                let span = cell.value().as_element().and_then(|element| element.attr(name)?.trim().parse().ok());
                span.unwrap_or(1_usize).clamp(1, MAX_SPAN)
            };
            let start = row.len();
            let columns = start..start + span("colspan");
            covered.resize(covered.len().max(columns.end), 0);
            covered[columns.clone()].fill(span("rowspan") - 1);
            row.resize(columns.end, vec![]);
            row[start] = one_paragraph(read_cell(*cell));
            if table.alignments.len() <= start {
                table.alignments.resize(start + 1, cell.value().as_element().map(alignment).unwrap_or_default());
            }
        }
        skip_covered(&mut row, &mut covered);
        if row.iter().any(|cell| !cell.is_empty()) {
            table.rows.push(row);
        }
    }
    let columns = table.rows.iter().map(Vec::len).max()?;
    table.rows.iter_mut().for_each(|row| row.resize(columns, vec![]));
    table.alignments.resize(columns, Default::default());
    if let Some(head) = table.rows.first_mut() {
        for cell in head {
            *cell = without_full_bold(std::mem::take(cell));
        }
    }
    Some(table)
}

/// Adds empty cells where a cell of an earlier row covers this one.
fn skip_covered(row: &mut Vec<Vec<Run>>, covered: &mut [usize]) {
    while let Some(rows) = covered.get_mut(row.len()).filter(|rows| **rows > 0) {
        *rows -= 1;
        row.push(vec![]);
    }
}
