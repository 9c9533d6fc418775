//! Check of figures against the record of the draw they belong to.

use std::collections::HashSet;

use crate::draws::Draw;
use crate::fact_check::calendar::Calendar;
use crate::fact_check::claims::Figure;
use crate::fact_check::compare::{Comparison, Outcome};
use crate::fact_check::context::{DiscourseContext, SentenceContext, topic};
use crate::fact_check::draw_mentions::{DrawIndex, MentionLookup};
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::table::Headers;
use crate::fact_check::text_block::Block;
use crate::fact_check::{DrawRecord, rank};

/// Figures that differ from the record, and ranks taken for scores.
pub(super) fn findings(
    blocks: &[Block],
    sentences: &[Sentence],
    record: &DrawRecord,
    calendar: &Calendar,
) -> Vec<RawFinding> {
    let rounds = DrawIndex::of(*record);
    let names = MentionLookup { record: *record, rounds: &rounds, calendar, near: None };
    let headers = Headers::of(sentences, &rounds);
    let topic = topic(blocks, sentences, &headers, names);
    let names = MentionLookup { near: topic.as_ref().map(|(draw, _)| draw.date), ..names };
    let mut context = DiscourseContext::about(topic);
    let mut found = vec![];
    let mut place = 0;
    for block in sentences.chunk_by(|one, next| std::ptr::eq(one.block, next.block)) {
        let Some(first) = block.first() else { continue };
        let header = headers.above(place);
        place += block.len();
        context.enter(first.block);
        let read: Vec<SentenceContext> =
            block.iter().map(|sentence| SentenceContext::of(sentence, header, names)).collect();
        let is_correction = first.block.field == "correction";
        let quoted = if is_correction { quoted(&read) } else { vec![] };
        let is_explained = is_correction && is_explained(block);
        // A correction repeats what was wrong: there the true figure beside it is enough.
        let also = quoted.as_slice();
        let mut fits: Vec<Figure> = vec![];
        let mut wrong = vec![];
        for reading in &read {
            let round = reading.nearest(0).and_then(|mention| mention.draw).or(context.subject());
            if !is_explained {
                found.extend(rank::finding(reading.sentence, round));
            }
            for claim in &reading.claims {
                match (Comparison { reading, claim, thread: &context, also, names }).compare() {
                    Outcome::Matches => fits.push(claim.figure),
                    Outcome::Unknown => {}
                    Outcome::Differs(finding) => wrong.push((claim.figure, finding)),
                }
            }
            context.observe(reading);
        }
        wrong.retain(|(figure, _)| !is_correction || !fits.contains(figure));
        found.extend(wrong.into_iter().map(|(_, finding)| finding));
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

/// Every round that a block names, once.
fn quoted<'r>(read: &[SentenceContext<'_, '_, 'r>]) -> Vec<&'r Draw> {
    let mut seen = HashSet::new();
    read.iter().flat_map(SentenceContext::named_draws).filter(|draw| seen.insert(&draw.round)).collect()
}

fn is_explained(block: &[Sentence]) -> bool {
    block.iter().any(|sentence| sentence.has(&["place", "placed", "line", "position"]))
}
