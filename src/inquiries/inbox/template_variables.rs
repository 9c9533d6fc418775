//! Variables of reply templates: draw figures, and data of the inquiry.

use std::collections::HashMap;

use sqlx::SqlitePool;

use crate::draws::{self, TokenValues};
use crate::inquiries::Inquiry;
use crate::inquiries::inbox::eligibility_panel::EligibilityPanel;
use crate::web::{Firm, Replacement, expand_line, find_placeholders_in_line};

/// Variables in addition to the draw tokens, each with its meaning.
pub const VARIABLES: [(&str, &str); 9] = [
    ("name", "the visitor’s name"),
    ("reference", "the reference number of the inquiry"),
    ("firm", "the company name"),
    ("phone", "the business phone numbers"),
    ("me", "your name"),
    ("occupation", "the title of their occupation, once its NOC code is known"),
    ("crs", "the CRS score they claim"),
    ("categories", "current categories of their occupation that count work in any country"),
    ("latest draws", "the latest draw of each of these categories, one per line"),
];

/// Data that the variables are replaced with.
pub struct Recipient<'a> {
    pub inquiry: &'a Inquiry,
    pub eligibility: &'a EligibilityPanel,
    pub firm: &'a Firm,
    /// Name of the staff member who replies.
    pub sender_name: &'a str,
}

pub struct ExpandedTemplate {
    /// Unresolved variables are left unchanged.
    pub text: String,
    /// One sentence per variable that could not be replaced.
    pub unresolved: Vec<String>,
    /// Sentences to read before sending.
    pub warnings: Vec<String>,
}

const CATEGORY_VARIABLES: [&str; 2] = ["categories", "latest draws"];

fn uses_category_variables(text: &str) -> bool {
    find_placeholders_in_line(text)
        .iter()
        .any(|placeholder| CATEGORY_VARIABLES.contains(&normalize_key(&placeholder.key).as_str()))
}

/// Why a text with category variables does not fit: all categories of the occupation restrict where the work was done.
/// `None` if it fits.
pub fn unsuitable_reason(text: &str, eligibility: &EligibilityPanel) -> Option<String> {
    let is_restricted = !eligibility.categories.is_empty() && eligibility.open_categories().next().is_none();
    (is_restricted && uses_category_variables(text)).then(|| restrictions(eligibility).join(" "))
}

/// One sentence per category that restricts where the work was done.
fn restrictions(eligibility: &EligibilityPanel) -> Vec<String> {
    let restricted = eligibility.categories.iter().filter(|member| !member.is_open());
    restricted.map(|member| format!("“{}” {}.", member.list.name_en, member.restriction())).collect()
}

/// Ignores case and repeated spaces.
fn normalize_key(key: &str) -> String {
    key.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn is_variable(key: &str) -> bool {
    let key = normalize_key(key);
    VARIABLES.iter().any(|(variable, _)| *variable == key)
}

/// Resolves `draw latest …` tokens to tokens with a draw number, or to an error message.
async fn resolve_latest_draws(db: &SqlitePool, text: &str) -> sqlx::Result<HashMap<String, Result<String, String>>> {
    let mut found = HashMap::new();
    for placeholder in find_placeholders_in_line(text).into_iter().filter(|place| place.is_closed) {
        let key = normalize_key(&placeholder.key);
        let words: Vec<&str> = key.split(' ').collect();
        let (category, field) = match words.as_slice() {
            ["draw", "latest", field] => (None, *field),
            ["draw", "latest", category, field] => (Some(*category), *field),
            _ => continue,
        };
        let draw = match category {
            None => draws::latest(db).await?,
            Some(category) => draws::latest_of_category(db, category).await?,
        };
        let named = match draw {
            Some(draw) => Ok(format!("{{{{draw {} {field}}}}}", draw.round)),
            None => Err(format!(
                "“{{{{{}}}}}” cannot be filled in: no draw of this category is on record.",
                placeholder.key
            )),
        };
        found.insert(key, named);
    }
    Ok(found)
}

/// Replaces the draw tokens.
async fn expand_draw_tokens(db: &SqlitePool, text: &str) -> sqlx::Result<ExpandedTemplate> {
    let latest = resolve_latest_draws(db, text).await?;
    let mut unresolved: Vec<String> = latest.values().filter_map(|named| named.clone().err()).collect();
    let named = |key: &str| latest.get(&normalize_key(key))?.clone().ok().map(Replacement::Text);
    let text = expand_line(text, &named);
    let values = TokenValues::for_texts(db, &[&text]).await?;
    let is_known = |key: &str| is_variable(key) || latest.get(&normalize_key(key)).is_some_and(Result::is_err);
    unresolved.extend(values.unresolved_in_line(&text, &is_known).into_iter().map(|unknown| unknown.sentence));
    // With an unknown token, nothing is replaced, so that staff can correct their own text.
    let text = if unresolved.is_empty() { values.expand_line(&text) } else { text };
    Ok(ExpandedTemplate { text, unresolved, warnings: vec![] })
}

/// One sentence per unknown variable or draw token.
pub async fn unknown_variables(db: &SqlitePool, text: &str) -> sqlx::Result<Vec<String>> {
    Ok(expand_draw_tokens(db, text).await?.unresolved)
}

/// Replaces all variables. Text of the visitor is inserted last, so that variables in it are not replaced.
pub async fn expand(db: &SqlitePool, text: &str, recipient: &Recipient<'_>) -> sqlx::Result<ExpandedTemplate> {
    let ExpandedTemplate { text, mut unresolved, mut warnings } = expand_draw_tokens(db, text).await?;
    for placeholder in find_placeholders_in_line(&text).into_iter().filter(|place| is_variable(&place.key)) {
        if recipient.value(&placeholder.key).is_some() {
            continue;
        }
        unresolved.push(match unsuitable_reason(&format!("{{{{{}}}}}", placeholder.key), recipient.eligibility) {
            Some(why) => {
                format!("“{{{{{}}}}}” is not filled in: {why} Ask where they worked first.", placeholder.key)
            }
            None => missing_value(&placeholder.key),
        });
    }
    if unresolved.is_empty() && uses_category_variables(&text) {
        warnings.extend(
            restrictions(recipient.eligibility).into_iter().map(|why| format!("Not included in the text: {why}")),
        );
    }
    let text = expand_line(&text, &|key| recipient.value(key).map(Replacement::Text));
    Ok(ExpandedTemplate { text, unresolved, warnings })
}

/// Message for a variable without a value.
fn missing_value(variable: &str) -> String {
    let missing = match normalize_key(variable).as_str() {
        "occupation" => "occupation",
        "crs" => "CRS score",
        "categories" => "current category",
        "latest draws" => "draw",
        _ => "value",
    };
    format!("No {missing} on file. Write it yourself.")
}

impl Recipient<'_> {
    fn value(&self, key: &str) -> Option<String> {
        let non_empty = |text: String| (!text.is_empty()).then_some(text);
        match normalize_key(key).as_str() {
            // Braces in a name would be read as a variable when the form is submitted again.
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
                non_empty(names.join("; "))
            }
            "latest draws" => {
                let lines = self
                    .eligibility
                    .open_categories()
                    .filter_map(|member| member.latest_draw.as_ref().map(|draw| draw.sentence(&member.list.name_en)));
                non_empty(lines.collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }
}
