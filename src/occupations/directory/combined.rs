//! Five-digit codes that are not unit groups: combined codes and unknown codes.

use sqlx::SqlitePool;

use crate::noc::Occupation;
use crate::occupations::directory::store;

/// Combined codes with title and unit groups. Job Bank and Statistics Canada publish some figures under them.
const COMBINED: &[(&str, &str, &[&str])] =
    &[("00018", "Seniors managers – public and private sector", &["00011", "00012", "00013", "00014", "00015"])];

/// Unit groups of a combined code.
pub fn groups_of(code: &str) -> Option<&'static [&'static str]> {
    COMBINED.iter().find(|(combined, ..)| *combined == code).map(|(.., groups)| *groups)
}

/// Five-digit code that is not a unit group.
#[derive(Debug)]
pub struct UnknownCode {
    pub code: String,
    /// Title, if it is a combined code.
    pub title: Option<&'static str>,
    /// Unit groups of a combined code, or some with the same prefix.
    pub groups: Vec<Occupation>,
    /// Longest prefix shared with a unit group; empty if shorter than two digits.
    pub prefix: String,
    /// Number of unit groups with that prefix.
    pub with_prefix: usize,
}

const MAX_SUGGESTED_GROUPS: usize = 10;

/// Looks up a code; `None` if it is a unit group or does not have five digits.
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
