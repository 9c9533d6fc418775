//! Withdrawal: moves an inquiry to the trash, from which it is deleted 7 days later.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::forms::submit::FormContext;
use crate::inquiries::notifications::{queue, queue_staff_notices};
use crate::inquiries::receipts::access::has_access;
use crate::inquiries::receipts::show::{self, ReceiptForm};
use crate::inquiries::receipts::store;
use crate::inquiries::{InquiryState, emails, store as inquiries};
use crate::web::{FieldErrors, Form, Layout};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct WithdrawForm {
    access_token: String,
    sure: String,
}

/// `POST /receipts/{token}/withdrawal`
pub async fn withdraw(
    layout: Layout,
    token: Path<String>,
    form: Form<WithdrawForm>,
    form_context: FormContext,
) -> PageResult {
    let WithdrawForm { access_token, sure } = form.0;
    let now = form_context.services.clock.now();
    let inquiry =
        inquiries::find_by_receipt(form_context.services.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    if !has_access(&form_context.services.secret, &inquiry, &access_token, now) {
        let receipt_form = ReceiptForm::unverified();
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await;
    }
    if sure.is_empty() {
        let mut errors = FieldErrors::in_order(&["sure"]);
        errors.add("sure", "Tick the box to confirm that you want to withdraw your inquiry.");
        let receipt_form = ReceiptForm { errors, ..ReceiptForm::verified(&inquiry, access_token) };
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await;
    }
    let mut tx = form_context.services.db.begin_write().await?;
    if store::withdraw(&mut tx, inquiry.id, now).await? {
        inquiries::record_event(&mut tx, inquiry.id, "withdrawn", "visitor", "", now).await?;
        if inquiry.state != InquiryState::Quarantined {
            let (firm, site) = (&layout.firm, &form_context.services.http.base_url);
            queue_staff_notices(&mut tx, &inquiry, "The visitor withdrew their inquiry.", &[], firm, site, now).await?;
            queue(&mut tx, emails::withdrawal(&inquiry, firm, &form_context.network_hash)?, site, now).await?;
        }
    }
    tx.commit().await?;
    form_context.services.notifier.notify();
    Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
}
