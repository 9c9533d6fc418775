//! Occupation, categories and comparable draws shown next to the claims of an applicant.

use jiff::civil::Date;
use phonenumber::country::Id;
use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::draws::{self, Draw};
use crate::http::SearchClient;
use crate::inquiries::{Details, Inquiry, residence};
use crate::noc::{NocCode, Occupation};
use crate::occupations;
use crate::web::{DisplayDate, folded_words, plural};

const MAX_SUGGESTIONS: usize = 5;

/// A draw open to all programs is compared for this many days. Later, draws for categories and programs decide.
const MAX_GENERAL_DRAW_AGE: i32 = 365;

#[derive(Default)]
pub struct EligibilityPanel {
    /// `None` if the submitted text is not a known NOC code.
    pub occupation: Option<Occupation>,
    /// Current categories of the occupation.
    pub categories: Vec<Membership>,
    /// Latest comparable draws that do not depend on the occupation.
    pub others: Vec<CutOff>,
    /// Date of the last draw open to all programs, if it is too old to compare.
    pub old_general_draw: Option<DisplayDate>,
    /// Occupations that match the submitted text, if the occupation is not known or only matched.
    pub suggestions: Vec<Occupation>,
}

/// Category list that includes the occupation.
pub struct Membership {
    pub list: CategoryList,
    pub latest_draw: Option<CutOff>,
}

impl Membership {
    /// Required place of the work experience; empty if work in any country counts.
    pub fn restriction(&self) -> &'static str {
        match self.list.experience_where.as_str() {
            "canada_only" => "counts work in Canada only",
            "foreign_military" => "counts service in a foreign military only",
            _ => "",
        }
    }

    pub fn is_open(&self) -> bool {
        self.restriction().is_empty()
    }
}

/// Draw compared with the claimed score.
pub struct CutOff {
    pub draw_number: String,
    /// As published.
    pub name: String,
    pub day: DisplayDate,
    /// Time since the draw, such as `3 days ago`.
    pub age: String,
    pub crs: i64,
    pub cut_off: String,
    /// `12 above the cut-off of draw 412`; empty if no score is claimed.
    pub difference: String,
}

impl CutOff {
    fn of(draw: &Draw, claimed: Option<i64>, today: Date) -> Self {
        let draw_number = draw.round.to_string();
        let difference =
            claimed.map_or_else(String::new, |claimed| describe_difference(claimed, draw.crs, &draw_number));
        Self {
            draw_number,
            name: draw.name.clone(),
            day: draw.day(),
            age: age_text((today - draw.date).get_days()),
            crs: draw.crs,
            cut_off: draw.cut_off_text(),
            difference,
        }
    }

    /// Sentence for e-mails.
    pub fn sentence(&self, category: &str) -> String {
        format!(
            "{category}: the latest draw in our record is draw {} of {}, with {}.",
            self.draw_number, self.day.text, self.cut_off
        )
    }
}

/// Age of a draw in days, months or years.
fn age_text(days: i32) -> String {
    let (count, one, many) = match days {
        ..=0 => return "today".into(),
        1..60 => (days, "day", "days"),
        60..730 => (days / 30, "month", "months"),
        _ => (days / 365, "year", "years"),
    };
    format!("{} ago", plural(count.into(), one, many))
}

fn describe_difference(claimed: i64, cut_off: i64, draw_number: &str) -> String {
    match claimed - cut_off {
        0 => format!("equal to the cut-off of draw {draw_number}, so the tie-break decides"),
        above @ 1.. => format!("{above} above the cut-off of draw {draw_number}"),
        below => format!("{} below the cut-off of draw {draw_number}", -below),
    }
}

impl EligibilityPanel {
    pub async fn load(db: &SqlitePool, inquiry: &Inquiry, today: Date, searcher: &SearchClient) -> sqlx::Result<Self> {
        let (details, claimed) = (&inquiry.details, inquiry.details.crs);
        let typed = details.occupation.trim();
        let code = if inquiry.noc.is_empty() { typed } else { &inquiry.noc };
        let occupation = match code.parse::<NocCode>() {
            Ok(code) => occupations::find(db, code.as_str()).await?,
            Err(_) => None,
        };
        let mut panel = Self::default();
        if let Some(occupation) = &occupation {
            panel.categories = memberships(db, &occupation.noc, details, today).await?;
        }
        // Suggestions are optional, so they are left out above the search rate limit.
        let is_uncertain = occupation.is_none() || inquiry.noc_matched;
        if is_uncertain && !typed.is_empty() && searcher.check_rate().is_ok() {
            panel.suggestions = occupations::suggestions(db, typed, MAX_SUGGESTIONS).await?;
            panel.suggestions.retain(|suggestion| suggestion.noc != inquiry.noc);
        }
        if occupation.is_some() || claimed.is_some() {
            for program in comparable_programs(details) {
                let latest = draws::latest_of_category(db, program).await?;
                panel.others.extend(latest.map(|draw| CutOff::of(&draw, claimed, today)));
            }
            if let Some(general) = draws::latest_of_category(db, "general").await? {
                if (today - general.date).get_days() <= MAX_GENERAL_DRAW_AGE {
                    panel.others.push(CutOff::of(&general, claimed, today));
                } else {
                    panel.old_general_draw = Some(general.day());
                }
            }
        }
        Ok(Self { occupation, ..panel })
    }

    /// Categories that count work in any country.
    pub fn open_categories(&self) -> impl Iterator<Item = &Membership> {
        self.categories.iter().filter(|member| member.is_open())
    }
}

/// Draw types without an occupation list that the applicant could qualify for. Nominations are not among the claims, so
/// draws for provincial nominees are never comparable.
fn comparable_programs(details: &Details) -> Vec<&'static str> {
    let claims_french = folded_words(&details.french_test)
        .any(|word| ["tef", "tcf", "nclc", "clb"].contains(&&*word) || word.contains(|c: char| c.is_ascii_digit()));
    let lives_in_canada = residence::countries(&details.residence).contains(&Id::CA);
    [(claims_french, "french"), (lives_in_canada, "cec")]
        .into_iter()
        .filter_map(|(is_comparable, program)| is_comparable.then_some(program))
        .collect()
}

async fn memberships(db: &SqlitePool, noc: &str, details: &Details, today: Date) -> sqlx::Result<Vec<Membership>> {
    let mut found = vec![];
    for list in categories::memberships(db, noc).await?.into_iter().filter(|list| list.is_active_on(today)) {
        let latest = draws::latest_for_occupation(db, &list.category_key, noc).await?;
        let mut latest_draw = latest.map(|draw| CutOff::of(&draw, details.crs, today));
        let months = list.min_experience_months.unwrap_or(0);
        // Years are completed years.
        let is_too_short = details.experience_years.is_some_and(|years| years * 12 + 11 < months);
        if let Some(draw) = latest_draw.as_mut().filter(|_| is_too_short) {
            draw.difference = format!("not comparable: {months} months of work experience required");
        }
        found.push(Membership { latest_draw, list });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_of_a_draw_is_shown_in_days_months_or_years() {
        for (days, text) in
            [(0, "today"), (1, "1 day ago"), (59, "59 days ago"), (60, "2 months ago"), (944, "2 years ago")]
        {
            assert_eq!(age_text(days), text);
        }
    }

    #[test]
    fn comparable_programs_follow_from_the_claims() {
        for (french_test, residence, programs) in [
            ("", "Pakistan", vec![]),
            ("none", "Lahore", vec![]),
            ("TEF B2", "UAE", vec!["french"]),
            ("NCLC 7", "Toronto, Canada", vec!["french", "cec"]),
            ("not yet", "Canada", vec!["cec"]),
        ] {
            let (french_test, residence) = (french_test.to_owned(), residence.to_owned());
            assert_eq!(comparable_programs(&Details { french_test, residence, ..Details::default() }), programs);
        }
    }

    #[test]
    fn difference_to_the_cut_off_is_described() {
        for (claimed, cut_off, expected) in [
            (488, 476, "12 above the cut-off of draw 252"),
            (476, 476, "equal to the cut-off of draw 252, so the tie-break decides"),
            (470, 476, "6 below the cut-off of draw 252"),
        ] {
            assert_eq!(describe_difference(claimed, cut_off, "252"), expected);
        }
    }
}
