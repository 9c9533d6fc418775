//! Comparison of a claimed figure with the draw record, and the message if they differ.

use jiff::tz::TimeZone;

use crate::draws::Draw;
use crate::fact_check::calendar::Calendar;
use crate::fact_check::claims::{Claim, Figure, Value};
use crate::fact_check::context::{DiscourseContext, SentenceContext, distance};
use crate::fact_check::context_words;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::draw_mentions::{DrawMention, MentionLookup, categories};
use crate::fact_check::finding::{RawFinding, Rule};
use crate::web::{DisplayDate, DisplayTime, with_thousands};

/// What comes of a claim.
pub(super) enum Outcome {
    Matches,
    /// The draw cannot be determined.
    Unknown,
    Differs(RawFinding),
}

/// Claim with its context, which determines the draw.
pub(super) struct Comparison<'c, 's, 'a, 'r> {
    pub reading: &'c SentenceContext<'s, 'a, 'r>,
    pub claim: &'c Claim,
    pub thread: &'c DiscourseContext<'r>,
    /// Rounds that the figure may also be of, wherever they are named.
    pub also: &'c [&'r Draw],
    pub names: MentionLookup<'r, 'c>,
}

impl<'r> Comparison<'_, '_, '_, 'r> {
    pub fn compare(&self) -> Outcome {
        let sentence = self.reading.sentence;
        let at = self.claim.tokens.start;
        let in_column = |mention: &&DrawMention| mention.column.is_some() && mention.column == self.claim.column;
        let has_column = self.reading.mentions.iter().any(|mention| in_column(&mention));
        let subjects: Vec<&DrawMention> = self
            .reading
            .subjects()
            .filter(|mention| if has_column { in_column(mention) } else { mention.column.is_none() })
            .collect();
        if self.also.iter().any(|draw| self.matches(draw)) {
            return Outcome::Matches;
        }
        // Beside a label the day is a figure like the others, though it could name a round by itself.
        let is_label = self.claim.is_labelled && self.claim.figure == Figure::Date;
        if is_label && subjects.iter().all(|mention| !mention.is_strong) {
            return self.compare_unnamed();
        }
        let Some(nearest) = subjects.iter().min_by_key(|mention| distance(mention, at)) else {
            return self.compare_unnamed();
        };
        if subjects.iter().filter_map(|mention| mention.draw).any(|draw| self.matches(draw)) {
            return Outcome::Matches;
        }
        if sentence.has(&["this", "these", "that"]) && self.thread.candidates().any(|draw| self.matches(draw)) {
            return Outcome::Matches;
        }
        if self.reading.named_draws().any(|draw| self.matches(draw)) {
            return Outcome::Matches;
        }
        let other = || context_words::distance_to_other(sentence, at, self.claim.figure == Figure::TieBreak);
        let is_of_another = || other().is_some_and(|other| other < distance(nearest, at));
        let is_unknown = subjects.iter().any(|mention| mention.draw.is_none());
        match nearest.draw {
            Some(draw) if !is_unknown && !context_words::is_provincial(sentence) && !is_of_another() => {
                self.wrong(draw, nearest)
            }
            _ => Outcome::Unknown,
        }
    }

    /// A sentence that names no round speaks of the one at hand, unless its words turn elsewhere.
    fn compare_unnamed(&self) -> Outcome {
        let sentence = self.reading.sentence;
        if self.thread.candidates().any(|draw| self.matches(draw)) {
            return Outcome::Matches;
        }
        let is_loose = match (self.claim.figure, self.claim.value) {
            (Figure::TieBreak, _) => context_words::is_other_tie_break(sentence),
            // No round has gone so low; such scores are of the selection grid or of a language test.
            (Figure::Crs, Value::Number(score)) if score < 70 => true,
            _ => context_words::is_unspecific(sentence) || self.reading.has_other_date,
        };
        let is_day = self.claim.is_labelled && self.claim.figure == Figure::Date;
        let is_elsewhere = !(self.reading.mentions.is_empty() || is_day)
            || self.claim.needs_name
            || context_words::is_provincial(sentence);
        let Some((draw, is_strong)) = self.thread.current().filter(|_| !is_loose && !is_elsewhere) else {
            return Outcome::Unknown;
        };
        // A round known by its date alone cannot be held to another date.
        if self.claim.figure == Figure::Date && !is_strong {
            return Outcome::Unknown;
        }
        let here = DrawMention { draw: Some(draw), tokens: 0..0, is_strong, is_aside: false, column: None };
        self.wrong(draw, &here)
    }

    fn date(&self) -> Option<&ParsedDate> {
        let Value::Date(index) = self.claim.value else { return None };
        self.reading.sentence.dates.get(index)
    }

    fn matches(&self, draw: &Draw) -> bool {
        match (self.claim.figure, self.claim.value) {
            (Figure::Invitations, Value::Number(number)) => {
                let is_published = || number == draw.invitations_published && self.reading.sentence.has(&["published"]);
                number == draw.invitations() || is_published()
            }
            (Figure::Crs, Value::Number(number)) => number == draw.crs,
            (Figure::TieBreak, _) => self.date().is_some_and(|date| draw.tie_break.is_some_and(|at| date.matches(at))),
            (Figure::Date, _) => self.date().is_some_and(|date| {
                let published = draw.date_published.filter(|_| self.reading.sentence.has(&["published"]));
                is_day_of(draw, date) || published.is_some_and(|day| date.is_day(day))
            }),
            _ => false,
        }
    }

    fn wrong(&self, draw: &'r Draw, nearest: &DrawMention) -> Outcome {
        let Some(reason) = self.reason(draw) else { return Outcome::Unknown };
        let sentence = self.reading.sentence;
        let tokens = &self.claim.tokens;
        let at = sentence.span(tokens.start, tokens.end - 1);
        let round = &draw.round;
        let mut fix_range = at.clone();
        let replacement = match self.claim.figure {
            Figure::Invitations => Some(format!("{{{{draw {round} invitations}}}}")),
            Figure::Crs => Some(format!("{{{{draw {round} crs}}}}")),
            Figure::TieBreak => draw.tie_break.map(|_| format!("{{{{draw {round} tie-break}}}}")),
            Figure::Date => {
                let weekday = self.date().and_then(|date| date.weekday).map(|(_, token)| token);
                let first = weekday.unwrap_or(tokens.start).min(tokens.start);
                fix_range = sentence.span(first, tokens.end - 1);
                let time = self.date().and_then(|date| date.time);
                Some(format!("{{{{draw {round} {}}}}}", if time.is_some() { "time" } else { "date" }))
            }
        };
        let (mut reason, mut replacement) = (reason, replacement);
        if let Some(other) = self.other_matching_draw(draw) {
            reason = format!("{reason} {}", self.describe_match(other));
            // The figure is right and the day is wrong: that is what has to change.
            if !nearest.is_strong && !nearest.tokens.is_empty() {
                fix_range = sentence.span(nearest.tokens.start, nearest.tokens.end - 1);
                replacement = Some(format!("{{{{draw {} date}}}}", other.round));
            }
        }
        let suggested_fix = replacement.and_then(|replacement| sentence.fix(&fix_range, replacement));
        Outcome::Differs(sentence.finding_with(Rule::Figure, at, reason, suggested_fix))
    }

    /// What the record says instead; `None` where it does not know.
    fn reason(&self, draw: &Draw) -> Option<String> {
        let (round, day) = (&draw.round, draw.day().text);
        let sentence = self.reading.sentence;
        let tokens = &self.claim.tokens;
        let typed = &sentence.block.text[sentence.span(tokens.start, tokens.end - 1)];
        Some(match self.claim.figure {
            Figure::Invitations => {
                let published = draw.invitations_published_in_error();
                let note = published.map(|figure| format!(" ({figure} were published by mistake)")).unwrap_or_default();
                format!("Draw {round} of {day} invited {} people, not {typed}{note}.", draw.invitations_text())
            }
            Figure::Crs => format!("The cut-off of draw {round} of {day} was {}, not {typed}.", draw.crs),
            Figure::Date => {
                let held = draw.held_at.map(|at| DisplayTime::utc(at).text);
                let held = held.filter(|_| self.date().is_some_and(|date| date.time.is_some()));
                format!("Draw {round} was held on {}, not {typed}.", held.unwrap_or(day))
            }
            Figure::TieBreak => return self.tie_break_reason(draw, typed),
        })
    }

    fn tie_break_reason(&self, draw: &Draw, typed: &str) -> Option<String> {
        let round = &draw.round;
        let record = draw.tie_break_instant().map(|at| at.text);
        let is_after = self.date().and_then(ParsedDate::date).is_some_and(|day| day > draw.date);
        if is_after {
            let truth = record.map(|at| format!(" The record says {at}.")).unwrap_or_default();
            let day = draw.day().text;
            return Some(format!(
                "A tie-break cannot be later than the draw: {typed} is later than {day}, the date of draw {round}.{truth}"
            ));
        }
        record.map(|at| format!("The tie-break of draw {round} was {at}, not {typed}."))
    }

    /// The one round of these days and of the kind spoken of that the figure fits.
    fn other_matching_draw(&self, draw: &Draw) -> Option<&'r Draw> {
        let mut kinds: Vec<&str> = categories(self.reading.sentence).to_vec();
        kinds.extend(draw.category.as_deref());
        kinds.extend(self.thread.topic.and_then(|(topic, _)| topic.category.as_deref()));
        let mut fitting = self.names.record.draws.iter().filter(|other| {
            other.round != draw.round
                && other.category.as_deref().is_some_and(|category| kinds.contains(&category))
                && self.matches(other)
                && Calendar::are_close(other.date, draw.date, 14)
        });
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn describe_match(&self, other: &Draw) -> String {
        let (round, day) = (&other.round, other.day().text);
        match self.claim.figure {
            Figure::Invitations => {
                format!("{} people were invited on {day} in draw {round}.", with_thousands(other.invitations()))
            }
            Figure::Crs => format!("The cut-off of draw {round} of {day} was {}.", other.crs),
            Figure::TieBreak => format!("This is the tie-break of draw {round} of {day}."),
            Figure::Date => format!("Draw {round} was held on {}.", DisplayDate::from(other.date).text),
        }
    }
}

/// Whether a date is the day of a round, in Canada or in UTC, and its time, if given to the second, the round’s.
fn is_day_of(draw: &Draw, date: &ParsedDate) -> bool {
    let held = draw.held_at.map(|at| at.to_zoned(TimeZone::UTC).datetime());
    let is_day = date.is_day(draw.date) || held.is_some_and(|at| date.is_day(at.date()));
    let time = date.time.filter(|time| time.is_utc);
    is_day
        && time.zip(held).is_none_or(|(time, held)| {
            (time.hour, time.minute) == (held.hour(), held.minute())
                && time.second.is_none_or(|second| second == held.second())
        })
}
