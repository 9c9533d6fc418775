//! What an import would do: draws that are new, draws that change field by field, and what to look at first.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::draws::correction_text::{ChangeText, is_listed_separately};
use crate::draws::import::category_names::CategoryMapping;
use crate::draws::import::feed_parser::FeedRound;
use crate::draws::import::merge::{differences, keep_local, merge, new_draw};
use crate::draws::import::older_file::OlderFile;
use crate::draws::validation::{Neighbours, Rule, Warning, validate};
use crate::draws::{Correction, CorrectionOrigin, Draw, DrawNumber};
use crate::http::Sha256Hex;

/// What is known before anything is changed.
pub struct CurrentRecord {
    /// Every round.
    pub draws: Vec<Draw>,
    /// Every change that was ever made to one.
    pub corrections: Vec<Correction>,
}

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Set where the file ends before the record does.
    pub older: Option<OlderFile>,
    /// Rounds that are not in the record yet, oldest first.
    pub new: Vec<NewDraw>,
    /// Rounds of the record that would read otherwise, oldest first.
    pub changed: Vec<ChangedDraw>,
    /// How many rounds of the file say what the record says.
    pub unchanged: usize,
    /// Published names that stand for no category we know, each with its rounds.
    pub unmapped: Vec<(String, Vec<String>)>,
}

/// A round to be added.
#[derive(Debug)]
pub struct NewDraw {
    /// As it would be recorded.
    pub draw: Draw,
    /// What to look at before.
    pub warnings: Vec<Warning>,
}

/// A round to be changed.
#[derive(Debug)]
pub struct ChangedDraw {
    /// As it would be recorded.
    pub draw: Draw,
    /// What would change; empty where everything is held back.
    pub changes: Vec<FieldChange>,
    /// What the file says and we know better: it stood here once and was corrected.
    pub kept_local: Vec<FieldChange>,
    /// The changed fields that go back to a value which another file replaced.
    pub reverted_fields: Vec<&'static str>,
    /// What to look at before.
    pub warnings: Vec<Warning>,
}

/// A field that would read otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its column: `crs`, `tie_break`, `pool_491_500`, …
    pub field: &'static str,
    /// What stands there, as it is stored; empty where nothing does.
    pub before: String,
    /// What would stand there.
    pub after: String,
}

impl FieldChange {
    /// The change as it is kept with the round.
    pub fn to_correction(
        &self,
        draw: &Draw,
        now: Timestamp,
        by: &str,
        origin: CorrectionOrigin,
        source: &str,
    ) -> Correction {
        Correction {
            round: draw.round.to_string(),
            field: self.field.into(),
            before: self.before.clone(),
            after: self.after.clone(),
            corrected_at: now,
            corrected_by: by.to_owned(),
            origin,
            source: source.to_owned(),
        }
    }

    /// Whether it has a line of its own.
    pub fn is_visible(&self) -> bool {
        is_listed_separately(self.field, &self.after)
    }

    /// For the eye: which figure, from what to what.
    pub fn describe(&self) -> ChangeText {
        ChangeText::of(self.field, &self.before, &self.after)
    }
}

impl ChangedDraw {
    /// The changes that are told, each in one line.
    pub fn visible_changes(&self) -> impl Iterator<Item = &FieldChange> {
        self.changes.iter().filter(|change| change.is_visible())
    }
}

impl Plan {
    /// Compares what was published with what is known.
    pub fn new(published: Vec<FeedRound>, known: &CurrentRecord, source: &str, today: Date) -> Self {
        let names = CategoryMapping::from_draws(&known.draws);
        let older = OlderFile::of(&published, &known.draws);
        let is_old_copy = older.as_ref().is_some_and(|older| older.is_full_copy);
        let mut plan = Self { older, ..Self::default() };
        let mut unmapped: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut candidates = vec![];
        let ours_by_round: HashMap<&DrawNumber, &Draw> = known.draws.iter().map(|draw| (&draw.round, draw)).collect();
        for round in published {
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
            // Of two draws of the file that are out of order, the later one is told.
            around.next = around.next.filter(|after| !touched.contains(&after.round.sort_key()));
            validate(draw, around, today)
        };
        let newest = known.draws.iter().map(|draw| draw.round.sort_key()).max();
        for (ours, draw, feed_warnings) in candidates {
            let Some(ours) = ours else {
                let mut warnings = [warnings_of(&draw), feed_warnings].concat();
                // A draw that is added below the newest one fills a gap and leaves none.
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
            // What was added by hand and the file leaves empty is no contradiction.
            held_back.retain(|change| !change.after.is_empty());
            let is_misread =
                feed_warnings.iter().any(|warning| matches!(warning.rule, Rule::Unreadable | Rule::DatesDiffer));
            if changes.is_empty() && held_back.is_empty() && !is_misread {
                plan.unchanged += 1;
                continue;
            }
            let mut warnings = [warnings_of(&draw), feed_warnings].concat();
            let goes_back = |change: &&FieldChange| replacing_corrections(known, ours, change).next().is_some();
            let goes_back = changes.iter().filter(goes_back).map(|change| change.field).collect();
            // One reason for all of an old copy is asked for beside them.
            if !is_old_copy {
                warnings.extend(changes.iter().filter_map(|change| previous_value_warning(known, ours, change)));
            }
            // What was odd before the change is not the change's doing.
            let old = warnings_of(ours);
            warnings.retain(|warning| !old.contains(warning));
            plan.changed.push(ChangedDraw {
                draw,
                changes,
                kept_local: held_back,
                reverted_fields: goes_back,
                warnings,
            });
        }
        plan.new.sort_by_key(|round| round.draw.round.sort_key());
        plan.changed.sort_by_key(|round| round.draw.round.sort_key());
        plan.unmapped = unmapped.into_iter().collect();
        plan
    }

    /// Whether applying it would change anything.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.iter().all(|round| round.changes.is_empty())
    }

    /// How many fields an old copy of the file would set back to what they were: with any, a reason is asked for.
    pub fn count_reverted(&self) -> usize {
        if !self.older.as_ref().is_some_and(|older| older.is_full_copy) {
            return 0;
        }
        let fields = self.changed.iter().flat_map(ChangedDraw::visible_changes);
        fields.filter(|change| !change.before.is_empty()).count()
    }

    /// What becomes of a changed field, for a table.
    pub fn outcome(&self, round: &ChangedDraw, change: &FieldChange) -> &'static str {
        let is_certain = round.reverted_fields.contains(&change.field);
        match &self.older {
            _ if is_certain => "changes: goes back to an older state",
            Some(older) if older.is_full_copy && !change.before.is_empty() => "changes: goes back to an older state",
            Some(_) if !change.before.is_empty() => "changes: may go back to an older state",
            _ => "changes",
        }
    }

    /// Every round with something to look at before.
    pub fn warnings(&self) -> impl Iterator<Item = (&Draw, &Warning)> {
        let new = self.new.iter().flat_map(|round| round.warnings.iter().map(move |warning| (&round.draw, warning)));
        let changed =
            self.changed.iter().flat_map(|round| round.warnings.iter().map(move |warning| (&round.draw, warning)));
        new.chain(changed)
    }

    /// The numbers of all rounds it would add or change.
    pub fn draw_numbers(&self) -> Vec<String> {
        let changed = self.changed.iter().filter(|round| !round.changes.is_empty()).map(|round| &round.draw);
        self.new.iter().map(|round| &round.draw).chain(changed).map(|draw| draw.round.to_string()).collect()
    }

    /// The same for the same plan: whoever applies it must have seen this one.
    pub fn fingerprint(&self) -> String {
        Sha256Hex::of(&format!("{self:?}"))[..16].to_owned()
    }
}

/// The whole record after the import, before anything is held back.
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

/// Whether the value stood there once and we corrected it ourselves: then the file is older than our own correction.
fn overridden_locally(known: &CurrentRecord, ours: &Draw, change: &FieldChange) -> bool {
    replacing_corrections(known, ours, change).any(|correction| correction.origin != CorrectionOrigin::Import)
}

/// The warning about a value that stood there once, until another file changed it: this file may be the older one.
fn previous_value_warning(known: &CurrentRecord, ours: &Draw, change: &FieldChange) -> Option<Warning> {
    let earlier = replacing_corrections(known, ours, change).last()?;
    let ChangeText { field, before, after } = change.describe();
    let day = earlier.day().text;
    let sentence = if change.after.is_empty() {
        format!("The file gives no {field}. Another file added it on {day}: this file may be the older one.")
    } else {
        format!(
            "The file gives {after} as {field}. That stood here until {day}, when another file changed it to {before}: this \
             file may be the older one."
        )
    };
    change.is_visible().then_some(Warning { rule: Rule::StoodBefore, sentence })
}

/// Earlier changes that replaced the value which the file gives again.
fn replacing_corrections<'a>(
    known: &'a CurrentRecord,
    ours: &Draw,
    change: &'a FieldChange,
) -> impl Iterator<Item = &'a Correction> {
    let round = ours.round.to_string();
    // The true figure stands in for a published one that we corrected.
    let plain = |field: &'a str| field.trim_end_matches("_corrected").trim_end_matches("_published");
    known.corrections.iter().filter(move |correction| {
        correction.round == round
            && plain(&correction.field) == plain(change.field)
            && correction.before == change.after
    })
}
