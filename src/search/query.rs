//! What somebody asks for: words, of which each must begin a word of what is found, and numbers that mean one thing.

use crate::draws::DrawNumber;
use crate::occupations::{self, parse_teer_levels};
use crate::web::ascii_digits;

/// A question, read. Whatever is typed is a question, never a query in the index's own language.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// The words, in small letters, for marking them in what is found.
    pub words: Vec<String>,
    /// The round that is meant, where the question is one: `252`, `draw 252`, `round #91a`.
    pub draw_number: Option<DrawNumber>,
    /// The code that is meant, where the question holds one of five digits.
    pub noc_code: Option<i64>,
    /// The TEER levels that are meant, where the question names some.
    pub teer_levels: Vec<i64>,
}

/// Words too common to look for, unless nothing else was typed.
const STOP_WORDS: [&str; 22] = [
    "a", "about", "an", "and", "are", "at", "by", "de", "des", "et", "for", "from", "how", "in", "is", "la", "le",
    "of", "on", "the", "to", "what",
];

/// More words than this are a text and not a question.
const MAX_WORDS: usize = 12;

impl SearchQuery {
    /// Reads a question.
    pub fn parse(typed: &str) -> Self {
        let named = parse_teer_levels(typed).filter(|named| !named.levels.is_empty());
        let levels = named.as_ref().map_or_else(Vec::new, |named| named.levels.iter().copied().collect());
        let all = tokenize(named.as_ref().map_or(typed, |named| &named.rest));
        let significant: Vec<String> =
            all.iter().filter(|word| !STOP_WORDS.contains(&word.as_str())).cloned().collect();
        let words: Vec<String> =
            if significant.is_empty() { all } else { significant }.into_iter().take(MAX_WORDS).collect();
        let is_code = |word: &&String| word.len() == 5 && word.bytes().all(|b| b.is_ascii_digit());
        Self {
            draw_number: parse_draw_number(&words),
            noc_code: words.iter().find(is_code).and_then(|code| code.parse().ok()),
            teer_levels: levels,
            words,
        }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.teer_levels.is_empty()
    }

    /// The same question with other words.
    pub fn with_words(&self, words: Vec<String>) -> Self {
        Self { words, draw_number: None, noc_code: self.noc_code, teer_levels: self.teer_levels.clone() }
    }

    /// The words that are no numbers, folded: those that may be mistyped.
    pub fn folded_words(&self) -> Vec<String> {
        self.words
            .iter()
            .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
            .map(|word| occupations::fold_accents(word))
            .collect()
    }

    /// The levels for the index: as a phrase, or in one word.
    fn teer_term(&self) -> Option<String> {
        let each: Vec<String> =
            self.teer_levels.iter().map(|level| format!("\"teer {level}\" OR \"teer{level}\"")).collect();
        (!each.is_empty()).then(|| format!("({})", each.join(" OR ")))
    }

    /// For the index: every word must be there, begun where it is a word and whole where it is a number.
    pub fn match_all(&self) -> String {
        self.teer_term().into_iter().chain(self.fts_terms()).collect::<Vec<_>>().join(" AND ")
    }

    /// For the index: any of the words.
    pub fn match_any(&self) -> String {
        let any = self.fts_terms().join(" OR ");
        match self.teer_term() {
            Some(levels) if any.is_empty() => levels,
            Some(levels) => format!("{levels} AND ({any})"),
            None => any,
        }
    }

    fn fts_terms(&self) -> Vec<String> {
        let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
        let term = |word: &String| match stem(word) {
            number if is_number(number) => format!("\"{number}\""),
            // The word itself counts for more than one that it begins: a nurse before a nursery.
            stem => format!("(\"{stem}\" OR \"{stem}s\" OR \"{stem}\"*)"),
        };
        self.words.iter().map(term).collect()
    }

    /// Whether a word of a text is one that was asked for.
    pub fn matches_word(&self, word: &str) -> bool {
        self.term_index(word).is_some()
    }

    /// Which word of the question a word of a text answers.
    pub fn term_index(&self, word: &str) -> Option<usize> {
        let folded = fold(word);
        self.words.iter().position(|term| {
            let is_number = term.bytes().all(|b| b.is_ascii_digit());
            let term = fold(stem(term));
            if is_number { folded == term } else { !term.is_empty() && folded.starts_with(&term) }
        })
    }
}

/// A plural finds its singular too.
fn stem(word: &str) -> &str {
    let is_plural = word.len() > 3 && word.is_ascii() && word.ends_with('s') && !word.ends_with("ss");
    if is_plural { &word[..word.len() - 1] } else { word }
}

/// In small letters without accents, as the index has them.
fn fold(word: &str) -> String {
    if word.is_ascii() { word.to_ascii_lowercase() } else { slug::slugify(word) }
}

fn tokenize(typed: &str) -> Vec<String> {
    let plain = ascii_digits(typed);
    let chars: Vec<char> = plain.chars().take(2_000).collect();
    let is_digit = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(char::is_ascii_digit);
    // “1,500” is a number and not two.
    let groups = |place: usize| chars[place] == ',' && is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
    let text: String = (0..chars.len()).filter(|place| !groups(*place)).map(|place| chars[place]).collect();
    // Some keyboards send an accent as a mark of its own after the letter.
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{0300}'..='\u{036F}'))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(40).collect::<String>().to_lowercase())
        .collect()
}

fn parse_draw_number(words: &[String]) -> Option<DrawNumber> {
    match words {
        [number] => number.parse().ok(),
        [name, number, ..] if ["round", "draw", "rounds", "draws"].contains(&name.as_str()) => number.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_input_is_escaped_for_fts() {
        for (typed, query) in [
            ("nurses", "(\"nurse\" OR \"nurses\" OR \"nurse\"*)"),
            ("Draw 252", "(\"draw\" OR \"draws\" OR \"draw\"*) AND \"252\""),
            ("1,500 2023", "\"1500\" AND \"2023\""),
            ("NEAR( \"\" *", "(\"near\" OR \"nears\" OR \"near\"*)"),
            ("\"*()^-", ""),
            ("۲۵۲", "\"252\""),
        ] {
            assert_eq!(SearchQuery::parse(typed).match_all(), query, "{typed}");
        }
        assert_eq!(SearchQuery::parse("the of").words, ["the", "of"]);
        assert_eq!(SearchQuery::parse("list of the nurses").words, ["list", "nurses"]);
        assert_eq!(SearchQuery::parse(&"word ".repeat(5_000)).words.len(), 12);
    }

    #[test]
    fn number_is_recognised_as_draw_or_noc_code() {
        for (typed, round) in
            [("252", Some("252")), ("draw 252", Some("252")), ("Round #91a", Some("91a")), ("crs 252", None)]
        {
            assert_eq!(
                SearchQuery::parse(typed).draw_number.map(|round| round.to_string()).as_deref(),
                round,
                "{typed}"
            );
        }
        assert_eq!(SearchQuery::parse("NOC 31301").noc_code, Some(31301));
        assert_eq!(SearchQuery::parse("313").noc_code, None);
    }

    #[test]
    fn highlighted_words_are_those_that_match() {
        let query = SearchQuery::parse("nurses été 476");
        for (word, marked) in
            [("Nurse", true), ("nursing", false), ("ETE", true), ("Étés", true), ("476", true), ("4760", false)]
        {
            assert_eq!(query.matches_word(word), marked, "{word}");
        }
    }
}
