//! Admin pages of the outbox.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::db::WriteTx;
use crate::http::{PageError, PageResult, html, see_other};
use crate::mail::OutboxMessage;
use crate::mail::store::{self, BouncedAddress};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{Form, Pagination, Query, mask_email, one_line, plural};

const MAX_BOUNCED_SHOWN: i64 = 50;
const PAGE_SIZE: i64 = 50;

#[derive(Template)]
#[template(path = "mail/admin_list.html")]
struct MailPage {
    ctx: StaffContext,
    /// Sentences about outages, failed and queued e-mails.
    unsent: Vec<String>,
    /// Sentence about e-mails saved to files.
    written: Option<String>,
    bounced: Vec<BouncedAddress>,
    emails: Vec<OutboxMessage>,
    paging: Pagination,
    writes_files: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MailQuery {
    page: String,
}

/// `GET /admin/mail`
pub async fn list(ctx: StaffContext, query: Query<MailQuery>, services: Data<Services>) -> PageResult {
    let (status, now) = (store::outbox_status(services.db.read()).await?, services.clock.now());
    let unsent = [status.outage_sentence(now), status.failed_sentence(), status.waiting_sentence(now)];
    let unsent = unsent.into_iter().flatten().collect();
    let bounced = store::list_bounced(services.db.read(), MAX_BOUNCED_SHOWN).await?;
    let paging =
        Pagination::new(&query.0.page, store::count(services.db.read()).await?, PAGE_SIZE, "/admin/mail".into())?;
    let emails = store::list(services.db.read(), paging.per_page, paging.offset()).await?;
    let (written, writes_files) = (status.written_sentence(), services.transport.writes_files());
    html(StatusCode::OK, &MailPage { ctx, unsent, written, bounced, emails, paging, writes_files })
}

#[derive(Template)]
#[template(path = "mail/admin_show.html")]
struct EmailPage {
    ctx: StaffContext,
    email: OutboxMessage,
    bounced: Option<BouncedAddress>,
    /// Whether it contains a secret link, which staff must not see.
    is_confidential: bool,
}

/// `GET /admin/mail/{id}`
pub async fn show(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let bounced = store::find_bounce(services.db.read(), &email.recipient).await?;
    let is_confidential = store::is_confidential(services.db.read(), email.id).await?;
    html(StatusCode::OK, &EmailPage { ctx, email, bounced, is_confidential })
}

/// `POST /admin/mail/retry`
pub async fn requeue_all(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let count = store::requeue_all(&mut tx, services.clock.now()).await?;
    let emails = plural(count, "e-mail", "e-mails");
    let message = match count {
        0 => "No e-mails are queued or have failed.".to_owned(),
        1 => "1 e-mail is queued to be sent again.".to_owned(),
        _ => format!("{emails} are queued to be sent again."),
    };
    if count > 0 {
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "retried all e-mails", &emails).await?;
    }
    ctx.set_flash(&mut tx, &message).await?;
    tx.commit().await?;
    services.notifier.notify();
    Ok(see_other("/admin/mail"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    #[serde(deserialize_with = "one_line")]
    address: String,
}

/// `POST /admin/mail/bounced-addresses/removal`
pub async fn clear_bounce(ctx: StaffContext, form: Form<AddressForm>, services: Data<Services>) -> PageResult {
    let address = &form.0.address;
    let mut tx = services.db.begin_write().await?;
    let message = if store::clear_bounce(&mut tx, address).await? {
        // The audit log outlives the data of a person who asks for erasure.
        let subject = mask_email(address);
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "marked an address as working", &subject).await?;
        format!("{address} is marked as working.")
    } else {
        "This address is not marked as bounced.".to_owned()
    };
    ctx.set_flash(&mut tx, &message).await?;
    tx.commit().await?;
    Ok(see_other("/admin/mail"))
}

/// `POST /admin/mail/{id}/dismissal`: staff have reached the recipient in another way.
pub async fn dismiss(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let result = if store::dismiss(&mut tx, email.id, services.clock.now()).await? {
        Ok(("dismissed a failed e-mail", "E-mail dismissed. It no longer counts as failed."))
    } else {
        Err("Only failed e-mails can be dismissed.")
    };
    finish(&ctx, tx, email.id, services.clock.now(), result).await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
}

/// `POST /admin/mail/{id}/dismissal/removal`
pub async fn undo_dismissal(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let result = if store::undo_dismissal(&mut tx, email.id).await? {
        Ok(("undid the dismissal of an e-mail", "Dismissal undone. The e-mail counts as failed again."))
    } else {
        Err("This e-mail is not dismissed.")
    };
    finish(&ctx, tx, email.id, services.clock.now(), result).await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
}

/// `POST /admin/mail/{id}/sending`
pub async fn requeue(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let result = if store::requeue(&mut tx, email.id, services.clock.now()).await? {
        Ok(("retried an e-mail", "The e-mail is queued to be sent again."))
    } else {
        Err("This e-mail has already been sent.")
    };
    finish(&ctx, tx, email.id, services.clock.now(), result).await?;
    services.notifier.notify();
    Ok(see_other("/admin/mail"))
}

/// Commits an action on one e-mail: `result` is its name for the audit log and its confirmation, or why it was rejected.
async fn finish(
    ctx: &StaffContext,
    mut tx: WriteTx,
    id: i64,
    now: Timestamp,
    result: Result<(&str, &str), &str>,
) -> sqlx::Result<()> {
    if let Ok((action, _)) = result {
        staff::audit(&mut tx, now, &ctx.member.name, action, &format!("e-mail {id}")).await?;
    }
    ctx.set_flash(&mut tx, result.map_or_else(|reason| reason, |(_, message)| message)).await?;
    tx.commit().await
}
