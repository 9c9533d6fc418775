//! Answering by e-mail from the page: the letter, the history and the state, all of it or nothing.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::http::PageResult;
use crate::inquiries::inbox::actions::inquiry_path;
use crate::inquiries::inbox::show::{self, FormInput};
use crate::inquiries::inbox::staff_action::{ActionError, ExpectedVersion, LockedInquiry, StaffAction};
use crate::inquiries::inbox::template_variables::ExpandedTemplate;
use crate::inquiries::intake::notifications::message_id;
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::{self, NewEmail, OutboxMessage, Purpose};
use crate::web::{FieldErrors, Firm, Form, multi_line, one_line};

/// What is sent to a visitor.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ReplyForm {
    #[serde(deserialize_with = "one_line")]
    subject: String,
    #[serde(deserialize_with = "multi_line")]
    text: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

impl ReplyForm {
    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::in_order(&["subject", "text"]);
        match self.subject.chars().count() {
            0 => errors.add("subject", "Write a subject."),
            1..=200 => {}
            _ => errors.add("subject", "Keep the subject under 200 letters."),
        }
        match self.text.trim().chars().count() {
            0 => errors.add("text", "Write the answer first."),
            1..=20_000 => {}
            _ => errors.add("text", "Keep the answer under 20,000 letters."),
        }
        errors
    }

    fn into_input(self) -> FormInput {
        FormInput { subject: Some(self.subject), text: self.text, ..FormInput::default() }
    }
}

#[derive(Template)]
#[template(path = "inquiries/mail_reply.html")]
struct ReplyHtml<'a> {
    paragraphs: Vec<Vec<&'a str>>,
}

/// What a letter to the visitor is called where nobody says otherwise.
pub fn default_subject(inquiry: &Inquiry) -> String {
    format!("Your inquiry {}", inquiry.reference)
}

/// `POST /admin/inquiries/{id}/reply`
pub async fn send(action: StaffAction, id: Path<i64>, form: Form<ReplyForm>) -> PageResult {
    const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let form = form.0;
    let inquiry = match action.find(*id, &form.seen).await? {
        Ok(inquiry) => inquiry,
        Err(refused) => return action.error_page(*id, refused, form.into_input()).await,
    };
    let errors = form.errors();
    if !errors.is_empty() {
        return action.page(INVALID, *id, FormInput { errors, ..form.into_input() }).await;
    }
    if form.text.contains("{{") {
        return show_expanded(action, &inquiry, form).await;
    }
    let html = text_to_html(&form.text)?;
    let earlier = mail::about_inquiry(action.services.db.read(), *id).await?;
    let email = reply_email(&inquiry, &form, html, &action.ctx.layout.firm, &earlier);
    let mut open = match action.lock_editable(*id, &form.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, form.into_input()).await,
    };
    let LockedInquiry { inquiry, tx } = &mut open;
    if inquiry.details.email.is_empty() {
        open.tx.rollback().await?;
        let refused = ActionError::Blocked("They gave no e-mail address: call them, and keep a note of it.");
        return action.error_page(*id, refused, form.into_input()).await;
    }
    // They may have corrected it while the answer was being written.
    let email = NewEmail { recipient: inquiry.details.email.clone(), ..email };
    mail::queue(tx, &email, &message_id(&action.services.http.base_url), action.now()).await?;
    action.record_event(tx, inquiry.id, "answer", &format!("{}\n\n{}", email.subject, email.text)).await?;
    action.claim_if_unassigned(tx, inquiry).await?;
    action.set_state(tx, inquiry, InquiryState::Answered).await?;
    let sentence = format!("The answer to {} is on its way.", inquiry.reference);
    action.finish(open, "answered an inquiry", &sentence, &inquiry_path(*id)).await
}

/// Tokens typed by hand are filled in and shown before anything is sent: nobody sends what they have not read.
async fn show_expanded(action: StaffAction, inquiry: &Inquiry, mut form: ReplyForm) -> PageResult {
    let ExpandedTemplate { text, unresolved, .. } =
        show::expand_template(&action.services.db, &action.ctx, inquiry, &form.text, action.now()).await?;
    let mut errors = FieldErrors::in_order(&["text"]);
    if unresolved.is_empty() && text.contains("{{") {
        errors.add("text", "There are braces in the text that stand for nothing. Take them out.");
    } else if unresolved.is_empty() {
        errors.add("text", "The figures are filled in now. Read it once more, then send it.");
    } else {
        errors.add("text", unresolved.join(" "));
    }
    form.text = text;
    action.page(StatusCode::UNPROCESSABLE_ENTITY, inquiry.id, FormInput { errors, ..form.into_input() }).await
}

fn reply_email(inquiry: &Inquiry, form: &ReplyForm, html: String, firm: &Firm, earlier: &[OutboxMessage]) -> NewEmail {
    let recipient = inquiry.details.email.clone();
    let to_them = |email: &&OutboxMessage| email.recipient.eq_ignore_ascii_case(&recipient);
    NewEmail {
        reply_to: firm.email.clone().or_else(|| firm.staff_inbox.first().cloned()),
        in_reply_to: earlier.iter().rfind(to_them).map(|email| email.message_id.clone()),
        subject: form.subject.clone(),
        text: form.text.clone(),
        html,
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::Answer,
        network: String::new(),
        recipient,
    }
}

/// The plain text as simple HTML: an empty line parts paragraphs, a line break stays one.
fn text_to_html(text: &str) -> askama::Result<String> {
    let paragraphs: Vec<Vec<&str>> =
        text.split("\n\n").map(|part| part.trim_matches('\n').split('\n').collect()).collect();
    ReplyHtml { paragraphs }.render()
}
