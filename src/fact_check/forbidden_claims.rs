//! Check for promises of an outcome, which a licensed consultant must not make.

use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::sentence::Sentence;

/// Promises, wherever they stand.
pub(super) fn findings(sentences: &[Sentence]) -> Vec<RawFinding> {
    let each = |sentence: &Sentence| -> Vec<RawFinding> {
        let places = 0..sentence.tokens.len();
        places.filter_map(|at| promise(sentence, at).map(|last| report(sentence, at, last))).collect()
    };
    sentences.iter().flat_map(each).take(MAX_FINDINGS + 1).collect()
}

fn report(sentence: &Sentence, at: usize, last: usize) -> RawFinding {
    let place = sentence.span(at, last);
    let words = &sentence.block.text[place.clone()];
    let reason = format!(
        "“{words}”: a licensed consultant must not promise an outcome. Describe the service or the requirements instead."
    );
    sentence.finding(Rule::ForbiddenWord, place, reason, None)
}

/// The last token of a promise that begins at `at`.
fn promise(sentence: &Sentence, at: usize) -> Option<usize> {
    let next = sentence.word(at + 1);
    let (last, may_be_denied) = match sentence.word(at) {
        "guarantee" | "guarantees" | "guaranteed" | "guaranteeing" => (at, true),
        "hundred" if matches!(next, "percent" | "per-cent") => (at + 1, true),
        "hundred" if next == "per" && sentence.word(at + 2) == "cent" => (at + 2, true),
        "assured" if is_goal(next) => (at + 1, true),
        goal if is_goal(goal) && next == "assured" => (at + 1, true),
        "sure-shot" | "sureshot" => (at, false),
        "sure" if next == "shot" => (at + 1, false),
        "no" | "zero" if matches!(next, "refusal" | "refusals" | "rejection" | "rejections") => (at + 1, false),
        "no-refusal" | "zero-refusal" => (at, false),
        _ => (whole_percentage(sentence, at)?, true),
    };
    (!may_be_denied || !is_denied(sentence, at)).then_some(last)
}

fn is_goal(word: &str) -> bool {
    matches!(word, "visa" | "visas" | "approval" | "success" | "pr" | "admission" | "residence" | "results" | "result")
}

/// `100%`, `100 percent`, `100 per cent`
fn whole_percentage(sentence: &Sentence, at: usize) -> Option<usize> {
    let number = sentence.tokens[at].number()?;
    if number.plain() != Some(100) || at > 0 && sentence.is_punctuation(at - 1, '-') {
        return None;
    }
    match sentence.word(at + 1) {
        "percent" => Some(at + 1),
        "per" if sentence.word(at + 2) == "cent" => Some(at + 2),
        _ => sentence.is_punctuation(at + 1, '%').then_some(at + 1),
    }
}

/// Whether the sentence says that there is no such promise, warns of it, or only asks.
fn is_denied(sentence: &Sentence, at: usize) -> bool {
    let is_question = sentence.text().ends_with('?')
        && matches!(sentence.word(0), "is" | "are" | "does" | "do" | "can" | "could" | "will" | "would" | "has");
    let is_about_nobody = matches!(sentence.word(0), "nobody" | "no" | "none" | "neither" | "nothing");
    let is_warning = sentence.has(&["beware", "avoid", "fraud", "scam", "scams", "suspicious", "distrust", "careful"]);
    if is_question || (is_about_nobody && !sentence.has(&["we", "our"])) || is_warning {
        return true;
    }
    let mut denied_at = at;
    while denied_at > 0 && at - denied_at < 7 {
        denied_at -= 1;
        let token = &sentence.tokens[denied_at];
        if [';', ',', ':', '—', '–', '|'].iter().any(|mark| token.is_punctuation(*mark)) || token.word() == "but" {
            return false;
        }
        let is_only = sentence.word(denied_at + 1) == "only";
        if is_denial(token.word()) && !is_only {
            return true;
        }
    }
    false
}

fn is_denial(word: &str) -> bool {
    word.ends_with("n't")
        || matches!(
            word,
            "no" | "not"
                | "nobody"
                | "none"
                | "nothing"
                | "never"
                | "neither"
                | "nor"
                | "cannot"
                | "without"
                | "hardly"
        )
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
            "Beware of anyone who guarantees a visa.",
            "A guarantor signs for the applicant.",
            "It takes 100 days and 1,100 % more.",
            "Be sure to shoot the photo against white; a refusal has reasons.",
        ] {
            assert!(rules_found(fine).is_empty(), "{fine}");
        }
    }
}
