//! The desk's view of the outbox: every letter, how far it got, and a way to send it again.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::{Outgoing, Transport, Wake, store};
use crate::staff::{self, Desk};
use crate::web::{PageError, PageResult, Paging, Query, html, see_other};

#[derive(Template)]
#[template(path = "mail/admin_list.html")]
struct MailPage {
    desk: Desk,
    letters: Vec<Outgoing>,
    paging: Paging,
    writes_files: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MailQuery {
    page: String,
}

/// `GET /admin/mail`
pub async fn list(desk: Desk, query: Query<MailQuery>, db: Data<Database>, transport: Data<Transport>) -> PageResult {
    let paging = Paging::new(&query.0.page, store::count(db.read()).await?, 50, "/admin/mail".into())?;
    let letters = store::list(db.read(), paging.per_page, paging.offset()).await?;
    html(StatusCode::OK, &MailPage { desk, letters, paging, writes_files: transport.writes_files() })
}

#[derive(Template)]
#[template(path = "mail/admin_letter.html")]
struct LetterPage {
    desk: Desk,
    letter: Outgoing,
}

/// `GET /admin/mail/{id}`
pub async fn show(desk: Desk, id: Path<i64>, db: Data<Database>) -> PageResult {
    let letter = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    html(StatusCode::OK, &LetterPage { desk, letter })
}

/// `POST /admin/mail/{id}/sending`
pub async fn send_again(
    desk: Desk,
    id: Path<i64>,
    db: Data<Database>,
    clock: Data<Clock>,
    wake: Data<Wake>,
) -> PageResult {
    let letter = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = db.begin_write().await?;
    let sentence = if store::send_again(&mut tx, letter.id, clock.now()).await? {
        staff::audit(&mut tx, clock.now(), &desk.member.name, "sent a letter again", &letter.subject).await?;
        "The letter is being sent again."
    } else {
        "This letter has gone out already."
    };
    desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    wake.sender();
    Ok(see_other("/admin/mail"))
}
