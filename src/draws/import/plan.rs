//! What an import would do: rounds that are new, rounds that change field by field, and what to look at before.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::draws::change::Words;
use crate::draws::check::{Doubt, Rule, doubts};
use crate::draws::import::names::Names;
use crate::draws::import::published::{Language, Published};
use crate::draws::pool::BANDS;
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

    /// For the eye: which figure, from what to what.
    pub fn in_words(&self) -> Words {
        Words::of(self.field, &self.before, &self.after)
    }
}

impl Plan {
    /// Compares what was published with what is known.
    pub fn new(published: Vec<Published>, known: &Known, source: &str, today: Date) -> Self {
        let names = Names::known_by(&known.draws);
        let mut plan = Self::default();
        let mut unmapped: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut candidates = vec![];
        let ours_by_round: HashMap<&Round, &Draw> = known.draws.iter().map(|draw| (&draw.round, draw)).collect();
        for round in published {
            let ours = ours_by_round.get(&round.draw.round).copied();
            let draw = match ours {
                Some(ours) => merge(ours, round.draw, round.language, &names),
                None => first_record(round.draw, round.language, &names, source),
            };
            if ours.is_none() && draw.category.is_none() {
                unmapped.entry(draw.name.clone()).or_default().push(draw.round.to_string());
            }
            candidates.push((ours, draw, round.doubts));
        }
        let after = as_it_would_be(known, candidates.iter().map(|(_, draw, _)| draw));
        let doubts_of = |draw: &Draw| doubts(draw, before(&after, draw), today);
        for (ours, draw, odd) in candidates {
            let Some(ours) = ours else {
                let doubts = [doubts_of(&draw), odd].concat();
                plan.new.push(NewRound { draw, doubts });
                continue;
            };
            let (held_back, changes): (Vec<FieldChange>, Vec<FieldChange>) =
                differences(ours, &draw).into_iter().partition(|change| was_corrected_away(known, ours, change));
            let has_unreadable = odd.iter().any(|doubt| doubt.rule == Rule::Unreadable);
            if changes.is_empty() && held_back.is_empty() && !has_unreadable {
                plan.unchanged += 1;
                continue;
            }
            let mut draw = draw;
            for change in &held_back {
                keep_ours(&mut draw, ours, change.field);
            }
            let mut doubts = [doubts_of(&draw), odd].concat();
            doubts.extend(changes.iter().filter_map(|change| stood_before(known, ours, change)));
            // What was odd before the change is not the change's doing.
            let old = doubts_of(ours);
            doubts.retain(|doubt| !old.contains(doubt));
            plan.changed.push(ChangedRound { draw, changes, held_back, doubts });
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

fn before<'a>(record: &'a BTreeMap<i64, Draw>, draw: &Draw) -> Option<&'a Draw> {
    record.range(..draw.round.sort_key()).next_back().map(|(_, before)| before)
}

/// A round that is new to the record.
fn first_record(theirs: Draw, language: Language, names: &Names, source: &str) -> Draw {
    let mut draw = Draw { category: names.category(&theirs.name), source: source.to_owned(), ..theirs };
    if language == Language::French {
        draw.name_fr = draw.name.clone();
        draw.programs = String::new();
        if let Some(english) = names.english(&draw.name_fr) {
            draw.name = english.to_owned();
        }
    }
    draw
}

/// Our record with the file's figures in it. What the file leaves empty does not empty ours.
fn merge(ours: &Draw, theirs: Draw, language: Language, names: &Names) -> Draw {
    let mut merged = ours.clone();
    merged.date = theirs.date;
    merged.invitations_published = theirs.invitations_published;
    merged.crs = theirs.crs;
    let is_new = |typed: &str, ours: &str| !typed.is_empty() && squeezed(typed) != squeezed(ours);
    if theirs.held_at.is_some() && theirs.held_at != ours.held_at
        || theirs.held_at.is_none() && is_new(&theirs.held_at_published, &ours.held_at_published)
    {
        merged.held_at = theirs.held_at;
        merged.held_at_published = theirs.held_at_published;
    }
    if theirs.tie_break.is_some() && theirs.tie_break != ours.tie_break {
        merged.tie_break = theirs.tie_break;
        merged.tie_break_published = theirs.tie_break_published;
    }
    if theirs.pool.is_some() {
        merged.pool = theirs.pool;
    }
    if language == Language::English {
        merged.name = theirs.name;
        if !theirs.programs.is_empty() {
            merged.programs = theirs.programs;
        }
    } else {
        merged.name_fr = theirs.name;
    }
    // The published figure has become the true one.
    if merged.invitations_true == Some(merged.invitations_published) {
        merged.invitations_true = None;
    }
    if merged.category.is_none() {
        merged.category = names.category(&merged.name);
    }
    merged
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The published fields in which two records of one round differ.
pub fn differences(before: &Draw, after: &Draw) -> Vec<FieldChange> {
    let is_known = before.invitations_true.is_some() || after.invitations_true.is_some();
    let (old, new) = (fields(before), fields(after));
    let differ = old.into_iter().zip(new).filter(|((field, before), (_, after))| {
        // Where the published figure was and is the true one, it is told once.
        before != after && (*field != "invitations_true" || is_known)
    });
    differ.map(|((field, before), (_, after))| FieldChange { field, before, after }).collect()
}

/// Every published field, named like its column, as text.
fn fields(draw: &Draw) -> Vec<(&'static str, String)> {
    let instant = |at: Option<jiff::Timestamp>, typed: &str| at.map_or_else(|| typed.to_owned(), |at| at.to_string());
    let mut fields = vec![
        ("date", draw.date.to_string()),
        ("held_at", instant(draw.held_at, &draw.held_at_published)),
        ("name", draw.name.clone()),
        ("name_fr", draw.name_fr.clone()),
        ("programs", draw.programs.clone()),
        ("invitations", draw.invitations_published.to_string()),
        // What readers were told before a wrong figure was found, they were told as the truth.
        ("invitations_true", draw.invitations().to_string()),
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

/// Whether the value stood there once and we corrected it ourselves: then the file is older than our own correction.
fn was_corrected_away(known: &Known, ours: &Draw, change: &FieldChange) -> bool {
    replaced(known, ours, change).any(|correction| correction.origin != Origin::Import)
}

/// The doubt about a value that stood there once, until another file changed it: this file may be the older one.
fn stood_before(known: &Known, ours: &Draw, change: &FieldChange) -> Option<Doubt> {
    let earlier = replaced(known, ours, change).last()?;
    let Words { field, before, after } = change.in_words();
    let sentence = format!(
        "The file gives {after} as {field}. That stood here until {}, when another file changed it to {before}: this file \
         may be the older one.",
        earlier.day().text
    );
    Some(Doubt { rule: Rule::StoodBefore, sentence })
}

/// Earlier changes that replaced the value which the file gives again.
fn replaced<'a>(known: &'a Known, ours: &Draw, change: &'a FieldChange) -> impl Iterator<Item = &'a Correction> {
    let round = ours.round.to_string();
    known.corrections.iter().filter(move |correction| {
        !change.after.is_empty()
            && correction.round == round
            // The true number stands in for a published one that we corrected.
            && correction.field.trim_end_matches("_true") == change.field.trim_end_matches("_true")
            && correction.before == change.after
    })
}

fn keep_ours(draw: &mut Draw, ours: &Draw, field: &str) {
    match field {
        "date" => draw.date = ours.date,
        "held_at" => {
            draw.held_at = ours.held_at;
            draw.held_at_published = ours.held_at_published.clone();
        }
        "name" => draw.name = ours.name.clone(),
        "name_fr" => draw.name_fr = ours.name_fr.clone(),
        "programs" => draw.programs = ours.programs.clone(),
        "invitations" => draw.invitations_published = ours.invitations_published,
        "invitations_true" => draw.invitations_true = ours.invitations_true,
        "crs" => draw.crs = ours.crs,
        "category_key" => draw.category = ours.category.clone(),
        "notes" => draw.notes = ours.notes.clone(),
        "tie_break" => {
            draw.tie_break = ours.tie_break;
            draw.tie_break_published = ours.tie_break_published.clone();
        }
        // Somebody took the pool out: a part of it would be none.
        _ if ours.pool.is_none() => draw.pool = None,
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
