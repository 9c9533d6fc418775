//! Words as readers type them: without accents, in the singular or the plural, and with a letter that slipped.

/// Words that join others and name nothing, in English and French, without accents.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "as", "at", "au", "aux", "by", "d", "dans", "de", "des", "du", "en", "et", "for", "from", "i",
    "in", "l", "la", "le", "les", "of", "on", "or", "ou", "par", "pour", "s", "sur", "the", "to", "un", "une", "with",
];

/// Small letters without accents, as the index holds them. Some keyboards send an accent as a mark after its letter.
pub fn fold_accents(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\u{0300}'..='\u{036F}' => {}
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            // The classification writes "manoeuvre".
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            other => folded.push(other),
        }
    }
    folded
}

/// The words of a text, folded.
pub fn split_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{0300}'..='\u{036F}'))
        .map(fold_accents)
        .filter(|word| !word.is_empty())
}

/// Whether a folded word only joins others.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

/// The singular of a folded word, or the word itself. It need not be right, only the same for both numbers.
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

/// A word as typed, its singular and its plural.
pub fn word_forms(word: &str) -> Vec<String> {
    let one = singular(word);
    let mut forms = vec![word.to_owned(), plural(&one), one];
    forms.sort();
    forms.dedup();
    forms
}

/// What a text is called by, whatever its case, accents, number, order of marks and joining words.
pub fn normalized_name(text: &str) -> Vec<String> {
    split_words(text).filter(|word| !is_stop_word(word)).map(|word| singular(&word)).collect()
}

/// Whether `a` becomes `b` when one letter is put in, left out, changed, or changes places with the next.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], []) => false,
        ([x, y, a @ ..], [v, w, b @ ..]) if x == w && y == v && a == b => true,
        _ if a.len() == b.len() => a[1..] == b[1..],
        _ if a.len() == b.len() + 1 => a[1..] == *b,
        _ if b.len() == a.len() + 1 => *a == b[1..],
        _ => false,
    }
}

/// The shortest word in which a slip is looked for. Shorter ones are too near to too many others.
const MIN_CORRECTABLE_LEN: usize = 4;

/// The lengths, in letters, of words that may be one slip away from a folded word; `None` where no slip is looked for.
pub fn correction_lengths(word: &str) -> Option<(i64, i64)> {
    let letters = word.chars().count();
    if letters < MIN_CORRECTABLE_LEN || word.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let letters = i64::try_from(letters).ok()?;
    Some((letters - 2, letters + 2))
}

/// The known word that is one slip away from a folded word, in the singular; of several the one that is known from most
/// places. The letters at both ends rarely slip.
pub fn closest_term(word: &str, known: impl IntoIterator<Item = (String, i64)>) -> Option<String> {
    let one = singular(word);
    let near = known.into_iter().filter_map(|(term, places)| {
        let term_one = singular(&term);
        let is_near = within_one_edit(&one, &term_one) || within_one_edit(word, &term);
        let ends = (term_one.chars().next() == one.chars().next(), term_one.chars().last() == one.chars().last());
        is_near.then_some((ends, places, term_one))
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
        assert_eq!(split_words("l’aide, (x-ray)\u{1F341}").collect::<Vec<_>>(), ["l", "aide", "x", "ray"]);
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
