//! Findings of the fact check as the editor shows them: errors, hints and accepted findings.

use sqlx::SqlitePool;

use crate::draws::TokenValues;
use crate::fact_check::{Finding, Severity};
use crate::posts::post_form::PostForm;

/// Findings of a post, by how the editor shows them.
#[derive(Default)]
pub struct EditorFindings {
    /// Errors that need a reason before publication.
    pub errors: Vec<EditorFinding>,
    pub hints: Vec<EditorFinding>,
    /// Findings that the post was published with before.
    pub accepted: Vec<EditorFinding>,
}

pub struct EditorFinding {
    pub key: String,
    pub finding: Finding,
    /// The sentence, with the words in question marked.
    pub sentence: MarkedText,
    /// The sentence after the fix as readers will see it, with the changed words marked.
    pub after_fix: Option<MarkedText>,
}

/// A text in three parts. `marked` may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MarkedText {
    pub before: String,
    pub marked: String,
    pub after: String,
}

impl EditorFindings {
    pub async fn new(db: &SqlitePool, findings: Vec<Finding>, accepted: &[String]) -> sqlx::Result<Self> {
        let sentences = findings.iter().map(|finding| finding.sentence.as_str());
        let texts: Vec<&str> = sentences.chain(findings.iter().filter_map(corrected_sentence)).collect();
        let token_values = TokenValues::for_texts(db, &texts).await?;
        Ok(Self::group(findings, accepted, &token_values))
    }

    fn group(findings: Vec<Finding>, accepted: &[String], token_values: &TokenValues) -> Self {
        let mut groups = Self::default();
        for finding in findings {
            let finding = EditorFinding::new(finding, token_values);
            let group = match finding.finding.severity {
                _ if accepted.contains(&finding.key) => &mut groups.accepted,
                Severity::Error => &mut groups.errors,
                Severity::Hint => &mut groups.hints,
            };
            group.push(finding);
        }
        groups
    }

    pub fn has_any(&self) -> bool {
        [&self.errors, &self.hints, &self.accepted].iter().any(|group| !group.is_empty())
    }

    /// Applies the suggested fix of the finding with this key to the form. Returns what was inserted.
    pub fn apply_fix(&self, key: &str, form: &mut PostForm) -> Option<String> {
        let finding = self.find(key)?;
        let fix = finding.suggested_fix.clone()?;
        let text = form.text_mut(finding.field);
        text.get(fix.range.clone())?;
        text.replace_range(fix.range, &fix.replacement);
        Some(fix.replacement)
    }

    /// The finding with this key, unless it was accepted.
    fn find(&self, key: &str) -> Option<&Finding> {
        self.errors.iter().chain(&self.hints).find(|line| line.key == key).map(|line| &line.finding)
    }
}

impl EditorFinding {
    fn new(finding: Finding, token_values: &TokenValues) -> Self {
        let expanded = |text: &str| token_values.expand_line(text);
        let after_fix = corrected_sentence(&finding)
            .map(|corrected| MarkedText::changed(&expanded(&finding.sentence), &expanded(corrected)));
        let sentence = MarkedText::at(&finding.sentence, finding.words.start, finding.words.end);
        Self { key: finding.key(), sentence, after_fix, finding }
    }

    pub fn location(&self) -> String {
        let line = self.finding.line;
        match self.finding.field {
            "body" => format!("Text, line {line}"),
            "correction" => format!("Correction note, line {line}"),
            "title" => "Title".into(),
            "search_title" => "Search title".into(),
            "search_description" => "Search description".into(),
            _ => "Summary".into(),
        }
    }
}

fn corrected_sentence(finding: &Finding) -> Option<&str> {
    finding.suggested_fix.as_ref()?.corrected_sentence.as_deref()
}

impl MarkedText {
    /// Marks the bytes from `start` to `end`, or nothing if these are not in the text.
    fn at(text: &str, start: usize, end: usize) -> Self {
        match (text.get(..start), text.get(start..end), text.get(end..)) {
            (Some(before), Some(marked), Some(after)) => {
                Self { before: before.into(), marked: marked.into(), after: after.into() }
            }
            _ => Self { before: text.into(), ..Self::default() },
        }
    }

    /// Marks the words of `new` that differ from `old`, without the punctuation around them.
    fn changed(old: &str, new: &str) -> Self {
        let words = |text| -> Vec<&str> { str::split_inclusive(text, char::is_whitespace).collect() };
        let (old_words, new_words) = (words(old), words(new));
        let first = old_words.iter().zip(&new_words).take_while(|(old, new)| old == new).count();
        let rest = old_words[first..].iter().rev().zip(new_words[first..].iter().rev());
        let same_at_end = rest.take_while(|(old, new)| old == new).count();
        let (old_words, changed) =
            (&old_words[first..old_words.len() - same_at_end], &new_words[first..new_words.len() - same_at_end]);
        let (old, changed) = (old_words.concat(), changed.concat());
        let is_mark = |c: &char| !c.is_alphanumeric();
        let same = |old: &mut dyn Iterator<Item = char>, new: &mut dyn Iterator<Item = char>| {
            let same = old.zip(new).take_while(|(old, new)| old == new && is_mark(new));
            same.map(|(_, new)| new.len_utf8()).sum::<usize>()
        };
        let after = same(&mut old.chars().rev(), &mut changed.chars().rev());
        let before = same(&mut old[..old.len() - after].chars(), &mut changed[..changed.len() - after].chars());
        let start = new_words[..first].concat().len() + before;
        Self::at(new, start, start + changed.len() - before - after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact_check::{Rule, SuggestedFix};

    fn finding(severity: Severity, sentence: &str) -> Finding {
        Finding {
            rule: Rule::Figure,
            severity,
            field: "body",
            line: 3,
            sentence: sentence.into(),
            words: 13..16,
            reason: "The record says 476.".into(),
            suggested_fix: None,
        }
    }

    #[test]
    fn findings_are_grouped_by_severity_and_acceptance() {
        let mut fixable = finding(Severity::Error, "The cut-off: 480.");
        let corrected_sentence = Some("The cut-off: 476.".into());
        fixable.suggested_fix = Some(SuggestedFix { range: 13..16, replacement: "476".into(), corrected_sentence });
        let accepted = finding(Severity::Error, "The cut-off: 481.");
        let hint = finding(Severity::Hint, "Rank needed: 500 or above");
        let (keys, all) = ([accepted.key()], vec![hint, fixable, accepted]);
        let groups = EditorFindings::group(all.clone(), &keys, &TokenValues::default());
        let sentences = |group: &[EditorFinding]| -> Vec<Finding> { group.iter().map(|f| f.finding.clone()).collect() };
        assert_eq!(sentences(&groups.hints), all[..1]);
        assert_eq!(sentences(&groups.errors), all[1..2]);
        assert_eq!(sentences(&groups.accepted), all[2..]);
        let [error] = &groups.errors[..] else { unreachable!() };
        assert_eq!((&*error.sentence.marked, &*error.location()), ("480", "Text, line 3"));
        assert_eq!(error.after_fix, Some(MarkedText::at("The cut-off: 476.", 13, 16)));
        assert!(groups.find(&error.key).is_some() && groups.find(&keys[0]).is_none());
    }

    #[test]
    fn changed_words_are_marked_without_punctuation() {
        for (old, new, marked) in [
            ("The cut-off was 480.", "The cut-off was 476.", "476"),
            ("(480) points", "(476) points", "476"),
            ("3,310 were invited", "3,200 were invited", "3,200"),
            ("Rank required: 500 or above", "CRS score required: 476 or above", "CRS score required: 476"),
            ("On July 5, 2023 it", "On July 6, 2023 it", "6"),
            ("le seuil de 1 750 points", "le seuil de 1 705 points", "705"),
            ("It was 480, a rise", "It was 480 a rise", "480"),
            ("Draw 252", "Draw 252", ""),
            ("", "été", "été"),
            ("a b a b", "a b", ""),
        ] {
            let text = MarkedText::changed(old, new);
            assert_eq!(text.marked, marked, "{old}");
            assert_eq!(format!("{}{}{}", text.before, text.marked, text.after), new);
        }
        assert_eq!(MarkedText::at("é", 1, 2), MarkedText { before: "é".into(), ..MarkedText::default() });
    }
}
