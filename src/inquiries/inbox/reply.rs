//! Replies to an inquiry by e-mail. E-mail, history and status are committed together.

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::http::PageResult;
use crate::inquiries::inbox::show;
use crate::inquiries::inbox::staff_action::{ActionError, ActionResult, ExpectedVersion, LockedInquiry, StaffAction};
use crate::inquiries::inbox::template_variables::ExpandedTemplate;
use crate::inquiries::inbox::view_model::FormInput;
use crate::inquiries::notifications::{message_id, staff_inbox};
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::{self, NewEmail, OutboxMessage, Purpose};
use crate::web::{FieldErrors, Firm, Form, multi_line, one_line};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReplyForm {
    #[serde(deserialize_with = "one_line")]
    subject: String,
    #[serde(deserialize_with = "multi_line")]
    text: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

impl ReplyForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["subject", "text"]);
        match self.subject.chars().count() {
            0 => errors.add("subject", "Enter a subject."),
            1..=200 => {}
            _ => errors.add("subject", "The subject must be 200 characters or fewer."),
        }
        match self.text.trim().chars().count() {
            0 => errors.add("text", "Enter your reply."),
            1..=20_000 => {}
            _ => errors.add("text", "The reply must be 20,000 characters or fewer."),
        }
        errors
    }
}

#[derive(Template)]
#[template(path = "inquiries/mail_reply.html")]
struct ReplyHtml<'a> {
    paragraphs: Vec<Vec<&'a str>>,
}

/// `POST /admin/inquiries/{id}/reply`
pub async fn send(action: StaffAction, id: Path<i64>, form: Form<ReplyForm>) -> PageResult {
    let mut form = form.0;
    let result = send_reply(&action, *id, &mut form).await;
    let list = FormInput::of_list(&form.expected);
    let input = FormInput { subject: Some(form.subject), text: form.text, ..list };
    show::respond(action, *id, input, result).await
}

async fn send_reply(action: &StaffAction, id: i64, form: &mut ReplyForm) -> ActionResult {
    let inquiry = action.find(id, &form.expected).await?;
    let errors = form.errors();
    if !errors.is_empty() {
        return Err(ActionError::Invalid(errors));
    }
    if form.text.contains("{{") {
        return Err(ActionError::Invalid(expand_variables(action, &inquiry, form).await?));
    }
    let html = text_to_html(&form.text)?;
    let earlier = mail::about_inquiry(action.services.db.read(), id).await?;
    let mut open = action.lock_editable(id, &form.expected).await?;
    let LockedInquiry { inquiry, tx } = &mut open;
    if inquiry.details.email.is_empty() {
        return Err(ActionError::Blocked("No e-mail address given. Call them instead, and add a note about the call."));
    }
    let mut email = reply_email(inquiry, form, html, &action.ctx.layout.firm, &earlier);
    if email.reply_to.is_none() {
        // Replies go where inquiries go: without a company address and a staff inbox, to the admins.
        email.reply_to = staff_inbox(tx, &action.ctx.layout.firm).await?.into_iter().next();
    }
    mail::queue(tx, &email, &message_id(&action.services.http.base_url), action.now()).await?;
    action.record_event(tx, inquiry.id, "answer", &format!("{}\n\n{}", email.subject, email.text)).await?;
    action.claim_if_unassigned(tx, inquiry).await?;
    action.set_state(tx, inquiry, InquiryState::Answered).await?;
    let flash = format!("Reply to {} is being sent.", inquiry.reference);
    action.finish(open, "replied to an inquiry", &flash, &form.expected.inquiry_path(id)).await
}

/// Replaces the variables in a reply. Always returns a message: staff must read the final text before it is sent.
async fn expand_variables(action: &StaffAction, inquiry: &Inquiry, form: &mut ReplyForm) -> ActionResult<FieldErrors> {
    let ExpandedTemplate { text, unresolved, .. } =
        show::expand_template(&action.services.db, &action.ctx, inquiry, &form.text, action.now()).await?;
    let mut errors = FieldErrors::in_order(&["text"]);
    if !unresolved.is_empty() {
        errors.add("text", unresolved.join(" "));
    } else if text.contains("{{") {
        errors.add("text", "Remove the remaining {{ from the text.");
    } else {
        errors.add("text", "The variables are filled in. Check the text, then send it.");
    }
    form.text = text;
    Ok(errors)
}

fn reply_email(inquiry: &Inquiry, form: &ReplyForm, html: String, firm: &Firm, earlier: &[OutboxMessage]) -> NewEmail {
    let recipient = inquiry.details.email.clone();
    let is_to_them = |email: &&OutboxMessage| email.recipient.eq_ignore_ascii_case(&recipient);
    NewEmail {
        reply_to: firm.email.clone().or_else(|| firm.staff_inbox.first().cloned()),
        in_reply_to: earlier.iter().rfind(is_to_them).map(|email| email.message_id.clone()),
        subject: form.subject.clone(),
        text: form.text.clone(),
        html,
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::Answer,
        network_hash: String::new(),
        recipient,
    }
}

/// Converts plain text to HTML: a blank line separates paragraphs, a line break is kept.
fn text_to_html(text: &str) -> askama::Result<String> {
    let paragraphs: Vec<Vec<&str>> =
        text.split("\n\n").map(|part| part.trim_matches('\n').split('\n').collect()).collect();
    ReplyHtml { paragraphs }.render()
}
