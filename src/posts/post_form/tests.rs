//! Tests of the rules for saving and publishing.

use super::*;

#[test]
fn draft_needs_title_and_published_post_needs_summary_and_text() {
    let form = PostForm { title: "T".into(), author: "A".into(), ..PostForm::default() };
    assert!(form.errors(&TokenValues::default(), false).is_empty());
    let errors = form.errors(&TokenValues::default(), true);
    assert!(!errors.for_field("summary").is_empty() && !errors.for_field("body").is_empty());
    assert!(!PostForm::default().errors(&TokenValues::default(), false).for_field("title").is_empty());
}

#[test]
fn slug_accepts_only_lowercase_characters_digits_and_hyphens() {
    for (slug, fine) in [("", true), ("a-1", true), ("A", false), ("a/b", false), ("-a", false), ("é", false)] {
        let form = PostForm { title: "T".into(), author: "A".into(), slug: slug.into(), ..PostForm::default() };
        assert_eq!(form.errors(&TokenValues::default(), false).is_empty(), fine, "{slug}");
    }
}

#[test]
fn topics_are_lowercased_and_deduplicated() {
    let form = PostForm { topics: "Express Entry, healthcare,, express entry ".into(), ..PostForm::default() };
    assert_eq!(form.topic_list(), ["express entry", "healthcare"]);
}

#[test]
fn open_placeholder_can_be_saved_but_not_published() {
    let form = PostForm {
        title: "T".into(),
        author: "A".into(),
        summary: "S".into(),
        body: "Text.\n\n{{write: what it means}}".into(),
        ..PostForm::default()
    };
    assert!(form.errors(&TokenValues::default(), false).is_empty());
    let errors = form.errors(&TokenValues::default(), true);
    assert!(
        errors.for_field("body").contains("Line 3") && errors.for_field("body").contains("{{write: what it means}}")
    );
}

#[test]
fn unknown_token_is_reported_with_its_line() {
    let form = PostForm {
        title: "T {{draw".into(),
        author: "A".into(),
        body: "a\n\n`{{draw x}}` {{draw 1 score}}\n{{occupations x}}".into(),
        ..PostForm::default()
    };
    let errors = form.errors(&TokenValues::default(), false);
    assert!(errors.for_field("title").contains("not closed"), "{}", errors.for_field("title"));
    assert!(
        errors.for_field("body").starts_with("Line 3: “{{draw 1 score}}” is not valid"),
        "{}",
        errors.for_field("body")
    );
    assert!(errors.for_field("body").contains("Line 4: “{{occupations x}}”"), "{}", errors.for_field("body"));
}
