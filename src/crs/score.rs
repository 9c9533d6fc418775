//! Score of a profile in the Comprehensive Ranking System (CRS), with every part of the sum.
//!
//! The calculation reads no clock, file or database. Its points are in `tables.rs`.

use crate::crs::profile::{JobOffer, Language, Profile};
use crate::crs::tables::{self, ADDITIONAL_MAX, Columns, SECOND_LANGUAGE_MAX, TRANSFER_GROUP_MAX, TRANSFER_MAX, Tier};

/// Sum with a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capped {
    /// Sum of the parts.
    pub sum: u16,
    pub max: u16,
}

impl Capped {
    pub fn points(self) -> u16 {
        self.sum.min(self.max)
    }

    /// Points that the maximum took away.
    pub fn lost(self) -> u16 {
        self.sum.saturating_sub(self.max)
    }
}

/// A. Core factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core {
    pub age: u16,
    pub education: u16,
    /// Points for each ability.
    pub first_language: [u16; 4],
    /// Points for each ability, before the maximum of their sum.
    pub second_language: [u16; 4],
    pub second_language_sum: Capped,
    pub canadian_work: u16,
}

impl Core {
    pub fn first_language_sum(&self) -> u16 {
        self.first_language.iter().sum()
    }

    pub fn points(&self) -> u16 {
        self.age + self.education + self.first_language_sum() + self.second_language_sum.points() + self.canadian_work
    }
}

/// B. Spouse or partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpousePoints {
    pub education: u16,
    /// Points for each ability.
    pub language: [u16; 4],
    pub canadian_work: u16,
}

impl SpousePoints {
    pub fn language_sum(&self) -> u16 {
        self.language.iter().sum()
    }

    pub fn points(&self) -> u16 {
        self.education + self.language_sum() + self.canadian_work
    }
}

/// Combination of section C: one answer together with language, and together with Canadian work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Combination {
    pub with_language: u16,
    pub with_canadian_work: u16,
}

impl Combination {
    fn of(row: Tier, profile: &Profile) -> Self {
        let language = tables::language_tier(profile.first_language.levels.lowest());
        let work = tables::canadian_work_tier(profile.canadian_work);
        Self { with_language: tables::combination(row, language), with_canadian_work: tables::combination(row, work) }
    }

    pub fn sum(&self) -> Capped {
        Capped { sum: self.with_language + self.with_canadian_work, max: TRANSFER_GROUP_MAX }
    }
}

/// C. Skill transferability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transferability {
    pub education: Combination,
    pub foreign_work: Combination,
    pub trade_certificate: u16,
}

impl Transferability {
    pub fn sum(&self) -> Capped {
        let sum = self.education.sum().points() + self.foreign_work.sum().points() + self.trade_certificate;
        Capped { sum, max: TRANSFER_MAX }
    }
}

/// D. Additional points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Additional {
    pub nomination: u16,
    pub french: u16,
    pub canadian_credential: u16,
    pub sibling: u16,
    pub job_offer: u16,
}

impl Additional {
    pub fn sum(&self) -> Capped {
        let sum = self.nomination + self.french + self.canadian_credential + self.sibling + self.job_offer;
        Capped { sum, max: ADDITIONAL_MAX }
    }
}

/// Score with all its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    pub core: Core,
    pub spouse: SpousePoints,
    pub transferability: Transferability,
    pub additional: Additional,
}

impl Score {
    pub fn of(profile: &Profile) -> Self {
        Self {
            core: core(profile),
            spouse: spouse(profile),
            transferability: transferability(profile),
            additional: additional(profile),
        }
    }

    pub fn total(&self) -> u16 {
        self.core.points() + self.spouse.points() + self.transferability.sum().points() + self.additional.sum().points()
    }
}

/// Score with a job offer, for days on which offers brought points.
pub fn total_with_offer(profile: &Profile, offer: JobOffer) -> u16 {
    Score::of(&Profile { job_offer: Some(offer), ..*profile }).total()
}

fn core(profile: &Profile) -> Core {
    let has_spouse = profile.spouse.is_some();
    let column = |(with, without): Columns| if has_spouse { with } else { without };
    let first_language = profile.first_language.levels.each().map(|clb| column(tables::first_language(clb)));
    let second_language = match profile.second_language {
        Some(levels) => levels.each().map(tables::second_language),
        None => [0; 4],
    };
    Core {
        age: column(tables::age(profile.age)),
        education: column(tables::education(profile.education)),
        first_language,
        second_language,
        second_language_sum: Capped { sum: second_language.iter().sum(), max: column(SECOND_LANGUAGE_MAX) },
        canadian_work: column(tables::canadian_work(profile.canadian_work)),
    }
}

fn spouse(profile: &Profile) -> SpousePoints {
    let Some(spouse) = profile.spouse else { return SpousePoints::default() };
    SpousePoints {
        education: tables::spouse_education(spouse.education),
        language: spouse.levels.map_or([0; 4], |levels| levels.each().map(tables::spouse_language)),
        canadian_work: tables::spouse_canadian_work(spouse.canadian_work),
    }
}

fn transferability(profile: &Profile) -> Transferability {
    let lowest = profile.first_language.levels.lowest();
    Transferability {
        education: Combination::of(tables::education_tier(profile.education), profile),
        foreign_work: Combination::of(tables::foreign_work_tier(profile.foreign_work), profile),
        trade_certificate: if profile.trade_certificate { tables::trade_certificate(lowest) } else { 0 },
    }
}

fn additional(profile: &Profile) -> Additional {
    let rules = tables::additional_rules(profile.on);
    let lowest_in = |language| profile.levels_in(language).map_or(0, |levels| levels.lowest());
    let french = match (lowest_in(Language::French), lowest_in(Language::English)) {
        (..tables::STRONG_FRENCH, _) => 0,
        (_, ..tables::ENGLISH_WITH_FRENCH) => rules.french,
        _ => rules.french_and_english,
    };
    Additional {
        nomination: if profile.nomination { rules.nomination } else { 0 },
        french,
        canadian_credential: profile.canadian_credential.map_or(0, |credential| rules.canadian_credential(credential)),
        sibling: if profile.sibling { rules.sibling } else { 0 },
        job_offer: profile.job_offer.map_or(0, |offer| rules.job_offer(offer)),
    }
}
