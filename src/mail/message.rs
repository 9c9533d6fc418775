//! MIME message of an e-mail in the outbox.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};

use crate::mail::address::{reply_address, to_ascii_address};
use crate::mail::{OutboxMessage, Purpose};

/// Builds the message. `date` is the time of the first attempt, so that a retry sends the same message.
pub fn compose(email: &OutboxMessage, from: Mailbox, date: Timestamp) -> Result<Message> {
    let recipient = to_ascii_address(&email.recipient).context("invalid recipient address")?;
    let from_address = to_ascii_address(from.email.as_ref()).context("invalid sender address")?;
    let mut message = Message::builder()
        .from(Mailbox::new(from.name.clone(), from_address.clone()))
        .to(Mailbox::new(None, recipient))
        .subject(&email.subject)
        .date(date.into())
        .message_id(Some(format!("<{}>", email.message_id)));
    // An address that needs SMTPUTF8 is left out; the text contains it as well.
    if let Some(reply_to) = email.reply_to.as_deref().and_then(reply_address) {
        message = message.reply_to(Mailbox::new(None, reply_to.parse()?));
    }
    let earlier = email.in_reply_to.as_deref().unwrap_or_default().split(' ').filter(|id| !id.is_empty());
    let earlier: Vec<String> = earlier.map(|id| format!("<{id}>")).collect();
    if let Some(last) = earlier.last() {
        message = message.in_reply_to(last.clone()).references(earlier.join(" "));
    }
    let mut message = message
        .multipart(MultiPart::alternative_plain_html(email.body_text.clone(), email.body_html.clone()))
        .context("cannot build the message")?;
    if let Some(kind) = auto_submitted(email.purpose) {
        mark_automatic(&mut message, kind);
    }
    let headers = message.headers_mut();
    if let Some(subject) = encode_literal(&email.subject) {
        headers.insert_raw(raw_header("Subject", &email.subject, subject));
    }
    if let Some(name) = from.name.as_deref().and_then(encode_literal) {
        headers.insert_raw(raw_header("From", &from.to_string(), format!("{name}\r\n <{from_address}>")));
    }
    Ok(message)
}

/// Adds headers that keep mail programs from sending automatic replies. `kind` is `auto-generated` or `auto-replied`
/// (RFC 3834); Exchange reads `X-Auto-Response-Suppress` instead.
pub fn mark_automatic(message: &mut Message, kind: &'static str) {
    for (name, value) in [("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All")] {
        message.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
    }
}

fn auto_submitted(purpose: Purpose) -> Option<&'static str> {
    match purpose {
        Purpose::Notification | Purpose::Digest => Some("auto-generated"),
        Purpose::AutoReply => Some("auto-replied"),
        Purpose::Answer => None,
    }
}

fn raw_header(name: &'static str, text: &str, encoded: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), text.to_owned(), encoded)
}

/// Encodes a text that looks like an encoded word (RFC 2047), which mail programs would decode. `None` for other text.
fn encode_literal(text: &str) -> Option<String> {
    /// Keeps each encoded word within 75 characters.
    const BYTES: usize = 42;
    if !text.contains("=?") {
        return None;
    }
    let mut pieces = vec![String::new()];
    for c in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        match pieces.last_mut() {
            Some(piece) if piece.len() + c.len_utf8() <= BYTES => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    let words: Vec<String> = pieces.iter().map(|piece| format!("=?utf-8?b?{}?=", STANDARD.encode(piece))).collect();
    Some(words.join("\r\n "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_an_encoded_word_is_encoded() {
        assert_eq!(encode_literal("Ali = ?"), None);
        assert_eq!(encode_literal("=?utf-8?q?Boss?=").as_deref(), Some("=?utf-8?b?PT91dGYtOD9xP0Jvc3M/PQ==?="));
        let long = encode_literal(&format!("=?{}", "ہ".repeat(100))).unwrap();
        assert!(long.split("\r\n ").all(|word| word.len() <= 75), "{long}");
        let decoded: Vec<u8> = long
            .split("\r\n ")
            .flat_map(|word| STANDARD.decode(word.trim_start_matches("=?utf-8?b?").trim_end_matches("?=")).unwrap())
            .collect();
        assert_eq!(String::from_utf8(decoded).unwrap(), format!("=?{}", "ہ".repeat(100)));
    }
}
