//! Check of NOC 2021 codes: whether they exist and match the title next to them.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::civil::Date;

use crate::fact_check::DrawRecord;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule, SuggestedFix};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::{BlockKind, Span};
use crate::fact_check::titles::{Title, Titles};
use crate::fact_check::tokens::{Number, Token};
use crate::fact_check::word_groups::WORDS;
use crate::noc::Occupation;

/// Day on which Express Entry changed to NOC 2021.
const FIRST_DAY_OF_NOC_2021: Date = jiff::civil::date(2022, 11, 16);

/// What is wrong with codes, in running text, lists, tables and links to occupations.
pub(super) fn findings(sentences: &[Sentence], record: &DrawRecord, day: Date) -> Vec<RawFinding> {
    let titles = LazyCell::new(|| Titles::of(record.occupations));
    let listed = listed(sentences, record);
    let mut found = vec![];
    for (index, sentence) in sentences.iter().enumerate() {
        let (mut certain, wrong_length) = called_codes(sentence);
        certain.extend(listed.range((index, 0)..(index + 1, 0)).map(|(_, at)| *at));
        let codes: Vec<usize> = (0..sentence.tokens.len()).filter(|at| is_code(sentence, *at)).collect();
        if !codes.is_empty() {
            found.extend(in_text(sentence, &codes, &certain, &titles));
        }
        // Older texts name the codes of NOC 2016, which have four digits.
        found.extend(wrong_length.into_iter().filter(|_| day >= FIRST_DAY_OF_NOC_2021));
        found.extend(links(sentence).filter_map(|link| in_link(sentence, link, &titles)));
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

fn in_text(sentence: &Sentence, codes: &[usize], certain: &BTreeSet<usize>, titles: &Titles) -> Vec<RawFinding> {
    let beside = |at: usize, code: &str| [titles.before(sentence, at, code), titles.after(sentence, at, code)];
    let mut places: Vec<(usize, [Option<Title>; 2])> =
        codes.iter().map(|at| (*at, beside(*at, digits(sentence, *at)))).collect();
    // Titles stand either before all codes of a sentence or after them; the first one shows which.
    let comes_after = places.first().is_some_and(|(_, beside)| beside[0].is_none());
    let mut claimed: BTreeSet<usize> = BTreeSet::new();
    // A title that belongs to a code says nothing about the code on its other side.
    places.retain(|(at, beside)| {
        let is_own = |title: &&Title| title.owners.iter().any(|owner| owner.noc == digits(sentence, *at));
        let own = beside.iter().flatten().find(is_own);
        claimed.extend(own.into_iter().flat_map(|title| title.tokens.clone()));
        own.is_none()
    });
    let mut found = vec![];
    for (at, mut beside) in places {
        if comes_after {
            beside.reverse();
        }
        let is_free = |title: &Title| !title.tokens.clone().any(|token| claimed.contains(&token));
        let title = beside.into_iter().flatten().find(is_free);
        claimed.extend(title.iter().flat_map(|title| title.tokens.clone()));
        found.extend(wrong_code(sentence, at, title.as_ref(), certain.contains(&at), titles));
    }
    found
}

/// The only owner of a title, and a sentence about it.
fn only<'r>(owners: &[&'r Occupation]) -> (Option<&'r Occupation>, String) {
    let right = if let [owner] = owners { Some(*owner) } else { None };
    (right, right.map(|owner| format!(" The code of {} is {}.", owner.title_en, owner.noc)).unwrap_or_default())
}

fn wrong_code(
    sentence: &Sentence,
    at: usize,
    title: Option<&Title>,
    is_certain: bool,
    titles: &Titles,
) -> Option<RawFinding> {
    let code = digits(sentence, at);
    let (right, belongs) = only(title.map_or(&[], |title| &title.owners));
    let (rule, reason) = match titles.with_code(code) {
        Some(owner) if title.is_some() => {
            (Rule::NocTitle, format!("{code} is the code of {}.{belongs}", owner.title_en))
        }
        None if is_certain || title.is_some() => (Rule::NocUnknown, format!("{code} is not a NOC 2021 code.{belongs}")),
        _ => return None,
    };
    Some(sentence.finding(rule, sentence.tokens[at].range.clone(), reason, right.map(|owner| owner.noc.clone())))
}

/// Numbers that the text calls codes, as in `NOC 31301, 31302 and 99999`, and findings about those without five digits.
fn called_codes(sentence: &Sentence) -> (BTreeSet<usize>, Vec<RawFinding>) {
    let is_calling = |token: &Token| {
        WORDS.has("calling", token.word())
            || "(:#-–“\".".chars().any(|mark| token.is_punctuation(mark))
            || token.number().is_some_and(|number| number.digits == "2021")
    };
    let joins =
        |token: &Token| ",/;&".chars().any(|mark| token.is_punctuation(mark)) || WORDS.has("joining", token.word());
    let skip = |mut at: usize, is_skipped: &dyn Fn(&Token) -> bool| {
        while sentence.tokens.get(at).is_some_and(is_skipped) {
            at += 1;
        }
        at
    };
    let is_old = |token: &Token| WORDS.has("old", token.number().map_or(token.word(), |number| &number.digits));
    let (mut codes, mut found) = (BTreeSet::new(), vec![]);
    for noc in (0..sentence.tokens.len()).filter(|at| matches!(sentence.word(*at), "noc" | "nocs" | "cnp")) {
        if codes.last().is_some_and(|last| noc < *last) {
            continue;
        }
        let mut at = skip(noc + 1, &is_calling);
        let number = sentence.tokens.get(at).and_then(Token::number).filter(|number| is_typed_plainly(number));
        if let Some(number) = number.filter(|number| matches!(number.digits.len(), 4 | 6) && number.year().is_none())
            && !sentence.tokens.iter().any(is_old)
        {
            let reason = format!("NOC 2021 codes have five digits, but {} has {}.", number.digits, number.digits.len());
            found.push(sentence.finding(Rule::NocUnknown, sentence.tokens[at].range.clone(), reason, None));
        }
        while is_code(sentence, at) {
            codes.insert(at);
            at = skip(at + 1, &joins);
        }
    }
    (codes, found)
}

/// Numbers that stand where the other entries of their list, or of their column, have a code.
fn listed(sentences: &[Sentence], record: &DrawRecord) -> BTreeSet<(usize, usize)> {
    // The sentences and tokens of codes, by field, list and position.
    let mut groups: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    let mut blocks_before = 0;
    for (index, sentence) in sentences.iter().enumerate() {
        blocks_before += usize::from(sentence.range.start == 0);
        for at in (0..sentence.tokens.len()).filter(|at| is_code(sentence, *at)) {
            if let Some(position) = position(sentence, at, blocks_before) {
                groups.entry((sentence.block.field, position)).or_default().push((index, at));
            }
        }
    }
    let is_known = |(index, at): &&(usize, usize)| {
        let code = digits(&sentences[*index], *at);
        record.occupations.binary_search_by(|occupation| occupation.noc.as_str().cmp(code)).is_ok()
    };
    let is_list_of_codes = |places: &Vec<(usize, usize)>| {
        let known = places.iter().filter(is_known).count();
        known >= 2 && known >= 2 * (places.len() - known)
    };
    groups.into_values().filter(is_list_of_codes).flatten().collect()
}

/// The list or table of a code, and where in the entry or row it stands.
fn position(sentence: &Sentence, at: usize, blocks_before: usize) -> Option<(bool, usize, usize)> {
    match &sentence.block.kind {
        BlockKind::Item(list) => {
            let has_brackets = at > 0 && sentence.is_punctuation(at - 1, '(') && sentence.is_punctuation(at + 1, ')');
            let is_end = |token: &Token| token.is_punctuation('.') || token.is_punctuation(',');
            let is_last = || sentence.tokens[at + 1..].iter().all(is_end);
            let places = [at == 0, has_brackets, is_last()];
            Some((false, *list, places.iter().position(|is_here| *is_here)?))
        }
        BlockKind::Row { cells, header } => {
            let is_here = |cell: &Range<usize>| {
                cell.contains(&sentence.tokens[at].range.start)
                    && sentence.block.text[cell.clone()].trim() == digits(sentence, at)
            };
            Some((true, blocks_before - header, cells.iter().position(is_here)?))
        }
        _ => None,
    }
}

/// Whether a token is a number of five digits that counts nothing and belongs to nothing longer.
pub(super) fn is_code(sentence: &Sentence, at: usize) -> bool {
    let Some(number) = sentence.tokens.get(at).and_then(Token::number) else { return false };
    let range = &sentence.tokens[at].range;
    let text = &sentence.block.text;
    let before = text[..range.start].chars().next_back();
    let mut after = text[range.end..].chars();
    let (next, then) = (after.next(), after.next());
    // A list may be written 31301/31302; a date or an address has shorter or longer neighbours.
    let is_listed = |other: Option<usize>, slash: char| {
        let neighbour = other.and_then(|at| sentence.tokens.get(at)).and_then(Token::number);
        slash == '/' && neighbour.is_some_and(|number| number.digits.len() == 5)
    };
    let is_part = before
        .is_some_and(|c| (c.is_alphanumeric() || "-/.$€£#+_:".contains(c)) && !is_listed(at.checked_sub(2), c))
        || next.is_some_and(|c| {
            c == '%' || ("-/_:".contains(c) && then.is_some_and(char::is_alphanumeric) && !is_listed(Some(at + 2), c))
        });
    let counts = WORDS.has("counted", sentence.word(at + 1));
    number.digits.len() == 5 && is_typed_plainly(number) && !is_part && !counts
}

fn is_typed_plainly(number: &Number) -> bool {
    !number.is_grouped && number.plain().is_some()
}

pub(super) fn digits<'s>(sentence: &'s Sentence, at: usize) -> &'s str {
    sentence.tokens.get(at).and_then(Token::number).map_or("", |number| number.digits.as_str())
}

/// Links to occupations, each with the code in its address.
fn links<'s>(sentence: &'s Sentence) -> impl Iterator<Item = (&'s Span, &'s str)> {
    sentence.block.spans_in(&sentence.range).iter().filter_map(|span| {
        let (_, rest) = span.destination.as_deref()?.split_once("/occupations/")?;
        let code = rest.split(['/', '?', '#']).next()?;
        let is_code = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
        is_code.then_some((span, code))
    })
}

fn in_link(sentence: &Sentence, (span, code): (&Span, &str), titles: &Titles) -> Option<RawFinding> {
    let text = sentence.block.text.get(span.text.clone())?;
    let owners = titles.owners(text);
    let (right, belongs) = only(&owners);
    let named = sentence.tokens_in(&span.text).find(|at| is_code(sentence, *at));
    let names_another = named.is_some_and(|at| digits(sentence, at) != code);
    let is_wrong = if owners.is_empty() { names_another } else { owners.iter().all(|other| other.noc != code) };
    let (rule, reason) = match titles.with_code(code) {
        None => (Rule::NocUnknown, format!("The link leads to {code}, which is not a NOC 2021 code.")),
        Some(owner) if is_wrong => (Rule::NocTitle, format!("The link leads to {code}, {}.", owner.title_en)),
        Some(_) => return None,
    };
    let suggested_fix = right.and_then(|owner| {
        let address = format!("/occupations/{code}");
        let end = span.source.start + sentence.block.source(span.source.clone()).rfind(&address)? + address.len();
        Some(SuggestedFix { range: end - code.len()..end, replacement: owner.noc.clone(), corrected_sentence: None })
    });
    Some(sentence.finding_with(rule, span.text.clone(), format!("{reason}{belongs}"), suggested_fix))
}
