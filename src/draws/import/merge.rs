//! Merge of a feed draw into a recorded draw.

use crate::draws::Draw;
use crate::draws::import::category_names::CategoryMapping;
use crate::draws::import::feed_parser::{EmptyFields, Language};

pub fn new_draw(theirs: Draw, language: Language, names: &CategoryMapping, source: &str) -> Draw {
    let mut draw = Draw { category: names.category(&theirs.name), source: source.to_owned(), ..theirs };
    if language == Language::French {
        draw.name_fr = draw.name.clone();
        draw.programs = String::new();
        if let Some(english) = names.english_name(&draw.name_fr) {
            draw.name = english.to_owned();
        }
    }
    draw
}

/// Recorded draw with the values of the file. A field that the file lacks is kept; a field that the file leaves
/// empty was withdrawn by the publisher and is cleared.
pub fn merge(
    ours: &Draw,
    theirs: Draw,
    empty_fields: EmptyFields,
    language: Language,
    names: &CategoryMapping,
) -> Draw {
    let mut merged = ours.clone();
    // If the published date is known to be wrong, another published date does not change the corrected one.
    match ours.date_published {
        Some(_) => merged.date_published = Some(theirs.date).filter(|day| *day != ours.date),
        None => merged.date = theirs.date,
    }
    merged.invitations_published = theirs.invitations_published;
    merged.crs = theirs.crs;
    let is_new = |typed: &str, ours: &str| !typed.is_empty() && collapse_whitespace(typed) != collapse_whitespace(ours);
    if theirs.held_at.is_some() && theirs.held_at != ours.held_at
        || theirs.held_at.is_none() && is_new(&theirs.held_at_published, &ours.held_at_published)
    {
        merged.held_at = theirs.held_at;
        merged.held_at_published = theirs.held_at_published;
    } else if empty_fields.held_at {
        merged.held_at = None;
        merged.held_at_published = String::new();
    }
    if theirs.tie_break.is_some() && theirs.tie_break != ours.tie_break {
        merged.tie_break = theirs.tie_break;
        merged.tie_break_published = theirs.tie_break_published;
    } else if empty_fields.tie_break {
        merged.tie_break = None;
        merged.tie_break_published = String::new();
    }
    if theirs.pool.is_some() || empty_fields.pool {
        merged.pool = theirs.pool;
    }
    if language == Language::English {
        merged.name = theirs.name;
        if !theirs.programs.is_empty() || empty_fields.programs {
            merged.programs = theirs.programs;
        }
    } else {
        merged.name_fr = theirs.name;
    }
    // The published figure has been corrected by the publisher.
    if merged.invitations_corrected == Some(merged.invitations_published) {
        merged.invitations_corrected = None;
    }
    if merged.category.is_none() {
        merged.category = names.category(&merged.name);
    }
    merged
}

fn collapse_whitespace(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
