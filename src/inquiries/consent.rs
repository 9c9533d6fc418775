//! Privacy notice and consent text of the forms, with the retention periods of the settings.

use crate::http::sha256_hex;
use crate::inquiries::InquiryKind;
use crate::web::{Firm, plural};

#[derive(Clone, Debug)]
pub struct PrivacyNotice {
    /// Purpose and retention period.
    pub sentence: String,
    /// Text beside the consent checkbox.
    pub consent_text: String,
    /// Hash of the consent text, to recognise a form that showed another text.
    pub version: String,
}

impl PrivacyNotice {
    pub fn of(kind: InquiryKind, firm: &Firm) -> Self {
        let name = &firm.name;
        let months = |months: i32| plural(i64::from(months), "month", "months");
        let sentence = match kind {
            InquiryKind::Contact => format!(
                "We use your message only to answer you. We keep it for {} after the last activity on it; then it moves to \
                 the trash and is deleted 7 days later.",
                months(firm.retention.contact_months)
            ),
            InquiryKind::Apply => format!(
                "We use your application only to answer you. We keep it for {} after the last activity on it; then it moves \
                 to the trash and is deleted 7 days later. You can edit, download or withdraw it at any time on the page you \
                 get after sending.",
                months(firm.retention.apply_months)
            ),
        };
        let consent = format!(
            "I agree that {name} keeps my application for {} after the last activity on it, then 7 days in the trash before \
             deletion, and uses it to answer me.",
            months(firm.retention.apply_months)
        );
        let version = sha256_hex(&consent)[..16].to_owned();
        Self { sentence, consent_text: consent, version }
    }
}

/// The consent text that an applicant agreed to.
#[derive(Clone, Debug)]
pub enum Consent {
    Current(PrivacyNotice),
    /// Version of an earlier text that the form showed.
    Earlier(String),
}

impl Consent {
    pub fn version(&self) -> &str {
        match self {
            Self::Current(privacy_notice) => &privacy_notice.version,
            Self::Earlier(version) => version,
        }
    }
}
