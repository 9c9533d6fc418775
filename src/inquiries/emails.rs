//! The emails an inquiry sets off: one to each address of the staff inbox, and an acknowledgement.

use askama::Template;

use crate::http::BaseUrl;
use crate::inquiries::inquiry::LabelledField;
use crate::inquiries::phone::ParsedPhoneNumber;
use crate::inquiries::{Details, Inquiry};
use crate::mail::{self, NewEmail, Purpose};
use crate::web::Firm;

#[derive(Template)]
#[template(path = "inquiries/mail_new_inquiry.txt")]
struct NewInquiryText<'a> {
    inquiry: &'a Inquiry,
    fields: &'a [LabelledField],
    admin_url: &'a str,
    /// Whether a reply to this e-mail goes to the visitor.
    can_reply: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_new_inquiry.html")]
struct NewInquiryHtml<'a> {
    inquiry: &'a Inquiry,
    fields: &'a [LabelledField],
    admin_url: &'a str,
    can_reply: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_acknowledgement.txt")]
struct AcknowledgementText<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_acknowledgement.html")]
struct AcknowledgementHtml<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

/// Every letter about a new inquiry. The acknowledgement holds nothing the visitor wrote, nor the address of the
/// receipt that shows it: people mistype their address, and anybody may type another's.
pub fn new_inquiry_emails(
    inquiry: &Inquiry,
    staff_inbox: &[String],
    firm: &Firm,
    site: &BaseUrl,
    network: &str,
) -> askama::Result<Vec<NewEmail>> {
    let details = &inquiry.details;
    let admin_url = site.absolute_url(&inquiry.admin_path());
    let facts = with_parsed_numbers(details);
    let reply_to = mail::reply_address(&details.email);
    let can_reply = reply_to.is_some();
    let text = NewInquiryText { inquiry, fields: &facts, admin_url: &admin_url, can_reply }.render()?;
    let html = NewInquiryHtml { inquiry, fields: &facts, admin_url: &admin_url, can_reply }.render()?;
    let mut emails: Vec<NewEmail> = staff_inbox
        .iter()
        .map(|recipient| NewEmail {
            recipient: recipient.clone(),
            reply_to: reply_to.clone(),
            in_reply_to: None,
            subject: format!("{} from {} ({})", details.kind.label(), details.name, inquiry.reference),
            text: text.clone(),
            html: html.clone(),
            inquiry_id: Some(inquiry.id),
            purpose: Purpose::Notification,
            network: String::new(),
        })
        .collect();
    emails.extend(acknowledgement(inquiry, firm, network)?);
    Ok(emails)
}

/// What was sent, and beside a number that is uncertain, or one of several, how it is read.
fn with_parsed_numbers(details: &Details) -> Vec<LabelledField> {
    let mut facts = vec![];
    for fact in details.labelled_fields() {
        let label = match fact.label {
            "Telephone" => "Telephone, as read",
            "WhatsApp" => "WhatsApp, as read",
            _ => "",
        };
        let numbers =
            if label.is_empty() { vec![] } else { ParsedPhoneNumber::parse_all(&fact.value, &details.residence) };
        facts.push(fact);
        if numbers.len() > 1 || numbers.iter().any(ParsedPhoneNumber::is_ambiguous) {
            let read = |number: &ParsedPhoneNumber| match number.ambiguity() {
                doubt if doubt.is_empty() => number.e164.clone(),
                doubt => format!("{} (uncertain: {doubt})", number.e164),
            };
            let value = numbers.iter().map(read).collect::<Vec<_>>().join(", ");
            facts.push(LabelledField { label, value });
        }
    }
    facts
}

/// What the visitor gets at once, where they gave an address.
pub fn acknowledgement(inquiry: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<NewEmail>> {
    let reference = inquiry.reference.as_str();
    let subject = format!("We have received your message ({reference})");
    auto_reply(
        inquiry,
        firm,
        network,
        subject,
        AcknowledgementText { reference, firm }.render()?,
        AcknowledgementHtml { reference, firm }.render()?,
    )
}

#[derive(Template)]
#[template(path = "inquiries/mail_withdrawn.txt")]
struct WithdrawnText<'a> {
    reference: &'a str,
    on_hold: bool,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_withdrawn.html")]
struct WithdrawnHtml<'a> {
    reference: &'a str,
    on_hold: bool,
    firm: &'a Firm,
}

/// What a visitor gets who took an inquiry back: should it have been somebody else, they learn of it in time.
pub fn withdrawal(inquiry: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<NewEmail>> {
    let (reference, on_hold) = (inquiry.reference.as_str(), inquiry.on_hold);
    let subject = format!("You took back your inquiry ({reference})");
    let text = WithdrawnText { reference, on_hold, firm }.render()?;
    let html = WithdrawnHtml { reference, on_hold, firm }.render()?;
    auto_reply(inquiry, firm, network, subject, text, html)
}

#[derive(Template)]
#[template(path = "inquiries/mail_address_changed.txt")]
struct AddressChangedText<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_address_changed.html")]
struct AddressChangedHtml<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

/// What goes to the address that an inquiry had before another was put in its place: should it have been somebody
/// else, its owner learns of it.
pub fn address_changed(before: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<NewEmail>> {
    let reference = before.reference.as_str();
    let subject = format!("Another e-mail address for your inquiry ({reference})");
    let (text, html) =
        (AddressChangedText { reference, firm }.render()?, AddressChangedHtml { reference, firm }.render()?);
    auto_reply(before, firm, network, subject, text, html)
}

/// An automatic reply, which is queued within limits only. `network` is a digest of the network that set it off; empty where
/// that is not counted.
fn auto_reply(
    inquiry: &Inquiry,
    firm: &Firm,
    network: &str,
    subject: String,
    text: String,
    html: String,
) -> askama::Result<Option<NewEmail>> {
    let recipient = inquiry.details.email.clone();
    Ok((!recipient.is_empty()).then(|| NewEmail {
        recipient,
        // Never one of the admins, who stand in while there is no inbox: they sign in with that address.
        reply_to: firm.email.clone().or_else(|| firm.staff_inbox.first().cloned()),
        in_reply_to: None,
        subject,
        text,
        html,
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::AutoReply,
        network: network.to_owned(),
    }))
}

#[derive(Template)]
#[template(path = "inquiries/mail_staff_notice.txt")]
struct StaffNoticeText<'a> {
    reference: &'a str,
    sentence: &'a str,
    admin_url: &'a str,
    can_reply: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_staff_notice.html")]
struct StaffNoticeHtml<'a> {
    reference: &'a str,
    sentence: &'a str,
    admin_url: &'a str,
    can_reply: bool,
}

/// Tells staff in one sentence what a visitor did with an inquiry; the rest stands in the admin area.
pub fn staff_notices(
    inquiry: &Inquiry,
    sentence: &str,
    staff_inbox: &[String],
    site: &BaseUrl,
) -> askama::Result<Vec<NewEmail>> {
    let reference = inquiry.reference.as_str();
    let admin_url = site.absolute_url(&inquiry.admin_path());
    let reply_to = mail::reply_address(&inquiry.details.email);
    let text =
        StaffNoticeText { reference, sentence, admin_url: &admin_url, can_reply: reply_to.is_some() }.render()?;
    let html =
        StaffNoticeHtml { reference, sentence, admin_url: &admin_url, can_reply: reply_to.is_some() }.render()?;
    let email = |recipient: &String| NewEmail {
        recipient: recipient.clone(),
        reply_to: reply_to.clone(),
        in_reply_to: None,
        subject: format!("{reference}: {sentence}"),
        text: text.clone(),
        html: html.clone(),
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::Notification,
        network: String::new(),
    };
    Ok(staff_inbox.iter().map(email).collect())
}
