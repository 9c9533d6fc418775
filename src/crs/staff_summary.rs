//! Both results for the staff page of an inquiry, computed from what the applicant gave.

use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::crs::answers::Answers;
use crate::crs::past_draw::{Candidate, Decision};
use crate::crs::past_draw_answers::PastDrawAnswers;
use crate::crs::past_draws::verdicts;
use crate::crs::score::Score;

/// Answers of an inquiry that count for a score.
pub struct Given<'a> {
    /// May contain the addresses of results, as the links “Ask a person” insert them.
    pub message: &'a str,
    pub age: Option<i64>,
    /// A value of the field `education`.
    pub education: &'a str,
    /// Score that the applicant claims.
    pub crs: Option<i64>,
    /// Code of the occupation; empty if unknown.
    pub noc: &'a str,
}

/// Results of both tools.
#[derive(Default)]
pub struct StaffSummary {
    pub calculator: Option<CalculatorSummary>,
    pub past_draws: Option<PastDrawsSummary>,
}

pub struct CalculatorSummary {
    /// `533`, or `from 120 to 600` if answers are missing.
    pub total: String,
    pub is_complete: bool,
    pub path: String,
}

pub struct PastDrawsSummary {
    pub crs: u16,
    /// Number of draws of the last 12 months.
    pub draws: usize,
    /// Numbers of the draws in which the answers would have been enough.
    pub enough: Vec<String>,
    /// Numbers of the draws in which it depends.
    pub depends: Vec<String>,
    pub path: String,
}

impl StaffSummary {
    pub async fn load(db: &SqlitePool, given: &Given<'_>, today: Date) -> sqlx::Result<Self> {
        let (calculator, calculated) = calculator(given, today);
        let past_draws = match past_draw_answers(given, calculated) {
            Some(answers) => past_draws(db, &answers, today).await?,
            None => None,
        };
        Ok(Self { calculator, past_draws })
    }
}

/// Query of the first address of a tool in a text.
fn linked_query<'a>(text: &'a str, tool: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(tool)?;
    rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>')).next()
}

/// The summary, and the total if it is certain.
fn calculator(given: &Given, today: Date) -> (Option<CalculatorSummary>, Option<u16>) {
    let answers = match linked_query(given.message, "/tools/crs?") {
        Some(query) => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        None => HashMap::from([
            ("age".to_owned(), given.age.map_or(String::new(), |age| age.to_string())),
            ("education".to_owned(), given.education.to_owned()),
        ]),
    };
    let answers = Answers::new(answers);
    let interpretation = answers.interpret(today);
    if answers.is_empty() || !interpretation.invalid.is_empty() {
        return (None, None);
    }
    let total = interpretation.profile().map(|profile| Score::of(&profile).total());
    let range = interpretation.partial.total_range();
    let step = if total.is_some() { "" } else { "&step=2" };
    let summary = CalculatorSummary {
        total: total.map_or_else(|| format!("from {} to {}", range.lowest, range.highest), |total| total.to_string()),
        is_complete: total.is_some(),
        path: format!("/tools/crs?{}{step}", answers.query()),
    };
    (Some(summary), total)
}

fn past_draw_answers(given: &Given, calculated: Option<u16>) -> Option<PastDrawAnswers> {
    if let Some(query) = linked_query(given.message, "/tools/past-draws?") {
        return Some(PastDrawAnswers::parse(query));
    }
    let crs = given.crs.map(|claimed| claimed.to_string()).or(calculated.map(|total| total.to_string()))?;
    Some(PastDrawAnswers { crs, noc: given.noc.to_owned(), ..PastDrawAnswers::default() })
}

async fn past_draws(db: &SqlitePool, answers: &PastDrawAnswers, today: Date) -> sqlx::Result<Option<PastDrawsSummary>> {
    let Ok(candidate) = answers.candidate(db).await? else { return Ok(None) };
    let judged = verdicts(db, &candidate, false, today).await?;
    let numbers = |answer: Decision| {
        judged.iter().filter(|(_, verdict)| verdict.answer == answer).map(|(draw, _)| draw.round.clone()).collect()
    };
    let Candidate { crs, .. } = candidate;
    Ok(Some(PastDrawsSummary {
        crs,
        draws: judged.len(),
        enough: numbers(Decision::Yes),
        depends: numbers(Decision::Depends),
        path: answers.path(false),
    }))
}
