//! Finds sentences that offer immigration advice or representation.
//!
//! Section 91 of the Immigration and Refugee Protection Act allows that to licence holders only. The check looks for
//! common phrases. It helps staff to find such sentences and proves nothing about a text without a hit.

/// Prefixes of phrases that offer advice or representation, in lower case.
const OFFERS: &[&str] = &[
    "we advise",
    "we can advise",
    "will advise",
    "advise you",
    "advises you",
    "our advice",
    "legal advice",
    "immigration advice",
    "expert advice",
    "professional advice",
    "free advice",
    "news and advice",
    "our advis",
    "an advis",
    "our consultant",
    "our lawyer",
    "immigration consultan",
    "a consultation",
    "free consultation",
    "free assessment",
    "we assess",
    "assess your",
    "we evaluate",
    "evaluate your",
    "we represent",
    "represent you",
    "representation",
    "on your behalf",
    "we prepare",
    "prepare your",
    "prepare applications",
    "submit your application",
    "file your application",
    "we handle",
    "handle your",
    "we help",
    "we can help",
    "we will help",
    "help you",
    "help people",
    "we guide",
    "guide you",
    "we look at your",
    "your situation",
    "which programs are open to you",
    "what is open to you",
    "means for you",
    "our services",
    "hire us",
    "retain us",
];

/// Words that negate an offer.
const NEGATIONS: &[&str] =
    &["not", "no", "never", "neither", "nor", "cannot", "without", "don't", "doesn't", "can't", "won't"];

/// Maximum length of the excerpt, in characters.
const MAX_EXCERPT_LEN: usize = 160;

/// The first sentence of `text` that offers advice or representation.
pub fn find_advice_offer(text: &str) -> Option<String> {
    text.split(['.', '!', '?', ';', '\n']).find(|sentence| is_offer(sentence)).map(|sentence| {
        let sentence = sentence.trim_matches(|c: char| c.is_whitespace() || "#*_->|".contains(c));
        match sentence.char_indices().nth(MAX_EXCERPT_LEN) {
            Some((end, _)) => format!("{}…", &sentence[..end]),
            None => sentence.to_owned(),
        }
    })
}

fn is_offer(sentence: &str) -> bool {
    let plain: String = sentence
        .chars()
        .filter(|c| !matches!(c, '*' | '_' | '`'))
        .map(|c| if c == '’' { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| NEGATIONS.contains(word)) {
        return false;
    }
    let plain = format!(" {}", words.join(" "));
    OFFERS.iter().any(|phrase| plain.contains(&format!(" {phrase}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_of_advice_and_representation_are_found() {
        for text in [
            "We help people apply to live in Canada.",
            "Welcome. **Our advisers** answer every question!",
            "An adviser reads it",
            "We *represent* you before the government",
            "Book a free consultation today",
            "Let us tell you what this means for you",
            "- We prepare applications with you",
            "We’re an immigration consultancy",
        ] {
            assert!(find_advice_offer(text).is_some(), "{text}");
        }
        assert_eq!(
            find_advice_offer("News.\n\n- We prepare applications with you: all of them. More.").as_deref(),
            Some("We prepare applications with you: all of them")
        );
    }

    #[test]
    fn statements_and_refusals_are_no_offers() {
        for text in [
            "We do not represent you and offer no immigration advice.",
            "A person reads every message and answers it.",
            "Canada invited 500 people with experience in healthcare.",
            "This site doesn’t offer a consultation.",
            "",
        ] {
            assert_eq!(find_advice_offer(text), None, "{text}");
        }
    }
}
