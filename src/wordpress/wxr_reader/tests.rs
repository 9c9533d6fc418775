//! Tests of the reader of export files.

use std::io::{BufReader, Read};

use super::*;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.4" -->
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old site</title><link>https://old.example</link>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url>
"#;
const TAIL: &str = "</channel></rss>";

fn read(file: &str) -> Result<Vec<WxrEntry>, WxrError> {
    let mut reader = WxrReader::new(file.as_bytes());
    let mut entries = vec![];
    while let Some(entry) = reader.next_entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

fn item(xml: &str) -> Item {
    let entries = read(&format!("{HEAD}<item>{xml}</item>{TAIL}")).unwrap();
    let Some(WxrEntry::Item(item)) = entries.into_iter().next_back() else { panic!("no item") };
    *item
}

#[test]
fn authors_categories_and_tags_are_read() {
    let channel = "<wp:author><wp:author_id>1</wp:author_id><wp:author_login><![CDATA[sheraz]]></wp:author_login>\
                   <wp:author_display_name><![CDATA[Sheraz A.]]></wp:author_display_name></wp:author>\
                   <wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>draws</wp:category_nicename>\
                   <wp:category_parent>news</wp:category_parent><wp:cat_name><![CDATA[Draws & more]]></wp:cat_name></wp:category>\
                   <wp:tag><wp:tag_slug>crs</wp:tag_slug><wp:tag_name><![CDATA[CRS]]></wp:tag_name></wp:tag>";
    let text = |text: &str| text.to_owned();
    assert_eq!(
        read(&format!("{HEAD}{channel}{TAIL}")).unwrap(),
        [
            // The channel, then the blog.
            WxrEntry::Site(text("https://old.example")),
            WxrEntry::Site(text("https://old.example")),
            WxrEntry::Author(Author { login: text("sheraz"), display_name: text("Sheraz A.") }),
            WxrEntry::Category(Category {
                id: 3,
                is_tag: false,
                slug: text("draws"),
                parent: text("news"),
                name: text("Draws & more")
            }),
            WxrEntry::Category(Category {
                id: 0,
                is_tag: true,
                slug: text("crs"),
                parent: text(""),
                name: text("CRS")
            }),
        ]
    );
}

#[test]
fn every_field_of_a_post_is_read() {
    let post = item(
        "<title>A &amp; B &#8211; C</title><link>https://old.example/2023/07/a-b/</link>\
         <dc:creator><![CDATA[sheraz]]></dc:creator><guid isPermaLink=\"false\">https://old.example/?p=12</guid>\
         <content:encoded><![CDATA[<p>One</p>]]]]><![CDATA[>]]></content:encoded><excerpt:encoded><![CDATA[Short]]></excerpt:encoded>\
         <wp:post_id>12</wp:post_id><wp:post_date><![CDATA[2023-07-04 14:00:00]]></wp:post_date>\
         <wp:post_date_gmt><![CDATA[2023-07-04 09:00:00]]></wp:post_date_gmt><wp:post_name>a-b</wp:post_name>\
         <wp:status>publish</wp:status><wp:post_parent>4</wp:post_parent><wp:is_sticky>1</wp:is_sticky><wp:post_type>post</wp:post_type><wp:post_password>x</wp:post_password>\
         <category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category>\
         <category><![CDATA[News]]></category><category domain=\"tag\"><![CDATA[CRS]]></category>\
         <category domain=\"post_tag\" nicename=\"crs\"><![CDATA[CRS]]></category>\
         <category domain=\"post_format\" nicename=\"post-format-aside\"><![CDATA[Aside]]></category>\
         <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value><![CDATA[45]]></wp:meta_value></wp:postmeta>\
         <wp:postmeta><wp:meta_key>_yoast_wpseo_metadesc</wp:meta_key><wp:meta_value>For Google</wp:meta_value></wp:postmeta>\
         <wp:postmeta><wp:meta_key>price</wp:meta_key><wp:meta_value>5</wp:meta_value></wp:postmeta>\
         <wp:postmeta><wp:meta_key>_edit_last</wp:meta_key><wp:meta_value>1</wp:meta_value></wp:postmeta>\
         <wp:comment><wp:comment_content><![CDATA[Hi]]></wp:comment_content></wp:comment>\
         <wp:comment><wp:comment_content>Ho<wp:commentmeta><wp:meta_key>k</wp:meta_key></wp:commentmeta></wp:comment_content></wp:comment>",
    );
    let topic = |is_tag, slug: &str, name: &str| ItemTopic { is_tag, slug: slug.into(), name: name.into() };
    assert_eq!(
        post,
        Item {
            id: 12,
            kind: "post".into(),
            status: "publish".into(),
            title: "A & B – C".into(),
            slug: "a-b".into(),
            link: "https://old.example/2023/07/a-b/".into(),
            author: "sheraz".into(),
            content: "<p>One</p>]]>".into(),
            excerpt: "Short".into(),
            date: "2023-07-04 14:00:00".into(),
            date_gmt: "2023-07-04 09:00:00".into(),
            parent: 4,
            is_sticky: true,
            is_protected: true,
            topics: vec![topic(false, "news", "News"), topic(true, "crs", "CRS")],
            thumbnail_id: Some(45),
            search_description: "For Google".into(),
            comments: 2,
            other_fields: 1,
            ..Item::default()
        }
    );
}

#[test]
fn document_types_are_refused_and_entities_are_not_expanded() {
    for document_type in [
        "<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>",
        "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE rss SYSTEM \"http://evil.example/x.dtd\">",
    ] {
        let file = HEAD.replacen("<rss", &format!("{document_type}<rss"), 1);
        let result = read(&format!("{file}<item><title>&b;&x;</title></item>{TAIL}"));
        assert!(matches!(result, Err(WxrError::DocumentType)), "{document_type}: {result:?}");
    }
    assert_eq!(item("<title>a &b; c&nbsp;&quot;</title>").title, "a &b; c&nbsp;\"");
}

#[test]
fn control_characters_are_removed_and_line_ends_kept() {
    let post =
        item("<title>a\u{8}b&#8;c\u{b}</title><content:encoded><![CDATA[one\u{1}\r\n\ttwo\u{7f}]]></content:encoded>");
    assert_eq!((post.title.as_str(), post.content.as_str()), ("abc", "one\r\n\ttwo"));
}

#[test]
fn byte_order_mark_is_accepted() {
    let entries = read(&format!("\u{feff}{HEAD}<item><title>x</title></item>{TAIL}")).unwrap();
    assert!(matches!(entries.last(), Some(WxrEntry::Item(_))));
}

#[test]
fn topics_of_the_first_version_of_the_format_are_read_once() {
    let file = format!(
        "{HEAD}<item><category><![CDATA[News]]></category>\
         <category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category>\
         <category domain=\"tag\" nicename=\"crs\"><![CDATA[CRS]]></category></item>{TAIL}"
    )
    .replace(">1.2<", ">1.0<");
    let Some(WxrEntry::Item(item)) = read(&file).unwrap().into_iter().next_back() else { panic!("no item") };
    assert_eq!(item.topics.iter().map(|topic| topic.name.as_str()).collect::<Vec<_>>(), ["News", "CRS"]);
}

#[test]
fn other_files_and_damaged_files_are_refused() {
    let whole = format!("{HEAD}<item><title>x</title></item>{TAIL}");
    for other in ["", "hello", "{\"a\": 1}", "<html><body></body></html>", "<rss><channel><item/></channel></rss>"] {
        assert!(matches!(read(other), Err(WxrError::NotWxr)), "{other}: {:?}", read(other));
    }
    for length in [HEAD.len() + 3, HEAD.len() + 20, whole.len() - 8] {
        assert!(matches!(read(&whole[..length]), Err(WxrError::Incomplete)), "{:?}", read(&whole[..length]));
    }
    assert!(matches!(read(&format!("{HEAD}<item></title></item>{TAIL}")), Err(WxrError::Damaged(..))));
    assert!(matches!(read(&whole.replace("UTF-8", "UTF-16")), Err(WxrError::Encoding(_))));
    let deep = "<a>".repeat(100);
    assert!(matches!(read(&format!("{HEAD}{deep}")), Err(WxrError::Damaged(..))));
}

#[test]
fn text_of_any_length_is_refused_in_bounded_memory() {
    for (start, end) in [("<item><title>", ""), ("<item><title><![CDATA[", ""), ("<item a=\"", ""), ("<!-- ", "")] {
        // Endless.
        let endless = std::io::repeat(b'a').take(1 << 40);
        let input = format!("{HEAD}{start}");
        let input = BufReader::new(input.as_bytes().chain(endless).chain(end.as_bytes()));
        let mut reader = WxrReader::new(input);
        let error = loop {
            match reader.next_entry() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{start}"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, WxrError::TooLarge(_)), "{start}: {error:?}");
        assert!(reader.buffer.capacity() <= 2 * MAX_TEXT_BYTES);
    }
}

#[test]
fn file_of_200_mb_is_read_in_bounded_memory() {
    let content = "x".repeat(100_000);
    let item =
        format!("<item><wp:post_id>1</wp:post_id><content:encoded><![CDATA[{content}]]></content:encoded></item>");
    let count = 200 * 1024 * 1024 / item.len();
    let mut parts = 0;
    let items = std::iter::repeat_n(item, count);
    // Chained in chunks, so that the file itself is never in memory.
    struct Items<I>(I, Vec<u8>, usize);
    impl<I: Iterator<Item = String>> Read for Items<I> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.2 == self.1.len() {
                let Some(next) = self.0.next() else { return Ok(0) };
                (self.1, self.2) = (next.into_bytes(), 0);
            }
            let count = buffer.len().min(self.1.len() - self.2);
            buffer[..count].copy_from_slice(&self.1[self.2..self.2 + count]);
            self.2 += count;
            Ok(count)
        }
    }
    let file = HEAD.as_bytes().chain(Items(items, vec![], 0)).chain(TAIL.as_bytes());
    let mut reader = WxrReader::new(BufReader::new(file));
    while let Some(entry) = reader.next_entry().unwrap() {
        parts += usize::from(matches!(entry, WxrEntry::Item(_)));
        assert!(reader.buffer.capacity() <= 1024 * 1024, "{}", reader.buffer.capacity());
    }
    assert_eq!(parts, count);
}
