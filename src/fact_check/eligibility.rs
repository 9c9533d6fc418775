//! Check of the occupations that were eligible on the day of a draw: their codes and their number.

use std::ops::Range;

use crate::categories::DatedList;
use crate::draws::Draw;
use crate::fact_check::DrawRecord;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::noc_codes::{digits, is_code};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::{Number, Token};
use crate::fact_check::word_groups::WORDS;

/// What is wrong about the lists of the draws that each sentence may be about.
pub(super) fn findings(sentences: &[Sentence], record: &DrawRecord, draws_at_hand: &[Vec<&Draw>]) -> Vec<RawFinding> {
    let mut found = vec![];
    for (sentence, draws) in sentences.iter().zip(draws_at_hand) {
        let codes = code_claims(sentence);
        let counts = (0..sentence.tokens.len()).filter_map(|at| Some((at, count(sentence, at)?)));
        let counts: Vec<(usize, i64)> = counts.filter(|_| !has(sentence, "sum")).collect();
        let is_about_others = || sentence.text().ends_with('?') || has(sentence, "others");
        if !(codes.is_empty() && counts.is_empty() || is_about_others()) {
            let lists = Lists::of(sentence, record, draws);
            found.extend(codes.into_iter().filter_map(|claim| lists.wrong_code(sentence, &claim)));
            found.extend(counts.into_iter().filter_map(|claim| lists.wrong_count(sentence, claim)));
        }
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

fn has(sentence: &Sentence, group: &str) -> bool {
    sentence.tokens.iter().any(|token| WORDS.has(group, token.word()))
}

/// A code that the sentence calls eligible or not.
struct CodeClaim {
    at: usize,
    is_eligible: bool,
    is_repeated: bool,
}

fn code_claims(sentence: &Sentence) -> Vec<CodeClaim> {
    let codes: Vec<usize> = (0..sentence.tokens.len()).filter(|at| is_code(sentence, *at)).collect();
    let ends_clause = |token: &Token| {
        [';', '—', '|'].iter().any(|mark| token.is_punctuation(*mark))
            || matches!(token.word(), "but" | "while" | "whereas" | "mais" | "alors")
    };
    let mut claims = vec![];
    let mut start = 0;
    for clause in sentence.tokens.split(ends_clause) {
        let in_clause = start..start + clause.len();
        start = in_clause.end + 1;
        let codes: Vec<usize> = codes.iter().copied().filter(|at| in_clause.contains(at)).collect();
        let first = codes.first().map(|first| first - in_clause.start);
        let Some(is_eligible) = first.and_then(|first| claims_eligibility(clause, first)) else { continue };
        for (index, at) in codes.iter().copied().enumerate() {
            let previous = index.checked_sub(1).map(|index| codes[index]).filter(|previous| at - previous <= 2);
            let is_repeated = previous.is_some_and(|previous| digits(sentence, previous) == digits(sentence, at));
            claims.push(CodeClaim { at, is_eligible, is_repeated });
        }
    }
    claims
}

/// Whether a clause says that its codes are eligible, or that they are not; `None` if it says neither.
fn claims_eligibility(clause: &[Token], first_code: usize) -> Option<bool> {
    let has = |group: &str| clause.iter().any(|token| WORDS.has(group, token.word()));
    let is_negated = has("negation") || clause.iter().any(|token| token.word().ends_with("n't"));
    let is_on_list = clause.windows(3).any(|words| {
        matches!(words[0].word(), "on" | "sur" | "from" | "de")
            && matches!(words[2].word(), "list" | "lists" | "liste" | "listes")
    });
    let lead = &clause[first_code.saturating_sub(4)..first_code];
    let is_invited = clause.iter().any(|token| token.word().starts_with("invit"))
        && lead.iter().any(|token| matches!(token.word(), "in" | "with" | "under" | "dans"))
        && lead.iter().any(|token| matches!(token.word(), "noc" | "nocs" | "cnp"));
    let eligible = clause.iter().position(|token| WORDS.has("eligible", token.word()));
    // "eligible for the Federal Skilled Worker Program" is about something else.
    let is_for_draw = eligible.is_some_and(|at| {
        let next = clause.get(at + 1).map_or("", Token::word);
        let mut following = clause[at + 1..].iter().take(6);
        !WORDS.has("purpose", next) || following.any(|token| WORDS.has("draw", token.word()))
    });
    match (has("added"), has("removed")) {
        (true, true) => None,
        (is_added, is_removed) if is_added || is_removed => (!is_negated).then_some(is_added),
        _ => (is_for_draw || is_on_list || is_invited).then_some(!is_negated),
    }
}

/// Number of occupations that a list is said to have.
fn count(sentence: &Sentence, at: usize) -> Option<i64> {
    let token = &sentence.tokens[at];
    let digits = token.number().filter(|number| !number.is_grouped).and_then(Number::plain);
    let value = digits.or_else(|| number_word(token.word())).filter(|value| (2..=150).contains(value))?;
    let is_noun = |at: &usize| {
        let word = sentence.word(*at);
        WORDS.has("occupations", word) || (WORDS.has("jobs", word) && has(sentence, "list"))
    };
    let noun = (at + 1..at + 5).find(is_noun)?;
    let any = |group: &str, mut places: Range<usize>| places.any(|at| WORDS.has(group, sentence.word(at)));
    let counts_all = !any("before", at.saturating_sub(2)..at)
        && !any("between", at + 1..noun)
        && !any("after", noun + 1..noun + 3)
        && (at + 1..noun).all(|at| !sentence.word(at).is_empty());
    // "We describe 12 occupations" is not about a list.
    let before = at.saturating_sub(4)..at;
    let is_about_list = has(sentence, "list") || any("about", before.start..noun + 4) || any("these", before);
    (counts_all && is_about_list && !sentence.is_in_date(at)).then_some(value)
}

/// The value of “twelve”, “thirty-five” or “trente-sept”.
fn number_word(word: &str) -> Option<i64> {
    const UNITS: &str = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                         seventeen eighteen nineteen";
    const UNITS_FR: &str = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize \
                            dix-sept dix-huit dix-neuf";
    let place = |names: [&str; 2], word: &str| {
        let index = names.iter().find_map(|names| names.split(' ').position(|name| name == word))?;
        i64::try_from(index + 1).ok()
    };
    let tens =
        |word: &str| Some(10 * (place(["twenty thirty forty fifty", "vingt trente quarante cinquante"], word)? + 1));
    place([UNITS, UNITS_FR], word).or_else(|| tens(word)).or_else(|| {
        let (ten, unit) = word.split_once('-')?;
        Some(tens(ten)? + place([UNITS, UNITS_FR], unit)?)
    })
}

/// The lists against which the claims of a sentence are checked.
struct Lists<'r> {
    /// Those of the draws at hand, each with its draw.
    of_draws: Vec<(&'r Draw, &'r DatedList)>,
    /// All others that the sentence may mean.
    others: Vec<&'r DatedList>,
    /// Possible numbers of occupations: of each list in effect on the day of a draw at hand, and of all of them.
    counts: Vec<usize>,
    /// Whether all draws at hand have a list.
    is_certain: bool,
}

impl<'r> Lists<'r> {
    fn of(sentence: &Sentence, record: &DrawRecord<'r>, draws: &[&'r Draw]) -> Self {
        let mut lists = Self { of_draws: vec![], others: vec![], counts: vec![], is_certain: true };
        for draw in draws {
            let on_day = || record.lists.iter().filter(|list| list.is_active_on(draw.date));
            let own =
                on_day().find(|list| draw.category.as_ref() == Some(&list.category_key) && !list.codes.is_empty());
            lists.is_certain &= own.is_some();
            lists.of_draws.extend(own.map(|list| (*draw, list)));
            lists.others.extend(on_day().filter(|list| has(sentence, &list.category_key)));
            lists.counts.extend(on_day().map(|list| list.codes.len()));
            lists.counts.push(on_day().map(|list| list.codes.len()).sum());
        }
        if has(sentence, "versions") {
            let is_version =
                |list: &&DatedList| lists.of_draws.iter().any(|(_, own)| own.category_key == list.category_key);
            lists.others.extend(record.lists.iter().filter(is_version));
        }
        lists
    }

    fn wrong_code(&self, sentence: &Sentence, claim: &CodeClaim) -> Option<RawFinding> {
        let code = digits(sentence, claim.at);
        let has = |list: &DatedList| list.codes.iter().any(|listed| listed == code);
        let mut all = self.of_draws.iter().map(|(_, list)| *list).chain(self.others.iter().copied());
        let is_wrong = if claim.is_eligible { !all.any(has) } else { all.all(has) };
        let (draw, list) = self.of_draws.first()?;
        let (round, day) = (&draw.round, draw.day().text);
        let reason = match (claim.is_eligible, is_wrong) {
            (true, true) if list.codes.len() > 12 => format!("{code} was not eligible in draw {round} of {day}."),
            (true, true) => {
                format!("{code} was not eligible in draw {round} of {day}. These were: {}.", list.codes.join(", "))
            }
            (false, true) => format!("{code} was eligible in draw {round} of {day}."),
            _ if claim.is_repeated => format!("{code} is named twice."),
            _ => return None,
        };
        Some(sentence.finding(Rule::Eligibility, sentence.tokens[claim.at].range.clone(), reason, None))
    }

    fn wrong_count(&self, sentence: &Sentence, (at, value): (usize, i64)) -> Option<RawFinding> {
        let (draw, list) = self.of_draws.first()?;
        let is_value = |count: usize| i64::try_from(count) == Ok(value);
        let is_right =
            self.counts.iter().copied().any(is_value) || self.others.iter().any(|list| is_value(list.codes.len()));
        (self.is_certain && !is_right).then(|| {
            let (count, round, day) = (list.codes.len(), &draw.round, draw.day().text);
            let reason = format!("{count} occupations were eligible in draw {round} of {day}, not {value}.");
            sentence.finding(Rule::Eligibility, sentence.tokens[at].range.clone(), reason, None)
        })
    }
}
