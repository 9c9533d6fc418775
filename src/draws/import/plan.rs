//! What an import would do: draws that are new, draws that change field by field, and what to look at first.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::draws::change::{Words, has_own_line};
use crate::draws::check::{Around, Doubt, Rule, doubts};
use crate::draws::import::merge::{differences, first_record, keep_ours, merge};
use crate::draws::import::names::Names;
use crate::draws::import::older::Older;
use crate::draws::import::published::Published;
use crate::draws::{Correction, Draw, Origin, Round};
use crate::web::Digest;

/// What is known before anything is changed.
pub struct Known {
    /// Every round.
    pub draws: Vec<Draw>,
    /// Every change that was ever made to one.
    pub corrections: Vec<Correction>,
}

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Set where the file ends before the record does.
    pub older: Option<Older>,
    /// Rounds that are not in the record yet, oldest first.
    pub new: Vec<NewRound>,
    /// Rounds of the record that would read otherwise, oldest first.
    pub changed: Vec<ChangedRound>,
    /// How many rounds of the file say what the record says.
    pub unchanged: usize,
    /// Published names that stand for no category we know, each with its rounds.
    pub unmapped: Vec<(String, Vec<String>)>,
}

/// A round to be added.
#[derive(Debug)]
pub struct NewRound {
    /// As it would be recorded.
    pub draw: Draw,
    /// What to look at before.
    pub doubts: Vec<Doubt>,
}

/// A round to be changed.
#[derive(Debug)]
pub struct ChangedRound {
    /// As it would be recorded.
    pub draw: Draw,
    /// What would change; empty where everything is held back.
    pub changes: Vec<FieldChange>,
    /// What the file says and we know better: it stood here once and was corrected.
    pub held_back: Vec<FieldChange>,
    /// The changed fields that go back to a value which another file replaced.
    pub goes_back: Vec<&'static str>,
    /// What to look at before.
    pub doubts: Vec<Doubt>,
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
    pub fn kept(&self, draw: &Draw, now: Timestamp, by: &str, origin: Origin, source: &str) -> Correction {
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
    pub fn is_shown(&self) -> bool {
        has_own_line(self.field, &self.after)
    }

    /// For the eye: which figure, from what to what.
    pub fn in_words(&self) -> Words {
        Words::of(self.field, &self.before, &self.after)
    }
}

impl ChangedRound {
    /// The changes that are told, each in one line.
    pub fn shown(&self) -> impl Iterator<Item = &FieldChange> {
        self.changes.iter().filter(|change| change.is_shown())
    }
}

impl Plan {
    /// Compares what was published with what is known.
    pub fn new(published: Vec<Published>, known: &Known, source: &str, today: Date) -> Self {
        let names = Names::known_by(&known.draws);
        let older = Older::of(&published, &known.draws);
        let is_old_copy = older.as_ref().is_some_and(|older| older.is_copy);
        let mut plan = Self { older, ..Self::default() };
        let mut unmapped: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut candidates = vec![];
        let ours_by_round: HashMap<&Round, &Draw> = known.draws.iter().map(|draw| (&draw.round, draw)).collect();
        for round in published {
            let ours = ours_by_round.get(&round.draw.round).copied();
            let draw = match ours {
                Some(ours) => merge(ours, round.draw, round.emptied, round.language, &names),
                None => first_record(round.draw, round.language, &names, source),
            };
            if ours.is_none() && draw.category.is_none() {
                unmapped.entry(draw.name.clone()).or_default().push(draw.round.to_string());
            }
            candidates.push((ours, draw, round.doubts));
        }
        let after = as_it_would_be(known, candidates.iter().map(|(_, draw, _)| draw));
        let touched = |(ours, draw, _): &(Option<&Draw>, Draw, _)| {
            ours.is_none_or(|ours| ours != draw).then(|| draw.round.sort_key())
        };
        let touched: HashSet<i64> = candidates.iter().filter_map(touched).collect();
        let doubts_of = |draw: &Draw| {
            let mut around = around(&after, draw);
            // Of two draws of the file that are out of order, the later one is told.
            around.after = around.after.filter(|after| !touched.contains(&after.round.sort_key()));
            doubts(draw, around, today)
        };
        let newest = known.draws.iter().map(|draw| draw.round.sort_key()).max();
        for (ours, draw, odd) in candidates {
            let Some(ours) = ours else {
                let mut doubts = [doubts_of(&draw), odd].concat();
                // A draw that is added below the newest one fills a gap and leaves none.
                doubts.retain(|doubt| {
                    doubt.rule != Rule::Gap || newest.is_none_or(|newest| newest < draw.round.sort_key())
                });
                plan.new.push(NewRound { draw, doubts });
                continue;
            };
            let (mut held_back, changes): (Vec<FieldChange>, Vec<FieldChange>) =
                differences(ours, &draw).into_iter().partition(|change| was_corrected_away(known, ours, change));
            let mut draw = draw;
            for change in &held_back {
                keep_ours(&mut draw, ours, change.field);
            }
            // What was added by hand and the file leaves empty is no contradiction.
            held_back.retain(|change| !change.after.is_empty());
            let is_misread = odd.iter().any(|doubt| matches!(doubt.rule, Rule::Unreadable | Rule::DatesDiffer));
            if changes.is_empty() && held_back.is_empty() && !is_misread {
                plan.unchanged += 1;
                continue;
            }
            let mut doubts = [doubts_of(&draw), odd].concat();
            let goes_back = |change: &&FieldChange| replaced(known, ours, change).next().is_some();
            let goes_back = changes.iter().filter(goes_back).map(|change| change.field).collect();
            // One reason for all of an old copy is asked for beside them.
            if !is_old_copy {
                doubts.extend(changes.iter().filter_map(|change| stood_before(known, ours, change)));
            }
            // What was odd before the change is not the change's doing.
            let old = doubts_of(ours);
            doubts.retain(|doubt| !old.contains(doubt));
            plan.changed.push(ChangedRound { draw, changes, held_back, goes_back, doubts });
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
    pub fn set_back(&self) -> usize {
        if !self.older.as_ref().is_some_and(|older| older.is_copy) {
            return 0;
        }
        let fields = self.changed.iter().flat_map(ChangedRound::shown);
        fields.filter(|change| !change.before.is_empty()).count()
    }

    /// What becomes of a changed field, for a table.
    pub fn outcome(&self, round: &ChangedRound, change: &FieldChange) -> &'static str {
        let is_certain = round.goes_back.contains(&change.field);
        match &self.older {
            _ if is_certain => "changes: goes back to an older state",
            Some(older) if older.is_copy && !change.before.is_empty() => "changes: goes back to an older state",
            Some(_) if !change.before.is_empty() => "changes: may go back to an older state",
            _ => "changes",
        }
    }

    /// Every round with something to look at before.
    pub fn doubted(&self) -> impl Iterator<Item = (&Draw, &Doubt)> {
        let new = self.new.iter().flat_map(|round| round.doubts.iter().map(move |doubt| (&round.draw, doubt)));
        let changed = self.changed.iter().flat_map(|round| round.doubts.iter().map(move |doubt| (&round.draw, doubt)));
        new.chain(changed)
    }

    /// The numbers of all rounds it would add or change.
    pub fn rounds(&self) -> Vec<String> {
        let changed = self.changed.iter().filter(|round| !round.changes.is_empty()).map(|round| &round.draw);
        self.new.iter().map(|round| &round.draw).chain(changed).map(|draw| draw.round.to_string()).collect()
    }

    /// The same for the same plan: whoever applies it must have seen this one.
    pub fn fingerprint(&self) -> String {
        Digest::of(&format!("{self:?}"))[..16].to_owned()
    }
}

/// The whole record after the import, before anything is held back.
fn as_it_would_be<'a>(known: &'a Known, candidates: impl Iterator<Item = &'a Draw>) -> BTreeMap<i64, Draw> {
    known.draws.iter().chain(candidates).map(|draw| (draw.round.sort_key(), draw.clone())).collect()
}

fn around<'a>(record: &'a BTreeMap<i64, Draw>, draw: &Draw) -> Around<'a> {
    let key = draw.round.sort_key();
    Around {
        before: record.range(..key).next_back().map(|(_, before)| before),
        after: record.range(key + 1..).next().map(|(_, after)| after),
    }
}

/// Whether the value stood there once and we corrected it ourselves: then the file is older than our own correction.
fn was_corrected_away(known: &Known, ours: &Draw, change: &FieldChange) -> bool {
    replaced(known, ours, change).any(|correction| correction.origin != Origin::Import)
}

/// The doubt about a value that stood there once, until another file changed it: this file may be the older one.
fn stood_before(known: &Known, ours: &Draw, change: &FieldChange) -> Option<Doubt> {
    let earlier = replaced(known, ours, change).last()?;
    let Words { field, before, after } = change.in_words();
    let day = earlier.day().text;
    let sentence = if change.after.is_empty() {
        format!("The file gives no {field}. Another file added it on {day}: this file may be the older one.")
    } else {
        format!(
            "The file gives {after} as {field}. That stood here until {day}, when another file changed it to {before}: this \
             file may be the older one."
        )
    };
    change.is_shown().then_some(Doubt { rule: Rule::StoodBefore, sentence })
}

/// Earlier changes that replaced the value which the file gives again.
fn replaced<'a>(known: &'a Known, ours: &Draw, change: &'a FieldChange) -> impl Iterator<Item = &'a Correction> {
    let round = ours.round.to_string();
    // The true figure stands in for a published one that we corrected.
    let plain = |field: &'a str| field.trim_end_matches("_true").trim_end_matches("_published");
    known.corrections.iter().filter(move |correction| {
        correction.round == round
            && plain(&correction.field) == plain(change.field)
            && correction.before == change.after
    })
}
