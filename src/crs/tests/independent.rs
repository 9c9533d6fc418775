//! Second evaluation of the formula, written independently from the official text, compared on generated profiles.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::any_profile;
use crate::crs::profile::{CanadianCredential, JobOffer, Language, Profile};
use crate::crs::score::Score;

/// Points for ages 17 to 45, with and without a spouse.
const BY_AGE: [[i32; 29]; 2] = [
    [
        0, 90, 95, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 95, 90, 85, 80, 75, 70, 65, 60, 55, 50, 45, 35,
        25, 15, 5, 0,
    ],
    [
        0, 99, 105, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 105, 99, 94, 88, 83, 77, 72, 66, 61, 55, 50, 39,
        28, 17, 6, 0,
    ],
];
/// With a spouse, without, and the spouse's own.
const BY_EDUCATION: [[i32; 8]; 3] =
    [[0, 28, 84, 91, 112, 119, 126, 140], [0, 30, 90, 98, 120, 128, 135, 150], [0, 2, 6, 7, 8, 9, 10, 10]];
/// By level 0 to 10: with a spouse, without, second language, and the spouse's own.
const BY_LEVEL: [[i32; 11]; 4] = [
    [0, 0, 0, 0, 6, 6, 8, 16, 22, 29, 32],
    [0, 0, 0, 0, 6, 6, 9, 17, 23, 31, 34],
    [0, 0, 0, 0, 0, 1, 1, 3, 3, 6, 6],
    [0, 0, 0, 0, 0, 1, 1, 3, 3, 5, 5],
];
/// By years of Canadian work 0 to 5: with a spouse, without, and the spouse's own.
const BY_WORK: [[i32; 6]; 3] = [[0, 35, 46, 56, 63, 70], [0, 40, 53, 64, 72, 80], [0, 5, 7, 8, 9, 10]];

/// A, B, C, D.
fn sections(p: &Profile) -> [i32; 4] {
    let column = usize::from(p.spouse.is_none());
    let first: Vec<usize> = p.first_language.levels.each().map(usize::from).to_vec();
    let second: Vec<usize> =
        p.second_language.map(|levels| levels.each().map(usize::from).to_vec()).unwrap_or_default();
    let education = p.education as usize;
    let canadian = usize::from(p.canadian_work).min(5);

    let mut a = BY_AGE[column][usize::from(p.age).clamp(17, 45) - 17] + BY_EDUCATION[column][education];
    a += BY_WORK[column][canadian] + first.iter().map(|level| BY_LEVEL[column][*level]).sum::<i32>();
    a += second.iter().map(|level| BY_LEVEL[2][*level]).sum::<i32>().min(if column == 0 { 22 } else { 24 });

    let b = p.spouse.map_or(0, |s| {
        let levels = s.levels.map_or([0; 4], |levels| levels.each());
        let language: i32 = levels.iter().map(|level| BY_LEVEL[3][usize::from(*level)]).sum();
        BY_EDUCATION[2][s.education as usize] + BY_WORK[2][usize::from(s.canadian_work).min(5)] + language
    });

    // Each half of a group is worth 0, 1 or 2 steps; the product of the steps gives the points.
    let at_least = |wanted: usize| first.iter().filter(|level| **level >= wanted).count() == 4;
    let language_steps = i32::from(at_least(7)) + i32::from(at_least(9));
    let work_steps = i32::from(canadian >= 1) + i32::from(canadian >= 2);
    let group = |own_steps: i32| {
        let half = |steps: i32| [0, 13, 25, 0, 50][usize::try_from(own_steps * steps).unwrap()];
        (half(language_steps) + half(work_steps)).min(50)
    };
    let education_steps = if education < 2 { 0 } else { 1 + i32::from(education > 4) };
    let foreign_steps = i32::from(p.foreign_work >= 1) + i32::from(p.foreign_work >= 3);
    let trade = if p.trade_certificate { 25 * (i32::from(at_least(5)) + i32::from(at_least(7))) } else { 0 };
    let c = (group(education_steps) + group(foreign_steps) + trade).min(100);

    let (french, english) = match p.first_language.language {
        Language::French => (&first, &second),
        Language::English => (&second, &first),
    };
    let since = |day: &str| p.on >= day.parse().unwrap();
    let mut d = 0;
    if french.len() == 4 && french.iter().all(|level| *level > 6) && since("2017-06-06") {
        let with_english = english.len() == 4 && english.iter().all(|level| *level > 4);
        let step = if since("2020-10-20") { 25 } else { 15 };
        d += if with_english { 2 * step } else { step };
    }
    d += if p.sibling && since("2017-06-06") { 15 } else { 0 };
    d += if p.nomination { 600 } else { 0 };
    if since("2016-11-19") {
        d += match p.canadian_credential {
            None => 0,
            Some(CanadianCredential::OneOrTwoYears) => 15,
            Some(CanadianCredential::ThreeYearsOrMore) => 30,
        };
    }
    d += match p.job_offer {
        Some(_) if !since("2016-11-19") => 600,
        Some(_) if since("2025-03-25") => 0,
        Some(JobOffer::SeniorManager) => 200,
        Some(JobOffer::Other) => 50,
        None => 0,
    };
    [a, b, c, d.min(600)]
}

#[test]
fn a_second_evaluation_agrees_on_30_000_profiles() {
    let mut runner = TestRunner::new(Config { cases: 30_000, failure_persistence: None, ..Config::default() });
    let agrees = runner.run(&any_profile(), |profile| {
        let score = Score::of(&profile);
        let found = [
            score.core.points(),
            score.spouse.points(),
            score.transferability.sum().points(),
            score.additional.sum().points(),
        ];
        prop_assert_eq!(found.map(i32::from), sections(&profile));
        prop_assert_eq!(i32::from(score.total()), sections(&profile).iter().sum::<i32>());
        Ok(())
    });
    agrees.unwrap();
}
