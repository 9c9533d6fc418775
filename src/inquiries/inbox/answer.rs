//! Answering by e-mail from the page: the letter, the history and the state, all of it or nothing.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use crate::inquiries::inbox::change::address;
use crate::inquiries::inbox::fill::Filled;
use crate::inquiries::inbox::show::{self, Typed};
use crate::inquiries::inbox::work::{Open, Refused, Seen, Work};
use crate::inquiries::receive::message_id;
use crate::inquiries::{Inquiry, State};
use crate::mail::{self, Letter, Outgoing, Purpose};
use crate::web::{FieldErrors, Firm, Form, PageResult, one_line, paragraphs};

/// What is sent to a visitor.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    #[serde(deserialize_with = "one_line")]
    subject: String,
    #[serde(deserialize_with = "paragraphs")]
    text: String,
    #[serde(flatten)]
    seen: Seen,
}

impl AnswerForm {
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

    fn typed(self) -> Typed {
        Typed { subject: Some(self.subject), text: self.text, ..Typed::default() }
    }
}

#[derive(Template)]
#[template(path = "inquiries/mail_answer.html")]
struct AnswerHtml<'a> {
    paragraphs: Vec<Vec<&'a str>>,
}

/// What a letter to the visitor is called where nobody says otherwise.
pub fn default_subject(inquiry: &Inquiry) -> String {
    format!("Your inquiry {}", inquiry.reference)
}

/// `POST /admin/inquiries/{id}/answer`
pub async fn send(work: Work, id: Path<i64>, form: Form<AnswerForm>) -> PageResult {
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let form = form.0;
    let inquiry = match work.find(*id, &form.seen).await? {
        Ok(inquiry) => inquiry,
        Err(refused) => return work.refuse(*id, refused, form.typed()).await,
    };
    let errors = form.errors();
    if !errors.is_empty() {
        return work.page(WRONG, *id, Typed { errors, ..form.typed() }).await;
    }
    if form.text.contains("{{") {
        return show_filled(work, &inquiry, form).await;
    }
    let html = as_html(&form.text)?;
    let earlier = mail::about_inquiry(work.db.read(), *id).await?;
    let letter = letter(&inquiry, &form, html, &work.desk.layout.firm, &earlier);
    let mut open = match work.open_for_work(*id, &form.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, form.typed()).await,
    };
    let Open { inquiry, tx } = &mut open;
    if inquiry.details.email.is_empty() {
        open.tx.rollback().await?;
        let refused = Refused::Shut("They gave no e-mail address: call them, and keep a note of it.");
        return work.refuse(*id, refused, form.typed()).await;
    }
    // They may have corrected it while the answer was being written.
    let letter = Letter { recipient: inquiry.details.email.clone(), ..letter };
    mail::queue(tx, &letter, &message_id(&work.site), work.now()).await?;
    work.note(tx, inquiry.id, "answer", &format!("{}\n\n{}", letter.subject, letter.text)).await?;
    work.take(tx, inquiry).await?;
    work.set_state(tx, inquiry, State::Answered).await?;
    let sentence = format!("The answer to {} is on its way.", inquiry.reference);
    work.done(open, "answered an inquiry", &sentence, &address(*id)).await
}

/// Tokens typed by hand are filled in and shown before anything is sent: nobody sends what they have not read.
async fn show_filled(work: Work, inquiry: &Inquiry, mut form: AnswerForm) -> PageResult {
    let Filled { text, left, .. } = show::filled(&work.db, &work.desk, inquiry, &form.text, work.now()).await?;
    let mut errors = FieldErrors::in_order(&["text"]);
    if left.is_empty() && text.contains("{{") {
        errors.add("text", "There are braces in the text that stand for nothing. Take them out.");
    } else if left.is_empty() {
        errors.add("text", "The figures are filled in now. Read it once more, then send it.");
    } else {
        errors.add("text", left.join(" "));
    }
    form.text = text;
    work.page(StatusCode::UNPROCESSABLE_ENTITY, inquiry.id, Typed { errors, ..form.typed() }).await
}

fn letter(inquiry: &Inquiry, form: &AnswerForm, html: String, firm: &Firm, earlier: &[Outgoing]) -> Letter {
    let recipient = inquiry.details.email.clone();
    let to_them = |letter: &&Outgoing| letter.recipient.eq_ignore_ascii_case(&recipient);
    Letter {
        reply_to: firm.email.clone().or_else(|| firm.staff_inbox.first().cloned()),
        in_reply_to: earlier.iter().rfind(to_them).map(|letter| letter.message_id.clone()),
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
fn as_html(text: &str) -> askama::Result<String> {
    let paragraphs: Vec<Vec<&str>> =
        text.split("\n\n").map(|part| part.trim_matches('\n').split('\n').collect()).collect();
    AnswerHtml { paragraphs }.render()
}
