//! Country of a residence given as country name, abbreviation, province or city, in any spelling.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use deunicode::deunicode_char;
use phonenumber::country::Id;

/// One row per country and kind; names are separated by `|`.
const PLACES_CSV: &str = include_str!("../../data/places.csv");
/// Longer texts are truncated: no form accepts a longer residence.
const MAX_INPUT_LEN: usize = 200;
/// Shorter names are matched with at most one typo, these with two.
const MIN_LEN_FOR_TWO_TYPOS: usize = 8;
/// Further words are ignored.
const MAX_WORDS: usize = 24;
/// Shorter names are only matched exactly.
const MIN_LEN_FOR_TYPO: usize = 5;
/// Countries returned for one text.
const MAX_COUNTRIES: usize = 4;

/// Words before a place where the person is now, as in "living in Dubai".
const PRESENCE_WORDS: [&str; 10] =
    ["in", "currently", "now", "presently", "living", "residing", "resident", "based", "working", "at"];
/// Words before a place where the person is from, as in "originally from India".
const ORIGIN_WORDS: [&str; 8] = ["from", "originally", "origin", "native", "born", "citizen", "national", "passport"];

/// Kind of a place name, most reliable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PlaceKind {
    Country,
    Region,
    City,
}

#[derive(Default)]
struct PlaceIndex {
    names: HashMap<String, Vec<(Id, PlaceKind)>>,
    /// ISO 3166-1 alpha-3 codes. They count only if they are the whole text.
    codes: HashMap<String, Id>,
    /// Names that are also matched with a typo.
    well_known: Vec<(String, Id)>,
    /// Words in the longest name.
    max_name_words: usize,
}

static PLACES: LazyLock<PlaceIndex> = LazyLock::new(PlaceIndex::load);

impl PlaceIndex {
    fn load() -> Self {
        let mut places = Self::default();
        for line in PLACES_CSV.lines().skip(1) {
            let mut columns = line.splitn(3, ',');
            let (Some(country), Some(kind), Some(names)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let Ok(country) = country.parse::<Id>() else { continue };
            for name in names.split('|') {
                places.add(country, kind, &tokenize(name));
            }
        }
        places
    }

    fn add(&mut self, country: Id, kind: &str, words: &[String]) {
        let name = words.join(" ");
        let kind = match kind {
            "code" => {
                self.codes.insert(name, country);
                return;
            }
            "country" => PlaceKind::Country,
            "region" => PlaceKind::Region,
            _ => PlaceKind::City,
        };
        if name.is_empty() {
            return;
        }
        if kind != PlaceKind::City && name.chars().count() >= MIN_LEN_FOR_TYPO {
            self.well_known.push((name.clone(), country));
        }
        self.max_name_words = self.max_name_words.max(words.len());
        let meanings = self.names.entry(name).or_default();
        if !meanings.iter().any(|(known, _)| *known == country) {
            meanings.push((country, kind));
        }
    }
}

/// Evidence for one country.
struct Votes {
    /// 1 if the text says that the person is there now, -1 if it says that they are from there.
    presence: i8,
    count: usize,
    kind: PlaceKind,
    first: usize,
}

/// Countries that `residence` may refer to, the most likely first. Empty if no place is known.
pub fn countries(residence: &str) -> Vec<Id> {
    let words = tokenize(residence);
    // "n/a" is not the code of Namibia.
    if let [code] = words.as_slice()
        && !residence.contains('/')
        && !PLACES.names.contains_key(code)
        && let Some(country) = country_of_code(code)
    {
        return vec![country];
    }
    let mut votes: BTreeMap<String, (Id, Votes)> = BTreeMap::new();
    for (start, meanings) in matches(&words) {
        let presence = presence(&words[..start]);
        for (country, kind) in meanings {
            let (_, vote) = votes
                .entry(country.as_ref().to_owned())
                .or_insert((*country, Votes { presence, count: 0, kind: *kind, first: start }));
            vote.count += 1;
            vote.presence = vote.presence.max(presence);
            vote.kind = vote.kind.min(*kind);
        }
    }
    if votes.is_empty() {
        return with_typo(&words).into_iter().collect();
    }
    let mut votes: Vec<(Id, Votes)> = votes.into_values().collect();
    // With equal evidence, the countries where most clients live come first.
    votes.sort_by_key(|(country, vote)| {
        (-vote.presence, std::cmp::Reverse(vote.count), vote.kind, vote.first, client_country_rank(*country))
    });
    let most = votes.iter().map(|(_, vote)| vote.count).max().unwrap_or(0);
    votes.retain(|(_, vote)| vote.count == most);
    votes.into_iter().map(|(country, _)| country).take(MAX_COUNTRIES).collect()
}

/// Rank of a country by the number of clients.
fn client_country_rank(country: Id) -> usize {
    const USUAL: [Id; 12] =
        [Id::PK, Id::AE, Id::SA, Id::GB, Id::CA, Id::US, Id::QA, Id::OM, Id::KW, Id::BH, Id::IN, Id::AU];
    USUAL.iter().position(|usual| *usual == country).unwrap_or(USUAL.len())
}

fn country_of_code(code: &str) -> Option<Id> {
    match code.len() {
        2 => code.to_ascii_uppercase().parse().ok(),
        3 => PLACES.codes.get(code).copied(),
        _ => None,
    }
}

/// Places in the text with the index of their first word. Of overlapping names, the longest wins.
fn matches(words: &[String]) -> Vec<(usize, &'static [(Id, PlaceKind)])> {
    let mut found = vec![];
    let mut start = 0;
    while start < words.len() {
        let longest = PLACES.max_name_words.min(words.len() - start);
        let place = (1..=longest)
            .rev()
            .find_map(|length| Some((length, PLACES.names.get(&words[start..start + length].join(" "))?)));
        match place {
            Some((length, meanings)) => {
                found.push((start, meanings.as_slice()));
                start += length;
            }
            None => start += 1,
        }
    }
    found
}

/// Whether the words before a place say that the person is there (1) or comes from there (-1).
fn presence(before: &[String]) -> i8 {
    let cue = before.iter().rev().take(3).find_map(|word| match word.as_str() {
        word if ORIGIN_WORDS.contains(&word) => Some(-1),
        word if PRESENCE_WORDS.contains(&word) => Some(1),
        _ => None,
    });
    cue.unwrap_or(0)
}

/// The only country whose name differs by a typo: one letter, or two in a long name.
fn with_typo(words: &[String]) -> Option<Id> {
    let mut nearest = usize::MAX;
    let mut countries = HashSet::new();
    for start in 0..words.len() {
        for end in start + 1..=words.len().min(start + 4) {
            let typed = words[start..end].join(" ");
            let length = typed.chars().count();
            if length < MIN_LEN_FOR_TYPO {
                continue;
            }
            let allowed = if length < MIN_LEN_FOR_TWO_TYPOS { 1 } else { 2 };
            let first = typed.chars().next();
            for (name, country) in &PLACES.well_known {
                if name.chars().next() != first || name.chars().count().abs_diff(length) > allowed {
                    continue;
                }
                let distance = strsim::damerau_levenshtein(&typed, name);
                if distance <= allowed && distance <= nearest {
                    if distance < nearest {
                        countries.clear();
                        nearest = distance;
                    }
                    countries.insert(*country);
                }
            }
        }
    }
    if countries.len() == 1 { countries.into_iter().next() } else { None }
}

/// Words in lower case, without accents, with one form of each Arabic letter. Consecutive single letters are one word, so
/// that "U.A.E." becomes "uae".
fn tokenize(text: &str) -> Vec<String> {
    let plain: String = text.chars().take(MAX_INPUT_LEN).map(normalize_char).collect();
    let mut words: Vec<String> = vec![];
    let mut is_spelled = false;
    for word in plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_letter = word.chars().count() == 1;
        match words.last_mut() {
            Some(last) if is_letter && is_spelled => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        is_spelled = is_letter;
    }
    words.truncate(MAX_WORDS);
    words
}

fn normalize_char(c: char) -> String {
    match c {
        // Removed, so that "Côte d'Ivoire" has two words.
        '\'' | '’' | '‘' | 'ʿ' | 'ʾ' | '`' => String::new(),
        '&' => " and ".into(),
        'ي' | 'ى' | 'ئ' => "ی".into(),
        'ك' => "ک".into(),
        'ة' | 'ۃ' | 'ۀ' | 'ە' | 'ھ' | 'ه' => "ہ".into(),
        'أ' | 'إ' | 'آ' | 'ٱ' => "ا".into(),
        'ؤ' => "و".into(),
        // Vowel signs and tatweel.
        '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' => String::new(),
        // Zero-width characters and direction marks.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => String::new(),
        // A flag emoji consists of two regional indicators.
        '\u{1f1e6}'..='\u{1f1ff}' => {
            char::from_u32(u32::from('a') + (u32::from(c) - 0x1f1e6)).map_or_else(String::new, String::from)
        }
        c if c.is_ascii() => c.to_ascii_lowercase().into(),
        '\u{80}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff00}'..='\u{ff5e}' => {
            deunicode_char(c).unwrap_or(" ").to_lowercase()
        }
        // Indic scripts, including vowel signs.
        '\u{900}'..='\u{dff}' => c.into(),
        c => c.to_lowercase().collect(),
    }
}
