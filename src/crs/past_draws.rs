//! Past-draw checker: page and JSON.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use sqlx::SqlitePool;

use crate::categories;
use crate::crs::ask_a_person;
use crate::crs::json::{messages, respond, too_many_requests};
use crate::crs::past_draw::{Candidate, Decision, PROGRAMS, Verdict};
use crate::crs::past_draw_answers::PastDrawAnswers;
use crate::crs::store::{self, DrawCutOff};
use crate::crs::strip_chart::StripChart;
use crate::crs::tables;
use crate::draws::{CategoryName, RecordAge, category_names, record_age};
use crate::http::{PageError, PageResult, SearchClient, html};
use crate::services::Services;
use crate::web::{DisplayDate, FieldErrors, Layout, office_date, plural_len};

#[derive(Template)]
#[template(path = "crs/past_draws.html")]
struct PastDrawsPage {
    layout: Layout,
    answers: PastDrawAnswers,
    errors: FieldErrors,
    result: Option<Outcome>,
}

struct Outcome {
    summary: String,
    period: String,
    rows: Vec<Row>,
    chart: Option<StripChart>,
    /// Whether draws for provincial nominees are left out of the chart.
    chart_leaves_out_nominees: bool,
    other_period: String,
    apply: String,
    record_age: Option<RecordAge>,
}

struct Row {
    number: String,
    day: DisplayDate,
    name: String,
    crs: i64,
    verdict: Verdict,
}

impl PastDrawsPage {
    fn programs(&self) -> [(&'static str, &'static str); 4] {
        PROGRAMS
    }

    fn is_private(&self) -> bool {
        !self.answers.is_empty()
    }
}

/// Each draw with the verdict on it, newest first.
pub async fn verdicts(
    db: &SqlitePool,
    candidate: &Candidate,
    all: bool,
    today: Date,
) -> sqlx::Result<Vec<(DrawCutOff, Verdict)>> {
    let first = if all { tables::FIRST_DAY } else { today.saturating_sub(1.year()) };
    let draws = store::cut_offs(db, first).await?;
    let lists = categories::dated_lists(db).await?;
    let judge = |draw: DrawCutOff| {
        let verdict = candidate.verdict(&draw, &lists);
        (draw, verdict)
    };
    Ok(draws.into_iter().map(judge).collect())
}

/// `GET /tools/past-draws`
pub async fn show(layout: Layout, request: HttpRequest, client: SearchClient, services: Data<Services>) -> PageResult {
    let answers = PastDrawAnswers::parse(request.query_string());
    let today = office_date(services.clock.now());
    let mut page = PastDrawsPage { layout, answers, errors: FieldErrors::default(), result: None };
    if page.answers.is_empty() {
        return html(StatusCode::OK, &page);
    }
    client.check_rate().map_err(PageError::TooManyRequests)?;
    match page.answers.candidate(services.db.read()).await? {
        Ok(candidate) => page.result = Some(outcome(&services, &candidate, &page.answers, today).await?),
        Err(errors) => page.errors = errors,
    }
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut response = html(status, &page)?;
    // The address contains what the visitor entered.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn outcome(
    services: &Services,
    candidate: &Candidate,
    answers: &PastDrawAnswers,
    today: Date,
) -> sqlx::Result<Outcome> {
    let judged = verdicts(services.db.read(), candidate, answers.all, today).await?;
    let names = category_names(services.db.read()).await?;
    let count = |answer| judged.iter().filter(|(_, verdict)| verdict.answer == answer).count();
    let is_nominee = candidate.programs.contains(&"pnp");
    let in_chart: Vec<&DrawCutOff> = judged
        .iter()
        .map(|(draw, _)| draw)
        .filter(|draw| is_nominee || draw.category.as_deref() != Some("pnp"))
        .collect();
    let period = if answers.all { "since 2015" } else { "of the last 12 months" };
    let enough = format!(
        "With {} points, these answers would have been enough in {} of {}",
        candidate.crs,
        count(Decision::Yes),
        plural_len(judged.len(), "draw", "draws"),
    );
    Ok(Outcome {
        summary: match count(Decision::Depends) {
            0 => format!("{enough}."),
            depends => format!("{enough}. In {depends} more, it depends: see the reasons below."),
        },
        period: period.into(),
        chart: StripChart::of(&in_chart, candidate.crs, |category| type_name(&names, category)),
        chart_leaves_out_nominees: in_chart.len() < judged.len(),
        other_period: answers.path(!answers.all),
        apply: ask_a_person::from_past_draws(candidate.crs, &candidate.nocs, &answers.path(answers.all)),
        record_age: record_age(services.db.read(), services.clock.now()).await?,
        rows: judged
            .into_iter()
            .map(|(draw, verdict)| Row {
                number: draw.round,
                day: draw.date.into(),
                name: draw.name,
                crs: draw.crs,
                verdict,
            })
            .collect(),
    })
}

fn type_name(names: &[CategoryName], category: Option<&str>) -> String {
    let found = category.and_then(|key| names.iter().find(|name| name.key == key));
    found.map_or_else(|| "Not yet assigned".into(), |found| found.name.clone())
}

/// `GET /tools/past-draws.json`
pub async fn json(request: HttpRequest, client: SearchClient, services: Data<Services>) -> PageResult {
    if let Err(seconds) = client.check_rate() {
        return Ok(too_many_requests(seconds));
    }
    let answers = PastDrawAnswers::parse(request.query_string());
    let candidate = match answers.candidate(services.db.read()).await? {
        Ok(candidate) => candidate,
        Err(errors) => return Ok(respond(StatusCode::UNPROCESSABLE_ENTITY, json!({"errors": messages(&errors)}))),
    };
    let today = office_date(services.clock.now());
    let judged = verdicts(services.db.read(), &candidate, answers.all, today).await?;
    let draws: Vec<_> = judged
        .into_iter()
        .map(|(draw, Verdict { answer, reason })| {
            json!({
                "number": draw.round, "answer": answer.key(), "reason": reason,
                "date": draw.date, "name": draw.name, "category": draw.category, "crs": draw.crs,
            })
        })
        .collect();
    Ok(respond(StatusCode::OK, json!({"draws": draws})))
}
