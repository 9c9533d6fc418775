//! Keeping what a visitor sent, and its letters with it: both or neither.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::store::{self, Received};
use crate::inquiries::{Details, Inquiry, mail as letters};
use crate::mail::{self, Wake};
use crate::staff;
use crate::web::{Firm, PageError, PageResult, SiteAddress, random_token, see_other};

/// What both forms need to keep an inquiry.
pub struct Reception {
    db: Data<Database>,
    clock: Data<Clock>,
    site: Data<SiteAddress>,
    wake: Data<Wake>,
}

impl FromRequest for Reception {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = || {
            Some(Self {
                db: request.app_data::<Data<Database>>()?.clone(),
                clock: request.app_data::<Data<Clock>>()?.clone(),
                site: request.app_data::<Data<SiteAddress>>()?.clone(),
                wake: request.app_data::<Data<Wake>>()?.clone(),
            })
        };
        ready(found().ok_or_else(|| PageError::Internal(anyhow::anyhow!("the reception was not set up"))))
    }
}

impl Reception {
    /// Keeps the inquiry and queues its letters in one transaction; only then is the visitor sent to the receipt.
    pub async fn receive(&self, details: &Details, form_key: &str, firm: &Firm) -> PageResult {
        // A key that is not of our making is no key.
        let form_key = if form_key.len() == 32 { form_key } else { "" };
        let (digest, token, now) = (details.digest(), random_token::<16>(), self.clock.now());
        let mut tx = self.db.begin_write().await?;
        let inquiry = match store::receive(&mut tx, details, &digest, form_key, &token, now).await? {
            Received::Before(inquiry) => inquiry,
            Received::New(inquiry) => {
                queue_letters(&mut tx, &inquiry, firm, &self.site, now).await?;
                inquiry
            }
        };
        tx.commit().await?;
        self.wake.sender();
        tracing::info!(reference = inquiry.reference, "an inquiry is kept");
        Ok(see_other(&format!("/receipts/{}", inquiry.receipt_token)))
    }
}

/// Queues what is written about a new inquiry: to staff, and to the visitor.
pub async fn queue_letters(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    firm: &Firm,
    site: &SiteAddress,
    now: Timestamp,
) -> Result<(), PageError> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    for letter in letters::letters(inquiry, &inbox, firm, site)? {
        mail::queue(tx, &letter, &message_id(site), now).await?;
    }
    Ok(())
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
