//! E-mails about the review of a post, to publishers and writers.

use anyhow::Result;
use askama::Template;
use sqlx::SqliteConnection;

use crate::http::{BaseUrl, random_token};
use crate::mail::{self, NewEmail, Purpose, QueuedEmail};
use crate::posts::workflow::{ReviewEvent, ReviewKind};
use crate::staff;

#[derive(Template)]
#[template(path = "posts/mail_review.txt")]
struct ReviewText<'a> {
    sentence: &'a str,
    note: &'a str,
    url: &'a str,
}

#[derive(Template)]
#[template(path = "posts/mail_review.html")]
struct ReviewHtml<'a> {
    sentence: &'a str,
    note: &'a str,
    url: &'a str,
}

/// Notifies the publishers of a post that was submitted or held back, but not the publisher `except_id`, who did it.
///
/// If there is no other publisher, the admins are notified.
pub async fn queue_for_publishers(
    tx: &mut SqliteConnection,
    (post_id, title): (i64, &str),
    event: &ReviewEvent,
    except_id: Option<i64>,
    site: &BaseUrl,
) -> Result<()> {
    let recipients = staff::publisher_addresses(&mut *tx, except_id).await?;
    queue(tx, (post_id, title), event, recipients, site).await
}

/// Notifies the writer who submitted a post that it was sent back.
pub async fn queue_for_writer(
    tx: &mut SqliteConnection,
    (post_id, title): (i64, &str),
    event: &ReviewEvent,
    writer_id: i64,
    site: &BaseUrl,
) -> Result<()> {
    let recipients = staff::active_address(&mut *tx, writer_id).await?.into_iter().collect();
    queue(tx, (post_id, title), event, recipients, site).await
}

async fn queue(
    tx: &mut SqliteConnection,
    (post_id, title): (i64, &str),
    event: &ReviewEvent,
    recipients: Vec<String>,
    site: &BaseUrl,
) -> Result<()> {
    let (subject, sentence) = match event.kind {
        ReviewKind::Submitted => {
            (format!("For review: {title}"), format!("{} submitted “{title}” for review.", event.actor))
        }
        ReviewKind::Returned => (format!("Sent back: {title}"), format!("{} sent “{title}” back to you.", event.actor)),
        ReviewKind::Held => (
            format!("Not published: {title}"),
            format!("“{title}” was not published at its scheduled time, because the text has new problems:"),
        ),
    };
    let url = &site.absolute_url(&format!("/admin/posts/{post_id}"));
    let (sentence, note) = (sentence.as_str(), event.note.as_str());
    let text = ReviewText { sentence, note, url }.render()?;
    let html = ReviewHtml { sentence, note, url }.render()?;
    let email = |recipient| NewEmail {
        recipient,
        reply_to: None,
        in_reply_to: None,
        subject: subject.clone(),
        text: text.clone(),
        html: html.clone(),
        inquiry_id: None,
        purpose: Purpose::Notification,
        network_hash: String::new(),
    };
    let message_id = || format!("{}@{}", random_token::<16>(), site.host());
    let emails: Vec<QueuedEmail> = recipients
        .into_iter()
        .map(|recipient| QueuedEmail { message_id: message_id(), email: email(recipient) })
        .collect();
    mail::queue_all(tx, &emails, event.at).await?;
    Ok(())
}
