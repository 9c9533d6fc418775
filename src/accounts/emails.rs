//! E-mail with a set-up link.

use askama::Template;

use crate::mail::{NewEmail, Purpose};
use crate::staff::StaffMember;

#[derive(Template)]
#[template(path = "accounts/mail_set_up_link.txt")]
struct SetUpLinkText<'a> {
    firm: &'a str,
    member: &'a StaffMember,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "accounts/mail_set_up_link.html")]
struct SetUpLinkHtml<'a> {
    firm: &'a str,
    member: &'a StaffMember,
    link: &'a str,
}

/// Invitation, or a new link after a forgotten password.
pub fn set_up_link(firm: &str, member: &StaffMember, link: &str) -> askama::Result<NewEmail> {
    let subject = match member.has_password {
        true => format!("Set a new password for {firm} admin"),
        false => format!("Set up your account for {firm} admin"),
    };
    Ok(NewEmail {
        recipient: member.email.clone(),
        reply_to: None,
        in_reply_to: None,
        subject,
        text: SetUpLinkText { firm, member, link }.render()?,
        html: SetUpLinkHtml { firm, member, link }.render()?,
        inquiry_id: None,
        purpose: Purpose::Notification,
        network_hash: String::new(),
    })
}
