//! Tests of the conversion of texts.

use std::collections::BTreeMap;

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
    let found = pictures(html, "https://old.example");
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

#[test]
fn headings_begin_below_the_title() {
    for (html, expected) in [
        ("<h1>A</h1><h2>B</h2><h3>C</h3><h6>D</h6>", vec!["## A", "### B", "#### C", "###### D"]),
        ("<h2>A</h2><h3>B</h3>", vec!["## A", "### B"]),
        ("<blockquote><h1>A</h1></blockquote><h2>B</h2>", vec!["> ## A", "### B"]),
    ] {
        assert_eq!(convert(html).markdown.split("\n\n").collect::<Vec<_>>(), expected, "{html}");
    }
}

#[test]
fn links_to_other_files_are_recorded() {
    let converted = convert("<a href=\"https://old.example/wp-content/uploads/2023/fees.pdf\">Fees</a>");
    assert_eq!(converted.markdown, "[Fees](https://old.example/wp-content/uploads/2023/fees.pdf)");
    assert_eq!(converted.files, ["fees.pdf"]);
}

#[test]
fn marks_of_the_beginning_and_of_pages_are_removed() {
    let markdown = convert("One\n\n<!--more Go on-->\n\nTwo\n\n<!--nextpage-->\n\nThree").markdown;
    assert_eq!(markdown, "One\n\nTwo\n\nThree");
}

#[test]
fn backgrounds_of_covers_become_pictures_and_files_have_one_link() {
    let html = "<div class=\"wp-block-cover\"><div role=\"img\" aria-label=\"Office\" class=\"wp-block-cover__image-background wp-image-45\" \
                style=\"background-position:50% 50%;background-image:url(https://old.example/a.jpg)\"></div><p>Text</p></div>";
    let markdown = convert(&show_backgrounds(html)).markdown;
    assert!(markdown.contains("![Office](/media/0123456789abcdef-800.jpg)") && markdown.contains("Text"), "{markdown}");
    let file = "<div class=\"wp-block-file\"><a href=\"https://x.example/a.pdf\">Fees</a>\
                <a href=\"https://x.example/a.pdf\" class=\"wp-block-file__button\" download>Download</a></div>";
    assert_eq!(convert(file).markdown, "[Fees](https://x.example/a.pdf)");
}

#[test]
fn figures_without_pictures_keep_their_content() {
    for (html, expected) in [
        (
            "<!-- wp:embed --><figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">\nhttps://youtu.be/x\n</div>\
             <figcaption>A talk</figcaption></figure><!-- /wp:embed -->",
            vec!["https://youtu.be/x", "A talk"],
        ),
        (
            "<!-- wp:table --><figure class=\"wp-block-table\"><table><tbody><tr><td>Draw</td><td>CRS</td></tr>\
             <tr><td>252</td><td>476</td></tr></tbody></table><figcaption>Draws</figcaption></figure><!-- /wp:table -->",
            vec!["252", "476", "Draws"],
        ),
        (
            "<!-- wp:pullquote --><figure class=\"wp-block-pullquote\"><blockquote><p>Quoted</p><cite>Somebody</cite></blockquote></figure>",
            vec!["Quoted", "Somebody"],
        ),
        (
            "<!-- wp:video --><figure class=\"wp-block-video\"><video src=\"https://x.example/a.mp4\"></video></figure>",
            vec!["https://x.example/a.mp4"],
        ),
    ] {
        let markdown = convert(html).markdown;
        assert!(expected.iter().all(|part| markdown.contains(part)), "{html}\n{markdown}");
    }
}

#[test]
fn caption_of_a_picture_with_a_link_to_its_own_file_is_kept() {
    let html = "[caption width=\"300\"]<a href=\"https://old.example/a.jpg?w=604\"><img class=\"wp-image-45\" src=\"a-300x200.jpg\" \
                alt=\"A\" /></a> The caption[/caption]";
    assert_eq!(convert(html).markdown, "![A](/media/0123456789abcdef-800.jpg \"The caption\")");
    let other = "<a href=\"https://x.example/\"><img class=\"wp-image-45\" src=\"a.jpg\" alt=\"A\"></a>";
    assert_eq!(convert(other).markdown, "[![A](/media/0123456789abcdef-800.jpg)](https://x.example/)");
}
