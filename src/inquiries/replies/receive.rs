//! Adds an incoming e-mail to the inquiry whose address it was sent to.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::http::BaseUrl;
use crate::inquiries::replies::email::IncomingEmail;
use crate::inquiries::replies::store as replies;
use crate::inquiries::reply_address::AddressedInquiry;
use crate::inquiries::{Inquiry, InquiryState, emails, notifications, store};
use crate::mail;
use crate::staff;
use crate::web::{Firm, mask_email};

/// Maximum number of addresses of inquiries in one e-mail. More are an attempt to guess one.
const MAX_ADDRESSES: usize = 20;
/// Maximum number of replies to one inquiry within a day. Further ones wait.
const MAX_REPLIES_PER_DAY: i64 = 100;
/// Characters of the reply in the notice to staff.
const NOTICE_CHARS: usize = 1_000;

/// Reads incoming e-mails.
pub struct Receiver<'a> {
    pub db: &'a Database,
    pub firm: &'a Firm,
    pub site: &'a BaseUrl,
    /// Value of `REPLY_ADDRESS`.
    pub reply_address: &'a str,
    /// Sender of our own e-mails.
    pub own_address: &'a str,
}

/// What became of an e-mail that needs no further attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// Added to the inquiry with this reference.
    Added(String),
    /// Was added to the inquiry with this reference before.
    Known(String),
    /// Sent by a program; not added. Contains the reason.
    Automatic(&'static str),
    /// Reports that an e-mail could not be delivered, which is now shown to staff.
    Returned,
}

/// Why an e-mail cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("it is not addressed to an inquiry of this site")]
    UnknownRecipient,
    #[error("the inquiry is in the trash")]
    Trashed,
    #[error("it is not a message that can be read")]
    Unreadable,
    #[error("the inquiry received too many replies today")]
    TooMany,
}

impl Refusal {
    /// Whether the same message may be accepted later.
    pub fn is_temporary(&self) -> bool {
        *self == Self::TooMany
    }
}

impl Receiver<'_> {
    /// Adds one message. `recipient` is the address that the mail server delivers it to; without it, the headers decide.
    ///
    /// An error means that the message could not be processed now.
    pub async fn receive(
        &self,
        raw: &[u8],
        recipient: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<Received, Refusal>> {
        let Some(email) = IncomingEmail::parse(raw) else { return Ok(Err(Refusal::Unreadable)) };
        let mut tx = self.db.begin_write().await?;
        if let Some(returned) = &email.returned {
            let is_ours =
                mail::record_return(&mut tx, &returned.message_ids, &returned.reason, returned.is_bad_address, now)
                    .await?;
            tx.commit().await?;
            return Ok(Ok(if is_ours { Received::Returned } else { Received::Automatic("report of a mail server") }));
        }
        if let Some(reason) = email.automatic {
            return Ok(Ok(Received::Automatic(reason)));
        }
        let is_own_sender =
            [self.own_address, self.reply_address].iter().any(|own| own.eq_ignore_ascii_case(&email.sender));
        let is_own_id = match &email.message_id {
            Some(id) => mail::has_message_id(&mut *tx, id).await?,
            None => false,
        };
        if is_own_sender || is_own_id {
            return Ok(Ok(Received::Automatic("e-mail of this site")));
        }
        let addressed = match self.find_inquiry(&mut tx, &email, recipient).await? {
            Ok(addressed) => addressed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Staff work on the inquiry that it was merged into.
        let root = store::merge_root(&mut *tx, addressed.id).await?.unwrap_or(addressed.id);
        let Some(inquiry) = store::find(&mut *tx, root).await?.filter(|inquiry| inquiry.trashed_at.is_none()) else {
            return Ok(Err(Refusal::Trashed));
        };
        if replies::is_known(&mut tx, &[addressed.id, inquiry.id], &email.key).await? {
            return Ok(Ok(Received::Known(inquiry.reference)));
        }
        let day = SignedDuration::from_hours(24);
        if replies::count_replies(&mut tx, inquiry.id, now - day, now + day).await? >= MAX_REPLIES_PER_DAY {
            return Ok(Err(Refusal::TooMany));
        }
        let is_other_address = !mail::is_same_mailbox(&email.sender, &addressed.details.email);
        self.add(&mut tx, &inquiry, &email, is_other_address, now).await?;
        tx.commit().await?;
        Ok(Ok(Received::Added(inquiry.reference)))
    }

    /// The inquiry that the message is addressed to.
    async fn find_inquiry(
        &self,
        tx: &mut SqliteConnection,
        email: &IncomingEmail,
        recipient: Option<&str>,
    ) -> sqlx::Result<Result<Inquiry, Refusal>> {
        let recipients = recipient.map_or_else(|| email.recipients.clone(), |recipient| vec![recipient.to_owned()]);
        let mut addressed: Vec<AddressedInquiry> =
            recipients.iter().filter_map(|address| AddressedInquiry::parse(self.reply_address, address)).collect();
        addressed.dedup();
        if addressed.len() > MAX_ADDRESSES {
            return Ok(Err(Refusal::UnknownRecipient));
        }
        let mut refusal = Refusal::UnknownRecipient;
        for address in addressed {
            let found = store::find_by_reference(&mut *tx, &address.reference).await?;
            match found.filter(|inquiry| address.is_of(inquiry)) {
                Some(inquiry) if inquiry.trashed_at.is_none() => return Ok(Ok(inquiry)),
                Some(_) => refusal = Refusal::Trashed,
                None => {}
            }
        }
        Ok(Err(refusal))
    }

    async fn add(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        email: &IncomingEmail,
        is_other_address: bool,
        now: Timestamp,
    ) -> Result<()> {
        let actor = if is_other_address { "unknown sender" } else { "visitor" };
        store::record_event(tx, inquiry.id, "answer", actor, &email.reply, now).await?;
        replies::insert_reply(tx, inquiry.id, email, is_other_address).await?;
        let state = match (inquiry.state, inquiry.owner_id) {
            (InquiryState::Answered | InquiryState::Closed | InquiryState::Withdrawn, Some(_)) => InquiryState::Reading,
            (InquiryState::Answered | InquiryState::Closed | InquiryState::Withdrawn, None) => InquiryState::New,
            (state @ (InquiryState::New | InquiryState::Reading | InquiryState::Quarantined), _) => state,
        };
        replies::mark_replied(tx, inquiry.id, state, now).await?;
        if state != inquiry.state {
            store::record_event(tx, inquiry.id, "state", "system", state.as_str(), now).await?;
        }
        // Quarantined inquiries send no e-mails.
        if state == InquiryState::Quarantined {
            return Ok(());
        }
        let owner = match inquiry.owner_id {
            Some(owner) => staff::active_address(&mut *tx, owner).await?,
            None => None,
        };
        let recipients = match owner {
            Some(address) => vec![address],
            None => notifications::staff_inbox(tx, self.firm).await?,
        };
        let sentence = match is_other_address {
            true => "Somebody replied by e-mail from another address.",
            false => "The visitor replied by e-mail.",
        };
        let lines = notice_lines(email, is_other_address);
        let notices = emails::staff_notices(inquiry, sentence, &lines, &recipients, self.site)?;
        notifications::queue(tx, notices, self.site, now).await
    }
}

/// Lines of the notice: another address, masked, the beginning of the reply, and attachments.
fn notice_lines(email: &IncomingEmail, is_other_address: bool) -> Vec<String> {
    let mut lines = vec![];
    if is_other_address {
        lines.push(format!("From: {}", mask_email(&email.sender)));
    }
    let beginning: String = email.reply.chars().take(NOTICE_CHARS).collect();
    if !beginning.trim().is_empty() {
        let more = if beginning.len() < email.reply.len() { " […]" } else { "" };
        lines.push(format!("Reply: {}{more}", beginning.trim_end()));
    }
    if !email.attachments.is_empty() {
        let names: Vec<&str> = email.attachments.iter().map(|attachment| attachment.name.as_str()).collect();
        lines.push(format!("Attachments, not stored on the site: {}", names.join(", ")));
    }
    lines
}
