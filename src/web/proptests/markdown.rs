//! Property tests of Markdown: the HTML is always safe, and rendering time is linear.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use proptest::sample::select;
use scraper::Html;

use crate::test_support::{any_text, check_property, cpu_time, text_from};
use crate::web::{
    Replacement, expand_line, find_placeholders, find_placeholders_in_line, no_replacement, plain_text,
    render_markdown, render_note, slug,
};

/// Parts of Markdown, HTML and placeholders, correct and malicious.
const FRAGMENTS: &[&str] = &[
    "{{draw 252 crs}}",
    "{{ draw 252 figures }}",
    "{{block}}",
    "{{words}}",
    "{{",
    "}}",
    "{{{{",
    "{",
    "}",
    "\n",
    "\n\n",
    "\n\n\n",
    "    ",
    "\t",
    " ",
    "# ",
    "## ",
    "- ",
    "1. ",
    "> ",
    ">>>",
    "***",
    "**",
    "*",
    "__",
    "_",
    "~~",
    "`",
    "```",
    "```js\n",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n",
    "|",
    "---",
    "===",
    "[^1]",
    "[^1]: ",
    "[x](",
    "](",
    ")",
    "[",
    "]",
    "![x](",
    "<https://example.com>",
    "[x]: javascript:alert(1)\n",
    "[x](javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,x)",
    "[x](vbscript:x)",
    "[x](//evil.example)",
    "<script>",
    "</script>",
    "<script",
    "<ScRiPt ",
    "<img src=x onerror=alert(1)>",
    "<svg>",
    "<svg/onload=x>",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<style>",
    "</style>",
    "<title>",
    "<textarea>",
    "</textarea>",
    "<noscript>",
    "<iframe src=x>",
    "<template>",
    "<table>",
    "<tr>",
    "<td>",
    "<p ",
    "<p>",
    "</p>",
    "<div>",
    "<div ",
    "</div>",
    "<b>",
    "</b>",
    "<a href=\"javascript:x\">",
    "<a ",
    "</a>",
    "<a href='x' onclick='y'>",
    " onclick=x ",
    " style=\"x\"",
    " class=\"anchor\" ",
    " id=\"content\"",
    " href=",
    "\"",
    "'",
    "=",
    ">",
    "/>",
    "<",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!x",
    "&lt;script&gt;",
    "&",
    "&#0;",
    "&#x202e;",
    "&#xfffe;",
    "\\",
    "\u{202e}",
    "\u{200f}",
    "\u{0}",
    "\u{a0}",
    "javascript:",
    "onload=",
];

/// Permitted URL schemes.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

fn resolve(what: &str) -> Option<Replacement> {
    match what {
        "words" => Some(Replacement::Text("5 < *6* | <script>x</script> \"onclick=x\" {{block}}".into())),
        "block" => Some(Replacement::Html("<dl class=\"score\"><div><dt>CRS</dt><dd>476</dd></div></dl>".into())),
        what if what.starts_with("draw ") => Some(Replacement::Text("476".into())),
        _ => None,
    }
}

/// Finds unsafe HTML as a browser would parse it.
fn find_danger(html: &str) -> Option<String> {
    const FORBIDDEN: [&str; 16] = [
        "script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "select", "base",
        "link", "meta", "svg", "math", "img",
    ];
    let page = Html::parse_fragment(html);
    let elements = page.tree.values().filter_map(scraper::Node::as_element);
    for element in elements {
        if FORBIDDEN.contains(&element.name()) {
            return Some(format!("<{}>", element.name()));
        }
        for (name, value) in element.attrs() {
            if name.starts_with("on") || matches!(name, "style" | "srcdoc" | "action" | "formaction") {
                return Some(format!("{name}={value}"));
            }
            let address: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
            let is_scheme = |text: &String| {
                text.starts_with(|c: char| c.is_ascii_lowercase())
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            };
            let is_led_astray = matches!(name, "href" | "src" | "cite")
                && scheme.filter(is_scheme).is_some_and(|scheme| !SCHEMES.contains(&scheme.as_str()));
            if is_led_astray {
                return Some(format!("{name}={value}"));
            }
        }
    }
    // Characters that XML forbids would break the feed.
    let c = html.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))?;
    Some(format!("{c:?}"))
}

fn assert_sanitized(typed: &str) {
    for html in [render_markdown(typed, &resolve), render_note(typed, &resolve)] {
        assert_eq!(find_danger(&html), None, "{typed:?} → {html}");
        let again = render_markdown(&html, &resolve);
        assert_eq!(find_danger(&again), None, "{typed:?} → {html} → {again}");
    }
}

#[test]
fn rendered_markdown_is_always_sanitized() {
    check_property(150, text_from(FRAGMENTS, 24), |typed| assert_sanitized(&typed));
}

#[test]
fn any_text_can_be_rendered() {
    check_property(150, any_text(80), |typed| {
        assert_sanitized(&typed);
        let _ = plain_text(&typed);
        assert!(slug(&typed).len() <= 80 && slug(&typed).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    });
}

#[test]
fn every_expanded_placeholder_is_found() {
    check_property(200, text_from(FRAGMENTS, 24), |typed| {
        let found: HashSet<String> = find_placeholders(&typed).into_iter().map(|place| place.key).collect();
        let asked = RefCell::new(vec![]);
        let _ = render_markdown(&typed, &|what: &str| {
            asked.borrow_mut().push(what.chars().take(200).collect::<String>());
            resolve(what)
        });
        for what in asked.take() {
            assert!(found.contains(&what), "{what:?} in {typed:?}, of which are known {found:?}");
        }
        // A resolver without replacements leaves the text unchanged.
        let plain = expand_line(&typed, &no_replacement);
        assert_eq!(plain, typed);
        let lines = typed.matches('\n').count() + 1;
        let places = find_placeholders_in_line(&typed).into_iter().chain(find_placeholders(&typed));
        assert!(places.into_iter().all(|place| (1..=lines).contains(&place.line)));
    });
}

/// Parts that are nested when they are repeated.
const NESTED: &[&str] = &[
    "> ",
    ">",
    "- ",
    "* a\n  ",
    "1. ",
    "[",
    "![",
    "[a](",
    "<div>",
    "<b>",
    "<p><b>",
    "<b><p>",
    "<font size=1><p>",
    "<table>",
    "<a href=x>",
    "<ul><li>",
    "**a",
    "*a **a ",
    "_a*",
    "`",
    "`a``",
    "~~a",
    "{{",
    "{{a}}",
    "{{a}}\n\n",
    "{{a ",
    "\\",
    "&amp;",
    "# \n",
    "# a\n",
    "## {{words}}\n\n",
    "a\n===\n",
    "[^1]",
    "[^1]: a\n",
    "[a]: b\n",
    "[a][",
    "|a|\n|-|\n|b|\n",
    "a|b\n-|-\n",
    "<!--",
    "<",
    "</",
    "<a ",
    "<a b=",
    "<?",
    "<![CDATA[",
    "```\n",
    "\n\n",
    "* * *\n",
    "a\u{a0}",
    "\u{202e}",
    "“",
    "\"",
    "'a",
    "-",
    "--",
    "...",
    "<td>",
    "<dl><dd>",
];

/// CPU time to render a text of repeated parts, and the length of its HTML.
fn render_repeated(piece: &str) -> (Duration, usize) {
    let typed = piece.repeat(INPUT_LEN / piece.len());
    let mut length = 0;
    let took = cpu_time(|| {
        length = render_markdown(&typed, &resolve).len();
        let _ = (find_placeholders(&typed), plain_text(&typed));
    });
    (took, length)
}

#[test]
fn rendering_time_is_linear() {
    for piece in NESTED {
        let (took, length) = render_repeated(piece);
        assert!(took < MAX_CPU_TIME && length < 60 * INPUT_LEN, "{piece:?} takes {took:?} and grows to {length}");
    }
}

#[test]
fn rendering_time_is_linear_for_nested_pairs() {
    check_property(6, (select(NESTED), select(NESTED)), |(one, other)| {
        let (took, length) = render_repeated(&format!("{one}{other}"));
        assert!(
            took < MAX_CPU_TIME && length < 60 * INPUT_LEN,
            "{one:?} and {other:?} take {took:?} and grow to {length}"
        );
    });
}

/// Bytes of the text: a tenth of the longest post. Quadratic rendering would take a minute.
const INPUT_LEN: usize = 12_000;
/// Typical without optimisation: a quarter of a second.
const MAX_CPU_TIME: Duration = Duration::from_secs(3);
