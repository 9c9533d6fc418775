//! JSON download of everything a visitor sent and was sent.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Path;
use serde_json::json;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::forms::submit::FormContext;
use crate::inquiries::receipts::access::has_access;
use crate::inquiries::receipts::show::{ReceiptQuery, effective_state, no_referrer_no_store};
use crate::inquiries::receipts::store;
use crate::inquiries::store as inquiries;
use crate::web::Query;

/// `GET /receipts/{token}.json?access_token=`
pub async fn export(token: Path<String>, query: Query<ReceiptQuery>, form_context: FormContext) -> PageResult {
    let db = &form_context.services.db;
    let inquiry = inquiries::find_by_receipt(db.read(), &token).await?.ok_or(PageError::NotFound)?;
    if inquiry.trashed_at.is_some() {
        return Err(PageError::NotFound);
    }
    if !has_access(&form_context.services.secret, &inquiry, &query.0.access_token, form_context.services.clock.now()) {
        return Ok(see_other(&format!("/receipts/{}#yours", inquiry.receipt_token)));
    }
    let details = &inquiry.details;
    let emails = store::emails_to_visitor(db.read(), inquiry.id, &details.email).await?;
    let consent = match &inquiry.consent_version {
        Some(version) => inquiries::consent_text(db.read(), version).await?,
        None => None,
    };
    // Without staff's internal notes. A visitor who wants those too asks, and gets them from a member of staff.
    let history: Vec<_> = inquiries::events(db.read(), inquiry.id)
        .await?
        .into_iter()
        .filter(|event| event.kind != "note" && event.kind != "owner")
        .map(|event| json!({ "at": event.at, "what": event.kind, "by_you": event.actor == "visitor" }))
        .collect();
    let document = details.to_json(json!({
        "reference": inquiry.reference,
        "state": effective_state(&inquiry, db).await?.for_visitor(),
        "received_at": inquiry.received_at,
        "phone_e164": inquiry.phone_e164,
        "whatsapp_e164": inquiry.whatsapp_e164,
        "program": details.program_shown(),
        "noc": inquiry.noc,
        "education": details.education_shown(),
        "consent": consent,
        "consent_at": inquiry.consent_at.map(jiff_sqlx::Timestamp::to_jiff),
        "history": history,
        "emails_to_you": emails,
        "emails_from_you": store::replies_of_visitor(db.read(), inquiry.id).await?,
    }));
    let body = serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)?;
    let attachment = format!("attachment; filename=\"{}.json\"", inquiry.reference);
    no_referrer_no_store(Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, attachment))
        .body(body)))
}
