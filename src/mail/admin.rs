//! The admin area's view of the outbox: every letter, how far it got, and a way to send it again.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::http::{PageError, PageResult, html, see_other};
use crate::mail::{BouncedAddress, OutboxMessage, store};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{Form, Pagination, Query, mask_email, one_line, plural};

/// So many refused addresses are shown at once.
const MAX_BOUNCED_SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "mail/admin_list.html")]
struct MailPage {
    ctx: StaffContext,
    /// What failed and what waits, a sentence each.
    to_send: Vec<String>,
    /// How many were written to files.
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
    let status = store::outbox_status(services.db.read()).await?;
    let written = status.written_sentence();
    let now = services.clock.now();
    let to_send: Vec<String> = [status.outage_sentence(now), status.failed_sentence(), status.waiting_sentence(now)]
        .into_iter()
        .flatten()
        .collect();
    let bounced = store::list_bounced(services.db.read(), MAX_BOUNCED_SHOWN).await?;
    let paging = Pagination::new(&query.0.page, store::count(services.db.read()).await?, 50, "/admin/mail".into())?;
    let emails = store::list(services.db.read(), paging.per_page, paging.offset()).await?;
    html(
        StatusCode::OK,
        &MailPage { ctx, to_send, written, bounced, emails, paging, writes_files: services.transport.writes_files() },
    )
}

#[derive(Template)]
#[template(path = "mail/admin_show.html")]
struct EmailPage {
    ctx: StaffContext,
    email: OutboxMessage,
    bounced: Option<BouncedAddress>,
}

/// `GET /admin/mail/{id}`
pub async fn show(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let bounced = store::find_bounce(services.db.read(), &email.recipient).await?;
    html(StatusCode::OK, &EmailPage { ctx, email, bounced })
}

/// `POST /admin/mail/retry`
pub async fn requeue_all(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let count = store::requeue_all(&mut tx, services.clock.now()).await?;
    let emails = plural(count, "letter", "letters");
    let sentence = match count {
        0 => "No e-mail is waiting, and none needs attention.".to_owned(),
        1 => "1 letter is being sent again.".to_owned(),
        _ => format!("{emails} are being sent again."),
    };
    if count > 0 {
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "sent all letters again", &emails).await?;
    }
    ctx.set_flash(&mut tx, &sentence).await?;
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
    if store::clear_bounce(&mut tx, address).await? {
        // The log outlives what it tells of, also where that must be erased.
        let subject = mask_email(address);
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "marked an address as working again", &subject)
            .await?;
        ctx.set_flash(&mut tx, &format!("{address} counts as working again.")).await?;
    } else {
        ctx.set_flash(&mut tx, "This address is not marked.").await?;
    }
    tx.commit().await?;
    Ok(see_other("/admin/mail"))
}

/// `POST /admin/mail/{id}/dismissal`: it failed, and staff have seen to it otherwise.
pub async fn dismiss(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let sentence = if store::dismiss(&mut tx, email.id, services.clock.now()).await? {
        let subject = format!("e-mail {}", email.id);
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "dismissed a failed e-mail", &subject).await?;
        "The e-mail is dismissed. It is not counted as failed any more."
    } else {
        "Only an e-mail that failed can be dismissed."
    };
    ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
}

/// `POST /admin/mail/{id}/dismissal/removal`
pub async fn undo_dismissal(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let sentence = if store::undo_dismissal(&mut tx, email.id).await? {
        let subject = format!("e-mail {}", email.id);
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "undid the dismissal of an e-mail", &subject)
            .await?;
        "The e-mail counts as failed again."
    } else {
        "This e-mail is not dismissed."
    };
    ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
}

/// `POST /admin/mail/{id}/sending`
pub async fn requeue(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let email = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let sentence = if store::requeue(&mut tx, email.id, services.clock.now()).await? {
        staff::audit(
            &mut tx,
            services.clock.now(),
            &ctx.member.name,
            "sent a letter again",
            &format!("letter {}", email.id),
        )
        .await?;
        "The letter is being sent again."
    } else {
        "This letter has gone out already."
    };
    ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    services.notifier.notify();
    Ok(see_other("/admin/mail"))
}
