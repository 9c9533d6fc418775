//! Page of an occupation: description, categories, draws, related occupations and posts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::civil::Date;

use crate::categories::{CategoryList, memberships};
use crate::db::Database;
use crate::http::{PageResult, html};
use crate::noc::{NocCode, Occupation};
use crate::occupations::directory::not_found::not_found;
use crate::occupations::directory::other_draws::OtherDraws;
use crate::occupations::directory::store::{self, OccupationDraw, OldCode, PostMention};
use crate::occupations::store as occupations;
use crate::services::Services;
use crate::web::{
    DisplayDate, Layout, TitleRenderer, folded_words, is_stop_word, office_time_zone, with_thousands, word_forms,
};

#[derive(Template)]
#[template(path = "occupations/show.html")]
struct OccupationPage {
    layout: Layout,
    occupation: Occupation,
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
}

/// Earlier draws are collapsed, so that the sections below stay in view.
const MAX_DRAWS_SHOWN: usize = 10;
/// Related occupations: neighbours in the classification, and occupations with similar titles.
const MAX_NEIGHBOURS: usize = 6;
const MAX_SIMILAR: usize = 4;

impl OccupationDraw {
    fn day(&self) -> DisplayDate {
        self.date.into()
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
    let (current_lists, past_lists) = lists(&services.db, noc, today).await?;
    let mut draws = store::draws_for(services.db.read(), noc).await?;
    let earlier_draws = draws.split_off(draws.len().min(MAX_DRAWS_SHOWN));
    let mentions = mentions(&services.db, noc, &services.title_renderer).await?;
    let other_draws = match occupation.is_skilled() {
        true => Some(OtherDraws::load(services.db.read(), today).await?),
        false => None,
    };
    let page = OccupationPage {
        layout,
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
        related: related_occupations(&services.db, &occupation).await?,
        occupation,
    };
    html(StatusCode::OK, &page)
}

/// Current and upcoming lists, and past lists.
async fn lists(db: &Database, noc: &str, today: Date) -> sqlx::Result<(Vec<CategoryList>, Vec<CategoryList>)> {
    let all = memberships(db.read(), noc).await?;
    Ok(all.into_iter().partition(|list| list.is_active_on(today) || list.effective_from > today))
}

async fn mentions(db: &Database, noc: &str, filler: &TitleRenderer) -> anyhow::Result<Vec<PostMention>> {
    let mentions = store::mentions(db.read(), noc).await?;
    let titles = filler.render(mentions.iter().map(|mention| mention.title.clone()).collect()).await?;
    Ok(mentions.into_iter().zip(titles).map(|(mention, title)| PostMention { title, ..mention }).collect())
}

/// Occupations with the same first four digits, or else three; then those with similar English titles.
async fn related_occupations(db: &Database, occupation: &Occupation) -> sqlx::Result<Vec<Occupation>> {
    let mut codes = vec![];
    for digits in [4, 3] {
        codes = store::codes_with_prefix(db.read(), &occupation.noc[..digits]).await?;
        codes.retain(|code| *code != occupation.noc);
        if !codes.is_empty() {
            break;
        }
    }
    codes.truncate(MAX_NEIGHBOURS);
    let each: Vec<String> = folded_words(&occupation.title_en)
        .filter(|word| !is_stop_word(word) && word.len() > 2)
        .map(|word| format!("title_en : (\"{}\")", word_forms(&word).join("\" OR \"")))
        .collect();
    if !each.is_empty() {
        let similar = store::matching_any(db.read(), &each).await?;
        let others = similar.into_iter().filter(|code| *code != occupation.noc && !codes.contains(code));
        codes.extend(others.take(MAX_SIMILAR).collect::<Vec<_>>());
    }
    store::with_codes(db.read(), &codes).await
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
