//! The desk's view of the outbox: every letter, how far it got, and a way to send it again.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::{Outgoing, RefusedAddress, Transport, Wake, store};
use crate::staff::{self, Desk};
use crate::web::{Form, PageError, PageResult, Paging, Query, html, masked, one_line, plural, see_other};

/// So many refused addresses are shown at once.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "mail/admin_list.html")]
struct MailPage {
    desk: Desk,
    /// What failed and what waits, a sentence each.
    to_send: Vec<String>,
    /// How many were written to files.
    written: Option<String>,
    refused: Vec<RefusedAddress>,
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
pub async fn list(
    desk: Desk,
    query: Query<MailQuery>,
    db: Data<Database>,
    clock: Data<Clock>,
    transport: Data<Transport>,
) -> PageResult {
    let standing = store::standing(db.read()).await?;
    let written = standing.written_sentence();
    let now = clock.now();
    let to_send: Vec<String> =
        [standing.outage_sentence(now), standing.failed_sentence(), standing.waiting_sentence(now)]
            .into_iter()
            .flatten()
            .collect();
    let refused = store::all_refused(db.read(), SHOWN).await?;
    let paging = Paging::new(&query.0.page, store::count(db.read()).await?, 50, "/admin/mail".into())?;
    let letters = store::list(db.read(), paging.per_page, paging.offset()).await?;
    html(
        StatusCode::OK,
        &MailPage { desk, to_send, written, refused, letters, paging, writes_files: transport.writes_files() },
    )
}

#[derive(Template)]
#[template(path = "mail/admin_letter.html")]
struct LetterPage {
    desk: Desk,
    letter: Outgoing,
    refused: Option<RefusedAddress>,
}

/// `GET /admin/mail/{id}`
pub async fn show(desk: Desk, id: Path<i64>, db: Data<Database>) -> PageResult {
    let letter = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let refused = store::refused(db.read(), &letter.recipient).await?;
    html(StatusCode::OK, &LetterPage { desk, letter, refused })
}

/// `POST /admin/mail/retry`
pub async fn send_all_again(desk: Desk, db: Data<Database>, clock: Data<Clock>, wake: Data<Wake>) -> PageResult {
    let mut tx = db.begin_write().await?;
    let count = store::send_all_again(&mut tx, clock.now()).await?;
    let letters = plural(count, "letter", "letters");
    let sentence = match count {
        0 => "No e-mail is waiting, and none needs attention.".to_owned(),
        1 => "1 letter is being sent again.".to_owned(),
        _ => format!("{letters} are being sent again."),
    };
    if count > 0 {
        staff::audit(&mut tx, clock.now(), &desk.member.name, "sent all letters again", &letters).await?;
    }
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    wake.sender();
    Ok(see_other("/admin/mail"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    #[serde(deserialize_with = "one_line")]
    address: String,
}

/// `POST /admin/mail/refused-addresses/removal`
pub async fn trust_address(desk: Desk, form: Form<AddressForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let address = &form.0.address;
    let mut tx = db.begin_write().await?;
    if store::clear_refused(&mut tx, address).await? {
        // The log outlives what it tells of, also where that must be erased.
        let subject = masked(address);
        staff::audit(&mut tx, clock.now(), &desk.member.name, "marked an address as working again", &subject).await?;
        desk.say(&mut tx, &format!("{address} counts as working again.")).await?;
    } else {
        desk.say(&mut tx, "This address is not marked.").await?;
    }
    tx.commit().await?;
    Ok(see_other("/admin/mail"))
}

/// `POST /admin/mail/{id}/dismissal`: it failed, and staff have seen to it otherwise.
pub async fn dismiss(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let email = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = db.begin_write().await?;
    let sentence = if store::dismiss(&mut tx, email.id, clock.now()).await? {
        let subject = format!("e-mail {}", email.id);
        staff::audit(&mut tx, clock.now(), &desk.member.name, "dismissed a failed e-mail", &subject).await?;
        "The e-mail is dismissed. It is not counted as failed any more."
    } else {
        "Only an e-mail that failed can be dismissed."
    };
    desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
}

/// `POST /admin/mail/{id}/dismissal/removal`
pub async fn undo_dismissal(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let email = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = db.begin_write().await?;
    let sentence = if store::undo_dismissal(&mut tx, email.id).await? {
        let subject = format!("e-mail {}", email.id);
        staff::audit(&mut tx, clock.now(), &desk.member.name, "undid the dismissal of an e-mail", &subject).await?;
        "The e-mail counts as failed again."
    } else {
        "This e-mail is not dismissed."
    };
    desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/mail/{}", email.id)))
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
        staff::audit(&mut tx, clock.now(), &desk.member.name, "sent a letter again", &format!("letter {}", letter.id))
            .await?;
        "The letter is being sent again."
    } else {
        "This letter has gone out already."
    };
    desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    wake.sender();
    Ok(see_other("/admin/mail"))
}
