//! Profile with unanswered questions, and the range of totals that it allows.

use jiff::civil::Date;

use crate::crs::profile::{CanadianCredential, Education, FirstLanguage, Language, LanguageLevels, Profile, Spouse};
use crate::crs::score::Score;

/// Levels in the order of `ABILITIES`; `None` if unanswered.
pub type PartialLevels = [Option<u8>; 4];

/// Like [`Profile`]; `None` in a required answer means unanswered.
#[derive(Clone, Copy, Debug)]
pub struct PartialProfile {
    pub on: Date,
    pub age: Option<u8>,
    pub spouse: PartialSpouse,
    pub education: Option<Education>,
    pub language: Option<Language>,
    pub first_language: PartialLevels,
    /// `None` without a test.
    pub second_language: Option<PartialLevels>,
    pub canadian_work: Option<u8>,
    pub foreign_work: Option<u8>,
    pub trade_certificate: bool,
    pub nomination: bool,
    pub sibling: bool,
    pub canadian_credential: Option<CanadianCredential>,
}

#[derive(Clone, Copy, Debug)]
pub enum PartialSpouse {
    Unanswered,
    /// No spouse, or one who does not count.
    NotCounted,
    Counted {
        education: Option<Education>,
        /// `None` without a test.
        levels: Option<PartialLevels>,
        canadian_work: Option<u8>,
    },
}

/// Totals of all profiles that the answers allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalRange {
    pub lowest: u16,
    pub highest: u16,
}

/// What takes the place of unanswered questions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    Lowest,
    Highest,
}

impl PartialProfile {
    /// Profile without any answers.
    #[cfg(test)]
    pub fn unanswered(on: Date) -> Self {
        Self {
            on,
            age: None,
            spouse: PartialSpouse::Unanswered,
            education: None,
            language: None,
            first_language: [None; 4],
            second_language: None,
            canadian_work: None,
            foreign_work: None,
            trade_certificate: false,
            nomination: false,
            sibling: false,
            canadian_credential: None,
        }
    }

    /// The profile, if every required question is answered.
    pub fn complete(&self) -> Option<Profile> {
        let is_answered = |levels: PartialLevels| levels.iter().all(Option::is_some);
        let spouse_is_answered = match self.spouse {
            PartialSpouse::Unanswered => false,
            PartialSpouse::NotCounted => true,
            PartialSpouse::Counted { education, levels, canadian_work } => {
                education.is_some() && levels.is_none_or(is_answered) && canadian_work.is_some()
            }
        };
        let is_complete = self.age.is_some()
            && self.education.is_some()
            && self.canadian_work.is_some()
            && self.foreign_work.is_some()
            && is_answered(self.first_language)
            && self.second_language.is_none_or(is_answered)
            && spouse_is_answered;
        let language = self.language.filter(|_| is_complete)?;
        self.fill(Fill::Lowest, language).first().copied()
    }

    /// Lowest and highest total that the answers allow.
    ///
    /// More points for one answer never make the total lower, so the extreme answers give the extreme totals.
    pub fn total_range(&self) -> TotalRange {
        let languages = self.language.map_or_else(|| vec![Language::English, Language::French], |known| vec![known]);
        let totals = |fill| {
            languages
                .iter()
                .flat_map(move |language| self.fill(fill, *language))
                .map(|profile| Score::of(&profile).total())
        };
        TotalRange {
            lowest: totals(Fill::Lowest).min().unwrap_or(0),
            highest: totals(Fill::Highest).max().unwrap_or(1200),
        }
    }

    /// Profiles with extreme values for unanswered questions, one for each possible column of the tables.
    fn fill(&self, fill: Fill, language: Language) -> Vec<Profile> {
        let is_highest = fill == Fill::Highest;
        let levels = |known: PartialLevels| {
            LanguageLevels::new(known.map(|level| level.unwrap_or(if is_highest { 10 } else { 0 })))
        };
        let years = |known: Option<u8>| known.unwrap_or(if is_highest { 5 } else { 0 });
        let level = |known: Option<Education>| {
            known.unwrap_or(if is_highest { Education::Doctorate } else { Education::LessThanSecondary })
        };
        let counted = |education, partial: Option<PartialLevels>, canadian_work| {
            Some(Spouse {
                education: level(education),
                levels: partial.map(levels),
                canadian_work: years(canadian_work),
            })
        };
        let spouses = match self.spouse {
            PartialSpouse::Unanswered => vec![None, counted(None, Some([None; 4]), None)],
            PartialSpouse::NotCounted => vec![None],
            PartialSpouse::Counted { education, levels, canadian_work } => {
                vec![counted(education, levels, canadian_work)]
            }
        };
        let profile = |spouse| Profile {
            on: self.on,
            age: self.age.unwrap_or(if is_highest { 25 } else { 0 }),
            spouse,
            education: level(self.education),
            first_language: FirstLanguage { language, levels: levels(self.first_language) },
            second_language: self.second_language.map(levels),
            canadian_work: years(self.canadian_work),
            foreign_work: years(self.foreign_work),
            trade_certificate: self.trade_certificate,
            nomination: self.nomination,
            sibling: self.sibling,
            canadian_credential: self.canadian_credential,
            job_offer: None,
        };
        spouses.into_iter().map(profile).collect()
    }
}
