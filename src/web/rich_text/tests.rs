//! Tests of the conversion on documents of other programs, written from their documented formats.

use std::time::Duration;

use crate::test_support::cpu_time;
use crate::web::{
    file_to_markdown, html_title, html_to_markdown, markdown_issues, no_replacement, pasted_to_markdown,
    render_markdown,
};

/// HTML on the clipboard and the expected Markdown, by program.
macro_rules! clipboard {
    ($($program:literal),*) => {
        [$((
            $program,
            include_str!(concat!("../../../tests/data/clipboard/", $program, ".html")),
            include_str!(concat!("../../../tests/data/clipboard/", $program, ".md")),
        )),*]
    };
}

#[test]
fn clipboard_html_of_each_program_becomes_the_expected_markdown() {
    for (program, html, markdown) in
        clipboard!["word", "word-online", "google-docs", "libreoffice", "gmail", "web-page"]
    {
        let converted = pasted_to_markdown(html, "plain text");
        assert_eq!(converted, markdown.trim_end(), "{program}:\n{converted}");
        assert_eq!(markdown_issues(&converted), [], "{program}");
        // The same as a saved file, and as source in the field.
        assert_eq!(file_to_markdown(html.as_bytes()).unwrap(), converted, "{program}");
    }
}

#[test]
fn text_without_formatting_stays_as_typed() {
    for (html, text, markdown) in [
        ("<div>## Draw</div><div>**500** people</div>", "## Draw\n**500** people", "## Draw\n**500** people"),
        ("<p>##&nbsp;Draw</p>", "##\u{a0}Draw", "## Draw"),
        ("", "•\tone\r\n•\ttwo", "- one\n- two"),
        ("", "Draw\tCRS\n252\t476", "| Draw | CRS |\n|---|---|\n| 252 | 476 |"),
        ("<p>a <b>b</b></p>", "a b", "a **b**"),
        ("", "<p>a <b>b</b></p>", "a **b**"),
        ("", "<https://example.com>", "<https://example.com>"),
        ("", "", ""),
    ] {
        assert_eq!(pasted_to_markdown(html, text), markdown, "{html:?} {text:?}");
    }
}

#[test]
fn details_of_other_programs_are_converted() {
    for (html, markdown) in [
        // Letters and Roman numerals, and a list that goes on after a paragraph.
        (
            "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>3.<span>&nbsp;</span></span>Three</p>\
             <p>Between</p><p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>4.</span>Four</p>\
             <p style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>a)</span>Letter</p>",
            "3. Three\n\nBetween\n\n4. Four\n   1. Letter",
        ),
        // Typed bullets.
        ("<p>•&nbsp;one</p><p>•<b>&nbsp;two</b></p><p>after</p>", "- one\n- **two**\n\nafter"),
        // Spaces at the edges of a format, and formats in several parts.
        ("<p>a<b> b </b><b>c</b> <i>d</i></p>", "a **b c** *d*"),
        ("<p><b>a<i>b</i></b><i>c</i></p>", "<strong>a<em>b</em></strong><em>c</em>"),
        ("<p>x<b>“y”</b>z</p>", "x<strong>“y”</strong>z"),
        ("<p><b><i>a</i></b></p>", "***a***"),
        // Links.
        ("<p><a href='https://example.com/a'>https://example.com/a</a></p>", "<https://example.com/a>"),
        ("<p><a href='mailto:a@example.com'>a@example.com</a></p>", "<a@example.com>"),
        ("<p><a href='https://example.com/a b'>a [b]</a></p>", "[a \\[b\\]](https://example.com/a%20b)"),
        ("<p><a href='javascript:alert(1)'>a</a> <a href='#_Toc1'>b</a> <a name='x'>c</a></p>", "a b c"),
        ("<p><a href='file:///C:/a.doc'>a</a>!<a href='/b'>b</a></p>", "a\\![b](/b)"),
        // Characters with a meaning in Markdown.
        ("<p>- a<br>+ b<br>> c<br># d</p>", "\\- a\\\n\\+ b\\\n\\> c\\\n\\# d"),
        ("<p>a -- b, *c*, `d`, _e_, [f](g), &amp;amp;</p>", "a \\-- b, \\*c\\*, \\`d\\`, \\_e\\_, \\[f](g), \\&amp;"),
        ("<p>{{draw 252 tie-break}}</p>", "{{draw 252 tie-break}}"),
        // Two lists, and a quote with a list.
        ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
        ("<blockquote><p>a</p><ul><li>b</li></ul></blockquote>", "> a\n>\n> - b"),
        ("<ul><li><p>a</p><p>b</p></li><li>c</li></ul>", "- a\n\n  b\n\n- c"),
        // Tables that only arrange their content.
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\n\nb"),
        (
            "<table><tr><td>a</td><td><table><tr><td>b</td><td>c</td></tr></table></td></tr></table>",
            "a\n\n| b | c |\n|---|---|",
        ),
        // Tracked changes, hidden text and comments.
        (
            "<p>a <ins cite='mailto:A'>b</ins> <del cite='mailto:A'>c</del><span style='display:none'>d</span></p>",
            "a b",
        ),
        // Empty parts.
        ("<h2></h2><p>&nbsp;</p><ul><li></li></ul><b> </b><p>a</p><table></table>", "a"),
        ("<h2>C #</h2>", "## C \\#"),
    ] {
        assert_eq!(html_to_markdown(html), markdown, "{html}");
    }
}

const DOCUMENT: &str = "<!doctype html><html><head><title>Draw 252 &amp; more | Firm</title>\
    <style>p { color: red }</style></head><body><nav><a href='/'>Home</a></nav>\
    <article><header><h1>Draw <em>252</em>: 500 invited</h1></header><section>First</section><section>Second</section>\
    <p>Canada invited <strong>500</strong> people &amp; no more, see <a href='/draws/252'>draw 252</a>.<br>Next line</p>\
    <h2>Figures</h2><ul><li>Cut-off: 476</li><li>Date: <b>June 28</b>, 2023</li></ul><ol><li>One</li></ol>\
    <table><tr><th>Draw</th><th>CRS</th></tr><tr><td>252</td><td>476</td></tr></table>\
    <script>alert(1)</script><form><input name='x' value='secret'><button>Send</button></form></article>\
    <aside>Related</aside><footer>Copyright</footer></body></html>";

#[test]
fn text_keeps_its_structure_and_loses_the_rest_of_the_page() {
    assert_eq!(
        html_to_markdown(DOCUMENT),
        "# Draw *252*: 500 invited\n\nFirst\n\nSecond\n\n\
         Canada invited **500** people & no more, see [draw 252](/draws/252).\\\nNext line\n\n\
         ## Figures\n\n- Cut-off: 476\n- Date: **June 28**, 2023\n\n1. One\n\n\
         | Draw | CRS |\n|---|---|\n| 252 | 476 |"
    );
    assert_eq!(html_title(DOCUMENT), "Draw 252 & more | Firm");
    assert_eq!((html_title("<p>A"), html_title("<TITLE a>\nB\n c</Title>")), (String::new(), "B c".into()));
    assert_eq!(html_title("<title>unclosed"), "");
}

#[test]
fn large_and_deep_documents_are_converted() {
    let row = "<p>Canada invited <strong>500</strong> people in draw 252.</p><ul><li>Cut-off: 476</li></ul>";
    let count = 1_000_000 / row.len();
    assert_eq!(html_to_markdown(&row.repeat(count)).matches("**500**").count(), count);
    for nested in ["<div>", "<b>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<a href='/x'>", "<span><p>"] {
        let html = format!("{}deep", nested.repeat(2_000));
        let took = cpu_time(|| assert!(html_to_markdown(&html).contains("deep"), "{nested}"));
        assert!(took < Duration::from_secs(5), "{nested} takes {took:?}");
    }
}

#[test]
fn converted_html_contains_no_script() {
    for html in [
        "<p onclick='alert(1)'>a</p><script>alert(1)</script><img src=x onerror=alert(1)>",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
        "<a href='java&#10;script:alert(1)'>a</a>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
    ] {
        let rendered = render_markdown(&pasted_to_markdown(html, ""), &no_replacement);
        for bad in ["<script", "onclick=", "onerror=", "onload=", "href=\"java"] {
            assert!(!rendered.contains(bad), "{html} → {rendered}");
        }
    }
}
