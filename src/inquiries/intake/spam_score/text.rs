//! Spam signals in a text: links, advertising, random letters.

use crate::inquiries::intake::spam_score::word_lists::{
    IMMIGRATION_WORDS, OFFER_WORDS, PERSONAL_PAGE_HOSTS, POSSIBLE_OFFER_WORDS, PRODUCT_WORDS, SUSPECT_LINK_WORDS,
};
use crate::web::single_line;

/// Lower case, single spaces, no invisible characters.
pub fn normalize(text: &str) -> String {
    single_line(text).to_lowercase().replace(['’', '‘'], "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Number of links in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    pub all: usize,
    /// Links to neither personal profiles nor public institutions.
    pub foreign: usize,
}

impl Links {
    pub fn of(plain: &str) -> Self {
        let mut links = Self::default();
        for start in link_starts(plain) {
            let host: String =
                plain[start..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).collect();
            let host = host.trim_start_matches("www.");
            let is_own = PERSONAL_PAGE_HOSTS.iter().any(|own| host.strip_suffix(own).is_some_and(is_host_part));
            let is_public = host.split('.').any(|label| matches!(label, "gov" | "edu" | "ac"));
            links.all += 1;
            links.foreign += usize::from(!is_own && !is_public);
        }
        links
    }
}

fn is_host_part(before: &str) -> bool {
    before.is_empty() || before.ends_with('.')
}

/// Start of each link's host: after `://`, at `www.`, or at a host name with a path.
fn link_starts(plain: &str) -> Vec<usize> {
    let mut starts: Vec<usize> = plain
        .match_indices("http")
        .filter_map(|(place, _)| {
            let rest = plain[place + 4..].strip_prefix('s').unwrap_or(&plain[place + 4..]);
            rest.strip_prefix("://").map(|host| plain.len() - host.len())
        })
        .collect();
    starts
        .extend(plain.match_indices("www.").map(|(place, _)| place).filter(|place| !plain[..*place].ends_with("://")));
    let mut place = 0;
    for word in plain.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | '=' | ',')) {
        if let Some((host, _)) = word.split_once('/')
            && !host.starts_with("www.")
            && is_host(host)
        {
            starts.push(place);
        }
        place += word.len();
        place += plain[place..].chars().next().map_or(0, char::len_utf8);
    }
    starts
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    host.rsplit_once('.').is_some_and(|(before, top)| {
        top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic()) && before.split('.').all(is_label)
    })
}

/// Signs of advertising in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advertising {
    goods: usize,
    offers: usize,
    possible_offers: usize,
    /// Links to something unrelated to immigration.
    has_suspect_link: bool,
    /// Link, e-mail address, messenger or phone number.
    has_contact_details: bool,
    immigration_terms: usize,
}

impl Advertising {
    pub fn of(plain: &str, links: Links) -> Self {
        let count = |words: &[&str]| words.iter().filter(|word| contains_word(plain, word)).count();
        let has_number = plain
            .split(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | '-'))
            .any(|run| run.bytes().filter(u8::is_ascii_digit).count() >= 9);
        let answered = ["@", "telegram", "t.me", "skype"].iter().any(|mark| plain.contains(mark));
        Self {
            goods: count(PRODUCT_WORDS),
            offers: count(OFFER_WORDS),
            possible_offers: count(POSSIBLE_OFFER_WORDS),
            has_suspect_link: links.foreign > 0 && count(SUSPECT_LINK_WORDS) > 0,
            has_contact_details: links.foreign > 0 || has_number || answered,
            immigration_terms: count(IMMIGRATION_WORDS),
        }
    }

    /// Points of the spam score.
    pub fn points(self) -> i64 {
        let points = match (self.goods, self.offers, self.possible_offers) {
            (1.., 2.., _) => return 100,
            (_, 4.., _) => 100,
            _ if self.has_suspect_link => 100,
            (1.., 1, _) | (0, 2.., _) if self.has_contact_details => 100,
            (2.., 0, 1..) | (1, 0, 2..) if self.has_contact_details => 70,
            (1.., 1, _) | (0, 2.., _) => 60,
            (2.., 0, _) if self.has_contact_details => 50,
            (0, 1, _) => 40,
            (1, 0, _) if self.has_contact_details => 30,
            _ => 0,
        };
        // Genuine inquiries mention the sender's trade and money. Spam rarely uses two immigration terms.
        if self.immigration_terms > 1 { (points - 60).max(0) } else { points }
    }
}

/// Whether `text` contains `word`, or its plural, as a whole word. A `*` at the end matches any ending.
fn contains_word(text: &str, word: &str) -> bool {
    let (word, is_beginning) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
    let is_spaced = word.is_ascii() || is_beginning;
    text.match_indices(word).any(|(place, _)| {
        let after = &text[place + word.len()..];
        let after = after.strip_prefix('s').unwrap_or(after);
        let begins = !is_spaced || !text[..place].ends_with(char::is_alphanumeric);
        let ends = !is_spaced
            || is_beginning
            || !after.starts_with(char::is_alphanumeric)
            || !word.ends_with(char::is_alphanumeric);
        begins && ends
    })
}

/// Whether at least half of the words look random: no vowel, many consonants in a row, or capitals inside.
pub fn is_random(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3).collect();
    let random = words.iter().filter(|word| is_random_word(word)).count();
    random > 0 && random * 2 >= words.len()
}

fn is_random_word(word: &str) -> bool {
    if !word.bytes().all(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    let is_vowel = |b: u8| b"aeiouy".contains(&b.to_ascii_lowercase());
    let longest = word.as_bytes().split(|b| is_vowel(*b)).map(<[u8]>::len).max().unwrap_or(0);
    let rises =
        word.as_bytes().windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase()).count();
    let is_abbreviation = word.len() < 7 && word.bytes().all(|b| b.is_ascii_uppercase());
    !is_abbreviation && (longest == word.len() || longest > 5 || rises > 2)
}

/// Whether most letters are Cyrillic, Japanese or Chinese, which few clients use and much spam does.
pub fn is_in_unusual_script(plain: &str) -> bool {
    let letters = plain.chars().filter(|c| c.is_alphabetic()).count();
    let far = plain
        .chars()
        .filter(|c| matches!(c, '\u{400}'..='\u{52f}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
    letters > 0 && far.count() * 2 > letters
}
