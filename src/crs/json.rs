//! JSON answers of both tools, for other sites and programs. Documented in `docs/api.md`.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::Data;
use serde_json::{Value, json};

use crate::crs::answers::Answers;
use crate::crs::breakdown;
use crate::crs::profile::Profile;
use crate::crs::score::Score;
use crate::http::{PageResult, SearchClient};
use crate::services::Services;
use crate::web::{FieldErrors, Query, office_date};

/// Version of the format. It changes if a field changes its meaning or is removed.
const VERSION: u8 = 1;

/// Response that scripts of every site may read, and that no cache keeps.
pub fn respond(status: StatusCode, mut body: Value) -> HttpResponse {
    body["version"] = json!(VERSION);
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .insert_header(("x-robots-tag", "noindex"))
        .content_type("application/json")
        .body(body.to_string())
}

/// Response for a client above the rate limit.
pub fn too_many_requests(seconds: i64) -> HttpResponse {
    let body = json!({"error": format!("Too many requests. Try again in {seconds} s.")});
    let mut response = respond(StatusCode::TOO_MANY_REQUESTS, body);
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}

/// Messages by name of the field.
pub fn messages(errors: &FieldErrors) -> Value {
    errors
        .iter()
        .map(|(field, sentence)| ((*field).to_owned(), json!(sentence)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// `GET /tools/crs.json`
pub async fn crs(query: Query<HashMap<String, String>>, client: SearchClient, services: Data<Services>) -> PageResult {
    if let Err(seconds) = client.check_rate() {
        return Ok(too_many_requests(seconds));
    }
    let interpretation = Answers::new(query.0).interpret(office_date(services.clock.now()));
    let Some(profile) = interpretation.profile() else {
        let mut body = json!({"total": null, "errors": messages(&interpretation.errors())});
        if interpretation.invalid.is_empty() {
            let range = interpretation.partial.total_range();
            body["range"] = json!({"lowest": range.lowest, "highest": range.highest});
        }
        return Ok(respond(StatusCode::UNPROCESSABLE_ENTITY, body));
    };
    let mut body = score(&profile);
    if !interpretation.notes.is_empty() {
        body["notes"] = json!(interpretation.notes);
    }
    Ok(respond(StatusCode::OK, body))
}

fn score(profile: &Profile) -> Value {
    let score = Score::of(profile);
    let (core, transfers, additional) = (&score.core, &score.transferability, &score.additional);
    let mut body = json!({
        "on": profile.on,
        "total": score.total(),
        "core": core.points(),
        "spouse": score.spouse.points(),
        "transferability": transfers.sum().points(),
        "additional": additional.sum().points(),
        "parts": {
            "age": core.age,
            "education": core.education,
            "first_language": core.first_language_sum(),
            "second_language": core.second_language_sum.points(),
            "canadian_work": core.canadian_work,
            "spouse_education": score.spouse.education,
            "spouse_language": score.spouse.language_sum(),
            "spouse_canadian_work": score.spouse.canadian_work,
            "transfer_education": transfers.education.sum().points(),
            "transfer_foreign": transfers.foreign_work.sum().points(),
            "transfer_trade": transfers.trade_certificate,
            "nomination": additional.nomination,
            "french": additional.french,
            "canadian_credential": additional.canadian_credential,
            "sibling": additional.sibling,
        },
    });
    if let Some(offers) = breakdown::offer_totals(profile) {
        body["total_with_job_offer"] = json!({"senior_manager": offers.senior_manager, "other": offers.other});
    }
    body
}
