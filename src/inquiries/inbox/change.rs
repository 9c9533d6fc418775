//! What staff do with one inquiry: its state, its owner, notes, what its occupation means, and releasing what was set aside.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use crate::inquiries::inbox::show::{Typed, state_words};
use crate::inquiries::inbox::work::{Open, Refused, Seen, Work};
use crate::inquiries::receive::queue_letters;
use crate::inquiries::{Inquiry, State, store as inquiries};
use crate::occupations;
use crate::staff;
use crate::web::{Form, PageError, PageResult, one_line, paragraphs, see_other};

/// Where the page of an inquiry is.
pub fn address(id: i64) -> String {
    format!("/admin/inquiries/{id}")
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StateForm {
    state: String,
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/state`
pub async fn state(work: Work, id: Path<i64>, form: Form<StateForm>) -> PageResult {
    let state = State::named(&form.0.state)
        .filter(|state| State::BY_STAFF.contains(state))
        .ok_or(PageError::BadRequest("Choose new, reading, answered or closed."))?;
    let mut open = match work.open_for_work(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    let Open { inquiry, tx } = &mut open;
    if matches!(state, State::Reading | State::Answered) {
        work.take(tx, inquiry).await?;
    }
    if !work.set_state(tx, inquiry, state).await? {
        // Pressed twice: it is so already.
        open.tx.rollback().await?;
        return Ok(see_other(&address(*id)));
    }
    let sentence = format!("{} is now marked as {}.", inquiry.reference, state_words(state));
    work.done(open, &format!("marked an inquiry {}", state.as_str()), &sentence, &address(*id)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OwnerForm {
    owner: String,
    #[serde(flatten)]
    seen: Seen,
}

/// Whom a form names: `me`, `none`, or the number of an account that is in use.
pub async fn owner_named(work: &Work, typed: &str) -> Result<Option<(i64, String)>, PageError> {
    const NOBODY: PageError = PageError::BadRequest("Choose a colleague from the list, or nobody.");
    let me = &work.desk.member;
    match typed {
        "none" => Ok(None),
        "me" => Ok(Some((me.id, me.name.clone()))),
        id => {
            let id = id.parse::<i64>().map_err(|_| NOBODY)?;
            let member = staff::all(work.db.read()).await?.into_iter().find(|member| member.id == id && member.active);
            member.map(|member| Some((member.id, member.name))).ok_or(NOBODY)
        }
    }
}

/// `POST /admin/inquiries/{id}/owner`
pub async fn owner(work: Work, id: Path<i64>, form: Form<OwnerForm>) -> PageResult {
    let owner = owner_named(&work, &form.0.owner).await?;
    let mut open = match work.open_for_work(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    let Open { inquiry, tx } = &mut open;
    let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
    work.set_owner(tx, inquiry, owner).await?;
    let (deed, sentence) = match owner {
        None => ("gave an inquiry back".into(), format!("Nobody looks after {} now.", inquiry.reference)),
        Some((id, _)) if id == work.desk.member.id => {
            ("took an inquiry".into(), format!("You look after {} now.", inquiry.reference))
        }
        Some((_, name)) => {
            (format!("gave an inquiry to {name}"), format!("{name} looks after {} now.", inquiry.reference))
        }
    };
    work.done(open, &deed, &sentence, &address(*id)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    #[serde(deserialize_with = "paragraphs")]
    note: String,
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/notes`: notes only add, so that they never stand in each other's way.
pub async fn note(work: Work, id: Path<i64>, form: Form<NoteForm>) -> PageResult {
    let NoteForm { note, seen } = form.0;
    let seen = seen.inquiry_only();
    if let Err(refused) = work.find(*id, &seen).await? {
        return work.refuse(*id, refused, Typed { note, ..Typed::default() }).await;
    }
    let note_error = match note.trim().chars().count() {
        0 => "Write the note first.",
        1..=10_000 => "",
        _ => "Keep the note under 10,000 letters.",
    };
    if !note_error.is_empty() {
        let typed = Typed { note, note_error, ..Typed::default() };
        return work.page(StatusCode::UNPROCESSABLE_ENTITY, *id, typed).await;
    }
    let mut open = match work.open(*id, &seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed { note, ..Typed::default() }).await,
    };
    work.note(&mut open.tx, *id, "note", note.trim()).await?;
    work.desk.say(&mut open.tx, "The note is kept.").await?;
    open.tx.commit().await?;
    Ok(see_other(&address(*id)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OccupationForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/occupation`: which occupation the applicant's words mean. What they wrote stays.
pub async fn occupation(work: Work, id: Path<i64>, form: Form<OccupationForm>) -> PageResult {
    let found = occupations::find(work.db.read(), &form.0.noc).await?;
    let occupation = found.ok_or(PageError::BadRequest("Choose an occupation of NOC 2021, by its code."))?;
    let mut open = match work.open_for_work(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    inquiries::set_noc(&mut open.tx, *id, &occupation.noc).await?;
    let said = format!("The occupation is NOC {}, {}.", occupation.noc, occupation.title_en);
    work.note(&mut open.tx, *id, "note", &said).await?;
    work.done(open, "said what an occupation means", &said, &address(*id)).await
}

/// Where the page goes on that released it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReleaseForm {
    back: String,
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/release`: what was set aside becomes an inquiry like any other, and its letters are queued.
pub async fn release(work: Work, id: Path<i64>, form: Form<ReleaseForm>) -> PageResult {
    let mut open = match work.open(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    if !may_be_released(&open.inquiry) {
        open.tx.rollback().await?;
        let refused = Refused::Shut("It is not set aside: there is nothing to release.");
        return work.refuse(*id, refused, Typed::default()).await;
    }
    release_one(&work, &mut open).await?;
    let sentence = format!("{} is released. Its letters are on their way.", open.inquiry.reference);
    let back = if form.0.back.is_empty() { address(*id) } else { list_or_inbox(&form.0.back) };
    work.done(open, "released an inquiry", &sentence, &back).await
}

/// Whether an inquiry was set aside.
pub fn may_be_released(inquiry: &Inquiry) -> bool {
    inquiry.state == State::Quarantined && inquiry.binned_at.is_none()
}

/// Releases one, and queues what would have been written when it came.
pub async fn release_one(work: &Work, open: &mut Open) -> Result<(), PageError> {
    let Open { inquiry, tx } = open;
    inquiries::set_state(tx, inquiry.id, State::New, work.now()).await?;
    work.note(tx, inquiry.id, "released", "").await?;
    queue_letters(tx, inquiry, &work.desk.layout.firm, &work.site, work.now()).await?;
    Ok(())
}

/// An address of the list, or the list itself: nobody is led elsewhere.
pub fn list_or_inbox(back: &str) -> String {
    let is_list = back.starts_with("/admin/inquiries?") && back.bytes().all(|b| (0x21..0x7f).contains(&b));
    if is_list { back.into() } else { "/admin/inquiries".into() }
}
