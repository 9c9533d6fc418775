//! Values before and after a change.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::web::{is_secret_field, with_thousands};

/// Longer values are shortened to the part that differs. The whole text is in the version history.
const MAX_VALUE_CHARS: usize = 300;
/// Characters shown before the first difference.
const CONTEXT_CHARS: usize = 40;
/// Fields that change with every save.
const BOOKKEEPING: [&str; 3] = ["version", "updated_at", "updated_by"];

/// Changed fields with their values before and after. Unchanged fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChanges(Vec<(String, String, String)>);

impl AuditChanges {
    /// Adds a field, unless its value is the same.
    #[must_use]
    pub fn field(mut self, name: &str, before: impl Display, after: impl Display) -> Self {
        let (before, after) = (before.to_string(), after.to_string());
        if before == after {
            return self;
        }
        let (before, after) = if is_secret_field(name) {
            ("(not recorded)".to_owned(), "(not recorded)".to_owned())
        } else {
            let same = before.chars().zip(after.chars()).take_while(|(before, after)| before == after).count();
            (shortened(&before, same), shortened(&after, same))
        };
        self.0.push((name.replace('_', " "), before, after));
        self
    }

    /// Fields that differ between two values of the same type.
    pub fn between<T: Serialize>(before: &T, after: &T) -> Self {
        let (Ok(Value::Object(before)), Ok(Value::Object(after))) =
            (serde_json::to_value(before), serde_json::to_value(after))
        else {
            return Self::default();
        };
        let fields = after.iter().filter(|(name, _)| !BOOKKEEPING.contains(&name.as_str()));
        fields.fold(Self::default(), |changes, (name, value)| {
            changes.field(name, before.get(name).map(plain).unwrap_or_default(), plain(value))
        })
    }

    /// Field, value before and value after.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String, String)> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The part around the first difference, which is after `same` characters.
fn shortened(value: &str, same: usize) -> String {
    let length = value.chars().count();
    if length <= MAX_VALUE_CHARS {
        return value.to_owned();
    }
    let start = same.saturating_sub(CONTEXT_CHARS).min(length - MAX_VALUE_CHARS);
    let part: String = value.chars().skip(start).take(MAX_VALUE_CHARS).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if start + MAX_VALUE_CHARS < length { "…" } else { "" };
    let total = i64::try_from(length).map(with_thousands).unwrap_or_default();
    format!("{before}{part}{after} ({total} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Settings {
        name: String,
        months: i64,
        smtp_password: &'static str,
        version: i64,
    }

    #[test]
    fn only_changed_fields_are_recorded_and_never_a_secret() {
        let before = Settings { name: "Old".into(), months: 24, smtp_password: "hunter2", version: 1 };
        let after = Settings { name: "New".into(), months: 24, smtp_password: "hunter3", version: 2 };
        let changes = AuditChanges::between(&before, &after);
        let found: Vec<_> = changes.iter().map(|(name, before, after)| (&**name, &**before, &**after)).collect();
        assert_eq!(found, [("name", "Old", "New"), ("smtp password", "(not recorded)", "(not recorded)")]);
        assert!(AuditChanges::between(&before, &before).is_empty());
    }

    #[test]
    fn a_long_text_is_shortened_to_what_differs() {
        let before = format!("{}old{}", "a".repeat(1_000), "b".repeat(1_000));
        let after = before.replace("old", "new");
        let changes = AuditChanges::default().field("body", &before, &after);
        let (_, before, after) = changes.iter().next().unwrap();
        assert!(before.starts_with("…aaa") && before.contains("oldbbb"), "{before}");
        assert!(after.contains("newbbb") && after.ends_with("… (2,003 characters)"), "{after}");
    }
}
