//! The page of a receipt.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::field_warnings::{FieldWarnings, PhoneWarning};
use crate::inquiries::inquiry::LabelledField;
use crate::inquiries::privacy::trash_expires_at;
use crate::inquiries::receipts::confirm::has_access;
use crate::inquiries::receipts::correct::ContactDetails;
use crate::inquiries::receipts::store as receipts;
use crate::inquiries::submit::{FormContext, SubmitError, no_store};
use crate::inquiries::{Inquiry, InquiryKind, InquiryState, email_typo, store};
use crate::mail;
use crate::noc::Occupation;
use crate::occupations;
use crate::web::{DisplayDate, DisplayTime, FieldErrors, Layout, Query};

/// How many occupations are suggested.
const MAX_SUGGESTIONS: usize = 5;

#[derive(Template)]
#[template(path = "inquiries/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    inquiry: Inquiry,
    state: InquiryState,
    /// All that was sent is shown, and not only a part of the addresses and numbers.
    is_unmasked: bool,
    /// When it was sent again last.
    sent_again: Option<DisplayTime>,
    fields: Vec<LabelledField>,
    /// Whether a confirmation is sent to the address; told where it was sent just now.
    confirmation_email: Option<bool>,
    /// The address that was probably meant.
    suggested_email: Option<String>,
    warnings: FieldWarnings,
    occupation: Option<Occupation>,
    suggested_occupations: Vec<Occupation>,
    receipt_form: ReceiptForm,
}

/// What the visitor does on the page, as typed.
#[derive(Default)]
pub struct ReceiptForm {
    /// To confirm that it is theirs.
    pub address: String,
    /// Their contact details, once it is confirmed.
    pub contact: Option<ContactDetails>,
    /// What shows that it is.
    pub access_token: String,
    /// Why what was typed could not be kept.
    pub submit_error: Option<SubmitError>,
    /// A deed that was just done.
    pub message: &'static str,
    /// What is wrong.
    pub errors: FieldErrors,
}

impl ReceiptForm {
    /// Confirmed, with nothing typed yet.
    pub fn verified(inquiry: &Inquiry, access_token: String) -> Self {
        Self { contact: Some(ContactDetails::of(inquiry)), access_token, ..Self::default() }
    }

    /// The confirmation has run out, or there was none.
    pub fn unverified() -> Self {
        let mut errors = FieldErrors::in_order(&["address"]);
        errors.add("address", "Please confirm once more that this is yours: a confirmation holds for one hour.");
        Self { errors, ..Self::default() }
    }
}

#[derive(Template)]
#[template(path = "inquiries/receipt_withdrawn.html")]
struct WithdrawnPage {
    layout: Layout,
    reference: String,
    deleted_on: DisplayDate,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReceiptQuery {
    pub access_token: String,
    done: String,
}

/// `GET /receipts/{token}?access_token=`
pub async fn show(
    token: Path<String>,
    query: Query<ReceiptQuery>,
    layout: Layout,
    form_context: FormContext,
) -> PageResult {
    let inquiry = store::find_by_receipt(form_context.services.db.read(), &token).await?.ok_or(PageError::NotFound)?;
    let ReceiptQuery { access_token, done } = query.0;
    let message = match done.as_str() {
        "corrected" => "Your contact details are corrected.",
        "address"
            if mail::has_auto_reply(form_context.services.db.read(), inquiry.id, &inquiry.details.email).await? =>
        {
            "Your e-mail address is corrected. We are writing to it."
        }
        "address" => "Your e-mail address is corrected.",
        "occupation" => "Your occupation is noted.",
        _ => "",
    };
    let receipt_form =
        if has_access(&form_context.services.secret, &inquiry, &access_token, form_context.services.clock.now()) {
            ReceiptForm { message, ..ReceiptForm::verified(&inquiry, access_token) }
        } else {
            ReceiptForm { message, ..ReceiptForm::default() }
        };
    page(StatusCode::OK, layout, inquiry, receipt_form, &form_context).await
}

/// The receipt as it stands, with what the visitor does on it.
pub async fn page(
    status: StatusCode,
    layout: Layout,
    inquiry: Inquiry,
    receipt_form: ReceiptForm,
    form_context: &FormContext,
) -> PageResult {
    let db = &form_context.services.db;
    if let Some(trashed_at) = inquiry.trashed_at {
        // What is past its time is gone for the visitor; what they took back themselves says so until it is deleted.
        if inquiry.state != InquiryState::Withdrawn {
            return Err(PageError::NotFound);
        }
        let deleted_on = DisplayDate::in_office(trash_expires_at(trashed_at.to_jiff()));
        return no_referrer_no_store(html(status, &WithdrawnPage { layout, reference: inquiry.reference, deleted_on }));
    }
    let state = effective_state(&inquiry, db).await?;
    let is_fresh = inquiry.is_recent(form_context.services.clock.now());
    // An hour later others may have the link: without an access token the page shows no name and nothing that was written.
    let is_unmasked = is_fresh || receipt_form.contact.is_some();
    let details = &inquiry.details;
    let fields = if is_unmasked { details.labelled_fields() } else { details.masked().labelled_fields() };
    let may_correct =
        is_unmasked && matches!(state, InquiryState::New | InquiryState::Quarantined | InquiryState::Reading);
    let warnings = match &receipt_form.contact {
        Some(typed) => FieldWarnings::of(&typed.email, &typed.phone, &typed.whatsapp, &details.residence),
        None if may_correct => FieldWarnings::of(&details.email, &details.phone, &details.whatsapp, &details.residence),
        None => FieldWarnings::default(),
    };
    // With the whole form open, it says so beside the field.
    let suggested_email =
        if may_correct && receipt_form.contact.is_none() { email_typo::suggest(&details.email) } else { None };
    let sent_again = receipts::last_sent_again(db.read(), inquiry.id).await?.map(DisplayTime::in_office);
    let occupation = match inquiry.noc.as_str() {
        "" => None,
        _ if !is_unmasked => None,
        noc => occupations::find(db.read(), noc).await?,
    };
    let asks =
        may_correct && inquiry.noc.is_empty() && details.kind == InquiryKind::Apply && !details.occupation.is_empty();
    // A help, which is left out above the limit of searches.
    let suggested_occupations = if asks && form_context.searcher.check_rate().is_ok() {
        occupations::suggestions(db.read(), &details.occupation, MAX_SUGGESTIONS).await?
    } else {
        vec![]
    };
    let is_new = matches!(state, InquiryState::New | InquiryState::Quarantined);
    let confirmation_email = if is_fresh && is_new && !details.email.is_empty() {
        Some(mail::has_auto_reply(db.read(), inquiry.id, &details.email).await?)
    } else {
        None
    };
    let page = ReceiptPage {
        layout,
        state,
        is_unmasked,
        sent_again,
        fields,
        confirmation_email,
        suggested_email,
        warnings,
        occupation,
        suggested_occupations,
        receipt_form,
        inquiry,
    };
    no_referrer_no_store(html(status, &page))
}

/// How far we are: with the inquiry in which it is answered, where that is another one.
pub async fn effective_state(inquiry: &Inquiry, db: &Database) -> sqlx::Result<InquiryState> {
    Ok(match inquiry.merged_into {
        Some(answered_in) => store::find(db.read(), answered_in).await?.map_or(inquiry.state, |other| other.state),
        None => inquiry.state,
    })
}

/// Whoever has the address can read what was sent: it must not travel on, nor be found, nor be stored. (With
/// `no-referrer` browsers would not say where the page's own forms come from, and these would be refused.)
pub fn no_referrer_no_store(page: PageResult) -> PageResult {
    let mut page = no_store(page)?;
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    page.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(page)
}
