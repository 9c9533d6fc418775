//! What our record says beside what an applicant claims: the occupation, its categories, and their latest cut-offs.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::draws::{self, Draw};
use crate::http::SearchClient;
use crate::inquiries::Inquiry;
use crate::noc::{NocCode, Occupation};
use crate::occupations;
use crate::web::DisplayDate;

/// How many occupations are suggested for words that resolve to none.
const MAX_SUGGESTIONS: usize = 5;

/// What stands beside an application.
#[derive(Default)]
pub struct EligibilityPanel {
    /// The occupation, where we know which one is meant.
    pub occupation: Option<Occupation>,
    /// The categories it is in today, each with its newest round.
    pub categories: Vec<Membership>,
    /// The newest rounds that were held for no category.
    pub others: Vec<CutOff>,
    /// What the words of the applicant may mean, where we do not know.
    pub suggestions: Vec<Occupation>,
}

/// A category list that an occupation is on.
pub struct Membership {
    /// The list.
    pub list: CategoryList,
    /// The newest round of its category, if there was one.
    pub newest: Option<CutOff>,
}

impl Membership {
    /// Why the occupation alone says little about this category; empty where work in any country counts.
    pub fn restriction(&self) -> &'static str {
        match self.list.experience_where.as_str() {
            "canada_only" => "counts work in Canada only",
            "foreign_military" => "counts service in a foreign military only",
            _ => "",
        }
    }

    /// Whether work in any country counts.
    pub fn is_open(&self) -> bool {
        self.restriction().is_empty()
    }
}

/// A round beside the score that was claimed.
pub struct CutOff {
    /// Its number.
    pub round: String,
    /// Its name as published.
    pub name: String,
    /// The day it was held on.
    pub day: DisplayDate,
    /// Its cut-off.
    pub crs: i64,
    /// The cut-off in words.
    pub cut_off: String,
    /// `12 above the cut-off of round 412`; nothing where no score is claimed.
    pub difference: String,
}

impl CutOff {
    fn of(draw: &Draw, claimed: Option<i64>) -> Self {
        let round = draw.round.to_string();
        let difference = claimed.map_or_else(String::new, |claimed| describe_difference(claimed, draw.crs, &round));
        Self {
            round,
            name: draw.name.clone(),
            day: draw.day(),
            crs: draw.crs,
            cut_off: draw.cut_off_text(),
            difference,
        }
    }

    /// The round in a sentence, for letters.
    pub fn sentence(&self, of: &str) -> String {
        format!(
            "{of}: the latest draw in our record is draw {} of {}, with {}.",
            self.round, self.day.text, self.cut_off
        )
    }
}

fn describe_difference(claimed: i64, cut_off: i64, round: &str) -> String {
    match claimed - cut_off {
        0 => format!("exactly the cut-off of round {round}, where the tie-break decides"),
        above @ 1.. => format!("{above} above the cut-off of round {round}"),
        below => format!("{} below the cut-off of round {round}", -below),
    }
}

impl EligibilityPanel {
    /// Looks up what an inquiry claims, as things stand on `today`.
    pub async fn load(db: &SqlitePool, inquiry: &Inquiry, today: Date, searcher: &SearchClient) -> sqlx::Result<Self> {
        let (details, claimed) = (&inquiry.details, inquiry.details.crs);
        let typed = details.occupation.trim();
        let code = if inquiry.noc.is_empty() { typed } else { &inquiry.noc };
        let occupation = match code.parse::<NocCode>() {
            Ok(code) => occupations::find(db, code.as_str()).await?,
            Err(_) => None,
        };
        let mut panel = Self::default();
        match &occupation {
            Some(occupation) => panel.categories = memberships(db, &occupation.noc, claimed, today).await?,
            // A help, which is left out above the limit of searches.
            None if typed.is_empty() || searcher.check_rate().is_err() => {}
            None => panel.suggestions = occupations::suggestions(db, typed, MAX_SUGGESTIONS).await?,
        }
        if occupation.is_some() || claimed.is_some() {
            for program in ["general", "cec"] {
                let newest = draws::latest_of_category(db, program).await?;
                panel.others.extend(newest.map(|draw| CutOff::of(&draw, claimed)));
            }
        }
        Ok(Self { occupation, ..panel })
    }

    /// The categories that count work in any country.
    pub fn open_categories(&self) -> impl Iterator<Item = &Membership> {
        self.categories.iter().filter(|member| member.is_open())
    }
}

async fn memberships(db: &SqlitePool, noc: &str, claimed: Option<i64>, today: Date) -> sqlx::Result<Vec<Membership>> {
    let mut found = vec![];
    for list in categories::memberships(db, noc).await?.into_iter().filter(|list| list.is_active_on(today)) {
        let newest = draws::latest_of_category(db, &list.category_key).await?;
        found.push(Membership { newest: newest.map(|draw| CutOff::of(&draw, claimed)), list });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difference_to_the_cut_off_is_described() {
        for (claimed, cut_off, words) in [
            (488, 476, "12 above the cut-off of round 252"),
            (476, 476, "exactly the cut-off of round 252, where the tie-break decides"),
            (470, 476, "6 below the cut-off of round 252"),
        ] {
            assert_eq!(describe_difference(claimed, cut_off, "252"), words);
        }
    }
}
