//! E-mails about an inquiry, to staff and to the visitor.

use askama::Template;

use crate::http::BaseUrl;
use crate::inquiries::inquiry::LabelledField;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::inquiries::reply_address::{ReplyNotice, reply_to};
use crate::inquiries::{Details, Inquiry};
use crate::mail::{self, NewEmail, Purpose};
use crate::web::{Firm, fold_accents, split_words};

/// Defines the plain text and the HTML template of e-mails. Both have the same fields.
macro_rules! email_templates {
    ($(#[$text_path:meta] $text:ident #[$html_path:meta] $html:ident $fields:tt)+) => {$(
        #[derive(Template)]
        #[$text_path]
        struct $text<'a> $fields

        #[derive(Template)]
        #[$html_path]
        struct $html<'a> $fields
    )+};
}

email_templates! {
    #[template(path = "inquiries/mail_new_inquiry.txt")] NewInquiryText
    #[template(path = "inquiries/mail_new_inquiry.html")] NewInquiryHtml
    { inquiry: &'a Inquiry, fields: &'a [LabelledField], admin_url: &'a str, can_reply: bool }

    #[template(path = "inquiries/mail_staff_notice.txt")] StaffNoticeText
    #[template(path = "inquiries/mail_staff_notice.html")] StaffNoticeHtml
    { reference: &'a str, sentence: &'a str, changes: &'a [String], admin_url: &'a str, can_reply: bool }

    #[template(path = "inquiries/mail_acknowledgement.txt")] AcknowledgementText
    #[template(path = "inquiries/mail_acknowledgement.html")] AcknowledgementHtml
    { reference: &'a str, noun: &'a str, initials: &'a str, receipt_url: &'a str, reply_notice: ReplyNotice, firm: &'a Firm }

    #[template(path = "inquiries/mail_address_changed.txt")] AddressChangedText
    #[template(path = "inquiries/mail_address_changed.html")] AddressChangedHtml
    { reference: &'a str, firm: &'a Firm }

    #[template(path = "inquiries/mail_withdrawn.txt")] WithdrawnText
    #[template(path = "inquiries/mail_withdrawn.html")] WithdrawnHtml
    { reference: &'a str, on_hold: bool, firm: &'a Firm }
}

/// E-mails about a new inquiry: a notice to each address of the staff inbox, and the acknowledgement.
pub fn new_inquiry_emails(
    inquiry: &Inquiry,
    staff_inbox: &[String],
    firm: &Firm,
    site: &BaseUrl,
    network_hash: &str,
) -> askama::Result<Vec<NewEmail>> {
    let details = &inquiry.details;
    let admin_url = &site.absolute_url(&inquiry.admin_path());
    let fields = &with_parsed_numbers(details);
    let can_reply = mail::reply_address(&details.email).is_some();
    let subject = format!("{} from {} ({})", details.kind.label(), details.name, inquiry.reference);
    let text = NewInquiryText { inquiry, fields, admin_url, can_reply }.render()?;
    let html = NewInquiryHtml { inquiry, fields, admin_url, can_reply }.render()?;
    let mut emails = to_staff(inquiry, staff_inbox, &subject, &text, &html);
    emails.extend(acknowledgement(inquiry, firm, site, network_hash)?);
    Ok(emails)
}

/// Details of the inquiry. An ambiguous number, and a field with several, is followed by the parsed numbers.
fn with_parsed_numbers(details: &Details) -> Vec<LabelledField> {
    let mut fields = vec![];
    for field in details.labelled_fields() {
        let label = match field.label {
            "Phone" => "Phone (international)",
            "WhatsApp" => "WhatsApp (international)",
            _ => "",
        };
        let numbers =
            if label.is_empty() { vec![] } else { ParsedPhoneNumber::parse_all(&field.value, &details.residence) };
        fields.push(field);
        if numbers.len() > 1 || numbers.iter().any(ParsedPhoneNumber::is_ambiguous) {
            let describe = |number: &ParsedPhoneNumber| match number.ambiguity() {
                ambiguity if ambiguity.is_empty() => number.e164.clone(),
                ambiguity => format!("{} (uncertain: {ambiguity})", number.e164),
            };
            let value = numbers.iter().map(describe).collect::<Vec<_>>().join(", ");
            fields.push(LabelledField { label, value });
        }
    }
    fields
}

/// Notices to staff about an action of the visitor. `changes` are listed below the sentence.
pub fn staff_notices(
    inquiry: &Inquiry,
    sentence: &str,
    changes: &[String],
    staff_inbox: &[String],
    site: &BaseUrl,
) -> askama::Result<Vec<NewEmail>> {
    let reference = inquiry.reference.as_str();
    let admin_url = &site.absolute_url(&inquiry.admin_path());
    let can_reply = mail::reply_address(&inquiry.details.email).is_some();
    let text = StaffNoticeText { reference, sentence, changes, admin_url, can_reply }.render()?;
    let html = StaffNoticeHtml { reference, sentence, changes, admin_url, can_reply }.render()?;
    Ok(to_staff(inquiry, staff_inbox, &format!("{reference}: {sentence}"), &text, &html))
}

/// One e-mail to each address of the staff inbox. Replies go to the visitor.
fn to_staff(inquiry: &Inquiry, staff_inbox: &[String], subject: &str, text: &str, html: &str) -> Vec<NewEmail> {
    let reply_to = mail::reply_address(&inquiry.details.email);
    let email = |recipient: &String| NewEmail {
        recipient: recipient.clone(),
        reply_to: reply_to.clone(),
        in_reply_to: None,
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: html.to_owned(),
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::Notification,
        network_hash: String::new(),
    };
    staff_inbox.iter().map(email).collect()
}

/// Acknowledgement of an inquiry.
///
/// Contains neither the visitor's words nor the secret link to the receipt, because the address may be mistyped or a
/// stranger's. The link opens a form that asks for the e-mail address.
pub fn acknowledgement(
    inquiry: &Inquiry,
    firm: &Firm,
    site: &BaseUrl,
    network_hash: &str,
) -> askama::Result<Option<NewEmail>> {
    let (reference, noun) = (inquiry.reference.as_str(), inquiry.details.kind.noun());
    let initials = &initials(&inquiry.details.name);
    let receipt_url = &site.absolute_url(&format!("/receipts?reference={reference}"));
    let subject = format!("We have received your {noun} ({reference})");
    let notice = || ReplyNotice::new(firm, inquiry, reply_to(firm, inquiry).as_deref());
    let text = AcknowledgementText { reference, noun, initials, receipt_url, reply_notice: notice(), firm }.render()?;
    let html = AcknowledgementHtml { reference, noun, initials, receipt_url, reply_notice: notice(), firm }.render()?;
    Ok(auto_reply(inquiry, firm, network_hash, subject, text, html))
}

/// Initials of the first and the last name, such as `A. K.`: text that nobody can use to send a message to a stranger.
///
/// Empty if the name does not start with Latin letters.
fn initials(name: &str) -> String {
    let words: Vec<String> = split_words(name).map(|word| fold_accents(word).to_uppercase()).collect();
    let ends = words.first().into_iter().chain(words.last().filter(|_| words.len() > 1));
    let letters: Vec<Option<char>> = ends.map(|word| word.chars().next()).collect();
    let is_latin = |letter: &Option<char>| letter.is_some_and(|letter| letter.is_ascii_uppercase());
    if !letters.iter().all(is_latin) {
        return String::new();
    }
    letters.into_iter().flatten().map(|letter| format!("{letter}.")).collect::<Vec<_>>().join(" ")
}

/// Confirmation of a withdrawal, in case another person made it.
pub fn withdrawal(inquiry: &Inquiry, firm: &Firm, network_hash: &str) -> askama::Result<Option<NewEmail>> {
    let (reference, on_hold) = (inquiry.reference.as_str(), inquiry.on_hold);
    let subject = format!("You withdrew this inquiry ({reference})");
    let text = WithdrawnText { reference, on_hold, firm }.render()?;
    let html = WithdrawnHtml { reference, on_hold, firm }.render()?;
    Ok(auto_reply(inquiry, firm, network_hash, subject, text, html))
}

/// Notice to the previous address of an inquiry, in case another person changed it.
pub fn address_changed(before: &Inquiry, firm: &Firm, network_hash: &str) -> askama::Result<Option<NewEmail>> {
    let reference = before.reference.as_str();
    let subject = format!("The e-mail address of your inquiry was changed ({reference})");
    let text = AddressChangedText { reference, firm }.render()?;
    let html = AddressChangedHtml { reference, firm }.render()?;
    Ok(auto_reply(before, firm, network_hash, subject, text, html))
}

/// An automatic reply to the visitor, or `None` without an address.
///
/// `network_hash` is the hash of the network that the limit of automatic replies counts, or empty.
fn auto_reply(
    inquiry: &Inquiry,
    firm: &Firm,
    network_hash: &str,
    subject: String,
    text: String,
    html: String,
) -> Option<NewEmail> {
    let recipient = inquiry.details.email.clone();
    (!recipient.is_empty()).then(|| NewEmail {
        recipient,
        reply_to: reply_to(firm, inquiry),
        in_reply_to: None,
        subject,
        text,
        html,
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::AutoReply,
        network_hash: network_hash.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_latin_initials_of_a_name_are_used() {
        for (name, expected) in [
            ("Ayesha Khan", "A. K."),
            ("zoë", "Z."),
            ("Émile de la Tour", "E. T."),
            ("Buy cheap pills www.example.com", "B. C."),
            ("محمد علی", ""),
            ("1st Prize", ""),
            ("", ""),
            ("😀", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
