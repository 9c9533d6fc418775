//! Queues the e-mails about an inquiry in the caller's transaction.

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::http::{BaseUrl, random_token};
use crate::inquiries::{Inquiry, emails};
use crate::mail::{self, NewEmail, QueuedEmail};
use crate::staff;
use crate::web::Firm;

/// Queues the e-mails about an inquiry that staff released from quarantine.
pub async fn queue_notifications(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    firm: &Firm,
    site: &BaseUrl,
    now: Timestamp,
) -> Result<()> {
    // The visitor did not cause these e-mails, so they do not count against any network.
    let emails = new_inquiry_emails(&mut *tx, inquiry, firm, site, "").await?;
    queue(tx, emails, site, now).await
}

/// E-mails about a new inquiry, to staff and to the visitor. `network_hash` is counted for the limit of automatic replies.
pub async fn new_inquiry_emails(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    firm: &Firm,
    site: &BaseUrl,
    network_hash: &str,
) -> Result<Vec<NewEmail>> {
    let inbox = staff_inbox(tx, firm).await?;
    Ok(emails::new_inquiry_emails(inquiry, &inbox, firm, site, network_hash)?)
}

/// Notifies staff in one sentence of what a visitor did with their inquiry, and lists what changed.
pub async fn queue_staff_notices(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    sentence: &str,
    changes: &[String],
    firm: &Firm,
    site: &BaseUrl,
    now: Timestamp,
) -> Result<()> {
    let inbox = staff_inbox(&mut *tx, firm).await?;
    queue(tx, emails::staff_notices(inquiry, sentence, changes, &inbox, site)?, site, now).await
}

/// Queues e-mails in one statement, each with its own Message-ID.
pub async fn queue(
    tx: &mut SqliteConnection,
    emails: impl IntoIterator<Item = NewEmail>,
    site: &BaseUrl,
    now: Timestamp,
) -> Result<()> {
    let emails: Vec<QueuedEmail> =
        emails.into_iter().map(|email| QueuedEmail { message_id: message_id(site), email }).collect();
    mail::queue_all(tx, &emails, now).await?;
    Ok(())
}

/// Recipients of e-mails to staff: the firm's inbox or, if none is set, the addresses of the admins.
pub async fn staff_inbox(tx: &mut SqliteConnection, firm: &Firm) -> sqlx::Result<Vec<String>> {
    if firm.staff_inbox.is_empty() { staff::admin_addresses(tx).await } else { Ok(firm.staff_inbox.clone()) }
}

/// A unique Message-ID.
pub fn message_id(site: &BaseUrl) -> String {
    format!("{}@{}", random_token::<16>(), site.host())
}
