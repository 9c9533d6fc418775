//! Answers of a candidate that the Comprehensive Ranking System scores.

use jiff::civil::Date;

/// Levels of the Canadian Language Benchmarks (CLB, for English) or of their French counterpart (NCLC).
///
/// Each is 0 to 10: levels below 4 are stored as 0 and levels above 10 as 10, as the system counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanguageLevels([u8; 4]);

/// Abilities in the order of [`LanguageLevels`], as used in names of fields.
pub const ABILITIES: [&str; 4] = ["listening", "reading", "writing", "speaking"];

impl LanguageLevels {
    /// Levels for listening, reading, writing and speaking.
    pub fn new(levels: [u8; 4]) -> Self {
        Self(levels.map(|level| if level < 4 { 0 } else { level.min(10) }))
    }

    /// Levels in the order of `ABILITIES`.
    pub fn each(self) -> [u8; 4] {
        self.0
    }

    /// The lowest of the four levels.
    pub fn lowest(self) -> u8 {
        self.0.into_iter().min().unwrap_or(0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    French,
}

impl Language {
    pub fn other(self) -> Self {
        match self {
            Self::English => Self::French,
            Self::French => Self::English,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "French",
        }
    }

    /// Name of the levels of this language.
    pub fn scale(self) -> &'static str {
        match self {
            Self::English => "CLB",
            Self::French => "NCLC",
        }
    }
}

/// Highest level of education, in ascending order of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Education {
    LessThanSecondary,
    Secondary,
    OneYear,
    TwoYear,
    BachelorsOrThreeYear,
    TwoOrMore,
    MastersOrProfessional,
    Doctorate,
}

impl Education {
    pub const ALL: [Self; 8] = [
        Self::LessThanSecondary,
        Self::Secondary,
        Self::OneYear,
        Self::TwoYear,
        Self::BachelorsOrThreeYear,
        Self::TwoOrMore,
        Self::MastersOrProfessional,
        Self::Doctorate,
    ];

    /// Value in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::LessThanSecondary => "less_than_secondary",
            Self::Secondary => "secondary",
            Self::OneYear => "one_year",
            Self::TwoYear => "two_year",
            Self::BachelorsOrThreeYear => "bachelors_or_three_year",
            Self::TwoOrMore => "two_or_more",
            Self::MastersOrProfessional => "masters_or_professional",
            Self::Doctorate => "doctorate",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::LessThanSecondary => "Less than secondary school",
            Self::Secondary => "Secondary school diploma",
            Self::OneYear => "One-year post-secondary program",
            Self::TwoYear => "Two-year post-secondary program",
            Self::BachelorsOrThreeYear => "Bachelor’s degree, or a program of three years or more",
            Self::TwoOrMore => "Two or more credentials, one of three years or more",
            Self::MastersOrProfessional => "Master’s degree, or a professional degree (such as MD, LLB)",
            Self::Doctorate => "Doctorate (PhD)",
        }
    }

    /// The next higher level.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| *level > self)
    }
}

/// Post-secondary credential earned in Canada.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanadianCredential {
    OneOrTwoYears,
    ThreeYearsOrMore,
}

/// Valid job offer. It brought points until March 24, 2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobOffer {
    /// NOC 2021 major group 00; before, NOC 2016 major group 00.
    SeniorManager,
    Other,
}

/// First official language with its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstLanguage {
    pub language: Language,
    pub levels: LanguageLevels,
}

/// Spouse or partner who comes to Canada and is neither a citizen nor a permanent resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spouse {
    pub education: Education,
    /// First official language; `None` without a test.
    pub levels: Option<LanguageLevels>,
    pub canadian_work: u8,
}

/// Everything that the score depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Day whose rules apply.
    pub on: Date,
    pub age: u8,
    /// `None` if no spouse counts: none, not coming to Canada, or a citizen or permanent resident.
    pub spouse: Option<Spouse>,
    pub education: Education,
    pub first_language: FirstLanguage,
    /// Levels in the other official language; `None` without a test.
    pub second_language: Option<LanguageLevels>,
    /// Complete years of skilled work in Canada.
    pub canadian_work: u8,
    /// Complete years of skilled work outside Canada.
    pub foreign_work: u8,
    pub trade_certificate: bool,
    pub nomination: bool,
    pub sibling: bool,
    pub canadian_credential: Option<CanadianCredential>,
    pub job_offer: Option<JobOffer>,
}

impl Profile {
    /// Levels in this language; `None` without a test.
    pub fn levels_in(&self, language: Language) -> Option<LanguageLevels> {
        match language == self.first_language.language {
            true => Some(self.first_language.levels),
            false => self.second_language,
        }
    }
}
