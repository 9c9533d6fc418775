//! Text snippets around search words, and highlighting of those words.

use std::collections::HashSet;

use crate::search::query::SearchQuery;

/// A part of a text, highlighted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    pub text: String,
    pub highlighted: bool,
}

/// Length of a snippet in bytes, before and after the first search word.
const BYTES_BEFORE: usize = 70;
const BYTES_AFTER: usize = 170;

/// The part of `text` with the most search words, or `None` if it contains none. Tokens are not cut.
pub fn snippet(text: &str, query: &SearchQuery) -> Option<String> {
    let start = best_window(text, query)?;
    let mut from = text.floor_char_boundary(start.saturating_sub(BYTES_BEFORE));
    let mut to = text.floor_char_boundary((start + BYTES_AFTER).min(text.len()));
    if from > 0 {
        let space = text[from..start].char_indices().find(|(_, c)| c.is_whitespace());
        from = space.map_or(start, |(place, space)| from + place + space.len_utf8());
    }
    if to < text.len() {
        to = text[start..to].rfind(char::is_whitespace).map_or(to, |space| start + space);
    }
    // Do not cut a token that starts before the snippet or ends after it.
    if let Some(end) = text[from..].find("}}").filter(|end| text[from..from + end].find("{{").is_none()) {
        from = from + end + 2;
    }
    let to = to.max(from);
    let open = text[from..to].rfind("{{").filter(|open| !text[from + open..to].contains("}}"));
    let to = open.and_then(|open| text[from + open..].find("}}").map(|end| from + open + end + 2)).unwrap_or(to);
    let (front, back) = (if from > 0 { "… " } else { "" }, if to < text.len() { " …" } else { "" });
    Some(format!("{front}{}{back}", text[from..to].trim()))
}

/// Start of the first window with the most different search words.
fn best_window(text: &str, query: &SearchQuery) -> Option<usize> {
    let hits: Vec<(usize, usize)> =
        word_indices(text).filter_map(|(start, word)| Some((start, query.term_index(word)?))).collect();
    let different = |from: usize| {
        let near = hits[from..].iter().take_while(|(start, _)| *start < hits[from].0 + BYTES_AFTER);
        near.map(|(_, word)| word).collect::<HashSet<_>>().len()
    };
    let best = (0..hits.len()).rev().max_by_key(|from| different(*from))?;
    Some(hits[best].0)
}

/// Splits a text into fragments, with search words highlighted.
pub fn highlight(text: &str, query: &SearchQuery) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = vec![];
    let mut push = |text: &str, highlighted: bool| match fragments.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.highlighted == highlighted => last.text.push_str(text),
        _ => fragments.push(Fragment { text: text.to_owned(), highlighted }),
    };
    let mut done = 0;
    for (start, word) in word_indices(text) {
        push(&text[done..start], false);
        push(word, query.matches_word(word));
        done = start + word.len();
    }
    push(&text[done..], false);
    fragments
}

/// Words with their byte offsets.
fn word_indices(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_words_are_highlighted_and_the_text_is_complete() {
        let fragments = highlight("Registered nurses, and <nurses>", &SearchQuery::parse("nurse"));
        let text: String = fragments.iter().map(|fragment| fragment.text.as_str()).collect();
        assert_eq!(text, "Registered nurses, and <nurses>");
        let hits: Vec<&str> =
            fragments.iter().filter(|fragment| fragment.highlighted).map(|fragment| fragment.text.as_str()).collect();
        assert_eq!(hits, ["nurses", "nurses"]);
    }

    #[test]
    fn snippet_may_start_after_a_multibyte_space() {
        for space in ['\u{a0}', '\u{85}', '\u{2003}', '\u{3000}'] {
            let text = format!("{}{space}the{space}nurse", "x".repeat(200));
            assert_eq!(snippet(&text, &SearchQuery::parse("nurse")).unwrap(), format!("… the{space}nurse"));
        }
    }

    #[test]
    fn snippet_is_cut_between_words_and_never_within_a_placeholder() {
        let text = format!("{} the nurse was {{{{draw 252 crs}}}} {}", "before ".repeat(40), "after ".repeat(60));
        let found = snippet(&text, &SearchQuery::parse("nurse")).unwrap();
        assert!(found.starts_with("… before") && found.ends_with("after …"), "{found}");
        assert!(found.contains("{{draw 252 crs}}") && found.len() < 300, "{found}");
        let long = format!("nurse {}{{{{draw 252 crs}}}} end", "x".repeat(BYTES_AFTER - 10));
        let found = snippet(&long, &SearchQuery::parse("nurse")).unwrap();
        assert_eq!(found.matches("{{").count(), found.matches("}}").count(), "{found}");
        assert_eq!(snippet("nothing here", &SearchQuery::parse("nurse")), None);
        assert_eq!(snippet("Ünïcödé nurse", &SearchQuery::parse("nurse")).unwrap(), "Ünïcödé nurse");
    }
}
