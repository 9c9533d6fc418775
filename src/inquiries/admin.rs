//! The desk's inbox: every inquiry, how long it has waited, and what was done about it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::inquiry::Fact;
use crate::inquiries::privacy::Keeping;
use crate::inquiries::store::{self, Event};
use crate::inquiries::{Inquiry, State};
use crate::mail::{self, Outgoing};
use crate::occupations::{self, NocCode, Occupation};
use crate::staff::{self, Desk};
use crate::web::{Form, Instant, PageError, PageResult, Paging, Phone, Query, html, paragraphs, see_other};

#[derive(Template)]
#[template(path = "inquiries/admin_list.html")]
struct ListPage {
    desk: Desk,
    tabs: Vec<Tab>,
    inquiries: Vec<(String, Inquiry)>,
    paging: Paging,
}

struct Tab {
    label: String,
    href: String,
    chosen: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    state: String,
    page: String,
}

/// `GET /admin/inquiries?state=&page=`
pub async fn list(desk: Desk, query: Query<ListQuery>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let chosen = State::named(&query.0.state);
    let mut tabs = vec![];
    for state in std::iter::once(None).chain(State::ALL.map(Some)) {
        let count = store::count_in_state(db.read(), state).await?;
        let name = state.map_or("all", State::as_str);
        let href =
            state.map_or("/admin/inquiries".into(), |state| format!("/admin/inquiries?state={}", state.as_str()));
        tabs.push((Tab { label: format!("{name} ({count})"), href, chosen: state == chosen }, count));
    }
    let total = tabs.iter().find(|(tab, _)| tab.chosen).map_or(0, |(_, count)| *count);
    let base = chosen.map_or("/admin/inquiries".into(), |state| format!("/admin/inquiries?state={}", state.as_str()));
    let paging = Paging::new(&query.0.page, total, 50, base)?;
    let found = store::list(db.read(), chosen, paging.per_page, paging.offset()).await?;
    let now = clock.now();
    let inquiries = found.into_iter().map(|inquiry| (inquiry.age(now), inquiry)).collect();
    let tabs = tabs.into_iter().map(|(tab, _)| tab).collect();
    html(StatusCode::OK, &ListPage { desk, tabs, inquiries, paging })
}

#[derive(Template)]
#[template(path = "inquiries/admin_show.html")]
struct InquiryPage {
    desk: Desk,
    inquiry: Inquiry,
    age: String,
    facts: Vec<Fact>,
    phones: Vec<Phone>,
    occupation: Option<Occupation>,
    states: [State; 4],
    events: Vec<(Instant, Event)>,
    letters: Vec<Outgoing>,
    keeping: Keeping,
    note: String,
    note_error: &'static str,
}

/// `GET /admin/inquiries/{id}`
pub async fn show(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    page(StatusCode::OK, desk, *id, String::new(), "", &db, clock.now()).await
}

async fn page(
    status: StatusCode,
    desk: Desk,
    id: i64,
    note: String,
    note_error: &'static str,
    db: &Database,
    now: Timestamp,
) -> PageResult {
    let inquiry = store::find(db.read(), id).await?.ok_or(PageError::NotFound)?;
    let occupation = match inquiry.details.occupation.parse::<NocCode>() {
        Ok(noc) => occupations::find(db.read(), noc.as_str()).await?,
        Err(_) => None,
    };
    let events =
        store::events(db.read(), id).await?.into_iter().map(|event| (Instant::in_office(event.at), event)).collect();
    let letters = mail::about_inquiry(db.read(), id).await?;
    let keeping = Keeping::of(&inquiry, &desk.layout.firm.keeps, db).await?;
    let phones =
        [&inquiry.details.phone, &inquiry.details.whatsapp].into_iter().filter_map(|typed| Phone::as_typed(typed));
    let phones = phones.collect();
    let page = InquiryPage {
        desk,
        age: inquiry.age(now),
        facts: inquiry.details.facts(),
        phones,
        occupation,
        states: State::BY_STAFF,
        events,
        letters,
        keeping,
        inquiry,
        note,
        note_error,
    };
    html(status, &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StateForm {
    state: String,
}

/// `POST /admin/inquiries/{id}/state`
pub async fn change_state(
    desk: Desk,
    id: Path<i64>,
    form: Form<StateForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let state = State::named(&form.0.state).ok_or(PageError::BadRequest("Choose new, answered or closed."))?;
    let inquiry = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    if store::set_state(&mut tx, inquiry.id, state, now).await? {
        store::note(&mut tx, inquiry.id, "state", &desk.member.name, state.as_str(), now).await?;
        staff::audit(
            &mut tx,
            now,
            &desk.member.name,
            &format!("marked an inquiry {}", state.as_str()),
            &inquiry.reference,
        )
        .await?;
        desk.say(&mut tx, &format!("{} is now marked {}.", inquiry.reference, state.as_str())).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/inquiries/{}", inquiry.id)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    #[serde(deserialize_with = "paragraphs")]
    note: String,
}

/// `POST /admin/inquiries/{id}/notes`
pub async fn add_note(
    desk: Desk,
    id: Path<i64>,
    form: Form<NoteForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let note = form.0.note;
    let problem = match note.trim().chars().count() {
        0 => "Write the note first.",
        1..=10_000 => "",
        _ => "Keep the note under 10,000 letters.",
    };
    if !problem.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, *id, note, problem, &db, clock.now()).await;
    }
    let inquiry = store::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let mut tx = db.begin_write().await?;
    store::note(&mut tx, inquiry.id, "note", &desk.member.name, note.trim(), clock.now()).await?;
    desk.say(&mut tx, "The note is kept.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/inquiries/{}", inquiry.id)))
}
