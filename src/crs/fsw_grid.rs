//! Selection grid of the Federal Skilled Worker Program: 67 of 100 points are required. Separate from the CRS score.
//!
//! Source: the selection factors published by Immigration, Refugees and Citizenship Canada, compared on 2026-08-15.

use crate::crs::profile::{CanadianCredential, Education, Profile};

pub const PASS_MARK: u16 = 67;
const MAX_ADAPTABILITY: u16 = 10;
/// A valid job offer brings points of its own and counts for adaptability. The calculator does not ask for it.
const ARRANGED_EMPLOYMENT: u16 = 10;

/// Points of the answers. What the calculator does not ask for can only add to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FswGrid {
    /// `None` if an ability is below CLB 7: not eligible.
    pub first_language: Option<u16>,
    pub second_language: u16,
    pub education: u16,
    pub work: u16,
    pub age: u16,
    /// Points of what was asked, up to the maximum.
    pub adaptability: u16,
}

impl FswGrid {
    pub fn of(profile: &Profile) -> Self {
        let levels = profile.first_language.levels;
        let second = profile.second_language.map_or(0, |levels| levels.lowest());
        Self {
            first_language: (levels.lowest() >= 7).then(|| levels.each().map(first_language).iter().sum()),
            second_language: if second >= 5 { 4 } else { 0 },
            education: education(profile.education),
            work: work(profile.canadian_work.saturating_add(profile.foreign_work)),
            age: age(profile.age),
            adaptability: adaptability(profile).min(MAX_ADAPTABILITY),
        }
    }

    pub fn points(&self) -> u16 {
        let language = self.first_language.unwrap_or(0) + self.second_language;
        language + self.education + self.work + self.age + self.adaptability
    }

    /// The most points possible with a job offer and everything else that was not asked.
    pub fn most_points(&self) -> u16 {
        self.points() + ARRANGED_EMPLOYMENT + MAX_ADAPTABILITY - self.adaptability
    }
}

#[rustfmt::skip]
fn first_language(clb: u8) -> u16 {
    match clb {
        ..=6 => 0,
        7    => 4,
        8    => 5,
        9..  => 6,
    }
}

#[rustfmt::skip]
fn education(level: Education) -> u16 {
    match level {
        Education::LessThanSecondary     =>  0,
        Education::Secondary             =>  5,
        Education::OneYear               => 15,
        Education::TwoYear               => 19,
        Education::BachelorsOrThreeYear  => 21,
        Education::TwoOrMore             => 22,
        Education::MastersOrProfessional => 23,
        Education::Doctorate             => 25,
    }
}

/// Years of skilled work in the last ten years, in Canada or abroad.
#[rustfmt::skip]
fn work(years: u8) -> u16 {
    match years {
        0     =>  0,
        1     =>  9,
        2 | 3 => 11,
        4 | 5 => 13,
        6..   => 15,
    }
}

/// One point less for each year after 35.
#[rustfmt::skip]
fn age(years: u8) -> u16 {
    match years {
        ..=17   =>  0,
        18..=35 => 12,
        36..=46 => u16::from(47 - years),
        47..    =>  0,
    }
}

/// Of the eight reasons, the five that the answers show. A Canadian program of one or two years may have been too short.
fn adaptability(profile: &Profile) -> u16 {
    let spouse_speaks = profile.spouse.and_then(|spouse| spouse.levels).is_some_and(|levels| levels.lowest() >= 4);
    [
        (profile.canadian_work >= 1, 10),
        (profile.canadian_credential == Some(CanadianCredential::ThreeYearsOrMore), 5),
        (spouse_speaks, 5),
        (profile.spouse.is_some_and(|spouse| spouse.canadian_work >= 1), 5),
        (profile.sibling, 5),
    ]
    .into_iter()
    .map(|(applies, points)| if applies { points } else { 0 })
    .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_of_the_grid() {
        assert_eq!([4, 6, 7, 8, 9, 10].map(first_language), [0, 0, 4, 5, 6, 6]);
        assert_eq!(Education::ALL.map(education), [0, 5, 15, 19, 21, 22, 23, 25]);
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 9].map(work), [0, 9, 11, 11, 13, 13, 15, 15]);
        for (years, points) in [(17, 0), (18, 12), (35, 12), (36, 11), (40, 7), (45, 2), (46, 1), (47, 0)] {
            assert_eq!(age(years), points, "{years}");
        }
    }
}
