//! Text normalisation for search and comparison: words, case, accents, plurals, typing errors.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use strsim::osa_distance;

/// English and French words without a meaning of their own, without accents.
const STOP_WORDS: &[&str] = &[
    "a", "about", "an", "and", "are", "as", "at", "au", "aux", "by", "d", "dans", "de", "des", "du", "en", "et", "for",
    "from", "how", "i", "in", "is", "l", "la", "le", "les", "of", "on", "or", "ou", "par", "pour", "s", "sur", "the",
    "to", "un", "une", "what", "with",
];

/// Lower case without accents, like the search index (`unicode61 remove_diacritics 2`).
pub fn fold_accents(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars().flat_map(char::to_lowercase));
    let plain = decomposed.filter(|c| !is_accent(*c));
    // The classification writes "manoeuvre".
    ComposingNormalizerBorrowed::new_nfc()
        .normalize_iter(plain)
        .collect::<String>()
        .replace('œ', "oe")
        .replace('æ', "ae")
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}

/// Whether a character is part of a word. Some keyboards produce accents as separate combining characters.
pub fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_accent(c)
}

/// Words of a text, as typed.
pub fn split_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_word_char(c)).filter(|word| !word.is_empty())
}

/// Words of a text in lower case without accents.
pub fn folded_words(text: &str) -> impl Iterator<Item = String> {
    split_words(text).map(fold_accents).filter(|word| !word.is_empty())
}

pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

/// Singular of a folded word. It need not be correct, only the same for singular and plural.
pub fn singular(word: &str) -> String {
    let cut = |end: &str| word.strip_suffix(end).filter(|rest| rest.len() > 2);
    for (many, one) in [("ies", "y"), ("wives", "wife"), ("men", "man")] {
        if let Some(rest) = cut(many) {
            return format!("{rest}{one}");
        }
    }
    if let Some(rest) = cut("es").filter(|rest| ["ch", "sh", "x", "ss"].iter().any(|end| rest.ends_with(end))) {
        return rest.to_owned();
    }
    match cut("s") {
        Some(rest) if !["s", "u", "i"].iter().any(|end| rest.ends_with(end)) => rest.to_owned(),
        _ => word.to_owned(),
    }
}

fn plural(word: &str) -> String {
    for (one, many) in [("wife", "wives"), ("man", "men")] {
        if let Some(rest) = word.strip_suffix(one) {
            return format!("{rest}{many}");
        }
    }
    match word.strip_suffix('y') {
        Some(rest) if !rest.ends_with(['a', 'e', 'o', 'u']) => format!("{rest}ies"),
        _ if ["ch", "sh", "x", "s"].iter().any(|end| word.ends_with(end)) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// A folded word with its singular and plural.
pub fn word_forms(word: &str) -> Vec<String> {
    let one = singular(word);
    let mut forms = vec![word.to_owned(), plural(&one), one];
    forms.sort();
    forms.dedup();
    forms
}

/// Words of a name in the singular, without stop words, for comparison.
pub fn normalized_name(text: &str) -> Vec<String> {
    folded_words(text).filter(|word| !is_stop_word(word)).map(|word| singular(&word)).collect()
}

/// Whether one letter must be inserted, deleted, replaced or swapped with the next to turn `a` into `b`.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    osa_distance(a, b) == 1
}

/// Shorter words are not corrected: too many other words are one letter away.
const MIN_CORRECTABLE_LEN: usize = 4;

/// Lengths, in characters, of possible corrections of a folded word; `None` if it is not corrected.
pub fn correction_lengths(word: &str) -> Option<(i64, i64)> {
    let letters = word.chars().count();
    if letters < MIN_CORRECTABLE_LEN || word.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let letters = i64::try_from(letters).ok()?;
    Some((letters - 2, letters + 2))
}

/// Closest known word, in the singular, for a folded word with one typing error.
///
/// Prefers words with the same first and last letter, which people rarely mistype, then words of more occupations.
pub fn closest_term(word: &str, known: impl IntoIterator<Item = (String, i64)>) -> Option<String> {
    let one = singular(word);
    let near = known.into_iter().filter_map(|(term, count)| {
        let term_one = singular(&term);
        let is_near = within_one_edit(&one, &term_one) || within_one_edit(word, &term);
        let ends = (term_one.chars().next() == one.chars().next(), term_one.chars().last() == one.chars().last());
        is_near.then_some((ends, count, term_one))
    });
    near.max().map(|(.., term)| term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        for (typed, folded) in [
            ("DIÉTÉTISTES", "dietetistes"),
            ("die\u{301}te\u{301}tistes", "dietetistes"),
            ("Maître d’Œuvre", "maitre d’oeuvre"),
            ("نرس", "نرس"),
        ] {
            assert_eq!(fold_accents(typed), folded);
        }
        assert_eq!(folded_words("l’aide, (x-ray)\u{1F341}").collect::<Vec<_>>(), ["l", "aide", "x", "ray"]);
    }

    #[test]
    fn plural_and_singular_have_the_same_singular() {
        for (many, one) in [
            ("nurses", "nurse"),
            ("secretaries", "secretary"),
            ("coaches", "coach"),
            ("glasses", "glass"),
            ("midwives", "midwife"),
            ("fishermen", "fisherman"),
            ("infirmieres", "infirmiere"),
            ("campus", "campus"),
            ("gas", "gas"),
        ] {
            assert_eq!((singular(many).as_str(), singular(one).as_str()), (one, one));
        }
        assert_eq!(word_forms("secretary"), ["secretaries", "secretary"]);
        assert_eq!(word_forms("midwife"), ["midwife", "midwives"]);
        assert_eq!(word_forms("nurses"), ["nurse", "nurses"]);
        assert_eq!(
            normalized_name("Nurses of the Sea"),
            normalized_name("sea nurse").into_iter().rev().collect::<Vec<_>>()
        );
    }

    #[test]
    fn one_edit_is_an_insertion_deletion_substitution_or_transposition() {
        for typed in ["nuse", "nursee", "nurze", "nrse", "unrse", "nures", "nurs", "xnurse"] {
            assert!(within_one_edit(typed, "nurse") && within_one_edit("nurse", typed), "{typed}");
        }
        for typed in ["nurse", "nu", "nursery", "nusre1", "", "enurs"] {
            assert!(!within_one_edit(typed, "nurse"), "{typed}");
        }
    }
}
