//! Tests of the conversion of texts.

use super::*;

fn convert(html: &str) -> ConvertedText {
    to_markdown(html, "https://www.old.example", &|picture| {
        (picture.attachment_id == Some(45)).then(|| ("/media/0123456789abcdef-800.jpg".into(), picture.alt.clone()))
    })
}

#[test]
fn block_markup_becomes_markdown() {
    let html = "<!-- wp:heading {\"level\":3} -->\n<h3 class=\"wp-block-heading\">Cut-off</h3>\n<!-- /wp:heading -->\n\n\
                <!-- wp:paragraph -->\n<p>It was <strong>476</strong>.</p>\n<!-- /wp:paragraph -->\n\n\
                <!-- wp:list --><ul><!-- wp:list-item --><li>one</li><!-- /wp:list-item --></ul><!-- /wp:list -->\n\
                <!-- wp:latest-posts {\"postsToShow\":3} /-->";
    let converted = convert(html);
    assert_eq!(converted.markdown.split("\n\n").collect::<Vec<_>>()[..3], ["### Cut-off", "It was **476**.", "- one"]);
    assert!(plain_text(&converted.markdown).contains("[block latest-posts]"), "{}", converted.markdown);
    assert_eq!(converted.shortcodes, BTreeMap::from([("block latest-posts".to_owned(), 1)]));
}

#[test]
fn classic_text_keeps_paragraphs_and_line_breaks() {
    let markdown = convert("First\nline\n\nSecond <em>paragraph</em>").markdown;
    let paragraphs: Vec<&str> = markdown.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 2, "{markdown}");
    assert!(paragraphs[0].starts_with("First") && paragraphs[0].contains('\n'), "{markdown}");
    assert_eq!(paragraphs[1], "Second *paragraph*");
}

#[test]
fn unknown_shortcodes_stay_visible_and_are_counted() {
    let converted =
        convert("Before [contact-form-7 id=\"5\" title=\"Ask\"] after [sic] [b]x[/b] [[code]] [gallery] <p>[1]</p>");
    let text = plain_text(&converted.markdown);
    assert!(converted.markdown.contains("contact-form-7 id=\"5\" title=\"Ask\""), "{}", converted.markdown);
    assert!(text.contains("[contact-form-7 id=") && text.contains("[gallery]"), "{text}");
    let expected = [("b", 1), ("contact-form-7", 1), ("gallery", 1)];
    assert_eq!(converted.shortcodes, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn pictures_and_captions_are_kept_and_missing_pictures_named() {
    let html = "[caption id=\"a\" width=\"300\"]<img class=\"wp-image-45\" src=\"https://old.example/a-300x200.jpg\" alt=\"A &amp; B\" /> The caption[/caption]\n\n\
                <img src=\"https://old.example/wp-content/uploads/2023/07/lost-1024x768.png?x=1\" alt=\"Lost\">";
    let converted = convert(html);
    assert!(converted.markdown.contains("![A & B](/media/0123456789abcdef-800.jpg"), "{}", converted.markdown);
    let text = plain_text(&converted.markdown);
    assert!(converted.markdown.contains("\"The caption\""), "{}", converted.markdown);
    assert!(text.contains("[picture lost-1024x768.png – Lost]"), "{text}");
    assert_eq!(converted.missing, ["lost-1024x768.png"]);
    let found = pictures(html);
    assert_eq!(found[0].attachment_id, Some(45));
    assert_eq!(found[1].original_address(), "https://old.example/wp-content/uploads/2023/07/lost.png");
}

#[test]
fn embedded_content_becomes_a_link_and_local_links_become_paths() {
    let converted = convert(
        "<iframe src=\"https://www.youtube.com/embed/x\"></iframe> <a href=\"https://old.example/2023/07/a/\">a</a> \
         [embed]https://youtu.be/y[/embed] <video><source src=\"z\"></video><aside>Note</aside>",
    );
    let markdown = &converted.markdown;
    assert!(markdown.contains("(https://www.youtube.com/embed/x)"), "{markdown}");
    assert!(markdown.contains("[a](/2023/07/a/)") && markdown.contains("https://youtu.be/y"), "{markdown}");
    assert!(markdown.contains("Note") && plain_text(markdown).contains("[video]"), "{markdown}");
    assert_eq!(converted.embedded, 2);
}

#[test]
fn short_texts_are_cut_between_words() {
    assert_eq!(short_text("One **two** three", 100), "One two three");
    assert_eq!(short_text("One two, three four", 12), "One two…");
    assert_eq!(first_paragraph("# Title\n\n![x](y)\n\nText *here*\n\nMore"), "Text *here*");
}

#[test]
fn picture_that_is_missing_in_a_figure_is_named_with_its_caption() {
    let html = "<!-- wp:gallery --><figure class=\"wp-block-gallery\"><!-- wp:image -->\
                <figure><img src=\"https://old.example/a.jpg\" alt=\"\"><figcaption>Missing</figcaption></figure>\
                <figure><img class=\"wp-image-45\" src=\"b.jpg\" alt=\"B\"><figcaption>There</figcaption></figure></figure>";
    let markdown = convert(html).markdown;
    let text = plain_text(&markdown);
    assert!(text.contains("[picture a.jpg]") && text.contains("Missing"), "{markdown}");
    assert!(markdown.contains("![B](/media/0123456789abcdef-800.jpg \"There\")"), "{markdown}");
}
