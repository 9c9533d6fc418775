//! A unit group of the National Occupational Classification 2021 (Statistics Canada): code, titles, TEER.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A code of five digits, such as `31301`. The second digit is its TEER.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NocCode(String);

impl NocCode {
    /// The five digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no code.
#[derive(Debug, thiserror::Error)]
#[error("a NOC 2021 code has five digits")]
pub struct InvalidCode;

impl FromStr for NocCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode)
        }
    }
}

impl fmt::Display for NocCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every code that a text speaks of: by link, or after “NOC”.
pub fn mentioned_codes(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut before = "";
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if (before.eq_ignore_ascii_case("noc") || before == "occupations")
            && let Ok(code) = word.parse::<NocCode>()
        {
            named.insert(code.to_string());
        }
        before = word;
    }
    named
}

/// A unit group.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Occupation {
    /// Five digits.
    pub noc: String,
    /// English title.
    pub title_en: String,
    /// French title.
    pub title_fr: String,
    /// Training, education, experience and responsibilities: 0 to 5.
    pub teer: i64,
    /// Broad category: 0 to 9, the first digit.
    pub broad_category: i64,
    /// English name of the broad category.
    pub broad_category_en: String,
}

impl Occupation {
    /// What its TEER usually asks of somebody.
    pub fn teer_meaning(&self) -> &'static str {
        teer_meaning(self.teer)
    }

    /// Whether the programs of Express Entry count it as skilled work: TEER 0 to 3.
    pub fn is_skilled(&self) -> bool {
        self.teer <= 3
    }

    /// What the work of its broad category is about.
    pub fn broad_meaning(&self) -> &'static str {
        broad_meaning(self.broad_category)
    }
}

/// What each TEER usually asks of somebody, after Statistics Canada's definition of NOC 2021.
pub fn teer_meaning(teer: i64) -> &'static str {
    match teer {
        0 => "work in management",
        1 => "work that usually asks for a university degree, or for years of experience in an occupation of TEER 2",
        2 => {
            "work that usually asks for a college diploma or an apprenticeship of two years or more, or that supervises others"
        }
        3 => {
            "work that usually asks for a college diploma or an apprenticeship of under two years, or for more than six months of training on the job"
        }
        4 => "work that usually asks for secondary school, or for some weeks of training on the job",
        _ => "work that usually asks for a short demonstration and no formal education",
    }
}

/// The same in a few words.
pub fn teer_name(teer: i64) -> &'static str {
    match teer {
        0 => "management",
        1 => "university degree",
        2 => "two years of college or apprenticeship",
        3 => "under two years of college or apprenticeship",
        4 => "secondary school",
        _ => "short demonstration",
    }
}

/// What the work of each broad category is about.
fn broad_meaning(digit: i64) -> &'static str {
    match digit {
        0 => "making laws, and the senior management of governments and companies",
        1 => "business, finance, human resources, and the work of offices",
        2 => "the natural sciences, engineering, computing, and the technical work beside them",
        3 => "the health of people and animals: diagnosing, treating, nursing and assisting",
        4 => "education, law, social and community services, government, police and armed forces",
        5 => "arts, culture, media, design, recreation and sport",
        6 => "sales, hospitality, food, cleaning, security and personal services",
        7 => "the trades, transport, and the operation of heavy equipment",
        8 => "farming, forestry, fishing, mining, oil and gas",
        _ => "manufacturing, processing and utilities",
    }
}

/// Short forms that could be read as words. Others show themselves by having no vowel.
const ACRONYMS: &[&str] = &[
    "acca", "ai", "ceo", "cfa", "cfo", "cga", "cma", "cna", "coo", "cpa", "cpe", "dba", "ea", "ece", "ecg", "eeg",
    "emt", "er", "erp", "esl", "gis", "hca", "hse", "ios", "it", "mba", "mla", "mri", "pab", "pca", "qa", "ra", "rcic",
    "sap", "sde", "soc", "sqa", "ta", "ui", "ux", "icu", "ba", "ehs", "ohs", "hvac", "deo", "moa", "ap", "ar",
];

/// Words as they are written, where they are kept in small letters: "rn" is "RN".
pub fn display_case(words: &str) -> String {
    let spelt = |word: &str| {
        let has_vowel = word.contains(|c: char| !c.is_ascii_alphabetic() || "aeiouy".contains(c));
        if word.len() <= 4 && (!has_vowel || ACRONYMS.contains(&word)) { word.to_uppercase() } else { word.to_owned() }
    };
    words.split(' ').map(spelt).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_five_digits_and_nothing_else() {
        assert_eq!("00010".parse::<NocCode>().unwrap().to_string(), "00010");
        for bad in ["", "3130", "313011", "3130a", "٣١٣٠١", " 31301"] {
            assert!(bad.parse::<NocCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn acronyms_are_shown_in_capitals() {
        for (kept, shown) in [("rn", "RN"), ("it manager", "IT manager"), ("chef", "chef"), ("r&d lead", "r&d lead")] {
            assert_eq!(display_case(kept), shown);
        }
    }

    #[test]
    fn codes_are_found_in_links_and_after_the_word_noc() {
        let named =
            mentioned_codes("[Dentists](/occupations/31110), NOC 31301, the 12345 of them, noc: 2173, NOC 21231.");
        assert_eq!(Vec::from_iter(named), ["21231", "31110", "31301"]);
    }
}
