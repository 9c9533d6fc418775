//! Receipt page.

use std::cmp::Ordering;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::forms::email_typo;
use crate::inquiries::forms::field_warnings::{FieldWarnings, PhoneWarning};
use crate::inquiries::forms::submit::{FormContext, SubmitError, no_store};
use crate::inquiries::inquiry::LabelledField;
use crate::inquiries::privacy::trash_expires_at;
use crate::inquiries::receipts::access::{form_token, has_access};
use crate::inquiries::receipts::contact_form::ContactDetails;
use crate::inquiries::receipts::store as receipts;
use crate::inquiries::{Inquiry, InquiryKind, InquiryState, store};
use crate::mail;
use crate::noc::Occupation;
use crate::occupations;
use crate::web::{DisplayDate, DisplayTime, FieldErrors, Layout, Query};

const MAX_SUGGESTIONS: usize = 5;

#[derive(Template)]
#[template(path = "inquiries/receipt.html")]
struct ReceiptPage {
    layout: Layout,
    inquiry: Inquiry,
    state: InquiryState,
    steps: Vec<Step>,
    /// Whether all details are shown, instead of masked contact details only.
    is_unmasked: bool,
    /// Time of the last resubmission.
    sent_again: Option<DisplayTime>,
    fields: Vec<LabelledField>,
    /// Whether a confirmation e-mail was queued. `None` if the page does not mention it.
    confirmation_email: Option<bool>,
    suggested_email: Option<String>,
    warnings: FieldWarnings,
    occupation: Option<Occupation>,
    suggested_occupations: Vec<Occupation>,
    receipt_form: ReceiptForm,
}

/// State of the forms on the page.
#[derive(Default)]
pub struct ReceiptForm {
    /// E-mail address or phone number entered for confirmation.
    pub address: String,
    /// Contact details, once access is confirmed.
    pub contact: Option<ContactDetails>,
    pub access_token: String,
    pub submit_error: Option<SubmitError>,
    /// Confirmation of the last action.
    pub message: &'static str,
    pub errors: FieldErrors,
}

impl ReceiptForm {
    /// With access, before anything is entered.
    pub fn verified(inquiry: &Inquiry, access_token: String) -> Self {
        Self { contact: Some(ContactDetails::of(inquiry)), access_token, ..Self::default() }
    }

    /// Without access, or with an expired token.
    pub fn unverified() -> Self {
        let mut errors = FieldErrors::in_order(&["address"]);
        errors.add("address", "Confirm again that the inquiry is yours. A confirmation is valid for one hour.");
        Self { errors, ..Self::default() }
    }
}

/// Step of the work on an inquiry.
struct Step {
    label: &'static str,
    /// `done`, `current` or `next`; a CSS class.
    progress: &'static str,
}

/// Steps of the work, with the one that was reached last as the current one.
fn steps(state: InquiryState) -> Vec<Step> {
    // "Received" for quarantined inquiries too: do not tell spammers that they were recognised.
    let (labels, current) = match state {
        InquiryState::New | InquiryState::Quarantined => (vec!["Received", "In progress", "Answered"], 0),
        InquiryState::Reading => (vec!["Received", "In progress", "Answered"], 1),
        InquiryState::Answered => (vec!["Received", "In progress", "Answered"], 2),
        InquiryState::Closed => (vec!["Received", "In progress", "Closed"], 2),
        InquiryState::Withdrawn => (vec!["Received", "Withdrawn"], 1),
    };
    let progress = |index: usize| match index.cmp(&current) {
        Ordering::Less => "done",
        Ordering::Equal => "current",
        Ordering::Greater => "next",
    };
    labels.into_iter().enumerate().map(|(index, label)| Step { label, progress: progress(index) }).collect()
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
        "corrected" => "Your contact details have been updated.",
        "address"
            if sends_email(&form_context)
                && mail::has_auto_reply(form_context.services.db.read(), inquiry.id, &inquiry.details.email)
                    .await? =>
        {
            "Your e-mail address has been updated. We are sending a confirmation to the new address."
        }
        "address" => "Your e-mail address has been updated.",
        "occupation" => "Your occupation has been saved.",
        _ => "",
    };
    let receipt_form =
        if has_access(&form_context.services.secret, &inquiry, &access_token, form_context.services.clock.now()) {
            let form_token = form_token(&form_context.services.secret, &inquiry, form_context.services.clock.now());
            ReceiptForm { message, ..ReceiptForm::verified(&inquiry, form_token) }
        } else {
            ReceiptForm { message, ..ReceiptForm::default() }
        };
    page(StatusCode::OK, layout, inquiry, receipt_form, &form_context).await
}

/// Whether e-mails leave the site: without a mail server, they only become files.
fn sends_email(form_context: &FormContext) -> bool {
    !form_context.services.transport.writes_files()
}

pub async fn page(
    status: StatusCode,
    layout: Layout,
    inquiry: Inquiry,
    receipt_form: ReceiptForm,
    form_context: &FormContext,
) -> PageResult {
    let db = &form_context.services.db;
    if let Some(trashed_at) = inquiry.trashed_at {
        // Visitors still see an inquiry that they withdrew. One trashed by retention or staff is gone for them.
        if inquiry.state != InquiryState::Withdrawn {
            return Err(PageError::NotFound);
        }
        let deleted_on = DisplayDate::in_office(trash_expires_at(trashed_at.to_jiff()));
        return no_referrer_no_store(html(status, &WithdrawnPage { layout, reference: inquiry.reference, deleted_on }));
    }
    let state = effective_state(&inquiry, db).await?;
    let is_fresh = inquiry.is_recent(form_context.services.clock.now());
    // After an hour, others may have the link: without an access token, the page shows neither name nor message.
    let is_unmasked = is_fresh || receipt_form.contact.is_some();
    let details = &inquiry.details;
    let fields = if is_unmasked { details.labelled_fields() } else { details.masked().labelled_fields() };
    let may_correct =
        is_unmasked && matches!(state, InquiryState::New | InquiryState::Quarantined | InquiryState::Reading);
    let warnings = match &receipt_form.contact {
        Some(form) => FieldWarnings::of(&form.email, &form.phone, &form.whatsapp, &details.residence),
        None if may_correct => FieldWarnings::of(&details.email, &details.phone, &details.whatsapp, &details.residence),
        None => FieldWarnings::default(),
    };
    // With the contact form open, the suggestion is beside the field.
    let suggested_email =
        if may_correct && receipt_form.contact.is_none() { email_typo::suggest(&details.email) } else { None };
    let sent_again = receipts::last_sent_again(db.read(), inquiry.id).await?.map(DisplayTime::in_office);
    let occupation = match inquiry.noc.as_str() {
        "" => None,
        _ if !is_unmasked => None,
        noc => occupations::find(db.read(), noc).await?,
    };
    let is_uncertain = inquiry.noc.is_empty() || inquiry.noc_matched;
    let asks_occupation =
        may_correct && is_uncertain && details.kind == InquiryKind::Apply && !details.occupation.is_empty();
    // Omitted above the search limit.
    let suggested_occupations = if asks_occupation && form_context.searcher.check_rate().is_ok() {
        occupations::suggestions(db.read(), &details.occupation, MAX_SUGGESTIONS).await?
    } else {
        vec![]
    };
    let is_new = matches!(state, InquiryState::New | InquiryState::Quarantined);
    let confirmation_email = if is_fresh && is_new && !details.email.is_empty() {
        Some(sends_email(form_context) && mail::has_auto_reply(db.read(), inquiry.id, &details.email).await?)
    } else {
        None
    };
    let page = ReceiptPage {
        layout,
        state,
        steps: steps(state),
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

/// State of the inquiry, or of the one it was merged into.
pub async fn effective_state(inquiry: &Inquiry, db: &Database) -> sqlx::Result<InquiryState> {
    Ok(match inquiry.merged_into {
        Some(target) => store::find(db.read(), target).await?.map_or(inquiry.state, |other| other.state),
        None => inquiry.state,
    })
}

/// Keeps the secret URL from leaking through referrers, search engines and caches.
///
/// Not `no-referrer`: browsers would send the page's own forms without an origin, and the cross-origin check rejects them.
pub fn no_referrer_no_store(page: PageResult) -> PageResult {
    let mut page = no_store(page)?;
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    page.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(page)
}
