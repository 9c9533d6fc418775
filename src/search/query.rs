//! Parsing of search queries and their translation into FTS5 queries.

use crate::draws::DrawNumber;
use crate::occupations::parse_teer_levels;
use crate::web::{ascii_digits, fold_accents, is_stop_word, singular, split_words, without_thousands, word_forms};

/// A parsed query. FTS5 operators in the input have no effect.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Search words in lower case.
    pub words: Vec<String>,
    /// The same words without accents, in the singular, for comparison with words of a text.
    terms: Vec<String>,
    /// Draw number, if the query is one: `252`, `draw 252`, `round #91a`.
    pub draw_number: Option<DrawNumber>,
    /// Five-digit NOC code in the query.
    pub noc_code: Option<i64>,
    pub teer_levels: Vec<i64>,
}

/// Further words are ignored.
const MAX_WORDS: usize = 12;

impl SearchQuery {
    pub fn parse(typed: &str) -> Self {
        let named = parse_teer_levels(typed).filter(|named| !named.levels.is_empty());
        let levels = named.as_ref().map_or_else(Vec::new, |named| named.levels.iter().copied().collect());
        let all = tokenize(named.as_ref().map_or(typed, |named| &named.rest));
        let significant: Vec<String> = all.iter().filter(|word| !is_stop_word(word)).cloned().collect();
        let words: Vec<String> =
            if significant.is_empty() { all } else { significant }.into_iter().take(MAX_WORDS).collect();
        let is_code = |word: &&String| word.len() == 5 && word.bytes().all(|b| b.is_ascii_digit());
        Self {
            draw_number: parse_draw_number(&words),
            noc_code: words.iter().find(is_code).and_then(|code| code.parse().ok()),
            teer_levels: levels,
            terms: terms(&words),
            words,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.teer_levels.is_empty()
    }

    pub fn with_words(&self, words: Vec<String>) -> Self {
        let teer_levels = self.teer_levels.clone();
        Self { terms: terms(&words), words, draw_number: None, noc_code: self.noc_code, teer_levels }
    }

    /// Folded words without digits, which may be misspelt.
    pub fn folded_words(&self) -> Vec<String> {
        self.words
            .iter()
            .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
            .map(|word| fold_accents(word))
            .collect()
    }

    fn teer_term(&self) -> Option<String> {
        let each: Vec<String> =
            self.teer_levels.iter().map(|level| format!("\"teer {level}\" OR \"teer{level}\"")).collect();
        (!each.is_empty()).then(|| format!("({})", each.join(" OR ")))
    }

    /// FTS5 query that requires all words. Words match as prefixes, numbers as a whole.
    pub fn match_all(&self) -> String {
        self.teer_term().into_iter().chain(self.fts_terms()).collect::<Vec<_>>().join(" AND ")
    }

    /// FTS5 query that requires any of the words.
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
        let term = |word: &String| {
            if is_number(word) {
                return format!("\"{word}\"");
            }
            // Exact matches rank higher than prefix matches: "nurse" before "nursery".
            let exact: String = word_forms(word).iter().map(|form| format!("\"{form}\" OR ")).collect();
            format!("({exact}\"{}\"*)", singular(word))
        };
        self.words.iter().map(term).collect()
    }

    /// Whether a word of a text matches the query.
    pub fn matches_word(&self, word: &str) -> bool {
        self.term_index(word).is_some()
    }

    /// Index of the query word that a word of a text matches.
    pub fn term_index(&self, word: &str) -> Option<usize> {
        let word = singular(&fold_accents(word));
        self.terms.iter().position(|term| {
            let is_number = term.bytes().all(|b| b.is_ascii_digit());
            if is_number { word == *term } else { word.starts_with(term) }
        })
    }
}

fn terms(words: &[String]) -> Vec<String> {
    words.iter().map(|word| singular(&fold_accents(word))).collect()
}

fn tokenize(typed: &str) -> Vec<String> {
    let text: String = ascii_digits(typed).chars().take(2_000).collect();
    split_words(&without_thousands(&text))
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
