//! Links to the application form, filled in with the answers, which the visitor sees before sending them.

use crate::crs::answers::Answers;
use crate::crs::profile::{ABILITIES, Language, LanguageLevels, Profile};

/// Link after a result of the calculator. The message contains the address of the result.
pub fn from_calculator(profile: &Profile, total: u16, answers: &Answers) -> String {
    let levels = |language: Language| {
        profile.levels_in(language).map_or(String::new(), |levels| describe_levels(language, levels))
    };
    let years = profile.canadian_work.saturating_add(profile.foreign_work);
    let message = format!("My CRS score by your calculator: {total}\n/tools/crs?{}", answers.query());
    link(&[
        ("program", "express_entry"),
        ("age", &profile.age.to_string()),
        ("education", profile.education.key()),
        ("experience_years", &years.to_string()),
        ("english_test", &levels(Language::English)),
        ("french_test", &levels(Language::French)),
        ("crs", &total.to_string()),
        ("message", &message),
    ])
}

/// Link after an answer of the past-draw checker. The message contains the address of the result.
pub fn from_past_draws(crs: u16, nocs: &[String], path: &str) -> String {
    let message = format!("My answers in your past-draw checker:\n{path}");
    link(&[
        ("program", "express_entry"),
        ("occupation", nocs.first().map_or("", String::as_str)),
        ("crs", &crs.to_string()),
        ("message", &message),
    ])
}

fn link(fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::for_suffix(String::from("/apply?"), "/apply?".len());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}

/// `CLB 9 listening, 9 reading, 8 writing, 9 speaking`
fn describe_levels(language: Language, levels: LanguageLevels) -> String {
    let each = ABILITIES.iter().zip(levels.each());
    let each: Vec<String> = each
        .map(|(ability, level)| match level {
            0 => format!("below 4 {ability}"),
            level => format!("{level} {ability}"),
        })
        .collect();
    format!("{} {}", language.scale(), each.join(", "))
}
