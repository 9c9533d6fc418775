//! Page of an occupation: description, categories, draws, related occupations and posts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::categories::{CategoryList, memberships};
use crate::db::Database;
use crate::http::{PageResult, html};
use crate::noc::{NocCode, Occupation};
use crate::occupations::directory::answer::ListingAnswer;
use crate::occupations::directory::not_found::not_found;
use crate::occupations::directory::other_draws::OtherDraws;
use crate::occupations::directory::related::{SameList, on_same_list, related_occupations};
use crate::occupations::directory::store::{self, OccupationDraw, OldCode, PostMention};
use crate::occupations::store as occupations;
use crate::services::Services;
use crate::web::{CheckDates, DisplayDate, Layout, TitleRenderer, office_time_zone, with_thousands};

#[derive(Template)]
#[template(path = "occupations/show.html")]
struct OccupationPage {
    layout: Layout,
    occupation: Occupation,
    answer: ListingAnswer,
    /// Days of the last checks of the current lists, or else of the past ones.
    checked: Option<CheckDates>,
    current_lists: Vec<CategoryList>,
    past_lists: Vec<CategoryList>,
    /// `None` if Express Entry does not count this work.
    other_draws: Option<OtherDraws>,
    draws: Vec<OccupationDraw>,
    earlier_draws: Vec<OccupationDraw>,
    mentions: Vec<PostMention>,
    synonyms: Vec<String>,
    old_codes: Vec<OldCode>,
    related: Vec<Occupation>,
    same_lists: Vec<SameList>,
}

/// Earlier draws are collapsed, so that the sections below stay in view.
const MAX_DRAWS_SHOWN: usize = 10;

impl OccupationDraw {
    fn day(&self) -> DisplayDate {
        self.date.into()
    }

    /// Name of the list without the word “occupations”.
    fn topic(&self) -> &str {
        self.list_name.strip_suffix(" occupations").unwrap_or(&self.list_name)
    }

    fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }
}

/// `GET /occupations/{noc}`
pub async fn show(noc: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let Ok(code) = noc.parse::<NocCode>() else { return not_found(&services.db, layout, &noc).await };
    let Some(occupation) = occupations::find(services.db.read(), code.as_str()).await? else {
        return not_found(&services.db, layout, &noc).await;
    };
    let noc = code.as_str();
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let lists = memberships(services.db.read(), noc).await?;
    let mut draws = store::draws_for(services.db.read(), noc).await?;
    let answer = ListingAnswer::of(&lists, &draws, today);
    let (current_lists, past_lists): (Vec<_>, Vec<_>) =
        lists.into_iter().partition(|list| list.is_active_on(today) || list.effective_from > today);
    let earlier_draws = draws.split_off(draws.len().min(MAX_DRAWS_SHOWN));
    let mentions = mentions(&services.db, noc, &services.title_renderer).await?;
    let other_draws = match occupation.is_skilled() {
        true => Some(OtherDraws::load(services.db.read(), today).await?),
        false => None,
    };
    let related = related_occupations(services.db.read(), &occupation).await?;
    let mut same_lists = vec![];
    for list in current_lists.iter().filter(|list| list.is_active_on(today)) {
        same_lists.extend(on_same_list(services.db.read(), list, &occupation, &related).await?);
    }
    let relevant = if current_lists.is_empty() { &past_lists } else { &current_lists };
    let page = OccupationPage {
        layout,
        answer,
        checked: CheckDates::of(relevant.iter().map(CategoryList::verification_date)),
        current_lists,
        past_lists,
        other_draws,
        draws,
        earlier_draws,
        mentions,
        synonyms: occupations::synonyms_of(services.db.read(), noc)
            .await?
            .iter()
            .map(|words| display_case(words))
            .collect(),
        old_codes: store::predecessors(services.db.read(), noc).await?,
        related,
        same_lists,
        occupation,
    };
    html(StatusCode::OK, &page)
}

async fn mentions(db: &Database, noc: &str, filler: &TitleRenderer) -> anyhow::Result<Vec<PostMention>> {
    let mentions = store::mentions(db.read(), noc).await?;
    let titles = filler.render(mentions.iter().map(|mention| mention.title.clone()).collect()).await?;
    Ok(mentions.into_iter().zip(titles).map(|(mention, title)| PostMention { title, ..mention }).collect())
}

/// Abbreviations that contain a vowel. Those without one are recognised by that.
const ACRONYMS: &[&str] = &[
    "acca", "ai", "ceo", "cfa", "cfo", "cga", "cma", "cna", "coo", "cpa", "cpe", "dba", "ea", "ece", "ecg", "eeg",
    "emt", "er", "erp", "esl", "gis", "hca", "hse", "ios", "it", "mba", "mla", "mri", "pab", "pca", "qa", "ra", "rcic",
    "sap", "sde", "soc", "sqa", "ta", "ui", "ux", "icu", "ba", "ehs", "ohs", "hvac", "deo", "moa", "ap", "ar",
];

/// A lower-case synonym with its abbreviations in capitals: "rn" becomes "RN".
fn display_case(words: &str) -> String {
    let display = |word: &str| {
        let has_vowel = word.contains(|c: char| !c.is_ascii_alphabetic() || "aeiouy".contains(c));
        if word.len() <= 4 && (!has_vowel || ACRONYMS.contains(&word)) { word.to_uppercase() } else { word.to_owned() }
    };
    words.split(' ').map(display).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_are_shown_in_capitals() {
        for (kept, shown) in [("rn", "RN"), ("it manager", "IT manager"), ("chef", "chef"), ("r&d lead", "r&d lead")] {
            assert_eq!(display_case(kept), shown);
        }
    }
}
