//! A version of a category's list as typed in the admin area, and what becomes of it.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::occupations::admin::code_parser::{ParsedCodes, parse_codes};
use crate::occupations::{CategoryList, Occupation};
use crate::web::{DisplayDate, FieldErrors, ascii_digits, multi_line, one_line};

/// Keys that stand for rounds held for no category, in the same places as those of categories.
const RESERVED_KEYS: [&str; 7] = ["general", "cec", "pnp", "fst", "fsw", "unassigned", "new"];

/// The longest text in which codes are looked for, in bytes.
const MAX_TEXT_BYTES: usize = 200_000;

/// A list as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListForm {
    /// Key of the category; empty for one that is new.
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
    /// `yes` where the category names no occupations.
    pub no_codes: String,
    /// Of what the list was held against.
    pub fingerprint: String,
    /// `change` goes back to the form.
    pub action: String,
}

/// What a list is held against.
#[derive(Debug)]
pub struct ListContext {
    /// The list that is corrected; `None` for a new one.
    pub corrected: Option<CategoryList>,
    /// Keys of all categories.
    pub categories: Vec<String>,
    /// Versions of the category, newest first.
    pub versions: Vec<CategoryList>,
    /// Occupations of the newest of them, or of the list that is corrected.
    pub previous_occupations: Vec<Occupation>,
    /// Every occupation.
    pub occupations: Vec<Occupation>,
    /// Codes of NOC 2016, each with one of NOC 2021.
    pub noc2016_codes: Vec<(String, String)>,
    pub today: Date,
}

/// A list that can be written.
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

/// What is wrong with what was typed.
#[derive(Debug)]
pub struct ListErrors {
    /// One sentence for a field.
    pub errors: FieldErrors,
    /// What is wrong with the codes, line by line.
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

    /// The form for the version after `list`: its names and its rule, which seldom change.
    pub fn for_next_version(list: &CategoryList) -> Self {
        Self {
            category: list.category_key.clone(),
            name_en: list.name_en.clone(),
            name_fr: list.name_fr.clone(),
            months: list.min_experience_months.map(|months| months.to_string()).unwrap_or_default(),
            experience_where: list.experience_where.clone(),
            // Where the pages disagreed, the answer has a remark after it.
            continuous: list.must_be_continuous.split(' ').next().unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// The form that corrects `list`.
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

    /// What the preview carries along unseen.
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

    /// Its first day, where one was typed.
    pub fn first_day(&self) -> Option<Date> {
        parse_date(&self.effective_from)
    }

    /// Whether `list` says all of this already.
    pub fn matches(&self, list: &CategoryList, occupations: &[Occupation]) -> bool {
        let as_it_is = Self::from_list(list, occupations);
        let said = |form: &Self| {
            [&form.name_en, &form.name_fr, &form.months, &form.experience_where, &form.continuous]
                .into_iter()
                .chain([&form.source, &form.notes])
                .map(|text| text.trim().to_owned())
                .chain(parse_codes(&form.text).codes.into_iter().map(|(_, code)| code))
                .collect::<Vec<_>>()
        };
        said(self) == said(&as_it_is)
    }

    /// The list that was typed, or what is wrong with it.
    pub fn validate(&self, known: &ListContext) -> Result<(NewList, ParsedCodes), ListErrors> {
        let mut errors = FieldErrors::in_order(&Self::FIELDS);
        let category_key = self.validate_category(known, &mut errors);
        if self.version.is_empty() || self.version.chars().count() > 80 {
            errors.add("version", "Give the version its name, as 2026-Version 3.");
        } else if known.corrected.is_none() && known.versions.iter().any(|list| list.version == self.version) {
            errors.add("version", format!("The category has a list called {} already.", self.version));
        }
        if self.name_en.is_empty() || self.name_en.chars().count() > 200 {
            errors.add("name_en", "Give the name of the category as it is published in English.");
        }
        let effective_from = self.validate_start(known, &mut errors);
        let months = self.validate_rule(&mut errors);
        if self.source.is_empty() {
            errors.add("source", "Say where the list was taken from. Readers see it.");
        }
        let (found, lines) = self.validate_codes(known, &mut errors);
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

    fn validate_category(&self, known: &ListContext, errors: &mut FieldErrors) -> String {
        if let Some(list) = &known.corrected {
            return list.category_key.clone();
        }
        if !self.category.is_empty() {
            if !known.categories.contains(&self.category) {
                errors.add("category", "Choose one of the categories, or a new one.");
            }
            return self.category.clone();
        }
        let is_key = (2..=40).contains(&self.key.len())
            && self.key.starts_with(|c: char| c.is_ascii_lowercase())
            && self.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if self.key.is_empty() {
            errors.add("category", "Choose the category. For a new one, give its key below.");
        } else if !is_key {
            errors.add("key", "A key has small letters a to z, digits and _ alone, as senior_managers.");
        } else if known.categories.contains(&self.key) {
            errors.add("key", format!("There is a category {} already. Choose it above.", self.key));
        } else if RESERVED_KEYS.contains(&&*self.key) {
            errors.add("key", format!("{} stands for other rounds. Choose another key.", self.key));
        }
        self.key.clone()
    }

    /// A new list begins after all of the category that there are, and not inside one whose end is set.
    fn validate_start(&self, known: &ListContext, errors: &mut FieldErrors) -> Option<Date> {
        if let Some(list) = &known.corrected {
            return Some(list.effective_from);
        }
        let Some(start) = self.first_day() else {
            errors.add("effective_from", "Give the first day of the list, as 2026-02-18.");
            return None;
        };
        if start > known.today.saturating_add(2.years()) {
            errors.add("effective_from", "That day is more than two years away. Please look at the year again.");
        }
        if let Some(newest) = known.versions.first() {
            if start <= newest.effective_from {
                let sentence =
                    format!("{} began on {}. A list after it must begin later.", newest.version, newest.from().text);
                errors.add("effective_from", sentence);
            } else if let Some(last) = newest.last_day().filter(|last| start <= *last) {
                let sentence = format!(
                    "{} holds to {}. Two lists of a category cannot hold on the same day: begin after it, or reopen \
                     that list first.",
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
            errors.add("continuous", "Say whether the months must be unbroken.");
        }
        let typed = ascii_digits(&self.months);
        if typed.is_empty() {
            if self.notes.trim().is_empty() {
                errors.add("notes", "Without months of experience, say here what the rule is.");
            }
            return None;
        }
        let months = typed.parse::<i64>().ok().filter(|months| (1..=120).contains(months));
        if months.is_none() {
            errors.add("months", "Give the months as a number from 1 to 120, or leave it empty for another rule.");
        }
        if self.experience_where.is_empty() {
            errors.add("experience_where", "Say where the months count.");
        }
        if self.continuous.is_empty() {
            errors.add("continuous", "Say whether the months must be unbroken.");
        }
        months
    }

    fn validate_codes(&self, known: &ListContext, errors: &mut FieldErrors) -> (ParsedCodes, Vec<(usize, String)>) {
        if self.text.len() > MAX_TEXT_BYTES {
            errors.add("text", "That is too long for a list of codes. Keep the part with the codes.");
            return (ParsedCodes::default(), vec![]);
        }
        if self.text.contains('\0') || self.text.starts_with("PK\u{3}") {
            errors.add("text", "That is no text. Save the table as CSV, or paste the codes.");
            return (ParsedCodes::default(), vec![]);
        }
        let found = parse_codes(&self.text);
        let lines = found.problems(known);
        if !lines.is_empty() {
            let what = if lines.len() == 1 { "One code cannot" } else { "Some codes cannot" };
            errors.add("text", format!("{what} stand as typed: see which lines below."));
        } else if found.codes.is_empty() && self.no_codes != "yes" {
            errors.add("text", "Paste the codes or choose a file. If the category names no occupations, say so below.");
        } else if !found.codes.is_empty() && self.no_codes == "yes" {
            errors.add("text", "There are codes here, and below it says that there are none.");
        }
        (found, lines)
    }
}

impl NewList {
    /// Its work experience in a sentence, as that of a list; `like` lends what does not matter for it.
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
    /// What is wrong with the codes, by line.
    fn problems(&self, known: &ListContext) -> Vec<(usize, String)> {
        let unknown = self.codes.iter().filter(|(_, code)| !known.occupations.iter().any(|one| one.noc == *code));
        let unknown = unknown.map(|(line, code)| (*line, format!("{code} is no code of NOC 2021.")));
        let again = self.duplicates.iter();
        let again = again.map(|(line, earlier, code)| (*line, format!("{code} stands on line {earlier} already.")));
        let former = self.noc2016.iter().map(|(line, code)| {
            let now: Vec<&str> =
                known.noc2016_codes.iter().filter(|(of, _)| of == code).map(|(_, noc)| &**noc).collect();
            let instead = if now.is_empty() { "the code of NOC 2021".into() } else { now.join(" or ") };
            (*line, format!("{code} has four digits, as the codes of NOC 2016 had. Give {instead}."))
        });
        let unreadable = self.invalid.iter();
        let unreadable =
            unreadable.map(|(line, word)| (*line, format!("{word} is no code. A code of NOC 2021 has five digits.")));
        let mut problems: Vec<_> = unknown.chain(again).chain(former).chain(unreadable).collect();
        problems.sort_by_key(|(line, _)| *line);
        problems
    }
}

/// A day as typed.
pub fn parse_date(typed: &str) -> Option<Date> {
    ascii_digits(typed.trim()).parse().ok()
}

/// Codes and titles, as they can be typed.
pub fn codes_as_text(occupations: &[Occupation]) -> String {
    occupations.iter().map(|one| format!("{} {}", one.noc, one.title_en)).collect::<Vec<_>>().join("\n")
}
