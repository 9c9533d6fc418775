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
pub struct NotACode;

impl FromStr for NocCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotACode)
        }
    }
}

impl fmt::Display for NocCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every code that a text speaks of: by link, or after “NOC”.
pub fn codes_named(text: &str) -> BTreeSet<String> {
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
}

/// What each TEER usually asks of somebody, after Statistics Canada's definition of NOC 2021.
pub fn teer_meaning(teer: i64) -> &'static str {
    match teer {
        0 => "management",
        1 => "usually a university degree",
        2 => "usually a college diploma of two years or more, an apprenticeship of two years or more, or supervision",
        3 => {
            "usually a college diploma or apprenticeship of under two years, or more than six months of training on the job"
        }
        4 => "usually secondary school, or some weeks of training on the job",
        _ => "usually a short demonstration at work and no formal education",
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
    fn codes_are_found_by_link_and_after_the_word() {
        let named = codes_named("[Dentists](/occupations/31110), NOC 31301, the 12345 of them, noc: 2173, NOC 21231.");
        assert_eq!(Vec::from_iter(named), ["21231", "31110", "31301"]);
    }
}
