//! What one more step would bring: each change of one answer, scored by the same function.

use crate::crs::profile::{ABILITIES, CanadianCredential, FirstLanguage, Language, LanguageLevels, Profile, Spouse};
use crate::crs::score::Score;

/// Change of one answer, with the points that it adds to the total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Improvement {
    pub change: String,
    /// Negative if the total falls, as with age.
    pub points: i32,
    pub total: u16,
}

/// Levels that all four abilities need together: for section C and for strong French.
const COMMON_LEVELS: [u8; 3] = [5, 7, 9];

/// All single changes that change the total, most points first.
pub fn improvements(profile: &Profile) -> Vec<Improvement> {
    let now = Score::of(profile).total();
    let mut found: Vec<Improvement> = changes(profile)
        .into_iter()
        .map(|(change, changed)| {
            let total = Score::of(&changed).total();
            Improvement { change, points: i32::from(total) - i32::from(now), total }
        })
        .filter(|improvement| improvement.points != 0)
        .collect();
    found.sort_by_key(|improvement| -improvement.points);
    found
}

fn changes(profile: &Profile) -> Vec<(String, Profile)> {
    let mut changes = vec![];
    let first = profile.first_language;
    for (what, levels) in raised(first.levels, first.language) {
        changes.push((what, Profile { first_language: FirstLanguage { levels, ..first }, ..*profile }));
    }
    let second = first.language.other();
    for (what, levels) in raised(profile.second_language.unwrap_or(LanguageLevels::new([0; 4])), second) {
        changes.push((what, Profile { second_language: Some(levels), ..*profile }));
    }
    let mut add = |what: String, changed: Profile| changes.push((what, changed));
    add(
        one_more_year(profile.canadian_work, "in Canada"),
        Profile { canadian_work: profile.canadian_work.saturating_add(1), ..*profile },
    );
    add(
        one_more_year(profile.foreign_work, "outside Canada"),
        Profile { foreign_work: profile.foreign_work.saturating_add(1), ..*profile },
    );
    if let Some(education) = profile.education.next() {
        add(format!("Education: {}", education.name()), Profile { education, ..*profile });
    }
    add("A certificate of qualification in a trade".into(), Profile { trade_certificate: true, ..*profile });
    add("A nomination by a province or territory".into(), Profile { nomination: true, ..*profile });
    let credentials = [
        (CanadianCredential::OneOrTwoYears, "A Canadian credential of one or two years"),
        (CanadianCredential::ThreeYearsOrMore, "A Canadian credential of three years or more"),
    ];
    for (credential, what) in credentials {
        if profile.canadian_credential != Some(CanadianCredential::ThreeYearsOrMore) {
            add(what.into(), Profile { canadian_credential: Some(credential), ..*profile });
        }
    }
    if let Some(spouse) = profile.spouse {
        for (what, changed) in spouse_changes(spouse) {
            add(format!("Spouse or partner: {what}"), Profile { spouse: Some(changed), ..*profile });
        }
    }
    let age = profile.age.saturating_add(1);
    add(format!("The next birthday: age {age}"), Profile { age, ..*profile });
    changes
}

fn one_more_year(years: u8, place: &str) -> String {
    match years {
        0 => format!("One year of skilled work {place}"),
        _ => format!("One more year of skilled work {place}"),
    }
}

fn spouse_changes(spouse: Spouse) -> Vec<(String, Spouse)> {
    let known = spouse.levels.unwrap_or(LanguageLevels::new([0; 4]));
    let mut changes: Vec<(String, Spouse)> = COMMON_LEVELS
        .into_iter()
        .filter(|level| known.lowest() < *level)
        .map(|level| {
            let what = format!("level {level} or higher in all four abilities of a language test");
            (what, Spouse { levels: Some(at_least(known, level)), ..spouse })
        })
        .collect();
    if let Some(education) = spouse.education.next() {
        changes.push((format!("education: {}", education.name()), Spouse { education, ..spouse }));
    }
    let canadian_work = spouse.canadian_work.saturating_add(1);
    changes.push(("one more year of skilled work in Canada".into(), Spouse { canadian_work, ..spouse }));
    changes
}

/// One level more in each ability, and each level that all abilities need together.
fn raised(levels: LanguageLevels, language: Language) -> Vec<(String, LanguageLevels)> {
    let (name, scale) = (language.name(), language.scale());
    let mut changes = vec![];
    for (ability, level) in levels.each().into_iter().enumerate().filter(|(_, level)| *level < 10) {
        let next = (level + 1).max(4);
        let mut each = levels.each();
        each[ability] = next;
        changes.push((format!("{name} {}: {scale} {next}", ABILITIES[ability]), LanguageLevels::new(each)));
    }
    for level in COMMON_LEVELS.into_iter().filter(|level| levels.lowest() < *level) {
        let is_one_step =
            levels.each().iter().filter(|known| **known < level).count() == 1 && levels.lowest() + 1 == level;
        if !is_one_step {
            changes.push((format!("{name}: {scale} {level} or higher in all four abilities"), at_least(levels, level)));
        }
    }
    changes
}

fn at_least(levels: LanguageLevels, lowest: u8) -> LanguageLevels {
    LanguageLevels::new(levels.each().map(|level| level.max(lowest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::profile::Education;
    use jiff::civil::date;

    fn nurse() -> Profile {
        Profile {
            on: date(2026, 11, 29),
            age: 29,
            spouse: None,
            education: Education::BachelorsOrThreeYear,
            first_language: FirstLanguage { language: Language::English, levels: LanguageLevels::new([8, 9, 9, 9]) },
            second_language: None,
            canadian_work: 0,
            foreign_work: 3,
            trade_certificate: false,
            nomination: false,
            sibling: false,
            canadian_credential: None,
            job_offer: None,
        }
    }

    #[test]
    fn steps_are_sorted_by_points_and_agree_with_the_score() {
        let steps = improvements(&nurse());
        assert!(steps.iter().all(|step| i32::from(step.total) == i32::from(Score::of(&nurse()).total()) + step.points));
        assert!(steps.windows(2).all(|pair| pair[0].points >= pair[1].points));
        let points = |what: &str| steps.iter().find(|step| step.change == what).map(|step| step.points);
        assert_eq!(points("A nomination by a province or territory"), Some(600));
        // 8 points for the ability, 12 for education and 25 for foreign work with CLB 9 in all abilities.
        assert_eq!(points("English listening: CLB 9"), Some(8 + 12 + 25));
        assert_eq!(points("French: NCLC 7 or higher in all four abilities"), Some(12 + 50));
        assert_eq!(points("The next birthday: age 30"), Some(-5));
        assert_eq!(points("A certificate of qualification in a trade"), Some(50));
    }

    #[test]
    fn steps_that_bring_nothing_are_left_out() {
        let best = Profile {
            first_language: FirstLanguage { language: Language::English, levels: LanguageLevels::new([10; 4]) },
            foreign_work: 5,
            ..nurse()
        };
        let steps = improvements(&best);
        assert!(steps.iter().all(|step| step.points != 0));
        assert!(!steps.iter().any(|step| step.change.contains("outside Canada")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.change.starts_with("English")), "{steps:?}");
    }
}
