//! Mapping of published draw names to categories, from the names in the record only.

use std::collections::HashMap;

use crate::draws::Draw;
use crate::web::folded_words;

/// Known names in both languages.
pub struct CategoryMapping {
    category_of: HashMap<String, Option<String>>,
    english_of: HashMap<String, String>,
}

impl CategoryMapping {
    /// Builds the mapping from draws with a category.
    pub fn from_draws<'a>(draws: impl IntoIterator<Item = &'a Draw>) -> Self {
        let mut names = Self { category_of: HashMap::new(), english_of: HashMap::new() };
        for draw in draws {
            let Some(category) = &draw.category else { continue };
            for name in [&draw.name, &draw.name_fr] {
                if name.is_empty() {
                    continue;
                }
                let known = names.category_of.entry(normalize(name)).or_insert_with(|| Some(category.clone()));
                // A name with two categories maps to neither.
                if known.as_ref() != Some(category) {
                    *known = None;
                }
            }
            if !draw.name_fr.is_empty() {
                names.english_of.insert(draw.name_fr.clone(), draw.name.clone());
            }
        }
        names
    }

    /// Category of a known name. Case, punctuation and version are ignored.
    pub fn category(&self, name: &str) -> Option<String> {
        self.category_of.get(&normalize(name)).cloned().flatten()
    }

    /// English name that was published with this French name.
    pub fn english_name(&self, name_fr: &str) -> Option<&str> {
        self.english_of.get(name_fr).map(String::as_str)
    }
}

/// Lower-cases a name and removes its accents, its punctuation and its version:
/// `(Version 1)`, `(2023-1)`, `, 2026-Version 3`.
pub fn normalize(name: &str) -> String {
    let mut words: Vec<String> = folded_words(name).collect();
    let is_number = |word: Option<&String>| word.is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
    if is_number(words.last()) {
        words.pop();
        let has_word = words.last().is_some_and(|word| word == "version");
        if has_word {
            words.pop();
        }
        if is_number(words.last()) {
            words.pop();
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized_in_case_punctuation_and_version() {
        for (name, same) in [
            ("Healthcare occupations (2023-1)", "healthcare occupations"),
            ("Healthcare occupations (Version 1)", "healthcare occupations"),
            ("French-Language proficiency 2026-Version 2", "french language proficiency"),
            ("French language proficiency (Version 1)", "french language proficiency"),
            ("Transport Occupations, 2026-Version 2", "transport occupations"),
            ("No Program Specified", "no program specified"),
        ] {
            assert_eq!(normalize(name), same, "{name}");
        }
    }

    #[test]
    fn similar_names_are_not_mapped() {
        let draws = crate::draws::seed::bundled().unwrap();
        let names = CategoryMapping::from_draws(&draws);
        assert_eq!(
            names.category("Healthcare and Social Services Occupations, 2027-Version 4").as_deref(),
            Some("healthcare")
        );
        assert_eq!(names.category("canadian experience class").as_deref(), Some("cec"));
        for unknown in
            ["Physicians with Work Experience", "Canadian Experience", "Healthcare", "Care occupations (Version 1)", ""]
        {
            assert_eq!(names.category(unknown), None, "{unknown}");
        }
        assert_eq!(names.english_name("Métiers (Version 2)"), Some("Trade occupations (Version 2)"));
        assert_eq!(names.category("Programme des candidats des provinces").as_deref(), Some("pnp"));
    }

    #[test]
    fn every_recorded_name_maps_to_one_category() {
        let draws = crate::draws::seed::bundled().unwrap();
        let names = CategoryMapping::from_draws(&draws);
        for draw in &draws {
            assert_eq!(names.category(&draw.name), draw.category, "{}", draw.name);
        }
    }
}
