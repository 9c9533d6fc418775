//! Changes made on the receipt: contact details, suggested e-mail address, occupation.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sqlx::SqliteExecutor;

use crate::http::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, PageError, PageResult, see_other};
use crate::inquiries::forms::email_typo;
use crate::inquiries::forms::submit::{FormContext, SubmitError};
use crate::inquiries::notifications::queue;
use crate::inquiries::phone::{self, ParsedPhoneNumber};
use crate::inquiries::receipts::access::{has_access, open_path};
use crate::inquiries::receipts::contact_form::ContactDetails;
use crate::inquiries::receipts::correction_notices;
use crate::inquiries::receipts::show::{self, ReceiptForm};
use crate::inquiries::receipts::store::{self, Contact};
use crate::inquiries::{Inquiry, InquiryKind, InquiryState, emails, store as inquiries};
use crate::occupations;
use crate::web::{Firm, Form, Layout, one_line};

/// `POST /receipts/{token}/contact`
pub async fn correct(
    layout: Layout,
    token: Path<String>,
    form: Form<ContactDetails>,
    form_context: FormContext,
    cross_origin: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if cross_origin.0 {
        return show_unsent(layout, &token, form, &form_context).await;
    }
    let inquiry = find_editable(&form_context, &token).await?;
    if !has_access(&form_context.services.secret, &inquiry, &form.access_token, form_context.services.clock.now()) {
        let receipt_form = ReceiptForm::unverified();
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await;
    }
    let mut errors = form.errors();
    if form.email != inquiry.details.email {
        form_context.check_deliverable(&mut errors, &form.email);
    }
    let access_token = form.access_token.clone();
    if !errors.is_empty() {
        let receipt_form = ReceiptForm { contact: Some(form), access_token, errors, ..ReceiptForm::default() };
        return show::page(StatusCode::UNPROCESSABLE_ENTITY, layout, inquiry, receipt_form, &form_context).await;
    }
    let now = form_context.services.clock.now();
    let address = format!("{}&done=corrected", open_path(&form_context.services.secret, &inquiry, now));
    let submit_error = match save(&form_context, inquiry.id, &form, Notified::BothAddresses, &layout.firm).await {
        Ok(SaveResult::Saved) => return Ok(see_other(&address)),
        Ok(SaveResult::RateLimited) => SubmitError::TooManyCorrections,
        Err(error) => {
            tracing::error!("cannot store a correction: {error:#} (DATA_DIR)");
            SubmitError::NotSaved
        }
    };
    submit_error
        .respond(async |status| {
            let receipt_form = ReceiptForm {
                contact: Some(form),
                access_token,
                submit_error: Some(submit_error),
                ..ReceiptForm::default()
            };
            show::page(status, layout, inquiry, receipt_form, &form_context).await
        })
        .await
}

/// Receipt with the contact details that another site submitted, to be submitted again from here. Requires access to the
/// receipt.
async fn show_unsent(layout: Layout, token: &str, form: ContactDetails, form_context: &FormContext) -> PageResult {
    let found = inquiries::find_by_receipt(form_context.services.db.read(), token).await?;
    let inquiry = found
        .filter(|inquiry| {
            has_access(&form_context.services.secret, inquiry, &form.access_token, form_context.services.clock.now())
        })
        .ok_or(PageError::Forbidden(CROSS_ORIGIN_MESSAGE))?;
    let submit_error = Some(SubmitError::CrossOrigin);
    let receipt_form = ReceiptForm {
        access_token: form.access_token.clone(),
        contact: Some(form),
        submit_error,
        ..ReceiptForm::default()
    };
    show::page(StatusCode::FORBIDDEN, layout, inquiry, receipt_form, form_context).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SuggestionForm {
    #[serde(deserialize_with = "one_line")]
    email: String,
}

/// `POST /receipts/{token}/address`: replaces the e-mail address with the suggested one. Needs no confirmation, because the
/// visitor cannot confirm a mistyped address.
pub async fn accept_suggestion(
    layout: Layout,
    token: Path<String>,
    form: Form<SuggestionForm>,
    form_context: FormContext,
) -> PageResult {
    let inquiry = find_editable(&form_context, &token).await?;
    let suggestion = email_typo::suggest(&inquiry.details.email).filter(|email| *email == form.0.email);
    if let Some(email) = suggestion
        && inquiry.is_recent(form_context.services.clock.now())
    {
        let corrected = ContactDetails { email, ..ContactDetails::of(&inquiry) };
        return match save(&form_context, inquiry.id, &corrected, Notified::NewAddressOnly, &layout.firm).await? {
            SaveResult::Saved => Ok(see_other(&format!("/receipts/{}?done=address", inquiry.receipt_token))),
            SaveResult::RateLimited => rate_limited_page(layout, inquiry, &form_context).await,
        };
    }
    Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OccupationForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(default)]
    access_token: String,
}

/// `POST /receipts/{token}/occupation`: selects one of the suggested occupations.
pub async fn choose_occupation(
    layout: Layout,
    token: Path<String>,
    form: Form<OccupationForm>,
    form_context: FormContext,
) -> PageResult {
    let inquiry = find_editable(&form_context, &token).await?;
    let now = form_context.services.clock.now();
    let OccupationForm { noc, access_token } = form.0;
    let occupation = occupations::find(form_context.services.db.read(), &noc).await?;
    let has_access = has_access(&form_context.services.secret, &inquiry, &access_token, now);
    let mut address = match has_access {
        true => open_path(&form_context.services.secret, &inquiry, now),
        false => format!("/receipts/{}", inquiry.receipt_token),
    };
    if let Some(occupation) = occupation
        && inquiry.details.kind == InquiryKind::Apply
        && (inquiry.noc != occupation.noc || inquiry.noc_matched)
        && (has_access || inquiry.is_recent(now))
    {
        let note = format!("occupation: NOC {}", occupation.noc);
        let mut tx = form_context.services.db.begin_write().await?;
        if is_rate_limited(&mut *tx, inquiry.id, now).await? {
            tx.rollback().await?;
            return rate_limited_page(layout, inquiry, &form_context).await;
        }
        inquiries::set_noc(&mut tx, inquiry.id, &occupation.noc).await?;
        inquiries::record_event(&mut tx, inquiry.id, "corrected", "visitor", &note, now).await?;
        tx.commit().await?;
        address.push_str(if has_access { "&done=occupation" } else { "?done=occupation" });
    }
    Ok(see_other(&address))
}

/// Receipt with the error that the daily limit of changes is reached.
async fn rate_limited_page(layout: Layout, inquiry: Inquiry, form_context: &FormContext) -> PageResult {
    let submit_error = SubmitError::TooManyCorrections;
    let receipt_form = ReceiptForm { submit_error: Some(submit_error), ..ReceiptForm::default() };
    submit_error.respond(async |status| show::page(status, layout, inquiry, receipt_form, form_context).await).await
}

/// The inquiry of a receipt, unless it is in the trash.
async fn find_editable(form_context: &FormContext, token: &str) -> Result<Inquiry, PageError> {
    let found = inquiries::find_by_receipt(form_context.services.db.read(), token).await?;
    found.filter(|inquiry| inquiry.trashed_at.is_none()).ok_or(PageError::NotFound)
}

/// Addresses that get an e-mail about a changed address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notified {
    /// The owner of the old address learns of the change, in case it was not theirs.
    BothAddresses,
    /// The old address was mistyped and may belong to a stranger.
    NewAddressOnly,
}

enum SaveResult {
    Saved,
    /// Each change sends e-mails, so their number is limited.
    RateLimited,
}

/// Changes to one inquiry within a day, of any kind.
const MAX_CHANGES_PER_DAY: i64 = 10;

async fn is_rate_limited(db: impl SqliteExecutor<'_>, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let a_day = SignedDuration::from_hours(24);
    Ok(store::count_changes(db, id, now - a_day, now + a_day).await? >= MAX_CHANGES_PER_DAY)
}

/// Saves the contact details, records the changes, and queues the e-mails about them.
async fn save(
    form_context: &FormContext,
    id: i64,
    contact: &ContactDetails,
    notified: Notified,
    firm: &Firm,
) -> anyhow::Result<SaveResult> {
    let now = form_context.services.clock.now();
    let mut tx = form_context.services.db.begin_write().await?;
    // Read within the transaction: the inquiry may have been changed or withdrawn in the meantime.
    let before = inquiries::find(&mut *tx, id).await?.filter(|inquiry| inquiry.trashed_at.is_none());
    let Some(before) = before else { return Ok(SaveResult::Saved) };
    let changes = contact.changes_from(&before);
    if changes.is_empty() {
        return Ok(SaveResult::Saved);
    }
    if is_rate_limited(&mut *tx, id, now).await? {
        return Ok(SaveResult::RateLimited);
    }
    let residence = &before.details.residence;
    let corrected = Contact {
        name: &contact.name,
        email: &contact.email,
        phone: &contact.phone,
        phone_e164: ParsedPhoneNumber::e164(&contact.phone, residence),
        whatsapp: &contact.whatsapp,
        whatsapp_e164: ParsedPhoneNumber::e164(&contact.whatsapp, residence),
        numbers: phone::index_keys(&contact.phone, &contact.whatsapp, residence),
    };
    store::update_contact(&mut tx, id, &corrected).await?;
    inquiries::record_event(&mut tx, id, "corrected", "visitor", &changes.join("\n"), now).await?;
    // Quarantined inquiries send no e-mails until staff release them.
    if before.state != InquiryState::Quarantined
        && let Some(after) = inquiries::find(&mut *tx, id).await?
    {
        let site = &form_context.services.http.base_url;
        correction_notices::schedule(&mut tx, &before, now).await?;
        if !after.details.email.eq_ignore_ascii_case(&before.details.email) {
            let old = if notified == Notified::BothAddresses {
                emails::address_changed(&before, firm, &form_context.network_hash)?
            } else {
                None
            };
            let acknowledgement = emails::acknowledgement(&after, firm, site, &form_context.network_hash)?;
            queue(&mut tx, [acknowledgement, old].into_iter().flatten(), site, now).await?;
        }
    }
    tx.commit().await?;
    form_context.services.notifier.notify();
    Ok(SaveResult::Saved)
}
