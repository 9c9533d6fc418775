//! Access to a receipt: confirming the contact details gives a token.
//!
//! Visitors get no cookie, as the privacy page promises. The token in the address of the page expires soon, so that a bookmark
//! or the history of a shared phone does not open the receipt. The forms of the page contain one that is valid for an hour.

use jiff::{SignedDuration, Timestamp};

use crate::http::SiteSecret;
use crate::inquiries::Inquiry;
use crate::inquiries::phone::{ParsedPhoneNumber, digits};

/// Time to follow a redirect over a slow connection, and to load the page again.
const ADDRESS_TTL: SignedDuration = SignedDuration::from_mins(2);
const FORM_TTL: SignedDuration = SignedDuration::from_hours(1);

/// Path of a receipt that opens it now.
pub fn open_path(key: &SiteSecret, inquiry: &Inquiry, now: Timestamp) -> String {
    let token = access_tokens(key, inquiry, now + ADDRESS_TTL).next().unwrap_or_default();
    format!("/receipts/{}?access_token={token}", inquiry.receipt_token)
}

/// Token for the forms of an opened receipt.
pub fn form_token(key: &SiteSecret, inquiry: &Inquiry, now: Timestamp) -> String {
    access_tokens(key, inquiry, now + FORM_TTL).next().unwrap_or_default()
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
        // People leave out the country code, also abroad.
        || given.iter().any(|given| given.has_national_digits(typed))
        || ParsedPhoneNumber::parse(typed, "").is_some_and(|typed| typed.has_national_digits(&details.phone))
        || (!digits(typed).is_empty() && digits(typed) == digits(&details.phone))
        // The form accepts a phone number without digits.
        || (!typed.is_empty() && typed == details.phone)
}
