//! Check of NOC 2021 codes: whether they exist and match the title next to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use crate::fact_check::DrawRecord;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule, SuggestedFix};
use crate::fact_check::phrases::{phrase, regex};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::{BlockKind, Span};
use crate::fact_check::titles::{self, Codes, Title};

/// Day on which Express Entry changed to NOC 2021.
const FIRST_DAY_OF_NOC_2021: Date = jiff::civil::date(2022, 11, 16);

/// What is wrong with codes, in running text, lists, tables and links to occupations.
pub(super) fn findings(sentences: &[Sentence], record: &DrawRecord, day: Date) -> Vec<RawFinding> {
    let codes: Vec<Vec<usize>> = sentences.iter().map(codes).collect();
    let listed = listed(sentences, &codes, record);
    let mut found = vec![];
    for (index, (sentence, codes)) in sentences.iter().zip(&codes).enumerate() {
        let mut certain = called_codes(sentence, codes);
        // Older texts name the codes of NOC 2016, which have four digits.
        if day >= FIRST_DAY_OF_NOC_2021 {
            found.extend(certain.iter().filter_map(|at| wrong_length(sentence, *at)));
        }
        certain.extend(listed.range((index, 0)..(index + 1, 0)).map(|(_, at)| *at));
        for (at, title) in with_titles(sentence, codes) {
            found.extend(wrong_code(sentence, at, title.as_ref(), certain.contains(&at), record));
        }
        found.extend(links(sentence).filter_map(|link| wrong_link(sentence, codes, link, record)));
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

/// Tokens that are codes: numbers of five digits that count nothing and are no part of anything longer. A list may be
/// written 31301/31302.
pub(super) fn codes(sentence: &Sentence) -> Vec<usize> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| regex(r"[\w$€£#+%/:.-]+"));
    static CODES: LazyLock<Regex> = LazyLock::new(|| regex(r"^[0-9]{5}(/[0-9]{5})*[/:.-]*$"));
    let start = sentence.range.start;
    let words = WORD.find_iter(&sentence.block.text[sentence.range.clone()]);
    let codes = words.filter(|word| CODES.is_match(word.as_str()));
    let tokens = codes.flat_map(|word| sentence.tokens_in(&(start + word.start()..start + word.end())));
    let is_plain = |at: &usize| sentence.tokens[*at].number().is_some_and(|number| !number.is_grouped);
    let counts = |at: usize| phrase("counted").is_match(sentence.plain.part(at + 1..at + 2));
    tokens.filter(|at| is_plain(at) && !counts(*at)).collect()
}

/// Codes without the title that belongs to them, each with the title next to it.
fn with_titles(sentence: &Sentence, codes: &[usize]) -> Vec<(usize, Option<Title>)> {
    // Titles stand either before all codes of a sentence or after them; the first one shows which.
    let mut comes_after = None;
    let mut claimed: BTreeSet<usize> = BTreeSet::new();
    let mut others = vec![];
    for at in codes.iter().copied() {
        let code = sentence.typed(at);
        // In "00010 and 00011 (legislators, government)" the brackets are about all codes before them.
        let is_in_list = |before: usize| codes.contains(&before) && !sentence.is_punctuation(at - 1, ',');
        if at > 1 && is_in_list(at - 2) && sentence.is_punctuation(at + 1, '(') && !sentence.is_in_brackets(at) {
            continue;
        }
        let mut titles = vec![titles::before(sentence, at, code), titles::after(sentence, at, code)];
        if *comes_after.get_or_insert(titles[0].is_none()) {
            titles.reverse();
        }
        // A title that belongs to a code says nothing about the code on its other side.
        match titles.iter().flatten().find(|title| title.codes.contains(code)) {
            Some(own) => claimed.extend(own.tokens.clone()),
            None => others.push((at, titles)),
        }
    }
    let mut found = vec![];
    for (at, titles) in others {
        let is_free = |title: &Title| !title.tokens.clone().any(|token| claimed.contains(&token));
        let title = titles.into_iter().flatten().find(is_free);
        claimed.extend(title.iter().flat_map(|title| title.tokens.clone()));
        found.push((at, title));
    }
    found
}

/// The only code of a title, and a sentence about it.
fn only(codes: &Codes, record: &DrawRecord) -> (Option<String>, String) {
    let owner = codes.first().filter(|_| codes.len() == 1).and_then(|code| record.occupation(code));
    let sentence = owner.map(|owner| format!(" The code of {} is {}.", owner.title_en, owner.noc));
    (owner.map(|owner| owner.noc.clone()), sentence.unwrap_or_default())
}

fn wrong_code(
    sentence: &Sentence,
    at: usize,
    title: Option<&Title>,
    is_certain: bool,
    record: &DrawRecord,
) -> Option<RawFinding> {
    let code = sentence.typed(at);
    let (right, belongs) = title.map(|title| only(&title.codes, record)).unwrap_or_default();
    let (rule, reason) = match record.occupation(code) {
        Some(owner) if title.is_some() => (Rule::NocTitle, format!("{code} is the code of {}.", owner.title_en)),
        None if is_certain || title.is_some() => (Rule::NocUnknown, format!("{code} is not a NOC 2021 code.")),
        _ => return None,
    };
    Some(sentence.finding(rule, sentence.tokens[at].range.clone(), reason + &belongs, right))
}

/// Numbers that the text calls codes, as in `NOC 31301, 31302 and 99999`.
fn called_codes(sentence: &Sentence, codes: &[usize]) -> BTreeSet<usize> {
    let mut called: BTreeSet<usize> = sentence.plain.find("called").map(|phrase| phrase.end - 1).collect();
    for pair in codes.windows(2) {
        let is_joined = phrase("joined").is_match(sentence.plain.part(pair[0] + 1..pair[1]));
        if called.contains(&pair[0]) && is_joined {
            called.insert(pair[1]);
        }
    }
    called
}

/// A number that the text calls a code but that does not have five digits.
fn wrong_length(sentence: &Sentence, at: usize) -> Option<RawFinding> {
    let number = sentence.tokens[at].number().filter(|number| !number.is_grouped && number.year().is_none())?;
    let (digits, length) = (&number.digits, number.digits.len());
    let is_wrong = matches!(length, 4 | 6) && !sentence.plain.has("old");
    let reason = format!("NOC 2021 codes have five digits, but {digits} has {length}.");
    is_wrong.then(|| sentence.finding(Rule::NocUnknown, sentence.tokens[at].range.clone(), reason, None))
}

/// Sentences and tokens of codes that stand where the other entries of the lists or tables of a section have a code.
fn listed(sentences: &[Sentence], codes: &[Vec<usize>], record: &DrawRecord) -> BTreeSet<(usize, usize)> {
    let mut groups: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, (sentence, codes)) in sentences.iter().zip(codes).enumerate() {
        let is_row = matches!(sentence.block.kind, BlockKind::Row { .. });
        if !is_row && !matches!(sentence.block.kind, BlockKind::Item(_)) {
            continue;
        }
        // Codes stand at the start or between marks; "31301 in 75000 cases" has one code.
        let is_alone = |at: usize| at == 0 || sentence.word(at - 1).is_empty() && sentence.word(at + 1).is_empty();
        for at in codes.iter().copied().filter(|at| is_alone(*at)) {
            let column = (0..at).filter(|at| sentence.is_punctuation(*at, '|')).count();
            let group = (sentence.block.field, sentence.block.section, is_row, column);
            groups.entry(group).or_default().push((index, at));
        }
    }
    let is_list_of_codes = |places: &Vec<(usize, usize)>| {
        let is_known = |(index, at): &&(usize, usize)| record.occupation(sentences[*index].typed(*at)).is_some();
        let known = places.iter().filter(is_known).count();
        known >= 2 && known >= 2 * (places.len() - known)
    };
    groups.into_values().filter(is_list_of_codes).flatten().collect()
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

fn wrong_link(
    sentence: &Sentence,
    codes: &[usize],
    (span, code): (&Span, &str),
    record: &DrawRecord,
) -> Option<RawFinding> {
    let owners = titles::with_title(&sentence.block.text[span.text.clone()]);
    let named = sentence.tokens_in(&span.text).find(|at| codes.contains(at));
    let names_another = named.is_some_and(|at| sentence.typed(at) != code);
    let is_wrong = if owners.is_empty() { names_another } else { !owners.contains(code) };
    let (rule, leads_to) = match record.occupation(code) {
        None => (Rule::NocUnknown, "which is not a NOC 2021 code"),
        Some(owner) if is_wrong => (Rule::NocTitle, owner.title_en.as_str()),
        Some(_) => return None,
    };
    let (right, belongs) = only(&owners, record);
    let suggested_fix = right.and_then(|replacement| {
        let end = span.source.start + sentence.block.source(span.source.clone()).rfind(code)? + code.len();
        Some(SuggestedFix { range: end - code.len()..end, replacement, corrected_sentence: None })
    });
    let reason = format!("The link leads to {code}, {leads_to}.{belongs}");
    Some(sentence.finding_with(rule, span.text.clone(), reason, suggested_fix))
}
