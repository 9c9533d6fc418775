//! The tokens of an answer: figures from the record of rounds, and what we know of the person who is answered.

use std::collections::HashMap;

use sqlx::SqlitePool;

use crate::draws::{self, TokenValues};
use crate::inquiries::Inquiry;
use crate::inquiries::inbox::eligibility_panel::EligibilityPanel;
use crate::web::{Firm, Replacement, expand_line, find_placeholders_in_line};

/// What may stand in an answer beside the tokens of the record, and what it stands for.
pub const VARIABLES: [(&str, &str); 9] = [
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
pub struct Recipient<'a> {
    /// What they sent.
    pub inquiry: &'a Inquiry,
    /// What the record says beside it.
    pub eligibility: &'a EligibilityPanel,
    /// Our firm.
    pub firm: &'a Firm,
    /// The member of staff who answers.
    pub sender_name: &'a str,
}

/// A text whose tokens were filled in.
pub struct ExpandedTemplate {
    /// The text; what could not be filled stands in it as it was typed.
    pub text: String,
    /// Why something could not be filled, a sentence each.
    pub unresolved: Vec<String>,
    /// What to know before sending it, a sentence each.
    pub warnings: Vec<String>,
}

/// The tokens that speak of the categories of an occupation.
const CATEGORY_VARIABLES: [&str; 2] = ["categories", "newest rounds"];

/// Whether a text speaks of the categories of an occupation.
fn uses_category_variables(text: &str) -> bool {
    find_placeholders_in_line(text)
        .iter()
        .any(|placeholder| CATEGORY_VARIABLES.contains(&normalize_key(&placeholder.key).as_str()))
}

/// Why a text does not suit a person whose occupation is only in categories that count work in one place; `None` where
/// it does.
pub fn unsuitable_reason(text: &str, eligibility: &EligibilityPanel) -> Option<String> {
    let is_restricted = !eligibility.categories.is_empty() && eligibility.open_categories().next().is_none();
    (is_restricted && uses_category_variables(text)).then(|| restrictions(eligibility).join(" "))
}

/// What the categories of an occupation that count work in one place only ask for, a sentence each.
fn restrictions(eligibility: &EligibilityPanel) -> Vec<String> {
    let restricted = eligibility.categories.iter().filter(|member| !member.is_open());
    restricted.map(|member| format!("“{}” {}.", member.list.name_en, member.restriction())).collect()
}

/// The same for tokens that differ in case and spaces.
fn normalize_key(what: &str) -> String {
    what.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn is_variable(what: &str) -> bool {
    let key = normalize_key(what);
    VARIABLES.iter().any(|(token, _)| *token == key)
}

/// Rounds that are meant by being the newest: each such token as the one that names the round, or why there is none.
async fn resolve_newest_draws(db: &SqlitePool, text: &str) -> sqlx::Result<HashMap<String, Result<String, String>>> {
    let mut found = HashMap::new();
    for placeholder in find_placeholders_in_line(text).into_iter().filter(|place| place.is_closed) {
        let key = normalize_key(&placeholder.key);
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
            None => Err(format!("“{{{{{}}}}}” names nothing: there is no such round in the record.", placeholder.key)),
        };
        found.insert(key, named);
    }
    Ok(found)
}

/// The text with its figures in it, and why some could not be found.
async fn expand_draw_tokens(db: &SqlitePool, text: &str) -> sqlx::Result<ExpandedTemplate> {
    let newest = resolve_newest_draws(db, text).await?;
    let mut unresolved: Vec<String> = newest.values().filter_map(|named| named.clone().err()).collect();
    let named = |what: &str| newest.get(&normalize_key(what))?.clone().ok().map(Replacement::Text);
    let text = expand_line(text, &named);
    let facts = TokenValues::for_texts(db, &[&text]).await?;
    let is_known = |what: &str| is_variable(what) || newest.get(&normalize_key(what)).is_some_and(Result::is_err);
    unresolved.extend(facts.unresolved_in_line(&text, &is_known).into_iter().map(|unknown| unknown.sentence));
    // With something unknown in it nothing is filled: the text is to be mended first.
    let text = if unresolved.is_empty() { facts.expand_line(&text) } else { text };
    Ok(ExpandedTemplate { text, unresolved, warnings: vec![] })
}

/// What in a template names nothing, a sentence each.
pub async fn unknown_variables(db: &SqlitePool, text: &str) -> sqlx::Result<Vec<String>> {
    Ok(expand_draw_tokens(db, text).await?.unresolved)
}

/// The text as it is to be sent. What the visitor typed goes in last and is never looked through for tokens.
pub async fn expand(db: &SqlitePool, text: &str, recipient: &Recipient<'_>) -> sqlx::Result<ExpandedTemplate> {
    let ExpandedTemplate { text, mut unresolved, mut warnings } = expand_draw_tokens(db, text).await?;
    for placeholder in find_placeholders_in_line(&text).into_iter().filter(|place| is_variable(&place.key)) {
        if recipient.value(&placeholder.key).is_some() {
            continue;
        }
        unresolved.push(match unsuitable_reason(&format!("{{{{{}}}}}", placeholder.key), recipient.eligibility) {
            Some(why) => {
                format!("“{{{{{}}}}}” is left empty: {why} Ask where they worked before you name it.", placeholder.key)
            }
            None => format!("“{{{{{}}}}}” is not known of this person. Put it into words yourself.", placeholder.key),
        });
    }
    if unresolved.is_empty() && uses_category_variables(&text) {
        warnings
            .extend(restrictions(recipient.eligibility).into_iter().map(|why| format!("Not named in the text: {why}")));
    }
    let text = expand_line(&text, &|what| recipient.value(what).map(Replacement::Text));
    Ok(ExpandedTemplate { text, unresolved, warnings })
}

impl Recipient<'_> {
    fn value(&self, what: &str) -> Option<String> {
        let known = |text: String| (!text.is_empty()).then_some(text);
        match normalize_key(what).as_str() {
            // With its braces, what a visitor typed for a name would be looked through for tokens at the next press.
            "name" => Some(self.inquiry.details.name.replace('{', "(").replace('}', ")")),
            "reference" => Some(self.inquiry.reference.clone()),
            "firm" => Some(self.firm.name.clone()),
            "phone" => Some(self.firm.business_phones_text()),
            "me" => Some(self.sender_name.to_owned()),
            "occupation" => self.eligibility.occupation.as_ref().map(|occupation| occupation.title_en.clone()),
            "crs" => self.inquiry.details.crs.map(|crs| crs.to_string()),
            "categories" => {
                let names: Vec<&str> =
                    self.eligibility.open_categories().map(|member| member.list.name_en.as_str()).collect();
                known(names.join("; "))
            }
            "newest rounds" => {
                let lines = self
                    .eligibility
                    .open_categories()
                    .filter_map(|member| member.newest.as_ref().map(|round| round.sentence(&member.list.name_en)));
                known(lines.collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }
}
