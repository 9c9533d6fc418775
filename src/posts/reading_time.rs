//! Word count and reading time of a text.

/// Words that an adult reads in a minute. Source: Brysbaert (2019), 238 for English non-fiction.
const WORDS_PER_MINUTE: usize = 238;

/// Length of a text, such as "480 words · 3 min read".
///
/// Counts parts with a letter or digit between spaces, and a placeholder as one word. `static/unsaved.js` counts the same
/// way while the text is typed.
pub fn reading_time(markdown: &str) -> String {
    let words = count_words(markdown);
    let count = if words == 1 { "1 word".to_owned() } else { format!("{words} words") };
    format!("{count} · {} min read", minutes(markdown))
}

/// Minutes to read a text, at least 1.
pub fn minutes(markdown: &str) -> usize {
    count_words(markdown).div_ceil(WORDS_PER_MINUTE).max(1)
}

fn count_words(markdown: &str) -> usize {
    let (mut text, mut rest) = (String::with_capacity(markdown.len()), markdown);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((_, after)) = after.split_once("}}") else { break };
        text.push_str(before);
        text.push('x');
        rest = after;
    }
    text.push_str(rest);
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_without_markup() {
        for (text, words) in [
            ("", 0),
            ("One two", 2),
            ("## The results\n\n- first\n- **second** [link](https://example.com)", 5),
            ("| a | b |\n|---|--:|\n| 1 | 2 |", 4),
            ("On {{draw 252 date}}, Canada", 3),
            ("{{open words here", 3),
            ("نرسوں کے لیے", 3),
        ] {
            assert_eq!(count_words(text), words, "{text}");
        }
    }

    #[test]
    fn reading_time_is_rounded_up() {
        assert_eq!(reading_time("word"), "1 word · 1 min read");
        assert_eq!(reading_time(&"word ".repeat(238)), "238 words · 1 min read");
        assert_eq!(reading_time(&"word ".repeat(239)), "239 words · 2 min read");
    }
}
