//! Answers of a visitor, as in the address of the calculator, and the profile that they describe.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::crs::language_tests::LanguageTest;
use crate::crs::partial_profile::{PartialLevels, PartialProfile, PartialSpouse};
use crate::crs::profile::{ABILITIES, CanadianCredential, Education, Language, Profile};
use crate::crs::tables;
use crate::web::{DisplayDate, FieldErrors, ascii_digits, parse_entered_date, single_line};

/// Names of all answers, in the order of the page.
pub const FIELDS: [&str; 29] = [
    "age",
    "education",
    "canadian_credential",
    "spouse",
    "l1_test",
    "l1_language",
    "l1_listening",
    "l1_reading",
    "l1_writing",
    "l1_speaking",
    "l2_language",
    "l2_test",
    "l2_listening",
    "l2_reading",
    "l2_writing",
    "l2_speaking",
    "canadian_work",
    "foreign_work",
    "trade_certificate",
    "spouse_education",
    "spouse_canadian_work",
    "spouse_test",
    "spouse_listening",
    "spouse_reading",
    "spouse_writing",
    "spouse_speaking",
    "nomination",
    "sibling",
    "on",
];

/// Options of a question: value in addresses and label.
pub type Options = &'static [(&'static str, &'static str)];

pub const SPOUSE_OPTIONS: Options = &[
    ("none", "No"),
    ("accompanying", "Yes, and they are coming to Canada with me"),
    ("not-accompanying", "Yes, but they are not coming to Canada"),
    ("canadian", "Yes, and they are a citizen or permanent resident of Canada"),
];

pub const CREDENTIAL_OPTIONS: Options = &[
    ("", "No"),
    ("one_or_two_years", "Yes, from a program of one or two years"),
    ("three_years_or_more", "Yes, from a program of three years or more, or a master’s or doctoral degree"),
];

pub const LANGUAGE_OPTIONS: Options = &[("en", "English (CLB)"), ("fr", "French (NCLC)")];

/// Highest age and number of years that can be entered.
const MAX_YEARS: u8 = 99;
const MAX_ANSWER_LEN: usize = 60;

/// Fields of one language test.
struct TestFields {
    language: &'static str,
    test: &'static str,
    abilities: [&'static str; 4],
    /// Whose test it is, for messages.
    whose: &'static str,
}

const FIRST_LANGUAGE: TestFields = TestFields {
    language: "l1_language",
    test: "l1_test",
    abilities: ["l1_listening", "l1_reading", "l1_writing", "l1_speaking"],
    whose: "your first language",
};
const SECOND_LANGUAGE: TestFields = TestFields {
    language: "l2_language",
    test: "l2_test",
    abilities: ["l2_listening", "l2_reading", "l2_writing", "l2_speaking"],
    whose: "your second language",
};
const SPOUSE_LANGUAGE: TestFields = TestFields {
    language: "",
    test: "spouse_test",
    abilities: ["spouse_listening", "spouse_reading", "spouse_writing", "spouse_speaking"],
    whose: "your spouse or partner",
};

/// Answers as entered, by name of the field.
#[derive(Clone, Debug, Default)]
pub struct Answers(HashMap<&'static str, String>);

impl Answers {
    /// Takes the known fields of a form; the others are ignored.
    pub fn new(mut form: HashMap<String, String>) -> Self {
        let take = |field: &'static str| {
            let entered = single_line(&form.remove(field)?);
            let entered: String = entered.chars().take(MAX_ANSWER_LEN).collect();
            (!entered.is_empty()).then_some((field, entered))
        };
        Self(FIELDS.into_iter().filter_map(take).collect())
    }

    /// The answer as entered, or an empty text.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All answers in the order of the page.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        FIELDS.into_iter().filter_map(|field| self.0.get(field).map(|entered| (field, entered.as_str())))
    }

    /// Query string with all answers.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.iter());
        query.finish()
    }

    /// Reads all answers. `today` is the day of the score if none is entered.
    pub fn interpret(&self, today: Date) -> Interpretation {
        let mut reader = Reader {
            answers: self,
            invalid: FieldErrors::in_order(&FIELDS),
            missing: FieldErrors::in_order(&FIELDS),
            notes: vec![],
        };
        let partial = reader.partial_profile(today);
        Interpretation { invalid: reader.invalid, missing: reader.missing, notes: reader.notes, partial }
    }
}

/// Profile that the answers describe, as far as they do.
#[derive(Debug)]
pub struct Interpretation {
    /// Messages about answers that cannot be read or contradict others.
    pub invalid: FieldErrors,
    /// Messages about required answers that are missing.
    pub missing: FieldErrors,
    /// Sentences about how answers were read.
    pub notes: Vec<String>,
    pub partial: PartialProfile,
}

impl Interpretation {
    /// The profile, if every required answer is there and valid.
    pub fn profile(&self) -> Option<Profile> {
        if self.invalid.is_empty() && self.missing.is_empty() { self.partial.complete() } else { None }
    }

    /// All messages: those about invalid answers first where a field has both.
    pub fn errors(&self) -> FieldErrors {
        let mut all = self.invalid.clone();
        for (field, sentence) in self.missing.iter() {
            all.add(field, sentence);
        }
        all
    }
}

struct Reader<'a> {
    answers: &'a Answers,
    invalid: FieldErrors,
    missing: FieldErrors,
    notes: Vec<String>,
}

impl Reader<'_> {
    fn partial_profile(&mut self, today: Date) -> PartialProfile {
        let on = self.day(today);
        let (language, first_language) = self.first_language(on);
        PartialProfile {
            on,
            age: self.years("age", "Enter your age.", "Age must be a whole number, such as 29."),
            spouse: self.spouse(on),
            education: self.education("education", "Choose your highest level of education."),
            language,
            first_language,
            second_language: self.second_language(on, language),
            canadian_work: self.work("canadian_work", "Enter your years of skilled work in Canada, or 0 for none."),
            foreign_work: self.work("foreign_work", "Enter your years of skilled work outside Canada, or 0 for none."),
            trade_certificate: self.is_yes("trade_certificate"),
            nomination: self.is_yes("nomination"),
            sibling: self.is_yes("sibling"),
            canadian_credential: self.canadian_credential(),
        }
    }

    fn day(&mut self, today: Date) -> Date {
        let entered = self.answers.get("on");
        if entered.is_empty() {
            return today;
        }
        let latest = today.saturating_add(1.year());
        match parse_entered_date(entered) {
            Some(day) if day < tables::FIRST_DAY => {
                let first = DisplayDate::from(tables::FIRST_DAY).text;
                self.invalid.add("on", format!("Express Entry started on {first}. Enter that date or a later one."));
                today
            }
            Some(day) if day > latest => {
                self.invalid.add("on", "The rules of that date are not known yet. Enter an earlier date.");
                today
            }
            Some(day) => {
                if day > today {
                    self.notes.push("The date is in the future. The rules known today were used.".into());
                }
                day
            }
            None => {
                self.invalid.add("on", "Enter a date such as 2026-06-30.");
                today
            }
        }
    }

    fn years(&mut self, field: &'static str, missing: &str, invalid: &str) -> Option<u8> {
        let entered = self.answers.get(field);
        if entered.is_empty() {
            self.missing.add(field, missing);
            return None;
        }
        let digits = ascii_digits(entered);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|years| is_whole && *years <= MAX_YEARS);
        if number.is_none() {
            self.invalid.add(field, invalid);
        }
        number
    }

    fn work(&mut self, field: &'static str, missing: &str) -> Option<u8> {
        self.years(field, missing, "Enter complete years as a whole number, such as 2. For less than a year, enter 0.")
    }

    fn education(&mut self, field: &'static str, missing: &str) -> Option<Education> {
        let entered = self.answers.get(field);
        if entered.is_empty() {
            self.missing.add(field, missing);
            return None;
        }
        let known = Education::ALL.into_iter().find(|level| level.key() == entered);
        if known.is_none() {
            self.invalid.add(field, "Choose a level of education from the list.");
        }
        known
    }

    fn is_yes(&mut self, field: &'static str) -> bool {
        match self.answers.get(field) {
            "yes" => true,
            "" | "no" => false,
            _ => {
                self.invalid.add(field, "Tick the box for yes, or leave it empty for no.");
                false
            }
        }
    }

    fn canadian_credential(&mut self) -> Option<CanadianCredential> {
        match self.answers.get("canadian_credential") {
            "one_or_two_years" => Some(CanadianCredential::OneOrTwoYears),
            "three_years_or_more" => Some(CanadianCredential::ThreeYearsOrMore),
            "" | "none" => None,
            _ => {
                self.invalid.add("canadian_credential", "Choose one of the options.");
                None
            }
        }
    }

    fn spouse(&mut self, on: Date) -> PartialSpouse {
        match self.answers.get("spouse") {
            "none" | "not-accompanying" | "canadian" => PartialSpouse::NotCounted,
            "accompanying" => {
                let education = self
                    .education("spouse_education", "Choose the highest level of education of your spouse or partner.");
                let levels = self.optional_levels(&SPOUSE_LANGUAGE, on);
                let missing = "Enter the years of skilled work of your spouse or partner in Canada, or 0 for none.";
                let canadian_work = self.work("spouse_canadian_work", missing);
                PartialSpouse::Counted { education, levels, canadian_work }
            }
            "" => {
                self.missing.add("spouse", "Choose whether you have a spouse or partner.");
                PartialSpouse::Unanswered
            }
            _ => {
                self.invalid.add("spouse", "Choose one of the options.");
                PartialSpouse::Unanswered
            }
        }
    }

    fn first_language(&mut self, on: Date) -> (Option<Language>, PartialLevels) {
        let fields = &FIRST_LANGUAGE;
        let entered = self.language(fields.language);
        if self.answers.get(fields.test).is_empty() {
            self.missing.add(fields.test, "Choose the test of your first language.");
            return (entered, [None; 4]);
        }
        let Some(test) = self.test(fields, on) else { return (entered, [None; 4]) };
        let language = match (test.language(), entered) {
            (Some(of_test), Some(other)) if of_test != other => {
                self.refuse_language(fields, test, other);
                Some(other)
            }
            (Some(of_test), _) => Some(of_test),
            (None, None) => {
                self.missing.add(fields.language, "Choose the language of these levels.");
                None
            }
            (None, entered) => entered,
        };
        (language, self.levels(fields, test, on))
    }

    fn second_language(&mut self, on: Date, first: Option<Language>) -> Option<PartialLevels> {
        let fields = &SECOND_LANGUAGE;
        let entered = self.language(fields.language);
        if let (Some(first), Some(second)) = (first, entered)
            && first == second
        {
            self.invalid.add(
                fields.language,
                format!("Your first language is {}, so the second one is {}.", first.name(), first.other().name()),
            );
        }
        let second = first.map(Language::other).or(entered);
        let levels = self.optional_levels(fields, on)?;
        let test = LanguageTest::from_key(self.answers.get(fields.test));
        if let (Some(test), Some(second)) = (test, second)
            && test.language().is_some_and(|of_test| of_test != second)
        {
            self.refuse_language(fields, test, second);
        }
        Some(levels)
    }

    /// Levels of a test that need not exist; `None` without one.
    fn optional_levels(&mut self, fields: &TestFields, on: Date) -> Option<PartialLevels> {
        let has_answer = |field: &&str| !self.answers.get(field).is_empty();
        let is_started = fields.abilities.iter().any(has_answer) || has_answer(&fields.language);
        if self.answers.get(fields.test).is_empty() {
            if !is_started {
                return None;
            }
            self.missing.add(fields.test, format!("Choose the test of {}.", fields.whose));
            return Some([None; 4]);
        }
        let test = self.test(fields, on);
        Some(test.map_or([None; 4], |test| self.levels(fields, test, on)))
    }

    fn language(&mut self, field: &'static str) -> Option<Language> {
        match self.answers.get(field) {
            "en" => Some(Language::English),
            "fr" => Some(Language::French),
            "" => None,
            _ => {
                self.invalid.add(field, "Choose English or French.");
                None
            }
        }
    }

    fn test(&mut self, fields: &TestFields, on: Date) -> Option<LanguageTest> {
        let Some(test) = LanguageTest::from_key(self.answers.get(fields.test)) else {
            self.invalid.add(fields.test, "Choose a test from the list.");
            return None;
        };
        if let Some(why) = test.not_accepted_on(on) {
            self.invalid.add(fields.test, why);
        }
        let note = test.scale_note(on).filter(|note| !self.notes.contains(note));
        self.notes.extend(note);
        Some(test)
    }

    fn refuse_language(&mut self, fields: &TestFields, test: LanguageTest, language: Language) {
        let tests: Vec<&str> = LanguageTest::ALL
            .into_iter()
            .filter(|test| test.language() == Some(language))
            .map(LanguageTest::name)
            .collect();
        let (name, language) = (test.name(), language.name());
        let sentence = format!("{name} is not a test of {language}. Choose {}, or levels.", tests.join(", "));
        self.invalid.add(fields.test, sentence);
    }

    fn levels(&mut self, fields: &TestFields, test: LanguageTest, on: Date) -> PartialLevels {
        let mut levels = [None; 4];
        for (ability, field) in fields.abilities.into_iter().enumerate() {
            let entered = self.answers.get(field);
            if entered.is_empty() {
                let name = ABILITIES[ability];
                let what = if test == LanguageTest::Clb { "level" } else { "score" };
                self.missing.add(field, format!("Enter the {name} {what} of {}.", fields.whose));
                continue;
            }
            match test.level(ability, entered, on) {
                Ok(level) => levels[ability] = Some(level),
                Err(why) => self.invalid.add(field, why),
            }
        }
        levels
    }
}
