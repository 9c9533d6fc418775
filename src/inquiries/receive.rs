//! The reception: what comes with a form, what the visitor is told, and who is written to.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::consent::{Consent, Purpose};
use crate::inquiries::counter::{Arrival, Counter, Received};
use crate::inquiries::doubt::telling_text;
use crate::inquiries::phone::{self, Number};
use crate::inquiries::store;
use crate::inquiries::{Details, Inquiry, mail as letters, showing};
use crate::mail::{self, Addressed, Letter, SmtpUtf8, Wake};
use crate::staff;
use crate::web::{
    Digest, FieldErrors, Firm, Key, Layout, NO_SMTPUTF8, PageError, PageResult, Searcher, SiteAddress, client_address,
    needs_smtputf8, network_of, random_token, see_other,
};

/// Where the operator says nothing: many people share one address of a carrier.
const FORMS_AN_HOUR: i64 = 600;

/// How many forms are taken from one network in an hour.
#[derive(Clone, Copy, Debug)]
pub struct FormLimit {
    per_hour: i64,
    /// This machine and its own network are counted like any other only where the operator set a limit: behind a proxy
    /// that is not trusted, everybody seems to come from there.
    counts_own_house: bool,
}

impl FormLimit {
    /// What the operator set, or the default.
    pub fn new(set: Option<u32>) -> Self {
        Self { per_hour: set.map_or(FORMS_AN_HOUR, i64::from), counts_own_house: set.is_some() }
    }
}

/// Why a form that is in order could not be kept. What was typed stays in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Too many came from the visitor's network.
    TooMany,
    /// One inquiry was corrected too often.
    TooOften,
    /// The disk is full, say.
    NotKept,
    /// Another site sent the form, such as a translation service.
    FromElsewhere,
}

impl Trouble {
    /// The heading of what the visitor is told.
    pub fn heading(self) -> &'static str {
        match self {
            Self::TooMany => "Please wait a little, or telephone us",
            Self::TooOften => "This was corrected many times today",
            Self::NotKept => "We could not keep this just now",
            Self::FromElsewhere => "One more click: this was not sent yet",
        }
    }

    /// What the visitor is told.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TooMany => {
                "Very many forms came from your network within the last hour, and this one was not taken. What you typed is still below: send it again later, or telephone us now."
            }
            Self::TooOften => {
                "We take no more corrections of it before tomorrow, and this one was not taken. Please telephone us instead."
            }
            Self::FromElsewhere => {
                "This form was sent from another site, such as a translation service, so we have not taken it. What you typed is below. Check it, and send it from this page."
            }
            Self::NotKept => {
                "Something is wrong on our side, and what you sent was not kept. What you typed is still below: please send it again in a few minutes, or telephone us now."
            }
        }
    }

    /// The form again, as an answer that says when to come back.
    pub async fn answer(self, page: impl AsyncFnOnce(StatusCode) -> PageResult) -> PageResult {
        let (status, seconds) = match self {
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "900"),
            Self::TooOften => (StatusCode::TOO_MANY_REQUESTS, "86400"),
            Self::NotKept => (StatusCode::SERVICE_UNAVAILABLE, "120"),
            Self::FromElsewhere => return page(StatusCode::FORBIDDEN).await,
        };
        let mut page = page(status).await?;
        page.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        Ok(page)
    }
}

/// What both forms need to keep an inquiry, and receipts to correct it.
pub struct Reception {
    /// Where it is kept.
    pub db: Data<Database>,
    /// What time it is.
    pub clock: Data<Clock>,
    /// Where the site is, for links in letters.
    pub site: Data<SiteAddress>,
    /// Rouses the sender of letters.
    pub wake: Data<Wake>,
    /// The site's secret.
    pub key: Data<Key>,
    /// How often they may search.
    pub searcher: Searcher,
    /// Whether the mail server takes addresses beyond ASCII.
    pub smtp_utf8: Data<SmtpUtf8>,
    /// A keyed digest of the visitor's network; empty where networks are not counted.
    pub network: String,
    counter: Data<Counter>,
    limit: i64,
}

impl FromRequest for Reception {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = || {
            let key = request.app_data::<Data<Key>>()?.clone();
            let limit = request.app_data::<Data<FormLimit>>()?;
            let address = client_address(request);
            let own_house = || limit.counts_own_house.then(|| address.to_string());
            let network = network_of(address).or_else(own_house);
            Some(Self {
                db: request.app_data::<Data<Database>>()?.clone(),
                clock: request.app_data::<Data<Clock>>()?.clone(),
                site: request.app_data::<Data<SiteAddress>>()?.clone(),
                wake: request.app_data::<Data<Wake>>()?.clone(),
                searcher: Searcher::of(request)?,
                smtp_utf8: request.app_data::<Data<SmtpUtf8>>()?.clone(),
                counter: request.app_data::<Data<Counter>>()?.clone(),
                network: network.map_or_else(String::new, |network| key.token_for(&format!("forms from {network}"))),
                limit: limit.per_hour,
                key,
            })
        };
        ready(found().ok_or_else(|| PageError::Internal(anyhow::anyhow!("the reception was not set up"))))
    }
}

/// What a form brings besides what was typed into it.
#[derive(Default)]
pub struct Mark {
    /// Which showing of the form it is.
    pub form_key: String,
    /// What stands in the box that people never see.
    pub trap: String,
    /// The unit group that was chosen or typed.
    pub noc: String,
    /// What was agreed to.
    pub consent: Option<Consent>,
}

impl Reception {
    /// A mark for a form that is shown now.
    pub fn mark(&self) -> String {
        showing::mark(&self.key, self.clock.now())
    }

    /// The mark that came back with a form, or a new one where none did.
    pub fn mark_or(&self, mark: String) -> String {
        if mark.len() == showing::LENGTH { mark } else { self.mark() }
    }

    /// Adds a message where the mail server cannot take e-mail to this address: nobody would learn of it in time.
    pub fn check_deliverable(&self, errors: &mut FieldErrors, email: &str) {
        if needs_smtputf8(email) && !self.smtp_utf8.is_offered() {
            errors.add("email", NO_SMTPUTF8);
        }
    }

    /// A form may be sent days after it was shown, when its text has changed: so each text is noted when it is first
    /// shown. Where that fails, the form is shown all the same.
    pub async fn note_consent_text(&self, purpose: &Purpose) {
        let is_known = store::consent_text(self.db.read(), &purpose.version).await;
        if is_known.is_ok_and(|text| text.is_none()) {
            let write = async |tx: &mut SqliteConnection| store::note_consent_text(tx, purpose, self.clock.now()).await;
            self.db.write_if_possible("a text of consent could not be noted", write).await;
        }
    }

    /// Has the inquiry kept with its letters; only once that is done is the visitor sent to the receipt.
    pub async fn receive(&self, details: Details, mark: Mark, layout: &Layout) -> Result<HttpResponse, Trouble> {
        let arrival = self.arrival(details, mark);
        match self.counter.keep(arrival, layout.firm.clone()).await {
            Ok(Received::New(inquiry) | Received::Before(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "an inquiry is kept");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(Received::Again(inquiry)) => {
                tracing::info!(reference = inquiry.reference, "an inquiry was sent again");
                Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
            }
            Ok(Received::TooMany) => {
                tracing::warn!("forms from one network are over the limit (FORM_LIMIT)");
                Err(Trouble::TooMany)
            }
            Err(error) => {
                tracing::error!(cause = format!("{error:#}"), "an inquiry could not be kept");
                Err(Trouble::NotKept)
            }
        }
    }

    fn arrival(&self, details: Details, mark: Mark) -> Arrival {
        let shown = showing::shown_at(&self.key, &mark.form_key);
        Arrival {
            phone_e164: Number::e164(&details.phone, &details.residence),
            whatsapp_e164: Number::e164(&details.whatsapp, &details.residence),
            numbers: phone::keys(&details.phone, &details.whatsapp, &details.residence),
            digest: details.digest(),
            text_hash: telling_text(&details.message).map_or_else(String::new, |text| Digest::of(&text)),
            details,
            noc: mark.noc,
            // A key that is not of our shape is no key.
            form_key: if mark.form_key.len() == showing::LENGTH { mark.form_key } else { String::new() },
            consent: mark.consent,
            trap_is_filled: !mark.trap.is_empty(),
            // A clock that was set back meanwhile tells nothing of haste.
            took: shown.map(|shown| match self.clock.now().duration_since(shown) {
                took if took.is_negative() => SignedDuration::MAX,
                took => took,
            }),
            network: self.network.clone(),
            limit: self.limit,
            receipt_token: random_token::<16>(),
        }
    }
}

/// Queues what is written about a new inquiry: to staff, and to the visitor.
pub async fn queue_letters(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    firm: &Firm,
    site: &SiteAddress,
    now: Timestamp,
) -> anyhow::Result<()> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    // Staff set these off, so that no network is counted.
    let letters = letters::letters(inquiry, &inbox, firm, site, "")?;
    let letters: Vec<Addressed> = letters.into_iter().map(|letter| addressed(letter, site)).collect();
    mail::queue_all(tx, &letters, now).await?;
    Ok(())
}

/// A letter with the Message-ID it keeps for life.
pub fn addressed(letter: Letter, site: &SiteAddress) -> Addressed {
    Addressed { message_id: message_id(site), letter }
}

/// Where letters to staff go: the firm's inbox, or the admins' addresses while there is none.
pub async fn staff_inbox(tx: &mut SqliteConnection, firm: &Firm) -> sqlx::Result<Vec<String>> {
    if firm.staff_inbox.is_empty() { staff::admin_addresses(tx).await } else { Ok(firm.staff_inbox.clone()) }
}

/// A Message-ID that no other letter has.
pub fn message_id(site: &SiteAddress) -> String {
    format!("{}@{}", random_token::<16>(), site.host())
}

/// Forms and receipts hold what one person typed: nothing between us and them may keep a copy.
pub fn private(page: PageResult) -> PageResult {
    page.map(|mut page: HttpResponse| {
        page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        page
    })
}
