//! Properties of the formula on generated profiles: limits, and no answer with more points lowers the total.

use proptest::prelude::*;

use super::{TODAY, any_profile};
use crate::crs::partial_profile::{PartialProfile, PartialSpouse};
use crate::crs::profile::{CanadianCredential, FirstLanguage, LanguageLevels, Profile, Spouse};
use crate::crs::score::Score;

fn total(profile: &Profile) -> u16 {
    Score::of(profile).total()
}

/// Profiles that differ from this one by one answer with more points.
fn one_answer_better(profile: Profile) -> Vec<Profile> {
    let raised = |levels: LanguageLevels| {
        (0..4).map(move |ability| {
            let mut each = levels.each();
            each[ability] = (each[ability] + 1).max(4);
            LanguageLevels::new(each)
        })
    };
    let mut better = vec![
        Profile { canadian_work: profile.canadian_work + 1, ..profile },
        Profile { foreign_work: profile.foreign_work + 1, ..profile },
        Profile { trade_certificate: true, ..profile },
        Profile { nomination: true, ..profile },
        Profile { sibling: true, ..profile },
        Profile { canadian_credential: Some(CanadianCredential::ThreeYearsOrMore), ..profile },
        Profile { second_language: profile.second_language.or(Some(LanguageLevels::new([0; 4]))), ..profile },
    ];
    if profile.age < 20 {
        better.push(Profile { age: profile.age + 1, ..profile });
    }
    if profile.age > 29 {
        better.push(Profile { age: profile.age - 1, ..profile });
    }
    better.extend(profile.education.next().map(|education| Profile { education, ..profile }));
    let language = profile.first_language.language;
    better.extend(
        raised(profile.first_language.levels)
            .map(|levels| Profile { first_language: FirstLanguage { language, levels }, ..profile }),
    );
    let second = profile.second_language.into_iter().flat_map(raised);
    better.extend(second.map(|levels| Profile { second_language: Some(levels), ..profile }));
    if let Some(spouse) = profile.spouse {
        let mut spouses = vec![Spouse { canadian_work: spouse.canadian_work + 1, ..spouse }];
        spouses.extend(spouse.education.next().map(|education| Spouse { education, ..spouse }));
        let levels = spouse.levels.into_iter().flat_map(raised);
        spouses.extend(levels.map(|levels| Spouse { levels: Some(levels), ..spouse }));
        better.extend(spouses.into_iter().map(|spouse| Profile { spouse: Some(spouse), ..profile }));
    }
    better
}

/// The profile as answers, without those named by the bits of `unanswered`.
fn partial(profile: &Profile, unanswered: u16) -> PartialProfile {
    let is_known = |bit: u16| unanswered & (1 << bit) == 0;
    let levels = |levels: LanguageLevels, bit: u16| {
        let mut answers = levels.each().map(Some);
        if !is_known(bit) {
            answers[usize::from(bit) % 4] = None;
        }
        answers
    };
    let spouse = match profile.spouse {
        _ if !is_known(0) => PartialSpouse::Unanswered,
        None => PartialSpouse::NotCounted,
        Some(spouse) => PartialSpouse::Counted {
            education: is_known(1).then_some(spouse.education),
            levels: spouse.levels.map(|known| levels(known, 2)),
            canadian_work: is_known(3).then_some(spouse.canadian_work),
        },
    };
    PartialProfile {
        on: profile.on,
        age: is_known(4).then_some(profile.age),
        spouse,
        education: is_known(5).then_some(profile.education),
        language: is_known(6).then_some(profile.first_language.language),
        first_language: levels(profile.first_language.levels, 7),
        second_language: profile.second_language.map(|known| levels(known, 8)),
        canadian_work: is_known(9).then_some(profile.canadian_work),
        foreign_work: is_known(10).then_some(profile.foreign_work),
        trade_certificate: profile.trade_certificate,
        nomination: profile.nomination,
        sibling: profile.sibling,
        canadian_credential: profile.canadian_credential,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_section_exceeds_its_maximum(profile in any_profile()) {
        let score = Score::of(&profile);
        prop_assert!(score.total() <= 1200);
        prop_assert!(score.core.points() + score.spouse.points() <= 500);
        let core_max = if profile.spouse.is_some() { 460 } else { 500 };
        prop_assert!(score.core.points() <= core_max);
        prop_assert!(score.spouse.points() <= 40);
        prop_assert!(score.spouse.points() == 0 || profile.spouse.is_some());
        prop_assert!(score.transferability.sum().points() <= 100);
        prop_assert!(score.transferability.education.sum().points() <= 50);
        prop_assert!(score.transferability.foreign_work.sum().points() <= 50);
        prop_assert!(score.transferability.trade_certificate <= 50);
        prop_assert!(score.additional.sum().points() <= 600);
    }

    #[test]
    fn a_better_answer_never_lowers_the_total(profile in any_profile()) {
        for better in one_answer_better(profile) {
            prop_assert!(total(&better) >= total(&profile), "{profile:?} and {better:?}");
        }
    }

    #[test]
    fn the_range_of_unanswered_questions_contains_the_total(profile in any_profile(), unanswered in 0_u16..2048) {
        let profile = Profile { job_offer: None, ..profile };
        let range = partial(&profile, unanswered).total_range();
        prop_assert!((range.lowest..=range.highest).contains(&total(&profile)), "{range:?}");
        let all = partial(&profile, 0);
        prop_assert_eq!(all.complete(), Some(profile));
        prop_assert_eq!((all.total_range().lowest, all.total_range().highest), (total(&profile), total(&profile)));
    }
}

#[test]
fn nothing_answered_allows_every_total() {
    let range = PartialProfile::unanswered(TODAY).total_range();
    assert_eq!((range.lowest, range.highest), (0, 603), "without optional answers such as a nomination");
}
