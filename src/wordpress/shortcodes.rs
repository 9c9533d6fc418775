//! Shortcodes of WordPress and of page builders.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use crate::wordpress::html_tags::{attribute, escape, regex};

/// `[caption …]<img …> Text[/caption]`, also with a link around the picture.
static CAPTION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?is)\[(?:wp_)?caption\b([^\]]*)\]\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*?)\[/(?:wp_)?caption\]")
});
static EMBED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)\[embed\b[^\]]*\](.*?)\[/embed\]"));
static SOUND_OR_VIDEO: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?is)\[(audio|video)\b([^\]]*)\](?:\s*\[/(?:audio|video)\])?"));
static GALLERY: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)\[gallery\b([^\]]*)\]"));
/// Headings, pictures and buttons of WPBakery and Divi.
static BUILDER_CONTENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?is)\[(vc_custom_heading|vc_single_image|vc_btn|et_pb_image|et_pb_button)\b([^\]]*)\](?:\s*\[/et_pb_(?:image|button)\])?",
    )
});
/// Rows, columns and text boxes of WPBakery, Divi and Avada, which only arrange their content.
static LAYOUT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?is)\[/?(vc_row|vc_row_inner|vc_column|vc_column_inner|vc_column_text|vc_section|vc_empty_space|vc_separator|et_pb_section|et_pb_row|et_pb_row_inner|et_pb_column|et_pb_column_inner|et_pb_text|et_pb_divider|fusion_builder_container|fusion_builder_row|fusion_builder_row_inner|fusion_builder_column|fusion_builder_column_inner|fusion_text)\b[^\]]*\]",
    )
});
static SHORTCODE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\[(\[?)(/?)([A-Za-z][A-Za-z0-9_-]*)((?:\s[^\[\]<>]*)?)/?\]"));
static SHORTCODE_END: LazyLock<Regex> = LazyLock::new(|| regex(r"\[/([A-Za-z][A-Za-z0-9_-]*)\]"));

/// Attachment that is a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GalleryPicture {
    pub id: i64,
    pub address: String,
    pub alt: String,
}

/// Replaces galleries by their pictures. `find` gets the IDs in the shortcode; without any, the gallery shows the
/// pictures that were uploaded with the text. A gallery without known pictures stays as it is.
pub fn expand_galleries(html: &str, find: &dyn Fn(&[i64]) -> Vec<GalleryPicture>) -> String {
    let html = GALLERY.replace_all(html, |gallery: &Captures<'_>| {
        let ids = ["ids", "include"].into_iter().find_map(|name| shortcode_attribute(&gallery[1], name));
        let ids: Vec<i64> = ids.unwrap_or_default().split(',').filter_map(|id| id.trim().parse().ok()).collect();
        let pictures = find(&ids);
        if pictures.is_empty() { gallery[0].to_owned() } else { picture_markup(&pictures) }
    });
    let html = BUILDER_CONTENT.replace_all(&html, |element: &Captures<'_>| {
        let value = |name: &str| shortcode_attribute(&element[2], name).filter(|value| !value.is_empty());
        let replaced = match element[1].to_ascii_lowercase().as_str() {
            "vc_custom_heading" => value("text").map(|text| format!("\n\n<h2>{}</h2>\n\n", escape(&text))),
            "vc_single_image" => {
                let id = value("image").and_then(|id| id.trim().parse().ok());
                id.map(|id| find(&[id])).filter(|found| !found.is_empty()).map(|found| picture_markup(&found))
            }
            "vc_btn" => {
                // `url:https%3A%2F%2Fold.example%2F|title:Apply`
                let link = value("link").unwrap_or_default();
                let address = link.split('|').find_map(|part| part.strip_prefix("url:")).map(str::to_owned);
                let address = address.map(|address| percent_decode_str(&address).decode_utf8_lossy().into_owned());
                address.and_then(|address| Some(link_paragraph(&address, &value("title")?)))
            }
            "et_pb_button" => {
                value("button_url").and_then(|address| Some(link_paragraph(&address, &value("button_text")?)))
            }
            _ => value("src").map(|address| {
                let alt = value("alt").unwrap_or_default();
                format!("\n\n<figure><img src=\"{}\" alt=\"{}\"></figure>\n\n", escape(&address), escape(&alt))
            }),
        };
        replaced.unwrap_or_else(|| element[0].to_owned())
    });
    html.into_owned()
}

fn link_paragraph(address: &str, text: &str) -> String {
    format!("\n\n<p><a href=\"{}\">{}</a></p>\n\n", escape(address), escape(text))
}

fn picture_markup(pictures: &[GalleryPicture]) -> String {
    let figure = |picture: &GalleryPicture| {
        let (address, alt) = (escape(&picture.address), escape(&picture.alt));
        format!("\n\n<figure><img class=\"wp-image-{}\" src=\"{address}\" alt=\"{alt}\"></figure>\n\n", picture.id)
    };
    pictures.iter().map(figure).collect()
}

/// Replaces the shortcodes whose meaning is known by HTML, and counts those that only arrange their content.
pub fn expand_shortcodes(html: &str, layout: &mut BTreeMap<String, usize>) -> String {
    let html = CAPTION.replace_all(html, |caption: &Captures<'_>| {
        let text = shortcode_attribute(&caption[1], "caption").unwrap_or_default();
        let text = if caption[3].trim().is_empty() { escape(&text) } else { caption[3].to_owned() };
        format!("<figure>{}<figcaption>{text}</figcaption></figure>", &caption[2])
    });
    let html = EMBED.replace_all(&html, "\n\n$1\n\n");
    let html = SOUND_OR_VIDEO.replace_all(&html, |media: &Captures<'_>| {
        const SOURCES: [&str; 10] = ["src", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv", "flv"];
        let source = SOURCES.into_iter().find_map(|name| shortcode_attribute(&media[2], name));
        match source.filter(|source| !source.is_empty()) {
            Some(source) => format!("\n\n<{} src=\"{}\"></{}>\n\n", &media[1], escape(&source), &media[1]),
            None => media[0].to_owned(),
        }
    });
    let html = LAYOUT.replace_all(&html, |element: &Captures<'_>| {
        if !element[0].starts_with("[/") {
            *layout.entry(element[1].to_ascii_lowercase()).or_default() += 1;
        }
        "\n\n"
    });
    html.into_owned()
}

/// Counts shortcodes that WordPress would replace. A word in square brackets alone, such as `[sic]`, is text.
pub fn count_shortcodes(html: &str, counts: &mut BTreeMap<String, usize>) {
    let ends: HashSet<&str> = SHORTCODE_END.captures_iter(html).filter_map(|end| Some(end.get(1)?.as_str())).collect();
    for shortcode in SHORTCODE.captures_iter(html) {
        let (is_escaped, is_end, name, attributes) =
            (!shortcode[1].is_empty(), !shortcode[2].is_empty(), &shortcode[3], &shortcode[4]);
        let is_shortcode = attributes.contains('=')
            || name.contains(['-', '_'])
            || shortcode[0].ends_with("/]")
            || matches!(name, "gallery" | "playlist" | "audio" | "video")
            || ends.contains(name);
        if is_shortcode && !is_escaped && !is_end {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
}

/// Value of an attribute of a shortcode. Editors may have replaced its quotation marks by typographic ones.
fn shortcode_attribute(attributes: &str, name: &str) -> Option<String> {
    let straight = attributes.replace(['”', '“', '″'], "\"").replace(['‘', '’', '′'], "'");
    let straight = straight.replace("&#8221;", "\"").replace("&#8220;", "\"").replace("&#8243;", "\"");
    attribute(&straight, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(ids: &[i64]) -> Vec<GalleryPicture> {
        let known = [(1, "https://old.example/a.jpg"), (2, "https://old.example/b.jpg")];
        let picture = |id: i64, address: &str| GalleryPicture { id, address: address.to_owned(), alt: "x".to_owned() };
        let of = |wanted: &i64| known.iter().find(|(id, _)| id == wanted).map(|(id, address)| picture(*id, address));
        if ids.is_empty() {
            vec![picture(9, "https://old.example/own.jpg")]
        } else {
            ids.iter().filter_map(of).collect()
        }
    }

    #[test]
    fn galleries_become_their_pictures() {
        let html = expand_galleries("A [gallery columns=\"2\" ids=\"2,1\"] B [gallery ids=”1″] C", &find);
        let order: Vec<_> = html.match_indices("wp-image-").map(|(at, _)| html[at + 9..].chars().next()).collect();
        assert_eq!(order, [Some('2'), Some('1'), Some('1')], "{html}");
        assert!(expand_galleries("[gallery]", &find).contains("own.jpg"));
        assert_eq!(expand_galleries("[gallery ids=\"7\"]", &find), "[gallery ids=\"7\"]");
    }

    #[test]
    fn headings_and_pictures_of_page_builders_are_kept() {
        let html = "[vc_custom_heading text=\"Our fees & costs\" font=\"x\"][vc_single_image image=\"1\" img_size=\"full\"]\
                    [et_pb_image src=\"https://old.example/c.png\" alt=\"C\" /][vc_single_image image=\"7\"]";
        let expanded = expand_galleries(html, &find);
        assert!(expanded.contains("<h2>Our fees &amp; costs</h2>"), "{expanded}");
        assert!(expanded.contains("wp-image-1") && expanded.contains("src=\"https://old.example/c.png\" alt=\"C\""));
        assert!(expanded.contains("[vc_single_image image=\"7\"]"), "{expanded}");
        let buttons = "[vc_btn title=\"Apply\" link=\"url:https%3A%2F%2Fold.example%2Fapply|title:x\"]\
                       [et_pb_button button_url=\"/contact/\" button_text=\"Talk to us\" /][vc_btn title=\"No link\"]";
        let expanded = expand_galleries(buttons, &find);
        assert!(expanded.contains("<a href=\"https://old.example/apply\">Apply</a>"), "{expanded}");
        assert!(expanded.contains("<a href=\"/contact/\">Talk to us</a>"), "{expanded}");
        assert!(expanded.contains("[vc_btn title=\"No link\"]"), "{expanded}");
    }

    #[test]
    fn layout_of_page_builders_is_removed_and_counted() {
        let mut layout = BTreeMap::new();
        let html = "[vc_row css=\".a{b:1}\"][vc_column width=\"1/2\"][vc_column_text]Text[/vc_column_text][/vc_column][/vc_row]\
                    [et_pb_section][et_pb_text admin_label=\"x\"]<p>More</p>[/et_pb_text][/et_pb_section][vc_btn title=\"Go\"]";
        let text = expand_shortcodes(html, &mut layout);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), "Text <p>More</p> [vc_btn title=\"Go\"]");
        let expected =
            [("et_pb_section", 1), ("et_pb_text", 1), ("vc_column", 1), ("vc_column_text", 1), ("vc_row", 1)];
        assert_eq!(layout, expected.map(|(name, count)| (name.to_owned(), count)).into());
    }

    #[test]
    fn captions_sounds_and_videos_are_read() {
        let mut layout = BTreeMap::new();
        for (html, expected) in [
            ("[caption width=\"3\"]<img src=\"a\"> Text[/caption]", "<figcaption> Text</figcaption>"),
            ("[wp_caption caption=\"A &amp; b\"]<img src=\"a\">[/wp_caption]", "<figcaption>A &amp; b</figcaption>"),
            ("[audio mp3=\"https://a/b.mp3\"][/audio]", "<audio src=\"https://a/b.mp3\"></audio>"),
            ("[video width=\"6\" mp4=\"https://a/b.mp4\"][/video]", "<video src=\"https://a/b.mp4\"></video>"),
            ("[audio]", "[audio]"),
            ("[embed width=\"3\"]https://a.example/v[/embed]", "https://a.example/v"),
        ] {
            assert!(expand_shortcodes(html, &mut layout).contains(expected), "{html}");
        }
        assert!(layout.is_empty());
    }
}
