//! What visitors read before they send: what it is for, how long it is kept, and what an applicant agrees to.

use crate::http::Sha256Hex;
use crate::inquiries::InquiryKind;
use crate::web::{Firm, plural};

/// What a form says about itself.
#[derive(Clone, Debug)]
pub struct PrivacyNotice {
    /// What the details are for and how long they are kept.
    pub sentence: String,
    /// What the applicant agrees to.
    pub consent_text: String,
    /// Which text that is, so that what was shown can be told from what is shown now.
    pub version: String,
}

impl PrivacyNotice {
    /// What the form of this kind says, as the firm's record stands.
    pub fn of(kind: InquiryKind, firm: &Firm) -> Self {
        let name = &firm.name;
        let kept = |months: i32| plural(i64::from(months), "month", "months");
        let sentence = match kind {
            InquiryKind::Contact => format!(
                "We use what you write to answer you, and for nothing else. We keep it for {} after we \
                 last dealt with it, then it goes to the bin and is deleted seven days later.",
                kept(firm.retention.contact_months)
            ),
            InquiryKind::Apply => format!(
                "We use what you send to answer you, and for nothing else. We keep it for {} after we \
                 last dealt with it, then it goes to the bin and is deleted seven days later. You can correct it or \
                 take it back at any time on the page you get after sending.",
                kept(firm.retention.apply_months)
            ),
        };
        let consent = format!(
            "I agree that {name} keeps what I send for {} after last dealing with it and for seven days more in the bin, \
             and uses it to answer me.",
            kept(firm.retention.apply_months)
        );
        let version = Sha256Hex::of(&consent)[..16].to_owned();
        Self { sentence, consent_text: consent, version }
    }
}

/// A text that an applicant agreed to.
#[derive(Clone, Debug)]
pub enum Consent {
    /// The one that is shown now.
    Current(PrivacyNotice),
    /// One that was shown when the form was opened: its version.
    Earlier(String),
}

impl Consent {
    /// Which text it is.
    pub fn version(&self) -> &str {
        match self {
            Self::Current(privacy_notice) => &privacy_notice.version,
            Self::Earlier(version) => version,
        }
    }
}
