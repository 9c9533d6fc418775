//! Form for a version of a category list, and its validation.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::categories::admin::code_parser::{ParsedCodes, parse_codes};
use crate::categories::category_list::CategoryList;
use crate::noc::Occupation;
use crate::web::{DisplayDate, FieldErrors, ascii_digits, multi_line, one_line, parse_entered_date};

/// Keys of program draws and a reserved path segment, which no category may use.
const RESERVED_KEYS: [&str; 7] = ["general", "cec", "pnp", "fst", "fsw", "unassigned", "new"];

const MAX_TEXT_BYTES: usize = 200_000;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListForm {
    /// Key of an existing category; empty for a new one.
    pub category: String,
    /// Key of a new category.
    #[serde(deserialize_with = "one_line")]
    pub key: String,
    #[serde(deserialize_with = "one_line")]
    pub name_en: String,
    #[serde(deserialize_with = "one_line")]
    pub name_fr: String,
    #[serde(deserialize_with = "one_line")]
    pub version: String,
    #[serde(deserialize_with = "one_line")]
    pub effective_from: String,
    #[serde(deserialize_with = "one_line")]
    pub months: String,
    pub experience_where: String,
    pub continuous: String,
    #[serde(deserialize_with = "one_line")]
    pub source: String,
    #[serde(deserialize_with = "multi_line")]
    pub notes: String,
    /// Codes, pasted or from a file.
    #[serde(deserialize_with = "multi_line")]
    pub text: String,
    /// `yes` if the category lists no occupations.
    pub no_codes: String,
    /// Hash of the state that the preview was based on.
    pub fingerprint: String,
    /// `change` returns to the form.
    pub action: String,
}

/// Stored data that a form is validated against.
#[derive(Debug)]
pub struct ListContext {
    /// The list to correct; `None` for a new one.
    pub corrected: Option<CategoryList>,
    /// Keys of all categories.
    pub categories: Vec<String>,
    /// Newest first.
    pub versions: Vec<CategoryList>,
    /// Occupations of the list to correct, or else of the newest version.
    pub previous_occupations: Vec<Occupation>,
    /// Occupations that the typed codes name, in that order.
    pub occupations: Vec<Occupation>,
    /// NOC 2016 codes, each with a NOC 2021 code that replaced it.
    pub noc2016_codes: Vec<(String, String)>,
    pub today: Date,
}

/// A valid list, ready to store.
#[derive(Debug)]
pub struct NewList {
    pub category_key: String,
    pub version: String,
    pub name_en: String,
    pub name_fr: String,
    pub effective_from: Date,
    pub months: Option<i64>,
    pub experience_where: String,
    pub continuous: String,
    pub source: String,
    pub notes: String,
    pub codes: Vec<String>,
}

#[derive(Debug)]
pub struct ListErrors {
    pub errors: FieldErrors,
    /// Problems with the codes, by line.
    pub lines: Vec<(usize, String)>,
}

impl ListForm {
    const FIELDS: [&'static str; 12] = [
        "category",
        "key",
        "version",
        "name_en",
        "name_fr",
        "effective_from",
        "months",
        "experience_where",
        "continuous",
        "notes",
        "source",
        "text",
    ];

    /// Form for the version after `list`, with its names and rule, which rarely change.
    pub fn for_next_version(list: &CategoryList) -> Self {
        Self {
            category: list.category_key.clone(),
            name_en: list.name_en.clone(),
            name_fr: list.name_fr.clone(),
            months: list.min_experience_months.map(|months| months.to_string()).unwrap_or_default(),
            experience_where: list.experience_where.clone(),
            // Bundled data may add a remark after the word.
            continuous: list.must_be_continuous.split(' ').next().unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    pub fn from_list(list: &CategoryList, occupations: &[Occupation]) -> Self {
        Self {
            version: list.version.clone(),
            effective_from: list.effective_from.to_string(),
            source: list.source.clone(),
            notes: list.notes.clone(),
            text: codes_as_text(occupations),
            no_codes: if occupations.is_empty() { "yes".into() } else { String::new() },
            ..Self::for_next_version(list)
        }
    }

    /// Hidden fields of the preview.
    pub fn fields(&self) -> [(&'static str, &str); 14] {
        [
            ("category", &self.category),
            ("key", &self.key),
            ("version", &self.version),
            ("name_en", &self.name_en),
            ("name_fr", &self.name_fr),
            ("effective_from", &self.effective_from),
            ("months", &self.months),
            ("experience_where", &self.experience_where),
            ("continuous", &self.continuous),
            ("source", &self.source),
            ("notes", &self.notes),
            ("text", &self.text),
            ("no_codes", &self.no_codes),
            ("fingerprint", &self.fingerprint),
        ]
    }

    pub fn first_day(&self) -> Option<Date> {
        parse_entered_date(&self.effective_from)
    }

    /// Whether `list` already has this content.
    pub fn matches(&self, list: &CategoryList, occupations: &[Occupation]) -> bool {
        let stored = Self::from_list(list, occupations);
        let content = |form: &Self| {
            [&form.name_en, &form.name_fr, &form.months, &form.experience_where, &form.continuous]
                .into_iter()
                .chain([&form.source, &form.notes])
                .map(|text| text.trim().to_owned())
                .chain(parse_codes(&form.text).codes.into_iter().map(|(_, code)| code))
                .collect::<Vec<_>>()
        };
        content(self) == content(&stored)
    }

    pub fn validate(&self, context: &ListContext) -> Result<(NewList, ParsedCodes), ListErrors> {
        let mut errors = FieldErrors::in_order(&Self::FIELDS);
        let category_key = self.validate_category(context, &mut errors);
        if self.version.is_empty() || self.version.chars().count() > 80 {
            errors.add("version", "Enter the version in 80 characters or fewer, such as 2026-Version 3.");
        } else if context.corrected.is_none() && context.versions.iter().any(|list| list.version == self.version) {
            errors.add("version", format!("This category already has a list called {}.", self.version));
        }
        if self.name_en.is_empty() || self.name_en.chars().count() > 200 {
            errors.add("name_en", "Enter the published English name of the category in 200 characters or fewer.");
        }
        let effective_from = self.validate_start(context, &mut errors);
        let months = self.validate_rule(&mut errors);
        if self.source.is_empty() {
            errors.add("source", "Enter the source of the list. Visitors see it.");
        }
        let (found, lines) = self.validate_codes(context, &mut errors);
        match effective_from {
            Some(effective_from) if errors.is_empty() => Ok((
                NewList {
                    category_key,
                    version: self.version.clone(),
                    name_en: self.name_en.clone(),
                    name_fr: self.name_fr.clone(),
                    effective_from,
                    months,
                    experience_where: self.experience_where.clone(),
                    continuous: self.continuous.clone(),
                    source: self.source.clone(),
                    notes: self.notes.clone(),
                    codes: found.codes.iter().map(|(_, code)| code.clone()).collect(),
                },
                found,
            )),
            _ => Err(ListErrors { errors, lines }),
        }
    }

    fn validate_category(&self, context: &ListContext, errors: &mut FieldErrors) -> String {
        if let Some(list) = &context.corrected {
            return list.category_key.clone();
        }
        if !self.category.is_empty() {
            if !context.categories.contains(&self.category) {
                errors.add("category", "Choose a category from the list, or add a new one.");
            }
            return self.category.clone();
        }
        let is_key = (2..=40).contains(&self.key.len())
            && self.key.starts_with(|c: char| c.is_ascii_lowercase())
            && self.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if self.key.is_empty() {
            errors.add("category", "Choose a category. For a new one, enter its key below.");
        } else if !is_key {
            errors.add("key", "Use only lower-case letters a to z, digits and _, such as senior_managers.");
        } else if context.categories.contains(&self.key) {
            errors.add("key", format!("The category {} already exists. Choose it above.", self.key));
        } else if RESERVED_KEYS.contains(&&*self.key) {
            errors.add("key", format!("{} is reserved. Choose another key.", self.key));
        }
        self.key.clone()
    }

    /// A new list must start after all other lists of the category have started, and after those with a last day have
    /// ended.
    fn validate_start(&self, context: &ListContext, errors: &mut FieldErrors) -> Option<Date> {
        if let Some(list) = &context.corrected {
            return Some(list.effective_from);
        }
        let Some(start) = self.first_day() else {
            errors.add("effective_from", "Enter the first day of the list.");
            return None;
        };
        if start > context.today.saturating_add(2.years()) {
            errors.add("effective_from", "The first day is more than two years away. Check the year.");
        }
        if let Some(newest) = context.versions.first() {
            if start <= newest.effective_from {
                let sentence =
                    format!("{} started on {}. The new list must start later.", newest.version, newest.from().text);
                errors.add("effective_from", sentence);
            } else if let Some(last) = newest.last_day().filter(|last| start <= *last) {
                let sentence = format!(
                    "{} is in force until {}. Two lists of a category cannot be in force on the same day. Start \
                     after that day, or reopen that list first.",
                    newest.version,
                    DisplayDate::from(last).text
                );
                errors.add("effective_from", sentence);
            }
        }
        Some(start)
    }

    fn validate_rule(&self, errors: &mut FieldErrors) -> Option<i64> {
        if !["", "canada_or_abroad", "canada_only", "foreign_military"].contains(&&*self.experience_where) {
            errors.add("experience_where", "Choose where the experience counts.");
        }
        if !["", "yes", "no"].contains(&&*self.continuous) {
            errors.add("continuous", "Choose whether the months must be continuous.");
        }
        let typed = ascii_digits(&self.months);
        if typed.is_empty() {
            if self.notes.trim().is_empty() {
                errors.add("notes", "If no months are required, describe the rule here.");
            }
            return None;
        }
        let months = typed.parse::<i64>().ok().filter(|months| (1..=120).contains(months));
        if months.is_none() {
            errors
                .add("months", "Enter a number of months from 1 to 120, or leave this empty if another rule applies.");
        }
        if self.experience_where.is_empty() {
            errors.add("experience_where", "Choose where the experience counts.");
        }
        if self.continuous.is_empty() {
            errors.add("continuous", "Choose whether the months must be continuous.");
        }
        months
    }

    fn validate_codes(&self, context: &ListContext, errors: &mut FieldErrors) -> (ParsedCodes, Vec<(usize, String)>) {
        if self.text.len() > MAX_TEXT_BYTES {
            errors.add("text", "The text is too long. Paste only the part with the codes.");
            return (ParsedCodes::default(), vec![]);
        }
        if self.text.contains('\0') || self.text.starts_with("PK\u{3}") {
            errors.add("text", "This is not a text file. Save the table as CSV, or paste the codes.");
            return (ParsedCodes::default(), vec![]);
        }
        let found = parse_codes(&self.text);
        let lines = found.problems(context);
        if !lines.is_empty() {
            errors.add("text", "Fix the codes on the lines listed below.");
        } else if found.codes.is_empty() && self.no_codes != "yes" {
            errors.add(
                "text",
                "Paste the codes or choose a file. If the category lists no occupations, tick the box below.",
            );
        } else if !found.codes.is_empty() && self.no_codes == "yes" {
            errors.add(
                "text",
                "There are codes here, but the box below says that there are none. Remove the codes or untick the box.",
            );
        }
        (found, lines)
    }
}

impl NewList {
    /// Work experience rule as a sentence. `like` provides the other fields of a list.
    pub fn rule(&self, like: &CategoryList) -> String {
        let list = CategoryList {
            min_experience_months: self.months,
            experience_where: self.experience_where.clone(),
            must_be_continuous: self.continuous.clone(),
            ..like.clone()
        };
        list.experience_rule()
    }
}

impl ParsedCodes {
    fn problems(&self, context: &ListContext) -> Vec<(usize, String)> {
        let unknown = self.codes.iter().filter(|(_, code)| !context.occupations.iter().any(|one| one.noc == *code));
        let unknown = unknown.map(|(line, code)| (*line, format!("{code} is not a NOC 2021 code.")));
        let duplicates = self.duplicates.iter();
        let duplicates =
            duplicates.map(|(line, earlier, code)| (*line, format!("{code} is already on line {earlier}.")));
        let noc2016 = self.noc2016.iter().map(|(line, code)| {
            let now: Vec<&str> =
                context.noc2016_codes.iter().filter(|(of, _)| of == code).map(|(_, noc)| &**noc).collect();
            let instead = if now.is_empty() { "the NOC 2021 code".into() } else { now.join(" or ") };
            (*line, format!("{code} has four digits, so it is a NOC 2016 code. Enter {instead}."))
        });
        let invalid = self.invalid.iter();
        let invalid =
            invalid.map(|(line, word)| (*line, format!("{word} is not a code. NOC 2021 codes have five digits.")));
        let mut problems: Vec<_> = unknown.chain(duplicates).chain(noc2016).chain(invalid).collect();
        problems.sort_by_key(|(line, _)| *line);
        problems
    }
}

/// Codes and titles, one occupation per line.
pub fn codes_as_text(occupations: &[Occupation]) -> String {
    occupations.iter().map(|one| format!("{} {}", one.noc, one.title_en)).collect::<Vec<_>>().join("\n")
}
