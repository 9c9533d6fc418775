//! Findings of the comparison: what the record says instead, and the fix if it is certain.

use std::ops::Range;

use jiff::civil::Weekday;

use crate::draws::Draw;
use crate::fact_check::claim::{Claim, Quantity};
use crate::fact_check::claims::Statement;
use crate::fact_check::date_parser::french_weekday_name;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::finding::{Finding, RawFinding, Rule, Severity, SuggestedFix};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::verdict::Verdict;
use crate::web::{DisplayTime, french_month_name, with_thousands};

/// The finding that states a verdict.
pub(super) fn finding(verdict: &Verdict, statements: &[Statement], newest: Option<&Draw>) -> RawFinding {
    match verdict {
        Verdict::NoDraw { claim } => {
            let (sentence, at) = place(claim, statements);
            let reason = format!("The record has no draw on {}.", &sentence.block.text[at.clone()]);
            let (start, finding) = sentence.finding(Rule::NoSuchDraw, at, reason, None);
            // The day may be one of another event.
            let severity = if claim.is_weak { Severity::Hint } else { Severity::Error };
            (start, Finding { severity, ..finding })
        }
        Verdict::NoNumber { statement, token, number } => {
            let sentence = statements[*statement].sentence;
            let last = newest.map(|draw| format!(" The newest draw is {} of {}.", draw.round, draw.day().text));
            let reason = format!("The record has no draw {number}.{}", last.unwrap_or_default());
            sentence.finding(Rule::NoSuchDraw, sentence.span(*token, *token), reason, None)
        }
        Verdict::WrongNumber { statement, token, named, right } => {
            let sentence = statements[*statement].sentence;
            let day = |draw: &Draw| draw.day().text;
            let (wrong, number) = (&named.round, &right.round);
            let held = format!("Draw {wrong} was held on {}.", day(named));
            let reason = format!("{held} These figures are those of draw {number} of {}.", day(right));
            sentence.finding(Rule::Figure, sentence.span(*token, *token), reason, Some(number.to_string()))
        }
        Verdict::WrongDate { claim, figures, named, right } => {
            let (sentence, at) = place(claim, statements);
            let first = match (named, figures.first()) {
                (Some(draw), Some(figure)) => differs(figure, draw, statements),
                _ => format!("The record has no draw on {}.", &sentence.block.text[at.clone()]),
            };
            let second = match figures.as_slice() {
                [figure] => belongs(figure, right),
                _ => format!("These figures are those of draw {} of {}.", right.round, right.day().text),
            };
            let rule = if named.is_some() { Rule::Figure } else { Rule::NoSuchDraw };
            // With one figure and two draws of one kind, either the day or the figure may be wrong.
            let categories = &statements[claim.statement].categories;
            let is_of_category = |draw: &Draw| draw.category.as_deref().is_some_and(|key| categories.contains(&key));
            let is_other_kind = |named: &Draw| named.category != right.category && !is_of_category(named);
            let is_clear = named.is_none_or(is_other_kind) || figures.len() > 1;
            let fix = fix(claim, right, statements).filter(|_| is_clear);
            sentence.finding_with(rule, at, format!("{first} {second}"), fix)
        }
        Verdict::WrongCategory { claim, draw, right } => {
            let (sentence, at) = place(claim, statements);
            let describe = |draw: &Draw| format!("draw {} of {} “{}”", draw.round, draw.day().text, draw.name);
            let reason = format!("The record calls {}, and {}.", describe(draw), describe(right));
            sentence.finding(Rule::Figure, at, reason, None)
        }
        Verdict::Differs { claim, draw, other, is_certain } => {
            let (sentence, at) = place(claim, statements);
            let fix = fix(claim, draw, statements).filter(|_| *is_certain);
            let other = other.map(|other| format!(" {}", belongs(claim, other))).unwrap_or_default();
            let reason = format!("{}{other}", differs(claim, draw, statements));
            let (start, finding) = sentence.finding_with(Rule::Figure, at, reason, fix);
            // A number without clear words may be something else.
            let severity = if claim.is_weak { Severity::Hint } else { Severity::Error };
            (start, Finding { severity, ..finding })
        }
    }
}

/// Which draw has this figure.
fn belongs(claim: &Claim, draw: &Draw) -> String {
    let (number, day) = (&draw.round, draw.day().text);
    match claim.quantity {
        Quantity::Invitations => format!("{} people were invited on {day} in draw {number}.", draw.invitations_text()),
        Quantity::CutOff => format!("The cut-off of draw {number} of {day} was {}.", draw.crs),
        _ => format!("This is the tie-break of draw {number} of {day}."),
    }
}

/// The sentence of a claim and its place.
fn place<'s, 'a>(claim: &Claim, statements: &[Statement<'s, 'a>]) -> (&'s Sentence<'a>, Range<usize>) {
    let sentence = statements[claim.statement].sentence;
    (sentence, sentence.span(claim.tokens.start, claim.tokens.end - 1))
}

/// What the record says of a draw in place of a claim.
fn differs(claim: &Claim, draw: &Draw, statements: &[Statement]) -> String {
    let (sentence, at) = place(claim, statements);
    let typed = &sentence.block.text[at];
    let (number, day) = (&draw.round, draw.day().text);
    let date = claim.date(sentence);
    match claim.quantity {
        Quantity::Invitations => {
            let published = draw.invitations_published_in_error();
            let note = published.map(|figure| format!(" ({figure} were published by mistake)")).unwrap_or_default();
            format!("Draw {number} of {day} invited {} people, not {typed}{note}.", draw.invitations_text())
        }
        Quantity::CutOff => format!("The cut-off of draw {number} of {day} was {}, not {typed}.", draw.crs),
        Quantity::TieBreak => {
            let record = draw.tie_break_instant().map(|at| at.text);
            if date.and_then(ParsedDate::date).is_some_and(|day| day > draw.date) {
                let truth = record.map(|at| format!(" The record says {at}.")).unwrap_or_default();
                format!(
                    "A tie-break cannot be later than the draw: {typed} is later than {day}, the date of draw {number}.{truth}"
                )
            } else {
                format!("The tie-break of draw {number} was {}, not {typed}.", record.unwrap_or_default())
            }
        }
        _ => {
            let time = draw
                .held_at
                .map(|at| DisplayTime::utc(at).text)
                .filter(|_| date.is_some_and(|date| date.time.is_some()));
            format!("Draw {number} was held on {}, not {typed}.", time.unwrap_or(day))
        }
    }
}

/// Replaces a claim, and the weekday before a date if it is wrong as well.
fn fix(claim: &Claim, draw: &Draw, statements: &[Statement]) -> Option<SuggestedFix> {
    let (sentence, mut at) = place(claim, statements);
    let weekday = claim.date(sentence).and_then(|date| date.weekday).filter(|_| claim.quantity == Quantity::Date);
    if let Some((_, token)) =
        weekday.filter(|(weekday, token)| *weekday != draw.date.weekday() && *token < claim.tokens.start)
    {
        at.start = sentence.tokens[token].range.start;
    }
    sentence.fix(&at, replacement(claim, draw, statements)?)
}

/// Text in place of a claim: a token, or in French the value in the format of the text.
fn replacement(claim: &Claim, draw: &Draw, statements: &[Statement]) -> Option<String> {
    let sentence = statements[claim.statement].sentence;
    let date = claim.date(sentence);
    let has_time = date.is_some_and(|date| date.time.is_some());
    if sentence.block.is_french {
        return match claim.quantity {
            Quantity::Invitations => Some(french_number(
                draw.invitations(),
                &sentence.block.text[sentence.span(claim.tokens.start, claim.tokens.end - 1)],
            )),
            Quantity::CutOff => Some(draw.crs.to_string()),
            Quantity::Date if !has_time => {
                let is_replaced = |(weekday, token): &(Weekday, usize)| {
                    *weekday != draw.date.weekday() && *token < claim.tokens.start
                };
                Some(french_date(draw, date?.year.is_some(), date?.weekday.filter(is_replaced).is_some()))
            }
            _ => None,
        };
    }
    let field = match claim.quantity {
        Quantity::Invitations => "invitations",
        Quantity::CutOff => "crs",
        Quantity::TieBreak => draw.tie_break.map(|_| "tie-break")?,
        _ if has_time => draw.held_at.map(|_| "time")?,
        _ => "date",
    };
    Some(format!("{{{{draw {} {field}}}}}", draw.round))
}

/// A number with the thousands separator of the typed one, or a narrow space.
fn french_number(number: i64, typed: &str) -> String {
    let separator = typed.chars().find(|c| !c.is_ascii_digit()).unwrap_or('\u{202F}');
    with_thousands(number).replace(',', &separator.to_string())
}

/// `25 novembre 2025`, `mardi 25 novembre`
fn french_date(draw: &Draw, has_year: bool, has_weekday: bool) -> String {
    let date = draw.date;
    let weekday = if has_weekday { format!("{} ", french_weekday_name(date.weekday())) } else { String::new() };
    let day = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    let month = french_month_name(date.month());
    let year = if has_year { format!(" {}", date.year()) } else { String::new() };
    format!("{weekday}{day} {month}{year}")
}
