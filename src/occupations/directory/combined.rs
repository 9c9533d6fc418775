//! Codes that stand for several unit groups together, and codes that stand for none.

use sqlx::SqlitePool;

use crate::occupations::Occupation;
use crate::occupations::directory::store;

/// Code, title, and the unit groups. Job Bank and Statistics Canada publish some figures under such a code.
const COMBINED: &[(&str, &str, &[&str])] =
    &[("00018", "Seniors managers – public and private sector", &["00011", "00012", "00013", "00014", "00015"])];

/// The unit groups that a code stands for together.
pub fn groups_of(code: &str) -> Option<&'static [&'static str]> {
    COMBINED.iter().find(|(combined, ..)| *combined == code).map(|(.., groups)| *groups)
}

/// What is known of a code of five digits that is no unit group.
#[derive(Debug)]
pub struct UnknownCode {
    /// The code.
    pub code: String,
    /// What it is called where it stands for several unit groups.
    pub title: Option<&'static str>,
    /// The unit groups that it stands for, or some with the same beginning.
    pub groups: Vec<Occupation>,
    /// The longest beginning that unit groups share with it; empty where the first two digits are unknown already.
    pub prefix: String,
    /// How many unit groups begin so.
    pub with_prefix: usize,
}

/// So many unit groups with the same beginning are named.
const MAX_SUGGESTED_GROUPS: usize = 10;

/// What to say about a code; `None` where it is a unit group, or has another form.
pub async fn unknown_code(db: &SqlitePool, code: &str) -> sqlx::Result<Option<UnknownCode>> {
    if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    if !store::codes_with_prefix(db, code).await?.is_empty() {
        return Ok(None);
    }
    let mut unknown =
        UnknownCode { code: code.to_owned(), title: None, groups: vec![], prefix: String::new(), with_prefix: 0 };
    let mut codes = vec![];
    if let Some((_, title, groups)) = COMBINED.iter().find(|(combined, ..)| *combined == code) {
        unknown.title = Some(title);
        codes = groups.iter().map(|group| (*group).to_owned()).collect();
    } else {
        for end in (2..5).rev() {
            codes = store::codes_with_prefix(db, &code[..end]).await?;
            if !codes.is_empty() {
                unknown.prefix = code[..end].to_owned();
                break;
            }
        }
    }
    unknown.with_prefix = codes.len();
    codes.truncate(MAX_SUGGESTED_GROUPS);
    unknown.groups = store::with_codes(db, &codes).await?;
    Ok(Some(unknown))
}
