//! Submission of both forms: request context, rate limit, and errors shown to the visitor.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::SignedDuration;
use sqlx::SqliteConnection;

use crate::http::{
    PageError, PageResult, SearchClient, client_ip, network_prefix, random_token, see_other, sha256_hex,
};
use crate::inquiries::Details;
use crate::inquiries::consent::{Consent, PrivacyNotice};
use crate::inquiries::forms::form_token;
use crate::inquiries::intake::spam_score::fingerprint_text;
use crate::inquiries::intake::{IntakeResult, Submission};
use crate::inquiries::phone::{self, ParsedPhoneNumber};
use crate::inquiries::store;
use crate::services::Services;
use crate::web::{FieldErrors, Layout, SMTPUTF8_MESSAGE, needs_smtputf8};

/// Why a valid form was not stored. The page keeps the entered values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// Too many forms from the client's network.
    RateLimited,
    /// Too many changes to one inquiry.
    TooManyCorrections,
    /// Such as a full disk.
    NotSaved,
    /// The form came from another site, such as a translation service.
    CrossOrigin,
}

impl SubmitError {
    pub fn heading(self) -> &'static str {
        match self {
            Self::RateLimited => "Please try again later, or call us",
            Self::TooManyCorrections => "Too many changes today",
            Self::NotSaved => "We could not save this",
            Self::CrossOrigin => "One more step: this has not been sent yet",
        }
    }

    pub fn message(self) -> &'static str {
        match self {
            Self::RateLimited => {
                "Too many forms came from your network in the last hour, so we did not accept this one. Your entries are still below: send the form again later, or call us now."
            }
            Self::TooManyCorrections => {
                "This inquiry has been changed too often today, so this change was not saved. Try again tomorrow, or call us."
            }
            Self::CrossOrigin => {
                "This form came from another site, such as a translation service, so we have not accepted it. Your entries are below. Check them, and send the form from this page."
            }
            Self::NotSaved => {
                "Something went wrong on our side, and nothing was saved. Your entries are still below: send them again in a few minutes, or call us now."
            }
        }
    }

    /// The form page with the matching status and `Retry-After`.
    pub async fn respond(self, page: impl AsyncFnOnce(StatusCode) -> PageResult) -> PageResult {
        let (status, seconds) = match self {
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "900"),
            Self::TooManyCorrections => (StatusCode::TOO_MANY_REQUESTS, "86400"),
            Self::NotSaved => (StatusCode::SERVICE_UNAVAILABLE, "120"),
            Self::CrossOrigin => return page(StatusCode::FORBIDDEN).await,
        };
        let mut page = page(status).await?;
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        Ok(page)
    }
}

/// Services and request data that forms and receipts need.
pub struct FormContext {
    pub services: Data<Services>,
    pub searcher: SearchClient,
    /// Keyed hash of the client's network. Empty if the network is not counted.
    pub network_hash: String,
}

impl FromRequest for FormContext {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let services = Services::of(request).clone();
        let address = client_ip(request);
        let private_network = || services.form_rate_limit.limit_private_networks.then(|| address.to_string());
        let network = network_prefix(address).or_else(private_network);
        let hash = |network| services.secret.mac(&format!("forms from {network}"));
        let network_hash = network.map_or_else(String::new, hash);
        ready(Ok(Self { services, searcher: SearchClient::of(request), network_hash }))
    }
}

/// Parts of a submitted form that are not details of the inquiry.
#[derive(Default)]
pub struct FormMeta {
    pub form_token: String,
    pub honeypot: String,
    /// NOC code of the occupation, if it is certain.
    pub noc: String,
    /// Whether the code was matched from the words of the visitor.
    pub noc_matched: bool,
    pub consent: Option<Consent>,
}

impl FormContext {
    /// The form token that was submitted, or a new one if there was none.
    pub fn form_token_or_new(&self, token: String) -> String {
        if token.len() == form_token::TOKEN_LEN {
            token
        } else {
            form_token::issue(&self.services.secret, self.services.clock.now())
        }
    }

    /// Adds an error if the mail server cannot send to this address. A later failure would go unnoticed.
    pub fn check_deliverable(&self, errors: &mut FieldErrors, email: &str) {
        if needs_smtputf8(email) && !self.services.smtp_utf8.is_offered() {
            errors.add("email", SMTPUTF8_MESSAGE);
        }
    }

    /// Stores a consent text when it is first shown. A form may be sent after the text has changed.
    ///
    /// The form is shown even if this fails.
    pub async fn record_consent_text(&self, privacy_notice: &PrivacyNotice) {
        let is_known = store::consent_text(self.services.db.read(), &privacy_notice.version).await;
        if is_known.is_ok_and(|text| text.is_none()) {
            let write = async |tx: &mut SqliteConnection| {
                store::insert_consent_text(tx, privacy_notice, self.services.clock.now()).await
            };
            self.services.db.write_best_effort("cannot store a consent text", write).await;
        }
    }

    /// Stores the inquiry with its e-mails, then redirects to the receipt.
    pub async fn submit(&self, details: Details, meta: FormMeta, layout: &Layout) -> Result<HttpResponse, SubmitError> {
        let submission = self.submission(details, meta);
        match self.services.intake.submit(submission, layout.firm.clone()).await {
            Ok(IntakeResult::New(inquiry) | IntakeResult::Duplicate(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "inquiry stored");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(IntakeResult::Resubmission(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "inquiry sent again");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(IntakeResult::RateLimited) => {
                tracing::warn!("form rejected: too many forms from one network (FORM_LIMIT)");
                Err(SubmitError::RateLimited)
            }
            Err(error) => {
                tracing::error!("cannot store an inquiry: {error:#} (DATA_DIR)");
                Err(SubmitError::NotSaved)
            }
        }
    }

    fn submission(&self, details: Details, meta: FormMeta) -> Submission {
        let issued_at = form_token::issued_at(&self.services.secret, &meta.form_token);
        Submission {
            phone_e164: ParsedPhoneNumber::e164(&details.phone, &details.residence),
            whatsapp_e164: ParsedPhoneNumber::e164(&details.whatsapp, &details.residence),
            numbers: phone::index_keys(&details.phone, &details.whatsapp, &details.residence),
            content_hash: details.content_hash(),
            message_hash: fingerprint_text(&details.message).map_or_else(String::new, |text| sha256_hex(&text)),
            details,
            noc: meta.noc,
            noc_matched: meta.noc_matched,
            form_token: if meta.form_token.len() == form_token::TOKEN_LEN { meta.form_token } else { String::new() },
            consent: meta.consent,
            honeypot_filled: !meta.honeypot.is_empty(),
            // Negative if the clock was set back in the meantime, which does not suggest a program.
            fill_time: issued_at.map(|issued_at| match self.services.clock.now().duration_since(issued_at) {
                time if time.is_negative() => SignedDuration::MAX,
                time => time,
            }),
            network_hash: self.network_hash.clone(),
            forms_per_hour: self.services.form_rate_limit.per_hour,
            receipt_token: random_token::<16>(),
        }
    }
}

/// Forbids caching, because forms and receipts contain personal data.
pub fn no_store(page: PageResult) -> PageResult {
    page.map(|mut page: HttpResponse| {
        page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        page
    })
}
