//! Fields of a draw by column name: differences between two versions, and restoring a value.

use jiff::Timestamp;

use crate::draws::correction_text::{ChangeText, is_listed_separately};
use crate::draws::pool::BANDS;
use crate::draws::{Correction, CorrectionOrigin, Draw};

/// Change of one field. Values are text as stored; empty means missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub field: &'static str,
    pub before: String,
    pub after: String,
}

impl FieldChange {
    pub fn to_correction(
        &self,
        round: &str,
        now: Timestamp,
        by: &str,
        origin: CorrectionOrigin,
        source: &str,
    ) -> Correction {
        Correction {
            round: round.to_owned(),
            field: self.field.into(),
            before: self.before.clone(),
            after: self.after.clone(),
            corrected_at: now,
            corrected_by: by.to_owned(),
            origin,
            source: source.to_owned(),
        }
    }

    pub fn is_visible(&self) -> bool {
        is_listed_separately(self.field, &self.after)
    }

    pub fn describe(&self) -> ChangeText {
        ChangeText::of(self.field, &self.before, &self.after)
    }
}

/// Fields in which two versions of a draw differ.
pub fn differences(before: &Draw, after: &Draw) -> Vec<FieldChange> {
    let has_corrected_number = before.invitations_corrected.is_some() || after.invitations_corrected.is_some();
    let has_corrected_date = before.date_published.is_some() || after.date_published.is_some();
    let (old, new) = (fields(before), fields(after));
    let differ = old.into_iter().zip(new).filter(|((field, before), (_, after))| {
        // Without a corrected figure, the published field alone shows the change.
        before != after
            && (*field != "invitations_corrected" || has_corrected_number)
            && (*field != "date_published" || has_corrected_date)
    });
    differ.map(|((field, before), (_, after))| FieldChange { field, before, after }).collect()
}

/// All published fields as text, with their column names.
fn fields(draw: &Draw) -> Vec<(&'static str, String)> {
    let instant = |at: Option<Timestamp>, typed: &str| at.map_or_else(|| typed.to_owned(), |at| at.to_string());
    let mut fields = vec![
        ("date", draw.date.to_string()),
        ("date_published", draw.date_published.unwrap_or(draw.date).to_string()),
        ("held_at", instant(draw.held_at, &draw.held_at_published)),
        ("name", draw.name.clone()),
        ("name_fr", draw.name_fr.clone()),
        ("programs", draw.programs.clone()),
        ("invitations", draw.invitations_published.to_string()),
        // Before a correction, readers saw the published figure as the actual one.
        ("invitations_corrected", draw.invitations().to_string()),
        ("crs", draw.crs.to_string()),
        ("category_key", draw.category.clone().unwrap_or_default()),
        ("notes", draw.notes.clone()),
        ("tie_break", instant(draw.tie_break, &draw.tie_break_published)),
        ("pool_as_of", draw.pool.as_ref().map(|pool| pool.as_of.to_string()).unwrap_or_default()),
    ];
    fields.extend(BANDS.iter().enumerate().map(|(index, band)| {
        (band.column, draw.pool.as_ref().map(|pool| pool.counts[index].to_string()).unwrap_or_default())
    }));
    fields
}

/// Restores the recorded value of a field in a merged draw.
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
        // Staff removed the pool, so that no single band is kept.
        _ if ours.pool.is_none() => draw.pool = None,
        // The file withdrew the pool, but ours was added by hand.
        _ if draw.pool.is_none() => draw.pool = ours.pool.clone(),
        "pool_as_of" => {
            if let (Some(pool), Some(ours)) = (&mut draw.pool, &ours.pool) {
                pool.as_of = ours.as_of;
            }
        }
        band => {
            let index = BANDS.iter().position(|known| known.column == band);
            if let (Some(pool), Some(ours), Some(index)) = (&mut draw.pool, &ours.pool, index) {
                pool.counts[index] = ours.counts[index];
            }
        }
    }
}
