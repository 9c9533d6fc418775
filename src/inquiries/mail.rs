//! The letters an inquiry sets off: one to each address of the staff inbox, and an acknowledgement.

use askama::Template;

use crate::inquiries::Inquiry;
use crate::inquiries::inquiry::Fact;
use crate::mail::Letter;
use crate::web::{Firm, SiteAddress};

#[derive(Template)]
#[template(path = "inquiries/mail_staff.txt")]
struct StaffText<'a> {
    inquiry: &'a Inquiry,
    facts: &'a [Fact],
    desk: &'a str,
}

#[derive(Template)]
#[template(path = "inquiries/mail_staff.html")]
struct StaffHtml<'a> {
    inquiry: &'a Inquiry,
    facts: &'a [Fact],
    desk: &'a str,
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
) -> askama::Result<Vec<Letter>> {
    let details = &inquiry.details;
    let desk = site.absolute(&format!("/admin/inquiries/{}", inquiry.id));
    let facts = details.facts();
    let text = StaffText { inquiry, facts: &facts, desk: &desk }.render()?;
    let html = StaffHtml { inquiry, facts: &facts, desk: &desk }.render()?;
    let mut letters: Vec<Letter> = staff_inbox
        .iter()
        .map(|recipient| Letter {
            recipient: recipient.clone(),
            reply_to: (!details.email.is_empty()).then(|| details.email.clone()),
            in_reply_to: None,
            subject: format!("{} from {} ({})", details.kind.words(), details.name, inquiry.reference),
            text: text.clone(),
            html: html.clone(),
            inquiry_id: Some(inquiry.id),
        })
        .collect();
    if !details.email.is_empty() {
        let reference = inquiry.reference.as_str();
        letters.push(Letter {
            recipient: details.email.clone(),
            // Never one of the admins, who stand in while there is no inbox: they sign in with that address.
            reply_to: firm.email.clone().or_else(|| firm.staff_inbox.first().cloned()),
            in_reply_to: None,
            subject: format!("We have received your message ({reference})"),
            text: VisitorText { reference, firm }.render()?,
            html: VisitorHtml { reference, firm }.render()?,
            inquiry_id: Some(inquiry.id),
        });
    }
    Ok(letters)
}
