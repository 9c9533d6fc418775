//! Mentions of draws in a sentence: by number, link, token or date.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::civil::Date;

use crate::draws::{Draw, DrawNumber};
use crate::fact_check::calendar::Calendar;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::table::Header;
use crate::fact_check::text_block::BlockKind;
use crate::fact_check::tokens::{Token, TokenKind};
use crate::fact_check::{DrawRecord, context_words};

/// A round that a sentence names.
#[derive(Clone, Debug)]
pub(super) struct DrawMention<'r> {
    /// `None` where the record has no such round, or several on that day.
    pub draw: Option<&'r Draw>,
    pub tokens: Range<usize>,
    /// Whether it is named by more than its date.
    pub is_strong: bool,
    /// Whether it only marks a time or a comparison: after round 252, unlike round 252.
    pub is_aside: bool,
    /// The column of a table whose header names it.
    pub column: Option<usize>,
}

/// The rounds of the record by what names them.
pub(super) struct DrawIndex<'r> {
    by_number: HashMap<&'r DrawNumber, &'r Draw>,
    by_date: HashMap<Date, Vec<&'r Draw>>,
}

impl<'r> DrawIndex<'r> {
    pub fn of(record: DrawRecord<'r>) -> Self {
        let by_number = record.draws.iter().map(|draw| (&draw.round, draw)).collect();
        let mut by_date: HashMap<Date, Vec<&Draw>> = HashMap::new();
        for draw in record.draws {
            by_date.entry(draw.date).or_default().push(draw);
        }
        Self { by_number, by_date }
    }
}

/// What is needed to know a round by its name.
#[derive(Clone, Copy)]
pub(super) struct MentionLookup<'r, 'c> {
    pub record: DrawRecord<'r>,
    pub rounds: &'c DrawIndex<'r>,
    pub calendar: &'c Calendar,
    /// Dates without a year lie near this day.
    pub near: Option<Date>,
}

/// The rounds a sentence names, in its order. `header` is the header of its table; the dates in `other_dates`
/// say something else than which round it is.
pub(super) fn mentions<'r>(
    sentence: &Sentence,
    header: Option<&Header<'_, '_, 'r>>,
    names: MentionLookup<'r, '_>,
    other_dates: &[usize],
) -> Vec<DrawMention<'r>> {
    let mut found = by_number(sentence, names.rounds);
    found.extend(by_link(sentence, names.rounds));
    found.extend(by_column(sentence, header, names.rounds));
    found.sort_by_key(|mention| mention.tokens.start);
    let is_about_rounds = is_about_draws(sentence) || header.is_some_and(|header| is_about_draws(header.sentence));
    if is_about_rounds && !context_words::is_provincial(sentence) {
        let strong: Vec<Date> = found.iter().filter_map(|mention| Some(mention.draw?.date)).collect();
        let dates = sentence.dates.iter().enumerate().filter(|(index, _)| !other_dates.contains(index));
        let by_date = dates.filter_map(|(_, date)| by_date(sentence, date, names));
        found.extend(by_date.filter(|mention| mention.draw.is_none_or(|draw| !strong.contains(&draw.date))));
    }
    found.sort_by_key(|mention| mention.tokens.start);
    found
}

/// Whether a sentence speaks of rounds or invitations at all.
pub(super) fn is_about_draws(sentence: &Sentence) -> bool {
    sentence.has(&[
        "round",
        "cut-off",
        "cutoff",
        "rounds",
        "draw",
        "draws",
        "invitation",
        "invitations",
        "invited",
        "invites",
        "invite",
        "inviting",
        "ita",
        "itas",
    ])
}

/// `round 252`, `draws no. 252 and 255`, `the 252nd round`, `{{draw 252 crs}}`
pub(super) fn by_number<'r>(sentence: &Sentence, record: &DrawIndex<'r>) -> Vec<DrawMention<'r>> {
    let mut found = vec![];
    let mut at = 0;
    while at < sentence.tokens.len() {
        match &sentence.tokens[at].kind {
            TokenKind::Placeholder(token) => found.extend(by_placeholder(sentence, at, token, record)),
            TokenKind::Word(word) if matches!(word.as_str(), "round" | "draw" | "rounds" | "draws") => {
                let mut place = at + 1;
                while sentence.tokens.get(place).is_some_and(is_number_sign) {
                    place += 1;
                }
                while let Some(round) = draw_number_at(sentence, place).filter(|_| !counts_people(sentence, at, place))
                {
                    found.push(mention(sentence, at.max(place - 1)..place + 1, round, record));
                    let after = skip_joint(sentence, place + 1);
                    if !word.ends_with('s') || after == place + 1 {
                        break;
                    }
                    place = after;
                }
            }
            TokenKind::Number(number) if matches!(number.suffix.as_str(), "st" | "nd" | "rd" | "th") => {
                found.extend(by_ordinal(sentence, at, record));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_number_sign(token: &Token) -> bool {
    matches!(token.word(), "no" | "nos" | "number" | "numbers" | "nº")
        || ['#', '.', '№', '-'].iter().any(|mark| token.is_punctuation(*mark))
}

fn skip_joint(sentence: &Sentence, mut at: usize) -> usize {
    while sentence.tokens.get(at).is_some_and(|token| {
        [',', '&', '–', '-', '#'].iter().any(|mark| token.is_punctuation(*mark))
            || matches!(token.word(), "and" | "or" | "to")
    }) {
        at += 1;
    }
    at
}

/// The number of a round at a place; not a year.
fn draw_number_at(sentence: &Sentence, at: usize) -> Option<DrawNumber> {
    let number = sentence.tokens.get(at)?.number()?;
    let is_round = !number.is_grouped && number.value.is_some() && number.year().is_none() && !sentence.is_in_date(at);
    is_round.then(|| format!("{}{}", number.digits, number.suffix).parse().ok())?
}

/// Whether the number after the word "round" counts people: "in this round 400 people were invited".
fn counts_people(sentence: &Sentence, word: usize, number: usize) -> bool {
    let next = sentence.word(number + 1);
    let counts = is_people(next)
        || is_people(sentence.word(number + 2)) && !matches!(next, "" | "invited" | "for" | "and")
        || matches!(next, "invitations" | "itas")
            && matches!(sentence.word(number + 2), "were" | "was" | "have" | "to");
    let is_after_number = word > 0 && sentence.tokens[word - 1].number().is_some();
    let before = word.checked_sub(1).map_or("", |at| sentence.word(at));
    // Without an article it is the round’s name: "in round 252 candidates needed …".
    let is_bare =
        matches!(before, "" | "in" | "of" | "for" | "at" | "after" | "before" | "since" | "and" | "with" | "by");
    counts && !(is_bare && !is_after_number && number == word + 1)
}

/// People, whatever they are called in an announcement.
pub(super) fn is_people(word: &str) -> bool {
    matches!(
        word,
        "people"
            | "persons"
            | "candidates"
            | "applicants"
            | "workers"
            | "professionals"
            | "nurses"
            | "individuals"
            | "nominees"
            | "profiles"
            | "immigrants"
            | "nationals"
            | "physicians"
            | "doctors"
            | "teachers"
            | "newcomers"
            | "graduates"
            | "speakers"
            | "tradespeople"
            | "hopefuls"
    )
}

fn by_placeholder<'r>(sentence: &Sentence, at: usize, token: &str, record: &DrawIndex<'r>) -> Option<DrawMention<'r>> {
    let mut words = token.split_whitespace();
    let round = (words.next()? == "draw").then(|| words.next())??.parse().ok()?;
    Some(mention(sentence, at..at + 1, round, record))
}

/// Nobody counts so far but by the numbers as published: "the 3rd round of 2023" is not round 3.
fn by_ordinal<'r>(sentence: &Sentence, at: usize, record: &DrawIndex<'r>) -> Option<DrawMention<'r>> {
    let number = sentence.tokens[at].number()?;
    let noun = if sentence.word(at + 1) == "express" { at + 3 } else { at + 1 };
    let is_round = matches!(sentence.word(noun), "round" | "draw") && number.value? > 100;
    let round = is_round.then(|| number.digits.parse().ok())??;
    Some(mention(sentence, at..noun + 1, round, record))
}

fn mention<'r>(
    sentence: &Sentence,
    tokens: Range<usize>,
    round: DrawNumber,
    record: &DrawIndex<'r>,
) -> DrawMention<'r> {
    let draw = record.by_number.get(&round).copied();
    let is_aside = is_aside(sentence, tokens.start);
    DrawMention { draw, tokens, is_strong: true, is_aside, column: None }
}

/// Whether what begins here only marks a time or a comparison.
fn is_aside(sentence: &Sentence, at: usize) -> bool {
    let first_between = || sentence.tokens.iter().position(|token| token.word() == "between");
    if sentence.cache.between.get_or_init(first_between).is_some_and(|between| between < at) {
        return true;
    }
    let mut before = at;
    while before > 0 && at - before < 4 {
        before -= 1;
        match sentence.word(before) {
            "since" | "after" | "before" | "until" | "till" | "unlike" | "than" | "from" | "following" | "between" => {
                // A draw "from June 28" is the draw of that day.
                return sentence.word(before) != "from"
                    || !matches!(sentence.word(before.wrapping_sub(1)), "draw" | "round");
            }
            "the" | "express" | "entry" | "general" | "of" | "round" | "draw" | "in" | "with" | "healthcare" => {}
            _ => return false,
        }
    }
    false
}

pub(super) fn by_link<'r>(sentence: &Sentence, record: &DrawIndex<'r>) -> Vec<DrawMention<'r>> {
    let named = sentence.block.spans_in(&sentence.range).iter().filter_map(|span| {
        let (_, rest) = span.destination.as_deref()?.split_once("/draws/")?;
        let round: DrawNumber = rest.split(['/', '?', '#']).next()?.parse().ok()?;
        let tokens = sentence.tokens_in(&span.text);
        let first = tokens.clone().next()?;
        // Only the number is the name: a link may be on a figure, or on a whole sentence.
        let name = tokens.into_iter().find(|at| draw_number_at(sentence, *at).as_ref() == Some(&round));
        Some(mention(sentence, name.map_or(first..first, |at| at..at + 1), round, record))
    });
    named.collect()
}

/// In a table: the round in the column of rounds, and the rounds that the header names.
fn by_column<'r>(
    sentence: &Sentence,
    header: Option<&Header<'_, '_, 'r>>,
    record: &DrawIndex<'r>,
) -> Vec<DrawMention<'r>> {
    let Some(header) = header else { return vec![] };
    let mut found = vec![];
    for (column, (cell, head)) in cells(sentence).into_iter().zip(&header.columns).enumerate() {
        let numbers = cell.clone().filter(|at| !sentence.is_punctuation(*at, '#')).collect::<Vec<_>>();
        if let ([at], true) = (numbers.as_slice(), head.is_of_rounds)
            && let Some(round) = draw_number_at(sentence, *at)
        {
            found.push(mention(sentence, *at..*at + 1, round, record));
        }
        for named in &head.named {
            found.push(DrawMention { tokens: cell.clone(), column: Some(column), is_aside: false, ..named.clone() });
        }
    }
    found
}

/// The tokens of each cell of a row.
pub(super) fn cells(sentence: &Sentence) -> Vec<Range<usize>> {
    let BlockKind::Row { cells, .. } = &sentence.block.kind else { return vec![] };
    cells.iter().map(|cell| sentence.tokens_in(cell)).collect()
}

/// The round of a day, where the record has just one, or one of the category spoken of.
pub(super) fn by_date<'r>(
    sentence: &Sentence,
    date: &ParsedDate,
    names: MentionLookup<'r, '_>,
) -> Option<DrawMention<'r>> {
    let day = names.calendar.day_of(date, names.near)?;
    let held: &[&Draw] = names.rounds.by_date.get(&day).map_or(&[], Vec::as_slice);
    let categories = categories(sentence);
    let of_category = || {
        let mut fitting =
            held.iter().filter(|draw| draw.category.as_deref().is_some_and(|key| categories.contains(&key)));
        fitting.next().copied().filter(|_| fitting.next().is_none())
    };
    let draw = match held {
        [only] => Some(*only),
        _ => of_category(),
    };
    let is_aside = is_aside(sentence, date.tokens.start) || sentence.word(date.tokens.start.wrapping_sub(1)) == "by";
    let says_something = draw.is_some() || !is_aside;
    says_something.then(|| DrawMention { draw, tokens: date.tokens.clone(), is_strong: false, is_aside, column: None })
}

/// The categories that a sentence names, by their keys.
pub(super) fn categories<'s>(sentence: &'s Sentence) -> &'s [&'static str] {
    let key = |token: &Token| {
        Some(match token.word() {
            "healthcare" | "health" | "health-care" | "nurses" => "healthcare",
            "stem" => "stem",
            "trades" | "trade" => "trades",
            "transport" | "transportation" => "transport",
            "agriculture" | "agri-food" | "agricultural" => "agriculture",
            "french" | "francophone" | "french-speaking" | "french-language" => "french",
            "education" | "teachers" => "education",
            "physicians" | "doctors" => "physicians",
            "pnp" | "provincial" | "nominee" | "nominees" => "pnp",
            "cec" | "experience" => "cec",
            "general" => "general",
            _ => return None,
        })
    };
    sentence.cache.categories.get_or_init(|| {
        let named: BTreeSet<&str> = sentence.tokens.iter().filter_map(key).collect();
        named.into_iter().collect()
    })
}
