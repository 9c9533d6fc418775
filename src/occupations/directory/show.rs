//! One occupation: what it is, the lists it is and was on, the rounds held under them, and what is near it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::civil::Date;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::directory::other_draws::OtherDraws;
use crate::occupations::directory::store::{self, Mention, OldCode, RoundHeld};
use crate::occupations::directory::unknown::unknown;
use crate::occupations::directory::words::{forms, is_joining, split};
use crate::occupations::noc::spelt;
use crate::occupations::{self, CategoryList, NocCode, Occupation};
use crate::web::{Day, Layout, LineFiller, PageResult, firm_zone, grouped, html};

#[derive(Template)]
#[template(path = "occupations/show.html")]
struct OccupationPage {
    layout: Layout,
    occupation: Occupation,
    now_on: Vec<CategoryList>,
    was_on: Vec<CategoryList>,
    /// Draws that need no occupation list; `None` for work that the programs do not count.
    other_draws: Option<OtherDraws>,
    rounds: Vec<RoundHeld>,
    earlier_rounds: Vec<RoundHeld>,
    mentions: Vec<Mention>,
    words: Vec<String>,
    old_codes: Vec<OldCode>,
    near: Vec<Occupation>,
}

/// So many rounds are shown at once; a long table would push everything after it out of sight.
const ROUNDS_SHOWN: usize = 10;
/// Occupations beside it in the classification, and others with words of its title.
const BESIDE: usize = 6;
const ALIKE: usize = 4;

impl RoundHeld {
    fn day(&self) -> Day {
        self.date.into()
    }

    fn invitations_text(&self) -> String {
        grouped(self.invitations)
    }
}

/// `GET /occupations/{noc}`
pub async fn show(
    noc: Path<String>,
    layout: Layout,
    db: Data<Database>,
    clock: Data<Clock>,
    filler: Data<LineFiller>,
) -> PageResult {
    let Ok(code) = noc.parse::<NocCode>() else { return unknown(&db, layout, &noc).await };
    let Some(occupation) = occupations::find(db.read(), code.as_str()).await? else {
        return unknown(&db, layout, &noc).await;
    };
    let noc = code.as_str();
    let today = clock.now().to_zoned(firm_zone()).date();
    let (now_on, was_on) = lists(&db, noc, today).await?;
    let mut rounds = store::rounds_for(db.read(), noc).await?;
    let earlier_rounds = rounds.split_off(rounds.len().min(ROUNDS_SHOWN));
    let mentions = mentions(&db, noc, &filler).await?;
    let other_draws = match occupation.is_skilled() {
        true => Some(OtherDraws::of(db.read(), today).await?),
        false => None,
    };
    let page = OccupationPage {
        layout,
        now_on,
        was_on,
        other_draws,
        rounds,
        earlier_rounds,
        mentions,
        words: store::words_for(db.read(), noc).await?.iter().map(|words| spelt(words)).collect(),
        old_codes: store::predecessors(db.read(), noc).await?,
        near: near(&db, &occupation).await?,
        occupation,
    };
    html(StatusCode::OK, &page)
}

/// The lists it is on and those it was on; one that is to come stands with the first.
async fn lists(db: &Database, noc: &str, today: Date) -> sqlx::Result<(Vec<CategoryList>, Vec<CategoryList>)> {
    let all = occupations::store::memberships(db.read(), noc).await?;
    Ok(all.into_iter().partition(|list| list.holds_on(today) || list.effective_from > today))
}

async fn mentions(db: &Database, noc: &str, filler: &LineFiller) -> anyhow::Result<Vec<Mention>> {
    let mentions = store::mentions(db.read(), noc).await?;
    let titles = filler.fill(mentions.iter().map(|mention| mention.title.clone()).collect()).await?;
    Ok(mentions.into_iter().zip(titles).map(|(mention, title)| Mention { title, ..mention }).collect())
}

/// What shares its first four digits, or else three; then what shares words of its English title.
async fn near(db: &Database, occupation: &Occupation) -> sqlx::Result<Vec<Occupation>> {
    let mut codes = vec![];
    for digits in [4, 3] {
        codes = store::codes_from(db.read(), &occupation.noc[..digits]).await?;
        codes.retain(|code| *code != occupation.noc);
        if !codes.is_empty() {
            break;
        }
    }
    codes.truncate(BESIDE);
    let each: Vec<String> = split(&occupation.title_en)
        .filter(|word| !is_joining(word) && word.len() > 2)
        .map(|word| format!("title_en : (\"{}\")", forms(&word).join("\" OR \"")))
        .collect();
    if !each.is_empty() {
        let alike = store::matching_some(db.read(), &each).await?;
        let others = alike.into_iter().filter(|code| *code != occupation.noc && !codes.contains(code));
        codes.extend(others.take(ALIKE).collect::<Vec<_>>());
    }
    store::with_codes(db.read(), &codes).await
}
