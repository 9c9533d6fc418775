//! Plan of an import: new draws, changed fields and warnings.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;

use crate::draws::correction_text::ChangeText;
use crate::draws::import::category_names::CategoryMapping;
use crate::draws::import::feed_parser::FeedRound;
use crate::draws::import::field_change::{FieldChange, differences, keep_local};
use crate::draws::import::merge::{merge, new_draw};
use crate::draws::import::older_file::OlderFile;
use crate::draws::validation::{Neighbours, Rule, Warning, validate};
use crate::draws::{Correction, CorrectionOrigin, Draw, DrawNumber};
use crate::http::sha256_hex;

/// Draws and corrections before the import.
pub struct CurrentRecord {
    pub draws: Vec<Draw>,
    pub corrections: Vec<Correction>,
}

/// Changes that an import would make.
#[derive(Debug, Default)]
pub struct Plan {
    pub older: Option<OlderFile>,
    pub new: Vec<NewDraw>,
    pub changed: Vec<ChangedDraw>,
    pub unchanged: usize,
    /// Numbers of the draws in the file.
    pub in_file: Vec<String>,
    /// Names without a category, each with its draws.
    pub unmapped: Vec<(String, Vec<String>)>,
}

#[derive(Debug)]
pub struct NewDraw {
    pub draw: Draw,
    pub warnings: Vec<Warning>,
}

#[derive(Debug)]
pub struct ChangedDraw {
    pub draw: Draw,
    pub changes: Vec<FieldChange>,
    /// Values in the file that staff corrected before.
    pub kept_local: Vec<FieldChange>,
    /// Fields that go back to a value which another file replaced.
    pub reverted_fields: Vec<&'static str>,
    pub warnings: Vec<Warning>,
}

impl ChangedDraw {
    pub fn visible_changes(&self) -> impl Iterator<Item = &FieldChange> {
        self.changes.iter().filter(|change| change.is_visible())
    }
}

impl Plan {
    /// Compares a file with the record.
    pub fn new(published: Vec<FeedRound>, known: &CurrentRecord, source: &str, today: Date) -> Self {
        let names = CategoryMapping::from_draws(&known.draws);
        let older = OlderFile::of(&published, &known.draws);
        let is_old_copy = older.as_ref().is_some_and(|older| older.is_full_copy);
        let mut plan = Self { older, ..Self::default() };
        let mut unmapped: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut candidates = vec![];
        let ours_by_round: HashMap<&DrawNumber, &Draw> = known.draws.iter().map(|draw| (&draw.round, draw)).collect();
        for round in published {
            plan.in_file.push(round.draw.round.to_string());
            let ours = ours_by_round.get(&round.draw.round).copied();
            let draw = match ours {
                Some(ours) => merge(ours, round.draw, round.empty_fields, round.language, &names),
                None => new_draw(round.draw, round.language, &names, source),
            };
            if ours.is_none() && draw.category.is_none() {
                unmapped.entry(draw.name.clone()).or_default().push(draw.round.to_string());
            }
            candidates.push((ours, draw, round.warnings));
        }
        let after = record_after(known, candidates.iter().map(|(_, draw, _)| draw));
        let touched = |(ours, draw, _): &(Option<&Draw>, Draw, _)| {
            ours.is_none_or(|ours| ours != draw).then(|| draw.round.sort_key())
        };
        let touched: HashSet<i64> = candidates.iter().filter_map(touched).collect();
        let warnings_of = |draw: &Draw| {
            let mut around = neighbours_of(&after, draw);
            // If two draws of the file are out of order, only the later one gets a warning.
            around.next = around.next.filter(|after| !touched.contains(&after.round.sort_key()));
            validate(draw, around, today)
        };
        let newest = known.draws.iter().map(|draw| draw.round.sort_key()).max();
        for (ours, draw, feed_warnings) in candidates {
            let Some(ours) = ours else {
                let mut warnings = [warnings_of(&draw), feed_warnings].concat();
                // A draw added below the newest one fills a gap instead of leaving one.
                warnings.retain(|warning| {
                    warning.rule != Rule::Gap || newest.is_none_or(|newest| newest < draw.round.sort_key())
                });
                plan.new.push(NewDraw { draw, warnings });
                continue;
            };
            let (mut held_back, changes): (Vec<FieldChange>, Vec<FieldChange>) =
                differences(ours, &draw).into_iter().partition(|change| overridden_locally(known, ours, change));
            let mut draw = draw;
            for change in &held_back {
                keep_local(&mut draw, ours, change.field);
            }
            // An empty field in the file does not contradict a value added by hand.
            held_back.retain(|change| !change.after.is_empty());
            let is_misread =
                feed_warnings.iter().any(|warning| matches!(warning.rule, Rule::Unreadable | Rule::DatesDiffer));
            if changes.is_empty() && held_back.is_empty() && !is_misread {
                plan.unchanged += 1;
                continue;
            }
            let mut warnings = [warnings_of(&draw), feed_warnings].concat();
            let is_reverted = |change: &&FieldChange| replacing_corrections(known, ours, change).next().is_some();
            let reverted_fields = changes.iter().filter(is_reverted).map(|change| change.field).collect();
            // An old copy needs one reason for all its changes instead.
            if !is_old_copy {
                warnings.extend(changes.iter().filter_map(|change| previous_value_warning(known, ours, change)));
            }
            // Warnings that exist without the change are not reported again.
            let old = warnings_of(ours);
            warnings.retain(|warning| !old.contains(warning));
            plan.changed.push(ChangedDraw { draw, changes, kept_local: held_back, reverted_fields, warnings });
        }
        plan.new.sort_by_key(|one| one.draw.round.sort_key());
        plan.changed.sort_by_key(|one| one.draw.round.sort_key());
        plan.unmapped = unmapped.into_iter().collect();
        plan
    }

    /// Whether applying the plan would change nothing.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.iter().all(|changed| changed.changes.is_empty())
    }

    /// Number of fields that an old copy would change back to older values. If there are any, a reason is required.
    pub fn count_reverted(&self) -> usize {
        if !self.older.as_ref().is_some_and(|older| older.is_full_copy) {
            return 0;
        }
        let fields = self.changed.iter().flat_map(ChangedDraw::visible_changes);
        fields.filter(|change| !change.before.is_empty()).count()
    }

    /// Result shown for a changed field.
    pub fn outcome(&self, changed: &ChangedDraw, change: &FieldChange) -> &'static str {
        let is_certain = changed.reverted_fields.contains(&change.field);
        match &self.older {
            _ if is_certain => "changes: back to an older value",
            Some(older) if older.is_full_copy && !change.before.is_empty() => "changes: back to an older value",
            Some(_) if !change.before.is_empty() => "changes: possibly back to an older value",
            _ => "changes",
        }
    }

    /// All warnings, each with its draw.
    pub fn warnings(&self) -> impl Iterator<Item = (&Draw, &Warning)> {
        let new = self.new.iter().flat_map(|one| one.warnings.iter().map(move |warning| (&one.draw, warning)));
        let changed = self.changed.iter().flat_map(|one| one.warnings.iter().map(move |warning| (&one.draw, warning)));
        new.chain(changed)
    }

    /// Draws that were compared with a current file. An older copy says nothing about the draws of the record.
    pub fn checked(&self) -> Vec<String> {
        match self.older {
            Some(_) => self.new.iter().map(|new| new.draw.round.to_string()).collect(),
            None => self.in_file.clone(),
        }
    }

    /// Numbers of all new and changed draws.
    pub fn draw_numbers(&self) -> Vec<String> {
        let changed = self.changed.iter().filter(|one| !one.changes.is_empty()).map(|one| &one.draw);
        self.new.iter().map(|one| &one.draw).chain(changed).map(|draw| draw.round.to_string()).collect()
    }

    /// Hash of the plan. Applying it requires the fingerprint of the preview that was shown.
    pub fn fingerprint(&self) -> String {
        sha256_hex(format!("{self:?}"))[..16].to_owned()
    }
}

/// Record after the import, before corrections by staff are restored.
fn record_after<'a>(known: &'a CurrentRecord, candidates: impl Iterator<Item = &'a Draw>) -> BTreeMap<i64, Draw> {
    known.draws.iter().chain(candidates).map(|draw| (draw.round.sort_key(), draw.clone())).collect()
}

fn neighbours_of<'a>(record: &'a BTreeMap<i64, Draw>, draw: &Draw) -> Neighbours<'a> {
    let key = draw.round.sort_key();
    Neighbours {
        previous: record.range(..key).next_back().map(|(_, before)| before),
        next: record.range(key + 1..).next().map(|(_, after)| after),
    }
}

/// Whether staff corrected this value before, so that the file is older than the correction.
fn overridden_locally(known: &CurrentRecord, ours: &Draw, change: &FieldChange) -> bool {
    replacing_corrections(known, ours, change).any(|correction| correction.origin != CorrectionOrigin::Import)
}

/// Warning about a value that another file replaced before: this file may be older.
fn previous_value_warning(known: &CurrentRecord, ours: &Draw, change: &FieldChange) -> Option<Warning> {
    let earlier = replacing_corrections(known, ours, change).last()?;
    let ChangeText { field, before, after } = change.describe();
    let day = earlier.day().text;
    let sentence = if change.after.is_empty() {
        format!("The file has no {field}. Another file added it on {day}: this file may be older.")
    } else {
        format!(
            "The file has {after} as {field}. The record had this value until {day}, when another file changed it to \
             {before}: this file may be older."
        )
    };
    change.is_visible().then_some(Warning { rule: Rule::StoodBefore, sentence })
}

/// Earlier corrections that replaced the value in the file.
fn replacing_corrections<'a>(
    known: &'a CurrentRecord,
    ours: &Draw,
    change: &'a FieldChange,
) -> impl Iterator<Item = &'a Correction> {
    let round = ours.round.to_string();
    // A corrected field counts as its published field.
    let plain = |field: &'a str| field.trim_end_matches("_corrected").trim_end_matches("_published");
    known.corrections.iter().filter(move |correction| {
        correction.round == round
            && plain(&correction.field) == plain(change.field)
            && correction.before == change.after
    })
}
