//! The letters an inquiry sets off: one to each address of the staff inbox, and an acknowledgement.

use askama::Template;

use crate::inquiries::inquiry::Fact;
use crate::inquiries::phone::Number;
use crate::inquiries::{Details, Inquiry};
use crate::mail::{self, Letter, Purpose};
use crate::web::{Firm, SiteAddress};

#[derive(Template)]
#[template(path = "inquiries/mail_staff.txt")]
struct StaffText<'a> {
    inquiry: &'a Inquiry,
    facts: &'a [Fact],
    desk: &'a str,
    /// Whether a reply to this e-mail goes to the visitor.
    can_reply: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_staff.html")]
struct StaffHtml<'a> {
    inquiry: &'a Inquiry,
    facts: &'a [Fact],
    desk: &'a str,
    can_reply: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_visitor.txt")]
struct VisitorText<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_visitor.html")]
struct VisitorHtml<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

/// Every letter about a new inquiry. The acknowledgement holds nothing the visitor wrote, nor the address of the
/// receipt that shows it: people mistype their address, and anybody may type another's.
pub fn letters(
    inquiry: &Inquiry,
    staff_inbox: &[String],
    firm: &Firm,
    site: &SiteAddress,
    network: &str,
) -> askama::Result<Vec<Letter>> {
    let details = &inquiry.details;
    let desk = site.absolute(&inquiry.admin_path());
    let facts = with_readings(details);
    let reply_to = mail::reply_address(&details.email);
    let can_reply = reply_to.is_some();
    let text = StaffText { inquiry, facts: &facts, desk: &desk, can_reply }.render()?;
    let html = StaffHtml { inquiry, facts: &facts, desk: &desk, can_reply }.render()?;
    let mut letters: Vec<Letter> = staff_inbox
        .iter()
        .map(|recipient| Letter {
            recipient: recipient.clone(),
            reply_to: reply_to.clone(),
            in_reply_to: None,
            subject: format!("{} from {} ({})", details.kind.words(), details.name, inquiry.reference),
            text: text.clone(),
            html: html.clone(),
            inquiry_id: Some(inquiry.id),
            purpose: Purpose::Notification,
            network: String::new(),
        })
        .collect();
    letters.extend(acknowledgement(inquiry, firm, network)?);
    Ok(letters)
}

/// What was sent, and beside a number that is uncertain, or one of several, how it is read.
fn with_readings(details: &Details) -> Vec<Fact> {
    let mut facts = vec![];
    for fact in details.facts() {
        let label = match fact.label {
            "Telephone" => "Telephone, as read",
            "WhatsApp" => "WhatsApp, as read",
            _ => "",
        };
        let numbers = if label.is_empty() { vec![] } else { Number::all(&fact.value, &details.residence) };
        facts.push(fact);
        if numbers.len() > 1 || numbers.iter().any(Number::is_uncertain) {
            let read = |number: &Number| match number.doubt() {
                doubt if doubt.is_empty() => number.e164.clone(),
                doubt => format!("{} (uncertain: {doubt})", number.e164),
            };
            let value = numbers.iter().map(read).collect::<Vec<_>>().join(", ");
            facts.push(Fact { label, value });
        }
    }
    facts
}

/// What the visitor gets at once, where they gave an address.
pub fn acknowledgement(inquiry: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<Letter>> {
    let reference = inquiry.reference.as_str();
    let subject = format!("We have received your message ({reference})");
    to_visitor(
        inquiry,
        firm,
        network,
        subject,
        VisitorText { reference, firm }.render()?,
        VisitorHtml { reference, firm }.render()?,
    )
}

#[derive(Template)]
#[template(path = "inquiries/mail_withdrawn.txt")]
struct WithdrawnText<'a> {
    reference: &'a str,
    held: bool,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_withdrawn.html")]
struct WithdrawnHtml<'a> {
    reference: &'a str,
    held: bool,
    firm: &'a Firm,
}

/// What a visitor gets who took an inquiry back: should it have been somebody else, they learn of it in time.
pub fn withdrawal(inquiry: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<Letter>> {
    let (reference, held) = (inquiry.reference.as_str(), inquiry.held);
    let subject = format!("You took back your inquiry ({reference})");
    let text = WithdrawnText { reference, held, firm }.render()?;
    let html = WithdrawnHtml { reference, held, firm }.render()?;
    to_visitor(inquiry, firm, network, subject, text, html)
}

#[derive(Template)]
#[template(path = "inquiries/mail_moved.txt")]
struct MovedText<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

#[derive(Template)]
#[template(path = "inquiries/mail_moved.html")]
struct MovedHtml<'a> {
    reference: &'a str,
    firm: &'a Firm,
}

/// What goes to the address that an inquiry had before another was put in its place: should it have been somebody
/// else, its owner learns of it.
pub fn moved(before: &Inquiry, firm: &Firm, network: &str) -> askama::Result<Option<Letter>> {
    let reference = before.reference.as_str();
    let subject = format!("Another e-mail address for your inquiry ({reference})");
    let (text, html) = (MovedText { reference, firm }.render()?, MovedHtml { reference, firm }.render()?);
    to_visitor(before, firm, network, subject, text, html)
}

/// An automatic reply, which is queued within limits only. `network` is a digest of the network that set it off; empty where
/// that is not counted.
fn to_visitor(
    inquiry: &Inquiry,
    firm: &Firm,
    network: &str,
    subject: String,
    text: String,
    html: String,
) -> askama::Result<Option<Letter>> {
    let recipient = inquiry.details.email.clone();
    Ok((!recipient.is_empty()).then(|| Letter {
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
#[template(path = "inquiries/mail_notice.txt")]
struct NoticeText<'a> {
    reference: &'a str,
    sentence: &'a str,
    desk: &'a str,
    can_answer: bool,
}

#[derive(Template)]
#[template(path = "inquiries/mail_notice.html")]
struct NoticeHtml<'a> {
    reference: &'a str,
    sentence: &'a str,
    desk: &'a str,
    can_answer: bool,
}

/// Tells staff in one sentence what a visitor did with an inquiry; the rest stands at the desk.
pub fn notices(
    inquiry: &Inquiry,
    sentence: &str,
    staff_inbox: &[String],
    site: &SiteAddress,
) -> askama::Result<Vec<Letter>> {
    let reference = inquiry.reference.as_str();
    let desk = site.absolute(&inquiry.admin_path());
    let reply_to = mail::reply_address(&inquiry.details.email);
    let text = NoticeText { reference, sentence, desk: &desk, can_answer: reply_to.is_some() }.render()?;
    let html = NoticeHtml { reference, sentence, desk: &desk, can_answer: reply_to.is_some() }.render()?;
    let letter = |recipient: &String| Letter {
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
    Ok(staff_inbox.iter().map(letter).collect())
}
