//! Creates a set-up link and sends it by e-mail if mail works. The link is always shown as well.

use anyhow::Context;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::accounts::emails;
use crate::http::{BaseUrl, random_token};
use crate::staff::{self, StaffMember};
use crate::{mail, site};

/// A new set-up link.
pub struct SetUpLink {
    pub url: String,
    /// Whether an e-mail with the link is queued.
    pub is_sent: bool,
}

/// Creates a set-up link for an account and replaces any earlier one.
///
/// `has_mail_server` tells whether e-mails are sent at all. During an outage, or if the address bounces, none is queued:
/// the link could expire before it arrives.
pub async fn send(
    tx: &mut SqliteConnection,
    member_id: i64,
    base_url: &BaseUrl,
    has_mail_server: bool,
    now: Timestamp,
) -> anyhow::Result<SetUpLink> {
    let member: StaffMember = staff::find(&mut *tx, member_id).await?.context("the account does not exist")?;
    let url = base_url.absolute_url(&staff::invite(&mut *tx, member.id, now).await?);
    let is_sent = has_mail_server
        && mail::outbox_status(&mut *tx).await?.outage.is_none()
        && mail::find_bounce(&mut *tx, &member.email).await?.is_none();
    if is_sent {
        let firm = site::settings(&mut *tx).await?.name;
        let email = emails::set_up_link(&firm, &member, &url)?;
        let message_id = format!("{}@{}", random_token::<16>(), base_url.host());
        mail::queue_confidential(tx, &email, &message_id, now).await?;
    }
    Ok(SetUpLink { url, is_sent })
}

impl SetUpLink {
    /// Message for the admin.
    pub fn message(&self, name: &str, email: &str) -> String {
        let sent = match self.is_sent {
            true => format!("This link is being sent to {email}. You can also send it to {name} yourself."),
            false => format!("Send this link to {name}."),
        };
        format!("{sent} It works once, expires in 3 days and is not shown again: {}", self.url)
    }
}
