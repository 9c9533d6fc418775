//! Check for promises of an outcome, with the phrases of `data/fact_check/promises.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::{Number, Token, TokenKind};
use crate::fact_check::word_groups::{Word, WordGroups, is_one_of, lines, word};

enum Part {
    OneOf(Vec<Word>),
    NoneOf(Vec<Word>),
    /// Up to so many other words.
    Gap(usize),
}

struct Phrase {
    parts: Vec<Part>,
    unless: Vec<Word>,
    may_be_denied: bool,
}

struct Promises {
    groups: WordGroups,
    phrases: Vec<Phrase>,
    /// Phrases by the first character of their first word.
    by_start: HashMap<char, Vec<usize>>,
}

static PROMISES: LazyLock<Promises> =
    LazyLock::new(|| Promises::read(include_str!("../../data/fact_check/promises.txt")));

impl Promises {
    fn read(file: &'static str) -> Self {
        let mut promises = Self { groups: WordGroups::read(file), phrases: vec![], by_start: HashMap::new() };
        for line in lines(file).filter(|line| !line.contains(" = ")) {
            let (phrase, unless) = line.split_once(" unless ").unwrap_or((line, ""));
            let parts = phrase.trim_start_matches("! ").split_whitespace().map(|part| promises.part(part)).collect();
            let unless = unless.split_whitespace().flat_map(|words| promises.one_of(words)).collect();
            promises.phrases.push(Phrase { parts, unless, may_be_denied: !line.starts_with('!') });
        }
        for (index, phrase) in promises.phrases.iter().enumerate() {
            let Some(Part::OneOf(words)) = phrase.parts.first() else { continue };
            for first in words.iter().filter_map(|(word, _)| word.chars().next()) {
                let phrases = promises.by_start.entry(first).or_default();
                if phrases.last() != Some(&index) {
                    phrases.push(index);
                }
            }
        }
        promises
    }

    fn part(&self, part: &'static str) -> Part {
        if let Some(most) = part.strip_prefix("..").and_then(|most| most.parse().ok()) {
            return Part::Gap(most);
        }
        part.strip_prefix('~').map_or_else(|| Part::OneOf(self.one_of(part)), |words| Part::NoneOf(self.one_of(words)))
    }

    fn one_of(&self, part: &'static str) -> Vec<Word> {
        let group = part.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
        group.map_or_else(|| part.split('|').map(word).collect(), |group| self.groups.group(group).to_vec())
    }

    /// The last token of the longest promise that begins at a token.
    fn promise(&self, sentence: &Sentence, at: usize) -> Option<usize> {
        let phrases = self.by_start.get(&text(sentence, at).chars().next()?)?;
        let ends = phrases.iter().map(|index| &self.phrases[*index]).filter_map(|phrase| {
            let end = end_of(sentence, at, &phrase.parts)?;
            let is_allowed = (phrase.may_be_denied && self.is_denied(sentence, at, end))
                || (0..sentence.tokens.len()).any(|at| is_one_of(text(sentence, at), &phrase.unless));
            (!is_allowed).then_some(end - 1)
        });
        ends.max()
    }

    /// Whether the sentence says that there is no such promise, warns of it, or only asks.
    fn is_denied(&self, sentence: &Sentence, at: usize, end: usize) -> bool {
        let first = sentence.tokens.iter().map(Token::word).find(|word| !word.is_empty()).unwrap_or_default();
        let is_question = sentence.text().ends_with('?') && self.groups.has("question", first);
        let is_about_nobody = self.groups.has("nobody", first) && !sentence.has(&["we", "our", "nous", "notre", "nos"]);
        let is_warning = sentence.tokens.iter().any(|token| self.groups.has("warning", token.word()));
        let is_denial = |at: usize| {
            let is_only = matches!(sentence.word(at + 1), "only" | "seulement");
            !is_only && (sentence.word(at).ends_with("n't") || self.groups.has("denial", sentence.word(at)))
        };
        let ends_clause = |at: &usize| {
            [';', ',', ':', '—', '–', '|'].iter().any(|mark| sentence.is_punctuation(*at, *mark))
                || matches!(sentence.word(*at), "but" | "mais")
        };
        let mut clause = (at.saturating_sub(7)..at).rev().take_while(|at| !ends_clause(at));
        is_question
            || is_about_nobody
            || is_warning
            || matches!(sentence.word(end), "nothing" | "rien")
            || clause.any(is_denial)
    }
}

/// A word, a number as digits or a percent sign; empty for other tokens. The end of a range counts as none.
fn text<'s>(sentence: &'s Sentence, at: usize) -> &'s str {
    match sentence.tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => word,
        Some(TokenKind::Number(Number { value: Some(_), digits, .. })) => {
            if at > 0 && sentence.is_punctuation(at - 1, '-') { "" } else { digits }
        }
        Some(TokenKind::Punctuation('%')) => "%",
        _ => "",
    }
}

/// Where a phrase ends that begins at a token.
fn end_of(sentence: &Sentence, at: usize, parts: &[Part]) -> Option<usize> {
    match parts {
        [] => Some(at),
        [Part::OneOf(words), rest @ ..] => {
            is_one_of(text(sentence, at), words).then(|| end_of(sentence, at + 1, rest)).flatten()
        }
        [Part::NoneOf(words), rest @ ..] => {
            (!is_one_of(text(sentence, at), words)).then(|| end_of(sentence, at, rest)).flatten()
        }
        [Part::Gap(most), rest @ ..] => {
            let is_word = |at: usize| !text(sentence, at).is_empty() || sentence.is_punctuation(at, ',');
            let most = (0..*most).take_while(|count| is_word(at + count)).count();
            (0..=most).find_map(|count| end_of(sentence, at + count, rest))
        }
    }
}

/// Promises, wherever they stand.
pub(super) fn findings(sentences: &[Sentence]) -> Vec<RawFinding> {
    let mut found = vec![];
    for sentence in sentences {
        let mut at = 0;
        while at < sentence.tokens.len() && found.len() <= MAX_FINDINGS {
            let promise = PROMISES.promise(sentence, at);
            found.extend(promise.map(|last| report(sentence, at, last)));
            at = promise.unwrap_or(at) + 1;
        }
    }
    found
}

fn report(sentence: &Sentence, first: usize, last: usize) -> RawFinding {
    let place = sentence.span(first, last);
    let words = &sentence.block.text[place.clone()];
    let reason = format!(
        "“{words}”: a licensed consultant must not promise an outcome. Describe the service or the requirements instead."
    );
    sentence.finding(Rule::ForbiddenWord, place, reason, None)
}

#[cfg(test)]
mod tests {
    use crate::fact_check::Rule;
    use crate::fact_check::tests::rules_found;

    #[test]
    fn promises_are_reported() {
        for bad in [
            "We guarantee your visa.",
            "A visa is **guaranteed** with us!",
            "100% success",
            "100 % visa ratio",
            "You are a hundred percent safe.",
            "Success is one hundred per cent certain.",
            "Assured visa in 30 days.",
            "Canada PR: sure shot!",
            "A sure-shot way",
            "No refusal in ten years.",
            "Not only guaranteed: fast.",
            "We do not charge twice, and we guarantee success.",
            "Want a guaranteed job?",
            "We assure you a visa.",
            "We assure you that you will be invited.",
            "You will definitely be invited.",
            "You’ll certainly get your PR.",
            "Money back if refused!",
            "If your visa is refused, you get your money back.",
            "A full refund if the visa is refused.",
            "100 % of our clients were approved.",
            "Nous vous garantissons un visa.",
            "Remboursé en cas de refus.",
            "Satisfait ou remboursé !",
            "Avec nous : succès garanti.",
            "Nous vous assurons un visa.",
            "Vous serez certainement invité au prochain tirage.",
            "Avec nous, votre visa est assuré.",
            "100 % de succès",
            "We can promise you permanent residence.",
            "Your visa will certainly be approved.",
            "Get your money back if IRCC refuses you.",
            "If you are refused, we refund every dollar.",
            "Approval assured with our team.",
            "We have a 100% success rate.",
            "Hundred percent approval!",
            "Nous vous promettons la résidence permanente.",
            "Résidence permanente garantie.",
            "Un taux de réussite de 100 %.",
            "Vous serez invité, c’est certain : résultat assuré.",
            "Remboursement intégral en cas de refus du visa.",
            "With us you are certain to get an invitation.",
        ] {
            assert_eq!(rules_found(bad), [Rule::ForbiddenWord], "{bad}");
        }
    }

    #[test]
    fn wording_without_promises_is_not_reported() {
        for fine in [
            "Nobody can guarantee a visa.",
            "No consultant, however good, can guarantee an invitation.",
            "We cannot and do not guarantee a result.",
            "An invitation is not a guarantee of a visa.",
            "There is no guarantee.",
            "It can never be guaranteed.",
            "We can’t guarantee it.",
            "You can never be 100% sure.",
            "Is an invitation guaranteed?",
            "100 % of nominees with 725 points were invited.",
            "100% of candidates in the draw got an invitation, 100 % online.",
            "The fee is 100 % refundable, and the government refunds it if the application is refused.",
            "An invitation guarantees nothing.",
            "Anyone who guarantees a visa is lying.",
            "The minister promised 1,500 more invitations.",
            "We assure you that we answer within two days.",
            "Nous ne garantissons pas un visa.",
            "Aucun consultant ne peut garantir un visa.",
            "Une invitation est délivrée sans garantie de visa.",
            "Méfiez-vous de ceux qui vous garantissent un visa.",
            "Peut-on garantir un visa ?",
            "❌ Ne payez pas 300 000 DA à des gens de votre ville qui « garantissent » 400 points.",
            "Never send money to a person in another country who says that a visa is guaranteed.",
            "L’assurance maladie est obligatoire.",
            "No visa is guaranteed, and we say so in writing.",
            "Is your success guaranteed? No.",
            "The Charter guarantees nothing of the kind.",
            "We never promise results.",
            "You will surely have questions before you are invited.",
            "Nobody will surely be invited.",
            "We will certainly answer your questions.",
            "IRCC refunds the right of permanent residence fee if the application is refused.",
            "Les frais de droit de résidence permanente sont remboursés en cas de refus.",
            "Our firm does not offer any money-back deals.",
            "100% of our work is done online.",
            "The category makes up 100 % of the draws for healthcare workers with a visa.",
            "Vous recevrez certainement beaucoup de courriels.",
            "Aucun résultat n’est garanti.",
            "L’invitation ne garantit pas la résidence permanente.",
            "You are not assured a visa even if you are invited.",
            "Approval rates are close to 100 per cent for some countries?",
            "Beware of anyone who guarantees a visa.",
            "A guarantor signs for the applicant.",
            "It takes 100 days and 1,100 % more.",
            "Be sure to shoot the photo against white; a refusal has reasons.",
        ] {
            assert!(rules_found(fine).is_empty(), "{fine}");
        }
    }
}
