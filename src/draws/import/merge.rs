//! A draw of the record with the figures of a file in it, and the fields in which two records differ.

use crate::draws::Draw;
use crate::draws::import::category_names::CategoryMapping;
use crate::draws::import::feed_parser::{EmptyFields, Language};
use crate::draws::import::plan::FieldChange;
use crate::draws::pool::BANDS;

/// A round that is new to the record.
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

/// Our record with the file's figures in it. A field that the file does not have stays; one that it has and leaves empty
/// was withdrawn, and is emptied.
pub fn merge(ours: &Draw, theirs: Draw, emptied: EmptyFields, language: Language, names: &CategoryMapping) -> Draw {
    let mut merged = ours.clone();
    // Where the published day is known to be wrong, another published day does not change the true one.
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
    } else if emptied.held_at {
        merged.held_at = None;
        merged.held_at_published = String::new();
    }
    if theirs.tie_break.is_some() && theirs.tie_break != ours.tie_break {
        merged.tie_break = theirs.tie_break;
        merged.tie_break_published = theirs.tie_break_published;
    } else if emptied.tie_break {
        merged.tie_break = None;
        merged.tie_break_published = String::new();
    }
    if theirs.pool.is_some() || emptied.pool {
        merged.pool = theirs.pool;
    }
    if language == Language::English {
        merged.name = theirs.name;
        if !theirs.programs.is_empty() || emptied.programs {
            merged.programs = theirs.programs;
        }
    } else {
        merged.name_fr = theirs.name;
    }
    // The published figure has become the true one.
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

/// The published fields in which two records of one round differ.
pub fn differences(before: &Draw, after: &Draw) -> Vec<FieldChange> {
    let has_corrected_number = before.invitations_corrected.is_some() || after.invitations_corrected.is_some();
    let has_corrected_date = before.date_published.is_some() || after.date_published.is_some();
    let (old, new) = (fields(before), fields(after));
    let differ = old.into_iter().zip(new).filter(|((field, before), (_, after))| {
        // Where the published figure was and is the true one, it is told once.
        before != after
            && (*field != "invitations_corrected" || has_corrected_number)
            && (*field != "date_published" || has_corrected_date)
    });
    differ.map(|((field, before), (_, after))| FieldChange { field, before, after }).collect()
}

/// Every published field, named like its column, as text.
fn fields(draw: &Draw) -> Vec<(&'static str, String)> {
    let instant = |at: Option<jiff::Timestamp>, typed: &str| at.map_or_else(|| typed.to_owned(), |at| at.to_string());
    let mut fields = vec![
        ("date", draw.date.to_string()),
        ("date_published", draw.date_published.unwrap_or(draw.date).to_string()),
        ("held_at", instant(draw.held_at, &draw.held_at_published)),
        ("name", draw.name.clone()),
        ("name_fr", draw.name_fr.clone()),
        ("programs", draw.programs.clone()),
        ("invitations", draw.invitations_published.to_string()),
        // What readers were told before a wrong figure was found, they were told as the truth.
        ("invitations_corrected", draw.invitations().to_string()),
        ("crs", draw.crs.to_string()),
        ("category_key", draw.category.clone().unwrap_or_default()),
        ("notes", draw.notes.clone()),
        ("tie_break", instant(draw.tie_break, &draw.tie_break_published)),
        ("pool_as_of", draw.pool.as_ref().map(|pool| pool.as_of.to_string()).unwrap_or_default()),
    ];
    fields.extend(BANDS.iter().enumerate().map(|(place, band)| {
        (band.column, draw.pool.as_ref().map(|pool| pool.counts[place].to_string()).unwrap_or_default())
    }));
    fields
}

/// Puts our value of a field back into a merged record.
pub fn keep_local(draw: &mut Draw, ours: &Draw, field: &str) {
    match field {
        "date" => draw.date = ours.date,
        "date_published" => draw.date_published = ours.date_published,
        "held_at" => {
            draw.held_at = ours.held_at;
            draw.held_at_published = ours.held_at_published.clone();
        }
        "name" => draw.name = ours.name.clone(),
        "name_fr" => draw.name_fr = ours.name_fr.clone(),
        "programs" => draw.programs = ours.programs.clone(),
        "invitations" => draw.invitations_published = ours.invitations_published,
        "invitations_corrected" => draw.invitations_corrected = ours.invitations_corrected,
        "crs" => draw.crs = ours.crs,
        "category_key" => draw.category = ours.category.clone(),
        "notes" => draw.notes = ours.notes.clone(),
        "tie_break" => {
            draw.tie_break = ours.tie_break;
            draw.tie_break_published = ours.tie_break_published.clone();
        }
        // Somebody took the pool out: a part of it would be none.
        _ if ours.pool.is_none() => draw.pool = None,
        // The file withdrew the pool, and ours was added by hand.
        _ if draw.pool.is_none() => draw.pool = ours.pool.clone(),
        "pool_as_of" => {
            if let (Some(pool), Some(ours)) = (&mut draw.pool, &ours.pool) {
                pool.as_of = ours.as_of;
            }
        }
        band => {
            let place = BANDS.iter().position(|known| known.column == band);
            if let (Some(pool), Some(ours), Some(place)) = (&mut draw.pool, &ours.pool, place) {
                pool.counts[place] = ours.counts[place];
            }
        }
    }
}
