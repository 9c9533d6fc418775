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
use crate::inquiries::replies;
use crate::inquiries::reply_address::{ReplyNotice, reply_to};
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::{self, NewEmail, Purpose};
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
    reply_notice: &'a ReplyNotice,
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
    let firm = &action.ctx.layout.firm;
    // Replies go where inquiries go: without a company address and a staff inbox, to the admins.
    let reply_to = match reply_to(firm, &inquiry) {
        None => staff_inbox(&mut *action.services.db.read().acquire().await?, firm).await?.into_iter().next(),
        address => address,
    };
    let email = reply_email(&inquiry, form, firm, reply_to)?;
    let mut open = action.lock_editable(id, &form.expected).await?;
    let LockedInquiry { inquiry, tx } = &mut open;
    if inquiry.details.email.is_empty() {
        return Err(ActionError::Blocked("No e-mail address given. Call them instead, and add a note about the call."));
    }
    let earlier = replies::message_ids(&mut **tx, id, &inquiry.details.email).await?;
    let in_reply_to = (!earlier.is_empty()).then(|| earlier.join(" "));
    let email = NewEmail { recipient: inquiry.details.email.clone(), in_reply_to, ..email };
    mail::queue(tx, &email, &message_id(&action.services.http.base_url), action.now()).await?;
    action.record_event(tx, inquiry.id, "answer", &format!("{}\n\n{}", form.subject, form.text)).await?;
    action.claim_if_unassigned(tx, inquiry).await?;
    action.set_state(tx, inquiry, InquiryState::Answered).await?;
    let flash = match action.services.transport.unsent_notice() {
        Some(notice) => format!("Reply to {} saved. {notice}", inquiry.reference),
        None => format!("Reply to {} is being sent.", inquiry.reference),
    };
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

/// The e-mail without the thread that it continues.
fn reply_email(inquiry: &Inquiry, form: &ReplyForm, firm: &Firm, reply_to: Option<String>) -> askama::Result<NewEmail> {
    let reply_notice = ReplyNotice::new(firm, inquiry, reply_to.as_deref());
    Ok(NewEmail {
        recipient: inquiry.details.email.clone(),
        reply_to,
        in_reply_to: None,
        subject: form.subject.clone(),
        text: format!("{}\n\n-- \n{reply_notice}\n", form.text.trim_end()),
        html: text_to_html(&form.text, &reply_notice)?,
        inquiry_id: Some(inquiry.id),
        purpose: Purpose::Answer,
        network_hash: String::new(),
    })
}

/// Converts plain text to HTML: a blank line separates paragraphs, a line break is kept.
fn text_to_html(text: &str, reply_notice: &ReplyNotice) -> askama::Result<String> {
    let paragraphs: Vec<Vec<&str>> =
        text.split("\n\n").map(|part| part.trim_matches('\n').split('\n').collect()).collect();
    ReplyHtml { paragraphs, reply_notice }.render()
}
