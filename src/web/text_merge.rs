//! Three-way merge of forms: joins the changes of two people to the same version.

use diffy::{ConflictStyle, MergeOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longer than any line of the same signs in a text.
const MARKER_LEN: usize = 60;

/// Form fields with the changes of both people.
#[derive(Clone, Debug, Default)]
pub struct MergedFields {
    /// Names and values.
    pub fields: Vec<(String, String)>,
    /// Names of the fields in which both changed the same place.
    pub conflicts: Vec<String>,
}

impl MergedFields {
    /// The fields as a form.
    pub fn form<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let fields = self.fields.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
        serde_json::from_value(Value::Object(fields))
    }
}

/// Merges the changes of `mine` and `theirs` to `base`. Fields with several lines are merged by line.
///
/// Where both changed the same lines, the text contains both, between placeholders that prevent publication. Where both
/// changed the same line field, `mine` stays. Takes up to a second of processor time.
pub fn merge_forms<T: Serialize>(base: &T, mine: &T, theirs: &T) -> serde_json::Result<MergedFields> {
    let fields =
        |form: &T| -> serde_json::Result<Map<String, Value>> { serde_json::from_value(serde_json::to_value(form)?) };
    let (base, mine, theirs) = (fields(base)?, fields(mine)?, fields(theirs)?);
    let text = |fields: &Map<String, Value>, name: &str| -> String {
        fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut merged = MergedFields::default();
    for name in mine.keys() {
        let (base, mine, theirs) = (text(&base, name), text(&mine, name), text(&theirs, name));
        let (value, is_conflict) = match () {
            () if mine == theirs || theirs == base => (mine, false),
            () if mine == base => (theirs, false),
            () if [&base, &mine, &theirs].iter().any(|text| text.contains('\n')) => merge_lines(&base, &mine, &theirs),
            () => (mine, true),
        };
        if is_conflict {
            merged.conflicts.push(name.clone());
        }
        merged.fields.push((name.clone(), value));
    }
    Ok(merged)
}

/// Merges by line. Returns whether both changed the same lines.
fn merge_lines(base: &str, mine: &str, theirs: &str) -> (String, bool) {
    let [base, mine, theirs] = [base, mine, theirs].map(|text| format!("{text}\n"));
    let mut options = MergeOptions::new();
    options.set_conflict_style(ConflictStyle::Merge).set_conflict_marker_length(MARKER_LEN);
    let (text, is_conflict) = match options.merge(&base, &mine, &theirs) {
        Ok(text) => (text, false),
        Err(text) => (text, true),
    };
    let marker = |sign: char| sign.to_string().repeat(MARKER_LEN);
    let (start, middle, end) = (marker('<'), marker('='), marker('>'));
    let line = |line: &str| match () {
        () if line.starts_with(&start) => "{{write: keep one of two texts. The first is yours}}\n".to_owned(),
        () if line.starts_with(&middle) => "\n{{write: keep one of two texts. This is the other one}}\n".to_owned(),
        () if line.starts_with(&end) => "\n{{write: keep one of two texts. It ends here}}\n".to_owned(),
        () => line.to_owned(),
    };
    let text = text.trim_end_matches('\n').split('\n').map(line).collect::<Vec<_>>().join("\n");
    (text, is_conflict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn merged(base: &str, mine: &str, theirs: &str) -> (String, bool) {
        let form = |body: &str| BTreeMap::from([("body", body.to_owned())]);
        let merged = merge_forms(&form(base), &form(mine), &form(theirs)).unwrap();
        (merged.fields[0].1.clone(), !merged.conflicts.is_empty())
    }

    #[test]
    fn changes_of_different_places_are_joined() {
        let (text, is_conflict) = merged("a\n\nb\n\nc", "A\n\nb\n\nc", "a\n\nb\n\nC\n\nd");
        assert_eq!((text.as_str(), is_conflict), ("A\n\nb\n\nC\n\nd", false));
        for (base, mine, theirs, text) in [
            ("a", "a", "b", "b"),
            ("a", "b", "a", "b"),
            ("a", "b", "b", "b"),
            ("", "", "x\ny", "x\ny"),
            ("a\nb", "a\nb", "", ""),
        ] {
            assert_eq!(merged(base, mine, theirs), (text.to_owned(), false));
        }
    }

    #[test]
    fn changes_of_the_same_place_are_both_kept() {
        let (text, is_conflict) = merged("a\n\nb\n\nc", "a\n\nMine\n\nc", "a\n\nTheirs\n\nc");
        assert!(is_conflict);
        for part in ["{{write: keep one of two texts. The first is yours}}", "Mine", "Theirs", "It ends here}}"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("<<<") && !text.contains("===") && !text.contains(">>>"), "{text}");
        assert_eq!(merged("a", "Mine", "Theirs"), ("Mine".to_owned(), true), "one line");
    }
}
