//! Check of NOC 2021 codes: whether they exist and match the title next to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact_check::DrawRecord;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule, SuggestedFix};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::{BlockKind, Span};
use crate::fact_check::titles::{Title, Titles};
use crate::fact_check::tokens::{Number, Token};

/// What is wrong with codes, in running text, lists, tables and links to occupations.
pub(super) fn findings(sentences: &[Sentence], record: &DrawRecord) -> Vec<RawFinding> {
    let has_codes = |sentence: &Sentence| {
        sentence.tokens.iter().any(|token| is_noc(token.word()))
            || (0..sentence.tokens.len()).any(|at| is_code(sentence, at))
            || links(sentence).next().is_some()
    };
    if !sentences.iter().any(has_codes) {
        return vec![];
    }
    let titles = Titles::of(record.occupations);
    let listed = listed(sentences, &titles);
    let mut found = vec![];
    for (index, sentence) in sentences.iter().enumerate() {
        let mut certain = called_codes(sentence);
        certain.extend(listed.range((index, 0)..(index + 1, 0)).map(|(_, at)| *at));
        found.extend(in_text(sentence, &certain, &titles));
        found.extend(wrong_length(sentence));
        found.extend(links(sentence).filter_map(|link| in_link(sentence, link, &titles)));
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

fn in_text(sentence: &Sentence, certain: &BTreeSet<usize>, titles: &Titles) -> Vec<RawFinding> {
    let places: Vec<usize> = (0..sentence.tokens.len()).filter(|at| is_code(sentence, *at)).collect();
    // Titles stand either before all codes of a sentence or after them; the first one shows which.
    let comes_after = places.first().is_some_and(|at| titles.before(sentence, *at).is_none());
    let mut claimed: BTreeSet<usize> = BTreeSet::new();
    let mut found = vec![];
    for at in places {
        let code = digits(sentence, at);
        let mut beside = [titles.before(sentence, at), titles.after(sentence, at)];
        if comes_after {
            beside.reverse();
        }
        let is_own = |title: &Title| title.owners.iter().any(|owner| owner.noc == code);
        if let Some(own) = beside.iter().flatten().find(|title| is_own(title)) {
            claimed.insert(own.tokens.start);
            continue;
        }
        let title = beside.into_iter().flatten().find(|title| !claimed.contains(&title.tokens.start));
        if let Some(title) = &title {
            claimed.insert(title.tokens.start);
        }
        found.extend(wrong_code(sentence, at, title.as_ref(), certain.contains(&at), titles));
    }
    found
}

fn wrong_code(
    sentence: &Sentence,
    at: usize,
    title: Option<&Title>,
    is_certain: bool,
    titles: &Titles,
) -> Option<RawFinding> {
    let code = digits(sentence, at);
    let place = sentence.tokens[at].range.clone();
    let right = title.and_then(|title| if let [owner] = title.owners.as_slice() { Some(*owner) } else { None });
    let replacement = right.map(|owner| owner.noc.clone());
    let belongs = right.map(|owner| format!(" The code of {} is {}.", owner.title_en, owner.noc)).unwrap_or_default();
    match (titles.with_code(code), title) {
        (Some(owner), Some(_)) => {
            let reason = format!("{code} is the code of {}.{belongs}", owner.title_en);
            Some(sentence.finding(Rule::NocTitle, place, reason, replacement))
        }
        (None, title) if is_certain || title.is_some() => {
            let reason = format!("{code} is not a NOC 2021 code.{belongs}");
            Some(sentence.finding(Rule::NocUnknown, place, reason, replacement))
        }
        _ => None,
    }
}

/// Numbers called NOC codes that have not five digits. The old NOC 2016, named as such, is left alone.
fn wrong_length(sentence: &Sentence) -> Vec<RawFinding> {
    let is_old = |token: &Token| {
        let is_version =
            token.number().is_some_and(|number| matches!(number.digits.as_str(), "2016" | "2011" | "2006"));
        is_version || matches!(token.word(), "old" | "former" | "formerly" | "previous" | "previously" | "earlier")
    };
    if sentence.tokens.iter().any(is_old) {
        return vec![];
    }
    let after_noc = (0..sentence.tokens.len()).filter(|at| is_noc(sentence.word(*at)));
    let places = after_noc.filter_map(|at| {
        let place = skip_calling(sentence, at + 1);
        let number = sentence.tokens.get(place)?.number().filter(|number| is_typed_plainly(number))?;
        let has_wrong_length = matches!(number.digits.len(), 4 | 6) && number.year().is_none();
        has_wrong_length.then(|| {
            let reason = format!("NOC 2021 codes have five digits, but {} has {}.", number.digits, number.digits.len());
            sentence.finding(Rule::NocUnknown, sentence.tokens[place].range.clone(), reason, None)
        })
    });
    places.collect()
}

/// Where the text itself says that a number is a code: `NOC 31301, 31302 and 99999`.
fn called_codes(sentence: &Sentence) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for noc in (0..sentence.tokens.len()).filter(|at| is_noc(sentence.word(*at))) {
        let mut at = skip_calling(sentence, noc + 1);
        while is_code(sentence, at) {
            found.insert(at);
            at += 1;
            while sentence.tokens.get(at).is_some_and(joins_codes) {
                at += 1;
            }
        }
    }
    found
}

fn is_noc(word: &str) -> bool {
    matches!(word, "noc" | "nocs" | "cnp")
}

fn skip_calling(sentence: &Sentence, mut at: usize) -> usize {
    let is_calling = |token: &Token| {
        matches!(token.word(), "code" | "codes" | "number" | "numbers" | "no" | "unit" | "group" | "groups")
            || ['(', ':', '#', '-', '–', '“', '"', '.'].iter().any(|mark| token.is_punctuation(*mark))
            || token.number().is_some_and(|number| number.digits == "2021")
    };
    while sentence.tokens.get(at).is_some_and(is_calling) {
        at += 1;
    }
    at
}

fn joins_codes(token: &Token) -> bool {
    [',', '/', ';', '&'].iter().any(|mark| token.is_punctuation(*mark))
        || matches!(token.word(), "and" | "or" | "to" | "noc" | "code")
}

/// Numbers that stand where the other entries of their list, or of their column, have a code.
fn listed(sentences: &[Sentence], titles: &Titles) -> BTreeSet<(usize, usize)> {
    // The sentences and tokens of codes, by field, list and position.
    let mut groups: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    let mut blocks_before = 0;
    for (index, sentence) in sentences.iter().enumerate() {
        blocks_before += usize::from(sentence.range.start == 0);
        for (list, position, at) in positions(sentence, blocks_before) {
            groups.entry((sentence.block.field, list, position)).or_default().push((index, at));
        }
    }
    let is_known = |(index, at): &&(usize, usize)| titles.with_code(digits(&sentences[*index], *at)).is_some();
    let is_list_of_codes = |places: &Vec<(usize, usize)>| {
        let known = places.iter().filter(is_known).count();
        known >= 2 && known >= 2 * (places.len() - known)
    };
    groups.into_values().filter(is_list_of_codes).flatten().collect()
}

/// Which list or column a code in this sentence would belong to, where in the entry it stands, and which token it is.
fn positions(sentence: &Sentence, blocks_before: usize) -> Vec<(usize, usize, usize)> {
    const COLUMNS: usize = 1_000_000;
    let last = sentence.tokens.len().saturating_sub(1);
    let codes = (0..=last).filter(|at| is_code(sentence, *at));
    let place = |at: usize| match &sentence.block.kind {
        BlockKind::Item(list) => {
            let has_brackets = at > 0 && sentence.is_punctuation(at - 1, '(') && sentence.is_punctuation(at + 1, ')');
            let is_last =
                sentence.tokens[at + 1..].iter().all(|token| token.is_punctuation('.') || token.is_punctuation(','));
            let position = if at == 0 {
                0
            } else if has_brackets {
                1
            } else if is_last {
                2
            } else {
                return None;
            };
            Some((*list, position, at))
        }
        BlockKind::Row { cells, header } => {
            let range = &sentence.tokens[at].range;
            let column = cells.iter().position(|cell| {
                cell.contains(&range.start) && sentence.block.text[cell.clone()].trim() == digits(sentence, at)
            })?;
            Some((COLUMNS + blocks_before - header, column, at))
        }
        _ => None,
    };
    codes.filter_map(place).collect()
}

/// Whether a token is a number of five digits that counts nothing and belongs to nothing longer.
fn is_code(sentence: &Sentence, at: usize) -> bool {
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
    let counts = matches!(
        sentence.word(at + 1),
        "people"
            | "invitations"
            | "itas"
            | "candidates"
            | "profiles"
            | "points"
            | "dollars"
            | "cad"
            | "persons"
            | "times"
    );
    number.digits.len() == 5 && is_typed_plainly(number) && !is_part && !counts
}

fn is_typed_plainly(number: &Number) -> bool {
    !number.is_grouped && number.plain().is_some()
}

fn digits<'s>(sentence: &'s Sentence, at: usize) -> &'s str {
    sentence.tokens.get(at).and_then(Token::number).map_or("", |number| number.digits.as_str())
}

/// A link to an occupation, and the code in its address.
struct Link<'s> {
    span: &'s Span,
    code: &'s str,
}

fn links<'s>(sentence: &'s Sentence) -> impl Iterator<Item = Link<'s>> {
    sentence.block.spans_in(&sentence.range).iter().filter_map(|span| {
        let (_, rest) = span.destination.as_deref()?.split_once("/occupations/")?;
        let code = rest.split(['/', '?', '#']).next()?;
        let is_code = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
        is_code.then_some(Link { span, code })
    })
}

fn in_link(sentence: &Sentence, Link { span, code }: Link, titles: &Titles) -> Option<RawFinding> {
    let text = sentence.block.text.get(span.text.clone())?;
    let owners = titles.owners(text);
    let right = if let [owner] = owners { Some(*owner) } else { None };
    let named = sentence.tokens_in(&span.text).find(|at| is_code(sentence, *at));
    let names_another = named.is_some_and(|at| digits(sentence, at) != code);
    let (rule, reason) = match titles.with_code(code) {
        None => (Rule::NocUnknown, format!("The link leads to {code}, which is not a NOC 2021 code.")),
        Some(owner) if !owners.is_empty() && owners.iter().all(|other| other.noc != code) => {
            (Rule::NocTitle, format!("The link leads to {code}, {}.", owner.title_en))
        }
        Some(owner) if owners.is_empty() && names_another => {
            (Rule::NocTitle, format!("The link leads to {code}, {}.", owner.title_en))
        }
        _ => return None,
    };
    let belongs = right.map(|owner| format!(" The code of {} is {}.", owner.title_en, owner.noc)).unwrap_or_default();
    let suggested_fix = right.and_then(|owner| {
        let address = format!("/occupations/{code}");
        let end = span.source.start + sentence.block.source(span.source.clone()).rfind(&address)? + address.len();
        Some(SuggestedFix { range: end - code.len()..end, replacement: owner.noc.clone(), corrected_sentence: None })
    });
    Some(sentence.finding_with(rule, span.text.clone(), format!("{reason}{belongs}"), suggested_fix))
}
