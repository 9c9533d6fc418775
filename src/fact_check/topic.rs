//! Subject of a text, and the other draws that it names.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::Draw;
use crate::fact_check::calendar::Calendar;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::draw_index::{DrawIndex, sort_unique};
use crate::fact_check::groups::{Surroundings, numbered};
use crate::fact_check::references::ReferenceKind;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::verdict::Comparison;
use crate::fact_check::word_classes::class;

/// Days after its publication, or after the last draw that it names, within which a draw can be known to a text: pages
/// are kept up to date, and drafts are checked before they are published.
const MAX_DAYS_AHEAD: i64 = 7;

/// What a text is about: the draws that its title names, else its summary, its opening or all of it, else those of the
/// days before the publication.
pub(super) fn surroundings<'r>(
    statements: &[Statement],
    index: &DrawIndex<'r>,
    calendar: &Calendar,
) -> Surroundings<'r> {
    let mut around = Surroundings::default();
    let reference_day = calendar.reference_day;
    // The day may differ between time zones.
    let last = reference_day.saturating_add(1.days());
    around.add_nearby(index, std::iter::once(reference_day), last);
    let opening = statements.iter().position(|statement| {
        statement.sentence.block.field == "body" && statement.sentence.block.kind == BlockKind::Paragraph
    });
    let opening = opening.map(|at| statements[at].sentence.block);
    let is_of_year = |statement: &Statement| statement.years().next().is_some() && !statement.has("onedraw");
    let mut titles = statements.iter().filter(|statement| statement.sentence.block.field == "title");
    around.is_of_year = titles.any(is_of_year);
    let titles = statements.iter().filter(|statement| statement.sentence.block.field == "title");
    around.title_years = titles.flat_map(|statement| statement.years()).collect();
    let mut topics: [Vec<(&Draw, bool)>; 4] = Default::default();
    for statement in statements {
        let comparison = Comparison { statements, index, calendar, around: &around };
        let named = if statement.is_provincial { vec![] } else { draws_in(statement, &comparison) };
        let asides = statement.claims.iter().filter(|claim| claim.quantity == Quantity::Aside);
        let days: Vec<Date> = asides.flat_map(|claim| comparison.days(claim)).collect();
        let block = statement.sentence.block;
        let place = match block.field {
            "title" => 0,
            "summary" => 1,
            _ if opening.is_some_and(|opening| std::ptr::eq(opening, block)) => 2,
            _ => 3,
        };
        topics[place].extend(&named);
        around.named.extend(named.into_iter().map(|(draw, _)| draw));
        around.mentioned.extend(days.into_iter().flat_map(|day| index.between(day, day)).copied());
    }
    sort_unique(&mut around.named);
    sort_unique(&mut around.mentioned);
    let [title, summary, opening, rest] = topics;
    let (recent, fitting, is_confirmed) =
        latest(statements, &Comparison { statements, index, calendar, around: &around });
    // A text with two figures of a recent draw is about that draw, not about an older one that its opening compares.
    let is_older =
        |(draw, _): &(&Draw, bool)| recent.is_none_or(|recent| draw.date < recent.date.saturating_sub(10.days()));
    let is_about_recent = fitting > 1 && title.is_empty() && summary.is_empty() && opening.first().is_none_or(is_older);
    if is_about_recent {
        around.topic.extend(recent);
        around.is_topic_inferred = true;
    }
    for named in [title, summary, opening] {
        if let (true, Some((first, is_named))) = (around.topic.is_empty(), named.first().copied()) {
            around.topic = vec![first];
            around.is_topic_named = is_named;
            // Two draws on one day.
            around.topic.extend(
                named
                    .iter()
                    .map(|(draw, _)| *draw)
                    .filter(|draw| draw.date == first.date && !std::ptr::eq(*draw, first)),
            );
            around.topic.dedup_by_key(|draw| &draw.round);
        }
    }
    if let (true, [only], Some((_, is_named))) = (around.topic.is_empty(), around.named.as_slice(), rest.first()) {
        (around.topic, around.is_topic_named) = (vec![*only], *is_named);
    }
    if around.topic.is_empty() {
        around.topic.extend(recent);
        (around.is_topic_inferred, around.is_topic_assumed) = (true, !is_confirmed);
    }
    let figures = statements.iter().flat_map(|statement| &statement.claims);
    around.figures =
        figures.filter_map(|claim| if let Value::Number(number) = claim.value { Some(number) } else { None }).collect();
    let dates =
        statements.iter().flat_map(|statement| &statement.claims).filter(|claim| matches!(claim.value, Value::Date(_)));
    let comparison = Comparison { statements, index, calendar, around: &around };
    around.days = dates.flat_map(|claim| comparison.days(claim)).collect();
    around.misnamed = misnamed(statements, index, reference_day);
    if let Some((_, right)) = around.misnamed {
        around.topic = vec![right];
    }
    let named = around.named.iter().map(|draw| draw.date).max();
    around.last_known = named.unwrap_or(reference_day).max(reference_day).saturating_add(MAX_DAYS_AHEAD.days());
    let days: Vec<Date> = around.topic.iter().map(|draw| draw.date).collect();
    around.add_nearby(index, days.into_iter(), last);
    around.months_around = months_around(&around, index, reference_day);
    around.most_invitations =
        around.months_around.iter().map(|draw| draw.invitations()).max().unwrap_or_default().max(5000);
    around
}

/// The draw that a text names first by its number but gives no figure of, if it gives both figures of one other draw of
/// these weeks, which it does not name.
fn misnamed<'r>(statements: &[Statement], index: &DrawIndex<'r>, reference_day: Date) -> Option<(&'r Draw, &'r Draw)> {
    const MAX_DAYS: i64 = 20;
    let own = || statements.iter().filter(|statement| !statement.is_provincial && !statement.has("future"));
    let numbers = |statement: &Statement| {
        let references = statement.references.iter().filter(|reference| !reference.is_aside);
        let numbers = references.filter_map(|reference| match &reference.kind {
            ReferenceKind::Numbers(numbers) => Some(numbers.clone()),
            ReferenceKind::Previous | ReferenceKind::Day(_) => None,
        });
        numbers.flatten().collect::<Vec<_>>()
    };
    let named: Vec<(&Draw, &Statement)> = own()
        .flat_map(|statement| numbers(statement).into_iter().map(move |number| (number, statement)))
        .filter_map(|(number, statement)| Some((index.with_number(&number)?, statement)))
        .collect();
    let (wrong, naming) = *named.first()?;
    let states = |claim: &Claim, quantity: Quantity, number: i64| {
        claim.value == Value::Number(number) && (claim.quantity == quantity || claim.is_weak)
    };
    let figures = |draw: &Draw| [(Quantity::Invitations, draw.invitations()), (Quantity::CutOff, draw.crs)];
    let gives = |(quantity, number): (Quantity, i64)| {
        own().flat_map(|statement| &statement.claims).any(|claim| states(claim, quantity, number))
    };
    if figures(wrong).into_iter().any(gives) {
        return None;
    }
    let near = [wrong.date, reference_day].into_iter().flat_map(|day| index.around(day, MAX_DAYS)).copied();
    let mut right: Vec<&Draw> = near
        .filter(|draw| draw.date <= reference_day.saturating_add(1.days()) && figures(draw).into_iter().all(gives))
        .filter(|draw| !named.iter().any(|(named, _)| std::ptr::eq(*named, *draw)))
        .collect();
    sort_unique(&mut right);
    // If the text gives the figures of several draws, those beside the number count.
    let is_beside = |draw: &&Draw| {
        let mut figures = figures(draw).into_iter();
        figures.any(|(quantity, number)| naming.claims.iter().any(|claim| states(claim, quantity, number)))
    };
    if right.iter().filter(|draw| is_beside(draw)).count() == 1 {
        right.retain(is_beside);
    }
    if right.len() > 1 {
        // "Yesterday's draw number 276"
        right.retain(|draw| draw.date >= reference_day.saturating_sub(1.days()));
    }
    let [right] = right.as_slice() else { return None };
    Some((wrong, *right))
}

/// Draws of the two months before and of some days after those that the text names, or before its publication.
fn months_around<'r>(around: &Surroundings<'r>, index: &DrawIndex<'r>, reference_day: Date) -> Vec<&'r Draw> {
    let named = around.topic.iter().chain(&around.named).chain(&around.mentioned).map(|draw| draw.date);
    let published = Some(reference_day).filter(|_| around.is_topic_inferred);
    let days = named.chain(published);
    let near = |day: Date| index.between(day.saturating_sub(60.days()), day.saturating_add(15.days())).iter().copied();
    let mut found: Vec<&Draw> = days.flat_map(near).collect();
    sort_unique(&mut found);
    found
}

/// The draw of the days before the publication that has most figures of the text, or the category of its title or
/// opening; and whether it has any of them.
fn latest<'r>(statements: &[Statement], comparison: &Comparison<'_, '_, '_, 'r>) -> (Option<&'r Draw>, usize, bool) {
    const MAX_DAYS: i64 = 10;
    const MAX_OPENING: usize = 4;
    let day = comparison.calendar.reference_day;
    let mut categories: Vec<&str> = vec![];
    for statement in statements.iter().take(MAX_OPENING) {
        if categories.is_empty() {
            categories.clone_from(&statement.categories);
        }
    }
    let is_of_category = |draw: &Draw| draw.category.as_deref().is_some_and(|key| categories.contains(&key));
    let figures = || {
        statements
            .iter()
            .flat_map(|statement| &statement.claims)
            .filter(|claim| !claim.is_weak && matches!(claim.quantity, Quantity::Invitations | Quantity::CutOff))
    };
    let fitting = |draw: &Draw| figures().filter(|claim| comparison.fits(claim, draw)).count();
    let recent = comparison.index.between(day.saturating_sub(MAX_DAYS.days()), day);
    let best = recent.iter().copied().max_by_key(|draw| (fitting(draw), is_of_category(draw), draw.round.sort_key()));
    let fits = best.map_or(0, fitting);
    (best, fits, fits > 0 || best.is_some_and(is_of_category))
}

/// Draws that a statement names, and whether by more than their date.
fn draws_in<'r>(statement: &Statement, comparison: &Comparison<'_, '_, '_, 'r>) -> Vec<(&'r Draw, bool)> {
    let index = comparison.index;
    let mut found: Vec<(&Draw, bool)> = vec![];
    for reference in statement.references.iter().filter(|reference| !reference.is_aside) {
        if let ReferenceKind::Numbers(numbers) = &reference.kind {
            found.extend(numbered(statement, numbers, index).into_iter().map(|draw| (draw, true)));
        }
    }
    for claim in
        statement.claims.iter().filter(|claim| claim.quantity == Quantity::Date && !claim.clause.has(class("compare")))
    {
        let on_day: Vec<&Draw> =
            comparison.days(claim).into_iter().flat_map(|day| index.between(day, day)).copied().collect();
        let of_category: Vec<&Draw> = on_day
            .iter()
            .copied()
            .filter(|draw| draw.category.as_deref().is_some_and(|key| statement.categories.contains(&key)))
            .collect();
        found.extend((if of_category.is_empty() { on_day } else { of_category }).into_iter().map(|draw| (draw, false)));
    }
    found
}
