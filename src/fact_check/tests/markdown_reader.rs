//! Blocks, spans and source positions of Markdown.

use super::*;

#[test]
fn text_without_markup_maps_back_to_its_source() {
    let source = "On **June 28**, [round 252](/draws/252) &amp; more\nwas `500` ~~600~~ held.";
    let block = &blocks("body", source)[0];
    assert_eq!(block.text, "On June 28, round 252 & more was \u{FFFC} \u{FFFC} held.");
    for words in ["June 28", "round 252", "252", "held"] {
        let at = block.text.find(words).unwrap();
        assert_eq!(&source[block.replaceable(&(at..at + words.len())).unwrap()], words);
    }
    // A whole bold word goes with its stars; half of one cannot go.
    let at = block.text.find("On June 28,").unwrap();
    assert_eq!(&source[block.replaceable(&(at..at + 11)).unwrap()], "On **June 28**,");
    assert_eq!(block.replaceable(&(at..at + 7)), None);
    assert_eq!(&source[block.source_start(block.text.find("held").unwrap())..], "held.");
}

#[test]
fn lists_tables_headings_and_code_are_distinguished() {
    let source = "Text\n\n# Head\n\n- one\n- two\n\n  more\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n    code\n\n<p>html</p>\n\nend";
    let found = blocks("body", source);
    let texts: Vec<&str> = found.iter().map(|block| block.text.as_str()).collect();
    assert_eq!(texts, ["Text", "Head", "one", "two", "more", "a | b", "1 | 2", "end"]);
    assert_eq!((found[0].section, found[1].section), (0, 1));
    assert_eq!(found[4].kind, BlockKind::Item(1));
    assert_eq!(found[6].kind, BlockKind::Row { cells: vec![0..1, 4..5], header: 1 });
    assert_eq!(found[7].kind, BlockKind::Paragraph);
}
