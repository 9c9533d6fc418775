//! Unit groups of the National Occupational Classification (NOC) 2021 of Statistics Canada: code, titles, TEER.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Code of five digits, such as `31301`. The second digit is the TEER.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NocCode(String);

impl NocCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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

/// Codes that a text mentions, in a link or after “NOC”.
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

/// Unit group: one occupation of the classification.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Occupation {
    pub noc: String,
    pub title_en: String,
    pub title_fr: String,
    /// Training, education, experience and responsibilities, 0 to 5.
    pub teer: i64,
    /// First digit of the code, 0 to 9.
    pub broad_category: i64,
    pub broad_category_en: String,
}

impl Occupation {
    pub fn teer_meaning(&self) -> &'static str {
        teer_meaning(self.teer)
    }

    /// Whether Express Entry programs count it as skilled work: TEER 0 to 3.
    pub fn is_skilled(&self) -> bool {
        self.teer <= 3
    }

    pub fn broad_meaning(&self) -> &'static str {
        broad_meaning(self.broad_category)
    }
}

/// Requirements of a TEER, from Statistics Canada's definition of NOC 2021.
pub fn teer_meaning(teer: i64) -> &'static str {
    match teer {
        0 => "work in management",
        1 => "work that usually requires a university degree, or several years of experience in a TEER 2 occupation",
        2 => {
            "work that usually requires a college diploma or an apprenticeship of two years or more, or that supervises others"
        }
        3 => {
            "work that usually requires a college diploma or an apprenticeship of less than two years, or more than six months of on-the-job training"
        }
        4 => "work that usually requires a secondary school diploma, or several weeks of on-the-job training",
        _ => "work that usually requires a short demonstration and no formal education",
    }
}

/// Short label of a TEER, for filters.
pub fn teer_name(teer: i64) -> &'static str {
    match teer {
        0 => "management",
        1 => "university degree",
        2 => "college or apprenticeship, two years or more",
        3 => "college or apprenticeship, less than two years",
        4 => "secondary school",
        _ => "short demonstration",
    }
}

/// Work that a broad category covers.
fn broad_meaning(digit: i64) -> &'static str {
    match digit {
        0 => "legislators and senior managers in government and business",
        1 => "business, finance, human resources and office work",
        2 => "the natural sciences, engineering, computing and related technical work",
        3 => "health care for people and animals: diagnosis, treatment, nursing and assistance",
        4 => "education, law, social and community services, government, the police and the armed forces",
        5 => "arts, culture, media, design, recreation and sport",
        6 => "sales, hospitality, food service, cleaning, security and personal services",
        7 => "the trades, transport and heavy equipment operation",
        8 => "farming, forestry, fishing, mining, oil and gas",
        _ => "manufacturing, processing and utilities",
    }
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
    fn codes_are_found_in_links_and_after_the_word_noc() {
        let named =
            mentioned_codes("[Dentists](/occupations/31110), NOC 31301, the 12345 of them, noc: 2173, NOC 21231.");
        assert_eq!(Vec::from_iter(named), ["21231", "31110", "31301"]);
    }
}
