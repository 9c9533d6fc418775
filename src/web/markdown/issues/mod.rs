//! Finds and fixes Markdown that will not be rendered as its author intended.
//!
//! Staff paste texts from Word, Google Docs and web pages. Their bullets, spaces and tables are not Markdown and would
//! appear as typed; images and HTML that the site does not permit would be removed. The editor shows each issue with a fix.

mod inline;
mod issue;
mod lines;

pub use issue::Issue;

use issue::{Edit, RawIssue};

/// Maximum number of issues shown. Fixing is not limited.
const MAX_ISSUES: usize = 50;
/// Maximum length of an excerpt, in characters.
const MAX_EXCERPT_LEN: usize = 60;
/// Maximum number of passes. A fix can reveal another issue, such as a list in a former code block.
const MAX_PASSES: usize = 4;

/// Issues of a Markdown text, in order.
pub fn markdown_issues(text: &str) -> Vec<Issue> {
    let mut issues = find_all(text);
    issues.truncate(MAX_ISSUES);
    issues
}

/// Applies all fixes to a text.
pub fn fix_markdown(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_PASSES {
        let mut edits: Vec<Edit> = find_all(&text).into_iter().flat_map(|issue| issue.edits).collect();
        if edits.is_empty() {
            break;
        }
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut fixed = String::with_capacity(text.len());
        let mut done = 0;
        for (range, replacement) in edits {
            // Overlapping edits are applied in the next pass.
            if range.start < done {
                continue;
            }
            fixed.push_str(&text[done..range.start]);
            fixed.push_str(&replacement);
            done = range.end;
        }
        fixed.push_str(&text[done..]);
        text = fixed;
    }
    text
}

fn find_all(text: &str) -> Vec<Issue> {
    let mut found: Vec<RawIssue> = inline::issues(text);
    found.extend(lines::issues(text, &inline::skipped_ranges(text)));
    found.sort_by_key(|(at, ..)| *at);
    // Lines are counted incrementally, so that the time stays linear.
    let (mut counted, mut line) = (0, 1);
    let mut issues = Vec::with_capacity(found.len());
    for (at, sentence, edits) in found {
        line += text[counted..at].matches('\n').count();
        counted = at;
        let excerpt = text[at..].lines().next().unwrap_or_default().trim().chars().take(MAX_EXCERPT_LEN).collect();
        issues.push(Issue { line, sentence, excerpt, edits });
    }
    issues
}

/// Finds Markdown in a plain-text line such as a title, where it would appear as typed.
pub fn plain_line_issue(text: &str) -> Option<&'static str> {
    let is_markdown = ["**", "](", "`"].iter().any(|mark| text.contains(mark)) || text.starts_with("# ");
    is_markdown.then_some("Markdown does not work in this field and appears as typed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{no_replacement, render_markdown};

    fn html(text: &str) -> String {
        render_markdown(&fix_markdown(text), &no_replacement)
    }

    #[test]
    fn pasted_word_and_html_formatting_is_fixed() {
        for (typed, fixed) in [
            ("##\u{a0}The draw", "## The draw"),
            ("\u{a0}## The draw", "## The draw"),
            ("##The draw", "## The draw"),
            ("-\u{a0}one\n-\u{2003}two", "- one\n- two"),
            ("• one\n• two", "- one\n- two"),
            ("·\tone\n·\ttwo", "- one\n- two"),
            ("\u{f0b7} one", "- one"),
            ("– one\n– two", "- one\n- two"),
            ("• one\no\tinner", "- one\n  - inner"),
            ("1.\u{a0}one\n2.\u{a0}two", "1. one\n2. two"),
            ("(1) one\n(2) two", "1. one\n2. two"),
            ("1.one\n2.two", "1. one\n2. two"),
            ("a) one\nb) two", "- a) one\n- b) two"),
            ("See ![Chart](https://example.com/a.png).", "See [Chart](https://example.com/a.png)."),
            ("![](/a.png)", "[Picture](/a.png)"),
            ("[site](https://example.com/a b)", "[site](https://example.com/a%20b)"),
            ("[site] (https://example.com)", "[site](https://example.com)"),
            ("[site](www.example.com)", "[site](https://www.example.com)"),
            ("See https://example.com/a.", "See <https://example.com/a>."),
            ("It is **important.", "It is **important.**"),
            ("It is ** important ** now", "It is **important** now"),
            ("Draw\tCRS\n252\t476\n255\t463", "| Draw | CRS |\n|---|---|\n| 252 | 476 |\n| 255 | 463 |"),
            ("| Draw | CRS |\n| 252 | 476 |", "| Draw | CRS |\n|---|---|\n| 252 | 476 |"),
            ("<font color=\"red\">Red</font> text", "Red text"),
            ("Dear <name>, hello", "Dear \\<name>, hello"),
            ("    An indented paragraph.", "An indented paragraph."),
            ("<!-- hidden -->Text", "Text"),
        ] {
            let issues = markdown_issues(typed);
            assert!(issues.iter().any(Issue::is_fixable), "{typed:?}: {issues:?}");
            assert_eq!(fix_markdown(typed), fixed, "{typed:?}");
            assert_eq!(markdown_issues(fixed), [], "{fixed:?}");
        }
        assert!(html("##\u{a0}A").contains("<h2"));
        assert!(html("• a\n• b").contains("<ul>"));
        assert!(html("a\tb\n1\t2").contains("<table>"));
    }

    #[test]
    fn valid_markdown_has_no_issues() {
        for fine in [
            "## Heading\n\n- one\n- two\n\n1. one\n2. two\n\n1) one\n2) two",
            "A **bold** word, an *other*, `code **x`, a 5 * 3 and #252.",
            "[words](https://example.com/a_(b)) and <https://example.com> and {{draw 252 crs}}.",
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "```\n• raw\n##\u{a0}x\n![x](y)\nhttps://example.com\n```",
            "A line<br>and H<sub>2</sub>O.",
            "Between 2.5 and 3 – or so.\n\no one\n\n(see 1)",
            "{{occupations healthcare on 2023-06-28}}",
            "Note[^1].\n\n[^1]: The source.",
            "",
        ] {
            assert_eq!(markdown_issues(fine), [], "{fine:?}");
            assert_eq!(fix_markdown(fine), fine);
        }
        for own in [include_str!("../../../../data/first-post.md"), include_str!("../../../../data/about.md")] {
            assert_eq!(markdown_issues(own), []);
        }
    }

    #[test]
    fn unfixable_issues_are_reported() {
        for typed in ["[file](file:///C:/a.doc)", "[x](javascript:alert(1))"] {
            let issues = markdown_issues(typed);
            assert_eq!((issues.len(), issues.iter().any(Issue::is_fixable)), (1, false), "{typed}");
        }
    }

    #[test]
    fn issues_have_line_numbers_and_are_limited() {
        let issues = markdown_issues("One.\n\n• two\n\n![x](y)");
        assert_eq!(issues.iter().map(|issue| issue.line).collect::<Vec<_>>(), [3, 5]);
        assert_eq!(issues[0].excerpt, "• two");
        let long = "• item\n".repeat(20_000);
        assert_eq!(markdown_issues(&long).len(), MAX_ISSUES);
        assert!(fix_markdown(&long).starts_with("- item\n- item"));
    }
}
