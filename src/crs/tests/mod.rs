//! Tests of the formula: worked cases, every table cell, properties, and a second evaluation.

mod cases;
mod cells;
mod independent;
mod properties;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::crs::profile::{
    CanadianCredential, Education, FirstLanguage, JobOffer, Language, LanguageLevels, Profile, Spouse,
};

const TODAY: Date = date(2026, 11, 29);

/// Single person without any points.
fn nobody() -> Profile {
    Profile {
        on: TODAY,
        age: 50,
        spouse: None,
        education: Education::LessThanSecondary,
        first_language: FirstLanguage { language: Language::English, levels: all(0) },
        second_language: None,
        canadian_work: 0,
        foreign_work: 0,
        trade_certificate: false,
        nomination: false,
        sibling: false,
        canadian_credential: None,
        job_offer: None,
    }
}

fn no_spouse_points() -> Spouse {
    Spouse { education: Education::LessThanSecondary, levels: None, canadian_work: 0 }
}

/// The same level in all four abilities.
fn all(level: u8) -> LanguageLevels {
    LanguageLevels::new([level; 4])
}

fn any_levels() -> impl Strategy<Value = LanguageLevels> {
    prop_oneof![
        (0_u8..=12).prop_map(all),
        proptest::array::uniform4(0_u8..=12).prop_map(LanguageLevels::new),
        proptest::array::uniform4(6_u8..=10).prop_map(LanguageLevels::new),
    ]
}

fn any_education() -> impl Strategy<Value = Education> {
    proptest::sample::select(Education::ALL.to_vec())
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let days = [date(2015, 1, 1), date(2016, 11, 19), date(2017, 6, 6), date(2020, 10, 20), date(2025, 3, 24), TODAY];
    let spouse = (any_education(), proptest::option::of(any_levels()), 0_u8..=7)
        .prop_map(|(education, levels, canadian_work)| Spouse { education, levels, canadian_work });
    let languages = (
        proptest::sample::select(vec![Language::English, Language::French]),
        any_levels(),
        proptest::option::of(any_levels()),
    );
    let credentials = vec![None, Some(CanadianCredential::OneOrTwoYears), Some(CanadianCredential::ThreeYearsOrMore)];
    let offers = vec![None, Some(JobOffer::SeniorManager), Some(JobOffer::Other)];
    (
        (proptest::sample::select(days.to_vec()), 14_u8..=50, proptest::option::of(spouse), any_education(), languages),
        (0_u8..=7, 0_u8..=5, any::<bool>(), any::<bool>(), any::<bool>()),
        (proptest::sample::select(credentials), proptest::sample::select(offers)),
    )
        .prop_map(|(person, work, (canadian_credential, job_offer))| {
            let (on, age, spouse, education, (language, levels, second_language)) = person;
            let (canadian_work, foreign_work, trade_certificate, nomination, sibling) = work;
            Profile {
                on,
                age,
                spouse,
                education,
                first_language: FirstLanguage { language, levels },
                second_language,
                canadian_work,
                foreign_work,
                trade_certificate,
                nomination,
                sibling,
                canadian_credential,
                job_offer,
            }
        })
}
