//! The tokens of an answer: figures from the record of rounds, and what we know of the person who is answered.

use std::collections::HashMap;

use sqlx::SqlitePool;

use crate::draws::{self, Facts};
use crate::inquiries::Inquiry;
use crate::inquiries::inbox::beside::Beside;
use crate::web::{Filling, Firm, fill_line, placeholders_in_line};

/// What may stand in an answer beside the tokens of the record, and what it stands for.
pub const TOKENS: [(&str, &str); 9] = [
    ("name", "the visitor’s name"),
    ("reference", "the reference of the inquiry"),
    ("firm", "our name"),
    ("phone", "our business phone numbers"),
    ("me", "your own name"),
    ("occupation", "the title of their occupation, once we know which one is meant"),
    ("crs", "the CRS score they claim"),
    ("categories", "the categories that their occupation is in now and that count work in any country"),
    ("newest rounds", "the latest draw of each of these categories, a line each"),
];

/// Who is answered, and by whom.
pub struct Person<'a> {
    /// What they sent.
    pub inquiry: &'a Inquiry,
    /// What the record says beside it.
    pub beside: &'a Beside,
    /// Our firm.
    pub firm: &'a Firm,
    /// The member of staff who answers.
    pub me: &'a str,
}

/// A text whose tokens were filled in.
pub struct Filled {
    /// The text; what could not be filled stands in it as it was typed.
    pub text: String,
    /// Why something could not be filled, a sentence each.
    pub left: Vec<String>,
    /// What to know before sending it, a sentence each.
    pub warnings: Vec<String>,
}

/// The tokens that speak of the categories of an occupation.
const OF_CATEGORIES: [&str; 2] = ["categories", "newest rounds"];

/// Whether a text speaks of the categories of an occupation.
fn speaks_of_categories(text: &str) -> bool {
    placeholders_in_line(text).iter().any(|place| OF_CATEGORIES.contains(&key(&place.what).as_str()))
}

/// Why a text does not suit a person whose occupation is only in categories that count work in one place; `None` where
/// it does.
pub fn unsuitable(text: &str, beside: &Beside) -> Option<String> {
    let is_restricted = !beside.categories.is_empty() && beside.open_categories().next().is_none();
    (is_restricted && speaks_of_categories(text)).then(|| restrictions(beside).join(" "))
}

/// What the categories of an occupation that count work in one place only ask for, a sentence each.
fn restrictions(beside: &Beside) -> Vec<String> {
    let restricted = beside.categories.iter().filter(|member| !member.is_open());
    restricted.map(|member| format!("“{}” {}.", member.list.name_en, member.restriction())).collect()
}

/// The same for tokens that differ in case and spaces.
fn key(what: &str) -> String {
    what.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn is_own(what: &str) -> bool {
    let key = key(what);
    TOKENS.iter().any(|(token, _)| *token == key)
}

/// Rounds that are meant by being the newest: each such token as the one that names the round, or why there is none.
async fn newest(db: &SqlitePool, text: &str) -> sqlx::Result<HashMap<String, Result<String, String>>> {
    let mut found = HashMap::new();
    for place in placeholders_in_line(text).into_iter().filter(|place| place.closed) {
        let key = key(&place.what);
        let words: Vec<&str> = key.split(' ').collect();
        let (category, part) = match words.as_slice() {
            ["draw", "newest", part] => (None, *part),
            ["draw", "newest", category, part] => (Some(*category), *part),
            _ => continue,
        };
        let draw = match category {
            None => draws::latest(db).await?,
            Some(category) => draws::latest_of_category(db, category).await?,
        };
        let named = match draw {
            Some(draw) => Ok(format!("{{{{draw {} {part}}}}}", draw.round)),
            None => Err(format!("“{{{{{}}}}}” names nothing: there is no such round in the record.", place.what)),
        };
        found.insert(key, named);
    }
    Ok(found)
}

/// The text with its figures in it, and why some could not be found.
async fn with_figures(db: &SqlitePool, text: &str) -> sqlx::Result<Filled> {
    let newest = newest(db, text).await?;
    let mut left: Vec<String> = newest.values().filter_map(|named| named.clone().err()).collect();
    let named = |what: &str| newest.get(&key(what))?.clone().ok().map(Filling::Words);
    let text = fill_line(text, &named);
    let facts = Facts::of(db, &[&text]).await?;
    let is_known = |what: &str| is_own(what) || newest.get(&key(what)).is_some_and(Result::is_err);
    left.extend(facts.unknown_in_line(&text, &is_known).into_iter().map(|unknown| unknown.sentence));
    // With something unknown in it nothing is filled: the text is to be mended first.
    let text = if left.is_empty() { facts.line(&text) } else { text };
    Ok(Filled { text, left, warnings: vec![] })
}

/// What in a template names nothing, a sentence each.
pub async fn unknown(db: &SqlitePool, text: &str) -> sqlx::Result<Vec<String>> {
    Ok(with_figures(db, text).await?.left)
}

/// The text as it is to be sent. What the visitor typed goes in last and is never looked through for tokens.
pub async fn fill(db: &SqlitePool, text: &str, person: &Person<'_>) -> sqlx::Result<Filled> {
    let Filled { text, mut left, mut warnings } = with_figures(db, text).await?;
    for place in placeholders_in_line(&text).into_iter().filter(|place| is_own(&place.what)) {
        if person.word(&place.what).is_some() {
            continue;
        }
        left.push(match unsuitable(&format!("{{{{{}}}}}", place.what), person.beside) {
            Some(why) => {
                format!("“{{{{{}}}}}” is left empty: {why} Ask where they worked before you name it.", place.what)
            }
            None => format!("“{{{{{}}}}}” is not known of this person. Put it into words yourself.", place.what),
        });
    }
    if left.is_empty() && speaks_of_categories(&text) {
        warnings.extend(restrictions(person.beside).into_iter().map(|why| format!("Not named in the text: {why}")));
    }
    let text = fill_line(&text, &|what| person.word(what).map(Filling::Words));
    Ok(Filled { text, left, warnings })
}

impl Person<'_> {
    fn word(&self, what: &str) -> Option<String> {
        let known = |text: String| (!text.is_empty()).then_some(text);
        match key(what).as_str() {
            // With its braces, what a visitor typed for a name would be looked through for tokens at the next press.
            "name" => Some(self.inquiry.details.name.replace('{', "(").replace('}', ")")),
            "reference" => Some(self.inquiry.reference.clone()),
            "firm" => Some(self.firm.name.clone()),
            "phone" => Some(self.firm.business_phones_text()),
            "me" => Some(self.me.to_owned()),
            "occupation" => self.beside.occupation.as_ref().map(|occupation| occupation.title_en.clone()),
            "crs" => self.inquiry.details.crs.map(|crs| crs.to_string()),
            "categories" => {
                let names: Vec<&str> =
                    self.beside.open_categories().map(|member| member.list.name_en.as_str()).collect();
                known(names.join("; "))
            }
            "newest rounds" => {
                let lines = self
                    .beside
                    .open_categories()
                    .filter_map(|member| member.newest.as_ref().map(|round| round.sentence(&member.list.name_en)));
                known(lines.collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }
}
