//! Paragraphs of texts without block markup, which WordPress separates by empty lines.

/// Elements that are blocks. No line break is added next to their tags.
const BLOCKS: [&str; 37] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Replaces empty lines by paragraphs and single line ends by line breaks, as WordPress does when it shows a text.
///
/// Text in `<pre>` stays as it is.
pub fn add_paragraphs(html: &str) -> String {
    let mut result = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(start) = find_tag(rest, "<pre") {
        let end = find_tag(&rest[start..], "</pre>").map_or(rest.len(), |end| start + end + "</pre>".len());
        add_to_text(&rest[..start], &mut result);
        result.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    add_to_text(rest, &mut result);
    result
}

fn find_tag(html: &str, tag: &str) -> Option<usize> {
    let (bytes, tag) = (html.as_bytes(), tag.as_bytes());
    bytes.windows(tag.len()).position(|window| window.eq_ignore_ascii_case(tag))
}

fn add_to_text(html: &str, result: &mut String) {
    let lines: Vec<&str> = html.split('\n').collect();
    // Elements that are open across lines, such as lists, need no paragraphs, but an empty one does no harm.
    for (index, line) in lines.iter().enumerate() {
        if line.trim().is_empty() && index > 0 && index + 1 < lines.len() {
            result.push_str("<p>");
            continue;
        }
        result.push_str(line);
        let Some(next) = lines.get(index + 1) else { continue };
        let is_in_tag = line.rfind('<') > line.rfind('>');
        let is_text = !line.trim().is_empty() && !next.trim().is_empty();
        if is_text && !is_in_tag && !ends_with_block(line) && !starts_with_block(next) {
            result.push_str("<br>");
        }
        result.push('\n');
    }
}

fn starts_with_block(line: &str) -> bool {
    line.trim_start().strip_prefix('<').is_some_and(|tag| is_block(tag.trim_start_matches('/')))
}

fn ends_with_block(line: &str) -> bool {
    let line = line.trim_end();
    let is_break = |tag: &str| tag.trim_start_matches('/').to_ascii_lowercase().starts_with("br");
    line.ends_with('>')
        && line.rfind('<').is_some_and(|start| {
            let tag = &line[start + 1..];
            is_block(tag.trim_start_matches('/')) || is_break(tag)
        })
}

fn is_block(tag: &str) -> bool {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    BLOCKS.contains(&tag[..end].to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_separate_paragraphs_and_line_ends_are_breaks() {
        for (html, expected) in [
            ("One\ntwo\n\nThree", "One<br>\ntwo\n<p>Three"),
            ("<h2>A</h2>\nText\n<ul>\n<li>x</li>\n</ul>", "<h2>A</h2>\nText\n<ul>\n<li>x</li>\n</ul>"),
            ("a<br />\nb", "a<br />\nb"),
            ("<img\nsrc=\"x\">\nb", "<img\nsrc=\"x\"><br>\nb"),
            ("a\n<pre>1\n\n2</pre>\nb", "a\n<pre>1\n\n2</pre>\nb"),
        ] {
            assert_eq!(add_paragraphs(html), expected, "{html}");
        }
    }
}
