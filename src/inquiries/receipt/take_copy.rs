//! A copy of all that somebody sent and was sent, as a file of JSON.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use serde_json::json;

use crate::inquiries::receipt::confirm::is_proven;
use crate::inquiries::receipt::show::{ReceiptQuery, nowhere_else, state};
use crate::inquiries::receipt::store;
use crate::inquiries::receive::Reception;
use crate::inquiries::store as inquiries;
use crate::web::{PageError, PageResult, Query, see_other};

/// `GET /receipts/{token}.json?proof=`
pub async fn take_copy(token: Path<String>, query: Query<ReceiptQuery>, reception: Reception) -> PageResult {
    let inquiry = inquiries::find_by_receipt(reception.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    if inquiry.binned_at.is_some() {
        return Err(PageError::NotFound);
    }
    if !is_proven(&reception.key, &inquiry, &query.0.proof, reception.clock.now()) {
        return Ok(see_other(&format!("/receipts/{}#yours", inquiry.receipt_token)));
    }
    let details = &inquiry.details;
    let letters = store::letters_to_visitor(reception.db.read(), inquiry.id, &details.email).await?;
    let consent = match &inquiry.consent_version {
        Some(version) => inquiries::consent_text(reception.db.read(), version).await?,
        None => None,
    };
    // Staff's notes to each other are not among it; whoever wants those too asks, and gets them from a person.
    let history: Vec<_> = inquiries::events(reception.db.read(), inquiry.id)
        .await?
        .into_iter()
        .filter(|event| event.kind != "note" && event.kind != "owner")
        .map(|event| json!({ "at": event.at, "what": event.kind, "by_you": event.actor == "visitor" }))
        .collect();
    let copy = json!({
        "reference": inquiry.reference,
        "kind": details.kind.as_str(),
        "state": state(&inquiry, &reception.db).await?.for_visitor(),
        "received_at": inquiry.received_at,
        "name": details.name,
        "email": details.email,
        "phone": details.phone,
        "phone_e164": inquiry.phone_e164,
        "whatsapp": details.whatsapp,
        "whatsapp_e164": inquiry.whatsapp_e164,
        "residence": details.residence,
        "citizenship": details.citizenship,
        "age": details.age,
        "age_typed": details.age_typed,
        "program": details.program_shown(),
        "occupation": details.occupation,
        "noc": inquiry.noc,
        "education": details.education_shown(),
        "experience_years": details.experience_years,
        "experience_typed": details.experience_typed,
        "english_test": details.english_test,
        "french_test": details.french_test,
        "crs": details.crs,
        "crs_typed": details.crs_typed,
        "message": details.message,
        "consent": consent,
        "consent_at": inquiry.consent_at.map(jiff_sqlx::Timestamp::to_jiff),
        "history": history,
        "letters_to_you": letters,
    });
    let body = serde_json::to_string_pretty(&copy).map_err(anyhow::Error::from)?;
    let attachment = format!("attachment; filename=\"{}.json\"", inquiry.reference);
    nowhere_else(Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, attachment))
        .body(body)))
}
