//! The directory: find an occupation by words or code, and read what is known of it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::{CategoryList, NocCode, Occupation, noc, store};
use crate::web::{Layout, PageError, PageResult, Paging, Query, firm_zone, html, one_line};

#[derive(Template)]
#[template(path = "occupations/list.html")]
struct ListPage {
    layout: Layout,
    q: String,
    teers: Vec<TeerChoice>,
    found: Vec<Occupation>,
    paging: Paging,
}

struct TeerChoice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    #[serde(deserialize_with = "one_line")]
    q: String,
    teer: String,
    page: String,
}

/// Occupations on one page of the directory.
const PER_PAGE: i64 = 50;

/// `GET /occupations?q=&teer=&page=`
pub async fn list(layout: Layout, query: Query<ListQuery>, db: Data<Database>) -> PageResult {
    let ListQuery { q, teer, page } = query.0;
    let chosen = teer.parse::<i64>().ok().filter(|teer| (0..=5).contains(teer));
    let found = match asked_for(&q) {
        AskedFor::All => store::by_code(db.read(), "", chosen).await?,
        AskedFor::Code(prefix) => store::by_code(db.read(), &prefix, chosen).await?,
        AskedFor::Words(words) => store::by_words(db.read(), &words, chosen).await?,
        AskedFor::Nothing => vec![],
    };
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(&page, total, PER_PAGE, address(&q, chosen))?;
    let found = found
        .into_iter()
        .skip(usize::try_from(paging.offset()).unwrap_or(0))
        .take(usize::try_from(PER_PAGE).unwrap_or(0))
        .collect();
    html(StatusCode::OK, &ListPage { layout, q, teers: teer_choices(chosen), found, paging })
}

#[derive(Debug, PartialEq)]
enum AskedFor {
    All,
    Code(String),
    Words(String),
    Nothing,
}

/// Reads what was typed: nothing, the beginning of a code, or words, each of which must begin a word of the title.
fn asked_for(q: &str) -> AskedFor {
    if q.is_empty() {
        return AskedFor::All;
    }
    let is_named = q.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("noc"));
    let typed = if is_named { q[3..].trim_start() } else { q };
    if (1..=5).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit()) {
        return AskedFor::Code(typed.to_owned());
    }
    let words: Vec<String> = q
        // Some keyboards send an accent as a mark of its own after the letter.
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '\u{0300}'..='\u{036F}'))
        .filter(|word| !word.is_empty())
        .take(12)
        .map(|word| format!("\"{}\"*", word.chars().take(40).collect::<String>()))
        .collect();
    if words.is_empty() { AskedFor::Nothing } else { AskedFor::Words(words.join(" ")) }
}

fn address(q: &str, teer: Option<i64>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if !q.is_empty() {
        pairs.append_pair("q", q);
    }
    if let Some(teer) = teer {
        pairs.append_pair("teer", &teer.to_string());
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { "/occupations".into() } else { format!("/occupations?{pairs}") }
}

fn teer_choices(chosen: Option<i64>) -> Vec<TeerChoice> {
    let any = TeerChoice { value: String::new(), label: "Any TEER".into(), chosen: chosen.is_none() };
    let each = (0..=5).map(|teer| TeerChoice {
        value: teer.to_string(),
        label: format!("TEER {teer}: {}", noc::teer_meaning(teer)),
        chosen: chosen == Some(teer),
    });
    std::iter::once(any).chain(each).collect()
}

#[derive(Template)]
#[template(path = "occupations/show.html")]
struct OccupationPage {
    layout: Layout,
    occupation: Occupation,
    now_on: Vec<CategoryList>,
    was_on: Vec<CategoryList>,
}

/// `GET /occupations/{noc}`
pub async fn show(noc: Path<String>, layout: Layout, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let noc = noc.parse::<NocCode>().map_err(|_| PageError::NotFound)?;
    let occupation = store::find(db.read(), noc.as_str()).await?.ok_or(PageError::NotFound)?;
    let memberships = store::memberships(db.read(), noc.as_str()).await?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let (now_on, was_on) = memberships.into_iter().partition(|list| list.holds_on(today));
    html(StatusCode::OK, &OccupationPage { layout, occupation, now_on, was_on })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_code_or_words_and_never_an_fts_query() {
        assert_eq!(asked_for(""), AskedFor::All);
        assert_eq!(asked_for("313"), AskedFor::Code("313".into()));
        assert_eq!(asked_for("NOC 31301"), AskedFor::Code("31301".into()));
        assert_eq!(asked_for("nurse 3"), AskedFor::Words("\"nurse\"* \"3\"*".into()));
        assert_eq!(asked_for("nurse NEAR( \"x\" *"), AskedFor::Words("\"nurse\"* \"NEAR\"* \"x\"*".into()));
        assert_eq!(asked_for("\"*()"), AskedFor::Nothing);
    }
}
