//! A copy of all that somebody sent and was sent, as a file of JSON.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use serde_json::json;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::receipts::confirm::has_access;
use crate::inquiries::receipts::show::{ReceiptQuery, effective_state, no_referrer_no_store};
use crate::inquiries::receipts::store;
use crate::inquiries::store as inquiries;
use crate::inquiries::submit::FormContext;
use crate::web::Query;

/// `GET /receipts/{token}.json?access_token=`
pub async fn export(token: Path<String>, query: Query<ReceiptQuery>, form_context: FormContext) -> PageResult {
    let inquiry =
        inquiries::find_by_receipt(form_context.services.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    if inquiry.trashed_at.is_some() {
        return Err(PageError::NotFound);
    }
    if !has_access(&form_context.services.secret, &inquiry, &query.0.access_token, form_context.services.clock.now()) {
        return Ok(see_other(&format!("/receipts/{}#yours", inquiry.receipt_token)));
    }
    let details = &inquiry.details;
    let emails = store::emails_to_visitor(form_context.services.db.read(), inquiry.id, &details.email).await?;
    let consent = match &inquiry.consent_version {
        Some(version) => inquiries::consent_text(form_context.services.db.read(), version).await?,
        None => None,
    };
    // Staff's notes to each other are not among it; whoever wants those too asks, and gets them from a person.
    let history: Vec<_> = inquiries::events(form_context.services.db.read(), inquiry.id)
        .await?
        .into_iter()
        .filter(|event| event.kind != "note" && event.kind != "owner")
        .map(|event| json!({ "at": event.at, "what": event.kind, "by_you": event.actor == "visitor" }))
        .collect();
    let document = json!({
        "reference": inquiry.reference,
        "kind": details.kind.as_str(),
        "state": effective_state(&inquiry, &form_context.services.db).await?.for_visitor(),
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
        "emails_to_you": emails,
    });
    let body = serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)?;
    let attachment = format!("attachment; filename=\"{}.json\"", inquiry.reference);
    no_referrer_no_store(Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, attachment))
        .body(body)))
}
