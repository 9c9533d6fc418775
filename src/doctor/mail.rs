//! Check of the mail server: connects and signs in, and sends a test e-mail on request.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use lettre::Message;
use lettre::message::Mailbox;
use sqlx::Connection;

use crate::app;
use crate::db;
use crate::doctor::{DoctorContext, Finding};
use crate::mail::{Transport, mark_automatic};
use crate::site;

const SMTP_TIMEOUT: Duration = Duration::from_secs(15);

pub async fn check(context: &DoctorContext) -> Vec<Finding> {
    let Some(address) = &context.test_recipient else { return server(context).await.into_iter().collect() };
    vec![match send(context, address.as_str()).await {
        Ok(()) => {
            Finding::ok(format!("mail: the server accepted an e-mail to {}; check that it arrives", address.as_str()))
        }
        Err(error) => Finding::fail(
            format!("mail: the e-mail could not be sent: {error:#}"),
            "fix SMTP_URL or MAIL_FROM, or ask the operator of the mail server",
        ),
    }]
}

/// Greeting, encryption and sign-in only. An invalid `SMTP_URL` is reported with the settings.
async fn server(context: &DoctorContext) -> Option<Finding> {
    let url = context.config.smtp_url.as_ref()?;
    let transport = Transport::smtp_trusting(url.reveal(), &context.config.smtp_ca).ok()?.with_timeout(SMTP_TIMEOUT);
    Some(match transport.probe().await {
        Ok(()) => Finding::ok("mail: the mail server accepts the sign-in; nothing was sent"),
        Err(refusal) => Finding::fail(
            format!("mail: the mail server cannot be used: {}", refusal.reason),
            "check SMTP_URL, the network and the mail server",
        ),
    })
}

async fn send(context: &DoctorContext, to: &str) -> Result<()> {
    let Some(url) = &context.config.smtp_url else { bail!("SMTP_URL is not set") };
    let transport = Transport::smtp_trusting(url.reveal(), &context.config.smtp_ca)?;
    let to: Mailbox = to.parse().context("the address cannot be used")?;
    let mut message = Message::builder()
        .from(sender(context).await?)
        .to(to)
        .subject("Test e-mail from the website")
        .body("This is a test e-mail from the website. E-mails from the website arrive.\n".to_owned())?;
    mark_automatic(&mut message, "auto-generated");
    let sent = transport.deliver(message, "doctor").await;
    transport.close_idle().await;
    sent.map_err(|refusal| anyhow::anyhow!("{}", refusal.reason))
}

/// Sender from the settings or, if unset, from the company settings in the database.
async fn sender(context: &DoctorContext) -> Result<Mailbox> {
    let settings = app::mail_settings(&context.config);
    if let Some(from) = &settings.mail_from {
        return Ok(from.clone());
    }
    let host = context.config.base_url.as_ref().and_then(|url| url.host_str()).unwrap_or("localhost").to_owned();
    let mut db = db::open_read_only(&context.layout.database_url).await?;
    let record = site::settings(&mut db).await?;
    db.close().await?;
    record.sender(&settings, &host).context("the sender address in the company settings is invalid")
}
