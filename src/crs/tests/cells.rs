//! Every cell of the official tables, each through a profile that has only this answer.

use jiff::civil::date;

use super::{TODAY, all, no_spouse_points, nobody};
use crate::crs::profile::{
    CanadianCredential, Education, FirstLanguage, JobOffer, Language, LanguageLevels, Profile, Spouse,
};
use crate::crs::score::Score;

/// The same profile in both columns: with a spouse who brings no points, and without.
fn both(profile: Profile) -> [Score; 2] {
    [Some(no_spouse_points()), None].map(|spouse| Score::of(&Profile { spouse, ..profile }))
}

#[test]
fn age() {
    let mut expected = vec![(0, 0, 0), (16, 0, 0), (17, 0, 0), (18, 90, 99), (19, 95, 105)];
    expected.extend((20..=29).map(|age| (age, 100, 110)));
    expected.extend([(30, 95, 105), (31, 90, 99), (32, 85, 94), (33, 80, 88), (34, 75, 83), (35, 70, 77)]);
    expected.extend([(36, 65, 72), (37, 60, 66), (38, 55, 61), (39, 50, 55), (40, 45, 50), (41, 35, 39)]);
    expected.extend([(42, 25, 28), (43, 15, 17), (44, 5, 6), (45, 0, 0), (46, 0, 0), (99, 0, 0)]);
    for (age, with, without) in expected {
        let [married, single] = both(Profile { age, ..nobody() });
        assert_eq!((married.core.age, single.core.age), (with, without), "{age}");
        assert_eq!((married.total(), single.total()), (with, without), "{age}");
    }
}

#[test]
fn education() {
    for (education, with, without, spouses_own) in [
        (Education::LessThanSecondary, 0, 0, 0),
        (Education::Secondary, 28, 30, 2),
        (Education::OneYear, 84, 90, 6),
        (Education::TwoYear, 91, 98, 7),
        (Education::BachelorsOrThreeYear, 112, 120, 8),
        (Education::TwoOrMore, 119, 128, 9),
        (Education::MastersOrProfessional, 126, 135, 10),
        (Education::Doctorate, 140, 150, 10),
    ] {
        let [married, single] = both(Profile { education, ..nobody() });
        assert_eq!((married.total(), single.total()), (with, without), "{education:?}");
        assert_eq!((married.core.education, single.core.education), (with, without), "{education:?}");
        let spouse = Some(Spouse { education, ..no_spouse_points() });
        let score = Score::of(&Profile { spouse, ..nobody() });
        assert_eq!((score.spouse.education, score.total()), (spouses_own, spouses_own), "{education:?}");
    }
}

#[test]
fn language_for_each_level_and_ability() {
    for (level, with, without, second, spouses_own) in [
        (0, 0, 0, 0, 0),
        (3, 0, 0, 0, 0),
        (4, 6, 6, 0, 0),
        (5, 6, 6, 1, 1),
        (6, 8, 9, 1, 1),
        (7, 16, 17, 3, 3),
        (8, 22, 23, 3, 3),
        (9, 29, 31, 6, 5),
        (10, 32, 34, 6, 5),
        (12, 32, 34, 6, 5),
    ] {
        for ability in 0..4 {
            let mut each = [0; 4];
            each[ability] = level;
            let levels = LanguageLevels::new(each);
            let first_language = FirstLanguage { language: Language::English, levels };
            let [married, single] = both(Profile { first_language, ..nobody() });
            assert_eq!((married.core.first_language[ability], single.core.first_language[ability]), (with, without));
            assert_eq!((married.total(), single.total()), (with, without), "first {level} {ability}");
            let [married, single] = both(Profile { second_language: Some(levels), ..nobody() });
            assert_eq!((married.total(), single.total()), (second, second), "second {level} {ability}");
            let spouse = Some(Spouse { levels: Some(levels), ..no_spouse_points() });
            assert_eq!(Score::of(&Profile { spouse, ..nobody() }).total(), spouses_own, "spouse {level} {ability}");
        }
    }
}

#[test]
fn maximum_of_each_language() {
    let first_language = FirstLanguage { language: Language::English, levels: all(10) };
    let [married, single] = both(Profile { first_language, ..nobody() });
    assert_eq!((married.core.first_language_sum(), single.core.first_language_sum()), (128, 136));
    let [married, single] = both(Profile { second_language: Some(all(10)), ..nobody() });
    let sums = [married, single].map(|score| score.core.second_language_sum);
    assert_eq!(sums.map(|sum| (sum.points(), sum.lost())), [(22, 2), (24, 0)]);
    let spouse = Some(Spouse { levels: Some(all(10)), ..no_spouse_points() });
    assert_eq!(Score::of(&Profile { spouse, ..nobody() }).spouse.language_sum(), 20);
}

#[test]
fn canadian_work() {
    for (years, with, without, spouses_own) in
        [(0, 0, 0, 0), (1, 35, 40, 5), (2, 46, 53, 7), (3, 56, 64, 8), (4, 63, 72, 9), (5, 70, 80, 10), (9, 70, 80, 10)]
    {
        let [married, single] = both(Profile { canadian_work: years, ..nobody() });
        assert_eq!((married.total(), single.total()), (with, without), "{years}");
        let spouse = Some(Spouse { canadian_work: years, ..no_spouse_points() });
        assert_eq!(Score::of(&Profile { spouse, ..nobody() }).total(), spouses_own, "{years}");
    }
}

const NONE: [Education; 2] = [Education::LessThanSecondary, Education::Secondary];
const LOWER: [Education; 3] = [Education::OneYear, Education::TwoYear, Education::BachelorsOrThreeYear];
const UPPER: [Education; 3] = [Education::TwoOrMore, Education::MastersOrProfessional, Education::Doctorate];

#[test]
fn education_with_language_and_with_canadian_work() {
    for (levels, points) in [(&NONE[..], [0, 0, 0, 0]), (&LOWER, [13, 25, 13, 25]), (&UPPER, [25, 50, 25, 50])] {
        for education in levels.iter().copied() {
            let with_language = |each| {
                let first_language = FirstLanguage { language: Language::English, levels: LanguageLevels::new(each) };
                Score::of(&Profile { education, first_language, ..nobody() }).transferability.education.with_language
            };
            for clb_7 in [[7; 4], [8; 4], [9, 9, 9, 8], [7, 10, 10, 10]] {
                assert_eq!(with_language(clb_7), points[0], "{education:?} {clb_7:?}");
            }
            assert_eq!(with_language([9; 4]), points[1], "{education:?}");
            assert_eq!(with_language([10, 9, 10, 12]), points[1], "{education:?}");
            assert_eq!(with_language([10, 10, 10, 6]), 0, "{education:?}");
            let with_work = |canadian_work| {
                let profile = Profile { education, canadian_work, ..nobody() };
                Score::of(&profile).transferability.education.with_canadian_work
            };
            assert_eq!([0, 1, 2, 3, 5].map(with_work), [0, points[2], points[3], points[3], points[3]]);
        }
    }
}

#[test]
fn foreign_work_with_language_and_with_canadian_work() {
    for (foreign_work, points) in
        [(0, [0, 0, 0, 0]), (1, [13, 25, 13, 25]), (2, [13, 25, 13, 25]), (3, [25, 50, 25, 50]), (9, [25, 50, 25, 50])]
    {
        let with_language = |level| {
            let first_language = FirstLanguage { language: Language::French, levels: all(level) };
            Score::of(&Profile { foreign_work, first_language, ..nobody() }).transferability.foreign_work.with_language
        };
        assert_eq!([6, 7, 8, 9, 10].map(with_language), [0, points[0], points[0], points[1], points[1]]);
        let with_work = |canadian_work| {
            let profile = Profile { foreign_work, canadian_work, ..nobody() };
            Score::of(&profile).transferability.foreign_work.with_canadian_work
        };
        assert_eq!([0, 1, 2, 5].map(with_work), [0, points[2], points[3], points[3]]);
    }
}

#[test]
fn trade_certificate() {
    for (each, points) in [
        ([4; 4], 0),
        ([5, 5, 5, 4], 0),
        ([5; 4], 25),
        ([6; 4], 25),
        ([10, 10, 10, 5], 25),
        ([7, 7, 7, 6], 25),
        ([7; 4], 50),
        ([10; 4], 50),
    ] {
        let first_language = FirstLanguage { language: Language::English, levels: LanguageLevels::new(each) };
        let profile = Profile { trade_certificate: true, first_language, ..nobody() };
        assert_eq!(Score::of(&profile).transferability.trade_certificate, points, "{each:?}");
        let without = Profile { trade_certificate: false, ..profile };
        assert_eq!(Score::of(&without).transferability.trade_certificate, 0, "{each:?}");
    }
}

#[test]
fn each_group_of_section_c_has_a_maximum_of_50_and_all_together_100() {
    let best = Profile {
        education: Education::MastersOrProfessional,
        first_language: FirstLanguage { language: Language::English, levels: all(9) },
        canadian_work: 2,
        foreign_work: 3,
        trade_certificate: true,
        ..nobody()
    };
    let transfers = Score::of(&best).transferability;
    assert_eq!((transfers.education.sum().sum, transfers.education.sum().points()), (100, 50));
    assert_eq!((transfers.foreign_work.sum().sum, transfers.foreign_work.sum().points()), (100, 50));
    assert_eq!((transfers.sum().sum, transfers.sum().points(), transfers.sum().lost()), (150, 100, 50));
}

fn languages(first: Language, levels: [u8; 4], second: Option<[u8; 4]>) -> Profile {
    let first_language = FirstLanguage { language: first, levels: LanguageLevels::new(levels) };
    Profile { first_language, second_language: second.map(LanguageLevels::new), ..nobody() }
}

#[test]
fn strong_french_brings_25_points_and_50_with_english() {
    use Language::{English, French};
    for (profile, points) in [
        (languages(French, [7; 4], None), 25),
        (languages(French, [7; 4], Some([0; 4])), 25),
        (languages(French, [7; 4], Some([4; 4])), 25),
        (languages(French, [10; 4], Some([5, 5, 5, 4])), 25),
        (languages(French, [7; 4], Some([5; 4])), 50),
        (languages(French, [6, 7, 7, 7], Some([9; 4])), 0),
        (languages(French, [9, 9, 9, 6], None), 0),
        (languages(English, [5; 4], Some([7; 4])), 50),
        (languages(English, [4; 4], Some([7; 4])), 25),
        (languages(English, [9, 9, 9, 4], Some([7; 4])), 25),
        (languages(English, [10; 4], Some([7, 7, 7, 6])), 0),
        (languages(English, [10; 4], None), 0),
    ] {
        assert_eq!(Score::of(&profile).additional.french, points, "{profile:?}");
    }
}

#[test]
fn other_additional_points() {
    let additional = |profile: Profile| Score::of(&profile).additional.sum().points();
    assert_eq!(additional(Profile { nomination: true, ..nobody() }), 600);
    assert_eq!(additional(Profile { sibling: true, ..nobody() }), 15);
    let credential = |credential| Profile { canadian_credential: Some(credential), ..nobody() };
    assert_eq!(additional(credential(CanadianCredential::OneOrTwoYears)), 15);
    assert_eq!(additional(credential(CanadianCredential::ThreeYearsOrMore)), 30);
    let all = Profile { nomination: true, sibling: true, ..credential(CanadianCredential::ThreeYearsOrMore) };
    let sum = Score::of(&all).additional.sum();
    assert_eq!((sum.sum, sum.points(), sum.lost()), (645, 600, 45));
}

#[test]
fn additional_points_of_earlier_days() {
    let profile = Profile {
        sibling: true,
        canadian_credential: Some(CanadianCredential::ThreeYearsOrMore),
        ..languages(Language::French, [7; 4], Some([5; 4]))
    };
    let strong_french_only = languages(Language::French, [7; 4], None);
    for (on, french, french_only, credential, sibling, manager, other) in [
        (date(2015, 1, 1), 0, 0, 0, 0, 600, 600),
        (date(2016, 11, 18), 0, 0, 0, 0, 600, 600),
        (date(2016, 11, 19), 0, 0, 30, 0, 200, 50),
        (date(2017, 6, 5), 0, 0, 30, 0, 200, 50),
        (date(2017, 6, 6), 30, 15, 30, 15, 200, 50),
        (date(2020, 10, 19), 30, 15, 30, 15, 200, 50),
        (date(2020, 10, 20), 50, 25, 30, 15, 200, 50),
        (date(2025, 3, 24), 50, 25, 30, 15, 200, 50),
        (date(2025, 3, 25), 50, 25, 30, 15, 0, 0),
        (TODAY, 50, 25, 30, 15, 0, 0),
    ] {
        let on_day = |profile, job_offer| Score::of(&Profile { on, job_offer, ..profile }).additional;
        let found = on_day(profile, Some(JobOffer::SeniorManager));
        assert_eq!((found.french, found.canadian_credential, found.sibling), (french, credential, sibling), "{on}");
        assert_eq!(found.job_offer, manager, "{on}");
        assert_eq!(on_day(profile, Some(JobOffer::Other)).job_offer, other, "{on}");
        assert_eq!(on_day(profile, None).job_offer, 0, "{on}");
        assert_eq!(on_day(strong_french_only, None).french, french_only, "{on}");
    }
}
