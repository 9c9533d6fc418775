//! Shared part of both public forms: spam score, rate limit, intake and the redirect to the receipt.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::http::{
    BaseUrl, PageError, PageResult, SearchClient, Sha256Hex, client_ip, network_prefix, random_token, see_other,
};
use crate::inquiries::consent::{Consent, PrivacyNotice};
use crate::inquiries::intake::{IntakeResult, Submission};
use crate::inquiries::phone::{self, ParsedPhoneNumber};
use crate::inquiries::spam_score::fingerprint_text;
use crate::inquiries::store;
use crate::inquiries::{Details, Inquiry, emails, form_token};
use crate::mail::{self, NewEmail, QueuedEmail};
use crate::services::Services;
use crate::staff;
use crate::web::{FieldErrors, Firm, Layout, SMTPUTF8_MESSAGE, needs_smtputf8};

/// Why a form that is in order could not be kept. What was typed stays in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitError {
    /// Too many came from the visitor's network.
    RateLimited,
    /// One inquiry was corrected too often.
    TooManyCorrections,
    /// The disk is full, say.
    NotSaved,
    /// Another site sent the form, such as a translation service.
    CrossOrigin,
}

impl SubmitError {
    /// The heading of what the visitor is told.
    pub fn heading(self) -> &'static str {
        match self {
            Self::RateLimited => "Please wait a little, or telephone us",
            Self::TooManyCorrections => "This was corrected many times today",
            Self::NotSaved => "We could not keep this just now",
            Self::CrossOrigin => "One more click: this was not sent yet",
        }
    }

    /// What the visitor is told.
    pub fn message(self) -> &'static str {
        match self {
            Self::RateLimited => {
                "Very many forms came from your network within the last hour, and this one was not taken. What you typed is still below: send it again later, or telephone us now."
            }
            Self::TooManyCorrections => {
                "We take no more corrections of it before tomorrow, and this one was not taken. Please telephone us instead."
            }
            Self::CrossOrigin => {
                "This form was sent from another site, such as a translation service, so we have not taken it. What you typed is below. Check it, and send it from this page."
            }
            Self::NotSaved => {
                "Something is wrong on our side, and what you sent was not kept. What you typed is still below: please send it again in a few minutes, or telephone us now."
            }
        }
    }

    /// The form again, as an answer that says when to come back.
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

/// What both forms need to keep an inquiry, and receipts to correct it.
pub struct FormContext {
    pub services: Data<Services>,
    pub searcher: SearchClient,
    /// A keyed digest of the visitor's network; empty where networks are not counted.
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
        let digest = |network| services.secret.mac(&format!("forms from {network}"));
        let network_hash = network.map_or_else(String::new, digest);
        ready(Ok(Self { services, searcher: SearchClient::of(request), network_hash }))
    }
}

/// What a form brings besides what was typed into it.
#[derive(Default)]
pub struct FormMeta {
    /// Which showing of the form it is.
    pub form_token: String,
    /// What stands in the box that people never see.
    pub honeypot: String,
    /// The unit group that was chosen or typed.
    pub noc: String,
    /// What was agreed to.
    pub consent: Option<Consent>,
}

impl FormContext {
    /// A mark for a form that is shown now.
    pub fn issue_form_token(&self) -> String {
        form_token::issue(&self.services.secret, self.services.clock.now())
    }

    /// The mark that came back with a form, or a new one where none did.
    pub fn form_token_or_new(&self, mark: String) -> String {
        if mark.len() == form_token::TOKEN_LEN { mark } else { self.issue_form_token() }
    }

    /// Adds a message where the mail server cannot take e-mail to this address: nobody would learn of it in time.
    pub fn check_deliverable(&self, errors: &mut FieldErrors, email: &str) {
        if needs_smtputf8(email) && !self.services.smtp_utf8.is_offered() {
            errors.add("email", SMTPUTF8_MESSAGE);
        }
    }

    /// A form may be sent days after it was shown, when its text has changed: so each text is noted when it is first
    /// shown. Where that fails, the form is shown all the same.
    pub async fn record_consent_text(&self, privacy_notice: &PrivacyNotice) {
        let is_known = store::consent_text(self.services.db.read(), &privacy_notice.version).await;
        if is_known.is_ok_and(|text| text.is_none()) {
            let write = async |tx: &mut SqliteConnection| {
                store::insert_consent_text(tx, privacy_notice, self.services.clock.now()).await
            };
            self.services.db.write_best_effort("a text of consent could not be noted", write).await;
        }
    }

    /// Has the inquiry kept with its emails; only once that is done is the visitor sent to the receipt.
    pub async fn submit(&self, details: Details, mark: FormMeta, layout: &Layout) -> Result<HttpResponse, SubmitError> {
        let submission = self.submission(details, mark);
        match self.services.intake.submit(submission, layout.firm.clone()).await {
            Ok(IntakeResult::New(inquiry) | IntakeResult::Duplicate(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "an inquiry is kept");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(IntakeResult::Resubmission(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "an inquiry was sent again");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(IntakeResult::RateLimited) => {
                tracing::warn!("forms from one network are over the limit (FORM_LIMIT)");
                Err(SubmitError::RateLimited)
            }
            Err(error) => {
                tracing::error!(cause = format!("{error:#}"), "an inquiry could not be kept");
                Err(SubmitError::NotSaved)
            }
        }
    }

    fn submission(&self, details: Details, mark: FormMeta) -> Submission {
        let shown = form_token::issued_at(&self.services.secret, &mark.form_token);
        Submission {
            phone_e164: ParsedPhoneNumber::e164(&details.phone, &details.residence),
            whatsapp_e164: ParsedPhoneNumber::e164(&details.whatsapp, &details.residence),
            numbers: phone::index_keys(&details.phone, &details.whatsapp, &details.residence),
            content_hash: details.content_hash(),
            message_hash: fingerprint_text(&details.message).map_or_else(String::new, |text| Sha256Hex::of(&text)),
            details,
            noc: mark.noc,
            // A key that is not of our shape is no key.
            form_token: if mark.form_token.len() == form_token::TOKEN_LEN { mark.form_token } else { String::new() },
            consent: mark.consent,
            honeypot_filled: !mark.honeypot.is_empty(),
            // A clock that was set back meanwhile tells nothing of haste.
            fill_time: shown.map(|shown| match self.services.clock.now().duration_since(shown) {
                took if took.is_negative() => SignedDuration::MAX,
                took => took,
            }),
            network_hash: self.network_hash.clone(),
            forms_per_hour: self.services.form_rate_limit.per_hour,
            receipt_token: random_token::<16>(),
        }
    }
}

/// Queues what is written about a new inquiry: to staff, and to the visitor.
pub async fn queue_notifications(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    firm: &Firm,
    site: &BaseUrl,
    now: Timestamp,
) -> anyhow::Result<()> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    // Staff set these off, so that no network is counted.
    let emails = emails::new_inquiry_emails(inquiry, &inbox, firm, site, "")?;
    let emails: Vec<QueuedEmail> = emails.into_iter().map(|email| with_message_id(email, site)).collect();
    mail::queue_all(tx, &emails, now).await?;
    Ok(())
}

/// A letter with the Message-ID it keeps for life.
pub fn with_message_id(email: NewEmail, site: &BaseUrl) -> QueuedEmail {
    QueuedEmail { message_id: message_id(site), email }
}

/// Where emails to staff go: the firm's inbox, or the admins' addresses while there is none.
pub async fn staff_inbox(tx: &mut SqliteConnection, firm: &Firm) -> sqlx::Result<Vec<String>> {
    if firm.staff_inbox.is_empty() { staff::admin_addresses(tx).await } else { Ok(firm.staff_inbox.clone()) }
}

/// A Message-ID that no other letter has.
pub fn message_id(site: &BaseUrl) -> String {
    format!("{}@{}", random_token::<16>(), site.host())
}

/// Forms and receipts hold what one person typed: nothing between us and them may keep a copy.
pub fn no_store(page: PageResult) -> PageResult {
    page.map(|mut page: HttpResponse| {
        page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        page
    })
}
