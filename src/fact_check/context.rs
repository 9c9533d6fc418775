//! The draw that a sentence is about: named in the sentence, or carried over from the text before it.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use crate::draws::Draw;
use crate::fact_check::claims::{self, Claim, Figure, Value};
use crate::fact_check::context_words;
use crate::fact_check::draw_mentions::{DrawMention, MentionLookup, by_date, mentions};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::table::{Header, Headers};
use crate::fact_check::text_block::{Block, BlockKind};

/// The round a post is about: the first that its title names, else its summary, its first paragraph or all of it.
pub(super) fn topic<'r>(
    blocks: &[Block],
    sentences: &[Sentence],
    headers: &Headers<'_, '_, 'r>,
    names: MentionLookup<'r, '_>,
) -> Option<(&'r Draw, bool)> {
    let opening = blocks.iter().position(|block| block.field == "body" && block.kind == BlockKind::Paragraph);
    let opening = opening.map(|index| &blocks[index]);
    // Maximum number of draws that are distinguished.
    let named_in = |is_there: &dyn Fn(&Block) -> bool, most: usize| {
        let mut named: Vec<(&Draw, bool)> = vec![];
        for (place, sentence) in sentences.iter().enumerate().filter(|(_, sentence)| is_there(sentence.block)) {
            let reading = SentenceContext::of(sentence, headers.above(place), names);
            for mention in reading.mentions.iter().filter(|mention| !mention.is_aside) {
                let Some(draw) = mention.draw else { continue };
                match named.iter().position(|(known, _)| std::ptr::eq(*known, draw)) {
                    Some(known) => named[known].1 |= mention.is_strong,
                    None if named.len() < most => named.push((draw, mention.is_strong)),
                    None => {}
                }
            }
        }
        named
    };
    let places: [&dyn Fn(&Block) -> bool; 3] =
        [&|block| block.field == "title", &|block| block.field == "summary", &|block| {
            opening.is_some_and(|opening| std::ptr::eq(opening, block))
        }];
    for is_there in places {
        // An opening of several rounds is about none of them in particular, unless it begins with one.
        if let Some(topic) = named_in(is_there, 1).first() {
            return Some(*topic);
        }
    }
    let all = named_in(&|_| true, 2);
    if let [only] = all.as_slice() { Some(*only) } else { None }
}

/// A sentence with what it names and claims.
pub(super) struct SentenceContext<'s, 'a, 'r> {
    pub sentence: &'s Sentence<'a>,
    pub mentions: Vec<DrawMention<'r>>,
    pub claims: Vec<Claim>,
    /// Whether one of its dates is no claim, and so of a day that names no round.
    pub has_other_date: bool,
}

impl<'s, 'a, 'r> SentenceContext<'s, 'a, 'r> {
    pub fn of(sentence: &'s Sentence<'a>, header: Option<&Header<'_, '_, 'r>>, names: MentionLookup<'r, '_>) -> Self {
        let mut claims = claims::of_dates(sentence, header);
        let is_named = mentions(sentence, header, names, &[]).iter().any(|mention| mention.is_strong);
        let other: Vec<usize> = claims
            .iter()
            .filter(|claim| claim.figure == Figure::TieBreak || is_named)
            .filter_map(|claim| if let Value::Date(index) = claim.value { Some(index) } else { None })
            .collect();
        let mut mentions = mentions(sentence, header, names, &other);
        // A list of figures may name its round by nothing but the day.
        let is_of_day = |claim: &&Claim| claim.is_labelled && claim.figure == Figure::Date && mentions.is_empty();
        let day = claims
            .iter()
            .find(is_of_day)
            .and_then(|claim| sentence.dates.iter().find(|date| date.tokens == claim.tokens));
        mentions.extend(day.and_then(|date| by_date(sentence, date, names)).filter(|mention| mention.draw.is_some()));
        let named: Vec<Range<usize>> =
            mentions.iter().filter(|mention| mention.column.is_none()).map(|mention| mention.tokens.clone()).collect();
        claims.extend(claims::of_numbers(sentence, header, &named));
        let claimed: BTreeSet<usize> = claims
            .iter()
            .filter_map(|claim| if let Value::Date(index) = claim.value { Some(index) } else { None })
            .collect();
        let has_other_date = claimed.len() < sentence.dates.len();
        Self { sentence, mentions, claims, has_other_date }
    }

    pub fn named_draws(&self) -> impl Iterator<Item = &'r Draw> {
        self.mentions.iter().filter_map(|mention| mention.draw)
    }

    pub fn subjects(&self) -> impl Iterator<Item = &DrawMention<'r>> {
        self.mentions.iter().filter(|mention| !mention.is_aside)
    }

    pub fn nearest(&self, at: usize) -> Option<&DrawMention<'r>> {
        self.subjects().min_by_key(|mention| distance(mention, at))
    }
}

/// How many tokens lie between a round’s name and a place.
pub(super) fn distance(mention: &DrawMention, at: usize) -> usize {
    if at < mention.tokens.start { mention.tokens.start - at } else { (at + 1).saturating_sub(mention.tokens.end) }
}

/// The rounds spoken of so far.
pub(super) struct DiscourseContext<'r> {
    /// What the post is about, and whether it says so by more than a date.
    pub topic: Option<(&'r Draw, bool)>,
    /// The round named last in this section; `None` within stands for one that the record does not have.
    last: Option<Option<(&'r Draw, bool)>>,
    /// Every round named in this section, once.
    named: Vec<&'r Draw>,
    known: HashSet<*const Draw>,
    place: (&'static str, usize),
}

impl<'r> DiscourseContext<'r> {
    pub fn about(topic: Option<(&'r Draw, bool)>) -> Self {
        Self { topic, last: None, named: vec![], known: HashSet::new(), place: ("", 0) }
    }

    pub fn enter(&mut self, block: &Block) {
        if self.place != (block.field, block.section) {
            self.place = (block.field, block.section);
            self.last = None;
            self.named.clear();
            self.known.clear();
        }
    }

    pub fn observe(&mut self, reading: &SentenceContext<'_, '_, 'r>) {
        let known = |mention: &DrawMention<'r>| mention.draw.map(|draw| (draw, mention.is_strong));
        let subjects = reading.subjects().filter(|mention| mention.draw.is_some() || mention.is_strong);
        for subject in subjects.map(known) {
            self.last = Some(subject);
            if let Some((draw, _)) = subject
                && self.known.insert(draw)
            {
                self.named.push(draw);
            }
        }
        if context_words::is_provincial(reading.sentence) {
            self.last = Some(None);
        }
    }

    /// The round that a sentence without a name speaks of.
    pub fn current(&self) -> Option<(&'r Draw, bool)> {
        self.last.unwrap_or(self.topic)
    }

    pub fn subject(&self) -> Option<&'r Draw> {
        self.current().map(|(draw, _)| draw)
    }

    /// The rounds that such a sentence may speak of.
    pub fn candidates(&self) -> impl Iterator<Item = &'r Draw> {
        self.named.iter().copied().chain(self.topic.map(|(draw, _)| draw))
    }
}
