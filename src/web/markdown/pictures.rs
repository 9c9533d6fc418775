//! Pictures in Markdown: replacement by markup, and problems that prevent publication.

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd};

use crate::web::markdown::options::text_options;
use crate::web::picture::{Pictures, picture_hash};
use crate::web::placeholders::{Replacement, Resolver};

/// HTML elements that only the site itself writes, so that every picture has its size and an alternative text.
pub const PICTURE_ELEMENTS: [&str; 3] = ["img", "picture", "source"];
/// Another name of `img` for HTML parsers.
const IMG_ALIAS: &str = "image";

/// Replaces images by the markup of stored pictures. Other images and the HTML elements for pictures are removed.
///
/// A picture alone in its paragraph becomes a figure, with its title as the caption. The first picture loads at once if
/// the text begins with it; all others load when they come near the screen.
pub fn expand_pictures<'a>(events: impl Iterator<Item = Event<'a>>, resolve: &Resolver) -> Vec<Event<'a>> {
    let mut out: Vec<Event<'a>> = vec![];
    let mut image: Option<OpenImage<'a>> = None;
    let mut leaves_paragraph = false;
    let mut events = events.peekable();
    while let Some(event) = events.next() {
        if let Some(open) = &mut image {
            if !open.read(&event) {
                continue;
            }
            let is_start = out.iter().all(|event| matches!(event, Event::Start(Tag::Paragraph)));
            let is_alone = matches!(out.last(), Some(Event::Start(Tag::Paragraph)))
                && matches!(events.peek(), Some(Event::End(TagEnd::Paragraph)));
            let markup = image.take().and_then(|open| open.markup(resolve, is_start, is_alone));
            match markup {
                Some(markup) if is_alone => {
                    out.pop();
                    out.push(Event::Html(markup.into()));
                    leaves_paragraph = true;
                }
                Some(markup) => out.push(Event::InlineHtml(markup.into())),
                None => {}
            }
            continue;
        }
        match event {
            Event::Start(Tag::Image { dest_url, title, .. }) => image = Some(OpenImage::new(dest_url, title)),
            Event::End(TagEnd::Paragraph) if leaves_paragraph => leaves_paragraph = false,
            Event::Html(html) => out.push(Event::Html(without_picture_elements(html))),
            Event::InlineHtml(html) => out.push(Event::InlineHtml(without_picture_elements(html))),
            other => out.push(other),
        }
    }
    out
}

/// An image whose alternative text is being read.
struct OpenImage<'a> {
    address: CowStr<'a>,
    title: CowStr<'a>,
    alt: String,
    /// Images inside the alternative text.
    nested: usize,
}

impl<'a> OpenImage<'a> {
    fn new(address: CowStr<'a>, title: CowStr<'a>) -> Self {
        Self { address, title, alt: String::new(), nested: 0 }
    }

    /// Reads one event. Returns whether it ends the image.
    fn read(&mut self, event: &Event) -> bool {
        match event {
            Event::Text(text) | Event::Code(text) => self.alt.push_str(text),
            Event::SoftBreak | Event::HardBreak => self.alt.push(' '),
            Event::Start(Tag::Image { .. }) => self.nested += 1,
            Event::End(TagEnd::Image) if self.nested == 0 => return true,
            Event::End(TagEnd::Image) => self.nested -= 1,
            _ => {}
        }
        false
    }

    fn markup(self, resolve: &Resolver, is_start: bool, is_alone: bool) -> Option<String> {
        let Some(Replacement::Picture(picture)) = resolve(&self.address) else { return None };
        let picture = picture.in_text(self.alt.trim(), !is_start).to_string();
        Some(match (is_alone, self.title.is_empty()) {
            (false, _) => picture,
            (true, true) => format!("<figure>{picture}</figure>"),
            (true, false) => {
                format!("<figure>{picture}<figcaption>{}</figcaption></figure>", ammonia::clean_text(&self.title))
            }
        })
    }
}

/// Renames the elements for pictures in an author's HTML, so that the sanitizer removes them.
fn without_picture_elements(html: CowStr<'_>) -> CowStr<'_> {
    let lower_case = html.to_ascii_lowercase();
    let mut starts: Vec<usize> = PICTURE_ELEMENTS
        .iter()
        .chain([&IMG_ALIAS])
        .flat_map(|name| lower_case.match_indices(&format!("<{name}")).map(|(start, _)| start + 1).collect::<Vec<_>>())
        .collect();
    if starts.is_empty() {
        return html;
    }
    starts.sort_unstable();
    let mut renamed = String::with_capacity(html.len() + 2 * starts.len());
    let mut done = 0;
    for start in starts {
        renamed.push_str(&html[done..start]);
        renamed.push_str("x-");
        done = start;
    }
    renamed.push_str(&html[done..]);
    renamed.into()
}

/// Problems of the pictures in a text that prevent publication, each with its line, from 1.
pub fn picture_problems(markdown: &str, pictures: &Pictures) -> Vec<(usize, &'static str)> {
    const NO_ALT: &str = "Describe the picture between the square brackets: ![a bar chart of invitations](/media/…). \
                          It is read to people who cannot see the picture.";
    const UNKNOWN: &str = "This picture is not in Media. Copy its Markdown from Media again.";
    let mut problems = vec![];
    let mut image: Option<(usize, OpenImage)> = None;
    let (mut counted, mut line) = (0, 1);
    for (event, range) in Parser::new_ext(markdown, text_options()).into_offset_iter() {
        if let Some((line, open)) = &mut image {
            if open.read(&event) {
                if open.alt.trim().is_empty() {
                    problems.push((*line, NO_ALT));
                }
                if pictures.find(&open.address).is_none() {
                    problems.push((*line, UNKNOWN));
                }
                image = None;
            }
            continue;
        }
        if let Event::Start(Tag::Image { dest_url, title, .. }) = event
            && picture_hash(&dest_url).is_some()
        {
            if range.start >= counted {
                line += markdown[counted..range.start].matches('\n').count();
                counted = range.start;
            }
            image = Some((line, OpenImage::new(dest_url, title)));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::picture::Picture;
    use crate::web::{no_replacement, render_markdown};

    const ADDRESS: &str = "/media/0123456789abcdef-480.jpg";

    fn pictures() -> Pictures {
        Pictures::new([Picture { hash: "0123456789abcdef".into(), width: 1000, height: 500 }])
    }

    fn html(markdown: &str) -> String {
        let pictures = pictures();
        render_markdown(markdown, &|key| Replacement::picture(&pictures, key))
    }

    #[test]
    fn a_stored_picture_has_all_sizes_and_both_formats() {
        assert_eq!(
            html(&format!("![A *bar* \"chart\"]({ADDRESS} 'Pool <in> 2026')")),
            "<figure><picture><source type=\"image/webp\" srcset=\"/media/0123456789abcdef-480.webp 480w, \
             /media/0123456789abcdef-960.webp 960w, /media/0123456789abcdef-1000.webp 1000w\" \
             sizes=\"(min-width: 42rem) 40rem, calc(100vw - 2rem)\"><img src=\"/media/0123456789abcdef-1000.jpg\" \
             srcset=\"/media/0123456789abcdef-480.jpg 480w, /media/0123456789abcdef-960.jpg 960w, \
             /media/0123456789abcdef-1000.jpg 1000w\" sizes=\"(min-width: 42rem) 40rem, calc(100vw - 2rem)\" \
             width=\"1000\" height=\"500\" alt=\"A bar “chart”\"></picture><figcaption>Pool &lt;in&gt; 2026\
             </figcaption></figure>"
        );
    }

    #[test]
    fn only_a_picture_at_the_start_of_a_text_loads_at_once() {
        let two = html(&format!("![one]({ADDRESS})\n\n![two]({ADDRESS})"));
        assert_eq!(two.matches("loading=\"lazy\"").count(), 1, "{two}");
        let inline = html(&format!("Words ![one]({ADDRESS}) and more."));
        assert!(inline.starts_with("<p>Words <picture>") && inline.contains("loading=\"lazy\""), "{inline}");
    }

    #[test]
    fn authors_cannot_write_picture_elements_or_use_other_images() {
        for text in [
            "![x](https://example.com/a.png)",
            "![x](/static/a.png)",
            "![x](/media/fedcba9876543210-480.jpg)",
            "<img src=\"/media/0123456789abcdef-480.jpg\">",
            "<IMG src=/media/0123456789abcdef-480.jpg onerror=alert(1)>",
            "a <picture><source srcset=\"/media/0123456789abcdef-480.jpg\"></picture> b",
            "<image src=\"/media/0123456789abcdef-480.jpg\" srcset=\"/media/a 1x, https://example.com/b 2x\">",
            "<div>\n<img\nsrc=\"/media/0123456789abcdef-480.jpg\">\n</div>",
        ] {
            let html = html(text);
            for forbidden in ["<img", "<picture", "<source", "src", "onerror"] {
                assert!(!html.contains(forbidden), "{text} → {html}");
            }
        }
        assert!(!render_markdown(&format!("![x]({ADDRESS})"), &no_replacement).contains("<img"));
    }

    #[test]
    fn markup_in_the_alternative_text_stays_text() {
        let html = html(&format!("![\"><script>alert(1)</script>]({ADDRESS})"));
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn pictures_without_alternative_text_and_unknown_ones_are_reported_with_their_lines() {
        let text = format!(
            "Text\n\n![]({ADDRESS})\n\n![fine]({ADDRESS})\n\n![x](/media/fedcba9876543210-480.jpg)\n\n\
             `![]({ADDRESS})` ![](https://example.com/a.png)"
        );
        let lines: Vec<usize> = picture_problems(&text, &pictures()).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [3, 7]);
    }
}
