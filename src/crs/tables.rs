//! Point tables of the Comprehensive Ranking System (CRS), as in the official tables, with the dates of changes.
//!
//! Source: the criteria of the Comprehensive Ranking System published by Immigration, Refugees and Citizenship Canada,
//! compared on 2026-08-15 (page of 2026-06-22). The points of sections A to C have been the same since the system
//! started on 2015-01-01. Section D changed on the dates in [`additional_rules`].
//!
//! Columns: first the points with a spouse or partner, then without.

use jiff::civil::{Date, date};

use crate::crs::profile::{CanadianCredential, Education, JobOffer};

/// First day of the system.
pub const FIRST_DAY: Date = date(2015, 1, 1);
/// Last comparison of these tables with the official ones.
pub const VERIFIED_ON: Date = date(2026, 8, 15);
/// First day without points for a job offer.
pub const JOB_OFFERS_END: Date = date(2025, 3, 25);

/// Points with and without a spouse or partner.
pub type Columns = (u16, u16);

/// Maximum of the second official language with and without a spouse or partner.
pub const SECOND_LANGUAGE_MAX: Columns = (22, 24);
/// Maximum of each combination of section C.
pub const TRANSFER_GROUP_MAX: u16 = 50;
/// Maximum of section C.
pub const TRANSFER_MAX: u16 = 100;
/// Maximum of section D.
pub const ADDITIONAL_MAX: u16 = 600;

/// A. Age.
#[rustfmt::skip]
pub fn age(years: u8) -> Columns {
    match years {
        ..=17   => (  0,   0),
        18      => ( 90,  99),
        19      => ( 95, 105),
        20..=29 => (100, 110),
        30      => ( 95, 105),
        31      => ( 90,  99),
        32      => ( 85,  94),
        33      => ( 80,  88),
        34      => ( 75,  83),
        35      => ( 70,  77),
        36      => ( 65,  72),
        37      => ( 60,  66),
        38      => ( 55,  61),
        39      => ( 50,  55),
        40      => ( 45,  50),
        41      => ( 35,  39),
        42      => ( 25,  28),
        43      => ( 15,  17),
        44      => (  5,   6),
        45..    => (  0,   0),
    }
}

/// A. Level of education.
#[rustfmt::skip]
pub fn education(level: Education) -> Columns {
    match level {
        Education::LessThanSecondary     => (  0,   0),
        Education::Secondary             => ( 28,  30),
        Education::OneYear               => ( 84,  90),
        Education::TwoYear               => ( 91,  98),
        Education::BachelorsOrThreeYear  => (112, 120),
        Education::TwoOrMore             => (119, 128),
        Education::MastersOrProfessional => (126, 135),
        Education::Doctorate             => (140, 150),
    }
}

/// A. First official language, for each ability.
#[rustfmt::skip]
pub fn first_language(clb: u8) -> Columns {
    match clb {
        ..=3   => ( 0,  0),
        4 | 5  => ( 6,  6),
        6      => ( 8,  9),
        7      => (16, 17),
        8      => (22, 23),
        9      => (29, 31),
        10..   => (32, 34),
    }
}

/// A. Second official language, for each ability. [`SECOND_LANGUAGE_MAX`] limits the sum.
#[rustfmt::skip]
pub fn second_language(clb: u8) -> u16 {
    match clb {
        ..=4  => 0,
        5 | 6 => 1,
        7 | 8 => 3,
        9..   => 6,
    }
}

/// A. Canadian work experience.
#[rustfmt::skip]
pub fn canadian_work(years: u8) -> Columns {
    match years {
        0   => ( 0,  0),
        1   => (35, 40),
        2   => (46, 53),
        3   => (56, 64),
        4   => (63, 72),
        5.. => (70, 80),
    }
}

/// B. Level of education of the spouse or partner.
#[rustfmt::skip]
pub fn spouse_education(level: Education) -> u16 {
    match level {
        Education::LessThanSecondary     =>  0,
        Education::Secondary             =>  2,
        Education::OneYear               =>  6,
        Education::TwoYear               =>  7,
        Education::BachelorsOrThreeYear  =>  8,
        Education::TwoOrMore             =>  9,
        Education::MastersOrProfessional => 10,
        Education::Doctorate             => 10,
    }
}

/// B. First official language of the spouse or partner, for each ability.
#[rustfmt::skip]
pub fn spouse_language(clb: u8) -> u16 {
    match clb {
        ..=4  => 0,
        5 | 6 => 1,
        7 | 8 => 3,
        9..   => 5,
    }
}

/// B. Canadian work experience of the spouse or partner.
#[rustfmt::skip]
pub fn spouse_canadian_work(years: u8) -> u16 {
    match years {
        0   =>  0,
        1   =>  5,
        2   =>  7,
        3   =>  8,
        4   =>  9,
        5.. => 10,
    }
}

/// Half of a combination in section C: how much it allows the other half to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    None,
    Lower,
    Upper,
}

/// C. Education: a single bachelor’s degree is in the lower tier, a master’s degree in the upper one.
#[rustfmt::skip]
pub fn education_tier(level: Education) -> Tier {
    match level {
        Education::LessThanSecondary     => Tier::None,
        Education::Secondary             => Tier::None,
        Education::OneYear               => Tier::Lower,
        Education::TwoYear               => Tier::Lower,
        Education::BachelorsOrThreeYear  => Tier::Lower,
        Education::TwoOrMore             => Tier::Upper,
        Education::MastersOrProfessional => Tier::Upper,
        Education::Doctorate             => Tier::Upper,
    }
}

/// C. Foreign work experience.
#[rustfmt::skip]
pub fn foreign_work_tier(years: u8) -> Tier {
    match years {
        0     => Tier::None,
        1 | 2 => Tier::Lower,
        3..   => Tier::Upper,
    }
}

/// C. First official language: the lowest of the four abilities decides.
#[rustfmt::skip]
pub fn language_tier(lowest_clb: u8) -> Tier {
    match lowest_clb {
        ..=6  => Tier::None,
        7 | 8 => Tier::Lower,
        9..   => Tier::Upper,
    }
}

/// C. Canadian work experience.
#[rustfmt::skip]
pub fn canadian_work_tier(years: u8) -> Tier {
    match years {
        0   => Tier::None,
        1   => Tier::Lower,
        2.. => Tier::Upper,
    }
}

/// C. Education or foreign work, combined with language or Canadian work.
#[rustfmt::skip]
pub fn combination(row: Tier, column: Tier) -> u16 {
    match (row, column) {
        (Tier::None,  _          ) |
        (_,           Tier::None ) =>  0,
        (Tier::Lower, Tier::Lower) => 13,
        (Tier::Lower, Tier::Upper) => 25,
        (Tier::Upper, Tier::Lower) => 25,
        (Tier::Upper, Tier::Upper) => 50,
    }
}

/// C. Certificate of qualification in a trade, combined with the lowest ability in the first official language.
#[rustfmt::skip]
pub fn trade_certificate(lowest_clb: u8) -> u16 {
    match lowest_clb {
        ..=4  =>  0,
        5 | 6 => 25,
        7..   => 50,
    }
}

/// D. Points of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdditionalRules {
    /// First day of the period.
    pub from: Date,
    pub nomination: u16,
    /// Strong French, and English of CLB 4 or lower or no English test.
    pub french: u16,
    /// Strong French, and English of CLB 5 or higher in all four abilities.
    pub french_and_english: u16,
    pub one_or_two_years: u16,
    pub three_years_or_more: u16,
    pub sibling: u16,
    pub senior_manager_offer: u16,
    pub other_offer: u16,
}

impl AdditionalRules {
    pub fn canadian_credential(&self, credential: CanadianCredential) -> u16 {
        match credential {
            CanadianCredential::OneOrTwoYears => self.one_or_two_years,
            CanadianCredential::ThreeYearsOrMore => self.three_years_or_more,
        }
    }

    pub fn job_offer(&self, offer: JobOffer) -> u16 {
        match offer {
            JobOffer::SeniorManager => self.senior_manager_offer,
            JobOffer::Other => self.other_offer,
        }
    }
}

/// Level in French from which the points for strong French count, in all four abilities.
pub const STRONG_FRENCH: u8 = 7;
/// Level in English from which strong French brings more points, in all four abilities.
pub const ENGLISH_WITH_FRENCH: u8 = 5;

/// D. All periods, newest first.
#[rustfmt::skip]
pub const ADDITIONAL_RULES: [AdditionalRules; 5] = {
    const fn rules(
        from: Date, nomination: u16, french: (u16, u16), credential: (u16, u16), sibling: u16, offer: (u16, u16),
    ) -> AdditionalRules {
        AdditionalRules {
            from, nomination, french: french.0, french_and_english: french.1, one_or_two_years: credential.0,
            three_years_or_more: credential.1, sibling, senior_manager_offer: offer.0, other_offer: offer.1,
        }
    }
    [
        //    from               nomination  French    credential  sibling  job offer
        rules(JOB_OFFERS_END,         600,  (25, 50),  (15, 30),   15,      (  0,   0)),
        rules(date(2020, 10, 20),     600,  (25, 50),  (15, 30),   15,      (200,  50)),
        rules(date(2017,  6,  6),     600,  (15, 30),  (15, 30),   15,      (200,  50)),
        rules(date(2016, 11, 19),     600,  ( 0,  0),  (15, 30),    0,      (200,  50)),
        rules(FIRST_DAY,              600,  ( 0,  0),  ( 0,  0),    0,      (600, 600)),
    ]
};

/// D. Rules in effect on `day`; for days before the system started, its first rules.
pub fn additional_rules(day: Date) -> &'static AdditionalRules {
    let [.., first] = &ADDITIONAL_RULES;
    ADDITIONAL_RULES.iter().find(|rules| rules.from <= day).unwrap_or(first)
}
