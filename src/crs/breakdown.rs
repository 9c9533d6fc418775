//! Result of the calculator line by line, as in the official tables.

use crate::crs::profile::{ABILITIES, JobOffer, Language, LanguageLevels, Profile, Spouse};
use crate::crs::score::{Capped, Combination, Score, total_with_offer};
use crate::crs::tables;

/// One section of the official tables.
pub struct Section {
    pub title: &'static str,
    pub points: u16,
    pub max: u16,
    pub lines: Vec<ScoreLine>,
}

pub struct ScoreLine {
    pub label: String,
    /// Negative for what a maximum took away.
    pub points: i32,
    /// Sum of the lines before it.
    pub is_sum: bool,
}

fn line(label: impl Into<String>, points: u16) -> ScoreLine {
    ScoreLine { label: label.into(), points: points.into(), is_sum: false }
}

/// The sum of a group, after a line for what its maximum took away.
fn sum(label: &str, sum: Capped) -> Vec<ScoreLine> {
    let mut lines = vec![];
    if sum.lost() > 0 {
        let label = format!("Above the maximum of {}", sum.max);
        lines.push(ScoreLine { label, points: -i32::from(sum.lost()), is_sum: false });
    }
    lines.push(ScoreLine { label: label.into(), points: sum.points().into(), is_sum: true });
    lines
}

/// A line for each ability, with its level.
fn abilities(name: &str, levels: Option<LanguageLevels>, points: [u16; 4]) -> Vec<ScoreLine> {
    let Some(levels) = levels else { return vec![line(format!("{name}: no test"), 0)] };
    let line = |((ability, level), points): ((&str, u8), u16)| match level {
        0 => line(format!("{name}, {ability} (below 4)"), points),
        _ => line(format!("{name}, {ability} ({level})"), points),
    };
    ABILITIES.into_iter().zip(levels.each()).zip(points).map(line).collect()
}

/// `English CLB` or `French NCLC`
fn scale_name(language: Language) -> String {
    format!("{} {}", language.name(), language.scale())
}

/// All four sections.
pub fn sections(profile: &Profile, score: &Score) -> [Section; 4] {
    let has_spouse = profile.spouse.is_some();
    [
        Section {
            title: "A. Core factors",
            points: score.core.points(),
            max: if has_spouse { 460 } else { 500 },
            lines: core(profile, score),
        },
        Section {
            title: "B. Spouse or partner",
            points: score.spouse.points(),
            max: if has_spouse { 40 } else { 0 },
            lines: profile.spouse.map_or(vec![], |answers| spouse(&answers, score)),
        },
        Section {
            title: "C. Skill transferability",
            points: score.transferability.sum().points(),
            max: tables::TRANSFER_MAX,
            lines: transferability(score),
        },
        Section {
            title: "D. Additional points",
            points: score.additional.sum().points(),
            max: tables::ADDITIONAL_MAX,
            lines: additional(profile, score),
        },
    ]
}

fn core(profile: &Profile, score: &Score) -> Vec<ScoreLine> {
    let (core, first) = (&score.core, profile.first_language.language);
    let mut lines = vec![line("Age", core.age), line("Education", core.education)];
    lines.extend(abilities(&scale_name(first), Some(profile.first_language.levels), core.first_language));
    let first_sum = Capped { sum: core.first_language_sum(), max: core.first_language_sum() };
    lines.extend(sum("First official language", first_sum));
    lines.extend(abilities(&scale_name(first.other()), profile.second_language, core.second_language));
    lines.extend(sum("Second official language", core.second_language_sum));
    lines.push(line("Canadian work experience", core.canadian_work));
    lines
}

fn spouse(answers: &Spouse, score: &Score) -> Vec<ScoreLine> {
    let mut lines = vec![line("Education", score.spouse.education)];
    lines.extend(abilities("Language level", answers.levels, score.spouse.language));
    lines.push(line("Canadian work experience", score.spouse.canadian_work));
    lines
}

fn transferability(score: &Score) -> Vec<ScoreLine> {
    let transfers = &score.transferability;
    let group = |name: &str, short: &str, combination: &Combination| {
        let mut lines = vec![
            line(format!("{short} with language"), combination.with_language),
            line(format!("{short} with Canadian work"), combination.with_canadian_work),
        ];
        lines.extend(sum(name, combination.sum()));
        lines
    };
    let mut lines = group("Education group", "Education", &transfers.education);
    lines.extend(group("Foreign work group", "Foreign work", &transfers.foreign_work));
    lines.push(line("Trade certificate with language", transfers.trade_certificate));
    if transfers.sum().lost() > 0 {
        lines.extend(sum("Skill transferability", transfers.sum()));
    }
    lines
}

fn additional(profile: &Profile, score: &Score) -> Vec<ScoreLine> {
    let additional = &score.additional;
    let mut lines = vec![
        line("Provincial or territorial nomination", additional.nomination),
        line("Strong French", additional.french),
        line("Canadian credential", additional.canadian_credential),
        line("Brother or sister in Canada", additional.sibling),
    ];
    if profile.on >= tables::JOB_OFFERS_END {
        lines.push(line("Job offer (no points since March 25, 2025)", 0));
    }
    if additional.sum().lost() > 0 {
        lines.extend(sum("Additional points", additional.sum()));
    }
    lines
}

/// Totals with a job offer on days when offers brought points.
pub struct OfferTotals {
    pub senior_manager: u16,
    pub other: u16,
}

pub fn offer_totals(profile: &Profile) -> Option<OfferTotals> {
    (profile.on < tables::JOB_OFFERS_END).then(|| OfferTotals {
        senior_manager: total_with_offer(profile, JobOffer::SeniorManager),
        other: total_with_offer(profile, JobOffer::Other),
    })
}
