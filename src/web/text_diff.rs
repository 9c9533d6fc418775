//! Differences between two versions of a text, by line and by word.

use std::time::{Duration, Instant};

use similar::{ChangeTag, DiffOp, DiffTag, TextDiff};

/// Unchanged lines that are shown before and after a change.
const CONTEXT_LINES: usize = 2;
/// After this time, the rest is compared less exactly, so that very long texts do not delay a page.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Row of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub enum DiffRow {
    /// Number of unchanged lines that are left out.
    Skipped(usize),
    Unchanged(String),
    /// Line of the old text, of the new text, or both if one replaces the other.
    Changed {
        old: Option<Vec<DiffPart>>,
        new: Option<Vec<DiffPart>>,
    },
}

/// Part of a changed line.
#[derive(Debug, PartialEq, Eq)]
pub struct DiffPart {
    pub text: String,
    /// Whether the other line does not contain the part.
    pub is_changed: bool,
}

/// Compares two texts. Equal texts have no rows. Takes up to a second of processor time.
pub fn text_diff(old: &str, new: &str) -> Vec<DiffRow> {
    let deadline = Instant::now() + TIMEOUT;
    // Without a last line break, a text that continues would have a changed last line.
    let terminated = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
    let (old, new) = (terminated(old), terminated(new));
    let diff = TextDiff::configure().deadline(deadline).diff_lines(&old, &new);
    let (mut rows, mut next) = (vec![], 0);
    for op in diff.grouped_ops(CONTEXT_LINES).iter().flatten() {
        skip(&mut rows, op.old_range().start - next);
        next = op.old_range().end;
        if op.tag() == DiffTag::Equal {
            rows.extend(diff.iter_changes(op).map(|line| DiffRow::Unchanged(without_line_break(line.value()))));
        } else {
            push_changed(&mut rows, &diff, op, deadline);
        }
    }
    if !rows.is_empty() {
        skip(&mut rows, diff.old_len() - next);
    }
    rows
}

fn push_changed(rows: &mut Vec<DiffRow>, diff: &TextDiff<'_, '_, str>, op: &DiffOp, deadline: Instant) {
    let (mut old, mut new) = (vec![], vec![]);
    for line in diff.iter_inline_changes_deadline(op, Some(deadline)) {
        let parts = line
            .values()
            .iter()
            .map(|(is_changed, text)| DiffPart { text: without_line_break(text), is_changed: *is_changed });
        let parts = parts.filter(|part| !part.text.is_empty()).collect();
        match line.tag() {
            ChangeTag::Delete => old.push(parts),
            _ => new.push(parts),
        }
    }
    let count = old.len().max(new.len());
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    rows.extend((0..count).map(|_| DiffRow::Changed { old: old.next(), new: new.next() }));
}

fn skip(rows: &mut Vec<DiffRow>, lines: usize) {
    if lines > 0 {
        rows.push(DiffRow::Skipped(lines));
    }
}

fn without_line_break(line: &str) -> String {
    line.trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as text: changed words in brackets.
    fn rows(old: &str, new: &str) -> Vec<String> {
        let line = |parts: &Option<Vec<DiffPart>>| {
            let Some(parts) = parts else { return "nothing".to_owned() };
            let part = |p: &DiffPart| if p.is_changed { format!("[{}]", p.text) } else { p.text.clone() };
            parts.iter().map(part).collect::<String>()
        };
        let row = |row: &DiffRow| match row {
            DiffRow::Skipped(lines) => format!("skipped {lines}"),
            DiffRow::Unchanged(text) => text.clone(),
            DiffRow::Changed { old, new } => format!("{} -> {}", line(old), line(new)),
        };
        text_diff(old, new).iter().map(row).collect()
    }

    #[test]
    fn changed_words_are_marked_and_unchanged_lines_are_left_out() {
        let old = "a\nb\nc\nd\nThe cut-off was 480 points.\ne\nf\ng";
        let new = "a\nb\nc\nd\nThe cut-off was 476 points.\ne\nf\ng";
        assert_eq!(
            rows(old, new),
            [
                "skipped 2",
                "c",
                "d",
                "The cut-off was [480] points. -> The cut-off was [476] points.",
                "e",
                "f",
                "skipped 1"
            ]
        );
    }

    #[test]
    fn added_and_removed_lines_have_no_counterpart() {
        assert_eq!(rows("a", "a\n\nb"), ["a", "nothing -> ", "nothing -> b"]);
        assert_eq!(rows("a\nb", "b"), ["a -> nothing", "b"]);
        assert_eq!(rows("", "new"), ["nothing -> new"]);
        assert_eq!(rows("same", "same"), Vec::<String>::new());
        assert_eq!(rows("", ""), Vec::<String>::new());
    }

    #[test]
    fn long_different_texts_are_compared_in_time() {
        let text = |seed: usize| -> String {
            (0..30_000).map(|n| if n % 7 == 0 { "\n".into() } else { format!("{} ", n * seed % 977) }).collect()
        };
        let started = Instant::now();
        assert!(!text_diff(&text(7), &text(13)).is_empty());
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
