//! Access to a receipt: confirming the contact details gives a token that is valid for one hour.

use jiff::{SignedDuration, Timestamp};

use crate::http::SiteSecret;
use crate::inquiries::Inquiry;
use crate::inquiries::phone::{ParsedPhoneNumber, digits};

const ACCESS_TTL: SignedDuration = SignedDuration::from_hours(1);

/// A token that opens this receipt until it expires. It is part of the URL, so that no cookie is needed.
pub fn issue_token(key: &SiteSecret, inquiry: &Inquiry, now: Timestamp) -> String {
    access_tokens(key, inquiry, now + ACCESS_TTL).next().unwrap_or_default()
}

/// Whether `token` is valid for this receipt.
pub fn has_access(key: &SiteSecret, inquiry: &Inquiry, token: &str, now: Timestamp) -> bool {
    let Some(seconds) = token.get(..8).and_then(|expires_at| u32::from_str_radix(expires_at, 16).ok()) else {
        return false;
    };
    let Ok(expires_at) = Timestamp::from_second(i64::from(seconds)) else { return false };
    expires_at > now && access_tokens(key, inquiry, expires_at).any(|valid| valid == token)
}

/// Valid tokens, made with the current secret first and then with the previous ones.
fn access_tokens(key: &SiteSecret, inquiry: &Inquiry, expires_at: Timestamp) -> impl Iterator<Item = String> {
    let expires_at = format!("{:08x}", u32::try_from(expires_at.as_second()).unwrap_or(0));
    let macs = key.macs_for_all_keys(format!("receipt {} is theirs until {expires_at}", inquiry.receipt_token));
    macs.map(move |mac| format!("{expires_at}{mac}"))
}

/// Whether `typed` is the inquiry's e-mail address or, if it has none, its phone number.
pub fn matches_contact(inquiry: &Inquiry, typed: &str) -> bool {
    let details = &inquiry.details;
    if !details.email.is_empty() {
        return typed.trim().eq_ignore_ascii_case(&details.email);
    }
    let given = ParsedPhoneNumber::parse_all(&details.phone, &details.residence);
    let is_given = |typed: &ParsedPhoneNumber| {
        typed.e164 == inquiry.phone_e164 || given.iter().any(|given| given.may_equal(typed))
    };
    ParsedPhoneNumber::parse(typed, &details.residence).is_some_and(|number| is_given(&number))
        || (!digits(typed).is_empty() && digits(typed) == digits(&details.phone))
        // The form accepts a phone number without digits.
        || (!typed.is_empty() && typed == details.phone)
}
