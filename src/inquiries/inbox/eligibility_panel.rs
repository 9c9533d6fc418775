//! Occupation, categories and latest cut-offs shown next to the claims of an applicant.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::draws::{self, Draw};
use crate::http::SearchClient;
use crate::inquiries::Inquiry;
use crate::noc::{NocCode, Occupation};
use crate::occupations;
use crate::web::DisplayDate;

const MAX_SUGGESTIONS: usize = 5;

#[derive(Default)]
pub struct EligibilityPanel {
    /// `None` if the submitted text is not a known NOC code.
    pub occupation: Option<Occupation>,
    /// Current categories of the occupation.
    pub categories: Vec<Membership>,
    /// Latest draws that are not category-based.
    pub others: Vec<CutOff>,
    /// Occupations that match the submitted text, if the occupation is not known.
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
    pub crs: i64,
    pub cut_off: String,
    /// `12 above the cut-off of draw 412`; empty if no score is claimed.
    pub difference: String,
}

impl CutOff {
    fn of(draw: &Draw, claimed: Option<i64>) -> Self {
        let draw_number = draw.round.to_string();
        let difference =
            claimed.map_or_else(String::new, |claimed| describe_difference(claimed, draw.crs, &draw_number));
        Self {
            draw_number,
            name: draw.name.clone(),
            day: draw.day(),
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
        match &occupation {
            Some(occupation) => panel.categories = memberships(db, &occupation.noc, claimed, today).await?,
            // Suggestions are optional, so they are left out above the search rate limit.
            None if typed.is_empty() || searcher.check_rate().is_err() => {}
            None => panel.suggestions = occupations::suggestions(db, typed, MAX_SUGGESTIONS).await?,
        }
        if occupation.is_some() || claimed.is_some() {
            for program in ["general", "cec"] {
                let latest = draws::latest_of_category(db, program).await?;
                panel.others.extend(latest.map(|draw| CutOff::of(&draw, claimed)));
            }
        }
        Ok(Self { occupation, ..panel })
    }

    /// Categories that count work in any country.
    pub fn open_categories(&self) -> impl Iterator<Item = &Membership> {
        self.categories.iter().filter(|member| member.is_open())
    }
}

async fn memberships(db: &SqlitePool, noc: &str, claimed: Option<i64>, today: Date) -> sqlx::Result<Vec<Membership>> {
    let mut found = vec![];
    for list in categories::memberships(db, noc).await?.into_iter().filter(|list| list.is_active_on(today)) {
        let latest = draws::latest_of_category(db, &list.category_key).await?;
        found.push(Membership { latest_draw: latest.map(|draw| CutOff::of(&draw, claimed)), list });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

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
