//! Score calculator: the page whose address is the result.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use askama::Template;

use crate::crs::answers::{Answers, CREDENTIAL_OPTIONS, Interpretation, LANGUAGE_OPTIONS, Options, SPOUSE_OPTIONS};
use crate::crs::ask_a_person;
use crate::crs::breakdown::{self, OfferTotals, Section};
use crate::crs::fsw_grid::{FswGrid, PASS_MARK};
use crate::crs::improvements::{Improvement, improvements};
use crate::crs::language_tests::LanguageTest;
use crate::crs::partial_profile::TotalRange;
use crate::crs::profile::{Education, Language, Profile};
use crate::crs::programs::{Program, programs};
use crate::crs::score::Score;
use crate::crs::tables;
use crate::http::{PageResult, html};
use crate::services::Services;
use crate::web::{DisplayDate, FieldErrors, Layout, Query, office_date, plural_len};

/// Steps of the form, each with its fields.
const STEPS: [(&str, &[&str]); 6] = [
    ("You", &["age", "education", "canadian_credential", "spouse"]),
    ("First language", &["l1_test", "l1_language", "l1_listening", "l1_reading", "l1_writing", "l1_speaking"]),
    ("Second language", &["l2_test", "l2_language", "l2_listening", "l2_reading", "l2_writing", "l2_speaking"]),
    ("Work", &["canadian_work", "foreign_work", "trade_certificate"]),
    (
        "Spouse or partner",
        &[
            "spouse_education",
            "spouse_test",
            "spouse_listening",
            "spouse_reading",
            "spouse_writing",
            "spouse_speaking",
            "spouse_canadian_work",
        ],
    ),
    ("Additional points", &["nomination", "sibling", "on"]),
];

#[derive(Template)]
#[template(path = "crs/calculator.html")]
struct CalculatorPage {
    layout: Layout,
    answers: Answers,
    errors: FieldErrors,
    /// Whether the errors are listed above the form, too.
    has_summary: bool,
    notes: Vec<String>,
    steps: Vec<Step>,
    result: Option<Outcome>,
    /// Shown while required answers are missing.
    range: Option<TotalRange>,
    verified_on: DisplayDate,
}

struct Step {
    number: usize,
    name: &'static str,
    progress: String,
}

/// Result for a complete profile.
struct Outcome {
    total: u16,
    with_spouse: bool,
    day: DisplayDate,
    sections: [Section; 4],
    offers: Option<OfferTotals>,
    improvements: Vec<Improvement>,
    grid: FswGrid,
    programs: [Program; 4],
    past_draws: String,
    apply: String,
}

impl Outcome {
    fn of(profile: &Profile, answers: &Answers) -> Self {
        let score = Score::of(profile);
        let total = score.total();
        Self {
            total,
            with_spouse: profile.spouse.is_some(),
            day: profile.on.into(),
            sections: breakdown::sections(profile, &score),
            offers: breakdown::offer_totals(profile),
            improvements: improvements(profile),
            grid: FswGrid::of(profile),
            programs: programs(profile),
            past_draws: past_draws_path(profile, total),
            apply: ask_a_person::from_calculator(profile, total, answers),
        }
    }
}

impl CalculatorPage {
    fn spouse_options(&self) -> Options {
        SPOUSE_OPTIONS
    }

    fn credential_options(&self) -> Options {
        CREDENTIAL_OPTIONS
    }

    fn language_options(&self) -> Options {
        LANGUAGE_OPTIONS
    }

    fn education_options(&self) -> Vec<(&'static str, &'static str)> {
        Education::ALL.into_iter().map(|level| (level.key(), level.name())).collect()
    }

    fn test_options(&self) -> Vec<(&'static str, &'static str)> {
        LanguageTest::ALL.into_iter().map(|test| (test.key(), test.name())).collect()
    }

    fn pass_mark(&self) -> u16 {
        PASS_MARK
    }

    fn is_private(&self) -> bool {
        !self.answers.is_empty()
    }
}

/// `GET /tools/crs`
pub async fn show(layout: Layout, query: Query<HashMap<String, String>>, services: Data<Services>) -> PageResult {
    let mut form = query.0;
    let step = form.remove("step").and_then(|step| step.parse::<usize>().ok());
    let answers = Answers::new(form);
    let Interpretation { invalid, missing, notes, partial } = answers.interpret(office_date(services.clock.now()));
    let is_blank = answers.is_empty() && step.is_none();
    let complete = (invalid.is_empty() && missing.is_empty()).then(|| partial.complete()).flatten();
    let steps = steps(&answers, &missing);
    let mut errors = invalid.clone();
    // A step that has not been reached yet has no missing answers.
    let reached = if is_blank { 0 } else { step.map_or(STEPS.len(), |step| step.saturating_sub(1)) };
    for (field, sentence) in missing.iter() {
        let place = STEPS.iter().position(|(_, fields)| fields.contains(field));
        if place.is_some_and(|place| place < reached) {
            errors.add(field, sentence);
        }
    }
    let is_invalid = !errors.is_empty();
    let page = CalculatorPage {
        layout,
        result: complete.map(|profile| Outcome::of(&profile, &answers)),
        range: (is_invalid && step.is_none() && invalid.is_empty()).then(|| partial.total_range()),
        has_summary: is_invalid && step.is_none(),
        errors,
        notes,
        steps,
        verified_on: tables::VERIFIED_ON.into(),
        answers,
    };
    let status = if is_invalid { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut response = html(status, &page)?;
    if !is_blank {
        // The address contains what the visitor entered.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

fn steps(answers: &Answers, missing: &FieldErrors) -> Vec<Step> {
    let step = |(index, (name, fields)): (usize, &(&'static str, &[&str]))| {
        let open = fields.iter().filter(|field| !missing.for_field(field).is_empty()).count();
        let is_started = fields.iter().any(|field| !answers.get(field).is_empty());
        let progress = match (*name, open) {
            ("Spouse or partner", _) if answers.get("spouse") != "accompanying" => {
                "only if they are coming with you".into()
            }
            (_, 1..) => format!("{} to go", plural_len(open, "answer", "answers")),
            (_, 0) if is_started => "done".into(),
            _ => "optional".into(),
        };
        Step { number: index + 1, name, progress }
    };
    STEPS.iter().enumerate().map(step).collect()
}

/// The past-draw checker with this score.
fn past_draws_path(profile: &Profile, total: u16) -> String {
    let mut query =
        form_urlencoded::Serializer::for_suffix(String::from("/tools/past-draws?"), "/tools/past-draws?".len());
    query.append_pair("crs", &total.to_string());
    let strong_french = |levels: crate::crs::profile::LanguageLevels| levels.lowest() >= tables::STRONG_FRENCH;
    if profile.levels_in(Language::French).is_some_and(strong_french) {
        query.append_pair("french", "yes");
    }
    if profile.nomination {
        query.append_pair("program", "pnp");
    }
    query.finish()
}
