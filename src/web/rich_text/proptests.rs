//! Property tests: Markdown → HTML → Markdown keeps text, links and structure.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use scraper::{Html, Node};

use crate::test_support::{any_text, check_property, text_from};
use crate::web::rich_text::document::{Alignment, Block, Content, List, Run, Script, Style, Table};
use crate::web::rich_text::runs::{one_line, one_paragraph};
use crate::web::rich_text::writer::write_markdown;
use crate::web::{html_to_markdown, no_replacement, pasted_to_markdown, render_markdown};

/// Words with and without characters that have a meaning in Markdown.
const WORDS: &[&str] = &[
    "draw",
    "252",
    "CRS",
    "500",
    "invited",
    "“quoted”",
    "it’s",
    "a*b",
    "*",
    "snake_case",
    "_x_",
    "#1",
    "#",
    "1.",
    "2)",
    "-",
    "+",
    ">",
    "<b>",
    "&amp;",
    "[x]",
    "(y)",
    "[z](w)",
    "|",
    "~",
    "~~",
    "`c`",
    "\\",
    "!",
    "a--b",
    "été",
    "درجہ",
    "{{draw 252 crs}}",
    "https://example.com/a_b",
    "C:\\x",
    "=",
    "***",
    "Note:",
    "«5»",
];

const LINKS: &[&str] = &["/draws/252", "https://example.com/a_(b)?x=1&y=2#z", "mailto:a@example.com", "#figures"];

fn style() -> impl Strategy<Value = Style> {
    let link = prop_oneof![4 => Just(None), 1 => select(LINKS).prop_map(|link| Some(link.to_owned()))];
    let flag = || prop::bool::weighted(0.2);
    let script = prop_oneof![9 => Just(Script::Normal), 1 => Just(Script::Super), 1 => Just(Script::Sub)];
    (link, flag(), flag(), flag(), prop::bool::weighted(0.1), script).prop_map(
        |(link, is_bold, is_italic, is_struck, is_code, script)| {
            // Code contains no other format.
            let script = if is_code { Script::Normal } else { script };
            Style { link, is_bold, is_italic, is_struck, is_code, script }
        },
    )
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let words = || vec(select(WORDS), 1..4).prop_map(|words| words.join(" "));
    let spaces = || select(&["", " ", " "][..]);
    let text = (words(), spaces(), spaces(), style())
        .prop_map(|(words, before, after, style)| Run::text(format!("{before}{words}{after}"), &style));
    let run = prop_oneof![8 => text, 1 => Just(Run::line_break())];
    (words(), vec(run, 0..5)).prop_map(|(first, rest)| {
        let first = Run::text(first, &Style::default());
        one_paragraph([vec![first], rest].concat())
    })
}

fn table() -> impl Strategy<Value = Block> {
    let alignment = select(&[Alignment::None, Alignment::Center, Alignment::Right][..]);
    (2..4_usize, 1..4_usize).prop_flat_map(move |(columns, rows)| {
        let rows = vec(vec(runs(), columns), rows);
        (rows, vec(alignment.clone(), columns))
            .prop_map(|(rows, alignments)| Block::Table(Table { rows: without_bold_heads(rows), alignments }))
    })
}

/// The heads of tables have no bold text, which is removed where the whole cell has it.
fn without_bold_heads(mut rows: Vec<Vec<Vec<Run>>>) -> Vec<Vec<Vec<Run>>> {
    for cell in &mut rows[0] {
        cell.iter_mut().for_each(|run| run.style.is_bold = false);
        *cell = one_paragraph(std::mem::take(cell));
    }
    rows
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let heading = (2..=6_u8, runs()).prop_map(|(level, runs)| Block::Heading(level, one_line(runs)));
    let code = (select(&["", "rust"][..]), vec(select(WORDS), 1..4))
        .prop_map(|(language, words)| Block::Code(language.into(), words.join("\n  ")));
    let leaf = prop_oneof![
        4 => runs().prop_map(Block::Paragraph),
        1 => heading,
        1 => code,
        1 => table(),
        1 => Just(Block::Rule),
    ];
    let block = leaf.prop_recursive(3, 24, 3, |inner| {
        let start = prop_oneof![Just(None), Just(Some(1)), Just(Some(3))];
        let paragraph = runs().prop_map(Block::Paragraph);
        let item = (paragraph, vec(inner.clone(), 0..2)).prop_map(|(first, rest)| [vec![first], rest].concat());
        prop_oneof![
            vec(inner, 1..3).prop_map(Block::Quote),
            (start, vec(item, 1..4)).prop_map(|(start, items)| Block::List(List { start, items })),
        ]
    });
    vec(block, 1..5)
}

/// Elements that only format text. Their order does not count.
const FORMATS: [&str; 7] = ["a", "em", "strong", "del", "code", "sub", "sup"];

/// What readers get: the blocks, and the text with its formats and links. Smart punctuation and spaces do not count.
fn outline(html: &str) -> Vec<String> {
    let page = Html::parse_fragment(html);
    let mut parts: Vec<String> = vec![];
    let mut formats: Vec<String> = vec![];
    let mut last_formats: Option<String> = None;
    for edge in page.tree.root().traverse() {
        let (node, is_open) = match edge {
            ego_tree::iter::Edge::Open(node) => (node, true),
            ego_tree::iter::Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Text(text) if is_open => {
                let plain: String = text.chars().map(plain_char).filter(|c| !c.is_whitespace()).collect();
                if plain.is_empty() {
                    continue;
                }
                let mut sorted = formats.clone();
                sorted.sort_unstable();
                sorted.dedup();
                let sorted = sorted.join(" ");
                match parts.last_mut() {
                    Some(last) if last_formats.as_ref() == Some(&sorted) => last.push_str(&plain),
                    _ => parts.push(format!("{sorted}\"{plain}")),
                }
                last_formats = Some(sorted);
            }
            Node::Element(element) if FORMATS.contains(&element.name()) => {
                let link = element.attr("href").unwrap_or_default();
                if is_open {
                    formats.push(format!("{}{link}", element.name()));
                } else {
                    formats.pop();
                }
            }
            // Whether the items of a list are paragraphs only changes their distance.
            Node::Element(element) if !matches!(element.name(), "html" | "p" | "tbody" | "thead") => {
                let name = if is_open { element.name().to_owned() } else { format!("/{}", element.name()) };
                let start = element.attr("start").filter(|_| is_open);
                parts.push([Some(&*name), start].into_iter().flatten().collect::<Vec<_>>().join(" "));
                last_formats = None;
            }
            _ => {}
        }
    }
    parts
}

fn plain_char(c: char) -> char {
    match c {
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        other => other,
    }
}

fn render(markdown: &str) -> String {
    render_markdown(markdown, &no_replacement)
}

#[test]
fn documents_survive_markdown_html_and_markdown() {
    check_property(400, blocks(), |blocks| {
        let markdown = write_markdown(&blocks);
        let html = render(&markdown);
        let again = html_to_markdown(&html);
        assert_eq!(outline(&html), outline(&render(&again)), "{markdown}\n---\n{html}\n---\n{again}");
        // The text itself is what was written.
        let typed: String = texts(&blocks).chars().map(plain_char).filter(|c| !c.is_whitespace()).collect();
        let read: String =
            outline(&html).iter().filter_map(|part| part.split_once('"')).map(|(_, text)| text).collect();
        assert_eq!(read, typed, "{markdown}\n---\n{html}");
    });
}

/// Text of all blocks as readers see it, with the anchors of headings.
fn texts(blocks: &[Block]) -> String {
    let of_runs = |runs: &[Run]| -> String {
        let text = |run: &Run| match &run.content {
            Content::Text(text) => text.clone(),
            _ => String::new(),
        };
        runs.iter().map(text).collect()
    };
    let text = |block: &Block| match block {
        Block::Heading(_, runs) => format!("{}#", of_runs(runs)),
        Block::Paragraph(runs) => of_runs(runs),
        Block::Quote(inner) => texts(inner),
        Block::List(list) => list.items.iter().map(|item| texts(item)).collect(),
        Block::Table(table) => table.rows.iter().flatten().map(|cell| of_runs(cell)).collect(),
        Block::Code(_, text) => text.clone(),
        Block::Footnote(..) | Block::FlatItem(_) | Block::Rule => String::new(),
    };
    blocks.iter().map(text).collect()
}

/// Markdown as staff type it.
const TYPED: &[&str] = &[
    "\n\n",
    "\n\n",
    "\n",
    "\n\n## Title ",
    "\n\n### *Title* ",
    "\n- item ",
    "\n1. item ",
    "\n> quote ",
    "**bold**",
    " *italic* ",
    "~~struck~~",
    " `code` ",
    "[link](/draws/252)",
    "<https://example.com/a_b>",
    "https://example.com/c",
    "\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n",
    "word",
    "word ",
    "Another sentence. ",
    "“quoted” ",
    "it's ",
    "\n  - inner",
    "\n\n---\n\n",
    "\n\n```\nlet a = 1;\n```\n\n",
    "H<sub>2</sub>O ",
    "{{draw 252 crs}}",
    "\\*",
    " & ",
    " < ",
    "5 * 3 ",
    "![A chart](/media/0123456789abcdef-480.jpg)",
];

#[test]
fn typed_markdown_survives_html_and_markdown() {
    check_property(400, vec(select(TYPED), 0..14).prop_map(|parts| parts.concat()), |typed| {
        let html = render(&typed);
        let again = html_to_markdown(&html);
        assert_eq!(outline(&html), outline(&render(&again)), "{typed}\n---\n{html}\n---\n{again}");
        assert_eq!(html_to_markdown(&render(&again)), again, "{typed}");
    });
}

/// Parts of HTML, correct and damaged.
const HTML: &[&str] = &[
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<a href='/x'>",
    "</a>",
    "<ul>",
    "<ol start=3>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<th rowspan=9 colspan=99>",
    "</table>",
    "<br>",
    "<div>",
    "</div>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<img src='/x.png' alt='*'>",
    "<p style='mso-list:l0 level9 lfo1'>",
    "<span style='mso-list:Ignore'>",
    "<h1>",
    "</h1>",
    "<sup>",
    "</sup>",
    "<blockquote>",
    "&nbsp;",
    "&#8217;",
    "text",
    " ",
    "\n",
    "*",
    "**",
    "`",
    "#",
    "1.",
    "|",
    "[",
    "](",
    "<",
    "{{",
    "<!--[if",
    "<o:p>",
    "<figure>",
    "<figcaption>",
    "<a href='#_ftn1'>",
    "<div id=ftn1>",
    "<li data-aria-level=4>",
    "•\u{a0}",
];

#[test]
fn any_html_can_be_converted() {
    check_property(400, (text_from(HTML, 24), any_text(20)), |(html, text)| {
        let markdown = pasted_to_markdown(&html, &text);
        let _ = render(&markdown);
        let _ = html_to_markdown(&html);
    });
}
