//! A submitted form with everything derived from it, before it becomes an inquiry.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use crate::inquiries::consent::Consent;
use crate::inquiries::intake::spam_score::SpamScore;
use crate::inquiries::{Details, Inquiry, InquiryState};

pub struct Submission {
    pub details: Details,
    /// SHA-256 of all details, for deduplication.
    pub content_hash: String,
    /// SHA-256 of the message. Empty if the message is too short to identify it.
    pub message_hash: String,
    /// Phone number in E.164. Empty if it cannot be parsed.
    pub phone_e164: String,
    /// WhatsApp number in E.164. Empty if it cannot be parsed.
    pub whatsapp_e164: String,
    /// Search keys of both numbers, as a JSON list.
    pub numbers: String,
    /// NOC code of the occupation, if it is known.
    pub noc: String,
    /// Whether the code was matched from the words of the visitor.
    pub noc_matched: bool,
    /// Identifies one display of the form. Empty if unknown.
    pub form_token: String,
    /// Set for applications.
    pub consent: Option<Consent>,
    pub honeypot_filled: bool,
    /// Time between the display of the form and its submission.
    pub fill_time: Option<SignedDuration>,
    /// Keyed hash of the client's network. Empty if the network is not counted.
    pub network_hash: String,
    /// Submissions accepted from one network per hour.
    pub forms_per_hour: i64,
    pub receipt_token: String,
}

impl Submission {
    pub fn inquiry(&self, id: i64, reference: String, spam_score: &SpamScore, now: Timestamp) -> Inquiry {
        Inquiry {
            id,
            reference,
            state: if spam_score.is_quarantined() { InquiryState::Quarantined } else { InquiryState::New },
            state_changed_at: now,
            version: 1,
            phone_e164: self.phone_e164.clone(),
            whatsapp_e164: self.whatsapp_e164.clone(),
            noc: self.noc.clone(),
            noc_matched: self.noc_matched,
            state_before_spam: None,
            owner_id: None,
            owner: None,
            merged_into: None,
            spam_score: spam_score.points,
            spam_reasons: spam_score.reasons.join("\n"),
            on_hold: false,
            trashed_at: None,
            consent_at: self.consent.is_some().then(|| now.to_sqlx()),
            consent_version: self.consent.as_ref().map(|consent| consent.version().to_owned()),
            visitor_replied_at: None,
            received_at: now,
            receipt_token: self.receipt_token.clone(),
            details: self.details.clone(),
        }
    }

    pub fn is_from_same_network(&self, other: &Self) -> bool {
        !self.network_hash.is_empty() && self.network_hash == other.network_hash
    }

    pub fn is_same_text_from_other(&self, other: &Self) -> bool {
        let same_sender =
            self.details.email.eq_ignore_ascii_case(&other.details.email) && self.details.phone == other.details.phone;
        !self.message_hash.is_empty() && self.message_hash == other.message_hash && !same_sender
    }
}
