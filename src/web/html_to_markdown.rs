//! HTML documents as Markdown.

use ammonia::Builder;

use crate::web::plain_text;

/// Elements that are not part of the text of a page. Their content is dropped.
const UNWANTED_ELEMENTS: [&str; 14] = [
    "title", "script", "style", "noscript", "template", "iframe", "svg", "nav", "footer", "aside", "form", "button",
    "select", "textarea",
];

/// Converts a document or a part of one. Drops scripts, styles, navigation, side bars, footers and forms.
///
/// Takes time proportional to the length, and to the square of the depth of nested elements.
pub fn html_to_markdown(html: &str) -> String {
    // The converter keeps these elements.
    let cleaned = Builder::default()
        .add_tags(["main", "section", "address", "fieldset"])
        .rm_tags(UNWANTED_ELEMENTS)
        .add_clean_content_tags(UNWANTED_ELEMENTS)
        .clean(html)
        .to_string();
    mdka::html_to_markdown(&cleaned).trim().to_owned()
}

/// Plain text of the element `<title>`, or an empty text.
pub fn html_title(html: &str) -> String {
    let lower_case = html.to_ascii_lowercase();
    let range = lower_case.find("<title").and_then(|tag| {
        let start = tag + lower_case[tag..].find('>')? + 1;
        Some(start..start + lower_case[start..].find("</title")?)
    });
    let title = range.map(|range| plain_text(&html_to_markdown(&html[range]))).unwrap_or_default();
    title.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let markdown = html_to_markdown(DOCUMENT);
        for kept in [
            "# Draw *252*: 500 invited\n",
            "First\n\nSecond\n",
            "Canada invited **500** people & no more, see [draw 252](/draws/252).",
            "\nNext line\n",
            "## Figures\n",
            "- Cut-off: 476\n- Date: **June 28**, 2023",
            "1. One",
            "| Draw | CRS |",
            "| 252 | 476 |",
        ] {
            assert!(markdown.contains(kept), "{kept}: {markdown}");
        }
        for dropped in ["more | Firm", "alert", "Home", "Related", "Copyright", "Send", "secret", "color"] {
            assert!(!markdown.contains(dropped), "{dropped}: {markdown}");
        }
        assert_eq!(html_title(DOCUMENT), "Draw 252 & more | Firm");
        assert_eq!((html_title("<p>A"), html_title("<TITLE a>\nB\n c</Title>")), (String::new(), "B c".into()));
        assert_eq!(html_title("<title>unclosed"), "");
    }

    #[test]
    fn large_and_deep_documents_are_converted() {
        let row = "<p>Canada invited <strong>500</strong> people in draw 252.</p><ul><li>Cut-off: 476</li></ul>";
        let count = 1_000_000 / row.len();
        assert_eq!(html_to_markdown(&row.repeat(count)).matches("**500**").count(), count);
        assert!(html_to_markdown(&format!("{}deep", "<div>".repeat(2_000))).contains("deep"));
    }
}
