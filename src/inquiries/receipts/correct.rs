//! Correcting what stands on a receipt: the contact details, an address with a slip in it, the occupation.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sqlx::{SqliteConnection, SqliteExecutor};
use validator::Validate;

use crate::http::{CROSS_ORIGIN_MESSAGE, IsCrossOrigin, PageError, PageResult, see_other};
use crate::inquiries::phone::{self, ParsedPhoneNumber};
use crate::inquiries::receipts::confirm::has_access;
use crate::inquiries::receipts::show::{self, ReceiptForm};
use crate::inquiries::receipts::store::{self, Contact};
use crate::inquiries::submit::{self, FormContext, SubmitError, staff_inbox};
use crate::inquiries::{Inquiry, InquiryKind, InquiryState, email_typo, emails, store as inquiries};
use crate::mail;
use crate::occupations;
use crate::web::{EmailAddress, FieldErrors, Firm, Form, Layout, email_line, not_blank, one_line};

/// Who somebody is and how to reach them, as typed.
#[derive(Clone, Default, Deserialize, Validate)]
#[serde(default)]
pub struct ContactDetails {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "not_blank", message = "Enter your name."),
        length(max = 200, message = "Keep your name under 200 letters.")
    )]
    pub name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(
        custom(function = "EmailAddress::check_optional"),
        length(max = 254, message = "This e-mail address is too long.")
    )]
    pub email: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the telephone number under 100 letters."))]
    pub phone: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Keep the WhatsApp number under 100 letters."))]
    pub whatsapp: String,
    access_token: String,
}

impl ContactDetails {
    /// As they were given.
    pub fn of(inquiry: &Inquiry) -> Self {
        let details = inquiry.details.clone();
        Self {
            name: details.name,
            email: details.email,
            phone: details.phone,
            whatsapp: details.whatsapp,
            access_token: String::new(),
        }
    }

    /// What is otherwise than before, one line each, for the history.
    fn changes_from(&self, before: &Inquiry) -> Vec<String> {
        let old = Self::of(before);
        [
            ("name", &old.name, &self.name),
            ("e-mail", &old.email, &self.email),
            ("telephone", &old.phone, &self.phone),
            ("WhatsApp", &old.whatsapp, &self.whatsapp),
        ]
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what}: {} → {}", or_none(old), or_none(new)))
        .collect()
    }

    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::of(self, &["name", "email", "phone", "whatsapp"]);
        if self.email.is_empty() && self.phone.is_empty() {
            errors.add("email", "Give us an e-mail address or a telephone number, so that we can answer.");
        }
        errors
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// `POST /receipts/{token}/contact`
pub async fn correct(
    layout: Layout,
    token: Path<String>,
    form: Form<ContactDetails>,
    form_context: FormContext,
    elsewhere: IsCrossOrigin,
) -> PageResult {
    let form = form.0;
    if elsewhere.0 {
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
    let address = format!("/receipts/{}?access_token={access_token}&done=corrected", inquiry.receipt_token);
    let submit_error = match save(&form_context, inquiry.id, &form, Notified::BothAddresses, &layout.firm).await {
        Ok(SaveResult::Saved) => return Ok(see_other(&address)),
        Ok(SaveResult::RateLimited) => SubmitError::TooManyCorrections,
        Err(error) => {
            tracing::error!(cause = format!("{error:#}"), "a correction could not be kept");
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

/// The correction as another site sent it, to be sent from here. Who has not proven that the receipt is theirs sees
/// nothing of it.
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

/// `POST /receipts/{token}/address`: takes the address that was probably meant, and no other, so that this needs no
/// confirmation: whoever mistyped an address cannot be asked for it.
pub async fn accept_suggestion(
    layout: Layout,
    token: Path<String>,
    form: Form<SuggestionForm>,
    form_context: FormContext,
) -> PageResult {
    let inquiry = find_editable(&form_context, &token).await?;
    let suggestion = email_typo::suggest(&inquiry.details.email).filter(|meant| *meant == form.0.email);
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

/// `POST /receipts/{token}/occupation`: says which of the directory's occupations the words meant.
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
    let mut address = format!("/receipts/{}", inquiry.receipt_token);
    if has_access {
        address.push_str(&format!("?access_token={access_token}"));
    }
    if let Some(occupation) = occupation
        && inquiry.details.kind == InquiryKind::Apply
        && inquiry.noc != occupation.noc
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

/// The receipt, which says that no more changes are taken today.
async fn rate_limited_page(layout: Layout, inquiry: Inquiry, form_context: &FormContext) -> PageResult {
    let submit_error = SubmitError::TooManyCorrections;
    let receipt_form = ReceiptForm { submit_error: Some(submit_error), ..ReceiptForm::default() };
    submit_error.respond(async |status| show::page(status, layout, inquiry, receipt_form, form_context).await).await
}

/// The inquiry of a receipt on which something may still be done.
async fn find_editable(form_context: &FormContext, token: &str) -> Result<Inquiry, PageError> {
    let found = inquiries::find_by_receipt(form_context.services.db.read(), token).await?;
    found.filter(|inquiry| inquiry.trashed_at.is_none()).ok_or(PageError::NotFound)
}

/// Who is written to at the addresses a visitor gave.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notified {
    /// The old address too: should it not have been its owner who put another in its place, they learn of it.
    BothAddresses,
    /// Only the new one: the old one was a slip, and is nobody's or a stranger's.
    NewAddressOnly,
}

/// What became of a correction.
enum SaveResult {
    Saved,
    /// So many were made that this serves no honest purpose: each writes letters.
    RateLimited,
}

/// How many changes of one inquiry are taken within a day, whatever they change.
const MAX_CHANGES_PER_DAY: i64 = 10;

/// Whether the visitor has changed an inquiry as often as is taken within a day.
async fn is_rate_limited(db: impl SqliteExecutor<'_>, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let a_day = SignedDuration::from_hours(24);
    Ok(store::count_changes(db, id, now - a_day, now + a_day).await? >= MAX_CHANGES_PER_DAY)
}

/// Keeps the corrected details, notes what changed, and tells those whom it concerns.
async fn save(
    form_context: &FormContext,
    id: i64,
    contact: &ContactDetails,
    notified: Notified,
    firm: &Firm,
) -> anyhow::Result<SaveResult> {
    let now = form_context.services.clock.now();
    let mut tx = form_context.services.db.begin_write().await?;
    // Read under the lock: what was shown may have been corrected, or taken back, since.
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
    // What was set aside writes to nobody before staff release it.
    if before.state != InquiryState::Quarantined
        && let Some(after) = inquiries::find(&mut *tx, id).await?
    {
        queue_staff_notices(&mut tx, form_context, &after, "The visitor corrected their contact details.", firm)
            .await?;
        if !after.details.email.eq_ignore_ascii_case(&before.details.email) {
            let old = if notified == Notified::BothAddresses {
                emails::address_changed(&before, firm, &form_context.network_hash)?
            } else {
                None
            };
            for email in [emails::acknowledgement(&after, firm, &form_context.network_hash)?, old].into_iter().flatten()
            {
                mail::queue(&mut tx, &email, &submit::message_id(&form_context.services.http.base_url), now).await?;
            }
        }
    }
    tx.commit().await?;
    form_context.services.notifier.notify();
    Ok(SaveResult::Saved)
}

/// Tells staff what a visitor did with their inquiry.
pub async fn queue_staff_notices(
    tx: &mut SqliteConnection,
    form_context: &FormContext,
    inquiry: &Inquiry,
    sentence: &str,
    firm: &Firm,
) -> anyhow::Result<()> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    for email in emails::staff_notices(inquiry, sentence, &inbox, &form_context.services.http.base_url)? {
        mail::queue(
            tx,
            &email,
            &submit::message_id(&form_context.services.http.base_url),
            form_context.services.clock.now(),
        )
        .await?;
    }
    Ok(())
}
