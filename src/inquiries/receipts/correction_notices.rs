//! Notices to staff about corrected contact details. Corrections within ten minutes share one notice.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::http::BaseUrl;
use crate::inquiries::notifications::queue_staff_notices;
use crate::inquiries::receipts::store;
use crate::inquiries::{Details, Inquiry, InquiryState, store as inquiries};
use crate::web::Firm;

/// Time from the first correction to the notice.
const COLLECTED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Contact details before the first correction of a notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviousContact {
    name: String,
    email: String,
    phone: String,
    whatsapp: String,
}

impl PreviousContact {
    fn of(details: &Details) -> Self {
        let Details { name, email, phone, whatsapp, .. } = details.clone();
        Self { name, email, phone, whatsapp }
    }

    /// Changed fields, each with the old value masked and the new value.
    fn changes_to(&self, now: &Details) -> Vec<String> {
        let before = Details {
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            whatsapp: self.whatsapp.clone(),
            ..Details::default()
        };
        let masked = before.masked();
        [
            ("Name", &before.name, masked_name(&before.name), &now.name),
            ("E-mail", &before.email, masked.email, &now.email),
            ("Phone", &before.phone, masked.phone, &now.phone),
            ("WhatsApp", &before.whatsapp, masked.whatsapp, &now.whatsapp),
        ]
        .into_iter()
        .filter(|(_, old, _, new)| old != new)
        .map(|(label, _, masked, new)| format!("{label}: {} → {}", or_none(&masked), or_none(new)))
        .collect()
    }
}

fn masked_name(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}•••"))
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// Notifies staff of a correction later, unless a notice about this inquiry is due already. `before` is the inquiry before
/// the correction.
pub async fn schedule(tx: &mut SqliteConnection, before: &Inquiry, now: Timestamp) -> sqlx::Result<()> {
    let contact = PreviousContact::of(&before.details);
    store::schedule_correction_notice(tx, before.id, &contact, now + COLLECTED_FOR).await
}

/// Queues the notices that are due.
pub async fn send_due(db: &Database, firm: &Firm, site: &BaseUrl, now: Timestamp) -> Result<()> {
    // A later time was written while the clock was ahead.
    for id in store::due_correction_notices(db.read(), now, now + COLLECTED_FOR).await? {
        let mut tx = db.begin_write().await?;
        let before = store::take_correction_notice::<PreviousContact>(&mut tx, id).await?;
        let inquiry = inquiries::find(&mut *tx, id).await?;
        // Quarantined inquiries send no e-mails, and those in the trash need no answer.
        let is_open = |inquiry: &Inquiry| inquiry.state != InquiryState::Quarantined && inquiry.trashed_at.is_none();
        if let Some((before, inquiry)) = before.zip(inquiry.filter(is_open)) {
            let changes = before.changes_to(&inquiry.details);
            // The visitor may have changed it back.
            if !changes.is_empty() {
                let sentence = "The visitor updated their contact details.";
                queue_staff_notices(&mut tx, &inquiry, sentence, &changes, firm, site, now).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(())
}
