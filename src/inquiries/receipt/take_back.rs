//! Taking an inquiry back: it goes to the bin, and is deleted seven days later.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use crate::inquiries::receipt::confirm::is_proven;
use crate::inquiries::receipt::correct::letters_about;
use crate::inquiries::receipt::show::{self, Opened};
use crate::inquiries::receipt::store;
use crate::inquiries::receive::{self, Reception};
use crate::inquiries::{State, mail as letters, store as inquiries};
use crate::mail;
use crate::web::{FieldErrors, Form, Layout, PageError, PageResult, see_other};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TakeBackForm {
    proof: String,
    sure: String,
}

/// `POST /receipts/{token}/withdrawal`
pub async fn take_back(
    layout: Layout,
    token: Path<String>,
    form: Form<TakeBackForm>,
    reception: Reception,
) -> PageResult {
    let TakeBackForm { proof, sure } = form.0;
    let now = reception.clock.now();
    let inquiry = inquiries::find_by_receipt(reception.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    if !is_proven(&reception.key, &inquiry, &proof, now) {
        let opened = Opened::unproven();
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, opened, &reception).await;
    }
    if sure.is_empty() {
        let mut errors = FieldErrors::in_order(&["sure"]);
        errors.add("sure", "Tick the box first, so that nobody takes back an inquiry by a slip of the finger.");
        let opened = Opened { errors, ..Opened::proven(&inquiry, proof) };
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, opened, &reception).await;
    }
    let mut tx = reception.db.begin_write().await?;
    if store::withdraw(&mut tx, inquiry.id, now).await? {
        inquiries::note(&mut tx, inquiry.id, "withdrawn", "visitor", "", now).await?;
        if inquiry.state != State::Quarantined {
            letters_about(&mut tx, &reception, &inquiry, "The visitor took their inquiry back.", &layout.firm).await?;
            if let Some(letter) = letters::withdrawal(&inquiry, &layout.firm, &reception.network)? {
                mail::queue(&mut tx, &letter, &receive::message_id(&reception.site), now).await?;
            }
        }
    }
    tx.commit().await?;
    reception.wake.sender();
    Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
}
