//! Words, numbers and placeholders of a text.

use super::*;

#[test]
fn numbers_words_and_placeholders_are_tokenized() {
    let read = |text: &str| tokenize(text, 0..text.len(), false);
    let number = |text: &str| read(text)[0].number().cloned().unwrap();
    assert_eq!(number("1,500 people").value, Some(1500));
    assert_eq!(number("31301,31302").value, Some(31301));
    assert_eq!(number("10.5").value, None);
    assert_eq!((number("252nd").suffix.as_str(), number("91a").suffix.as_str()), ("nd", "a"));
    assert_eq!(number("500.").value, Some(500));
    let words = read("Cut-off isn’t the draw’s {{draw 252 crs}}.");
    assert_eq!(words.iter().map(Token::word).collect::<Vec<_>>(), ["cut-off", "isn't", "the", "draw", "", ""]);
    assert_eq!(words[4].kind, TokenKind::Placeholder("draw 252 crs".into()));
}

#[test]
fn french_numbers_and_elided_words_are_tokenized() {
    let read = |text: &str| tokenize(text, 0..text.len(), true);
    assert_eq!(read("1 750 invitations")[0].number().unwrap().value, Some(1750));
    assert_eq!(read("25 2025")[0].number().unwrap().value, Some(25));
    let words = read("l’invitation d'égalité aujourd’hui");
    let words: Vec<&str> = words.iter().map(Token::word).collect();
    assert_eq!(words, ["l'", "invitation", "d'", "égalité", "aujourd'hui"]);
    let english = tokenize("On July 5 500 people", 0..20, false);
    assert_eq!(english[2].number().unwrap().value, Some(5));
}
